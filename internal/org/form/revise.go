package form

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"smedx/internal/kit/errs"
)

// Codes of refused changes of a form.
const (
	CodeFixed    = "form.field_fixed"
	CodeRetyped  = "form.field_retyped"
	CodeHeld     = "form.field_held"
	CodeMissing  = "form.field_missing"
	CodeKey      = "form.key"
	CodeMinAbove = "form.min_above_max"
	CodeOptions  = "form.options"
	CodeUnit     = "form.money_unit"
	CodeYearMark = "form.year_mark"
	CodeNoParts  = "form.no_parts"
	CodePart     = "form.part_type"
)

// ChangeCodes lists them.
var ChangeCodes = []string{
	CodeFixed, CodeRetyped, CodeHeld, CodeMissing, CodeKey, CodeMinAbove, CodeOptions, CodeUnit, CodeYearMark, CodeNoParts, CodePart,
}

const (
	maxSections = 30
	maxFields   = 300
)

var keyPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)

// revision is the making of a form's next version.
type revision struct {
	base   map[string]*Field // by key, of the version in force
	seen   map[string]bool
	refuse errs.Fields
}

// Revise makes the next version of the form from the sections that an editor
// sent. Of a field in force the editor decides words, place, limits, whether it
// is required and whether it is asked at all; its key, type and rules stay, and
// what the platform's own rules read stays entirely. Pointers of refusals begin
// at /sections.
func (d *Definition) Revise(sections []Section) (*Definition, errs.Fields) {
	r := &revision{base: map[string]*Field{}, seen: map[string]bool{}}
	d.top(func(f *Field) { r.base[f.Key] = f })
	next := &Definition{Version: d.Version, Kind: d.Kind, Sections: make([]Section, len(sections))}
	if len(sections) > maxSections {
		r.refuse.Add("/sections", CodeTooMany, "max", maxSections)
		return next, r.refuse
	}
	keys := map[string]bool{}
	for i, s := range sections {
		at := "/sections/" + strconv.Itoa(i)
		s.Label = strings.TrimSpace(s.Label)
		r.text(at+"/label", s.Label, 1, 40)
		if !keyPattern.MatchString(s.Key) || keys[s.Key] {
			r.refuse.Add(at+"/key", CodeKey)
		}
		keys[s.Key] = true
		s.Fields = r.fields(at, s.Fields)
		s.Count = len(s.Fields)
		next.Sections[i] = s
	}
	if len(r.seen) > maxFields {
		r.refuse.Add("/sections", CodeTooMany, "max", maxFields)
	}
	d.top(func(f *Field) {
		if !r.seen[f.Key] {
			r.refuse.Add("/sections", CodeMissing, "label", f.Label)
		}
	})
	if len(r.refuse) == 0 {
		r.held(next)
	}
	return next, r.refuse
}

func (r *revision) fields(at string, in []Field) []Field {
	out := make([]Field, len(in))
	for i := range in {
		ptr := at + "/fields/" + strconv.Itoa(i)
		f := in[i]
		if r.seen[f.Key] {
			r.refuse.Add(ptr+"/key", CodeKey)
			continue
		}
		r.seen[f.Key] = true
		if base := r.base[f.Key]; base != nil {
			out[i] = r.known(ptr, *base, f)
		} else {
			out[i] = r.added(ptr, f)
		}
	}
	return out
}

// known carries over a field of the version in force.
func (r *revision) known(ptr string, base, in Field) Field {
	if in.Type != base.Type || (in.Repeat == nil) != (base.Repeat == nil) || in.many() != base.many() {
		r.refuse.Add(ptr+"/type", CodeRetyped)
		return base
	}
	next := base
	next.Label, next.Help, next.Placeholder = strings.TrimSpace(in.Label), strings.TrimSpace(in.Help), strings.TrimSpace(in.Placeholder)
	next.Required = in.Required && base.Computed == nil
	if base.Fixed {
		if in.Retired || base.Required && !in.Required || limitsOf(in) != limitsOf(base) || !slices.EqualFunc(in.Extra, base.Extra, sameItem) {
			r.refuse.Add(ptr, CodeFixed, "label", base.Label)
		}
		next.Required = base.Required || next.Required
	} else {
		next.Retired = in.Retired
		limit(&next, in)
	}
	next.Fields = r.parts(ptr, base.Fields, in.Fields, base.Fixed)
	r.sound(ptr, &next)
	return next
}

// parts carries over the fields of a group. Those of a fixed group are worded anew at most.
func (r *revision) parts(ptr string, base, in []Field, fixed bool) []Field {
	if len(base) == 0 && len(in) == 0 {
		return nil
	}
	inner := &revision{base: map[string]*Field{}, seen: map[string]bool{}}
	for i := range base {
		part := base[i]
		part.Fixed = part.Fixed || fixed
		inner.base[part.Key] = &part
	}
	out := inner.fields(ptr, in)
	for i := range out {
		part, at := &out[i], ptr+"/fields/"+strconv.Itoa(i)
		switch {
		case inner.base[part.Key] != nil:
		case fixed:
			inner.refuse.Add(at, CodeFixed, "label", part.Label)
		case part.Type == Group || part.Type == Image || part.Type == File || part.Repeat != nil:
			inner.refuse.Add(at+"/type", CodePart)
		}
		out[i].Fixed = false
	}
	for i := range base {
		if !inner.seen[base[i].Key] {
			inner.refuse.Add(ptr+"/fields", CodeMissing, "label", base[i].Label)
		}
	}
	r.refuse = append(r.refuse, inner.refuse...)
	return out
}

// held refuses to retire what the rules of fields that stay refer to.
func (r *revision) held(next *Definition) {
	retired := map[string]string{}
	for i := range next.Sections {
		for j := range next.Sections[i].Fields {
			if f := &next.Sections[i].Fields[j]; f.Retired {
				retired[f.Key] = "/sections/" + strconv.Itoa(i) + "/fields/" + strconv.Itoa(j)
			}
		}
	}
	for key, by := range next.holders() {
		if at, gone := retired[key]; gone {
			r.refuse.Add(at, CodeHeld, "other", by)
		}
	}
}

// holders tells for each key on which a rule of a field in use rests which field that is.
func (d *Definition) holders() map[string]string {
	by := map[string]string{}
	d.top(func(f *Field) {
		if f.Retired {
			return
		}
		for _, key := range f.rests() {
			by[key] = f.Label
		}
	})
	return by
}

// rests lists the other fields that this one's rules read.
func (f *Field) rests() (keys []string) {
	for _, w := range []*Condition{f.VisibleWhen, f.RequiredWhen} {
		if w != nil {
			keys = append(keys, w.Field)
		}
	}
	if f.AtMost != "" {
		keys = append(keys, f.AtMost)
	}
	if f.Equals != "" {
		keys = append(keys, f.Equals)
	}
	if f.Computed != nil {
		keys = append(append(keys, f.Computed.PercentOf...), f.Computed.SizeOf...)
	}
	if f.Advise != nil {
		keys = append(keys, f.Advise.AverageOf...)
		if f.Advise.AtMost != "" {
			keys = append(keys, f.Advise.AtMost)
		}
	}
	for i := range f.Fields {
		keys = append(keys, f.Fields[i].rests()...)
	}
	return keys
}

// Locked says of each key that may not be retired which field's rule reads it;
// "" when the platform itself does.
func (d *Definition) Locked() map[string]string {
	by := d.holders()
	d.top(func(f *Field) {
		if f.Fixed {
			by[f.Key] = ""
		}
	})
	return by
}

func (r *revision) text(ptr, s string, least, most int) {
	switch n := utf8.RuneCountInString(s); {
	case n == 0 && least > 0:
		r.refuse.Add(ptr, CodeRequired)
	case n > most:
		r.refuse.Add(ptr, CodeTooLong, "max", most)
	}
	if strings.ContainsAny(withYears(s, 2000), "{}") {
		r.refuse.Add(ptr, CodeYearMark)
	}
}
