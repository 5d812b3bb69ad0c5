package account

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// A sign-in whose first factor is proven waits this long for the second.
const stepLife = 10 * time.Minute

// ErrStepOver says that no sign-in waits for a second factor (any more).
var ErrStepOver = errs.New(errs.Unsigned, "account.sign_in_over")

type stepRow struct {
	bun.BaseModel `bun:"table:signin_steps"`

	ID        id.ID `bun:",pk"`
	TokenHash string
	UserID    id.ID
	Way       string
	CreatedAt clock.Instant
	ExpiresAt clock.Instant
}

// Step is a sign-in that waits for the second factor. It opens nothing else.
type Step struct {
	ID        id.ID
	UserID    id.ID
	Username  string
	Way       string
	ExpiresAt clock.Instant
	Enrol     bool // there is no second factor yet: one must be set up
}

// SignIn goes on for somebody whose password or code was right: with a session,
// or with the step to the second factor where he has one or needs one. way is how
// he has proven himself.
func (s *Service) SignIn(ctx context.Context, tx *db.Tx, u User, way string, from From) (Signed, error) {
	row, err := s.factor(ctx, tx, u.ID)
	if err != nil {
		return Signed{}, err
	}
	need := row.ConfirmedAt != 0
	if !need {
		if need, err = s.factorDemanded(ctx, tx, u.Role); err != nil {
			return Signed{}, err
		}
	}
	if !need {
		return s.open(ctx, tx, u, way, "", from)
	}
	token := newToken()
	now := clock.At(tx.Now())
	_, err = tx.Insert(&stepRow{
		ID: id.New(), TokenHash: hashToken(token), UserID: u.ID, Way: way, CreatedAt: now, ExpiresAt: now.Add(stepLife),
	}).Exec(ctx)
	return Signed{StepToken: token, Enrol: row.ConfirmedAt == 0, User: u}, err
}

// open begins the session: every factor is proven.
func (s *Service) open(ctx context.Context, tx *db.Tx, u User, way, second string, from From) (Signed, error) {
	token, err := s.sessions.Start(ctx, tx, u.ID, u.Role, from.IP, from.Agent)
	if err != nil {
		return Signed{}, err
	}
	known, err := s.knowPlace(ctx, tx, u, from)
	if err != nil {
		return Signed{}, err
	}
	detail := map[string]any{"by": way, "new_place": !known}
	if second != "" {
		detail["second"] = second
	}
	return Signed{Token: token, User: u}, audit.Write(ctx, tx, actor(u, from).Actor(), audit.Entry{
		Action: "account.sign_in", ObjectKind: "user", ObjectID: u.ID, SubjectOrg: u.OrgID, Detail: detail,
	})
}

// Waiting finds the sign-in that a token belongs to.
func (s *Service) Waiting(ctx context.Context, token string) (Step, error) {
	if token == "" {
		return Step{}, ErrStepOver
	}
	var r struct {
		ID, UserID    id.ID
		Username, Way string
		ExpiresAt     clock.Instant
		Confirmed     clock.Instant
	}
	err := s.db.Raw(`
		SELECT p.id, p.user_id, u.username, p.way, p.expires_at, COALESCE(f.confirmed_at, 0) AS confirmed
		FROM signin_steps p JOIN users u ON u.id = p.user_id LEFT JOIN second_factors f ON f.user_id = p.user_id
		WHERE p.token_hash = ? AND p.expires_at > ? AND u.status = 'active'`, hashToken(token), clock.At(s.db.Now())).Scan(ctx, &r)
	if db.IsNotFound(err) {
		err = ErrStepOver
	}
	return Step{ID: r.ID, UserID: r.UserID, Username: r.Username, Way: r.Way, ExpiresAt: r.ExpiresAt, Enrol: r.Confirmed == 0}, err
}

// FinishSignIn takes the code of the second factor, or a recovery code. When the
// tries are spent the sign-in must begin anew.
func (s *Service) FinishSignIn(ctx context.Context, step Step, code string, from From) (signed Signed, err error) {
	p, err := s.proveFactor(ctx, step.UserID, code)
	if errors.Is(err, ErrFactorLocked) {
		if fault := s.giveUp(ctx, step, from); fault != nil {
			return Signed{}, fault
		}
	}
	if err != nil {
		return Signed{}, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := p.use(ctx, tx); err != nil {
			return err
		}
		signed, err = s.finish(ctx, tx, step, p.by(), from)
		return err
	})
	return signed, err
}

// EnrolAtSignIn begins the second factor of somebody who must have one and has none.
func (s *Service) EnrolAtSignIn(ctx context.Context, step Step) (Enrolment, error) {
	return s.beginFactor(ctx, step.UserID, step.Username)
}

// ConfirmAtSignIn takes the first code of a new second factor, and signs in.
func (s *Service) ConfirmAtSignIn(ctx context.Context, step Step, code string, from From) (signed Signed, recovery []string, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		u, err := s.Find(ctx, tx, step.UserID)
		if err != nil {
			return err
		}
		if recovery, err = s.confirmFactor(ctx, tx, actor(u, from), code); err != nil {
			return err
		}
		signed, err = s.finish(ctx, tx, step, "enrolled", from)
		return err
	})
	return signed, recovery, err
}

// finish turns a waiting sign-in into a session with a token of its own, once.
func (s *Service) finish(ctx context.Context, tx *db.Tx, step Step, second string, from From) (Signed, error) {
	ok, err := tx.ExecOne(ctx, `DELETE FROM signin_steps WHERE id = ? AND expires_at > ?`, step.ID, clock.At(tx.Now()))
	if err == nil && !ok {
		err = ErrStepOver
	}
	if err != nil {
		return Signed{}, err
	}
	row, err := s.row(ctx, tx, "id = ? AND status = 'active'", step.UserID)
	if err != nil {
		return Signed{}, err
	}
	u, err := s.user(row)
	if err != nil {
		return Signed{}, err
	}
	return s.open(ctx, tx, u, step.Way, second, from)
}

// giveUp ends a waiting sign-in whose codes were wrong too often.
func (s *Service) giveUp(ctx context.Context, step Step, from From) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		ok, err := tx.ExecOne(ctx, `DELETE FROM signin_steps WHERE id = ?`, step.ID)
		if err != nil || !ok {
			return err
		}
		return audit.Write(ctx, tx, audit.Actor{UserID: step.UserID, Name: step.Username, IP: from.IP, RequestID: from.RequestID}, audit.Entry{
			Action: "account.factor_locked", ObjectKind: "user", ObjectID: step.UserID,
		})
	})
}

// LeaveSignIn ends a waiting sign-in because its user goes back.
func (s *Service) LeaveSignIn(ctx context.Context, step Step) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM signin_steps WHERE id = ?`, step.ID)
		return err
	})
}
