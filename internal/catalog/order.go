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

// compare is negative when a stands before b. Equal ones stand in one order for
// good, so that no offering appears on two pages.
func (s Sort) compare(x *index, a, b hit) int {
	l, r := &x.rows[a.slot], &x.rows[b.slot]
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
		if order = cmp.Compare(b.rank, a.rank); order == 0 {
			if order = cmp.Compare(r.sales, l.sales); order == 0 {
				order = compareScores(r, l)
			}
		}
	}
	if order == 0 {
		if order = cmp.Compare(r.listed, l.listed); order == 0 {
			order = cmp.Compare(r.id, l.id)
		}
	}
	return order
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

// page answers hits from to to in order. The first pages are what people read,
// so they are found without sorting the rest.
func (s Sort) page(x *index, hits []hit, from, to int) []hit {
	from, to = min(from, len(hits)), min(to, len(hits))
	if to > fewEnough {
		slices.SortFunc(hits, func(a, b hit) int { return s.compare(x, a, b) })
		return hits[from:to]
	}
	first := make([]hit, 0, to+1)
	for _, h := range hits {
		if len(first) == to && (to == 0 || s.compare(x, h, first[to-1]) >= 0) {
			continue
		}
		i := sort.Search(len(first), func(i int) bool { return s.compare(x, h, first[i]) < 0 })
		first = slices.Insert(first, i, h)
		first = first[:min(len(first), to)]
	}
	return first[from:]
}
