package risk

import (
	"context"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/org"
)

// Filter narrows the list of hits; zero values do not narrow.
type Filter struct {
	Rule    Code
	State   State
	OrgIDs  []id.ID // nil: of any company
	Company string  // part of a company's name, or its credit code
}

// List answers hits: what waits for a decision first, by weight, newest first. An
// index has what is asked and sorted of all, so that only a page of evidence is read.
func (s *Service) List(ctx context.Context, f Filter, p page.Query) (list []Hit, total int64, err error) {
	var found []Hit
	total, err = page.Scan(ctx, first(f.narrow(s.db.Select(&found).Column("h.id"))), p, &found)
	if err != nil || len(found) == 0 {
		return nil, total, err
	}
	ids := make([]id.ID, len(found))
	for i, h := range found {
		ids[i] = h.ID
	}
	return list, total, first(s.db.Select(&list).Where("h.id IN (?)", in(ids))).Scan(ctx)
}

func (f Filter) narrow(q *bun.SelectQuery) *bun.SelectQuery {
	if f.Rule != "" {
		q = q.Where("h.rule = ?", f.Rule)
	}
	if f.State != "" {
		q = q.Where("h.state = ?", f.State)
	}
	if f.OrgIDs != nil {
		q = q.Where("h.id IN (SELECT o.hit_id FROM risk_hit_orgs AS o WHERE o.org_id IN (?))", in(append(f.OrgIDs, 0)))
	}
	if f.Company != "" {
		sql, args := org.Named(f.Company)
		q = q.Where("h.id IN (SELECT o.hit_id FROM risk_hit_orgs AS o WHERE o.org_id IN (SELECT id FROM organizations WHERE "+sql+"))", args...)
	}
	return q
}

// first puts what waits for a decision before all others, and what weighs more.
func first(q *bun.SelectQuery) *bun.SelectQuery {
	var heavy, middle []Code
	for _, r := range Rules {
		switch r.Weight {
		case 3:
			heavy = append(heavy, r.Code)
		case 2:
			middle = append(middle, r.Code)
		}
	}
	return q.OrderExpr("CASE WHEN h.state = ? THEN 0 ELSE 1 END, CASE WHEN h.rule IN (?) THEN 0 WHEN h.rule IN (?) THEN 1 ELSE 2 END, h.id DESC", Open, in(heavy), in(middle))
}

// Hit reads one hit.
func (s *Service) Hit(ctx context.Context, hitID id.ID) (Hit, error) {
	return findHit(ctx, s.db, hitID)
}

// LastCheck is the last look; zero when there was none.
func (s *Service) LastCheck(ctx context.Context) (c Checked, err error) {
	err = s.db.Select(&c).Order("at DESC").Limit(1).Scan(ctx)
	if db.IsNotFound(err) {
		err = nil
	}
	return c, err
}

// Shown answers what companies have in common, masked, in the order of the evidence;
// "" where the value was not kept.
func (s *Service) Shown(ctx context.Context, list ...Shared) ([]string, error) {
	out := make([]string, len(list))
	for i, one := range list {
		var shown map[string]string
		var err error
		switch one.Kind {
		case "related":
			out[i] = one.Mark
			continue
		case "ip":
			shown, err = s.accounts.ShownTraces(ctx, s.db, account.TraceAddress, one.Mark)
		case "device":
			shown, err = s.accounts.ShownTraces(ctx, s.db, account.TraceDevice, one.Mark)
		default:
			shown, err = s.orgs.ShownMarks(ctx, s.db, org.MarkKind(one.Kind), one.Mark)
		}
		if err != nil {
			return nil, err
		}
		out[i] = shown[one.Mark]
	}
	return out, nil
}
