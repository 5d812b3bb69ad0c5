package account

import (
	"context"
	"errors"
	"time"

	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// passwordAgain is how old a session may be to change what protects the account
// without the password.
const passwordAgain = 10 * time.Minute

// ErrPasswordAgain asks for the password once more.
var ErrPasswordAgain = errs.New(errs.Forbidden, "account.password_again")

// CodePasswordAgain refuses a password that was asked for again.
const CodePasswordAgain = "account.password_not_right"

// OwnSession is one place where a user is signed in.
type OwnSession struct {
	ID        id.ID
	Device    string
	IP        string
	StartedAt clock.Instant
	SeenAt    clock.Instant
	Current   bool
}

// OwnSessions lists where the caller is signed in: this session first, then the
// one that was used last.
func (s *Service) OwnSessions(ctx context.Context, who Principal) ([]OwnSession, error) {
	now := clock.At(s.db.Now())
	var rows []sessionRow
	err := s.db.Select(&rows).Where("user_id = ? AND expires_at > ? AND seen_at > ?", who.UserID, now, now.Add(-Idle(who.Role))).
		OrderExpr("CASE WHEN id = ? THEN 0 ELSE 1 END", who.SessionID).Order("seen_at DESC", "id DESC").Scan(ctx)
	out := make([]OwnSession, 0, len(rows))
	for _, r := range rows {
		if err == nil {
			r.IP, err = openAddress(s.box, r.IP)
		}
		out = append(out, OwnSession{
			ID: r.ID, Device: device(r.Agent), IP: r.IP, StartedAt: r.CreatedAt, SeenAt: r.SeenAt, Current: r.ID == who.SessionID,
		})
	}
	return out, err
}

// EndOther ends one of the caller's sessions; his own he leaves by signing out.
func (s *Service) EndOther(ctx context.Context, who Principal, session id.ID, password string) error {
	if session == who.SessionID {
		return ErrSelf
	}
	if err := s.reprove(ctx, who, password); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.sessions.changed(ctx, tx, who.UserID); err != nil {
			return err
		}
		ok, err := tx.ExecOne(ctx, `DELETE FROM sessions WHERE id = ? AND user_id = ?`, session, who.UserID)
		if err == nil && !ok {
			err = errs.ErrNotFound
		}
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "account.end_session", ObjectKind: "user", ObjectID: who.UserID, SubjectOrg: who.OrgID,
		})
	})
}

// EndOthers ends every session of the caller but the one he uses.
func (s *Service) EndOthers(ctx context.Context, who Principal, password string) error {
	if err := s.reprove(ctx, who, password); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.sessions.EndAll(ctx, tx, who.UserID, who.SessionID); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "account.end_other_sessions", ObjectKind: "user", ObjectID: who.UserID, SubjectOrg: who.OrgID,
		})
	})
}

// reprove asks for the password again unless the session has just begun, so that
// a computer left open does not give the account away.
func (s *Service) reprove(ctx context.Context, who Principal, password string) error {
	var started clock.Instant
	err := s.db.Raw(`SELECT created_at FROM sessions WHERE id = ? AND user_id = ?`, who.SessionID, who.UserID).Scan(ctx, &started)
	switch {
	case db.IsNotFound(err):
		return errs.ErrUnsigned
	case err != nil:
		return err
	case clock.At(s.db.Now()) < started.Add(passwordAgain):
		return nil
	case password == "":
		return ErrPasswordAgain
	}
	return s.askPassword(ctx, who, password)
}

// askPassword spends a try of the account's budget and compares the password.
func (s *Service) askPassword(ctx context.Context, who Principal, password string) error {
	var refused errs.Fields
	if password == "" {
		refused.Add("/password", "field.required")
		return refused.Err()
	}
	row, err := s.row(ctx, s.db, "id = ? AND status = 'active'", who.UserID)
	if err != nil {
		return err
	}
	err = s.prove(ctx, guessAt(row, who.from(), nil), password)
	if errors.Is(err, ErrCredentials) {
		refused.Add("/password", CodePasswordAgain)
		return refused.Err()
	}
	return err
}
