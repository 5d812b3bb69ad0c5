package catalog

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"smedx/internal/codelist"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
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
	ByKind     Facet = "kind"     // 发布类型
)

// Facets lists every filter with its code list.
var Facets = []struct {
	Facet Facet
	List  string
}{
	{ByTag, "tag"}, {ByCategory, "solution_class"}, {ByIndustry, codelist.Industry},
	{ByRegion, codelist.Region}, {ByPrice, "price_range"}, {ByKind, "publish_type"},
}

// priceRanges are the steps of the price filter, by the lowest price; to is exclusive.
var priceRanges = []struct {
	code     string
	from, to money.Fen
}{
	{"free", 0, 1}, {"r1", 1, 100_000}, {"r2", 100_000, 1_000_000}, {"r3", 1_000_000, 5_000_000},
	{"r4", 5_000_000, 20_000_000}, {"r5", 20_000_000, money.MaxUnitPrice + 1},
}

// Query is what a buyer asks the catalogue. Codes of one facet are alternatives,
// facets narrow each other.
type Query struct {
	Text     string
	Codes    map[Facet][]string
	Provider id.ID
	Sort     Sort
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

	Facets map[Facet][]FacetCount
}

// syncEvery is how often a process looks for changes that another one made.
const syncEvery = time.Second

// follower keeps an index in step with the database.
type follower struct {
	mu      sync.Mutex
	seen    int64
	checked time.Time
	stale   bool
}

// Search finds listed offerings.
func (s *Service) Search(ctx context.Context, q Query, p page.Query) (Result, error) {
	if err := s.sync(ctx); err != nil {
		return Result{}, err
	}
	found := s.index.find(q.Text)
	if q.Provider != 0 {
		found = slices.DeleteFunc(found, func(h hit) bool { return h.ProviderOrg != q.Provider })
	}
	out := Result{Facets: countFacets(found, q.Codes)}
	found = slices.DeleteFunc(found, func(h hit) bool { return !matches(h.entry, q.Codes, "") })
	q.Sort.apply(found)
	out.Total = int64(len(found))
	out.Items = []Card{}
	for _, h := range cut(found, p) {
		out.Items = append(out.Items, h.Card)
	}
	return out, nil
}

func cut(found []hit, p page.Query) []hit {
	size := p.Size
	if size < 1 || size > 100 {
		size = 20
	}
	from := min(len(found), (max(1, p.Page)-1)*size)
	return found[from:min(len(found), from+size)]
}

// matches says whether an entry passes all filters but one.
func matches(e *entry, asked map[Facet][]string, except Facet) bool {
	for facet, codes := range asked {
		if facet == except || len(codes) == 0 {
			continue
		}
		if !slices.ContainsFunc(codes, func(c string) bool { return slices.Contains(e.facets[facet], c) }) {
			return false
		}
	}
	return true
}

func countFacets(found []hit, asked map[Facet][]string) map[Facet][]FacetCount {
	out := map[Facet][]FacetCount{}
	for _, f := range Facets {
		n := map[string]int{}
		for _, h := range found {
			if matches(h.entry, asked, f.Facet) {
				for _, c := range h.facets[f.Facet] {
					n[c]++
				}
			}
		}
		for c, count := range n {
			out[f.Facet] = append(out[f.Facet], FacetCount{c, count})
		}
		slices.SortFunc(out[f.Facet], func(a, b FacetCount) int { return strings.Compare(a.Code, b.Code) })
	}
	return out
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

// Featured are the cards of the home page: what sells and is liked, no more than
// two of one provider.
func (s *Service) Featured(ctx context.Context, want int) ([]Card, error) {
	if err := s.sync(ctx); err != nil {
		return nil, err
	}
	found := s.index.find("")
	Best.apply(found)
	of := map[id.ID]int{}
	var first, rest []Card
	for _, h := range found {
		if of[h.ProviderOrg]++; of[h.ProviderOrg] <= 2 {
			first = append(first, h.Card)
		} else {
			rest = append(rest, h.Card)
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
	of := map[id.ID]bool{}
	found := s.index.find("")
	for _, h := range found {
		of[h.ProviderOrg] = true
	}
	return Figures{len(found), len(of)}, nil
}

// changed marks an offering for every process that holds an index. The version
// row is locked until the commit, so versions appear in order.
func (s *Service) changed(ctx context.Context, tx *db.Tx, offeringID id.ID) error {
	if _, err := tx.Exec(ctx, `UPDATE versions SET value = value + 1 WHERE name = 'catalog'`); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE offerings SET index_version = (SELECT value FROM versions WHERE name = 'catalog') WHERE id = ?`, offeringID)
	tx.OnCommit(func() {
		s.follow.mu.Lock()
		s.follow.stale = true
		s.follow.mu.Unlock()
	})
	return err
}

// Refresh reads an offering into the index again although it did not change:
// when its provider's name or verification did.
func (s *Service) Refresh(ctx context.Context, tx *db.Tx, orgID id.ID) error {
	var ids []id.ID
	err := tx.Raw(`SELECT id FROM offerings WHERE org_id = ? AND live_revision <> 0`, orgID).Scan(ctx, &ids)
	for _, o := range ids {
		if err == nil {
			err = s.changed(ctx, tx, o)
		}
	}
	return err
}

// sync brings the index up to the version row: everything at the start, then
// only what changed.
func (s *Service) sync(ctx context.Context) error {
	f := &s.follow
	f.mu.Lock()
	defer f.mu.Unlock()
	now := s.db.Now()
	if !f.stale && !f.checked.IsZero() && now.Sub(f.checked).Abs() < syncEvery {
		return nil
	}
	var version int64
	if err := s.db.Raw(`SELECT value FROM versions WHERE name = 'catalog'`).Scan(ctx, &version); err != nil {
		return err
	}
	if f.checked.IsZero() || version > f.seen {
		if err := s.load(ctx, f.checked.IsZero(), f.seen); err != nil {
			return err
		}
	}
	f.seen, f.checked, f.stale = version, now, false
	return nil
}

// load reads offerings that changed after a version into the index.
func (s *Service) load(ctx context.Context, all bool, seen int64) error {
	var rows []struct {
		Offering `bun:",extend"`
		Content  string
	}
	q := `SELECT o.id, o.org_id, o.kind, o.status, o.name, o.cover_file, o.listed_at, o.sales, o.score_sum, o.score_count, r.content
		FROM offerings o JOIN revisions r ON r.id = o.live_revision`
	args := []any{}
	if !all {
		q += ` WHERE o.index_version > ?`
		args = append(args, seen)
	}
	if err := s.db.Raw(q, args...).Scan(ctx, &rows); err != nil {
		return err
	}
	orgs := []id.ID{}
	for _, r := range rows {
		orgs = append(orgs, r.OrgID)
	}
	slices.Sort(orgs)
	companies, err := s.companies.Companies(ctx, s.db, slices.Compact(orgs)...)
	if err != nil {
		return err
	}
	for _, r := range rows {
		company := companies[r.OrgID]
		if r.Status != Listed || !company.Verified {
			s.index.remove(r.ID)
			continue
		}
		c, err := decode(Revision{Content: r.Content})
		if err != nil {
			return err
		}
		s.index.put(s.entry(r.Offering, c, company))
	}
	return nil
}

func (s *Service) entry(o Offering, c Content, company Company) *entry {
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
		ByKind:     {string(o.Kind)},
	}
	var words []string
	for list, codes := range map[string][]string{"tag": c.Tags, "solution_class": e.facets[ByCategory], codelist.Industry: e.facets[ByIndustry]} {
		for _, code := range codes {
			words = append(words, codelist.Label(list, code))
		}
	}
	texts := append([]string{c.Page.Banner.Intro, plainText.Sanitize(c.Page.Description)}, c.Page.Highlights...)
	e.fields = [4]string{
		fold(c.Name), fold(c.Product + " " + strings.Join(words, " ")), fold(company.Name + " " + company.City), fold(strings.Join(texts, " ")),
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
