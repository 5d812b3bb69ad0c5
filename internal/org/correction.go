package org

import (
	"context"
	"maps"
	"reflect"
	"strings"

	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/org/form"
	"smedx/internal/review"
)

// Correction is a returned submission on the applicant's desk: the marked fields
// may be answered anew, everything else stays as it was handed in.
type Correction struct {
	Values  map[string]any
	Open    map[string]bool
	Marked  []string // pointers
	Remarks []review.Remark
}

// correcting answers what a company has been asked to mend; nil when its whole
// form is open. Open are also answers that the form of today would refuse, so
// that nobody is asked for what he may not change.
func (s *Service) correcting(ctx context.Context, r db.Reader, o Organization, d *form.Definition) (*Correction, error) {
	said := o.Said()
	if o.ReturnedVersion == 0 || said == nil {
		return nil, nil
	}
	v, err := s.version(ctx, r, o.ReturnedVersion)
	if err != nil {
		return nil, err
	}
	c := Correction{Marked: said.Fields, Remarks: said.Remarks}
	if c.Values, err = s.unpack(v.Answers, v.Sealed); err != nil {
		return nil, err
	}
	var keys []string
	for _, pointer := range said.Fields {
		if key, ok := d.Stem(keyOf(pointer)); ok {
			keys = append(keys, key)
		}
	}
	_, refused := d.Check(c.Values, today(s.db.Now()))
	for _, f := range refused {
		if key, ok := d.Stem(keyOf(f.Pointer)); ok {
			keys = append(keys, key)
		}
	}
	c.Open = d.Opens(keys...)
	return &c, nil
}

// keyOf is the field of a pointer, from the form's or from a request's root.
func keyOf(pointer string) string {
	key, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(pointer, "/values"), "/"), "/")
	return key
}

// hold keeps every answer that was not asked for as it was handed in, and
// refuses another one. Without a correction all answers pass.
func (c *Correction) hold(d *form.Definition, values map[string]any) (map[string]any, errs.Fields) {
	if c == nil {
		return values, nil
	}
	var refused errs.Fields
	out := maps.Clone(values)
	if out == nil {
		out = map[string]any{}
	}
	for key, given := range values {
		stem, known := d.Stem(key)
		if !known || c.Open[key] {
			continue
		}
		f, _ := d.Field(stem)
		before, had := c.Values[key]
		if f.Computed == nil && given != nil && !reflect.DeepEqual(given, before) && (had || !blank(given)) {
			refused.Add("/"+key, CodeLocked)
		}
		delete(out, key)
	}
	for key, before := range c.Values {
		if !c.Open[key] {
			out[key] = before
		}
	}
	return out, refused
}

func blank(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	case bool:
		return !v
	}
	return false
}

// markable refuses a return that names no field, or one that the form has not.
func markable(d *form.Definition, said review.Verdict) error {
	var refused errs.Fields
	if len(said.Fields) == 0 {
		refused.Add("/fields", CodeNothingMarked)
	}
	for _, pointer := range said.Fields {
		if _, ok := d.Stem(keyOf(pointer)); !ok {
			refused.Add("/fields", CodeUnknownField)
			break
		}
	}
	return refused.Err()
}
