// Package idem makes an operation happen once however often it is asked for: the
// key and the result are stored in the transaction of the effect.
package idem

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
)

// ErrMismatch says that the key was used for another request.
var ErrMismatch = errs.New(errs.Invalid, "idempotency.mismatch")

// ErrMissing says that a money operation came without a key.
var ErrMissing = errs.New(errs.BadRequest, "idempotency.missing")

var errKeyGone = errors.New("idem: the key is gone within its transaction")

// Key names one intent of one caller. RequestHash covers everything that was asked.
type Key struct {
	Scope       string // who: "org:ID" or "user:ID"
	Operation   string
	Value       string // the Idempotency-Key header, 1 to 255 characters
	RequestHash string
}

// Hash makes the request hash of any JSON value.
func Hash(request any) string {
	raw, err := json.Marshal(request)
	if err != nil {
		panic(err) // requests are plain structs
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

type row struct {
	bun.BaseModel `bun:"table:idempotency_keys"`

	Scope       string `bun:",pk"`
	Operation   string `bun:",pk"`
	Key         string `bun:",pk"`
	RequestHash string
	Body        string
	CreatedAt   clock.Instant
}

// Once runs fn unless the key has a result already; then it returns that result
// and true. A second request with the key waits for the first (on PostgreSQL by
// the unique index, on SQLite by the one writer). Only success is stored, because
// a refusal rolls the key back with everything else.
func Once[T any](ctx context.Context, tx *db.Tx, key Key, fn func() (T, error)) (result T, replayed bool, err error) {
	if key.Value == "" || len(key.Value) > 255 {
		return result, false, ErrMissing
	}
	fresh, err := tx.InsertNew(ctx, &row{
		Scope: key.Scope, Operation: key.Operation, Key: key.Value, RequestHash: key.RequestHash, CreatedAt: clock.At(tx.Now()),
	})
	if err != nil {
		return result, false, err
	}
	if !fresh {
		var r row
		err = tx.Select(&r).Where("scope = ? AND operation = ? AND key = ?", key.Scope, key.Operation, key.Value).Scan(ctx)
		if err != nil {
			return result, false, err
		}
		if r.RequestHash != key.RequestHash {
			return result, false, ErrMismatch
		}
		return result, true, json.Unmarshal([]byte(r.Body), &result)
	}
	if result, err = fn(); err != nil {
		return result, false, err
	}
	body, err := json.Marshal(result)
	if err != nil {
		return result, false, err
	}
	err = tx.ExecLater(ctx, errKeyGone, `UPDATE idempotency_keys SET body = ? WHERE scope = ? AND operation = ? AND key = ?`,
		string(body), key.Scope, key.Operation, key.Value)
	return result, false, err
}
