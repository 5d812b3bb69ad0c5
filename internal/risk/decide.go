package risk

import (
	"context"
	"strings"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Decide says what a hit means. By itself it stops nothing; vouchers that the lead
// held are free once it is dismissed.
func (s *Service) Decide(ctx context.Context, who account.Principal, hitID id.ID, e Event, reason string) (Hit, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return Hit{}, ErrReasonMissing
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		h, err := findHit(ctx, tx, hitID)
		if err != nil {
			return err
		}
		to, err := h.State.Next(e)
		if err != nil {
			return err
		}
		ok, err := tx.ExecOne(ctx, `
			UPDATE risk_hits SET state = ?, decided_by = ?, decided_name = ?, decided_at = ?, reason = ? WHERE id = ? AND state = ?`,
			to, who.UserID, who.Username, clock.At(tx.Now()), reason, h.ID, h.State)
		if err == nil && !ok {
			err = errs.ErrStale
		}
		if err != nil {
			return err
		}
		if err := s.followAll(ctx, tx, h.Rule, h.ID); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "risk." + string(e), ObjectKind: "risk_hit", ObjectID: h.ID,
			Detail: map[string]any{"from": h.State, "to": to, "rule": h.Rule.Name(), "reason": reason},
		})
	})
	if err != nil {
		return Hit{}, err
	}
	return findHit(ctx, s.db, hitID)
}

func findHit(ctx context.Context, r db.Reader, hitID id.ID) (h Hit, err error) {
	err = r.Select(&h).Where("h.id = ?", hitID).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return h, err
}
