package account

import (
	"context"
	"time"

	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
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

// guess is one try at a password.
type guess struct {
	row     userRow // the zero row: the name is no account
	budget  string
	from    From
	captcha *Captcha // nil where none is asked for
}

func guessAt(row userRow, from From, captcha *Captcha) guess {
	return guess{row: row, budget: budgetOf(row.ID), from: from, captcha: captcha}
}

// pair is the account as seen from the address; "" when there is no address.
func (g guess) pair() string {
	if g.from.IP == "" {
		return ""
	}
	return g.budget + ":" + g.from.address()
}

// prove spends a try and compares the password. A right one gives the try back at
// once, whatever is refused afterwards.
func (s *Service) prove(ctx context.Context, g guess, password string) error {
	left, err := s.spend(ctx, g)
	if err != nil {
		return err
	}
	against := g.row.PasswordHash
	if g.row.ID == 0 {
		against = dummyHash
	}
	same, err := s.hasher.same(ctx, clip(password), against)
	if err != nil {
		return err
	}
	if same && g.row.ID != 0 {
		return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			if err := wrongOfAddress.giveBack(ctx, tx, g.from.address()); err != nil {
				return err
			}
			return refund(ctx, tx, g)
		})
	}
	if left > 0 {
		return ErrCredentials
	}
	if err := s.tellLocked(ctx, g); err != nil {
		return err
	}
	return locked(lockTime)
}

// clip keeps an absurdly long password from costing anything.
func clip(password string) string {
	if len(password) > 200 {
		return password[:200]
	}
	return password
}

// spend takes one try before the password is looked at, in a transaction of its
// own: tries at the same time cannot exceed the budget, and a refusal afterwards
// does not give the try back. A locked account is refused with the time left.
func (s *Service) spend(ctx context.Context, g guess) (left int64, err error) {
	var refusal error
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		left, refusal = s.spendIn(ctx, tx, g)
		return fault(refusal)
	})
	if err == nil {
		err = refusal
	}
	return left, err
}

func (s *Service) spendIn(ctx context.Context, tx *db.Tx, g guess) (left int64, err error) {
	now := clock.At(tx.Now())
	if err := refuseLocked(ctx, tx, g.budget, now); err != nil {
		return 0, err
	}
	if err := s.askCaptcha(ctx, tx, g); err != nil {
		return 0, err
	}
	if err := s.takeOfAddress(ctx, tx, g.from); err != nil {
		return 0, err
	}
	if _, ok, err := wrongOfPair.take(ctx, tx, g.pair()); err != nil {
		return 0, err
	} else if !ok {
		return 0, ErrAddress.After(wrongOfPair.rest(tx.Now()))
	}
	taken, err := tx.ExecOne(ctx, `
		INSERT INTO signin_failures (key, failures, locked_until, at) VALUES (?, 1, 0, ?)
		ON CONFLICT (key) DO UPDATE SET
			failures = CASE WHEN signin_failures.locked_until > 0 OR signin_failures.at < ? THEN 1 ELSE signin_failures.failures + 1 END,
			locked_until = CASE WHEN signin_failures.locked_until = 0 AND signin_failures.at >= ? AND signin_failures.failures + 1 >= ? THEN ? ELSE 0 END,
			at = excluded.at
		WHERE signin_failures.locked_until <= excluded.at`,
		g.budget, now, now.Add(-wrongDecay), now.Add(-wrongDecay), wrongLimit, now.Add(lockTime))
	if err != nil {
		return 0, err
	}
	if !taken { // another try took the last one since
		return 0, refuseLocked(ctx, tx, g.budget, now)
	}
	var failures int64
	err = tx.Raw(`SELECT failures FROM signin_failures WHERE key = ?`, g.budget).Scan(ctx, &failures)
	return wrongLimit - failures, err
}

func refuseLocked(ctx context.Context, tx *db.Tx, key string, now clock.Instant) error {
	var until int64
	err := tx.Raw(`SELECT COALESCE(MAX(locked_until), 0) FROM signin_failures WHERE key = ?`, key).Scan(ctx, &until)
	if wait := clock.Instant(until) - now; err == nil && wait > 0 {
		return locked(time.Duration(wait) * time.Millisecond)
	}
	return err
}

// askCaptcha refuses a try without a captcha when the address, or the account
// from this address, has failed too often.
func (s *Service) askCaptcha(ctx context.Context, tx *db.Tx, g guess) error {
	if g.captcha == nil {
		return nil
	}
	wrong, err := wrongOfAddress.count(ctx, tx, g.from.address())
	if err != nil {
		return err
	}
	here, err := wrongOfPair.count(ctx, tx, g.pair())
	if err != nil || wrong < wrongOfAddress.doubt && here < wrongOfPair.doubt {
		return err
	}
	return s.useCaptcha(ctx, tx, *g.captcha)
}

// locked is the refusal while an account is locked.
func locked(wait time.Duration) error {
	seconds := int((wait + time.Second - 1) / time.Second)
	return ErrLocked.With("minutes", (seconds+59)/60).After(seconds)
}

// tellLocked records that a budget is used up, and tells the owner: in the
// workbench each time, by SMS at most twice a day.
func (s *Service) tellLocked(ctx context.Context, g guess) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		who := audit.Actor{IP: g.from.IP, RequestID: g.from.RequestID}
		err := audit.Write(ctx, tx, who, audit.Entry{
			Action: "account.lock", ObjectKind: "user", ObjectID: g.row.ID, SubjectOrg: g.row.OrgID,
			Detail: map[string]any{"failures": wrongLimit, "minutes": int(lockTime.Minutes())},
		})
		if err != nil || g.row.ID == 0 {
			return err
		}
		err = s.notify.Tell(ctx, tx, notify.Message{
			UserIDs: []id.ID{g.row.ID}, Title: "帐号曾被锁定",
			Body: "您的帐号因密码连续输错 5 次被锁定 15 分钟。如果不是您本人操作，请修改密码；锁定期间可使用短信登录，或通过“忘记密码”重置。",
		})
		if err != nil || g.row.PhoneProvenAt == 0 || !s.notify.On(notify.SMS) {
			return err
		}
		switch err := s.count(ctx, tx, "locked:"+g.row.ID.String(), 0, 2); {
		case fault(err) != nil:
			return err
		case err != nil: // told often enough today
			return nil
		}
		u, err := s.user(g.row)
		if err != nil {
			return err
		}
		return s.notify.SMS(ctx, tx, u.Phone, "account_locked", map[string]string{"username": u.Username})
	})
}

// refund ends the count after a right password or a reset. What was counted from
// other addresses stays: a stranger does not profit when the owner comes back.
func refund(ctx context.Context, tx *db.Tx, g guess) error {
	for _, key := range []string{wrongOfPair.key(g.pair(), tx.Now()), g.budget} {
		if _, err := tx.Exec(ctx, `DELETE FROM signin_failures WHERE key = ?`, key); err != nil {
			return err
		}
	}
	return nil
}

// Purge drops counters, codes and captchas that no longer say anything; a sweep
// calls it.
func (s *Service) Purge(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := clock.At(tx.Now())
		for _, statement := range []string{
			`DELETE FROM signin_failures WHERE at < ?`,
			`DELETE FROM code_counters WHERE last_at < ?`,
			`DELETE FROM one_time_codes WHERE expires_at < ?`,
			`DELETE FROM captchas WHERE expires_at < ?`,
		} {
			if _, err := tx.Exec(ctx, statement, now.Add(-2*wrongDecay)); err != nil {
				return err
			}
		}
		return s.sealAddresses(ctx, tx)
	})
}
