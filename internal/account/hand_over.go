package account

import (
	"context"
	"errors"

	"smedx/internal/audit"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
)

// ErrNotOwner refuses what only the main account of a company may do.
var ErrNotOwner = errs.New(errs.Forbidden, "account.owner_only")

// HandOver is 移交主帐号: the main account makes another active member the main
// one, proven by its password. It stays a member with all rights.
func (s *Service) HandOver(ctx context.Context, who Principal, to id.ID, password string) error {
	if !who.Owner {
		return ErrNotOwner
	}
	row, err := s.row(ctx, s.db, "id = ? AND org_id = ? AND org_id > 0 AND is_owner AND status = 'active'", who.UserID, who.OrgID)
	if err != nil {
		return err
	}
	if _, err := s.other(ctx, s.db, who, to); err != nil {
		return err
	}
	err = s.prove(ctx, guessAt(row, who.from(), nil), password)
	if errors.Is(err, ErrCredentials) {
		var refused errs.Fields
		refused.Add("/password", CodePasswordAgain)
		return refused.Err()
	}
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return s.handOver(ctx, tx, who, to) })
}

// handOver moves the mark. The database allows one main account in a company, so
// the old one steps back first.
func (s *Service) handOver(ctx context.Context, tx *db.Tx, who Principal, to id.ID) error {
	for _, user := range []id.ID{who.UserID, to} {
		if err := s.sessions.changed(ctx, tx, user); err != nil {
			return err
		}
	}
	for _, step := range []struct {
		query string
		args  []any
	}{
		{`UPDATE users SET is_owner = FALSE, version = version + 1 WHERE id = ? AND org_id = ? AND is_owner AND status = 'active'`, []any{who.UserID, who.OrgID}},
		{`UPDATE users SET is_owner = TRUE, permissions = '*', version = version + 1 WHERE id = ? AND org_id = ? AND status = 'active'`, []any{to, who.OrgID}},
	} {
		ok, err := tx.ExecOne(ctx, step.query, step.args...)
		if err == nil && !ok {
			err = errs.ErrStale
		}
		if err != nil {
			return err
		}
	}
	names, err := s.Names(ctx, tx, to)
	if err != nil {
		return err
	}
	err = s.notify.Tell(ctx, tx, notify.Message{
		UserIDs: []id.ID{to, who.UserID}, Title: "主帐号已移交",
		Body: who.Username + " 已将本单位主帐号移交给 " + names[to] + "。",
	})
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{
		Action: "account.hand_over", ObjectKind: "user", ObjectID: to, SubjectOrg: who.OrgID, Detail: map[string]any{"to": names[to]},
	})
}
