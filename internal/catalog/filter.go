package catalog

import (
	"slices"
	"strings"

	"smedx/internal/codelist"
	"smedx/internal/kit/id"
)

// Facet is one thing to filter by.
type Facet string

// The filters. Their codes come from the code list of the same line.
const (
	ByTag      Facet = "tag"      // 标签
	ByCategory Facet = "category" // 方案分类
	ByIndustry Facet = "industry" // 适用行业
	ByRegion   Facet = "region"   // 地区
	ByPrice    Facet = "price"    // 价格
	ByWay      Facet = "way"      // 购买方式
	ByKind     Facet = "kind"     // 发布类型
)

// Facets lists every filter with its code list.
var Facets = []struct {
	Facet Facet
	List  string
}{
	{ByTag, "tag"}, {ByCategory, "solution_class"}, {ByIndustry, codelist.Industry},
	{ByRegion, codelist.Region}, {ByPrice, "price_range"}, {ByWay, "purchase_mode"}, {ByKind, "publish_type"},
}

// withAny are the offerings that have one of the codes of a filter.
func (x *index) withAny(f Facet, codes []string) set {
	out := make(set, len(x.live))
	for _, c := range codes {
		if n, ok := x.numbers[string(f)+" "+c]; ok {
			out.add(x.codes[n].slots)
		}
	}
	return out
}

// ofSellers are the offerings of these providers.
func (x *index) ofSellers(orgs ...id.ID) set {
	out := make(set, len(x.live))
	for _, o := range orgs {
		if no, ok := x.sellerNo[o]; ok {
			for _, slot := range x.sellers[no].slots {
				out = out.with(int(slot))
			}
		}
	}
	return out
}

// fitting are the offerings that one of the scopes fits.
func (x *index) fitting(scopes []Scope) set {
	out := make(set, len(x.live))
	for _, s := range scopes {
		one := slices.Clone(x.live)
		for facet, codes := range map[Facet][]string{ByCategory: s.Categories, ByIndustry: s.Industries, ByTag: s.Tags} {
			if len(codes) > 0 {
				one.keep(x.withAny(facet, codes))
			}
		}
		if len(s.Providers) > 0 {
			one.keep(x.ofSellers(s.Providers...))
		}
		out.add(one)
	}
	return out
}

// narrow keeps what passes every filter, and counts for each code how many
// offerings it would leave: those that pass the filters of the other facets.
func (x *index) narrow(found set, q Query) (kept set, counts []int) {
	found = slices.Clone(found)
	if q.Provider != 0 {
		found.keep(x.ofSellers(q.Provider))
	}
	if q.Scopes != nil {
		found.keep(x.fitting(*q.Scopes))
	}
	asked := make([]set, len(Facets)) // nil where nothing is asked
	for i, f := range Facets {
		if codes := q.Codes[f.Facet]; len(codes) > 0 {
			asked[i] = x.withAny(f.Facet, codes)
		}
	}
	passing := func(but int) set {
		out := slices.Clone(found)
		for i, s := range asked {
			if s != nil && i != but {
				out.keep(s)
			}
		}
		return out
	}
	kept = passing(-1)
	keptParts := kept.parts()
	counted := make([][]part, len(Facets)) // what the codes of a facet are counted in
	for i := range Facets {
		counted[i] = keptParts
		if asked[i] != nil {
			counted[i] = passing(i).parts()
		}
	}
	counts = make([]int, len(x.codes))
	for n, c := range x.codes {
		if c.count > 0 {
			counts[n] = c.slots.common(counted[c.facet])
		}
	}
	return kept, counts
}

func (x *index) facets(counts []int) map[Facet][]FacetCount {
	out := map[Facet][]FacetCount{}
	for n, count := range counts {
		if count > 0 {
			f := Facets[x.codes[n].facet].Facet
			out[f] = append(out[f], FacetCount{x.codes[n].code, count})
		}
	}
	for _, list := range out {
		slices.SortFunc(list, func(a, b FacetCount) int { return strings.Compare(a.Code, b.Code) })
	}
	return out
}
