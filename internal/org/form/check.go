package form

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"smedx/internal/kit/errs"
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
