package catalog

import (
	"cmp"
	"slices"
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

// sorted is the index in one order.
type sorted struct {
	ranked  bool    // a better rank goes before
	slots   []int32 // in order
	until   int     // changes of the index that it shows
	compare func(a, b int32) int
}

// touch notes that an offering may have another place in the orders. When the
// notes are many, the older half goes, and with it the orders that have not been
// asked for since.
func (x *index) touch(slot int) {
	x.changed = append(x.changed, int32(slot))
	if len(x.changed) < 1000+len(x.docs)/4 {
		return
	}
	half := len(x.changed) / 2
	x.changed = slices.Clone(x.changed[half:])
	for s, o := range x.orders {
		if o.until -= half; o.until < 0 {
			delete(x.orders, s)
		}
	}
}

// orderAll makes every order before somebody asks for it.
func (x *index) orderAll() {
	x.mu.RLock()
	defer x.mu.RUnlock()
	for _, s := range []Sort{Best, Newest, Sales, Score, PriceUp, PriceDown} {
		x.order(s)
	}
}

// order puts what has changed since the last time into its place.
func (x *index) order(s Sort) *sorted {
	switch s {
	case Newest, Sales, Score, PriceUp, PriceDown:
	default:
		s = Best
	}
	x.sorting.Lock()
	defer x.sorting.Unlock()
	old := x.orders[s]
	if old != nil && old.until == len(x.changed) {
		return old
	}
	var stay, moved []int32 // the others, in order, and what has another place
	var dirty set
	if old == nil {
		x.live.each(func(slot int) { moved = append(moved, int32(slot)) })
	} else {
		for _, slot := range x.changed[old.until:] {
			dirty = dirty.with(int(slot))
		}
		stay = old.slots
		dirty.each(func(slot int) {
			if x.live.has(slot) {
				moved = append(moved, int32(slot))
			}
		})
	}
	compare := func(a, b int32) int { return s.compare(&x.rows[a], &x.rows[b]) }
	slices.SortFunc(moved, compare)
	o := &sorted{s == Best, make([]int32, 0, len(x.slots)), len(x.changed), compare}
	if len(dirty) > 0 {
		left := make([]int32, 0, len(stay))
		for _, slot := range stay {
			if !dirty.has(int(slot)) {
				left = append(left, slot)
			}
		}
		stay = left
	}
	for _, slot := range moved {
		n, _ := slices.BinarySearchFunc(stay, slot, compare)
		o.slots, stay = append(append(o.slots, stay[:n]...), slot), stay[n:]
	}
	o.slots = append(o.slots, stay...)
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

// fewEnough are put in order one by one; more are looked for along the order.
const fewEnough = 300

// part answers from to to of what is in a set.
func (o *sorted) part(in set, from, to int) []int32 {
	size := in.size()
	from, to = min(from, size), min(to, size)
	if from == to {
		return nil
	}
	if size <= fewEnough {
		all := make([]int32, 0, size)
		in.each(func(slot int) { all = append(all, int32(slot)) })
		slices.SortFunc(all, o.compare)
		return all[from:to]
	}
	out := make([]int32, 0, to-from)
	n := 0
	for _, slot := range o.slots {
		if in.has(int(slot)) {
			if n >= from {
				out = append(out, slot)
			}
			if n++; n == to {
				break
			}
		}
	}
	return out
}

// best answers from to to of what is in a set, the better rank first.
func (o *sorted) best(in set, ranks sums, from, to int) (out []int32) {
	ranks.falling(in, func(equal set) bool {
		size := equal.size()
		if from < size {
			out = append(out, o.part(equal, from, min(to, size))...)
		}
		from, to = max(0, from-size), to-size
		return to > 0
	})
	return out
}

// page answers from to to of what is in a set, which is all found or some of it.
func (o *sorted) page(in set, f finding, from, to int) []int32 {
	if o.ranked && len(f.matches) > 0 {
		return o.best(in, f.ranks(), from, to)
	}
	return o.part(in, from, to)
}
