package catalog

import "sort"

// posting says that a pair of letters stands in an offering, and in which fields.
type posting uint32

func place(slot int, mask uint32) posting { return posting(slot<<fieldCount) | posting(mask) }

func (p posting) slot() int    { return int(p >> fieldCount) }
func (p posting) mask() uint32 { return uint32(p) & (1<<fieldCount - 1) }

// byField is a set for each field; nil where there is nothing.
type byField [fieldCount]set

// put adds a place to the fields of a mask.
func (b *byField) put(slot int, mask uint32) {
	for f := range b {
		if mask&(1<<f) != 0 {
			b[f] = b[f].with(slot)
		}
	}
}

// mask are the fields that have a place.
func (b *byField) mask(slot int) (mask uint32) {
	for f := range b {
		if b[f].has(slot) {
			mask |= 1 << f
		}
	}
	return mask
}

// any is what stands in one of the fields, in a set of its own.
func (b *byField) any(size int) set {
	out := make(set, size)
	for _, s := range b {
		out.add(s)
	}
	return out
}

// postings are all places of a pair of letters: a list in order while they are
// few, sets when they are many, which takes less memory then and is compared 64
// at a time.
type postings struct {
	list []posting
	sets *byField // instead of the list
}

// A pair of letters is kept in sets when this many offerings have it, and one in so many.
const (
	fewestInSets = 512
	oneInSets    = 24
)

// add puts in a place that is behind all others.
func (p *postings) add(slot int, mask uint32, fewest int) {
	if p.sets != nil {
		p.sets.put(slot, mask)
		return
	}
	if p.list = append(p.list, place(slot, mask)); len(p.list) >= fewest && len(p.list) > slot/oneInSets {
		p.sets = &byField{}
		for _, q := range p.list {
			p.sets.put(q.slot(), q.mask())
		}
		p.list = nil
	}
}

// mask are the fields that have the pair in a place; from is where in the list to
// begin, and moves on.
func (p *postings) mask(slot int, from *int) uint32 {
	if p.sets != nil {
		return p.sets.mask(slot)
	}
	rest := p.list[*from:]
	n := sort.Search(len(rest), func(i int) bool { return rest[i].slot() >= slot })
	*from += n
	if n == len(rest) || rest[n].slot() != slot {
		return 0
	}
	return rest[n].mask()
}

// addTo puts the places in some fields into sets.
func (p *postings) addTo(out *byField, fields uint32) {
	for f := range out {
		if p.sets != nil && fields&(1<<f) != 0 {
			out[f] = out[f].or(p.sets[f])
		}
	}
	for _, q := range p.list {
		out.put(q.slot(), q.mask()&fields)
	}
}

// tidy gives back what was kept for more to come.
func (p *postings) tidy() {
	if cap(p.list)-len(p.list) > len(p.list)/8 {
		p.list = append(make([]posting, 0, len(p.list)), p.list...)
	}
}
