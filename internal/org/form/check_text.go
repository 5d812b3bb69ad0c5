package form

import (
	"errors"
	"net/mail"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"smedx/internal/kit/id"
	"smedx/internal/org/firm"
)

// normal writes an answer the one way it is stored.
func (c *check) normal(f *Field, s string) string {
	switch f.Type {
	case USCC:
		return firm.NormalUSCC(s)
	case Phone:
		return NormalPhone(s)
	case Email:
		return strings.ToLower(strings.TrimSpace(firm.HalfWidth(s)))
	case Textarea:
		s = strings.ReplaceAll(s, "\r\n", "\n")
		return strings.TrimSpace(strings.Map(printable(true), s))
	default:
		return strings.TrimSpace(strings.Map(printable(false), s))
	}
}

func printable(lines bool) func(rune) rune {
	return func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r), r == utf8.RuneError, unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}
}

// NormalPhone drops blanks, turns full-width digits into plain ones and cuts +86
// from a mobile number.
func NormalPhone(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, firm.HalfWidth(strings.TrimSpace(s)))
	for _, prefix := range []string{"+86-", "+86", "0086"} {
		if rest, cut := strings.CutPrefix(s, prefix); cut && strings.HasPrefix(rest, "1") {
			return rest
		}
	}
	return s
}

func (c *check) text(f *Field, ptr, s string) bool {
	n := utf8.RuneCountInString(s)
	switch {
	case f.MaxLength > 0 && n > f.MaxLength:
		c.refuse.Add(ptr, CodeTooLong, "max", f.MaxLength)
		return false
	case n < f.MinLength:
		c.refuse.Add(ptr, CodeTooShort, "min", f.MinLength)
		return false
	}
	switch f.Type {
	case USCC:
		return c.uscc(ptr, s)
	case Email:
		a, err := mail.ParseAddress(s)
		if err != nil || a.Address != s || !strings.Contains(s[strings.LastIndex(s, "@"):], ".") {
			c.refuse.Add(ptr, CodeEmail)
			return false
		}
	case Date, Month:
		return c.date(f, ptr, s)
	case Select, Cascade, Region:
		return c.choice(f, ptr, s)
	case Image:
		if _, err := id.Parse(s); err != nil {
			c.refuse.Add(ptr, CodeShape)
			return false
		}
	default:
	}
	if f.pattern != nil && !f.pattern.MatchString(s) {
		c.refuse.Add(ptr, patternCode(f))
		return false
	}
	return true
}

const (
	mobilePattern = `^1\d{10}$`
	// a mobile number, one with an area code, or a 400 number
	phonePattern = `^(1\d{10}|(0\d{2,3}-?)?\d{7,8}(-\d{1,6})?|400-?\d{3}-?\d{4})$`
)

// Mobile is the form of a mobile number in mainland China.
var Mobile = regexp.MustCompile(mobilePattern)

func patternCode(f *Field) string {
	switch {
	case f.Pattern == mobilePattern:
		return CodeMobile
	case f.Type == Phone:
		return CodePhone
	default:
		return CodePattern
	}
}

func (c *check) uscc(ptr, s string) bool {
	switch err := firm.CheckUSCC(s); {
	case err == nil:
		return true
	case errors.Is(err, firm.ErrUSCCCheck) && ptr == "/uscc" && AsPrinted(c.in):
		return true
	case errors.Is(err, firm.ErrUSCCCheck):
		c.refuse.Add(ptr, CodeUSCCCheck)
	default:
		c.refuse.Add(ptr, CodeUSCC)
	}
	return false
}
