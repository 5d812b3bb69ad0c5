package catalog

import (
	"maps"
	"slices"
	"strings"
	"sync"

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
var fieldWeight = [fieldCount]int{12, 6, 3, 1, 1}

const textFields = 1<<fieldSounds - 1

// entry is one listed offering on its way into the index: its card, what filters
// ask, what words find.
type entry struct {
	Card
	facets map[Facet][]string // codes with their ancestors
	fields [fieldCount]string // folded
}

// doc is what the index keeps of an entry.
type doc struct {
	Card
	codes []uint32 // of the filters, numbered
}

// row is what the orders ask of every offering, side by side in memory.
type row struct {
	id                          id.ID
	listed                      clock.Instant
	price                       money.Fen
	sales, scoreSum, scoreCount int64
	seller                      int32 // place in sellers
}

// seller is a provider and the places of its offerings; some may be empty by now.
type seller struct {
	id          id.ID
	name, sound string
	slots       []int32
	live        int // how many are not
}

// code is one choice of one filter, with a number, which offerings have it and how many.
type code struct {
	facet uint8 // place in Facets
	code  string
	count int
	slots set
}

// index holds the listed offerings with the places of each pair of letters, so
// that Chinese words of two characters are found without a dictionary.
type index struct {
	mu    sync.RWMutex
	docs  []*doc // nil where an older version was
	rows  []row
	texts []folded
	slots map[id.ID]int
	live  set // slots with an offering
	holes int

	grams    map[gram]int32
	postings []postings // by the numbers of grams
	letters  map[rune][]int32
	fewest   int // offerings that make sets of postings
	phrases  phrases

	numbers map[string]uint32 // of codes, by facet and code
	codes   []code

	sellers   []seller
	sellerNo  map[id.ID]int32
	selling   int // sellers with something on sale
	companies map[id.ID]Company

	changed []int32 // slots whose place in the orders may be another, in turn
	sorting sync.Mutex
	orders  map[Sort]*sorted
	same    pool
}

func newIndex() *index {
	x := &index{numbers: map[string]uint32{}, companies: map[id.ID]Company{}, fewest: fewestInSets, same: newPool()}
	x.clear()
	return x
}

// clear empties what is about places.
func (x *index) clear() {
	x.docs, x.rows, x.texts, x.slots, x.live, x.holes = nil, nil, nil, map[id.ID]int{}, nil, 0
	x.grams, x.postings, x.letters = map[gram]int32{}, nil, map[rune][]int32{}
	x.sellers, x.sellerNo, x.selling = nil, map[id.ID]int32{}, 0
	x.changed, x.orders = nil, map[Sort]*sorted{}
	x.phrases.forget()
	for i := range x.codes {
		x.codes[i].count, x.codes[i].slots = 0, nil
	}
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
	grams := gramsOf(&e.fields)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.drop(e.ID)
	x.add(&doc{x.same.card(e.Card), x.number(e.facets)}, foldedOf(&e.fields), grams)
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
				x.codes = append(x.codes, code{facet: uint8(i), code: strings.Clone(c)})
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
	slot, ok := x.slots[offering]
	if !ok {
		return
	}
	for _, c := range x.docs[slot].codes {
		x.codes[c].count--
		x.codes[c].slots.remove(slot)
	}
	by := &x.sellers[x.rows[slot].seller]
	if by.live--; by.live == 0 {
		x.selling--
	}
	x.live.remove(slot)
	x.touch(slot)
	x.docs[slot], x.rows[slot], x.texts[slot] = nil, row{}, folded{}
	delete(x.slots, offering)
	x.holes++
}

func (x *index) add(d *doc, texts folded, grams []gramIn) {
	slot := len(x.docs)
	x.docs, x.texts = append(x.docs, d), append(x.texts, texts)
	x.slots[d.ID] = slot
	no, ok := x.sellerNo[d.ProviderOrg]
	if !ok {
		no = int32(len(x.sellers))
		x.sellerNo[d.ProviderOrg] = no
		x.sellers = append(x.sellers, seller{id: d.ProviderOrg})
	}
	by := &x.sellers[no]
	by.slots = append(by.slots, int32(slot))
	if by.name != d.Provider {
		by.name, by.sound = d.Provider, sounds(d.Provider)
	}
	if by.live++; by.live == 1 {
		x.selling++
	}
	x.rows = append(x.rows, rowOf(&d.Card, no))
	for _, c := range d.codes {
		x.codes[c].count++
		x.codes[c].slots = x.codes[c].slots.with(slot)
	}
	x.live = x.live.with(slot)
	x.touch(slot)
	for _, g := range grams {
		n, ok := x.grams[g.gram]
		if !ok {
			n = int32(len(x.postings))
			x.grams[g.gram] = n
			x.postings = append(x.postings, postings{})
			a, b := g.letters()
			if a != 0 && a != b {
				x.letters[a] = append(x.letters[a], n)
			}
			x.letters[b] = append(x.letters[b], n)
		}
		x.postings[n].add(slot, g.mask, x.fewest)
	}
}

func rowOf(c *Card, seller int32) row {
	return row{
		id: c.ID, listed: c.ListedAt, price: c.PriceFrom,
		sales: c.Sales, scoreSum: c.ScoreSum, scoreCount: c.ScoreCount, seller: seller,
	}
}

func (x *index) compact() {
	docs, texts := x.docs, x.texts
	x.clear()
	for i, d := range docs {
		if d != nil {
			fields := texts[i].fields()
			x.add(d, texts[i], gramsOf(&fields))
		}
	}
}

// tidy gives back the memory that was taken for more to come, after all is read.
func (x *index) tidy() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.docs, x.rows, x.texts = slices.Clip(slices.Clone(x.docs)), slices.Clip(slices.Clone(x.rows)), slices.Clip(slices.Clone(x.texts))
	for i := range x.postings {
		x.postings[i].tidy()
	}
}

// sold keeps the figure of a listed offering without reading it again.
func (x *index) sold(offering id.ID, n int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if slot, ok := x.slots[offering]; ok {
		d := *x.docs[slot] // readers may hold the old one
		d.Sales = max(0, d.Sales+n)
		x.docs[slot], x.rows[slot].sales = &d, d.Sales
		x.touch(slot)
	}
}
