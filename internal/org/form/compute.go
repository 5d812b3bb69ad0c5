package form

import (
	"math/big"

	"smedx/internal/kit/errs"
	"smedx/internal/kit/money"
	"smedx/internal/org/firm"
)

// Compute fills the read-only fields from the other answers, and takes away what
// somebody sent for them.
func (d *Definition) Compute(values map[string]any) {
	d.top(func(f *Field) {
		if f.Computed == nil {
			return
		}
		delete(values, f.Key)
		switch {
		case f.Computed.PercentOf != nil:
			if s := percentOf(d.comparable(values, f.Computed.PercentOf[0]), d.comparable(values, f.Computed.PercentOf[1])); s != "" {
				values[f.Key] = s
			}
		case f.Computed.SizeOf != nil:
			if size, ok := d.size(values, f.Computed.SizeOf); ok {
				values[f.Key] = string(size)
			}
		}
	})
}

func (d *Definition) comparable(values map[string]any, key string) *big.Rat {
	f, ok := d.Field(key)
	if !ok {
		return nil
	}
	return f.comparable(values[key])
}

func (d *Definition) size(values map[string]any, from []string) (firm.Size, bool) {
	industries, _ := values[from[0]].([]any)
	if len(industries) == 0 {
		return "", false
	}
	main, _ := industries[0].(string)
	if main == "" {
		return "", false
	}
	var f firm.Figures
	if n, ok := whole(values[from[1]]); ok {
		f.People = &n
	}
	f.Revenue, f.Assets = fen(values[from[2]]), fen(values[from[3]])
	return firm.SizeOf(main, f)
}

func fen(v any) *money.Fen {
	n, ok := whole(v)
	if !ok {
		return nil
	}
	m := money.Fen(n)
	return &m
}

// Advice lists what a reviewer should look at: unusual, but not refused.
func (d *Definition) Advice(values map[string]any) (advice errs.Fields) {
	d.top(func(f *Field) {
		a := f.Advise
		switch {
		case a == nil:
		case a.AtMost != "":
			if above(d, values, f, a.AtMost) {
				other, _ := d.Field(a.AtMost)
				advice.Add("/"+f.Key, CodeNotAbove, "other", other.Label)
			}
		case len(a.AverageOf) > 0:
			if d.differs(values, f, a) {
				advice.Add("/"+f.Key, CodeDiffers, "percent", a.WithinPercent)
			}
		}
	})
	if AsPrinted(values) {
		if code, _ := values["uscc"].(string); firm.CheckUSCC(code) != nil {
			advice.Add("/uscc", CodeUSCCCheck)
		}
	}
	return advice
}

func (d *Definition) differs(values map[string]any, f *Field, a *Advise) bool {
	have := f.comparable(values[f.Key])
	sum := new(big.Rat)
	for _, key := range a.AverageOf {
		r := d.comparable(values, key)
		if r == nil {
			return false
		}
		sum.Add(sum, r)
	}
	if have == nil || sum.Sign() <= 0 {
		return false
	}
	mean := sum.Quo(sum, big.NewRat(int64(len(a.AverageOf)), 1))
	off := new(big.Rat).Sub(have, mean)
	off.Abs(off).Mul(off, big.NewRat(100, 1))
	return off.Cmp(new(big.Rat).Mul(mean, big.NewRat(a.WithinPercent, 1))) > 0
}
