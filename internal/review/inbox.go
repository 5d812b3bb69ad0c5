package review

import (
	"context"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// Box is one side of the task inbox.
type Box string

// The boxes: what waits for the caller, what the caller's company handed in,
// what the caller has decided, and all that the caller's desks ever see.
const (
	BoxAwaiting Box = "awaiting" // 待我审批
	BoxMine     Box = "mine"     // 我的申请
	BoxHandled  Box = "handled"  // 我已审批
	BoxAll      Box = "all"      // 全部, staff
)

// Filter narrows the inbox; empty fields do not.
type Filter struct {
	Box       Box
	Title     string // 申请名称
	Submitter string // 申请人
	Kind      Kind
	Status    Status
	Stage     Stage
	From      clock.Instant // 创建时间, from (inclusive)
	To        clock.Instant // 创建时间, to (exclusive)
}

// Inbox lists cases: what waits for the caller oldest first, all else newest first.
func (s *Service) Inbox(ctx context.Context, who account.Principal, f Filter, p page.Query) (page.Of[Case], error) {
	var rows []Case
	free, err := s.freeFor(ctx, f, who)
	if err != nil {
		return page.Of[Case]{}, err
	}
	q := s.db.Select(&rows)
	if f.Box == BoxAwaiting { // first what was passed on to the caller, then what comes back to the one who knows it
		q = q.OrderExpr("CASE WHEN holder_id = ? THEN 0 WHEN preferred_id = ? THEN 1 ELSE 2 END", who.UserID, who.UserID)
	}
	if f.Box == BoxAwaiting { // who waits longest comes first
		q = q.Order("created_at", "id")
	} else {
		q = q.Order("created_at DESC", "id DESC")
	}
	q = f.box(q, who, free)
	if f.Title != "" {
		q = q.Where("title LIKE ? ESCAPE '!'", db.Contains(f.Title))
	}
	if f.Submitter != "" {
		q = q.Where("submitter_name LIKE ? ESCAPE '!'", db.Contains(f.Submitter))
	}
	if f.Kind != "" {
		q = q.Where("kind = ?", f.Kind)
	}
	if f.Status != "" {
		q = q.Where("status = ?", f.Status)
	}
	if f.Stage != "" {
		q = q.Where("stage = ?", f.Stage)
	}
	if f.From != 0 {
		q = q.Where("created_at >= ?", f.From)
	}
	if f.To != 0 {
		q = q.Where("created_at < ?", f.To)
	}
	total, err := page.Scan(ctx, q, p, &rows)
	return page.Map(rows, total, func(c Case) Case { return c }), err
}

// Counts are the figures beside the two tabs.
type Counts struct {
	Awaiting int64   `json:"awaiting" doc:"待我审批"`
	Overdue  int64   `json:"overdue" doc:"of those, past their due time"`
	Mine     int64   `json:"mine" doc:"我的申请 that are pending"`
	Queues   []Queue `json:"queues" doc:"What waits for the caller, by kind and stage"`
}

// Queue is what waits for the caller at one stage of one kind.
type Queue struct {
	Kind    Kind          `json:"kind" enum:"enterprise_verification,provider_verification,listing,campaign"`
	Stage   Stage         `json:"stage" enum:"operator,experts,department"`
	Waiting int64         `json:"waiting"`
	Overdue int64         `json:"overdue" doc:"of those, past their due time"`
	Oldest  clock.Instant `json:"oldest" doc:"When the one that waits longest came to the stage"`
}

// Count answers how much waits for and from the caller.
func (s *Service) Count(ctx context.Context, who account.Principal) (n Counts, err error) {
	n.Queues = []Queue{}
	waiting := Filter{Box: BoxAwaiting}
	free, err := s.freeFor(ctx, waiting, who)
	if err != nil {
		return Counts{}, err
	}
	err = waiting.box(s.db.Select((*Case)(nil)), who, free).
		ColumnExpr("kind, stage, count(*) AS waiting, min(stage_at) AS oldest").
		ColumnExpr("sum(CASE WHEN due_at < ? THEN 1 ELSE 0 END) AS overdue", clock.At(s.db.Now())).
		Group("kind", "stage").Order("oldest").Scan(ctx, &n.Queues)
	if err != nil {
		return Counts{}, err
	}
	for _, q := range n.Queues {
		n.Awaiting += q.Waiting
		n.Overdue += q.Overdue
	}
	mine, err := Filter{Box: BoxMine}.box(s.db.Select((*Case)(nil)), who, nil).Where("status = 'pending'").Count(ctx)
	n.Mine = int64(mine)
	return n, err
}

// freeFor lists, for a box that needs it, the cases whose holder has left the desk.
func (s *Service) freeFor(ctx context.Context, f Filter, who account.Principal) ([]id.ID, error) {
	if f.Box != BoxAwaiting || !who.Staff() {
		return nil, nil
	}
	return s.unheld(ctx, s.db)
}

func (f Filter) box(q *bun.SelectQuery, who account.Principal, free []id.ID) *bun.SelectQuery {
	switch f.Box {
	case BoxMine:
		if who.OrgID != 0 {
			return q.Where("submitter_org = ?", who.OrgID)
		}
		return q.Where("submitter_id = ?", who.UserID)
	case BoxHandled:
		return q.Where(`(EXISTS (SELECT 1 FROM review_steps s WHERE s.case_id = "case".id AND s.user_id = ? AND s.version > 0 AND s.action <> 'withdraw')
			OR EXISTS (SELECT 1 FROM review_votes v WHERE v.case_id = "case".id AND v.user_id = ?))`, who.UserID, who.UserID)
	case BoxAll:
		return atDesks(q, who, false, nil)
	}
	return atDesks(q, who, true, free)
}

// atDesks keeps the cases of the caller's desks: those that the caller may decide
// now, or all of their kinds. It says in SQL what mayDecide says; free are cases
// that nobody holds any more.
func atDesks(q *bun.SelectQuery, who account.Principal, now bool, free []id.ID) *bun.SelectQuery {
	var kinds []Kind
	q = q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("1 = 0")
		for _, k := range Kinds {
			for _, st := range Stages {
				switch {
				case !sits(who, k, st):
				case st == StageExperts:
					q = q.WhereOr(`(kind = ? AND stage = ? AND EXISTS (SELECT 1 FROM review_seats s
						WHERE s.case_id = "case".id AND s.round = "case".round AND s.user_id = ? AND s.state IN ('asked', 'declared')))`, k, st, who.UserID)
				case now:
					q = q.WhereOr("(kind = ? AND stage = ?)", k, st)
				default:
					kinds = append(kinds, k)
				}
			}
		}
		if len(kinds) > 0 {
			q = q.WhereOr("kind IN (?)", bun.List(kinds))
		}
		return q
	})
	if !now {
		return q
	}
	return q.Where("status = 'pending' AND submitter_id <> ? AND (submitter_org = 0 OR submitter_org <> ?)", who.UserID, who.OrgID).
		WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			q = q.Where("holder_id IN (0, ?)", who.UserID)
			if len(free) > 0 {
				q = q.WhereOr(`"case".id IN (?)`, bun.List(free))
			}
			return q
		}).
		Where(`NOT EXISTS (SELECT 1 FROM review_steps s WHERE s.case_id = "case".id AND s.user_id = ? AND s.stage <> "case".stage AND s.version > 0)`, who.UserID)
}

// readable loads a case that the caller may know of: their company's, of a desk
// they sit at, or of a panel they belong to. Any other is not there.
func (s *Service) readable(ctx context.Context, r db.Reader, who account.Principal, caseID id.ID) (Case, error) {
	c, err := findCase(ctx, r, caseID)
	if err != nil {
		return Case{}, err
	}
	if c.of(who) || who.Has(account.AuditRead) {
		return c, nil
	}
	for st := range desks[c.Kind] {
		if !sits(who, c.Kind, st) {
			continue
		}
		if st != StageExperts {
			return c, nil
		}
		n, err := r.Select((*Seat)(nil)).Where("case_id = ? AND user_id = ? AND state NOT IN ('recused', 'released')", c.ID, who.UserID).Count(ctx)
		if err != nil {
			return Case{}, err
		}
		if n > 0 {
			return c, nil
		}
	}
	return Case{}, errs.ErrNotFound
}

// Material answers whether the caller may read what a case is about, and gives
// the case; an expert must have declared first. The module that owns the
// subject asks before it shows the material.
func (s *Service) Material(ctx context.Context, r db.Reader, who account.Principal, caseID id.ID) (Case, error) {
	c, err := s.readable(ctx, r, who, caseID)
	if err != nil || who.Role != account.RoleExpert {
		return c, err
	}
	n, err := r.Select((*Seat)(nil)).Where("case_id = ? AND user_id = ? AND state IN ('declared', 'voted')", c.ID, who.UserID).Count(ctx)
	if err == nil && n == 0 {
		err = ErrNotDeclared
	}
	return c, err
}
