package catalog

import "math/bits"

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
	for len(s) <= slot/64 {
		s = append(s, 0)
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
