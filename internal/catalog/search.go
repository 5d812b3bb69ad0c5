package catalog

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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

// syncEvery is how often a process looks for changes that another one made.
const syncEvery = time.Second

// follower keeps an index in step with the database.
type follower struct {
	mu      sync.Mutex   // of whoever brings it up to date
	loaded  bool         // everything was read once
	seen    atomic.Int64 // version that the index shows
	checked atomic.Int64 // when it was right, milliseconds; 0: look again
}

// fresh tells, without waiting for anybody, that the index need not be looked after.
func (f *follower) fresh(now time.Time) bool {
	at := f.checked.Load()
	return at != 0 && now.Sub(time.UnixMilli(at)).Abs() < syncEvery
}

// Version changes with everything that the catalogue shows to everybody.
func (s *Service) Version(ctx context.Context) (int64, error) {
	err := s.sync(ctx)
	return s.follow.seen.Load(), err
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
	words := wordsOf(q.Text)
	found, bySound := x.find(words)
	found, counts := x.narrow(found, q)
	out := Result{Facets: x.facets(counts)}
	out.Total = int64(len(found))
	out.Items = []Card{}
	size := p.Size
	if size < 1 || size > 100 {
		size = 20
	}
	from := (max(1, p.Page) - 1) * size
	for _, h := range q.Sort.page(x, found, from, from+size) {
		out.Items = append(out.Items, x.docs[h.slot].Card)
		if !bySound && h.mask&^(1<<fieldTexts) == 0 && len(words) > 0 {
			out.snip(x.docs[h.slot], words)
		}
	}
	out.mark(words, bySound)
	return out
}

// narrow keeps what passes every filter, and counts for each code how many
// offerings it would leave: those that fail no filter, or only the code's own.
func (x *index) narrow(found []hit, q Query) ([]hit, []int) {
	wanted := make([]uint16, len(x.codes)) // the bit of the facet that asks for a code
	facetBit := make([]uint16, len(x.codes))
	var asked uint16
	for i, f := range Facets {
		if len(q.Codes[f.Facet]) > 0 {
			asked |= 1 << i
		}
		for _, c := range q.Codes[f.Facet] {
			if n, ok := x.numbers[string(f.Facet)+" "+c]; ok {
				wanted[n] = 1 << i
			}
		}
	}
	for n, c := range x.codes {
		facetBit[n] = 1 << c.facet
	}
	fits := x.fitting(q.Scopes)
	counts := make([]int, len(x.codes))
	kept := found[:0]
	for _, h := range found {
		r := &x.rows[h.slot]
		if q.Provider != 0 && r.provider != q.Provider || !fits(r) {
			continue
		}
		missing := asked
		if asked != 0 {
			for _, c := range r.codes {
				missing &^= wanted[c]
			}
		}
		switch {
		case missing == 0:
			for _, c := range r.codes {
				counts[c]++
			}
			kept = append(kept, h)
		case missing&(missing-1) == 0:
			for _, c := range r.codes {
				if facetBit[c] == missing {
					counts[c]++
				}
			}
		}
	}
	return kept, counts
}

// fitting tells what one of the scopes fits.
func (x *index) fitting(scopes *[]Scope) func(*row) bool {
	if scopes == nil {
		return func(*row) bool { return true }
	}
	type set struct {
		lists     []map[uint32]bool
		providers []id.ID
	}
	var sets []set
	for _, s := range *scopes {
		one := set{providers: s.Providers}
		for facet, codes := range map[Facet][]string{ByCategory: s.Categories, ByIndustry: s.Industries, ByTag: s.Tags} {
			if len(codes) == 0 {
				continue
			}
			numbers := map[uint32]bool{}
			for _, c := range codes {
				if n, ok := x.numbers[string(facet)+" "+c]; ok {
					numbers[n] = true
				}
			}
			one.lists = append(one.lists, numbers)
		}
		sets = append(sets, one)
	}
	return func(r *row) bool {
		return slices.ContainsFunc(sets, func(s set) bool {
			for _, numbers := range s.lists {
				if !slices.ContainsFunc(r.codes, func(c uint32) bool { return numbers[c] }) {
					return false
				}
			}
			return len(s.providers) == 0 || slices.Contains(s.providers, r.provider)
		})
	}
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
				eachGram(w, func(g gram) { r.Marks = append(r.Marks, string(g[:])) })
			}
		}
	}
	slices.Sort(r.Marks)
	r.Marks = slices.Compact(r.Marks)
}

// snip cuts the place out of the texts that has the first word.
func (r *Result) snip(e *entry, words []string) {
	text := e.fields[fieldTexts]
	i := strings.Index(text, words[0])
	if i < 0 || strings.Contains(fold(e.Intro), words[0]) {
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
	r.Snippets[e.ID] = snippet
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
	x := s.index
	x.mu.RLock()
	defer x.mu.RUnlock()
	found, _ := x.find(nil)
	of := map[id.ID]int{}
	var first, rest []Card
	for _, h := range Best.page(x, found, 0, max(fewEnough, want)) {
		c := x.docs[h.slot].Card
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
	of := map[id.ID]bool{}
	for i := range s.index.rows {
		if r := &s.index.rows[i]; r.id != 0 {
			of[r.provider] = true
		}
	}
	return Figures{len(s.index.slots), len(of)}, nil
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
	for _, i := range x.bySeller[orgID] {
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

// changed marks an offering for every process that holds an index. The version
// row is locked until the commit, so versions appear in order.
func (s *Service) changed(ctx context.Context, tx *db.Tx, offeringID id.ID) error {
	if _, err := tx.Exec(ctx, `UPDATE versions SET value = value + 1 WHERE name = 'catalog'`); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE offerings SET index_version = (SELECT value FROM versions WHERE name = 'catalog') WHERE id = ?`, offeringID)
	tx.OnCommit(func() {
		s.follow.mu.Lock()
		s.follow.checked.Store(0)
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
	f, now := &s.follow, s.db.Now()
	if f.fresh(now) {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fresh(now) { // by the one before
		return nil
	}
	var version int64
	if err := s.db.Raw(`SELECT value FROM versions WHERE name = 'catalog'`).Scan(ctx, &version); err != nil {
		return err
	}
	if !f.loaded || version > f.seen.Load() {
		if err := s.load(ctx, !f.loaded, f.seen.Load()); err != nil {
			return err
		}
	}
	f.loaded = true
	f.seen.Store(version)
	f.checked.Store(now.UnixMilli())
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
	s.index.meet(companies)
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
		ByWay:      ways(c.Plans),
		ByKind:     {string(o.Kind)},
	}
	var words []string
	for list, codes := range map[string][]string{"tag": c.Tags, "solution_class": e.facets[ByCategory], codelist.Industry: e.facets[ByIndustry]} {
		for _, code := range codes {
			words = append(words, codelist.Label(list, code))
		}
	}
	texts := append([]string{c.Page.Banner.Intro, plainText.Sanitize(c.Page.Description)}, c.Page.Highlights...)
	e.fields = [fieldCount]string{
		fieldName:     fold(c.Name),
		fieldWords:    fold(c.Product + " " + strings.Join(words, " ")),
		fieldProvider: fold(company.Name + " " + company.City),
		fieldTexts:    fold(strings.Join(texts, " ")),
		fieldSounds:   sounds(c.Name) + " " + sounds(company.Name),
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
