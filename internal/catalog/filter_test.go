package catalog

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// Whatever is asked, after whatever has changed: the figures of the filters, the
// hits and their order are those of counting and sorting offering by offering.
func TestFiltersCountAndOrderAsOneByOne(t *testing.T) {
	draw := rand.New(rand.NewPCG(3, 4))
	x := newIndex()
	all := map[id.ID]*entry{}
	codes := func(f Facet, most int) (out []string) {
		for range draw.IntN(most + 1) {
			out = append(out, fmt.Sprint(f, draw.IntN(5)))
		}
		return unique(out)
	}
	facets := func(most int) map[Facet][]string {
		out := map[Facet][]string{}
		for _, f := range Facets {
			if draw.IntN(3) > 0 {
				out[f.Facet] = codes(f.Facet, most)
			}
		}
		return out
	}
	asked := map[id.ID]map[Facet][]string{}
	for round := range 300 {
		for range 4 {
			e := &entry{Card: Card{ID: id.ID(1 + draw.IntN(150)), ProviderOrg: id.ID(1 + draw.IntN(4)), Sales: draw.Int64N(4), ScoreSum: draw.Int64N(9), ScoreCount: draw.Int64N(3)}, facets: facets(3)}
			e.fields[fieldName] = [...]string{"排产", "追溯", "排产追溯"}[draw.IntN(3)]
			all[e.ID], asked[e.ID] = e, e.facets
			x.put(e)
		}
		if gone := id.ID(1 + draw.IntN(150)); round%3 == 0 {
			x.remove(gone)
			delete(all, gone)
		}
		if sold := id.ID(1 + draw.IntN(150)); all[sold] != nil {
			x.sold(sold, 2)
			c := *all[sold]
			c.Sales += 2
			all[sold] = &c
		}
		q := Query{Sort: [...]Sort{Best, Newest, Sales, Score, PriceUp}[draw.IntN(5)], Text: [...]string{"", "排产"}[draw.IntN(2)], Codes: map[Facet][]string{}}
		if draw.IntN(2) == 0 {
			q.Codes = facets(2)
		}
		if draw.IntN(4) == 0 {
			q.Provider = id.ID(1 + draw.IntN(5))
		}
		if draw.IntN(4) == 0 {
			scopes := []Scope{}
			for range draw.IntN(3) {
				s := Scope{Categories: codes(ByCategory, 2), Tags: codes(ByTag, 2)}
				if draw.IntN(2) == 0 {
					s.Providers = []id.ID{id.ID(1 + draw.IntN(4))}
				}
				scopes = append(scopes, s)
			}
			q.Scopes = &scopes
		}
		p := page.Query{Page: 1 + draw.IntN(3), Size: 1 + draw.IntN(90)}
		counts := map[string]int{}
		var kept []*entry
		one := func(a, b []string) bool {
			return len(a) == 0 || slices.ContainsFunc(a, func(c string) bool { return slices.Contains(b, c) })
		}
		for _, e := range all {
			has := asked[e.ID]
			fits := q.Scopes == nil || slices.ContainsFunc(*q.Scopes, func(s Scope) bool {
				return one(s.Categories, has[ByCategory]) && one(s.Tags, has[ByTag]) && (len(s.Providers) == 0 || slices.Contains(s.Providers, e.ProviderOrg))
			})
			if !fits || q.Provider != 0 && q.Provider != e.ProviderOrg || q.Text != "" && e.fields[fieldName] == "追溯" {
				continue
			}
			var failed []Facet
			for _, f := range Facets {
				if !one(q.Codes[f.Facet], has[f.Facet]) {
					failed = append(failed, f.Facet)
				}
			}
			for f, list := range has {
				if len(failed) == 0 || len(failed) == 1 && failed[0] == f {
					for _, c := range list {
						counts[string(f)+" "+c]++
					}
				}
			}
			if len(failed) == 0 {
				kept = append(kept, e)
			}
		}
		slices.SortFunc(kept, func(a, b *entry) int {
			l, r := rowOf(&a.Card, 0), rowOf(&b.Card, 0)
			return q.Sort.compare(&l, &r)
		})
		got := x.search(q, p)
		want := []id.ID{}
		for i := (p.Page - 1) * p.Size; i < min(p.Page*p.Size, len(kept)); i++ {
			want = append(want, kept[i].ID)
		}
		ids := []id.ID{}
		for _, c := range got.Items {
			ids = append(ids, c.ID)
		}
		figures := map[string]int{}
		for f, list := range got.Facets {
			for _, c := range list {
				figures[string(f)+" "+c.Code] = c.Count
			}
		}
		if got.Total != int64(len(kept)) || !slices.Equal(ids, want) || fmt.Sprint(figures) != fmt.Sprint(counts) {
			t.Fatalf("round %d, %+v %+v:\n%d %v %v, want\n%d %v %v", round, q, p, got.Total, ids, figures, len(kept), want, counts)
		}
	}
}
