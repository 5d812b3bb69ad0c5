package voucher

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/codelist"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// ErrSecondPerson says that whoever took the first step wanted to take the second as well.
var ErrSecondPerson = errs.New(errs.Forbidden, "voucher.second_person")

// ErrCompanySuspended says that a voucher is frozen because of its company, whose
// verification must be restored first.
var ErrCompanySuspended = errs.New(errs.Conflict, "voucher.company_suspended")

// reasons is the code list of why a voucher is frozen or revoked.
const reasons = "voucher_measure_reason"

// Cause says what a measure follows from.
type Cause string

// The causes.
const (
	CauseStaff    Cause = "staff"    // somebody decided
	CauseStanding Cause = "standing" // the company's verification was suspended, revoked or restored
	CauseLead     Cause = "lead"     // a lead of abuse about the company that nobody has dismissed
)

// Measure is one act on a voucher that its company did not ask for.
type Measure struct {
	bun.BaseModel `bun:"table:voucher_measures,alias:m"`

	ID        id.ID `bun:",pk"`
	VoucherID id.ID
	Event     Event  // freeze, unfreeze, revoke
	Origin    Cause  // whose freeze it is about; none for a revocation
	Cause     Cause  // what this act follows from: a person may end the freeze of a lead
	Reason    string // code of the list voucher_measure_reason
	Comment   string // the company reads it
	ByUser    id.ID
	ByName    string
	At        clock.Instant
}

// Ground is why staff act on a voucher.
type Ground struct {
	Reason  string // code of the list voucher_measure_reason
	Comment string // the company reads it
}

func (g *Ground) check() error {
	var refused errs.Fields
	if l, ok := codelist.Get(reasons); !ok || !l.Has(g.Reason) {
		refused.Add("/reason", "field.choice")
	}
	if g.Comment = strings.TrimSpace(g.Comment); g.Comment == "" {
		refused.Add("/comment", "field.required")
	}
	return refused.Err()
}

func (g Ground) words() string {
	if g.Reason == "" {
		return g.Comment
	}
	return g.label() + "。" + g.Comment
}

// label is the reason as people read it.
func (g Ground) label() string {
	if g.Reason == "" {
		return ""
	}
	return codelist.Label(reasons, g.Reason)
}

// Freeze stops a voucher: open holds stay, no order holds it any more. What else
// stops it already does not matter: each freeze is ended by itself.
func (s *Service) Freeze(ctx context.Context, who account.Principal, voucherID id.ID, g Ground) error {
	if err := g.check(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		v, err := findVoucher(ctx, tx, voucherID)
		if err != nil {
			return err
		}
		return s.take(ctx, tx, who, v, EventFreeze, CauseStaff, CauseStaff, g)
	})
}

// Unfreeze ends the freeze of one origin; the voucher can be used again when no other
// is left. It takes another person than froze it; what a suspension froze thaws with
// the company's verification.
func (s *Service) Unfreeze(ctx context.Context, who account.Principal, voucherID id.ID, origin Cause, comment string) error {
	g := Ground{Comment: strings.TrimSpace(comment)}
	if g.Comment == "" {
		return ErrReasonMissing
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		v, err := findVoucher(ctx, tx, voucherID)
		if err != nil {
			return err
		}
		stops, err := Stops(ctx, tx, v.ID)
		if err != nil {
			return err
		}
		if m, ok := StopOf(stops[v.ID], origin); ok {
			if err := m.MayThaw(who.UserID); err != nil {
				return err
			}
		}
		return s.take(ctx, tx, who, v, EventUnfreeze, origin, CauseStaff, g)
	})
}

// MayThaw refuses whoever may not end a freeze by hand.
func (m Measure) MayThaw(by id.ID) error {
	switch {
	case m.Origin == CauseStanding:
		return ErrCompanySuspended
	case m.Origin == CauseStaff && m.ByUser == by:
		return ErrSecondPerson
	}
	return nil
}

// take freezes, thaws or revokes a voucher, keeps why, and tells the company.
func (s *Service) take(ctx context.Context, tx *db.Tx, who account.Principal, v Voucher, e Event, origin, cause Cause, g Ground) error {
	to, err := s.mark(ctx, tx, who, v, e, origin, cause, g)
	if err != nil {
		return err
	}
	return s.tellStopped(ctx, tx, v, e, to, g)
}

// mark is take without a message, for what is told of many vouchers at once. It
// answers where the voucher stands then.
func (s *Service) mark(ctx context.Context, tx *db.Tx, who account.Principal, v Voucher, e Event, origin, cause Cause, g Ground) (Status, error) {
	to, err := v.Status.Next(e)
	if err != nil {
		return "", err
	}
	if e == EventRevoke {
		// takes the money back as well, and writes the trail
		if err := s.finish(ctx, tx, who, v.ID, e, g.words()); err != nil {
			return "", err
		}
		if now, err := findVoucher(ctx, tx, v.ID); err != nil || now.Status != to {
			return "", stale(err)
		}
		return to, keep(ctx, tx, who, v, e, "", cause, g)
	}
	left, err := own(ctx, tx, v)
	if err != nil {
		return "", err
	}
	stops, err := Stops(ctx, tx, v.ID)
	if err != nil {
		return "", err
	}
	if _, stands := StopOf(stops[v.ID], origin); stands == (e == EventFreeze) {
		return "", errs.ErrInvalidState.In(string(v.Status))
	}
	done := step(e, stops[v.ID], left)
	if to, err = v.Status.Next(done); err != nil {
		return "", err
	}
	act := e
	if done == EventEase {
		act = done
	}
	if _, err := tx.Exec(ctx, `UPDATE vouchers SET status = ? WHERE id = ?`, to, v.ID); err != nil {
		return "", err
	}
	err = audit.Write(ctx, tx, who.Actor(), audit.Entry{
		Action: "voucher." + string(act), ObjectKind: "voucher", ObjectID: v.ID, SubjectOrg: v.OrgID,
		Detail: map[string]any{"from": v.Status, "to": to, "origin": origin, "reason": g.label(), "comment": g.Comment},
	})
	if err != nil {
		return "", err
	}
	return to, keep(ctx, tx, who, v, e, origin, cause, g)
}

// stale is what a guarded write that found nothing comes to.
func stale(err error) error {
	if err != nil {
		return err
	}
	return errs.ErrStale
}

func keep(ctx context.Context, tx *db.Tx, who account.Principal, v Voucher, e Event, origin, cause Cause, g Ground) error {
	_, err := tx.Insert(&Measure{
		ID: id.New(), VoucherID: v.ID, Event: e, Origin: origin, Cause: cause, Reason: g.Reason, Comment: g.Comment,
		ByUser: who.UserID, ByName: who.Username, At: clock.At(tx.Now()),
	}).Exec(ctx)
	return err
}

// Measures lists what was done about a voucher, newest first.
func (s *Service) Measures(ctx context.Context, voucherID id.ID) (list []Measure, err error) {
	err = s.db.Select(&list).Where("m.voucher_id = ?", voucherID).Order("m.id DESC").Limit(100).Scan(ctx)
	return list, err
}

// stopped refuses a frozen or revoked voucher with every reason.
func stopped(ctx context.Context, r db.Reader, v Voucher) error {
	stops, err := Stops(ctx, r, v.ID)
	if err != nil {
		return err
	}
	refusal := ErrFrozen
	if v.Status == Revoked {
		refusal = ErrRevoked
	}
	return refusal.In(string(v.Status)).With("voucher", v.Name).With("reason", reasonsOf(stops[v.ID]))
}

// reasonsOf are the words of everything that stops a voucher, the oldest first.
func reasonsOf(stops []Measure) string {
	words := make([]string, 0, len(stops))
	for _, m := range slices.Backward(stops) {
		words = append(words, Ground{m.Reason, m.Comment}.words())
	}
	return strings.Join(words, " ")
}

// Stopped is a voucher that holds or pays an order, and is frozen or revoked now.
type Stopped struct {
	OrderID   id.ID
	VoucherID id.ID
	Name      string
	Status    Status
	Hold      HoldStatus
}

// StoppedOrders selects the numbers of orders that a frozen or revoked voucher
// holds or pays: staff look at them one by one.
func StoppedOrders(r db.Reader) *bun.SelectQuery {
	return r.Select((*Hold)(nil)).Column("h.order_id").Join("JOIN vouchers AS v ON v.id = h.voucher_id").
		Where("v.status IN (?, ?) AND h.status <> ? AND h.restored_fen < h.amount_fen", Frozen, Revoked, HoldReleased)
}

// StoppedOf lists the frozen and revoked vouchers of some orders.
func (s *Service) StoppedOf(ctx context.Context, r db.Reader, orderIDs ...id.ID) (list []Stopped, err error) {
	if len(orderIDs) == 0 {
		return nil, nil
	}
	err = r.Raw(`
		SELECT h.order_id, h.voucher_id, cv.name, v.status, h.status AS hold
		FROM voucher_holds h JOIN vouchers v ON v.id = h.voucher_id JOIN campaign_vouchers cv ON cv.id = v.campaign_voucher_id
		WHERE h.order_id IN (?) AND v.status IN (?, ?) AND h.status <> ? AND h.restored_fen < h.amount_fen ORDER BY h.id`,
		in(orderIDs), Frozen, Revoked, HoldReleased).Scan(ctx, &list)
	return list, err
}
