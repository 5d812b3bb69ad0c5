package form

import (
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// fenIn is how many fen one of the unit has.
func fenIn(unit string) int64 {
	switch unit {
	case "万元":
		return 1_000_000
	case "亿元":
		return 10_000_000_000
	default:
		return 100
	}
}

// whole reads a JSON number without fraction.
func whole(v any) (int64, bool) {
	switch n := v.(type) {
	case float64:
		if n != math.Trunc(n) || math.Abs(n) > 1<<53 {
			return 0, false
		}
		return int64(n), true
	case int64:
		return n, true
	case int:
		return int64(n), true
	case json.Number:
		i, err := n.Int64()
		return i, err == nil
	}
	return 0, false
}

// decimalText reads a decimal string or number as its canonical text.
func decimalText(v any) (string, bool) {
	switch n := v.(type) {
	case string:
		return strings.TrimSpace(n), true
	case float64:
		return strconv.FormatFloat(n, 'f', -1, 64), true
	case int64:
		return strconv.FormatInt(n, 10), true
	case int:
		return strconv.Itoa(n), true
	case json.Number:
		return n.String(), true
	}
	return "", false
}

// parseDecimal reads plain decimal notation: no exponent, no fraction bar.
func parseDecimal(s string) (r *big.Rat, decimals int, ok bool) {
	digits := strings.TrimPrefix(s, "-")
	before, after, point := strings.Cut(digits, ".")
	if before == "" || point && after == "" || len(digits) > 30 || strings.Trim(before+after, "0123456789") != "" {
		return nil, 0, false
	}
	r, ok = new(big.Rat).SetString(s)
	return r, len(after), ok
}

func bound(s string) *big.Rat {
	if s == "" {
		return nil
	}
	r, _, ok := parseDecimal(s)
	if !ok {
		return nil
	}
	return r
}

// number is an answer in the unit of its field, nil when there is none.
func (f *Field) number(v any) *big.Rat {
	switch f.Type {
	case Integer:
		if n, ok := whole(v); ok {
			return new(big.Rat).SetInt64(n)
		}
	case Money:
		if n, ok := whole(v); ok {
			return big.NewRat(n, fenIn(f.Unit))
		}
	case Percent, Decimal:
		if s, ok := decimalText(v); ok {
			if r, _, ok := parseDecimal(s); ok {
				return r
			}
		}
	default:
	}
	return nil
}

// comparable is a number in a unit that compares across fields: fen for money.
func (f *Field) comparable(v any) *big.Rat {
	r := f.number(v)
	if r != nil && f.Type == Money {
		r = new(big.Rat).Mul(r, new(big.Rat).SetInt64(fenIn(f.Unit)))
	}
	return r
}

// percentOf is part/whole*100 with two decimals, "" without a whole.
func percentOf(part, of *big.Rat) string {
	if part == nil || of == nil || of.Sign() == 0 {
		return ""
	}
	r := new(big.Rat).Quo(part, of)
	return r.Mul(r, big.NewRat(100, 1)).FloatString(2)
}
