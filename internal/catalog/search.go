package catalog

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// Query is what a buyer asks the catalogue. Codes of one facet are alternatives,
// facets narrow each other.
type Query struct {
	Text     string
	Codes    map[Facet][]string
	Provider id.ID
	Sort     Sort
	Scopes   *[]Scope // only what one of these fits; nil for everything
}

// Scope is what a voucher fits: each list that is not empty must name something
// of the offering, a group everything below it.
type Scope struct {
	Categories, Industries, Tags []string
	Providers                    []id.ID
}

// FacetCount is how many offerings a code would leave, with the other filters as
// they are.
type FacetCount struct {
	Code  string
	Count int
}

// Result is one page of cards with the figures of the filters.
type Result struct {
	page.Of[Card]

	Facets   map[Facet][]FacetCount
	Marks    []string         // what to mark in the cards, folded
	Snippets map[id.ID]string // where a text says what was searched, if only there
}

// Search finds listed offerings.
func (s *Service) Search(ctx context.Context, q Query, p page.Query) (Result, error) {
	if err := s.sync(ctx); err != nil {
		return Result{}, err
	}
	s.index.mu.RLock()
	defer s.index.mu.RUnlock()
	return s.index.search(q, p), nil
}

func (x *index) search(q Query, p page.Query) Result {
	size := p.Size
	if size < 1 || size > 100 {
		size = 20
	}
	from := (max(1, p.Page) - 1) * size
	words, order := wordsOf(q.Text), x.order(q.Sort)
	found := finding{all: x.live}
	if len(words) > 0 {
		found = x.find(words)
	}
	kept, counts := x.narrow(found.all, q)
	out := Result{Facets: x.facets(counts)}
	out.Total = int64(kept.size())
	out.Items = []Card{}
	for _, slot := range order.page(kept, found, from, from+size) {
		out.Items = append(out.Items, x.docs[slot].Card)
		if len(words) > 0 && !found.bySound && found.mask(int(slot))&^(1<<fieldTexts) == 0 {
			out.snip(x.docs[slot].Card, x.texts[slot].field(fieldTexts), words)
		}
	}
	out.mark(words, found.bySound)
	return out
}

// mark lists what the cards shall show marked: the words, the pairs of letters
// of a long word, or what sounds like them.
func (r *Result) mark(words []string, bySound bool) {
	r.Marks = []string{}
	for _, w := range words {
		switch {
		case bySound:
			for _, c := range r.Items {
				for _, name := range []string{c.Name, c.Provider} {
					if part := heard(name, w); part != "" {
						r.Marks = append(r.Marks, fold(part))
					}
				}
			}
		default:
			r.Marks = append(r.Marks, w)
			if letters := []rune(w); len(letters) > 4 && !strings.ContainsFunc(w, notHan) {
				eachGram(w, func(g gram) {
					a, b := g.letters()
					r.Marks = append(r.Marks, string([]rune{a, b}))
				})
			}
		}
	}
	slices.Sort(r.Marks)
	r.Marks = slices.Compact(r.Marks)
}

// snip cuts the place out of the texts that has the first word.
func (r *Result) snip(c Card, text string, words []string) {
	i := strings.Index(text, words[0])
	if i < 0 || strings.Contains(fold(c.Intro), words[0]) {
		return
	}
	const before, around = 12, 60
	head := []rune(text[:i])
	tail := []rune(text[i:])
	snippet := string(head[max(0, len(head)-before):]) + string(tail[:min(len(tail), around)])
	if len(head) > before {
		snippet = "…" + snippet
	}
	if len(tail) > around {
		snippet += "…"
	}
	if r.Snippets == nil {
		r.Snippets = map[id.ID]string{}
	}
	r.Snippets[c.ID] = snippet
}

// Cards finds listed offerings by id, in the order asked for.
func (s *Service) Cards(ctx context.Context, ids ...id.ID) ([]Card, error) {
	if err := s.sync(ctx); err != nil {
		return nil, err
	}
	s.index.mu.RLock()
	defer s.index.mu.RUnlock()
	out := []Card{}
	for _, i := range ids {
		if slot, ok := s.index.slots[i]; ok {
			out = append(out, s.index.docs[slot].Card)
		}
	}
	return out, nil
}

// mostFeatured are looked at for the home page.
const mostFeatured = 200

// Featured are the cards of the home page: what sells and is liked, no more than
// two of one provider.
func (s *Service) Featured(ctx context.Context, want int) ([]Card, error) {
	if err := s.sync(ctx); err != nil {
		return nil, err
	}
	x := s.index
	x.mu.RLock()
	defer x.mu.RUnlock()
	of := map[id.ID]int{}
	var first, rest []Card
	for _, slot := range x.order(Best).part(x.live, 0, max(mostFeatured, want)) {
		c := x.docs[slot].Card
		if of[c.ProviderOrg]++; of[c.ProviderOrg] <= 2 {
			first = append(first, c)
		} else {
			rest = append(rest, c)
		}
	}
	all := append(first, rest...)
	return append([]Card{}, all[:min(want, len(all))]...), nil
}

// Figures are totals for the home page.
type Figures struct {
	Offerings int
	Providers int
}

// Count answers how much is on sale.
func (s *Service) Count(ctx context.Context) (Figures, error) {
	if err := s.sync(ctx); err != nil {
		return Figures{}, err
	}
	s.index.mu.RLock()
	defer s.index.mu.RUnlock()
	return Figures{len(s.index.slots), s.index.selling}, nil
}

// Seller is a provider as the catalogue shows it.
type Seller struct {
	ID                   id.ID
	Name, City           string
	Offerings            int
	Sales                int64
	ScoreSum, ScoreCount int64
	Categories           []string // of its offerings, the most frequent first
}

// Seller sums up what a provider has on sale; no offerings, no seller.
func (s *Service) Seller(ctx context.Context, orgID id.ID) (Seller, error) {
	if err := s.sync(ctx); err != nil {
		return Seller{}, err
	}
	x := s.index
	x.mu.RLock()
	defer x.mu.RUnlock()
	out := Seller{ID: orgID}
	times := map[string]int{}
	var slots []int32
	if no, ok := x.sellerNo[orgID]; ok {
		slots = x.sellers[no].slots
	}
	for _, i := range slots {
		if x.docs[i] != nil {
			c := x.docs[i].Card
			out.Name, out.City = c.Provider, c.City
			out.Offerings++
			out.Sales, out.ScoreSum, out.ScoreCount = out.Sales+c.Sales, out.ScoreSum+c.ScoreSum, out.ScoreCount+c.ScoreCount
			for _, code := range c.Categories {
				times[code]++
			}
		}
	}
	out.Categories = slices.SortedFunc(maps.Keys(times), func(a, b string) int {
		return cmp.Or(cmp.Compare(times[b], times[a]), strings.Compare(a, b))
	})
	return out, nil
}
