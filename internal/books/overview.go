package books

import (
	"cmp"
	"context"
	"slices"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/ledger"
)

// Scope is what an overview is about: everything, a budget, or a campaign.
type Scope struct {
	BudgetID, CampaignID id.ID
}

// Row is one budget, campaign or campaign voucher with where its money is.
type Row struct {
	ID        id.ID     `json:"id"`
	Name      string    `json:"name"`
	Year      int64     `json:"year,omitempty" doc:"Of a budget"`
	Status    string    `json:"status,omitempty" doc:"Of a campaign"`
	AmountFen money.Fen `json:"amountFen" doc:"Of a budget its amount, of a campaign what it was given, of a voucher type what was issued"`
	FreeFen   money.Fen `json:"freeFen" doc:"Of a budget: not given to any campaign, or given back by one"`
	Parts
	ReleasedFen money.Fen `json:"releasedFen" doc:"Returned money that closed campaigns gave back to their budget, where it counts as free again"`
	Vouchers    int64     `json:"vouchers" doc:"Issued"`
	OK          bool      `json:"ok" doc:"The parts sum to the amount, and the journal and all other tables agree"`
}

// Add makes the row the sum of itself and another.
func (r *Row) Add(other Row) {
	r.AmountFen += other.AmountFen
	r.FreeFen += other.FreeFen
	r.ReleasedFen += other.ReleasedFen
	r.Vouchers += other.Vouchers
	r.Parts.add(other.Parts)
}

// Month is what happened in a calendar month in China.
type Month struct {
	Month     string    `json:"month" doc:"2026-11"`
	IssuedFen money.Fen `json:"issuedFen"`
	UsedFen   money.Fen `json:"usedFen" doc:"Paid orders, less what refunds gave back"`
	PaidFen   money.Fen `json:"paidFen" doc:"Paid out to providers"`
}

// Problem is a place where the books do not hold together.
type Problem struct {
	Where string `json:"where"`
	What  string `json:"what"`
}

// Overview is where all money of a scope is.
type Overview struct {
	At           clock.Instant `json:"at"`
	BudgetID     id.ID         `json:"budgetId,omitempty"`
	BudgetName   string        `json:"budgetName,omitempty"`
	CampaignID   id.ID         `json:"campaignId,omitempty"`
	CampaignName string        `json:"campaignName,omitempty"`
	Total        Row           `json:"total"`
	RowsAre      string        `json:"rowsAre" enum:"budget,campaign,type"`
	Rows         []Row         `json:"rows"`
	Months       []Month       `json:"months"`
	Problems     []Problem     `json:"problems"`
}

// snapshotQuery reads everything in one statement, so that all of it is of one
// moment: what is counted, what was posted since (after an entry, twice), and what the
// tables of budgets, campaigns and vouchers say of themselves.
var snapshotQuery = `
	WITH fresh AS (` + postingsFrom(`j.id > ?`) + `),
	sums AS (
		SELECT campaign_id + 0 AS campaign_id, campaign_voucher_id, COUNT(*) AS n, CAST(SUM(available_fen) AS BIGINT) AS a, CAST(SUM(held_fen) AS BIGINT) AS h,
			CAST(SUM(redeemed_fen) AS BIGINT) AS r, CAST(SUM(returned_fen) AS BIGINT) AS t
		FROM vouchers GROUP BY campaign_id + 0, campaign_voucher_id) -- the table is read faster than an index of it and then its rows
	SELECT 'month' AS src, campaign_id AS a, campaign_voucher_id AS b, month AS n, kind, part AS word, amount_fen AS amount, 0 AS other, 0 AS entry, 0 AS line FROM fund_months
	UNION ALL SELECT 'entry', campaign_id, campaign_voucher_id, at, kind, account, amount, weight, entry, line FROM fresh
	UNION ALL SELECT 'budget', id, 0, year, status, name, amount_fen, committed_fen, 0, 0 FROM budgets
	UNION ALL SELECT 'campaign', id, budget_id, 0, status, name, funded_fen, released_fen, 0, 0 FROM campaigns
	UNION ALL SELECT 'type', campaign_id, id, position, '', name, face_value_fen * remaining, quota, 0, 0 FROM campaign_vouchers
	UNION ALL SELECT 'available', campaign_id, campaign_voucher_id, n, '', '', a, h, 0, 0 FROM sums
	UNION ALL SELECT 'redeemed', campaign_id, campaign_voucher_id, n, '', '', r, t, 0, 0 FROM sums
	UNION ALL SELECT 'mark', value, 0, 0, '', '', 0, 0, 0, 0 FROM versions WHERE name = 'fund_months'`

type snapshotRow struct {
	Src    string
	A, B   id.ID
	N      int64
	Kind   string
	Word   string
	Amount money.Fen
	Other  money.Fen
	Entry  id.ID
	Line   int64
}

type campaignSums struct {
	row              Row
	budget           id.ID
	funded, released money.Fen // as the campaign says
	posted           money.Fen // funded less taken back, in the journal
	closed           money.Fen // leftover that was returned at its end, in the journal
	inVouchers       Parts     // as the vouchers say; all redeemed money in Escrow
	types            map[id.ID]*Row
	typeOrder        []id.ID
	monthly          map[int64]*Month
}

// back is what a closed campaign gave back of what was returned to it. What a
// canceled one gave back never was on a voucher and is not returned money.
func (c *campaignSums) back() money.Fen { return c.released - (c.funded - c.posted) }

// Look makes the overview of a scope.
func Look(ctx context.Context, r db.Reader, in Scope) (Overview, error) {
	out := Overview{At: clock.At(r.Now()), BudgetID: in.BudgetID, CampaignID: in.CampaignID, Rows: []Row{}, Months: []Month{}, Problems: []Problem{}}
	rows, waiting, err := snapshot(ctx, r)
	if err != nil {
		return out, err
	}
	all := gather(rows, waiting)
	return out, all.fill(&out)
}

// snapshot answers the rows of one moment, and sums of entries that the sweep has not
// counted yet. Many are added up in the portions of the sweep: entries do not change,
// and when the sweep has counted a portion meanwhile, its sums are left out.
func snapshot(ctx context.Context, r db.Reader) (rows []snapshotRow, waiting []portion, err error) {
	for {
		mark, err := foldedTo(ctx, r)
		if err != nil {
			return nil, nil, err
		}
		after := mark
		waiting = nil
		for {
			p, more, err := nextPortion(ctx, r, after, id.Floor(settledAge))
			if err != nil {
				return nil, nil, err
			}
			if !more {
				break
			}
			if p.sums, err = counted(ctx, r, after, p.to); err != nil {
				return nil, nil, err
			}
			waiting = append(waiting, p)
			after = p.to
		}
		rows = nil
		if err := r.Raw(snapshotQuery, after, after).Scan(ctx, &rows); err != nil {
			return nil, nil, err
		}
		now := slices.IndexFunc(rows, func(row snapshotRow) bool { return row.Src == "mark" })
		if now < 0 || rows[now].A == mark {
			return rows, waiting, nil
		}
		if i := slices.IndexFunc(waiting, func(p portion) bool { return p.to == rows[now].A }); i >= 0 {
			return rows, waiting[i+1:], nil
		}
	}
}

type gathered struct {
	budgets   map[id.ID]*Row
	committed map[id.ID]money.Fen
	pending   map[id.ID]bool
	campaigns map[id.ID]*campaignSums
	lost      money.Fen // postings that name no campaign, each by its amount
}

func gather(rows []snapshotRow, waiting []portion) gathered {
	g := gathered{budgets: map[id.ID]*Row{}, committed: map[id.ID]money.Fen{}, pending: map[id.ID]bool{}, campaigns: map[id.ID]*campaignSums{}}
	sums := months{}
	var fresh []posting
	for _, r := range rows {
		switch r.Src {
		case "budget":
			g.budgets[r.A] = &Row{ID: r.A, Name: r.Word, Year: r.N, AmountFen: r.Amount, FreeFen: r.Amount - r.Other, OK: true}
			g.committed[r.A] = r.Other
			g.pending[r.A] = r.Kind != "approved"
		case "campaign":
			g.campaigns[r.A] = &campaignSums{
				row: Row{ID: r.A, Name: r.Word, Status: r.Kind, OK: true}, budget: r.B, funded: r.Amount, released: r.Other,
				types: map[id.ID]*Row{}, monthly: map[int64]*Month{},
			}
		case "month":
			sums[monthKey{r.A, r.B, r.N, ledger.Kind(r.Kind), r.Word}] += r.Amount
		case "entry":
			fresh = append(fresh, posting{r.Entry, r.Line, clock.Instant(r.N), ledger.Kind(r.Kind), ledger.Account(r.Word), r.Amount, r.A, r.B, r.Other})
		}
	}
	sums.count(fresh)
	for _, p := range waiting {
		for k, amount := range p.sums {
			sums[k] += amount
		}
	}
	for _, r := range rows {
		c := g.campaigns[r.A]
		if c == nil {
			continue
		}
		switch r.Src {
		case "type":
			c.types[r.B] = &Row{ID: r.B, Name: r.Word, OK: true, Parts: Parts{Unissued: r.Amount}}
			c.typeOrder = append(c.typeOrder, r.B)
		case "available":
			c.inVouchers.Available += r.Amount
			c.inVouchers.Held += r.Other
			c.row.Vouchers += r.N
		case "redeemed":
			c.inVouchers.Escrow += r.Amount
			c.inVouchers.Returned += r.Other
		}
	}
	for _, r := range rows {
		if c := g.campaigns[r.A]; c != nil && r.Src == "available" && c.types[r.B] != nil {
			c.types[r.B].Vouchers = r.N
		}
	}
	for k, amount := range sums {
		g.count(k, amount)
	}
	return g
}

func (g *gathered) count(k monthKey, amount money.Fen) {
	c := g.campaigns[k.campaign]
	if c == nil {
		g.lost += max(amount, -amount)
		return
	}
	if at := c.row.Parts.at(k.part); at != nil {
		*at += amount
	}
	if t := c.types[k.voucher]; t != nil && k.part != partBudget {
		if at := t.Parts.at(k.part); at != nil {
			*at += amount
		}
	}
	m := c.monthly[k.month]
	if m == nil {
		m = &Month{}
		c.monthly[k.month] = m
	}
	switch {
	case (k.kind == ledger.Fund || k.kind == ledger.Unfund) && k.part == partBudget:
		c.posted += amount
	case k.kind == ledger.CloseBudget && k.part == partReturned:
		c.closed += amount
	case k.kind == ledger.Grant && k.part == partAvailable:
		m.IssuedFen += amount
	case (k.kind == ledger.Redeem || k.kind == ledger.Restore) && k.part == partEscrow:
		m.UsedFen += amount
	case k.kind == ledger.PayoutV && k.part == partPaid:
		m.PaidFen += amount
	}
}

func (g *gathered) fill(out *Overview) error {
	inScope := func(c *campaignSums) bool {
		return (out.BudgetID == 0 || c.budget == out.BudgetID) && (out.CampaignID == 0 || c.row.ID == out.CampaignID)
	}
	if out.CampaignID != 0 {
		c := g.campaigns[out.CampaignID]
		if c == nil || !inScope(c) {
			return errs.ErrNotFound
		}
		out.CampaignName, out.BudgetID = c.row.Name, c.budget
	}
	if out.BudgetID != 0 {
		b := g.budgets[out.BudgetID]
		if b == nil {
			return errs.ErrNotFound
		}
		out.BudgetName = b.Name
	}
	taken := map[id.ID]money.Fen{}
	monthly := map[int64]*Month{}
	for _, c := range g.campaigns {
		problems := c.check()
		if b := g.budgets[c.budget]; b != nil {
			b.Parts.add(c.row.Parts)
			b.Vouchers += c.row.Vouchers
			b.ReleasedFen += c.back()
			b.OK = b.OK && c.row.OK
		}
		taken[c.budget] += c.row.Sum() - c.back()
		if !inScope(c) {
			continue
		}
		out.Problems = append(out.Problems, problems...)
		for month, m := range c.monthly {
			at := monthly[month]
			if at == nil {
				at = &Month{}
				monthly[month] = at
			}
			at.IssuedFen += m.IssuedFen
			at.UsedFen += m.UsedFen
			at.PaidFen += m.PaidFen
		}
	}
	for _, b := range g.budgets {
		// Money that a closed campaign gave back may be given to another one: it is free, and no longer returned.
		b.Returned -= b.ReleasedFen
		if taken[b.ID] != g.committed[b.ID] || b.FreeFen+b.Sum() != b.AmountFen {
			b.OK = false
			if out.CampaignID == 0 && (out.BudgetID == 0 || out.BudgetID == b.ID) {
				out.Problems = append(out.Problems, Problem{"预算「" + b.Name + "」", "预算登记被活动占用 " + g.committed[b.ID].String() + " 元，流水账为 " + taken[b.ID].String() + " 元"})
			}
		}
	}
	if g.lost != 0 && out.BudgetID == 0 {
		out.Problems = append(out.Problems, Problem{"流水账", "有 " + g.lost.String() + " 元的记录找不到所属活动"})
	}
	g.rows(out)
	out.Total.OK = len(out.Problems) == 0
	out.Months = line(monthly)
	slices.SortFunc(out.Problems, func(a, b Problem) int { return cmp.Compare(a.Where+a.What, b.Where+b.What) })
	return nil
}

func (g *gathered) rows(out *Overview) {
	switch {
	case out.CampaignID != 0:
		out.RowsAre = "type"
		c := g.campaigns[out.CampaignID]
		for _, t := range c.typeOrder {
			row := *c.types[t]
			row.AmountFen = row.Available + row.Held + row.Redeemed() + row.Returned
			if c.row.Status == "closed" || c.row.Status == "canceled" || c.posted == 0 {
				row.Unissued = 0
			}
			row.OK = c.row.OK
			out.Rows = append(out.Rows, row)
		}
		out.Total = c.row
	case out.BudgetID != 0:
		out.RowsAre = "campaign"
		for _, c := range g.campaigns {
			if c.budget == out.BudgetID && (c.funded > 0 || c.posted != 0) {
				out.Rows = append(out.Rows, c.row)
			}
		}
		out.Total = *g.budgets[out.BudgetID]
	default:
		out.RowsAre = "budget"
		for _, b := range g.budgets {
			if g.pending[b.ID] {
				continue // not public money yet
			}
			out.Rows = append(out.Rows, *b)
			out.Total.Add(*b)
		}
	}
	if out.RowsAre != "type" {
		slices.SortFunc(out.Rows, func(a, b Row) int { return cmp.Compare(b.ID, a.ID) })
	}
}

// check compares what a campaign and its vouchers say with the journal.
func (c *campaignSums) check() []Problem {
	c.row.AmountFen, c.row.ReleasedFen = c.posted, c.back()
	var found []Problem
	differ := func(what string, journal, table money.Fen, says string) {
		if journal != table {
			found = append(found, Problem{"活动「" + c.row.Name + "」", what + "：流水账为 " + journal.String() + " 元，" + says + "为 " + table.String() + " 元，相差 " + (journal - table).String() + " 元"})
		}
	}
	p := c.row.Parts
	differ("各部分合计与注资", p.Sum(), c.posted, "注资")
	differ("券上可用", p.Available, c.inVouchers.Available, "各券余额合计")
	differ("订单占用", p.Held, c.inVouchers.Held, "各券占用合计")
	differ("已用于支付", p.Redeemed(), c.inVouchers.Escrow, "各券抵扣合计")
	differ("已退回", p.Returned, c.inVouchers.Returned+c.closed, "各券收回与活动结余合计")
	if back := c.back(); back < 0 || back > p.Returned {
		found = append(found, Problem{"活动「" + c.row.Name + "」", "登记的注资与流水账不一致，相差 " + back.String() + " 元"})
	}
	c.row.OK = len(found) == 0
	return found
}

// line puts months in order and fills those in which nothing happened.
func line(monthly map[int64]*Month) []Month {
	out := []Month{}
	var first, last int64
	for m, v := range monthly {
		if *v == (Month{}) {
			continue
		}
		if first == 0 || m < first {
			first = m
		}
		last = max(last, m)
	}
	for m := first; m != 0 && m <= last; m++ {
		if m%100 > 12 {
			m = (m/100+1)*100 + 1
		}
		one := Month{}
		if at := monthly[m]; at != nil {
			one = *at
		}
		one.Month = monthText(m)
		out = append(out, one)
	}
	return out
}
