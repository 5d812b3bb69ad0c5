package org

import (
	"context"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
)

// Close ends a company's registration when its main account is closed: its
// verification ends, its draft is deleted and its credit code is free again. What
// was submitted stays with the reviews, orders and books that rest on it.
func (s *Service) Close(ctx context.Context, tx *db.Tx, who account.Principal) error {
	o, err := s.find(ctx, tx, who.OrgID)
	if err != nil {
		return err
	}
	to := o.Verification
	if next, err := o.Verification.Next(Revoke); err == nil {
		to = next
	}
	ok, err := tx.ExecOne(ctx, `
		UPDATE organizations SET verification = ?, draft_at = 0, draft_values = '', draft_sealed = '', verdict = ''
		WHERE id = ? AND verification = ? AND pending_version = 0`, to, o.ID, o.Verification)
	if err == nil && !ok {
		err = errs.ErrStale
	}
	if err != nil {
		return err
	}
	if err := releaseCodes(ctx, tx, o.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE org_marks SET shown = '' WHERE org_id = ?`, o.ID); err != nil {
		return err
	}
	if err := s.tellChanged(ctx, tx, o.ID); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{
		Action: "org.close", ObjectKind: "organization", ObjectID: o.ID, SubjectOrg: o.ID,
		Detail: map[string]any{"from": o.Verification, "to": to},
	})
}
