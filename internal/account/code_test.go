package account_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/setting"
)

// begin sets the clock to a morning, so that days and hours of counting are known.
func begin(d *db.DB) (after func(time.Duration)) {
	morning := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	d.Clock().Set(morning)
	return func(t time.Duration) { d.Clock().Set(morning.Add(t)) }
}

// newCode sends a code, with a captcha, and answers it.
func (k *desk) newCode(phone string, purpose account.Purpose) string {
	k.t.Helper()
	if err := k.Service.SendCode(k.t.Context(), phone, purpose, k.solved(from), from); err != nil {
		k.t.Fatal(err)
	}
	return k.code()
}

// T-AUTH-15: a code is burned after five wrong tries, one after another or at
// once, and the count outlives the refusals.
func TestCodeIsBurnedAfterFiveWrongTries(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx, after := newDesk(t, d), t.Context(), begin(d)
		k.user("zhang_san01", "13800001234", true)
		right := k.newCode("13800001234", account.PurposeLogin)
		for range 5 {
			_, _, err := k.SignInByCode(ctx, "13800001234", "x", 0, from)
			k.refused(err, "account.wrong_code")
		}
		_, _, err := k.SignInByCode(ctx, "13800001234", right, 0, from)
		k.refused(err, "account.wrong_code")
		after(2 * time.Minute)
		right = k.newCode("13800001234", account.PurposeLogin)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { _, _, _ = k.SignInByCode(ctx, "13800001234", "x", 0, from) })
		}
		wg.Wait()
		_, _, err = k.SignInByCode(ctx, "13800001234", right, 0, from)
		k.refused(err, "account.wrong_code")
		if _, err := k.SignInByPassword(ctx, "zhang_san01", password, from); err != nil {
			t.Error("wrong codes lock the account:", err)
		}
	})
}

// T-AUTH-16: a code opens once, for its phone and purpose, until a newer one is
// sent or five minutes are over.
func TestCodeOpensOnce(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx, after := newDesk(t, d), t.Context(), begin(d)
		k.user("zhang_san01", "13800001234", true)
		k.user("li_si_0001", "13900001234", true)
		code := k.newCode("13800001234", account.PurposeLogin)
		_, err := k.ResetByCode(ctx, "13800001234", code, 0, "New#Pass01", "New#Pass01", from)
		k.refused(err, "account.wrong_code") // of another purpose
		_, _, err = k.SignInByCode(ctx, "13900001234", code, 0, from)
		k.refused(err, "account.wrong_code") // of another phone
		var opened atomic.Int64
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if _, _, err := k.SignInByCode(ctx, "13800001234", code, 0, from); err == nil {
					opened.Add(1)
				}
			})
		}
		wg.Wait()
		if n := opened.Load(); n != 1 {
			t.Errorf("one code opened %d times", n)
		}
		_, _, err = k.SignInByCode(ctx, "13800001234", code, 0, from)
		k.refused(err, "account.wrong_code")

		after(2 * time.Minute)
		older := k.newCode("13800001234", account.PurposeLogin)
		after(4 * time.Minute)
		newer := k.newCode("13800001234", account.PurposeLogin)
		if older != newer {
			_, _, err = k.SignInByCode(ctx, "13800001234", older, 0, from)
			k.refused(err, "account.wrong_code")
		}
		after(9*time.Minute + time.Second)
		_, _, err = k.SignInByCode(ctx, "13800001234", newer, 0, from)
		k.refused(err, "account.wrong_code")
	})
}

// T-AUTH-17: a minute between two codes, a captcha from the second on, ten a day
// and purpose, whatever way the number is written.
func TestCodesOfOnePhoneAreLimited(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx, after := newDesk(t, d), t.Context(), begin(d)
		k.user("zhang_san01", "13800001234", true)
		written := []string{"13800001234", "+8613800001234", "0086 138 0000 1234", "86-138-0000-1234", "(+86)１３８００００１２３４"}
		for n, phone := range []string{"13800001234", "13700001234"} { // known and unknown alike
			after(-time.Duration(n) * time.Second) // the clock of another process may be behind
			if err := k.SendCode(ctx, phone, account.PurposeLogin, from); err != nil {
				t.Fatal(err)
			}
			k.refused(k.SendCode(ctx, phone, account.PurposeLogin, from), "account.code_too_soon")
			after(61 * time.Second)
			k.refused(k.SendCode(ctx, phone, account.PurposeLogin, from), "account.captcha_required")
		}
		for i, phone := range written {
			after(61 * time.Second)
			if i == 0 {
				continue
			}
			k.refused(k.SendCode(ctx, phone, account.PurposeLogin, from), "account.captcha_required")
		}
		for i := 2; i <= 10; i++ {
			after(time.Duration(i) * 61 * time.Second)
			if err := k.Service.SendCode(ctx, written[i%5], account.PurposeLogin, k.solved(from), from); err != nil {
				t.Fatalf("code %d: %v", i, err)
			}
		}
		after(5 * time.Hour)
		k.refused(k.SendCode(ctx, "13800001234", account.PurposeLogin, from), "account.code_daily_cap")
		for range 5 {
			_ = k.SendCode(ctx, "13800001234", account.PurposeReset, from)
		}
		if n := k.sent(); n != 11 {
			t.Errorf("%d messages", n)
		}
		after(24 * time.Hour)
		if err := k.SendCode(ctx, "13800001234", account.PurposeLogin, from); err != nil {
			t.Error("the next day:", err)
		}
	})
}

// T-AUTH-17: of many requests at once one sends.
func TestOnlyOneOfManyRequestsSendsACode(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		k.user("zhang_san01", "13800001234", true)
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() { _ = k.SendCode(ctx, "13800001234", account.PurposeReset, from) })
		}
		wg.Wait()
		if n := k.sent(); n != 1 {
			t.Errorf("%d codes were sent", n)
		}
	})
}

// T-AUTH-17: one address cannot ask for codes to a thousand phones, and the
// platform sends no more in a day than an administrator allows.
func TestCodesOfOneAddressAndInAllAreLimited(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx, after := newDesk(t, d), t.Context(), begin(d)
		phone := func(i int) string { return fmt.Sprintf("138%08d", i) }
		for i := range 30 {
			if err := k.SendCode(ctx, phone(i), account.PurposeLogin, from); err != nil {
				t.Fatal(err)
			}
		}
		k.refused(k.SendCode(ctx, phone(30), account.PurposeLogin, from), "account.captcha_required")
		for i := 30; i < 300; i++ {
			after(time.Duration(i) * time.Minute) // the captchas of an address are limited too
			if err := k.Service.SendCode(ctx, phone(i), account.PurposeLogin, k.solved(from), from); err != nil {
				t.Fatal(i, err)
			}
		}
		k.refused(k.Service.SendCode(ctx, phone(300), account.PurposeLogin, k.solved(from), from), "account.code_daily_cap")
		if err := k.SendCode(ctx, phone(300), account.PurposeLogin, account.From{IP: "203.0.113.9"}); err != nil {
			t.Error("another address:", err)
		}

		if err := setting.New(d).Change(ctx, audit.Actor{UserID: 1}, setting.CodesADay, "100", 0); err != nil {
			t.Fatal(err)
		}
		for i := range 101 {
			k.user(fmt.Sprintf("user_%04d", i), phone(1000+i), true)
			err := k.SendCode(ctx, phone(1000+i), account.PurposeLogin, account.From{IP: fmt.Sprintf("198.51.100.%d", i)})
			if i < 100 && err != nil {
				t.Fatal(i, err)
			}
			if i == 100 {
				k.refused(err, "account.codes_spent")
			}
		}
	})
}

// T-AUTH-21: a phone of several companies leads to a choice among its accounts,
// and to no other.
func TestPhoneOfSeveralAccounts(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		a := k.user("zhang_san01", "13800001234", true)
		b := k.user("zhang_san02", "13800001234", true)
		stranger := k.user("some_thief", "13800001234", false) // only typed the number
		code := k.newCode("13800001234", account.PurposeLogin)
		_, choices, err := k.SignInByCode(ctx, "13800001234", code, 0, from)
		if err != nil || len(choices) != 2 || choices[0].UserID != a.ID || choices[1].UserID != b.ID {
			t.Fatal(choices, err)
		}
		_, _, err = k.SignInByCode(ctx, "13800001234", code, stranger.ID, from)
		k.refused(err, "account.wrong_code")
		signed, _, err := k.SignInByCode(ctx, "13800001234", code, b.ID, from)
		if err != nil || signed.User.ID != b.ID {
			t.Fatal(signed.User, err)
		}
	})
}

// T-AUTH-22: a code resets one password once: not a second time, not after the
// password was changed, not after five minutes, and only over a proven phone.
func TestResetByCode(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx, after := newDesk(t, d), t.Context(), begin(d)
		k.user("some_thief", "13900001234", false)
		k.owner("zhang_san01", "13800001234")
		reset := func(code, next string) error {
			_, err := k.ResetByCode(ctx, "13800001234", code, 0, next, next, from)
			return err
		}
		if err := k.SendCode(ctx, "13900001234", account.PurposeReset, from); err != nil || k.sent() != 0 {
			t.Error("an unproven phone gets a code", err)
		}
		for range 5 {
			_, _ = k.SignInByPassword(ctx, "zhang_san01", wrongPassword, from)
		}
		code := k.newCode("13800001234", account.PurposeReset)
		k.refused(reset(code, "weak"), account.CodePasswordLength) // and the code stays good
		if err := reset(code, "New#Pass01"); err != nil {
			t.Fatal(err)
		}
		signed, err := k.SignInByPassword(ctx, "zhang_san01", "New#Pass01", from)
		if err != nil {
			t.Fatal("the reset did not end the lock:", err)
		}
		k.refused(reset(code, "New#Pass02"), "account.wrong_code")
		after(2 * time.Minute)
		code = k.newCode("13800001234", account.PurposeReset)
		who, err := k.sessions.Who(ctx, signed.Token)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.ChangePassword(ctx, who, "New#Pass01", "New#Pass02", "New#Pass02"); err != nil {
			t.Fatal(err)
		}
		k.refused(reset(code, "New#Pass03"), "account.wrong_code")
		after(4 * time.Minute)
		code = k.newCode("13800001234", account.PurposeReset)
		after(9*time.Minute + time.Second)
		k.refused(reset(code, "New#Pass03"), "account.wrong_code")
	})
}

// T-BIZ-05: an acceptance takes a code of the own phone, once, where the platform says so.
func TestAnAcceptanceMayTakeACodeOfTheOwnPhone(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx, after := newDesk(t, d), t.Context(), begin(d)
		u := k.user("zhang_san01", "13800001234", true)
		who := account.Principal{UserID: u.ID, OrgID: u.OrgID, Role: u.Role, Username: u.Username}
		accept := func(code string, outcome error) error {
			use, err := k.ProveAcceptance(ctx, who, code, from)
			if err != nil {
				return err
			}
			return d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
				if err := use(ctx, tx); err != nil {
					return err
				}
				return outcome
			})
		}
		k.refused(accept("", nil), "") // off: nothing is asked
		if err := setting.New(d).Change(ctx, audit.Actor{UserID: 1}, setting.AcceptanceCode, setting.On, 0); err != nil {
			t.Fatal(err)
		}
		k.refused(accept(" ", nil), "field.required")
		signIn := k.newCode("13800001234", account.PurposeLogin)
		k.refused(accept(signIn, nil), "account.wrong_code") // a code opens what it was sent for
		after(2 * time.Minute)
		k.refused(k.SendAcceptanceCode(ctx, who, k.solved(from), from), "")
		code := k.code()
		k.refused(k.SendAcceptanceCode(ctx, who, k.solved(from), from), "account.code_too_soon")
		k.refused(accept("x", nil), "account.wrong_code")
		k.refused(accept(code, errs.ErrInvalidState), errs.ErrInvalidState.Code) // the acceptance itself is refused
		k.refused(accept(code, nil), "")                                         // and the code is good for the next one
		k.refused(accept(code, nil), "account.wrong_code")
	})
}
