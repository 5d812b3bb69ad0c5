package account

import (
	"context"
	"time"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// Five wrong passwords lock an account for a quarter of an hour, wherever they
// were typed: sign-in, change of password, registration that goes on.
const (
	wrongLimit = 5
	lockTime   = 15 * time.Minute
	wrongDecay = 24 * time.Hour
)

// budgetOf is the key under which an account's wrong passwords are counted. A
// name that is no account has a budget too, so that a lock tells nothing.
func budgetOf(userID id.ID) string { return "user:" + userID.String() }

func (s *Service) budgetOfName(key string) string {
	return "name:" + s.box.Index("signin.name", key)
}

// spend takes one try before the password is looked at, in a transaction of its
// own: tries at the same time cannot exceed the budget, and a refusal afterwards
// does not give the try back. A locked account is refused with the time left.
func (s *Service) spend(ctx context.Context, key string) (left int64, err error) {
	var until clock.Instant
	var now clock.Instant
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now = clock.At(tx.Now())
		taken, err := tx.ExecOne(ctx, `
			INSERT INTO signin_failures (key, failures, locked_until, at) VALUES (?, 1, 0, ?)
			ON CONFLICT (key) DO UPDATE SET
				failures = CASE WHEN signin_failures.locked_until > 0 OR signin_failures.at < ? THEN 1 ELSE signin_failures.failures + 1 END,
				locked_until = CASE WHEN signin_failures.locked_until = 0 AND signin_failures.at >= ? AND signin_failures.failures + 1 >= ? THEN ? ELSE 0 END,
				at = excluded.at
			WHERE signin_failures.locked_until <= excluded.at`,
			key, now, now.Add(-wrongDecay), now.Add(-wrongDecay), wrongLimit, now.Add(lockTime))
		if err != nil {
			return err
		}
		var row struct{ Failures, LockedUntil int64 }
		if err := tx.Raw(`SELECT failures, locked_until FROM signin_failures WHERE key = ?`, key).Scan(ctx, &row); err != nil {
			return err
		}
		left = wrongLimit - row.Failures
		if !taken {
			until = clock.Instant(row.LockedUntil)
		}
		return nil
	})
	if err != nil || until == 0 {
		return left, err
	}
	return 0, locked(until, now)
}

func locked(until, now clock.Instant) error {
	seconds := int((until-now)/1000) + 1
	return ErrLocked.With("minutes", (seconds+59)/60).After(seconds)
}

// wrong is the refusal after a wrong password: the last try of the budget says
// that the account is locked now.
func wrong(left int64) error {
	if left <= 0 {
		return ErrLocked.With("minutes", int(lockTime.Minutes())).After(int(lockTime.Seconds()))
	}
	return ErrCredentials
}

// refund ends the count after a right password or a reset.
func refund(ctx context.Context, tx *db.Tx, key string) error {
	_, err := tx.Exec(ctx, `DELETE FROM signin_failures WHERE key = ?`, key)
	return err
}

// Purge drops counters and codes that no longer say anything; a sweep calls it.
func (s *Service) Purge(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := clock.At(tx.Now())
		for _, statement := range []string{
			`DELETE FROM signin_failures WHERE at < ?`,
			`DELETE FROM code_counters WHERE last_at < ?`,
			`DELETE FROM one_time_codes WHERE expires_at < ?`,
		} {
			if _, err := tx.Exec(ctx, statement, now.Add(-2*wrongDecay)); err != nil {
				return err
			}
		}
		return nil
	})
}
