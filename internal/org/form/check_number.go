package form

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
