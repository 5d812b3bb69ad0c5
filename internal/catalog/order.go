package catalog

import (
	"cmp"
	"slices"
	"sort"
)

// Sort is the order of a list of cards.
type Sort string

// The orders. Best is the rank of a search, then sales, ratings and newness.
const (
	Best      Sort = "best"
	Newest    Sort = "newest"
	Sales     Sort = "sales"
	Score     Sort = "score"
	PriceUp   Sort = "price_asc"
	PriceDown Sort = "price_desc"
)

// sorted is the index in one order. Its places are those for hits of one rank.
type sorted struct {
	ranked  bool    // a better rank goes before
	slots   []int32 // in order
	places  []int32 // in slots, by slot
	changes int     // of the index when it was sorted
}

// order sorts the index once after each change; what stood in order before needs
// little work.
func (x *index) order(s Sort) *sorted {
	switch s {
	case Newest, Sales, Score, PriceUp, PriceDown:
	default:
		s = Best
	}
	x.sorting.Lock()
	defer x.sorting.Unlock()
	old := x.orders[s]
	if old != nil && old.changes == x.changes {
		return old
	}
	if old == nil {
		old = &sorted{}
	}
	o := &sorted{s == Best, make([]int32, 0, len(x.slots)), make([]int32, len(x.docs)), x.changes}
	for _, slot := range old.slots {
		if x.live.has(int(slot)) {
			o.slots = append(o.slots, slot)
		}
	}
	for slot := len(old.places); slot < len(x.docs); slot++ {
		if x.live.has(slot) {
			o.slots = append(o.slots, int32(slot))
		}
	}
	slices.SortFunc(o.slots, func(a, b int32) int { return s.compare(&x.rows[a], &x.rows[b]) })
	for i, slot := range o.slots {
		o.places[slot] = int32(i)
	}
	x.orders[s] = o
	return o
}

// compare is negative when l stands before r. Equal ones stand in one order for
// good, so that no offering appears on two pages.
func (s Sort) compare(l, r *row) int {
	order := 0
	switch s {
	case Newest:
	case Sales:
		order = cmp.Compare(r.sales, l.sales)
	case Score:
		order = compareScores(r, l)
	case PriceUp:
		order = cmp.Compare(l.price, r.price)
	case PriceDown:
		order = cmp.Compare(r.price, l.price)
	default:
		order = cmp.Or(cmp.Compare(r.sales, l.sales), compareScores(r, l))
	}
	return cmp.Or(order, cmp.Compare(r.listed, l.listed), cmp.Compare(r.id, l.id))
}

// compareScores compares means without dividing; no score is the lowest.
func compareScores(a, b *row) int {
	if a.scoreCount == 0 || b.scoreCount == 0 {
		return cmp.Compare(a.scoreCount, b.scoreCount)
	}
	return cmp.Or(cmp.Compare(a.scoreSum*b.scoreCount, b.scoreSum*a.scoreCount), cmp.Compare(a.scoreCount, b.scoreCount))
}

// fewEnough is up to where the first hits are kept in order one by one; a page
// far behind sorts all of them.
const fewEnough = 200

// part answers from to to of what is in a set.
func (o *sorted) part(in set, from, to int) []hit {
	var out []hit
	n := 0
	for _, slot := range o.slots {
		if n == to {
			break
		}
		if in.has(int(slot)) {
			if n >= from {
				out = append(out, hit{slot: slot})
			}
			n++
		}
	}
	return out
}

// place is where a hit stands among others.
func (o *sorted) place(h hit) int64 {
	p := int64(o.places[h.slot])
	if o.ranked {
		p -= int64(h.rank) << 32
	}
	return p
}

// page answers hits from to to in order. The first pages are what people read,
// so they are found without sorting the rest.
func (o *sorted) page(hits []hit, from, to int) []hit {
	from, to = min(from, len(hits)), min(to, len(hits))
	if to > fewEnough {
		slices.SortFunc(hits, func(a, b hit) int { return cmp.Compare(o.place(a), o.place(b)) })
		return hits[from:to]
	}
	first := make([]hit, 0, to+1)
	for _, h := range hits {
		at := o.place(h)
		if len(first) == to && (to == 0 || at >= o.place(first[to-1])) {
			continue
		}
		i := sort.Search(len(first), func(i int) bool { return at < o.place(first[i]) })
		first = slices.Insert(first, i, h)
		first = first[:min(len(first), to)]
	}
	return first[from:]
}
