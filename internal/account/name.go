package account

import (
	"regexp"
	"strings"
	"unicode"

	"smedx/internal/kit/errs"
)

// Refusals of single inputs, told as fields.
const (
	CodeUsername      = "account.username_format"
	CodeUsernameTaken = "account.username_taken"
	CodePhone         = "account.phone_format"
	CodePhoneTaken    = "account.phone_taken"
	CodeEmail         = "account.email_format"
)

var (
	usernameForm = regexp.MustCompile(`^[A-Za-z0-9_]{6,30}$`)
	phoneForm    = regexp.MustCompile(`^1[0-9]{10}$`)
	emailForm    = regexp.MustCompile(`^[^\s@]+@[^\s@]+\.[^\s@]+$`)
)

// UsernameKey is the canonical form under which a user name is unique: a name
// that differs only in case is the same name.
func UsernameKey(name string) string { return strings.ToLower(half(strings.TrimSpace(name))) }

// NormalUsername is how a user name is stored and shown.
func NormalUsername(name string) string { return half(strings.TrimSpace(name)) }

// NormalPhone drops blanks, hyphens, brackets and the country code and turns full-width digits into
// plain ones.
func NormalPhone(phone string) string {
	phone = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune("-()", r) {
			return -1
		}
		return r
	}, half(phone))
	for _, prefix := range []string{"+86", "0086", "86"} {
		if rest, cut := strings.CutPrefix(phone, prefix); cut && len(rest) == 11 {
			return rest
		}
	}
	return phone
}

// MaskPhone shows the ends of a number: 138****1234.
func MaskPhone(phone string) string {
	if len(phone) < 8 {
		return ""
	}
	return phone[:3] + "****" + phone[len(phone)-4:]
}

func half(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}, s)
}

func checkUsername(name string, refused *errs.Fields) {
	switch {
	case name == "":
		refused.Add("/username", "field.required")
	case !usernameForm.MatchString(name):
		refused.Add("/username", CodeUsername)
	}
}

func checkPhone(phone string, refused *errs.Fields) {
	switch {
	case phone == "":
		refused.Add("/phone", "field.required")
	case !phoneForm.MatchString(phone):
		refused.Add("/phone", CodePhone)
	}
}

func checkEmail(email string, refused *errs.Fields) {
	if email != "" && (len(email) > 100 || !emailForm.MatchString(email)) {
		refused.Add("/email", CodeEmail)
	}
}
