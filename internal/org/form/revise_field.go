package form

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"smedx/internal/codelist"
)

// limits is what bounds the answer to a field.
type limits struct {
	unit, min, max                            string
	decimals, minLength, maxLength, maxItems  int
	maxSizeMB, repeatLeast, repeatMost, depth int
	repeatLabel                               string
}

func limitsOf(f Field) limits {
	l := limits{
		unit: f.Unit, min: f.Min, max: f.Max, decimals: f.Decimals, minLength: f.MinLength, maxLength: f.MaxLength,
		maxItems: f.MaxItems, maxSizeMB: f.MaxSizeMB, depth: f.Levels,
	}
	if f.Repeat != nil {
		l.repeatLeast, l.repeatMost, l.repeatLabel = f.Repeat.Min, f.Repeat.Max, f.Repeat.Label
	}
	return l
}

// limit takes over what bounds the answer, and the field's own options.
func limit(next *Field, in Field) {
	next.Unit, next.Decimals = strings.TrimSpace(in.Unit), in.Decimals
	next.Min, next.Max = strings.TrimSpace(in.Min), strings.TrimSpace(in.Max)
	next.MinLength, next.MaxLength, next.MaxItems, next.MaxSizeMB = in.MinLength, in.MaxLength, in.MaxItems, in.MaxSizeMB
	next.Extra = slices.Clone(in.Extra)
	if in.Repeat != nil {
		times := *in.Repeat
		next.Repeat = &times
	}
}

func sameItem(a, b codelist.Item) bool { return a.Value == b.Value && a.Label == b.Label }

// added makes a field that no version had yet.
func (r *revision) added(ptr string, in Field) Field {
	next := Field{
		Key: in.Key, Type: in.Type, Label: strings.TrimSpace(in.Label), Help: strings.TrimSpace(in.Help),
		Placeholder: strings.TrimSpace(in.Placeholder), Required: in.Required, CodeList: in.CodeList, Levels: in.Levels,
		DetailAddress: in.DetailAddress && in.Type == Region, Sensitive: in.Sensitive,
	}
	limit(&next, in)
	if !keyPattern.MatchString(in.Key) || strings.HasSuffix(in.Key, detailSuffix) || strings.HasSuffix(in.Key, asPrintedSuffix) {
		r.refuse.Add(ptr+"/key", CodeKey)
	}
	if !slices.Contains(types, in.Type) {
		r.refuse.Add(ptr+"/type", CodeChoice)
		return next
	}
	if in.Sensitive != "" && !slices.Contains([]string{"personal", "commercial", "secret"}, in.Sensitive) {
		r.refuse.Add(ptr+"/sensitive", CodeChoice)
	}
	usual(&next)
	if next.Type == Group {
		next.Fields = r.parts(ptr, nil, in.Fields, false)
		if len(next.Fields) == 0 {
			r.refuse.Add(ptr+"/fields", CodeNoParts)
		}
	}
	r.sound(ptr, &next)
	return next
}

// usual fills in what an editor need not say of a new field.
func usual(f *Field) {
	set := func(at *int, value int) {
		if *at == 0 {
			*at = value
		}
	}
	switch f.Type {
	case Text:
		set(&f.MaxLength, 100)
	case Textarea:
		set(&f.MaxLength, 500)
	case Email:
		set(&f.MaxLength, 100)
	case Phone:
		f.Pattern = phonePattern
		f.pattern = regexp.MustCompile(phonePattern)
	case Percent:
		f.Unit = "%"
	case Money:
		if f.Unit == "" {
			f.Unit = "万元"
		}
	case Cascade:
		f.CodeList = codelist.Industry
		set(&f.Levels, 2)
	case Region:
		set(&f.Levels, 3)
	case Image:
		f.Accept = []string{"image/jpeg", "image/png"}
		set(&f.MaxSizeMB, 10)
	case File:
		f.Accept = []string{"application/pdf", "image/jpeg", "image/png"}
		set(&f.MaxSizeMB, 10)
		set(&f.MaxItems, 10)
	default:
	}
	if f.Sensitive == "" && (f.Type == Phone || f.Type == Email) {
		f.Sensitive = "personal"
	}
}

// largest is how large an upload may be at most, in MB, as package file takes it.
func largest(f *Field) int {
	if f.Type == Image {
		return 10
	}
	return 20
}

// sound refuses a field that nobody could answer.
func (r *revision) sound(ptr string, f *Field) {
	r.text(ptr+"/label", f.Label, 1, 60)
	r.text(ptr+"/help", f.Help, 0, 200)
	r.text(ptr+"/placeholder", f.Placeholder, 0, 50)
	r.text(ptr+"/unit", f.Unit, 0, 10)
	for _, n := range []struct {
		name             string
		value, low, high int
	}{
		{"decimals", f.Decimals, 0, 6}, {"minLength", f.MinLength, 0, 5000}, {"maxLength", f.MaxLength, 0, 5000},
		{"maxItems", f.MaxItems, 0, 100}, {"maxSizeMb", f.MaxSizeMB, 0, largest(f)}, {"levels", f.Levels, 0, 4},
	} {
		if n.value < n.low || n.value > n.high {
			r.refuse.Add(ptr+"/"+n.name, CodeRange, "min", n.low, "max", n.high)
		}
	}
	if f.MaxLength > 0 && f.MinLength > f.MaxLength {
		r.refuse.Add(ptr+"/maxLength", CodeMinAbove)
	}
	if t := f.Repeat; t != nil && (t.Min < 0 || t.Max < 1 || t.Max > 50 || t.Min > t.Max) {
		r.refuse.Add(ptr+"/repeat", CodeRange, "min", 1, "max", 50)
	}
	switch f.Type {
	case Money:
		if f.Unit != "元" && f.Unit != "万元" && f.Unit != "亿元" {
			r.refuse.Add(ptr+"/unit", CodeUnit)
		}
		if f.Unit == "元" && f.Decimals > 2 {
			r.refuse.Add(ptr+"/decimals", CodeRange, "min", 0, "max", 2)
		}
		r.numbers(ptr, f)
	case Integer, Decimal, Percent:
		r.numbers(ptr, f)
	case Date, Month:
		r.dates(ptr, f)
	default:
	}
	r.options(ptr, f)
}

func (r *revision) numbers(ptr string, f *Field) {
	for name, s := range map[string]string{"min": f.Min, "max": f.Max} {
		if s == "" {
			continue
		}
		if _, decimals, ok := parseDecimal(s); !ok || decimals > f.Decimals {
			r.refuse.Add(ptr+"/"+name, CodeShape)
			return
		}
	}
	if low, high := bound(f.Min), bound(f.Max); low != nil && high != nil && low.Cmp(high) > 0 {
		r.refuse.Add(ptr+"/max", CodeMinAbove)
	}
}

func (r *revision) dates(ptr string, f *Field) {
	layout := time.DateOnly
	if f.Type == Month {
		layout = "2006-01"
	}
	for name, s := range map[string]string{"min": f.Min, "max": f.Max} {
		if s == "" || s == "today" {
			continue
		}
		if _, err := time.Parse(layout, s); err != nil {
			r.refuse.Add(ptr+"/"+name, CodeDate)
			return
		}
	}
	if f.Min != "" && f.Max != "" && f.Min != "today" && f.Max != "today" && f.Min > f.Max {
		r.refuse.Add(ptr+"/max", CodeMinAbove)
	}
}

var optionPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// options refuses a choice without entries, and entries that cannot be told apart.
func (r *revision) options(ptr string, f *Field) {
	choosing := f.Type == Select || f.Type == MultiSelect
	if !choosing && f.Type != Cascade && f.Type != Region {
		if len(f.Extra) > 0 || f.CodeList != "" {
			r.refuse.Add(ptr+"/extra", CodeOptions)
		}
		return
	}
	l, known := codelist.Get(f.listName())
	if f.listName() != "" && !known {
		r.refuse.Add(ptr+"/codelist", CodeChoice)
	}
	values, labels := map[string]bool{}, map[string]bool{}
	for i := range f.Extra {
		o := &f.Extra[i]
		o.Label = strings.TrimSpace(o.Label)
		o.Group, o.Children = "", nil
		taken := values[o.Value] || labels[o.Label] || known && l.Has(o.Value)
		if taken || o.Label == "" || len([]rune(o.Label)) > 60 || !optionPattern.MatchString(o.Value) {
			r.refuse.Add(ptr+"/extra", CodeOptions)
			return
		}
		values[o.Value], labels[o.Label] = true, true
	}
	if choosing && f.CodeList == "" && len(f.Extra) < 2 || len(f.Extra) > 100 {
		r.refuse.Add(ptr+"/extra", CodeOptions)
	}
}
