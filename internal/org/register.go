package org

import (
	"context"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// Registered is the answer to step 1: a session of the main account.
type Registered struct {
	account.Signed
	Org     Organization
	Resumed bool // the account existed: its draft goes on
}

// Register is step 1 of 欢迎注册: it makes the account and a company in draft. The
// same user name and password continue; a company that was submitted already
// does not register again.
func (s *Service) Register(ctx context.Context, in account.Registration, from account.From) (Registered, error) {
	existing, err := s.accounts.CheckRegistration(ctx, &in, from)
	if err != nil {
		return Registered{}, err
	}
	if existing.ID != 0 {
		return s.resume(ctx, in, existing, from)
	}
	hashed, err := s.accounts.Hash(ctx, in.Password)
	if err != nil {
		return Registered{}, err
	}
	var out Registered
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		out.Org = Organization{ID: id.New(), Kind: Kind(in.Role), Verification: Draft, CreatedAt: clock.At(tx.Now())}
		if _, err := tx.Insert(&out.Org).Exec(ctx); err != nil {
			return err
		}
		u, err := s.accounts.Open(ctx, tx, in, out.Org.ID, hashed, from)
		if err != nil {
			return err
		}
		out.Signed, err = s.accounts.SignIn(ctx, tx, u, "registration", from)
		return err
	})
	return out, err
}

func (s *Service) resume(ctx context.Context, in account.Registration, u account.User, from account.From) (out Registered, err error) {
	out.Resumed = true
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if out.Org, err = s.find(ctx, tx, u.OrgID); err != nil {
			return err
		}
		if !out.Org.Verification.Editable() || out.Org.Verification.InForce() {
			return ErrSubmitted.In(string(out.Org.Verification))
		}
		out.Signed, err = s.accounts.Resume(ctx, tx, u, in, from)
		return err
	})
	return out, err
}
