package catalog

import "math/bits"

// sums holds a number for each place, one set for each binary digit, so that
// adding to 64 of them is a few instructions.
type sums []set

// newSums holds numbers up to most.
func newSums(most, size int) sums {
	out := make(sums, bits.Len(uint(most)))
	for d := range out {
		out[d] = make(set, size)
	}
	return out
}

// add adds n to the numbers of a set.
func (s sums) add(n int, to set) {
	for i, w := range to {
		if w == 0 {
			continue
		}
		var carry uint64
		for d := bits.TrailingZeros(uint(n)); d < len(s) && (n>>d != 0 || carry != 0); d++ {
			var more uint64
			if n>>d&1 == 1 {
				more = w
			}
			had := s[d][i]
			s[d][i] = had ^ more ^ carry
			carry = had&more | had&carry | more&carry
		}
	}
}

// falling visits the places of a set by their number, the greatest first, all that
// have the same together, until a visit says that it is enough.
func (s sums) falling(in set, visit func(equal set) (more bool)) {
	scratch := make(sums, len(s))
	var below func(in set, digits int) bool
	below = func(in set, digits int) bool {
		if digits == 0 {
			return visit(in)
		}
		d := digits - 1
		var with, without uint64
		for i, w := range in {
			with |= w & s[d][i]
			without |= w &^ s[d][i]
		}
		if with == 0 || without == 0 {
			return below(in, d)
		}
		if scratch[d] == nil {
			scratch[d] = make(set, len(in))
		}
		for i, w := range in {
			scratch[d][i] = w & s[d][i]
		}
		if !below(scratch[d], d) {
			return false
		}
		for i, w := range in {
			scratch[d][i] = w &^ s[d][i]
		}
		return below(scratch[d], d)
	}
	if !in.empty() {
		below(in, len(s))
	}
}
