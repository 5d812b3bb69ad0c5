package catalog

import (
	"slices"
	"strings"

	"smedx/internal/codelist"
	"smedx/internal/kit/money"
)

// priceRanges are the steps of the price filter, by the lowest price; to is exclusive.
var priceRanges = []struct {
	code     string
	from, to money.Fen
}{
	{"free", 0, 1}, {"r1", 1, 100_000}, {"r2", 100_000, 1_000_000}, {"r3", 1_000_000, 5_000_000},
	{"r4", 5_000_000, 20_000_000}, {"r5", 20_000_000, money.MaxUnitPrice + 1},
}

// listedContent is of a Content what the index keeps.
type listedContent struct {
	Name       string   `json:"name"`
	Product    string   `json:"product"`
	Tags       []string `json:"tags"`
	Categories []string `json:"categories"`
	Industries []string `json:"industries"`
	Page       struct {
		Banner struct {
			Intro string `json:"intro"`
		} `json:"banner"`
		Highlights  []string `json:"highlights"`
		Description string   `json:"description"`
	} `json:"page"`
	Plans []Plan `json:"plans"`
}

// entry makes one; said is how the company's name sounds.
func (c *listedContent) entry(o Offering, company Company, said string) *entry {
	e := &entry{Card: Card{
		ID: o.ID, Kind: o.Kind, Name: o.Name, Intro: c.Page.Banner.Intro, CoverFile: o.CoverFile, ProviderOrg: o.OrgID,
		Provider: company.Name, City: company.City, Tags: c.Tags, Categories: c.Categories, Industries: c.Industries,
		Sales: o.Sales, ScoreSum: o.ScoreSum, ScoreCount: o.ScoreCount, ListedAt: o.ListedAt,
	}}
	e.PriceFrom, e.PriceUnit, e.OnePlan = cheapest(c.Plans)
	e.facets = map[Facet][]string{
		ByTag:      c.Tags,
		ByCategory: expand("solution_class", c.Categories),
		ByIndustry: expand(codelist.Industry, c.Industries),
		ByRegion:   regions(company.RegionCode),
		ByPrice:    {priceRange(e.PriceFrom)},
		ByWay:      ways(c.Plans),
		ByKind:     {string(o.Kind)},
	}
	var words []string
	for list, codes := range map[string][]string{"tag": c.Tags, "solution_class": e.facets[ByCategory], codelist.Industry: e.facets[ByIndustry]} {
		for _, code := range codes {
			words = append(words, codelist.Label(list, code))
		}
	}
	texts := append([]string{c.Page.Banner.Intro, textOf(c.Page.Description)}, c.Page.Highlights...)
	e.fields = [fieldCount]string{
		fieldName:     fold(c.Name),
		fieldWords:    fold(c.Product + " " + strings.Join(words, " ")),
		fieldProvider: fold(company.Name + " " + company.City),
		fieldTexts:    fold(strings.Join(texts, " ")),
		fieldSounds:   sounds(c.Name) + " " + said,
	}
	return e
}

// expand adds the groups that codes belong to.
func expand(name string, codes []string) []string {
	var out []string
	list, ok := codelist.Get(name)
	if !ok {
		return codes
	}
	for _, c := range codes {
		for _, item := range list.Path(c) {
			out = append(out, item.Value)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// regions are the province and the city of a six-digit region code.
func regions(code string) []string {
	if len(code) != 6 {
		return nil
	}
	province, city := code[:2]+"0000", code[:4]+"00"
	if city == province {
		return []string{province}
	}
	return []string{province, city}
}

// ways are the codes of purchase_mode that the plans can be bought by.
func ways(plans []Plan) []string {
	var out []string
	for _, p := range plans {
		for _, price := range p.Prices {
			if price.Unit == Unit {
				out = append(out, "quantity")
			} else {
				out = append(out, string(price.Unit))
			}
		}
	}
	return unique(out)
}

func priceRange(f money.Fen) string {
	for _, r := range priceRanges {
		if f >= r.from && f < r.to {
			return r.code
		}
	}
	return ""
}

// cheapest is the lowest price of all plans, and the plan itself when there is
// only one way to buy.
func cheapest(plans []Plan) (from money.Fen, unit BillingUnit, only PlanRef) {
	ways := 0
	for _, p := range plans {
		for i, price := range p.Prices {
			if f := p.priceOf(i); ways == 0 || f < from {
				from, unit = f, price.Unit
			}
			ways++
			only = PlanRef{p.ID, price.Unit}
		}
	}
	if ways != 1 {
		only = PlanRef{}
	}
	return from, unit, only
}
