package account

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// Recovery codes open what the authenticator would, once each, when it is lost.
const (
	recoveryCodes  = 10
	recoveryLength = 10 // of 32 letters: 50 bits
)

// recoveryLetters has nothing that looks like something else.
const recoveryLetters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

type recoveryRow struct {
	bun.BaseModel `bun:"table:recovery_codes"`

	UserID   id.ID  `bun:",pk"`
	CodeHash string `bun:",pk"`
	UsedAt   clock.Instant
}

// newRecoveryCode is two groups of five: K7RM2-XQ4PA.
func newRecoveryCode() string {
	raw := make([]byte, recoveryLength)
	rand.Read(raw) //nolint:errcheck // never fails since Go 1.24
	var b strings.Builder
	for i, r := range raw {
		if i == recoveryLength/2 {
			b.WriteByte('-')
		}
		b.WriteByte(recoveryLetters[int(r)%len(recoveryLetters)])
	}
	return b.String()
}

// recoveryHash is keyed and bound to the user.
func (s *Service) recoveryHash(userID id.ID, code string) string {
	return s.box.Index("recovery."+userID.String(), code)
}

// renewRecovery replaces all recovery codes of a user; only the answer has them in clear.
func (s *Service) renewRecovery(ctx context.Context, tx *db.Tx, userID id.ID) ([]string, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM recovery_codes WHERE user_id = ?`, userID); err != nil {
		return nil, err
	}
	codes := make([]string, 0, recoveryCodes)
	rows := make([]recoveryRow, 0, recoveryCodes)
	for range recoveryCodes {
		code := newRecoveryCode()
		codes = append(codes, code)
		rows = append(rows, recoveryRow{UserID: userID, CodeHash: s.recoveryHash(userID, typed(code))})
	}
	_, err := tx.Insert(&rows).Exec(ctx)
	return codes, err
}

// typed is a code without what people put between its groups.
func typed(code string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\t' || r == '　' {
			return -1
		}
		return r
	}, strings.ToUpper(half(code)))
}
