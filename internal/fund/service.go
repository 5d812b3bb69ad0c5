package fund

import (
	"context"
	"errors"
	"strings"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/ledger"
	"smedx/internal/notify"
)

// Service is the use cases of budgets.
type Service struct {
	db    *db.DB
	staff account.StaffTeller
}

// New makes the service.
func New(d *db.DB) *Service { return &Service{db: d} }

// TellStaff names the way to tell the department of its budgets.
func (s *Service) TellStaff(people account.StaffTeller) { s.staff = people }

// tellWaiting asks the others of the department to decide on a new budget.
func (s *Service) tellWaiting(ctx context.Context, tx *db.Tx, b Budget) error {
	if s.staff == nil {
		return nil
	}
	return s.staff.TellHolders(ctx, tx, account.FundManage, b.CreatedBy, notify.Message{
		Event: "budget_waiting", Title: "预算待审批：" + b.Name, Body: b.CreatedName + " 提交了预算，请审批。", Link: "/workbench/funds",
	}, account.RoleDepartment)
}

// tellDecided tells whoever asked for the budget.
func (s *Service) tellDecided(ctx context.Context, tx *db.Tx, b Budget) error {
	if s.staff == nil {
		return nil
	}
	title := "预算已批准："
	if b.Status == Rejected {
		title = "预算未批准："
	}
	return s.staff.TellUser(ctx, tx, b.CreatedBy, notify.Message{Event: "budget_decided", Title: title + b.Name, Body: b.Comment, Link: "/workbench/funds"})
}

// Create asks for a budget; another person of the department decides on it.
func (s *Service) Create(ctx context.Context, who account.Principal, in Draft) (Budget, error) {
	if err := in.check(); err != nil {
		return Budget{}, err
	}
	var b Budget
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		b = Budget{
			ID: id.New(), Name: in.Name, Year: in.Year, Purpose: in.Purpose, Amount: in.Amount, Status: Pending,
			CreatedBy: who.UserID, CreatedName: who.Username, CreatedAt: clock.At(tx.Now()), Version: 1,
		}
		if _, err := tx.Insert(&b).Exec(ctx); err != nil {
			return err
		}
		if err := s.tellWaiting(ctx, tx, b); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "fund.create", ObjectKind: "budget", ObjectID: b.ID,
			Detail: map[string]any{"amountFen": b.Amount, "year": b.Year},
		})
	})
	return b, err
}

// Waiting answers how many budgets wait for somebody who did not ask for them, and since when the oldest does.
func (s *Service) Waiting(ctx context.Context, who account.Principal) (count int64, oldest clock.Instant, err error) {
	var n struct {
		Count  int64
		Oldest clock.Instant
	}
	err = s.db.Raw(`SELECT count(*) AS count, COALESCE(min(created_at), 0) AS oldest FROM budgets WHERE status = ? AND created_by <> ?`,
		Pending, who.UserID).Scan(ctx, &n)
	return n.Count, n.Oldest, err
}

// Decide approves or rejects a budget of the given version. The creator cannot.
// A rejection says why.
// An attempt of the creator leaves its own entry in the trail.
func (s *Service) Decide(ctx context.Context, who account.Principal, budgetID id.ID, version int64, event Event, comment string) (Budget, error) {
	var b Budget
	comment = strings.TrimSpace(comment)
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		if b, err = Find(ctx, tx, budgetID); err != nil {
			return err
		}
		to, ok := Flow[b.Status][event]
		switch {
		case !ok:
			return errs.ErrInvalidState.In(string(b.Status))
		case b.CreatedBy == who.UserID:
			return ErrFourEyes
		case b.Version != version:
			return errs.ErrStale
		case event == Reject && comment == "":
			var bad errs.Fields
			bad.Add("/comment", "field.required")
			return bad.Err()
		}
		from := b.Status
		b.Status, b.DecidedBy, b.DecidedName, b.DecidedAt, b.Comment = to, who.UserID, who.Username, clock.At(tx.Now()), comment
		ok, err = tx.ExecOne(ctx, `
			UPDATE budgets SET status = ?, decided_by = ?, decided_name = ?, decided_at = ?, comment = ?, version = version + 1
			WHERE id = ? AND version = ? AND status = ?`,
			to, b.DecidedBy, b.DecidedName, b.DecidedAt, comment, b.ID, version, from)
		if err != nil {
			return err
		}
		if !ok {
			return errs.ErrStale
		}
		b.Version++
		if err := s.tellDecided(ctx, tx, b); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "fund." + string(event), ObjectKind: "budget", ObjectID: b.ID, Detail: map[string]any{"comment": comment},
		})
	})
	if errors.Is(err, ErrFourEyes) {
		err = errors.Join(err, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			return audit.Write(ctx, tx, who.Actor(), audit.Entry{
				Action: "fund.refused", ObjectKind: "budget", ObjectID: budgetID,
				Detail: map[string]any{"event": event, "code": ErrFourEyes.Code},
			})
		}))
	}
	return b, err
}

// Get reads one budget.
func (s *Service) Get(ctx context.Context, budgetID id.ID) (Budget, error) {
	return Find(ctx, s.db, budgetID)
}

// List reads budgets, newest first; an empty status means all.
func (s *Service) List(ctx context.Context, status Status, p page.Query) (list []Budget, total int64, err error) {
	q := s.db.Select(&list)
	if status != "" {
		q = q.Where("status = ?", status)
	}
	total, err = page.Scan(ctx, q.Order("id DESC"), p, &list)
	return list, total, err
}

// Find reads one budget with r.
func Find(ctx context.Context, r db.Reader, budgetID id.ID) (Budget, error) {
	var b Budget
	err := r.Select(&b).Where("id = ?", budgetID).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return b, err
}

// Commit takes an amount of an approved budget for a campaign: V1, treasury to
// the campaign's budget account. The source is the campaign, or what asks for
// more later; each is posted once.
func Commit(ctx context.Context, tx *db.Tx, budgetID, campaignID id.ID, source ledger.Source, amount money.Fen) error {
	ok, err := tx.ExecOne(ctx, `
		UPDATE budgets SET committed_fen = committed_fen + ?
		WHERE id = ? AND status = ? AND amount_fen - committed_fen >= ?`, amount, budgetID, Approved, amount)
	if err != nil {
		return err
	}
	if !ok {
		b, err := Find(ctx, tx, budgetID)
		switch {
		case err != nil:
			return err
		case b.Status != Approved:
			return ErrNotApproved.In(string(b.Status))
		}
		return ErrExceeded.With("available", int64(b.Available())).With("wanted", int64(amount))
	}
	_, err = ledger.Post(ctx, tx, ledger.Vouchers, ledger.Fund, source,
		ledger.Move{From: ledger.Treasury, To: ledger.Budget(campaignID), Amount: amount})
	return err
}

// GiveBack frees an amount of the budget that a campaign no longer needs: after
// its cancellation or its close. The caller has posted where the money went.
func GiveBack(ctx context.Context, tx *db.Tx, budgetID id.ID, amount money.Fen) error {
	if amount == 0 {
		return nil
	}
	ok, err := tx.ExecOne(ctx, `UPDATE budgets SET committed_fen = committed_fen - ? WHERE id = ? AND committed_fen >= ?`,
		amount, budgetID, amount)
	if err == nil && !ok {
		err = errors.New("fund: a campaign gives back more than was committed")
	}
	return err
}
