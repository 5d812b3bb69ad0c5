package voucher

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// RevocationStatus is where a revocation stands.
type RevocationStatus string

// The states of a revocation.
const (
	Proposed  RevocationStatus = "proposed" // waits for the second person
	Confirmed RevocationStatus = "confirmed"
	Declined  RevocationStatus = "declined"
)

// RevocationEvent is what the second person does.
type RevocationEvent string

// The events of a revocation.
const (
	ConfirmIt RevocationEvent = "confirm"
	DeclineIt RevocationEvent = "decline"
)

// RevocationFlow is the state machine of a revocation.
var RevocationFlow = map[RevocationStatus]map[RevocationEvent]RevocationStatus{
	Proposed:  {ConfirmIt: Confirmed, DeclineIt: Declined},
	Confirmed: {},
	Declined:  {},
}

// Revocation takes a voucher back for good: one person proposes it, a second one
// confirms.
type Revocation struct {
	bun.BaseModel `bun:"table:voucher_revocations,alias:r"`

	ID           id.ID `bun:",pk"`
	VoucherID    id.ID
	Status       RevocationStatus
	Reason       string
	Comment      string
	ProposedBy   id.ID
	ProposedName string
	ProposedAt   clock.Instant
	DecidedBy    id.ID
	DecidedName  string
	DecidedAt    clock.Instant
	Decision     string
}

// ErrRevocationWaits says that somebody proposed it already.
var ErrRevocationWaits = errs.New(errs.Conflict, "voucher.revocation_waits")

// ProposeRevocation is the first person's step. The voucher stays as it is.
func (s *Service) ProposeRevocation(ctx context.Context, who account.Principal, voucherID id.ID, g Ground) error {
	if err := g.check(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		v, err := findVoucher(ctx, tx, voucherID)
		if err != nil {
			return err
		}
		if _, err := v.Status.Next(EventRevoke); err != nil {
			return err
		}
		made, err := tx.InsertNew(ctx, &Revocation{
			ID: id.New(), VoucherID: v.ID, Status: Proposed, Reason: g.Reason, Comment: g.Comment,
			ProposedBy: who.UserID, ProposedName: who.Username, ProposedAt: clock.At(tx.Now()),
		})
		if err != nil {
			return err
		}
		if !made {
			return ErrRevocationWaits
		}
		err = audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "voucher.propose_revocation", ObjectKind: "voucher", ObjectID: v.ID, SubjectOrg: v.OrgID,
			Detail: map[string]any{"reason": g.label(), "comment": g.Comment},
		})
		if err != nil {
			return err
		}
		return s.tellProposed(ctx, tx, who, v, g)
	})
}

// DecideRevocation is the second step. Confirming it, by another person than
// proposed it, returns what is available to the campaign (V11); open holds live on
// until their orders end, and staff find these orders in their list. Declining
// leaves the voucher as it is; whoever proposed may take the proposal back so.
func (s *Service) DecideRevocation(ctx context.Context, who account.Principal, voucherID id.ID, e RevocationEvent, said string) error {
	said = strings.TrimSpace(said)
	if said == "" && e == DeclineIt {
		return ErrReasonMissing
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		v, err := findVoucher(ctx, tx, voucherID)
		if err != nil {
			return err
		}
		waits, err := s.Waiting(ctx, tx, v.ID)
		if err != nil {
			return err
		}
		r, ok := waits[v.ID]
		to, known := RevocationFlow[r.Status][e]
		switch {
		case !ok || !known:
			return errs.ErrInvalidState.In(string(v.Status))
		case e == ConfirmIt && r.ProposedBy == who.UserID:
			return ErrSecondPerson
		}
		if e == ConfirmIt { // what people are told of it is what it takes
			if _, err := own(ctx, tx, v); err != nil {
				return err
			}
			if v, err = findVoucher(ctx, tx, v.ID); err != nil {
				return err
			}
		}
		mine, err := tx.ExecOne(ctx, `
			UPDATE voucher_revocations SET status = ?, decided_by = ?, decided_name = ?, decided_at = ?, decision = ? WHERE id = ? AND status = ?`,
			to, who.UserID, who.Username, clock.At(tx.Now()), said, r.ID, r.Status)
		if err != nil || !mine {
			return stale(err)
		}
		err = audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "voucher." + string(e) + "_revocation", ObjectKind: "voucher", ObjectID: v.ID, SubjectOrg: v.OrgID,
			Detail: map[string]any{"proposedBy": r.ProposedName, "reason": Ground{Reason: r.Reason}.label(), "comment": said},
		})
		if err != nil {
			return err
		}
		if err := s.tellRevocation(ctx, tx, who, v, r, e, said); err != nil || e == DeclineIt {
			return err
		}
		return s.take(ctx, tx, who, v, EventRevoke, "", CauseStaff, Ground{r.Reason, r.Comment})
	})
}

// DecidedRevocations are the proposals about a voucher that somebody decided on, newest first.
func (s *Service) DecidedRevocations(ctx context.Context, voucherID id.ID) (list []Revocation, err error) {
	err = s.db.Select(&list).Where("r.voucher_id = ? AND r.status <> ?", voucherID, Proposed).Order("r.id DESC").Limit(50).Scan(ctx)
	return list, err
}

// WaitingRevocations is how many revocations wait for a second person that somebody
// may be, and since when the oldest does.
func (s *Service) WaitingRevocations(ctx context.Context, who account.Principal) (count int64, oldest clock.Instant, err error) {
	var found struct {
		Count  int64
		Oldest clock.Instant
	}
	err = s.db.Raw(`SELECT count(*) AS count, coalesce(min(proposed_at), 0) AS oldest FROM voucher_revocations WHERE status = 'proposed' AND proposed_by <> ?`, who.UserID).Scan(ctx, &found)
	return found.Count, found.Oldest, err
}

// Waiting answers the revocations of some vouchers that wait for the second person.
func (s *Service) Waiting(ctx context.Context, r db.Reader, voucherIDs ...id.ID) (map[id.ID]Revocation, error) {
	out := map[id.ID]Revocation{}
	if len(voucherIDs) == 0 {
		return out, nil
	}
	var list []Revocation
	err := r.Select(&list).Where("r.voucher_id IN (?) AND r.status = ?", in(voucherIDs), Proposed).Scan(ctx)
	for _, w := range list {
		out[w.VoucherID] = w
	}
	return out, err
}
