// Package money counts in fen, so that no sum is ever rounded by accident.
package money

import (
	"fmt"
	"math/bits"
	"sort"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Fen is one hundredth of a yuan. It may be negative in a ledger.
type Fen int64

// Bounds of what the platform accepts: they keep every sum far from overflow.
const (
	MaxUnitPrice Fen   = 10_000_000_000    // 100 million yuan
	MaxTotal     Fen   = 1_000_000_000_000 // 10 billion yuan
	MaxQuantity  int64 = 9_999
)

// String writes yuan with two decimals: "-12.05".
func (f Fen) String() string {
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	return fmt.Sprintf("%s%d.%02d", sign, f/100, f%100)
}

// Grouped writes yuan as people read them in a sentence: "-1,234,567.05".
func (f Fen) Grouped() string {
	whole, rest, _ := strings.Cut(f.String(), ".")
	digits := strings.TrimPrefix(whole, "-")
	sign := whole[:len(whole)-len(digits)]
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return sign + digits + "." + rest
}

// Schema tells the API contract that money is a whole number of fen.
func (Fen) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeInteger, Format: "int64", Description: "Money in fen (1/100 yuan)."}
}

var _ huma.SchemaProvider = Fen(0)

// Times multiplies a unit price by a quantity; ok is false outside the bounds.
func (f Fen) Times(quantity int64) (total Fen, ok bool) {
	if f < 0 || f > MaxUnitPrice || quantity < 0 || quantity > MaxQuantity {
		return 0, false
	}
	total = f * Fen(quantity)
	return total, total <= MaxTotal
}

// Share is floor(f * part / whole) for 0 <= part <= whole, without overflow.
func (f Fen) Share(part, whole int64) Fen {
	if f <= 0 || part <= 0 || whole <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(f), uint64(part))
	q, _ := bits.Div64(hi, lo, uint64(whole))
	return Fen(q)
}

// Split divides a total of zero or more over weights so that the parts sum to
// the total exactly and no part exceeds its weight when total <= sum(weights).
// What rounding leaves goes to the largest fractional parts, earlier lines first.
func Split(total Fen, weights []Fen) []Fen {
	var sum Fen
	for _, w := range weights {
		sum += w
	}
	parts := make([]Fen, len(weights))
	if sum <= 0 || total <= 0 {
		return parts
	}
	type rest struct {
		line int
		frac uint64
	}
	rests := make([]rest, 0, len(weights))
	left := total
	for i, w := range weights {
		hi, lo := bits.Mul64(uint64(total), uint64(w))
		q, r := bits.Div64(hi, lo, uint64(sum))
		parts[i] = Fen(q)
		left -= parts[i]
		if w > 0 {
			rests = append(rests, rest{i, r})
		}
	}
	sort.SliceStable(rests, func(a, b int) bool { return rests[a].frac > rests[b].frac })
	for i := 0; left > 0; i = (i + 1) % len(rests) {
		parts[rests[i].line]++
		left--
	}
	return parts
}
