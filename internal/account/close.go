package account

import (
	"context"
	"errors"

	"smedx/internal/audit"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Obstacle is something open that must be settled before an account is closed.
// Code has a text of its own; N counts.
type Obstacle struct {
	Code string
	N    int64
}

// Closing is what other modules know of an account that is to be closed.
type Closing struct {
	// Obstacles lists what is open for a user; with company also for the company.
	Obstacles func(ctx context.Context, r db.Reader, u User, company bool) ([]Obstacle, error)
	// Forget removes what only served the person; with company also the company's drafts.
	Forget func(ctx context.Context, tx *db.Tx, who Principal, company bool) error
}

// OnClose connects the modules above; the wiring calls it.
func (s *Service) OnClose(c Closing) { s.closing = c }

// Refusals of 注销帐号.
var (
	ErrCloseHeld  = errs.New(errs.Conflict, "account.close_held")
	ErrCloseStaff = errs.New(errs.Conflict, "account.close_staff")
)

// Obstacles tells everything that keeps the caller from closing the account.
func (s *Service) Obstacles(ctx context.Context, r db.Reader, who Principal) ([]Obstacle, error) {
	if who.Role != RoleEnterprise && who.Role != RoleProvider {
		return []Obstacle{{Code: ErrCloseStaff.Code}}, nil
	}
	u, err := s.Find(ctx, r, who.UserID)
	if err != nil {
		return nil, err
	}
	var all []Obstacle
	if u.Owner {
		var others int64
		err := r.Raw(`SELECT count(*) FROM users WHERE org_id = ? AND id <> ? AND status <> 'deleted'`, u.OrgID, u.ID).Scan(ctx, &others)
		if err != nil {
			return nil, err
		}
		if others > 0 {
			all = append(all, Obstacle{"account.close_members", others})
		}
	}
	if s.closing.Obstacles == nil {
		return all, nil
	}
	more, err := s.closing.Obstacles(ctx, r, u, u.Owner)
	return append(all, more...), err
}

// Close is 注销帐号: the caller proves himself by password, nothing may be open,
// and then the account is nobody's. The user name stays on what it did and is
// never given again; phone and mail are free. The main account takes the company's
// registration with it.
func (s *Service) Close(ctx context.Context, who Principal, password string) error {
	row, err := s.row(ctx, s.db, "id = ? AND status = 'active'", who.UserID)
	if err != nil {
		return err
	}
	if err := s.prove(ctx, guessAt(row, who.from(), nil), password); errors.Is(err, ErrCredentials) {
		var refused errs.Fields
		refused.Add("/password", CodePasswordWrong)
		return refused.Err()
	} else if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		open, err := s.Obstacles(ctx, tx, who)
		if err != nil {
			return err
		}
		if len(open) > 0 {
			return ErrCloseHeld
		}
		if s.closing.Forget != nil {
			if err := s.closing.Forget(ctx, tx, who, row.IsOwner); err != nil {
				return err
			}
		}
		ok, err := tx.ExecOne(ctx, `UPDATE users SET status = 'deleted', version = version + 1 WHERE id = ? AND status = 'active'`, row.ID)
		if err == nil && !ok {
			err = errs.ErrStale
		}
		if err != nil {
			return err
		}
		if err := s.erase(ctx, tx, row); err != nil {
			return err
		}
		if err := s.sessions.EndAll(ctx, tx, row.ID, 0); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "account.close", ObjectKind: "user", ObjectID: row.ID, SubjectOrg: row.OrgID,
			Detail: map[string]any{"from": row.Status, "to": Deleted, "company": row.IsOwner},
		})
	})
}

// erase takes everything personal off a deleted account but its user name, which
// stays on what it did and stays taken.
func (s *Service) erase(ctx context.Context, tx *db.Tx, row userRow) error {
	for _, c := range []struct {
		statement string
		arg       any
	}{
		{`UPDATE users SET phone = '', phone_index = '', phone_proven_at = 0, email = '', password_hash = '' WHERE id = ?`, row.ID},
		{`DELETE FROM password_history WHERE user_id = ?`, row.ID},
		{`DELETE FROM second_factors WHERE user_id = ?`, row.ID},
		{`DELETE FROM recovery_codes WHERE user_id = ?`, row.ID},
		{`DELETE FROM signin_steps WHERE user_id = ?`, row.ID},
		{`DELETE FROM signin_places WHERE user_id = ?`, row.ID},
		{`DELETE FROM messages WHERE user_id = ?`, row.ID},
		{`DELETE FROM saved_searches WHERE user_id = ?`, row.ID},
		{`UPDATE consents SET ip = '' WHERE user_id = ?`, row.ID},
	} {
		if _, err := tx.Exec(ctx, c.statement, c.arg); err != nil {
			return err
		}
	}
	return nil
}

// Reveal answers phone and mail of an account in full to staff, and puts that on
// the trail.
func (s *Service) Reveal(ctx context.Context, who Principal, userID id.ID) (u User, err error) {
	return u, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if u, err = s.Find(ctx, tx, userID); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "account.reveal", ObjectKind: "user", ObjectID: u.ID, SubjectOrg: u.OrgID,
			Detail: map[string]any{"fields": []string{"phone", "email"}, "context": "list"},
		})
	})
}
