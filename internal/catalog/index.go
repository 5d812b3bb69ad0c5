package catalog

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/width"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// Card is an offering as lists of buyers show it.
type Card struct {
	ID          id.ID
	Kind        Kind
	Name        string
	Intro       string
	CoverFile   id.ID
	ProviderOrg id.ID
	Provider    string
	City        string
	Tags        []string
	Categories  []string
	Industries  []string
	PriceFrom   money.Fen
	PriceUnit   BillingUnit
	OnePlan     PlanRef // the plan to buy when there is only one way to
	Sales       int64
	ScoreSum    int64
	ScoreCount  int64
	ListedAt    clock.Instant
}

// entry is one listed offering in memory: its card, what filters ask, what words find.
type entry struct {
	Card
	facets map[Facet][]string // codes with their ancestors
	fields [4]string          // name, product and words, provider, texts; folded
}

// fieldWeight ranks where a word was found.
var fieldWeight = [4]int{12, 6, 3, 1}

// gram is two neighbouring letters.
type gram [2]rune

// index holds the listed offerings with a list of entries for each pair of
// letters, so that Chinese words of two characters are found without a dictionary.
type index struct {
	mu    sync.RWMutex
	docs  []*entry // nil where an older version was
	slots map[id.ID]int
	grams map[gram][]int32
	holes int
}

func newIndex() *index { return &index{slots: map[id.ID]int{}, grams: map[gram][]int32{}} }

// put adds an offering or replaces it.
func (x *index) put(e *entry) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.drop(e.ID)
	x.add(e)
	if x.holes > 64 && x.holes > len(x.docs)/2 {
		x.compact()
	}
}

// remove takes an offering out.
func (x *index) remove(offering id.ID) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.drop(offering)
}

func (x *index) drop(offering id.ID) {
	if slot, ok := x.slots[offering]; ok {
		x.docs[slot] = nil
		delete(x.slots, offering)
		x.holes++
	}
}

func (x *index) add(e *entry) {
	slot := len(x.docs)
	x.docs = append(x.docs, e)
	x.slots[e.ID] = slot
	seen := map[gram]bool{}
	for _, f := range e.fields {
		for _, g := range gramsOf(f) {
			if !seen[g] {
				seen[g] = true
				x.grams[g] = append(x.grams[g], int32(slot))
			}
		}
	}
}

func (x *index) compact() {
	old := x.docs
	x.docs, x.slots, x.grams, x.holes = nil, map[id.ID]int{}, map[gram][]int32{}, 0
	for _, e := range old {
		if e != nil {
			x.add(e)
		}
	}
}

// sold and scored keep the figures of a listed offering without reading it again.
func (x *index) sold(offering id.ID, n int64) {
	x.edit(offering, func(e *entry) { e.Sales = max(0, e.Sales+n) })
}

func (x *index) scored(offering id.ID, score int64) {
	x.edit(offering, func(e *entry) { e.ScoreSum, e.ScoreCount = e.ScoreSum+score, e.ScoreCount+1 })
}

func (x *index) edit(offering id.ID, change func(*entry)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if slot, ok := x.slots[offering]; ok {
		c := *x.docs[slot] // readers may hold the old one
		change(&c)
		x.docs[slot] = &c
	}
}

// hit is an entry that was found, and how well.
type hit struct {
	*entry
	rank int
}

// find lists what has every word of the text; all of it for no words.
func (x *index) find(text string) []hit {
	words := wordsOf(text)
	x.mu.RLock()
	defer x.mu.RUnlock()
	var hits []hit
	for _, slot := range x.candidates(words) {
		e := x.docs[slot]
		if e == nil {
			continue
		}
		rank := 0
		for _, w := range words {
			r := e.rank(w)
			if r == 0 {
				rank = -1
				break
			}
			rank += r
		}
		if rank >= 0 {
			hits = append(hits, hit{e, rank})
		}
	}
	return hits
}

// candidates narrows by the rarest pair of letters of each word.
func (x *index) candidates(words []string) []int32 {
	var best []int32
	narrowed := false
	for _, w := range words {
		if len([]rune(w)) > 4 && !strings.ContainsFunc(w, notHan) {
			continue // may match in part
		}
		for _, g := range gramsOf(w) {
			if list := x.grams[g]; !narrowed || len(list) < len(best) {
				best, narrowed = list, true
			}
		}
	}
	if narrowed {
		return best
	}
	all := make([]int32, len(x.docs))
	for i := range all {
		all[i] = int32(i)
	}
	return all
}

// rank is 0 when the word is not there. A long word of Chinese without spaces, as
// people type it, also counts when half of its pairs of letters are there.
func (e *entry) rank(word string) (rank int) {
	for i, f := range e.fields {
		if strings.Contains(f, word) {
			rank += fieldWeight[i] * 4
		}
	}
	pairs := gramsOf(word)
	if rank > 0 || len(pairs) < 4 || strings.ContainsFunc(word, notHan) {
		return rank
	}
	found, weight := 0, 0
	for _, g := range pairs {
		for i, f := range e.fields {
			if strings.Contains(f, string(g[:])) {
				found, weight = found+1, max(weight, fieldWeight[i])
				break
			}
		}
	}
	if found*2 >= len(pairs) {
		return weight
	}
	return 0
}

func notHan(r rune) bool { return !unicode.Is(unicode.Han, r) }

// fold makes texts comparable: lower case, half width.
func fold(s string) string { return strings.ToLower(width.Fold.String(s)) }

// wordsOf splits what was typed at spaces and signs.
func wordsOf(text string) []string {
	words := strings.FieldsFunc(fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	return words[:min(len(words), 8)]
}

func gramsOf(s string) []gram {
	var out []gram
	var last rune
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			last = 0
			continue
		}
		if last != 0 {
			out = append(out, gram{last, r})
		}
		last = r
	}
	return out
}

// Sort is the order of a list of cards.
type Sort string

// The orders. Best is the rank of a search, and sales and newness without one.
const (
	Best      Sort = "best"
	Newest    Sort = "newest"
	Sales     Sort = "sales"
	Score     Sort = "score"
	PriceUp   Sort = "price_asc"
	PriceDown Sort = "price_desc"
)

func (s Sort) apply(hits []hit) {
	slices.SortStableFunc(hits, func(a, b hit) int {
		order := 0
		switch s {
		case Newest:
		case Sales:
			order = cmp.Compare(b.Sales, a.Sales)
		case Score:
			order = compareScores(b.Card, a.Card)
		case PriceUp:
			order = cmp.Compare(a.PriceFrom, b.PriceFrom)
		case PriceDown:
			order = cmp.Compare(b.PriceFrom, a.PriceFrom)
		default:
			order = cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(b.Sales, a.Sales))
		}
		return cmp.Or(order, cmp.Compare(b.ListedAt, a.ListedAt), cmp.Compare(b.ID, a.ID))
	})
}

// compareScores compares means without dividing; no score is the lowest.
func compareScores(a, b Card) int {
	switch {
	case a.ScoreCount == 0 || b.ScoreCount == 0:
		return cmp.Compare(a.ScoreCount, b.ScoreCount)
	default:
		return cmp.Or(cmp.Compare(a.ScoreSum*b.ScoreCount, b.ScoreSum*a.ScoreCount), cmp.Compare(a.ScoreCount, b.ScoreCount))
	}
}
