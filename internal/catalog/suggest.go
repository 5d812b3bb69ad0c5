package catalog

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"smedx/internal/codelist"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
)

// SuggestionKind is what a suggestion leads to.
type SuggestionKind string

// The kinds of suggestions.
const (
	SuggestOffering SuggestionKind = "offering"
	SuggestProvider SuggestionKind = "provider"
	SuggestTag      SuggestionKind = "tag"
	SuggestCategory SuggestionKind = "category"
)

// Suggestion is offered while somebody types: an offering or a provider by its
// id, a tag or a category by its code.
type Suggestion struct {
	Kind  SuggestionKind
	Text  string
	ID    id.ID
	Code  string
	Count int // offerings behind it
}

// How many suggestions of a kind are made at most.
const (
	mostOfferings = 5
	mostProviders = 3
	mostCodes     = 3
)

// Suggest finds what the beginning of a search may become: names of offerings
// and providers, tags and categories that have something on sale.
func (s *Service) Suggest(ctx context.Context, text string) (list []Suggestion, marks []string, err error) {
	if err := s.sync(ctx); err != nil {
		return nil, nil, err
	}
	s.index.mu.RLock()
	defer s.index.mu.RUnlock()
	words := wordsOf(text)
	if len(words) == 0 {
		return []Suggestion{}, []string{}, nil
	}
	list, marks = s.index.suggest(words)
	return list, marks, nil
}

func (x *index) suggest(words []string) (list []Suggestion, marks []string) {
	var names Result
	found := x.find(words)
	providers := x.sellersOf(found, words)
	list = append(x.named(ByTag, SuggestTag, words), x.named(ByCategory, SuggestCategory, words)...)
	named := found.all
	if !found.bySound {
		named = found.in(fieldName)
	}
	for _, slot := range x.order(Best).page(named, found, 0, mostOfferings) {
		c := x.docs[slot].Card
		if found.bySound && heard(c.Name, words[0]) == "" {
			continue // it is the provider that sounds so
		}
		names.Items = append(names.Items, c)
		list = append(list, Suggestion{Kind: SuggestOffering, Text: c.Name, ID: c.ID, Count: 1})
	}
	list = append(list, providers...)
	for _, p := range providers {
		names.Items = append(names.Items, Card{Provider: p.Text})
	}
	names.mark(words, found.bySound)
	return append([]Suggestion{}, list...), names.Marks
}

// named are the codes of a filter whose label has all words.
func (x *index) named(facet Facet, kind SuggestionKind, words []string) []Suggestion {
	var out []Suggestion
	for _, c := range x.codes {
		f := Facets[c.facet]
		if f.Facet != facet || c.count == 0 {
			continue
		}
		if label := codelist.Label(f.List, c.code); hasWords(fold(label), words) {
			out = append(out, Suggestion{Kind: kind, Text: label, Code: c.code, Count: c.count})
		}
	}
	return most(out, mostCodes)
}

// sellersOf are the providers among the hits whose name has all words, or sounds so.
func (x *index) sellersOf(found finding, words []string) []Suggestion {
	in := found.all
	if !found.bySound {
		in = found.in(fieldProvider)
	}
	counts := make([]int, len(x.sellers))
	in.each(func(slot int) { counts[x.rows[slot].seller]++ })
	var out []Suggestion
	for no, count := range counts {
		if count == 0 {
			continue
		}
		by := &x.sellers[no]
		said := found.bySound && strings.Contains(by.sound, words[0]) && heard(by.name, words[0]) != ""
		if said || hasWords(fold(by.name), words) {
			out = append(out, Suggestion{Kind: SuggestProvider, Text: by.name, ID: by.id, Count: count})
		}
	}
	return most(out, mostProviders)
}

func hasWords(text string, words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

func most(list []Suggestion, n int) []Suggestion {
	slices.SortStableFunc(list, func(a, b Suggestion) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Text, b.Text))
	})
	return list[:min(n, len(list))]
}

// Address is a public page of the catalogue and when it changed.
type Address struct {
	ID id.ID
	At clock.Instant
}

// Addresses lists the pages that search engines should know: offerings on sale
// and their providers, newest first, no more than so many.
func (s *Service) Addresses(ctx context.Context, limit int) (offerings, providers []Address, err error) {
	if err := s.sync(ctx); err != nil {
		return nil, nil, err
	}
	x := s.index
	x.mu.RLock()
	defer x.mu.RUnlock()
	newest := map[id.ID]bool{}
	for _, slot := range x.order(Newest).part(x.live, 0, limit) {
		r := &x.rows[slot]
		offerings = append(offerings, Address{r.id, r.listed})
		if provider := x.sellers[r.seller].id; !newest[provider] {
			newest[provider] = true
			providers = append(providers, Address{provider, r.listed})
		}
	}
	return offerings, providers, nil
}
