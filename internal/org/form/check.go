package form

import (
	"errors"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"smedx/internal/codelist"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/org/firm"
)

// Codes of refused answers; httpapi has a text for each.
const (
	CodeRequired  = "field.required"
	CodeShape     = "field.shape"
	CodeTooLong   = "field.too_long"
	CodeTooShort  = "field.too_short"
	CodeRange     = "field.out_of_range"
	CodeChoice    = "field.choice"
	CodeMobile    = "form.mobile"
	CodePhone     = "form.phone"
	CodeEmail     = "form.email"
	CodePattern   = "form.pattern"
	CodeUSCC      = "form.uscc"
	CodeUSCCCheck = "form.uscc_check"
	CodeDate      = "form.date"
	CodeDateRange = "form.date_range"
	CodeDecimals  = "form.decimals"
	CodeNotAbove  = "form.not_above"
	CodeEqual     = "form.must_equal"
	CodeTooMany   = "form.too_many"
	CodeTooFew    = "form.too_few"
	CodeLevel     = "form.level"
	CodeTwice     = "form.twice"
	CodeDiffers   = "form.differs_from_average"
)

// Codes lists them.
var Codes = []string{
	CodeRequired, CodeShape, CodeTooLong, CodeTooShort, CodeRange, CodeChoice, CodeMobile, CodePhone, CodeEmail,
	CodePattern, CodeUSCC, CodeUSCCCheck, CodeDate, CodeDateRange, CodeDecimals, CodeNotAbove, CodeEqual, CodeTooMany,
	CodeTooFew, CodeLevel, CodeTwice, CodeDiffers,
}

const (
	detailSuffix    = "_detail"     // a region's detailed address
	asPrintedSuffix = "_as_printed" // true: the licence shows this credit code, whatever its check says
	detailMax       = 200
	draftMax        = 4000 // characters of any text in a draft
)

// AsPrinted says that the applicant insists on a credit code whose check fails.
func AsPrinted(values map[string]any) bool {
	b, _ := values["uscc"+asPrintedSuffix].(bool)
	return b
}

type check struct {
	def    *Definition
	in     map[string]any
	today  time.Time
	draft  bool
	refuse errs.Fields
}

// Check validates complete answers and tells every refusal at once. clean are the
// answers as they are stored: normalized, without what is hidden or unknown,
// with the computed fields. today is the calendar date in China.
func (d *Definition) Check(values map[string]any, today time.Time) (clean map[string]any, refused errs.Fields) {
	c := &check{def: d, in: values, today: today}
	clean = c.run()
	c.crossFields(clean)
	d.Compute(clean)
	return clean, c.refuse
}

// Draft keeps what a half-filled form may hold: known keys of the right shape.
// Only a wrong shape or an excessive length is refused.
func (d *Definition) Draft(values map[string]any) (clean map[string]any, refused errs.Fields) {
	c := &check{def: d, in: values, draft: true}
	clean = c.run()
	d.Compute(clean)
	return clean, c.refuse
}

func (c *check) run() map[string]any {
	clean := map[string]any{}
	c.def.top(func(f *Field) {
		if f.Computed != nil || !c.draft && !c.holds(f.VisibleWhen) {
			return
		}
		v := c.field(f, "/"+f.Key, c.in[f.Key])
		if v != nil {
			clean[f.Key] = v
		} else if !c.draft && (f.Required || f.RequiredWhen != nil && c.holds(f.RequiredWhen)) && !c.told("/"+f.Key) {
			c.refuse.Add("/"+f.Key, CodeRequired)
		}
		if f.DetailAddress {
			detail := Field{Type: Text, MaxLength: detailMax}
			if v := c.one(&detail, "/"+f.Key+detailSuffix, c.in[f.Key+detailSuffix]); v != nil {
				clean[f.Key+detailSuffix] = v
			}
		}
		if b, ok := c.in[f.Key+asPrintedSuffix].(bool); ok && b && f.Type == USCC {
			clean[f.Key+asPrintedSuffix] = true
		}
	})
	return clean
}

// told reports whether something at or below the pointer was refused already.
func (c *check) told(pointer string) bool {
	return slices.ContainsFunc(c.refuse, func(f errs.Field) bool {
		return f.Pointer == pointer || strings.HasPrefix(f.Pointer, pointer+"/")
	})
}

func (c *check) holds(w *Condition) bool {
	if w == nil {
		return true
	}
	v := c.in[w.Field]
	s, _ := v.(string)
	switch {
	case w.Filled:
		list, _ := v.([]any)
		return s != "" || len(list) > 0
	case w.Is != "":
		return s == w.Is
	default:
		return s != "" && s != w.Not
	}
}

// field checks an answer with its repeats; nil means "not answered".
func (c *check) field(f *Field, ptr string, v any) any {
	if f.Repeat == nil {
		return c.one(f, ptr, v)
	}
	list, ok := v.([]any)
	if v != nil && !ok {
		c.refuse.Add(ptr, CodeShape)
		return nil
	}
	if len(list) > f.Repeat.Max {
		c.refuse.Add(ptr, CodeTooMany, "max", f.Repeat.Max)
		return nil
	}
	var out []any
	for i, e := range list {
		v := c.one(f, ptr+"/"+strconv.Itoa(i), e)
		switch {
		case v == nil && c.draft && e != nil: // keep the place of an empty line
			out = append(out, e)
		case v != nil:
			if !c.draft && f.listName() != "" && slices.Contains(out, v) {
				c.refuse.Add(ptr+"/"+strconv.Itoa(i), CodeTwice)
			}
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// one checks a single answer.
func (c *check) one(f *Field, ptr string, v any) any {
	if v == nil {
		return nil
	}
	switch f.Type {
	case Integer, Money:
		return c.wholeNumber(f, ptr, v)
	case Decimal, Percent:
		return c.decimal(f, ptr, v)
	case Group:
		return c.group(f, ptr, v)
	default:
	}
	if f.many() {
		return c.list(f, ptr, v)
	}
	s, ok := v.(string)
	if !ok {
		c.refuse.Add(ptr, CodeShape)
		return nil
	}
	s = c.normal(f, s)
	if s == "" {
		return nil
	}
	if c.draft {
		if utf8.RuneCountInString(s) > draftMax {
			c.refuse.Add(ptr, CodeTooLong, "max", max(f.MaxLength, 100))
			return nil
		}
		return s
	}
	if !c.text(f, ptr, s) {
		return nil
	}
	return s
}

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

const mobilePattern = `^1\d{10}$`

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

func (c *check) date(f *Field, ptr, s string) bool {
	layout := time.DateOnly
	if f.Type == Month {
		layout = "2006-01"
	}
	t, err := time.Parse(layout, s)
	if err != nil || t.Year() < 1800 || t.Year() > 2200 {
		c.refuse.Add(ptr, CodeDate)
		return false
	}
	today := c.today.Format(layout)
	earliest, latest := f.Min, f.Max
	if earliest == "today" {
		earliest = today
	}
	if latest == "today" {
		latest = today
	}
	if earliest != "" && s < earliest || latest != "" && s > latest {
		c.refuse.Add(ptr, CodeDateRange, "min", orDash(earliest), "max", orDash(latest))
		return false
	}
	return true
}

func orDash(s string) string {
	if s == "" {
		return "不限"
	}
	return s
}

func (c *check) choice(f *Field, ptr, s string) bool {
	if slices.ContainsFunc(f.Extra, func(it codelist.Item) bool { return it.Value == s }) {
		return true
	}
	l, ok := codelist.Get(f.listName())
	if !ok || !l.Has(s) {
		c.refuse.Add(ptr, CodeChoice)
		return false
	}
	depth, leaf := l.Depth(s)
	deepest := max(f.Levels, 1)
	if depth > deepest || depth < deepest && !leaf && !f.AnyLevel {
		c.refuse.Add(ptr, CodeLevel)
		return false
	}
	return true
}

func (c *check) list(f *Field, ptr string, v any) any {
	list, ok := v.([]any)
	if !ok {
		c.refuse.Add(ptr, CodeShape)
		return nil
	}
	limit := f.MaxItems
	if limit == 0 {
		limit = 100
	}
	if len(list) > limit {
		c.refuse.Add(ptr, CodeTooMany, "max", limit)
		return nil
	}
	var out []any
	for i, e := range list {
		at := ptr + "/" + strconv.Itoa(i)
		s, ok := e.(string)
		switch {
		case !ok || len(s) > 40:
			c.refuse.Add(at, CodeShape)
		case slices.Contains(out, any(s)):
			continue
		case f.Type == File:
			if _, err := id.Parse(s); err != nil {
				c.refuse.Add(at, CodeShape)
				continue
			}
			out = append(out, s)
		case c.draft || c.choice(f, at, s):
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func (c *check) wholeNumber(f *Field, ptr string, v any) any {
	n, ok := whole(v)
	if !ok {
		c.refuse.Add(ptr, CodeShape)
		return nil
	}
	if f.Type == Money {
		step := fenIn(f.Unit)
		for range f.Decimals {
			step /= 10
		}
		if step > 1 && n%step != 0 && !c.draft {
			c.refuse.Add(ptr, CodeDecimals, "decimals", f.Decimals)
			return nil
		}
	}
	if !c.draft && !c.within(f, ptr, n) {
		return nil
	}
	return n
}

func (c *check) decimal(f *Field, ptr string, v any) any {
	s, ok := decimalText(v)
	if ok && s == "" {
		return nil
	}
	_, decimals, good := parseDecimal(s)
	switch {
	case !ok || !good:
		c.refuse.Add(ptr, CodeShape)
		return nil
	case c.draft:
		return s
	case decimals > f.Decimals:
		c.refuse.Add(ptr, CodeDecimals, "decimals", f.Decimals)
		return nil
	case !c.within(f, ptr, s):
		return nil
	}
	return s
}

func (c *check) within(f *Field, ptr string, v any) bool {
	r, low, high := f.number(v), bound(f.Min), bound(f.Max)
	if low != nil && r.Cmp(low) < 0 || high != nil && r.Cmp(high) > 0 {
		c.refuse.Add(ptr, CodeRange, "min", orDash(f.Min), "max", orDash(f.Max))
		return false
	}
	return true
}

// group checks an object; one with nothing in it counts as not answered.
func (c *check) group(f *Field, ptr string, v any) any {
	in, ok := v.(map[string]any)
	if !ok {
		c.refuse.Add(ptr, CodeShape)
		return nil
	}
	before := len(c.refuse)
	out := map[string]any{}
	for i := range f.Fields {
		g := &f.Fields[i]
		if v := c.field(g, ptr+"/"+g.Key, in[g.Key]); v != nil {
			out[g.Key] = v
		}
	}
	if len(out) == 0 && len(c.refuse) == before {
		return nil
	}
	for i := range f.Fields {
		g := &f.Fields[i]
		if at := ptr + "/" + g.Key; !c.draft && g.Required && out[g.Key] == nil && !c.told(at) {
			c.refuse.Add(at, CodeRequired)
		}
		if g.Equals != "" && !c.draft && out[g.Key] != nil {
			if other, _ := c.in[g.Equals].(string); strings.TrimSpace(other) != out[g.Key] {
				c.refuse.Add(ptr+"/"+g.Key, CodeEqual, "other", c.label(g.Equals))
			}
		}
	}
	return out
}

func (c *check) label(key string) string {
	if f, ok := c.def.Field(key); ok {
		return f.Label
	}
	return key
}

func (c *check) crossFields(clean map[string]any) {
	c.def.top(func(f *Field) {
		if f.AtMost != "" && above(c.def, clean, f, f.AtMost) {
			c.refuse.Add("/"+f.Key, CodeNotAbove, "other", c.label(f.AtMost))
		}
	})
}

func above(d *Definition, values map[string]any, f *Field, other string) bool {
	g, ok := d.Field(other)
	if !ok {
		return false
	}
	a, b := f.comparable(values[f.Key]), g.comparable(values[other])
	return a != nil && b != nil && a.Cmp(b) > 0
}
