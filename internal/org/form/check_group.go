package form

import "strings"

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
