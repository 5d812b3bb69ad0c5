package account_test

import (
	"context"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
)

// T-SESS-01: every sign-in has a token of its own.
func TestEverySignInHasItsOwnToken(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.user("zhang_san01", "13800001234", true)
		seen := map[string]bool{}
		for range 5 {
			token := k.password("zhang_san01").Token
			if len(token) != 43 || seen[token] { // 256 bits
				t.Fatal(token)
			}
			seen[token] = true
		}
	})
}

// T-SESS-02, T-SESS-03: a copied token is worth nothing at the very next request.
func TestACopiedTokenIsWorthNothingAfter(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		u := k.user("zhang_san01", "13800001234", true)
		other := k.user("wang_wu0001", "13800001235", true)
		boss := account.Principal{UserID: other.ID, Role: account.RoleAdmin}
		now := password
		signIn := func() account.Signed {
			t.Helper()
			signed, err := k.SignInByPassword(ctx, "zhang_san01", now, from)
			if err != nil {
				t.Fatal(err)
			}
			return signed
		}
		for _, c := range []struct {
			what string
			do   func(account.Principal) error
		}{
			{"logout", func(who account.Principal) error { return k.sessions.End(ctx, who) }},
			{"the password was changed elsewhere", func(account.Principal) error {
				here := k.who(signIn())
				err := k.ChangePassword(ctx, here, now, "Green#Hill2", "Green#Hill2")
				now = "Green#Hill2"
				return err
			}},
			{"an administrator reset the password", func(account.Principal) error {
				err := k.ResetUser(ctx, boss, u.ID, "Round#Lake3", "Round#Lake3")
				now = "Round#Lake3"
				return err
			}},
			{"all other sessions were ended", func(account.Principal) error { return k.EndOthers(ctx, k.who(signIn()), "") }},
			{"the account was disabled", func(account.Principal) error { return k.Enable(ctx, boss, u.ID, false) }},
		} {
			copied := signIn()
			who := k.who(copied)
			if !who.SignedIn() {
				t.Fatal("not signed in before:", c.what)
			}
			if err := c.do(who); err != nil {
				t.Fatal(c.what, err)
			}
			if k.who(copied).SignedIn() {
				t.Error("still signed in after:", c.what)
			}
		}

		// disabled stays disabled, whichever way he tries
		_, err := k.SignInByPassword(ctx, "zhang_san01", now, from)
		k.refused(err, "account.wrong_credentials")
		before := k.sent()
		if err := k.SendCode(ctx, u.Phone, account.PurposeReset, from); err != nil || k.sent() != before {
			t.Error("a code was sent to a disabled account", err)
		}

		if err := k.Enable(ctx, boss, u.ID, true); err != nil {
			t.Fatal(err)
		}
		copied := signIn()
		if !k.who(copied).Has(account.OrderBuy) {
			t.Fatal("no permission to lose")
		}
		err = d.Write(ctx, func(ctx context.Context, tx *db.Tx) error { // a main account keeps all rights
			_, err := tx.Exec(ctx, `UPDATE users SET is_owner = FALSE WHERE id = ?`, u.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if u, err = k.Find(ctx, d, u.ID); err != nil {
			t.Fatal(err)
		}
		if err := k.PermitUser(ctx, boss, u.ID, []account.Permission{account.VoucherUse}, u.Version); err != nil {
			t.Fatal(err)
		}
		if k.who(copied).Has(account.OrderBuy) {
			t.Error("a right that was taken away still holds")
		}
	})
}

// T-SESS-04: without use, and at the longest, by role.
func TestHowLongASessionLasts(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.user("zhang_san01", "13800001234", true)
		k.staff("staff_12345678", account.RoleOperator)
		for _, c := range []struct {
			name        string
			idle, total time.Duration
		}{{"zhang_san01", 30 * time.Minute, 12 * time.Hour}, {"staff_12345678", 15 * time.Minute, 8 * time.Hour}} {
			signed := k.password(c.name)
			d.Clock().Set(d.Now().Add(c.idle - time.Minute))
			if !k.who(signed).SignedIn() {
				t.Errorf("%s: ended while in use", c.name)
			}
			d.Clock().Set(d.Now().Add(c.idle + time.Second))
			if k.who(signed).SignedIn() {
				t.Errorf("%s: alive after %s without use", c.name, c.idle)
			}
			signed = k.password(c.name)
			for used := time.Duration(0); used < c.total; used += 10 * time.Minute {
				if !k.who(signed).SignedIn() {
					t.Fatalf("%s: ended after %s in use", c.name, used)
				}
				d.Clock().Set(d.Now().Add(10 * time.Minute))
			}
			if k.who(signed).SignedIn() {
				t.Errorf("%s: alive after %s", c.name, c.total)
			}
		}
	})
}

// T-SESS-10: ten at most; list and end one's own; the password again in an older session.
func TestOwnSessions(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		k.user("zhang_san01", "13800001234", true)
		k.user("wang_wu0001", "13800001235", true)
		stranger := k.password("wang_wu0001")
		first := k.password("zhang_san01")
		d.Clock().Set(d.Now().Add(time.Second))
		var signed []account.Signed
		for range 10 {
			signed = append(signed, k.password("zhang_san01"))
		}
		if k.who(first).SignedIn() {
			t.Error("the oldest of eleven sessions is still there")
		}
		here := k.who(signed[9])
		list, err := k.OwnSessions(ctx, here)
		if err != nil || len(list) != 10 || !list[0].Current || list[0].ID != here.SessionID || list[1].Current {
			t.Fatal(list, err)
		}
		k.refused(k.EndOther(ctx, here, here.SessionID, ""), "account.not_yourself")
		k.refused(k.EndOther(ctx, here, k.who(stranger).SessionID, ""), "not_found")
		if !k.who(stranger).SignedIn() {
			t.Error("somebody else's session ended")
		}
		if err := k.EndOther(ctx, here, k.who(signed[0]).SessionID, ""); err != nil || k.who(signed[0]).SignedIn() {
			t.Error("not ended", err)
		}

		d.Clock().Set(d.Now().Add(11 * time.Minute))
		k.refused(k.EndOthers(ctx, here, ""), "account.password_again")
		k.refused(k.EndOthers(ctx, here, "Wrong#Pass1"), account.CodePasswordAgain)
		if err := k.EndOthers(ctx, here, password); err != nil {
			t.Fatal(err)
		}
		for i, s := range signed {
			if k.who(s).SignedIn() != (i == 9) {
				t.Error("the wrong sessions ended", i)
			}
		}
	})
}

func TestASignInFromElsewhereIsTold(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		u := k.staff("staff_12345678", account.RoleOperator)
		unread := func() int64 {
			t.Helper()
			n, err := k.notify.Unread(ctx, u.ID)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		at := func(ip, agent string) {
			t.Helper()
			if _, err := k.SignInByPassword(ctx, u.Username, password, account.From{IP: ip, Agent: agent}); err != nil {
				t.Fatal(err)
			}
		}
		const chrome = "Mozilla/5.0 (Windows NT 10.0) Chrome/142.0 Safari/537.36"
		at("192.0.2.1", chrome)
		at("192.0.2.77", chrome) // the same network
		if unread() != 0 || k.sent() != 0 {
			t.Error("told of the first place, or of a known one")
		}
		at("198.51.100.4", chrome)
		if unread() != 1 || k.sent() != 1 {
			t.Error("not told of another network")
		}
		at("198.51.100.4", "Mozilla/5.0 (iPhone) Safari/604.1")
		at("198.51.100.4", "Mozilla/5.0 (iPhone) Safari/605.1")
		if unread() != 2 || k.sent() != 2 {
			t.Error("not told once of another device")
		}
		company := k.user("zhang_san01", "13800001234", true)
		for _, ip := range []string{"192.0.2.1", "203.0.113.9"} {
			if _, err := k.SignInByPassword(ctx, "zhang_san01", password, account.From{IP: ip}); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := k.notify.Unread(ctx, company.ID); err != nil || n != 1 || k.sent() != 2 {
			t.Error("a company's user gets a message and no SMS", n, err)
		}
	})
}
