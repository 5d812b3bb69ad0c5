package voucher

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/org"
)

// Filter narrows lists of vouchers of all companies; zero values do not narrow.
type Filter struct {
	VoucherID                               id.ID
	BudgetID, CampaignID, CampaignVoucherID id.ID
	OrgIDs                                  []id.ID // nil: of any company
	Company                                 string  // part of its name, or its credit code
	Region                                  string  // code; everything below it counts
	Status                                  Status  // as pages show it, which do not wait for the sweep
	Waiting                                 bool    // a revocation waits for the second person
}

// few is how many vouchers of one index are looked at one by one for what the other
// knows: one has them by campaign and state, one by company.
var few int64 = 20_000

type cond = page.Cond

// loose lets no index be chosen by what is asked of a column: both engines read + before it.
func loose(c cond) cond {
	return cond{SQL: strings.NewReplacer("v.campaign_id", "+v.campaign_id", "v.org_id", "+v.org_id").Replace(c.SQL), Args: c.Args}
}

// finder is a filter as conditions.
type finder struct {
	numbers   cond   // by their own numbers
	campaigns cond   // by campaign
	states    []cond // each one state; nil: any
	others    []cond // all other states
	orgs      cond   // by company
	each      cond   // what no index knows
}

var statuses = []Status{Active, Exhausted, Frozen, Expired, Revoked}

func (f Filter) finder(now clock.Instant) finder {
	var w finder
	if f.VoucherID != 0 {
		w.numbers = cond{SQL: "v.id = ?", Args: []any{f.VoucherID}}
	}
	if f.Waiting {
		w.numbers = w.numbers.And(cond{SQL: "v.id IN (SELECT r.voucher_id FROM voucher_revocations AS r WHERE r.status = ?)", Args: []any{Proposed}})
	}
	switch {
	case f.CampaignID != 0:
		w.campaigns = cond{SQL: "v.campaign_id = ?", Args: []any{f.CampaignID}}
	case f.CampaignVoucherID != 0:
		w.campaigns = cond{SQL: "v.campaign_id IN (SELECT campaign_id FROM campaign_vouchers WHERE id = ?)", Args: []any{f.CampaignVoucherID}}
	case f.BudgetID != 0:
		w.campaigns = cond{SQL: "v.campaign_id IN (SELECT id FROM campaigns WHERE budget_id = ?)", Args: []any{f.BudgetID}}
	}
	if f.CampaignVoucherID != 0 {
		w.each = cond{SQL: "v.campaign_voucher_id = ?", Args: []any{f.CampaignVoucherID}}
	}
	if f.OrgIDs != nil {
		w.orgs = cond{SQL: "v.org_id IN (?)", Args: []any{in(append(f.OrgIDs, 0))}}
	}
	if f.Company != "" {
		sql, args := org.Named(f.Company)
		w.orgs = w.orgs.And(cond{SQL: "v.org_id IN (SELECT id FROM organizations WHERE " + sql + ")", Args: args})
	}
	if f.Region != "" {
		sql, args := org.Within(f.Region)
		w.orgs = w.orgs.And(cond{SQL: "v.org_id IN (SELECT id FROM organizations WHERE " + sql + ")", Args: args})
	}
	if f.Status == "" {
		return w
	}
	put := func(shown Status, c cond) {
		if shown == f.Status {
			w.states = append(w.states, c)
		} else {
			w.others = append(w.others, c)
		}
	}
	for _, s := range statuses {
		if s != Active {
			put(s, cond{SQL: "v.status = ?", Args: []any{s}})
		}
	}
	put(Active, cond{SQL: "v.status = ? AND v.expires_at > ?", Args: []any{Active, now}})
	put(Expired, cond{SQL: "v.status = ? AND v.expires_at <= ?", Args: []any{Active, now}})
	return w
}

// all is what is asked, for vouchers that are looked at one by one.
func (w finder) all() cond {
	c := w.numbers.And(loose(w.campaigns), w.each)
	if len(w.states) > 0 {
		c = c.And(page.Or(w.states...))
	}
	// A company is looked up for each voucher: the walk ends long before it has met all.
	orgs := w.orgs
	orgs.SQL = strings.ReplaceAll(orgs.SQL, "v.org_id IN (SELECT id FROM organizations WHERE ", "EXISTS (SELECT 1 FROM organizations WHERE id = v.org_id AND ")
	return c.And(loose(orgs))
}

// byCampaign finds vouchers by campaign and state. An index of campaigns first needs
// every campaign named to find a state.
func (w finder) byCampaign(states []cond, more cond) cond {
	if len(states) == 0 {
		states = []cond{{}}
	}
	campaigns := w.campaigns
	if campaigns.SQL == "" {
		campaigns.SQL = "v.campaign_id IN (SELECT id FROM campaigns)"
	}
	var out cond
	for i, s := range states {
		c := campaigns.And(s, w.each, loose(more))
		if i > 0 {
			out.SQL += " UNION ALL "
		}
		out.SQL += "SELECT v.id FROM vouchers v WHERE " + c.SQL
		out.Args = append(out.Args, c.Args...)
	}
	return out
}

// byCompany finds vouchers by company.
func (w finder) byCompany(more cond) cond {
	c := w.orgs.And(loose(more))
	return cond{SQL: "SELECT v.id FROM vouchers v WHERE " + c.SQL, Args: c.Args}
}

// byKeys is what is asked besides companies.
func (w finder) byKeys() cond {
	c := w.campaigns.And(w.each)
	if len(w.states) > 0 {
		c = c.And(page.Or(w.states...))
	}
	return c
}

func areFew(ctx context.Context, r db.Reader, c cond) (bool, error) {
	n, err := page.Count(ctx, r, cond{SQL: c.SQL + ` LIMIT ?`, Args: c.With(few + 1)})
	return n <= few, err
}

// count counts what is asked, and answers the statement that finds it when it is to
// be sorted; none when vouchers are best met in the order of their numbers.
func (w finder) count(ctx context.Context, r db.Reader) (total int64, found cond, err error) {
	keys := w.byKeys()
	switch {
	case w.numbers.SQL != "":
		all := w.all()
		found = cond{SQL: "SELECT v.id FROM vouchers v WHERE " + all.SQL, Args: all.Args}
	case w.orgs.SQL == "" && keys.SQL == "":
		err = r.Raw(`SELECT COUNT(*) FROM vouchers`).Scan(ctx, &total)
		return total, found, err
	case w.orgs.SQL == "":
		found = w.byCampaign(w.states, cond{})
	case keys.SQL == "":
		found = w.byCompany(cond{})
	default:
		return w.countBoth(ctx, r, keys)
	}
	total, err = page.Count(ctx, r, found)
	return total, found, err
}

// countBoth asks the index that knows of fewer, or counts what is not asked for.
func (w finder) countBoth(ctx context.Context, r db.Reader, keys cond) (total int64, found cond, err error) {
	found = w.byCompany(keys)
	small, err := areFew(ctx, r, w.byCompany(cond{}))
	if err != nil || small {
		return w.counted(ctx, r, found, err)
	}
	if small, err = areFew(ctx, r, w.byCampaign(w.states, cond{})); err != nil || small {
		return w.counted(ctx, r, w.byCampaign(w.states, w.orgs), err)
	}
	if w.campaigns.SQL == "" {
		small, err = areFew(ctx, r, w.byCampaign(w.others, cond{}))
	}
	if err != nil || !small {
		return w.counted(ctx, r, found, err)
	}
	total, _, err = w.counted(ctx, r, w.byCompany(cond{}), nil)
	other, _, err := w.counted(ctx, r, w.byCampaign(w.others, w.orgs), err)
	return total - other, found, err
}

func (w finder) counted(ctx context.Context, r db.Reader, found cond, failed error) (total int64, _ cond, err error) {
	if failed != nil {
		return 0, found, failed
	}
	total, err = page.Count(ctx, r, found)
	return total, found, err
}

// Page answers the numbers of vouchers on one page of a list, the newest first, and how many there are.
func (f Filter) Page(ctx context.Context, r db.Reader, p page.Query) (ids []id.ID, total int64, err error) {
	w := f.finder(clock.At(r.Now()))
	total, found, err := w.count(ctx, r)
	if err != nil || total == 0 {
		return nil, total, err
	}
	list := page.Newest{Table: "vouchers", Columns: "campaign_id, campaign_voucher_id, org_id, status, expires_at", Match: w.all(), Found: found}
	if w.orgs.SQL != "" && total > few { // they are met sooner than sorted
		list.Found = cond{}
	}
	ids, err = list.IDs(ctx, r, total, p)
	return ids, total, err
}

// Below is the condition for the vouchers (v) of a filter with numbers below one, for
// whoever reads them all in the order of their numbers.
func (f Filter) Below(now clock.Instant, below id.ID) (sql string, args []any) {
	c := cond{SQL: "v.id < ?", Args: []any{below}}.And(f.finder(now).all())
	return c.SQL, c.Args
}

// All lists vouchers of every company for the staff, newest first.
func (s *Service) All(ctx context.Context, f Filter, p page.Query) (list []Voucher, total int64, err error) {
	ids, total, err := f.Page(ctx, s.db, p)
	if err != nil || len(ids) == 0 {
		return nil, total, err
	}
	err = selectVouchers(s.db, &list).Where("v.id IN (?)", bun.List(ids)).OrderExpr("v.id DESC").Scan(ctx)
	return list, total, err
}

// HoldsOf lists what orders hold or took of a voucher, newest first.
func (s *Service) HoldsOf(ctx context.Context, r db.Reader, voucherID id.ID) (list []Hold, err error) {
	err = r.Select(&list).Where("h.voucher_id = ?", voucherID).Order("h.id DESC").Limit(100).Scan(ctx)
	return list, err
}
