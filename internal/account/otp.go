package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
)

// Purpose is what a one-time code opens; a code opens nothing else.
type Purpose string

// The purposes.
const (
	PurposeLogin Purpose = "login"
	PurposeReset Purpose = "reset"
)

const (
	codeLife     = 5 * time.Minute
	codeTries    = 5
	codeSpacing  = 60 * time.Second
	codesOfPhone = 10 // a day
	codesOfIP    = 60 // a day; an office shares an address
)

// CodeSpacing is how long a page counts down before it offers another code.
const CodeSpacing = codeSpacing

type codeRow struct {
	bun.BaseModel `bun:"table:one_time_codes"`

	ID         id.ID `bun:",pk"`
	PhoneIndex string
	Purpose    Purpose
	CodeHash   string
	CreatedAt  clock.Instant
	ExpiresAt  clock.Instant
	Tries      int64
	UsedAt     clock.Instant
	IP         string `bun:"ip"`
}

// SendCode sends a code to a phone. The answer is the same whether the phone
// belongs to an account or not; without one nothing is sent.
func (s *Service) SendCode(ctx context.Context, phone string, purpose Purpose, from From) error {
	phone = NormalPhone(phone)
	var refused errs.Fields
	checkPhone(phone, &refused)
	if err := refused.Err(); err != nil {
		return err
	}
	if !s.notify.On(notify.SMS) {
		return ErrNoSMS
	}
	if err := s.claimSend(ctx, phone, purpose, from.IP); err != nil {
		return err
	}
	users, err := s.byPhone(ctx, phone, purpose == PurposeLogin)
	if err != nil || len(users) == 0 {
		return err
	}
	code := newCode()
	template := map[Purpose]string{PurposeLogin: "otp_login", PurposeReset: "otp_reset"}[purpose]
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := clock.At(tx.Now())
		r := codeRow{
			ID: id.New(), PhoneIndex: s.box.Index(indexPhone, phone), Purpose: purpose, CreatedAt: now,
			ExpiresAt: now.Add(codeLife), IP: from.IP,
		}
		r.CodeHash = s.codeHash(r.ID, code)
		// a new code ends the older ones
		_, err := tx.Exec(ctx, `UPDATE one_time_codes SET used_at = ? WHERE phone_index = ? AND purpose = ? AND used_at = 0`, now, r.PhoneIndex, purpose)
		if err != nil {
			return err
		}
		if _, err := tx.Insert(&r).Exec(ctx); err != nil {
			return err
		}
		return s.notify.SMS(ctx, tx, phone, template, map[string]string{"code": code, "minutes": "5"})
	})
}

func newCode() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // never fails since Go 1.24
	}
	return fmt.Sprintf("%06d", n)
}

// codeHash is keyed and bound to its row: a copy of the table cannot be searched
// through a million codes.
func (s *Service) codeHash(row id.ID, code string) string {
	return s.box.Index("otp."+row.String(), code)
}

// claimSend takes the right to send before anything is sent, in a transaction of
// its own, so that two requests at once cannot both send and a refusal later does
// not give the right back.
func (s *Service) claimSend(ctx context.Context, phone string, purpose Purpose, ip string) error {
	var refusal error
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		refusal = nil
		key := "phone:" + string(purpose) + ":" + s.box.Index(indexPhone, phone)
		if refusal = s.count(ctx, tx, key, codeSpacing, codesOfPhone); refusal != nil || ip == "" {
			return fault(refusal)
		}
		refusal = s.count(ctx, tx, "ip:"+ip, 0, codesOfIP)
		return fault(refusal)
	})
	if err != nil {
		return err
	}
	return refusal
}

// fault lets a refusal commit what was counted and a fault undo it.
func fault(err error) error {
	if err == nil || errs.Of(err).Kind != errs.Internal {
		return nil
	}
	return err
}

// count adds one to a counter of the day unless it is too soon or too many.
func (s *Service) count(ctx context.Context, tx *db.Tx, key string, spacing time.Duration, limit int64) error {
	now := clock.At(tx.Now())
	day := tx.Now().In(clock.Shanghai).Format(time.DateOnly)
	ok, err := tx.ExecOne(ctx, `
		INSERT INTO code_counters (key, day, sent, last_at) VALUES (?, ?, 1, ?)
		ON CONFLICT (key) DO UPDATE SET
			sent = CASE WHEN code_counters.day = excluded.day THEN code_counters.sent + 1 ELSE 1 END,
			day = excluded.day, last_at = excluded.last_at
		WHERE code_counters.last_at <= ? AND (code_counters.day <> excluded.day OR code_counters.sent < ?)`,
		key, day, now, now.Add(-spacing), limit)
	if err != nil || ok {
		return err
	}
	var row struct{ LastAt, Sent int64 }
	if err := tx.Raw(`SELECT last_at, sent FROM code_counters WHERE key = ?`, key).Scan(ctx, &row); err != nil {
		return err
	}
	if wait := int64(clock.Instant(row.LastAt).Add(spacing)-now+999) / 1000; wait > 0 && row.Sent < limit {
		return ErrCodeSoon.With("seconds", wait).After(int(wait))
	}
	return ErrCodeCap.After(3600)
}

// tryCode spends one of a code's tries and compares. It does not use the code up.
func (s *Service) tryCode(ctx context.Context, phone string, purpose Purpose, code string) (codeRow, error) {
	var r codeRow
	index := s.box.Index(indexPhone, phone)
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := clock.At(tx.Now())
		r = codeRow{}
		err := tx.Select(&r).Where("phone_index = ? AND purpose = ? AND used_at = 0 AND expires_at > ?", index, purpose, now).
			Order("created_at DESC", "id DESC").Limit(1).Scan(ctx)
		if db.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		counted, err := tx.ExecOne(ctx, `UPDATE one_time_codes SET tries = tries + 1 WHERE id = ? AND used_at = 0 AND tries < ?`, r.ID, codeTries)
		if !counted {
			r = codeRow{}
		}
		return err
	})
	if err != nil {
		return codeRow{}, err
	}
	if r.ID == 0 || subtle.ConstantTimeCompare([]byte(r.CodeHash), []byte(s.codeHash(r.ID, code))) != 1 {
		return codeRow{}, wrongCode()
	}
	return r, nil
}

func wrongCode() error {
	var refused errs.Fields
	refused.Add("/code", ErrCode.Code)
	return refused.Err()
}

// useCode ends a code within the transaction of what it opens; the loser of two
// requests with one code is refused.
func useCode(ctx context.Context, tx *db.Tx, r codeRow) error {
	ok, err := tx.ExecOne(ctx, `UPDATE one_time_codes SET used_at = ? WHERE id = ? AND used_at = 0`, tx.Now().UnixMilli(), r.ID)
	if err == nil && !ok {
		err = wrongCode()
	}
	return err
}
