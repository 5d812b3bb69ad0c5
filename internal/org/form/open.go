package form

import "slices"

// Opens lists the keys that may be answered when the given fields are to be
// mended: these, the texts beside them, what appears or is needed through them,
// and what they are compared with.
func (d *Definition) Opens(keys ...string) map[string]bool {
	open := map[string]bool{}
	for _, k := range keys {
		open[k] = true
	}
	for grew := true; grew; {
		grew = false
		d.top(func(f *Field) {
			if !open[f.Key] && slices.ContainsFunc(f.dependsOn(), func(k string) bool { return open[k] }) {
				open[f.Key], grew = true, true
			}
		})
	}
	d.top(func(f *Field) {
		if open[f.Key] && f.DetailAddress {
			open[f.Key+detailSuffix] = true
		}
		if open[f.Key] && f.Type == USCC {
			open[f.Key+asPrintedSuffix] = true
		}
	})
	return open
}

// dependsOn lists the fields whose answers decide about this one.
func (f *Field) dependsOn() (keys []string) {
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
	return keys
}

// Stem is the key of the field that an answer belongs to, and whether the form
// has it: a pointer's first part, without what stands beside the field.
func (d *Definition) Stem(key string) (string, bool) {
	for _, suffix := range []string{"", detailSuffix, asPrintedSuffix} {
		if n := len(key) - len(suffix); n > 0 && key[n:] == suffix {
			if _, ok := d.Field(key[:n]); ok {
				return key[:n], true
			}
		}
	}
	return "", false
}
