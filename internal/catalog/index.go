package catalog

import (
	"maps"
	"math/bits"
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

// The fields that words are looked for in. Sounds are the names as they are
// typed in Latin letters; they are asked only when nothing else is found.
const (
	fieldName = iota
	fieldWords
	fieldProvider
	fieldTexts
	fieldSounds
	fieldCount
)

// fieldWeight ranks where a word was found: the name before the tags and
// categories, those before the provider, those before the texts.
var fieldWeight = [fieldCount]int32{12, 6, 3, 1, 1}

const textFields = 1<<fieldSounds - 1

// entry is one listed offering in memory: its card, what filters ask, what words find.
type entry struct {
	Card
	facets map[Facet][]string // codes with their ancestors; only on the way into the index
	codes  []uint32           // the same, numbered
	fields [fieldCount]string // folded
}

// row is what a search asks of every hit, side by side in memory.
type row struct {
	id, provider                id.ID
	listed                      clock.Instant
	price                       money.Fen
	sales, scoreSum, scoreCount int64
}

// gram is two neighbouring letters; a letter alone has a zero before it.
type gram [2]rune

// posting says that a pair of letters stands in an offering, and in which fields.
type posting uint32

func place(slot int, mask uint32) posting { return posting(slot<<fieldCount) | posting(mask) }

func (p posting) slot() int    { return int(p >> fieldCount) }
func (p posting) mask() uint32 { return uint32(p) & (1<<fieldCount - 1) }

// code is one choice of one filter, with a number, which offerings have it and how many.
type code struct {
	facet uint8 // place in Facets
	code  string
	count int
	slots set
}

// index holds the listed offerings with a list of entries for each pair of
// letters, so that Chinese words of two characters are found without a dictionary.
type index struct {
	mu        sync.RWMutex
	docs      []*entry // nil where an older version was
	rows      []row
	slots     map[id.ID]int
	grams     map[gram][]posting
	live      set // slots with an offering
	holes     int
	changes   int // so far, for the orders
	sorting   sync.Mutex
	orders    map[Sort]*sorted
	numbers   map[string]uint32 // of codes, by facet and code
	codes     []code
	masks     map[gram]uint32 // of the entry that is being added
	companies map[id.ID]Company
	bySeller  map[id.ID][]int // slots by provider; some may be empty by now
}

func newIndex() *index {
	return &index{orders: map[Sort]*sorted{}, slots: map[id.ID]int{}, grams: map[gram][]posting{}, numbers: map[string]uint32{}, masks: map[gram]uint32{}, companies: map[id.ID]Company{}, bySeller: map[id.ID][]int{}}
}

// meet keeps what is known of providers.
func (x *index) meet(companies map[id.ID]Company) {
	x.mu.Lock()
	defer x.mu.Unlock()
	maps.Copy(x.companies, companies)
}

// seller is the provider of a listed offering.
func (x *index) seller(offering, orgID id.ID) (Company, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if _, listed := x.slots[offering]; !listed {
		return Company{}, false
	}
	c, ok := x.companies[orgID]
	return c, ok
}

// put adds an offering or replaces it.
func (x *index) put(e *entry) {
	x.mu.Lock()
	defer x.mu.Unlock()
	e.codes = x.number(e.facets)
	e.facets = nil
	x.drop(e.ID)
	x.add(e)
	if x.holes > 64 && x.holes > len(x.docs)/2 {
		x.compact()
	}
}

// number gives every code a number, for good.
func (x *index) number(facets map[Facet][]string) []uint32 {
	var out []uint32
	for i, f := range Facets {
		for _, c := range facets[f.Facet] {
			key := string(f.Facet) + " " + c
			n, ok := x.numbers[key]
			if !ok {
				n = uint32(len(x.codes))
				x.numbers[key] = n
				x.codes = append(x.codes, code{facet: uint8(i), code: c})
			}
			out = append(out, n)
		}
	}
	return slices.Clip(out)
}

// remove takes an offering out.
func (x *index) remove(offering id.ID) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.drop(offering)
}

func (x *index) drop(offering id.ID) {
	if slot, ok := x.slots[offering]; ok {
		for _, c := range x.docs[slot].codes {
			x.codes[c].count--
			x.codes[c].slots.remove(slot)
		}
		x.changes++
		x.live.remove(slot)
		x.docs[slot], x.rows[slot] = nil, row{}
		delete(x.slots, offering)
		x.holes++
	}
}

func (x *index) add(e *entry) {
	slot := len(x.docs)
	x.docs, x.rows = append(x.docs, e), append(x.rows, rowOf(e))
	x.slots[e.ID] = slot
	x.bySeller[e.ProviderOrg] = append(x.bySeller[e.ProviderOrg], slot)
	for _, c := range e.codes {
		x.codes[c].count++
		x.codes[c].slots = x.codes[c].slots.with(slot)
	}
	x.changes++
	x.live = x.live.with(slot)
	clear(x.masks)
	for i, f := range e.fields {
		eachGram(f, func(g gram) { x.masks[g] |= 1 << i })
	}
	for g, mask := range x.masks {
		x.grams[g] = append(x.grams[g], place(slot, mask))
	}
}

func rowOf(e *entry) row {
	return row{
		id: e.ID, provider: e.ProviderOrg, listed: e.ListedAt, price: e.PriceFrom,
		sales: e.Sales, scoreSum: e.ScoreSum, scoreCount: e.ScoreCount,
	}
}

func (x *index) compact() {
	old := x.docs
	x.docs, x.rows, x.slots, x.bySeller, x.grams, x.holes = nil, nil, map[id.ID]int{}, map[id.ID][]int{}, map[gram][]posting{}, 0
	x.live, x.orders = nil, map[Sort]*sorted{}
	for i := range x.codes {
		x.codes[i].count, x.codes[i].slots = 0, nil
	}
	for _, e := range old {
		if e != nil {
			x.add(e)
		}
	}
}

// sold keeps the figure of a listed offering without reading it again.
func (x *index) sold(offering id.ID, n int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if slot, ok := x.slots[offering]; ok {
		c := *x.docs[slot] // readers may hold the old one
		c.Sales = max(0, c.Sales+n)
		x.docs[slot], x.rows[slot] = &c, rowOf(&c)
		x.changes++
	}
}

// hit is a place in the index that was found, how well, and in which fields.
type hit struct {
	slot int32
	rank int32
	mask uint32 // fields that have every word
}

// find lists what has every word of the text, in the order of the index.
// When nothing is written so, what sounds so is found.
func (x *index) find(words []string) (hits []hit, bySound bool) {
	hits = x.every(words, textFields)
	if len(hits) == 0 && !slices.ContainsFunc(words, notLatin) {
		hits = x.every(words, 1<<fieldSounds)
		bySound = len(hits) > 0
	}
	return hits, bySound
}

// setOf are the places of hits.
func (x *index) setOf(hits []hit) set {
	out := make(set, len(x.live))
	for _, h := range hits {
		out = out.with(int(h.slot))
	}
	return out
}

func notLatin(word string) bool {
	return len(word) < 2 || strings.ContainsFunc(word, func(r rune) bool { return r < 'a' || r > 'z' })
}

// every lists what has all the words in the fields of the mask.
func (x *index) every(words []string, fields uint32) []hit {
	all := x.has(words[0], fields)
	for _, w := range words[1:] {
		if len(all) == 0 {
			return nil
		}
		all = both(all, x.has(w, fields))
	}
	return all
}

// both keeps what is in two lists, with the sum of the ranks.
func both(a, b []hit) []hit {
	out := a[:0]
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i].slot < b[j].slot:
			i++
		case a[i].slot > b[j].slot:
			j++
		default:
			out = append(out, hit{a[i].slot, a[i].rank + b[j].rank, a[i].mask & b[j].mask})
			i, j = i+1, j+1
		}
	}
	return out
}

// has lists what has a word. A long word of Chinese without spaces, as people
// type it, also counts when half of its pairs of letters are there.
func (x *index) has(word string, fields uint32) []hit {
	runes := []rune(word)
	if len(runes) == 1 {
		return x.hasLetter(runes[0], fields)
	}
	var lists [][]posting
	eachGram(word, func(g gram) { lists = append(lists, x.grams[g]) })
	exact := x.hasAll(word, lists, fields, len(runes) > 2)
	if len(lists) < 4 || strings.ContainsFunc(word, notHan) {
		return exact
	}
	return merge(exact, x.hasHalf(lists, fields))
}

// hasLetter lists what has a single letter: in any pair.
func (x *index) hasLetter(letter rune, fields uint32) []hit {
	masks := make([]uint8, len(x.docs))
	for g, list := range x.grams {
		if g[0] == letter || g[1] == letter {
			for _, p := range list {
				masks[p.slot()] |= uint8(p.mask() & fields)
			}
		}
	}
	var hits []hit
	for slot, mask := range masks {
		if mask != 0 && x.docs[slot] != nil {
			hits = append(hits, hit{int32(slot), weightOf(uint32(mask)), uint32(mask)})
		}
	}
	return hits
}

// hasAll goes along the shortest list and looks each place up in the others. Two
// pairs that stand in the same field need not be neighbours, so longer words are
// looked for in the text itself.
func (x *index) hasAll(word string, lists [][]posting, fields uint32, look bool) []hit {
	slices.SortFunc(lists, func(a, b []posting) int { return len(a) - len(b) })
	var hits []hit
	from := make([]int, len(lists))
next:
	for _, p := range lists[0] {
		slot, mask := p.slot(), p.mask()&fields
		for i := 1; i < len(lists) && mask != 0; i++ {
			n, found := slices.BinarySearchFunc(lists[i][from[i]:], slot, func(q posting, slot int) int { return q.slot() - slot })
			from[i] += n
			if !found {
				continue next
			}
			mask &= lists[i][from[i]].mask()
		}
		if e := x.docs[slot]; e != nil && mask != 0 {
			for i := 0; look && i < fieldCount; i++ {
				if mask&(1<<i) != 0 && !strings.Contains(e.fields[i], word) {
					mask &^= 1 << i
				}
			}
			if mask != 0 {
				hits = append(hits, hit{int32(slot), weightOf(mask), mask})
			}
		}
	}
	return hits
}

// hasHalf lists what has half of the pairs, with the weight of the best field.
func (x *index) hasHalf(lists [][]posting, fields uint32) []hit {
	type seen struct{ count, mask uint8 }
	found := make([]seen, len(x.docs))
	for _, list := range lists {
		for _, p := range list {
			if mask := p.mask() & fields; mask != 0 {
				f := &found[p.slot()]
				f.count, f.mask = f.count+1, f.mask|uint8(mask)
			}
		}
	}
	var hits []hit
	for slot, f := range found {
		if f.mask != 0 && int(f.count)*2 >= len(lists) && x.docs[slot] != nil {
			hits = append(hits, hit{int32(slot), fieldWeight[bits.TrailingZeros8(f.mask)], uint32(f.mask)})
		}
	}
	return hits
}

// merge joins two lists; the first one's ranks count.
func merge(a, b []hit) []hit {
	out := make([]hit, 0, max(len(a), len(b)))
	for len(a) > 0 && len(b) > 0 {
		if a[0].slot > b[0].slot {
			out, b = append(out, b[0]), b[1:]
			continue
		}
		if a[0].slot == b[0].slot {
			b = b[1:]
		}
		out, a = append(out, a[0]), a[1:]
	}
	return append(append(out, a...), b...)
}

// weightOf ranks a whole word in these fields: four times a part of one.
func weightOf(mask uint32) (w int32) {
	for ; mask != 0; mask &= mask - 1 {
		w += 4 * fieldWeight[bits.TrailingZeros32(mask)]
	}
	return w
}

func notHan(r rune) bool { return !unicode.Is(unicode.Han, r) }

// fold makes texts comparable: lower case, half width.
func fold(s string) string { return strings.ToLower(width.Fold.String(s)) }

// maxWords of a query are looked at.
const maxWords = 8

// wordsOf splits what was typed at spaces and signs, and where Chinese meets
// other letters: MES系统 is also written MES 系统. Digits stay where they are.
func wordsOf(text string) []string {
	var words []string
	for _, w := range strings.FieldsFunc(fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
		from, last := 0, rune(0)
		for i, r := range w {
			if i > 0 && notHan(r) != notHan(last) && unicode.IsLetter(r) && unicode.IsLetter(last) {
				words, from = append(words, w[from:i]), i
			}
			last = r
		}
		words = append(words, w[from:])
	}
	return words[:min(len(words), maxWords)]
}

// eachGram walks the pairs of letters of a text.
func eachGram(s string, found func(gram)) {
	var last rune
	alone := false
	end := func() {
		if alone {
			found(gram{0, last})
		}
		last, alone = 0, false
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			end()
			continue
		}
		if alone = last == 0; !alone {
			found(gram{last, r})
		}
		last = r
	}
	end()
}
