package voucher

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"smedx/internal/fund"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// Outline is a campaign as far as it decides who may claim and what that costs.
type Outline struct {
	Budget   id.ID // whose rest is shown; 0: not chosen yet
	PerOrg   int64
	Rules    Rules
	Vouchers []OutlineVoucher
}

// issuedOf is what was issued of a voucher already.
type issuedOf struct {
	all   int64
	taken int64 // by companies that still qualify, each at most what it may have
}

// OutlineVoucher is a voucher of an outline.
type OutlineVoucher struct {
	ID        id.ID // of a campaign that exists; 0: nothing was issued
	FaceValue money.Fen
	Quota     int64
}

// Simulation says what a campaign would mean for the companies of today.
type Simulation struct {
	Companies int64      // verified now
	Funnel    []RuleStep // in the order in which the rules are explained
	Qualified int64
	Quota     int64
	Issued    int64     // vouchers that companies have already
	Issuable  int64     // further ones, if every company that qualifies takes all it still may
	Spend     money.Fen // of the further ones at face value
	Regions   []Share   // most companies first
	Sizes     []Share   // from micro to large
	Budget    *Rest     // of the chosen budget
}

// Rest is what a campaign leaves of its budget.
type Rest struct {
	Name   string
	Before money.Fen // what campaigns may take of it now
	Takes  money.Fen // what the approval takes of it: the quota at face value, less what was taken before
	After  money.Fen // below zero: the campaign cannot be approved
}

// RuleStep is one rule, and how many of those who met the rules before miss it.
type RuleStep struct {
	Rule   RuleCode `json:"rule" enum:"verified,size,region,industry"`
	Missed int64    `json:"missed"`
	Left   int64    `json:"left" doc:"Companies that meet this rule and those before it"`
}

// Share is a group of companies, and how many of it qualify.
type Share struct {
	Code      string `json:"code"`
	Companies int64  `json:"companies"`
	Qualified int64  `json:"qualified"`
}

const (
	simulateAtOnce = 2000 // companies in one query
	simulateGroups = 10   // regions that are told apart: cities, else provinces
)

// Simulate asks the rules of an outline about every company that is verified
// now. It writes nothing.
func (s *Service) Simulate(ctx context.Context, in Outline) (Simulation, error) {
	if err := in.check(); err != nil {
		return Simulation{}, err
	}
	t := newTally(in.Rules)
	var after id.ID
	for {
		some, last, err := s.companies.VerifiedAfter(ctx, s.db, after, simulateAtOnce)
		if err != nil {
			return Simulation{}, err
		}
		for _, c := range some {
			t.add(c)
		}
		if len(some) < simulateAtOnce {
			return s.simulated(ctx, in, t)
		}
		after = last
	}
}

func (s *Service) simulated(ctx context.Context, in Outline, t *tally) (Simulation, error) {
	had, err := s.issuedSoFar(ctx, in)
	if err != nil {
		return Simulation{}, err
	}
	out := t.result(in, had)
	if in.Budget != 0 {
		out.Budget, err = s.restOf(ctx, in)
	}
	return out, err
}

// restOf sets the vouchers of an outline against the rest of its budget. What an
// approved campaign has is taken already.
func (s *Service) restOf(ctx context.Context, in Outline) (*Rest, error) {
	b, err := fund.Find(ctx, s.db, in.Budget)
	if err != nil {
		return nil, err
	}
	out := Rest{Name: b.Name, Before: b.Available()}
	var known []id.ID
	for _, v := range in.Vouchers {
		out.Takes += v.FaceValue * money.Fen(v.Quota)
		known = append(known, v.ID)
	}
	var taken money.Fen
	err = s.db.Raw(`
		SELECT CAST(COALESCE(SUM(cv.face_value_fen * cv.quota), 0) AS BIGINT) FROM campaign_vouchers cv JOIN campaigns c ON c.id = cv.campaign_id
		WHERE cv.id IN (?) AND c.budget_id = ? AND c.status NOT IN (?, ?, ?)`, bun.List(append(known, 0)), b.ID, Draft, Pending, Canceled).Scan(ctx, &taken)
	out.Takes -= taken
	out.After = out.Before - out.Takes
	return &out, err
}

// issuedSoFar counts what companies have of the vouchers of an outline.
func (s *Service) issuedSoFar(ctx context.Context, in Outline) (map[id.ID]issuedOf, error) {
	out := map[id.ID]issuedOf{}
	var vouchers []id.ID
	for _, v := range in.Vouchers {
		if v.ID != 0 {
			vouchers = append(vouchers, v.ID)
		}
	}
	if len(vouchers) == 0 {
		return out, nil
	}
	var rows []struct {
		CampaignVoucherID, OrgID id.ID
		N                        int64
	}
	err := s.db.Raw(`
		SELECT campaign_voucher_id, org_id, COUNT(*) AS n FROM vouchers WHERE campaign_voucher_id IN (?)
		GROUP BY campaign_voucher_id, org_id ORDER BY org_id`, bun.List(vouchers)).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(rows, simulateAtOnce) {
		orgs := make([]id.ID, 0, len(part))
		for _, row := range part {
			orgs = append(orgs, row.OrgID)
		}
		companies, err := s.companies.Companies(ctx, s.db, orgs...)
		if err != nil {
			return nil, err
		}
		for _, row := range part {
			one := out[row.CampaignVoucherID]
			one.all += row.N
			if in.Rules.refusal(companies[row.OrgID]) == nil {
				one.taken += min(row.N, in.PerOrg)
			}
			out[row.CampaignVoucherID] = one
		}
	}
	return out, nil
}

func (o *Outline) check() error {
	var bad errs.Fields
	if o.PerOrg < 1 || o.PerOrg > maxPerOrg {
		bad.Add("/perOrg", "field.out_of_range", "min", 1, "max", maxPerOrg)
	}
	o.Rules.check(&bad)
	if len(o.Vouchers) > maxVouchers {
		bad.Add("/vouchers", "field.too_many", "max", maxVouchers)
	}
	for i, v := range o.Vouchers {
		at := "/vouchers/" + strconv.Itoa(i)
		if v.Quota < 0 || v.Quota > maxQuota {
			bad.Add(at+"/quota", "field.out_of_range", "min", 0, "max", maxQuota)
		}
		if v.FaceValue < 0 || v.FaceValue > maxFace {
			bad.Add(at+"/faceValueFen", "field.money_range", "min", money.Fen(0), "max", maxFace)
		}
	}
	return bad.Err()
}

// tally counts companies one by one, by the rules that judge claims.
type tally struct {
	rules          Rules
	all, qualified int64
	missed         map[RuleCode]int64
	regions, sizes map[string]*Share
}

func newTally(r Rules) *tally {
	return &tally{rules: r, missed: map[RuleCode]int64{}, regions: map[string]*Share{}, sizes: map[string]*Share{}}
}

func (t *tally) add(c Company) {
	t.all++
	fits := t.rules.refusal(c) == nil
	if fits {
		t.qualified++
	} else {
		for _, a := range t.rules.Explain(c) {
			if !a.Met {
				t.missed[a.Rule]++
				break
			}
		}
	}
	count(t.regions, cityOf(c.RegionCode), fits)
	count(t.sizes, c.Size, fits)
}

func count(groups map[string]*Share, code string, fits bool) {
	g := groups[code]
	if g == nil {
		g = &Share{Code: code}
		groups[code] = g
	}
	g.Companies++
	if fits {
		g.Qualified++
	}
}

// cityOf is the city of a region code: 440305 lies in 440300.
func cityOf(code string) string {
	if len(code) != 6 {
		return ""
	}
	return code[:4] + "00"
}

// provincesOf sums cities, where there are too many to tell apart.
func provincesOf(cities map[string]*Share) map[string]*Share {
	out := map[string]*Share{}
	for code, g := range cities {
		if code != "" {
			code = code[:2] + "0000"
		}
		p := out[code]
		if p == nil {
			p = &Share{Code: code}
			out[code] = p
		}
		p.Companies += g.Companies
		p.Qualified += g.Qualified
	}
	return out
}

func (t *tally) result(in Outline, had map[id.ID]issuedOf) Simulation {
	out := Simulation{Companies: t.all, Qualified: t.qualified, Funnel: []RuleStep{}, Regions: []Share{}, Sizes: []Share{}}
	left := t.all
	for _, a := range in.Rules.Explain(Company{}) {
		left -= t.missed[a.Rule]
		out.Funnel = append(out.Funnel, RuleStep{a.Rule, t.missed[a.Rule], left})
	}
	for _, v := range in.Vouchers {
		n := max(0, min(v.Quota-had[v.ID].all, t.qualified*in.PerOrg-had[v.ID].taken))
		out.Quota += v.Quota
		out.Issued += had[v.ID].all
		out.Issuable += n
		out.Spend += v.FaceValue * money.Fen(n)
	}
	regions := t.regions
	if len(regions) > simulateGroups {
		regions = provincesOf(regions)
	}
	for _, g := range regions {
		out.Regions = append(out.Regions, *g)
	}
	slices.SortFunc(out.Regions, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Companies, a.Companies), cmp.Compare(a.Code, b.Code))
	})
	if len(out.Regions) > simulateGroups {
		rest := Share{Code: "other"}
		for _, g := range out.Regions[simulateGroups-1:] {
			rest.Companies += g.Companies
			rest.Qualified += g.Qualified
		}
		out.Regions = append(out.Regions[:simulateGroups-1], rest)
	}
	known := slices.Clone(sizes)
	for code := range t.sizes {
		if !slices.Contains(known, code) {
			known = append(known, code)
		}
	}
	slices.Sort(known[len(sizes):])
	for _, code := range known {
		if g := t.sizes[code]; g != nil {
			out.Sizes = append(out.Sizes, *g)
		}
	}
	return out
}
