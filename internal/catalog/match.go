package catalog

import (
	"math/bits"
	"slices"
	"strings"
)

// match is where a word was found: whole, or (a long one) half of its pairs of letters.
type match struct {
	whole, part byField // no place is in both
	all         set
}

// finding is what has every word of a text.
type finding struct {
	matches []match
	all     set
	bySound bool
}

// find looks for words. When nothing is written so, what sounds so is found.
func (x *index) find(words []string) finding {
	f := x.every(words, textFields)
	if f.all.empty() && !slices.ContainsFunc(words, notLatin) {
		f = x.every(words, 1<<fieldSounds)
		f.bySound = !f.all.empty()
	}
	return f
}

// every finds what has all the words in the fields of the mask.
func (x *index) every(words []string, fields uint32) finding {
	f := finding{all: slices.Clone(x.live)}
	for _, w := range words {
		m := x.match(w, fields)
		f.matches = append(f.matches, m)
		if f.all.keep(m.all); f.all.empty() {
			break
		}
	}
	return f
}

// in is what has every word in a field.
func (f finding) in(field int) set {
	out := slices.Clone(f.all)
	for _, m := range f.matches {
		here := make(set, len(out))
		here.add(m.whole[field])
		here.add(m.part[field])
		out.keep(here)
	}
	return out
}

// mask are the fields that have every word in a place.
func (f finding) mask(slot int) uint32 {
	mask := uint32(1<<fieldCount - 1)
	for _, m := range f.matches {
		mask &= m.whole.mask(slot) | m.part.mask(slot)
	}
	return mask
}

// ranks sums up how well each word was found: for a whole one the weights of all
// fields four times, for a part that of the best field.
func (f finding) ranks() sums {
	most := 0
	for _, w := range fieldWeight {
		most += 4 * w
	}
	out := newSums(most*len(f.matches), len(f.all))
	for _, m := range f.matches {
		for i, w := range fieldWeight {
			out.add(4*w, m.whole[i])
		}
		better := set{}
		for i, w := range fieldWeight {
			if m.part[i] != nil {
				out.add(w, m.part[i].without(better))
				better = better.or(m.part[i])
			}
		}
	}
	return out
}

// match finds a word. A long word of Chinese without spaces, as people type it,
// also counts when half of its pairs of letters are there.
func (x *index) match(word string, fields uint32) (m match) {
	size := len(x.live)
	letters := []rune(word)
	if len(letters) == 1 {
		for _, n := range x.letters[letters[0]] {
			x.postings[n].addTo(&m.whole, fields)
		}
		m.all = m.whole.any(size)
		return m
	}
	var pairs []*postings
	eachGram(word, func(g gram) {
		p := &postings{} // nowhere
		if n, ok := x.grams[g]; ok {
			p = &x.postings[n]
		}
		pairs = append(pairs, p)
	})
	m.whole = x.together(pairs, fields)
	if len(letters) > 2 {
		m.whole = x.read(word, fields, m.whole)
	}
	m.all = m.whole.any(size)
	if len(pairs) >= 4 && !strings.ContainsFunc(word, notHan) {
		m.part = x.half(pairs, fields)
		for f, s := range m.part {
			m.part[f] = s.without(m.all)
		}
		for _, s := range m.part {
			m.all.add(s)
		}
	}
	return m
}

// together is where all pairs of letters stand in one field. What it answers may
// be the index's own.
func (x *index) together(pairs []*postings, fields uint32) (out byField) {
	var few *postings // the shortest list
	for _, p := range pairs {
		if p.sets == nil && (few == nil || len(p.list) < len(few.list)) {
			few = p
		}
	}
	if few != nil {
		from := make([]int, len(pairs))
		for _, q := range few.list {
			slot, mask := q.slot(), q.mask()&fields
			for i, p := range pairs {
				if mask == 0 {
					break
				}
				if p != few {
					mask &= p.mask(slot, &from[i])
				}
			}
			out.put(slot, mask)
		}
		return out
	}
	for f := range out {
		if fields&(1<<f) == 0 {
			continue
		}
		out[f] = pairs[0].sets[f]
		if len(pairs) > 1 {
			out[f] = slices.Clone(out[f])
		}
		for _, p := range pairs[1:] {
			out[f].keep(p.sets[f])
		}
	}
	return out
}

// half is where half of the pairs of letters stand, in any of the fields.
func (x *index) half(pairs []*postings, fields uint32) (out byField) {
	// The count begins so that half of them makes a digit.
	need := (len(pairs) + 1) / 2
	digit := bits.Len(uint(need))
	count := newSums(4<<digit-1, len(x.live))
	count.add(1<<digit-need, x.live)
	for _, p := range pairs {
		var one byField
		p.addTo(&one, fields)
		count.add(1, one.any(len(x.live)))
		for f, s := range one {
			out[f] = out[f].or(s)
		}
	}
	reached := count[digit].or(count[digit+1])
	for f := range out {
		out[f].keep(reached)
	}
	return out
}
