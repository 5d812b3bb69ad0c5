package form

import (
	"slices"
	"strconv"
	"time"

	"smedx/internal/codelist"
	"smedx/internal/kit/id"
)

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
