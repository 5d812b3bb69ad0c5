package account_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/page"
)

const wrongPassword = "Wrong#Pass1"

// wrong signs in with a wrong password and wants this refusal.
func (k *desk) wrong(name string, from account.From, want string) {
	k.t.Helper()
	_, err := k.SignInByPassword(k.t.Context(), name, wrongPassword, from)
	k.refused(err, want)
}

// acts counts the entries of the trail with an action.
func (k *desk) acts(action string) (n int) {
	k.t.Helper()
	if err := k.db.Raw(`SELECT count(*) FROM audit_entries WHERE action = ?`, action).Scan(k.t.Context(), &n); err != nil {
		k.t.Fatal(err)
	}
	return n
}

// told counts a user's messages with a title.
func (k *desk) told(u account.User, title string) (n int) {
	k.t.Helper()
	items, _, _, err := k.notify.Inbox(k.t.Context(), u.ID, false, page.Query{})
	if err != nil {
		k.t.Fatal(err)
	}
	for _, m := range items {
		if m.Title == title {
			n++
		}
	}
	return n
}

// answer solves the question of a challenge by its words.
func answer(t *testing.T, question string) string {
	t.Helper()
	digits := []rune("零一二三四五六七八九")
	read := func(words string) (n int) {
		tens, ones, ten := strings.Cut(words, "十")
		if !ten {
			tens, ones = "零", words
		}
		for _, part := range []string{tens, ones} {
			d := 0
			if part != "" {
				d = slices.Index(digits, []rune(part)[0])
			} else if ten && n == 0 {
				d = 1 // 十二
			}
			if part == "" && n > 0 {
				d = 0 // 二十
			}
			n = n*10 + d
		}
		return n
	}
	words := strings.TrimSuffix(question, "等于多少？")
	if a, b, plus := strings.Cut(words, "加"); plus {
		return fmt.Sprint(read(a) + read(b))
	}
	a, b, minus := strings.Cut(words, "减")
	if !minus {
		t.Fatalf("what is %q?", question)
	}
	return fmt.Sprint(read(a) - read(b))
}

// solved is the right answer to a fresh challenge.
func (k *desk) solved(from account.From) account.Captcha {
	k.t.Helper()
	c, err := k.NewCaptcha(k.t.Context(), account.CaptchaQuestion, from)
	if err != nil {
		k.t.Fatal(err)
	}
	return account.Captcha{ID: c.ID, Answer: answer(k.t, c.Question)}
}

// T-AUTH-07: five wrong passwords lock an account, also for the right one, until
// a quarter of an hour is over; a name that is no account answers alike.
func TestFiveWrongPasswordsLock(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		u := k.user("zhang_san01", "13800001234", true)
		for _, name := range []string{"zhang_san01", "nobody_here"} {
			for try := 1; try <= 50; try++ {
				want := "account.wrong_credentials"
				if try >= 5 {
					want = "account.locked"
				}
				k.wrong(name, from, want)
			}
		}
		_, err := k.SignInByPassword(ctx, "zhang_san01", password, from)
		k.refused(err, "account.locked")
		if n := k.told(u, "帐号曾被锁定"); n != 1 {
			t.Errorf("the owner was told %d times of one lock", n)
		}
		if n, all := k.sent(), k.acts("account.lock"); n != 1 || all != 2 {
			t.Errorf("%d messages by SMS, %d entries in the trail", n, all)
		}
		d.Clock().Shift(15*time.Minute + time.Second)
		if _, err := k.SignInByPassword(ctx, "zhang_san01", password, from); err != nil {
			t.Error("after a quarter of an hour:", err)
		}
	})
}

// T-AUTH-07: of many tries at once no more than five are looked at.
func TestTriesAtOnceDoNotExceedTheBudget(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		k.user("zhang_san01", "13800001234", true)
		var mu sync.Mutex
		refusals := map[string]int{}
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				_, err := k.SignInByPassword(ctx, "zhang_san01", wrongPassword, account.From{IP: fmt.Sprintf("192.0.2.%d", i)})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case errors.Is(err, account.ErrCredentials):
					refusals["wrong"]++
				case errors.Is(err, account.ErrLocked):
					refusals["locked"]++
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if refusals["wrong"] != 4 || refusals["locked"] != 46 || k.acts("account.lock") != 1 {
			t.Error(refusals, k.acts("account.lock"))
		}
	})
}

// T-AUTH-08: the ways in share one budget: user name, phone, change of the
// password, and a registration that goes on.
func TestEveryWayInSharesOneBudget(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		who := k.owner("zhang_san01", "13800001234")
		k.wrong("zhang_san01", from, "account.wrong_credentials")
		k.wrong("+86 138 0000 1234", from, "account.wrong_credentials")
		k.refused(k.ChangePassword(ctx, who, wrongPassword, "New#Pass01", "New#Pass01"), account.CodePasswordWrong)
		again := account.Registration{
			Role: account.RoleEnterprise, Username: "ZHANG_san01", Phone: "13800001234", Password: "Other#Pass1", PasswordConfirm: "Other#Pass1", Agreed: true,
		}
		_, err := k.CheckRegistration(ctx, &again, from)
		k.refused(err, account.CodePasswordOfOther)
		k.wrong("ｚhang_san01", from, "account.locked")
		k.refused(k.ChangePassword(ctx, who, password, "New#Pass01", "New#Pass01"), "account.locked")
		_, err = k.CheckRegistration(ctx, &again, from)
		k.refused(err, "account.locked")
	})
}

// T-AUTH-24: the old password is asked for, and guessing it ends like guessing
// anywhere else; a right one is not held against its owner.
func TestOldPasswordIsAskedForAndCounted(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		who := k.owner("zhang_san01", "13800001234")
		for range 6 {
			k.refused(k.ChangePassword(ctx, who, password, "weak", "weak"), account.CodePasswordLength)
		}
		k.refused(k.ChangePassword(ctx, who, "", "New#Pass01", "New#Pass01"), "field.required")
		for try := 1; try <= 100; try++ {
			want := account.CodePasswordWrong
			if try >= 5 {
				want = "account.locked"
			}
			k.refused(k.ChangePassword(ctx, who, wrongPassword, "New#Pass01", "New#Pass01"), want)
		}
		k.refused(k.ChangePassword(ctx, who, password, "New#Pass01", "New#Pass01"), "account.locked")
	})
}

// T-AUTH-11: a stranger cannot keep an account locked from one address, and the
// owner comes back by SMS meanwhile.
func TestStrangerCannotKeepTheOwnerOut(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		u := k.user("zhang_san01", "13800001234", true)
		stranger := account.From{IP: "198.51.100.7"}
		d.Clock().Set(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)) // all of it in one day of counting
		for quarter := range 24 {
			d.Clock().Set(time.Date(2026, 11, 24, 0, 16*quarter, 0, 0, time.UTC))
			for range 6 {
				_, err := k.Service.SignInByPassword(ctx, "zhang_san01", wrongPassword, k.solved(stranger), stranger)
				if err == nil {
					t.Fatal("a wrong password opens")
				}
			}
		}
		if n := k.acts("account.lock"); n != 2 {
			t.Errorf("one address locked the account %d times in a day", n)
		}
		if _, err := k.SignInByPassword(ctx, "zhang_san01", password, from); err != nil {
			t.Error("the owner, from his own address:", err)
		}
		for range 4 {
			k.wrong("zhang_san01", account.From{IP: "203.0.113.9"}, "account.wrong_credentials")
		}
		k.wrong("zhang_san01", account.From{IP: "203.0.113.9"}, "account.locked")
		if err := k.SendCode(ctx, u.Phone, account.PurposeLogin, from); err != nil {
			t.Fatal(err)
		}
		if signed, _, err := k.SignInByCode(ctx, u.Phone, k.code(), 0, from); err != nil || signed.User.ID != u.ID {
			t.Error("the owner cannot sign in by SMS while the account is locked:", err)
		}
	})
}

// T-AUTH-12: one password for many names, from one address: soon a captcha is
// asked for, in the end the address is stopped, and the administrators hear of it.
func TestOnePasswordForManyNames(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		admin, err := k.AddStaff(ctx, account.System, account.RoleAdmin, person("admin_0001", "13900001111"), nil)
		if err != nil {
			t.Fatal(err)
		}
		k.user("zhang_san01", "13800001234", true)
		d.Clock().Set(time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)) // an hour of counting begins
		for i := range 30 {
			k.wrong(fmt.Sprintf("victim_%03d", i), from, "account.wrong_credentials")
		}
		k.wrong("victim_030", from, "account.captcha_required")
		_, err = k.SignInByPassword(ctx, "zhang_san01", password, from)
		k.refused(err, "account.captcha_required")
		if _, err = k.Service.SignInByPassword(ctx, "zhang_san01", password, k.solved(from), from); err != nil {
			t.Error("somebody else of that office, with a captcha:", err)
		}
		if _, err = k.SignInByPassword(ctx, "zhang_san01", password, account.From{IP: "203.0.113.9"}); err != nil {
			t.Error("another address:", err)
		}
		if k.acts("account.many_failures") != 1 || k.told(admin, "登录异常提醒") != 1 {
			t.Error("the administrators do not hear of it")
		}
		for i := range 170 {
			_, err := k.Service.SignInByPassword(ctx, fmt.Sprintf("victim_%03d", 30+i), wrongPassword, k.solved(from), from)
			k.refused(err, "account.wrong_credentials")
		}
		_, err = k.Service.SignInByPassword(ctx, "zhang_san01", password, k.solved(from), from)
		k.refused(err, "account.address_stopped")
		d.Clock().Set(time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC))
		if _, err = k.SignInByPassword(ctx, "zhang_san01", password, from); err != nil {
			t.Error("an hour later:", err)
		}
	})
}

// A captcha is asked for after several failures, is used up by one try and ends
// by itself.
func TestCaptchas(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		k.user("zhang_san01", "13800001234", true)
		d.Clock().Set(time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC))
		for range 5 {
			_, _ = k.SignInByPassword(ctx, "zhang_san01", wrongPassword, from)
		}
		d.Clock().Set(time.Date(2026, 11, 24, 3, 16, 0, 0, time.UTC))
		k.wrong("zhang_san01", from, "account.wrong_credentials")
		k.wrong("zhang_san01", from, "account.captcha_required")
		try := func(c account.Captcha) error {
			_, err := k.Service.SignInByPassword(ctx, "zhang_san01", password, c, from)
			return err
		}
		c := k.solved(from)
		k.refused(try(account.Captcha{ID: c.ID, Answer: "-1"}), account.CodeCaptcha)
		k.refused(try(c), account.CodeCaptcha) // the wrong try used it up
		late := k.solved(from)
		d.Clock().Set(time.Date(2026, 11, 24, 3, 22, 0, 0, time.UTC))
		k.refused(try(late), account.CodeCaptcha)
		once := k.solved(from)
		var wg sync.WaitGroup
		opened := make(chan struct{}, 8)
		for range 8 {
			wg.Go(func() {
				if _, err := k.Service.SignInByPassword(context.WithoutCancel(ctx), "zhang_san01", wrongPassword, once, from); errors.Is(err, account.ErrCredentials) {
					opened <- struct{}{}
				}
			})
		}
		wg.Wait()
		if len(opened) != 1 {
			t.Errorf("one captcha opened %d tries", len(opened))
		}
		if err := try(k.solved(from)); err != nil {
			t.Error(err)
		}
		if err := try(account.Captcha{}); err != nil {
			t.Error("asked for although the right password ended the doubt:", err)
		}
		picture, err := k.NewCaptcha(ctx, account.CaptchaPicture, from)
		if err != nil || !strings.HasPrefix(string(picture.Picture), "\x89PNG") || picture.Question != "" {
			t.Error("no picture", err)
		}
	})
}
