package catalog

import (
	"math/bits"
	"slices"
)

// set is a set of places in the index, one bit for each, so that counting what
// two sets have in common is a few instructions for 64 offerings.
type set []uint64

// part is 64 places of a set that are not all empty.
type part struct {
	at   int // in the set
	bits uint64
}

// with is the set and one place more.
func (s set) with(slot int) set {
	if more := slot/64 + 1 - len(s); more > 0 {
		s = append(s, make(set, more)...)
	}
	s[slot/64] |= 1 << (slot % 64)
	return s
}

// remove takes a place out.
func (s set) remove(slot int) {
	if s.has(slot) {
		s[slot/64] &^= 1 << (slot % 64)
	}
}

func (s set) has(slot int) bool {
	return slot/64 < len(s) && s[slot/64]&(1<<(slot%64)) != 0
}

// keep takes out what is not in another set.
func (s set) keep(other set) {
	both := min(len(s), len(other))
	for i, w := range other[:both] {
		s[i] &= w
	}
	clear(s[both:])
}

// add puts in what is in another set, which is no longer.
func (s set) add(other set) {
	for i, w := range other {
		s[i] |= w
	}
}

// or is the set, which may change, and what is in another one.
func (s set) or(other set) set {
	if more := len(other) - len(s); more > 0 {
		s = append(s, make(set, more)...)
	}
	s.add(other)
	return s
}

// without is a set of what is not in another one.
func (s set) without(other set) set {
	out := slices.Clone(s)
	for i, w := range other[:min(len(s), len(other))] {
		out[i] &^= w
	}
	return out
}

// from is a set of the places from one on.
func (s set) from(slot int) set {
	out := slices.Clone(s)
	if slot/64 >= len(out) {
		return nil
	}
	clear(out[:slot/64])
	out[slot/64] &= ^uint64(0) << (slot % 64)
	return out
}

func (s set) empty() bool {
	for _, w := range s {
		if w != 0 {
			return false
		}
	}
	return true
}

func (s set) size() (n int) {
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// parts are the parts that are not empty.
func (s set) parts() []part {
	var out []part
	for i, w := range s {
		if w != 0 {
			out = append(out, part{i, w})
		}
	}
	return out
}

// common counts what is in these parts too.
func (s set) common(parts []part) (n int) {
	for _, p := range parts {
		if p.at >= len(s) {
			break
		}
		n += bits.OnesCount64(s[p.at] & p.bits)
	}
	return n
}

// only are the places of a part that pass.
func (p part) only(passes func(slot int) bool) (out uint64) {
	for rest := p.bits; rest != 0; rest &= rest - 1 {
		if bit := bits.TrailingZeros64(rest); passes(p.at*64 + bit) {
			out |= 1 << bit
		}
	}
	return out
}

// each walks the places in order.
func (s set) each(visit func(slot int)) {
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			visit(i*64 + bits.TrailingZeros64(w))
		}
	}
}
