package account_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

func TestAnAddressRegistersSixtyAccountsADay(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, n := newDesk(t, d), 0
		d.Clock().Set(time.Date(2026, 11, 5, 1, 0, 0, 0, time.UTC))
		hashed, err := k.Hash(t.Context(), password)
		if err != nil {
			t.Fatal(err)
		}
		register := func(ip string) error {
			n++
			return d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := k.Open(ctx, tx, account.Registration{
					Role: account.RoleEnterprise, Username: fmt.Sprintf("company_%03d", n), Phone: fmt.Sprintf("138%08d", n), Password: password,
				}, id.New(), hashed, account.From{IP: ip})
				return err
			})
		}
		for range 60 {
			if err := register("2001:db8::1"); err != nil {
				t.Fatal(err)
			}
		}
		err = register("2001:db8::2") // the same network
		k.refused(err, "account.registrations_spent")
		if wait := errs.Of(err).RetryAfter; wait > 23*3600+1 || wait < 22*3600 { // the clock runs
			t.Errorf("try again after %d seconds", wait)
		}
		if err := register("192.0.2.1"); err != nil {
			t.Error("another address is refused:", err)
		}
		if err := register(""); err != nil {
			t.Error("the platform itself is refused:", err)
		}
		d.Clock().Set(d.Now().Add(23 * time.Hour))
		if err := register("2001:db8::1"); err != nil {
			t.Error("refused on the next day:", err)
		}
	})
}
