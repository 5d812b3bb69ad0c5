package account_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/setting"
)

// T-AUTH-01, T-AUTH-03: every way to set a password asks the same rules, and the
// current and former passwords come back on none.
func TestEveryWayToSetAPasswordAsksTheSame(t *testing.T) {
	d := dbtest.SQLite(t)
	k, ctx, after := newDesk(t, d), t.Context(), begin(d)
	boss := k.owner("zhang_san01", "13800001234")
	m, err := k.AddMember(ctx, boss, person("worker_001", "13900001111"))
	if err != nil {
		t.Fatal(err)
	}
	staff := func(p string) account.Person {
		return account.Person{Username: "fresh_one1", Phone: "13700001111", Password: p, PasswordConfirm: p}
	}
	resets := map[string]func(string) error{
		"change":       func(p string) error { return k.ChangePassword(ctx, boss, password, p, p) },
		"admin reset":  func(p string) error { return k.ResetUser(ctx, account.System, boss.UserID, p, p) },
		"member reset": func(p string) error { return k.ResetMember(ctx, boss, m.ID, p, p) },
	}
	code := k.newCode("13800001234", account.PurposeReset)
	tries := 0
	resets["reset by code"] = func(p string) error {
		if tries++; tries%3 == 0 {
			after(time.Duration(tries) * time.Minute)
			code = k.newCode("13800001234", account.PurposeReset)
		}
		_, err := k.ResetByCode(ctx, "13800001234", code, 0, p, p, from)
		return err
	}
	ways := map[string]func(string) error{
		"registration": func(p string) error {
			_, err := k.CheckRegistration(ctx, &account.Registration{
				Role: account.RoleEnterprise, Username: "fresh_one1", Phone: "13700001111", Password: p, PasswordConfirm: p, Agreed: true,
			}, from)
			return err
		},
		"member": func(p string) error { _, err := k.AddMember(ctx, boss, staff(p)); return err },
		"staff": func(p string) error {
			_, err := k.AddStaff(ctx, account.System, account.RoleOperator, staff(p), nil)
			return err
		},
		"command line": func(p string) error {
			_, err := k.Prepare(ctx, account.Staff{Role: account.RoleAdmin, Username: "fresh_one1", Password: p})
			return err
		},
	}
	for name, set := range resets {
		ways[name] = set
		k.refused(set(password), account.CodePasswordCurrent)
	}
	for name, set := range ways {
		for bad, want := range map[string]string{
			"Abc#123": account.CodePasswordLength, "abcdefg1": account.CodePasswordClasses, "Abcdef1 !": account.CodePasswordCharacter,
			"Admin@123": account.CodePasswordCommon,
		} {
			if err := set(bad); err == nil {
				t.Errorf("%s takes %q", name, bad)
			} else {
				k.refused(err, want)
			}
		}
	}
	if err := resets["change"]("New#Pass01"); err != nil {
		t.Fatal(err)
	}
	if err := k.ResetMember(ctx, boss, m.ID, "New#Pass01", "New#Pass01"); err != nil {
		t.Fatal(err)
	}
	for _, way := range []string{"admin reset", "member reset"} {
		k.refused(resets[way](password), account.CodePasswordHistory)
	}
	k.refused(k.ChangePassword(ctx, boss, "New#Pass01", password, password), account.CodePasswordHistory)
	after(time.Hour)
	code = k.newCode("13800001234", account.PurposeReset)
	_, err = k.ResetByCode(ctx, "13800001234", code, 0, password, password, from)
	k.refused(err, account.CodePasswordHistory)
}

// T-AUTH-05: a name that differs in case, width or blanks is the same name; what
// hides in a name is refused.
func TestOneNameInEveryWriting(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		boss := k.owner("zhang_san01", "13800001234")
		for written, want := range map[string]string{
			"ZHANG_SAN01": account.CodeUsernameTaken, "ｚhang_san０1": account.CodeUsernameTaken, "zhang_san01 ": account.CodeUsernameTaken,
			"zhang\u200b_san01": account.CodeUsername, "zhang_san01\u00ad": account.CodeUsername, "zhang-san01": account.CodeUsername,
			"张三_san01": account.CodeUsername, "abcde": account.CodeUsername, strings.Repeat("a", 31): account.CodeUsername,
			"zhang\x00san01": account.CodeUsername, "zhang_\u212aan01": account.CodeUsername,
		} {
			_, err := k.AddMember(ctx, boss, person(written, "13900001111"))
			k.refused(err, want)
		}
		for i, written := range []string{"abcdef", strings.Repeat("a", 30)} {
			if _, err := k.AddMember(ctx, boss, person(written, []string{"13900001111", "13900002222"}[i])); err != nil {
				t.Error(written, err)
			}
		}
	})
}

// T-AUTH-06: a first password made by the command line opens for three days.
func TestFirstPasswordEnds(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx, after := newDesk(t, d), t.Context(), begin(d)
		first := account.OneTimePassword()
		prepared, err := k.Prepare(ctx, account.Staff{Role: account.RoleOperator, Username: "operator_1", Password: first})
		if err != nil {
			t.Fatal(err)
		}
		err = d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := k.Create(ctx, tx, prepared.Expiring())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		signed, err := k.SignInByPassword(ctx, "operator_1", first, from)
		if err != nil || !signed.User.MustChange {
			t.Error("the first password must be changed:", err)
		}
		after(72*time.Hour + time.Second)
		_, err = k.SignInByPassword(ctx, "operator_1", first, from)
		k.refused(err, "account.first_password_expired")
	})
}

// T-AUTH-13: nobody learns whether an account exists: known, unknown and stopped
// ones are answered alike. That no account takes as long is the dummy hash.
func TestAnswersTellNothingOfAccounts(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		k.user("zhang_san01", "13800001234", true)
		stopped := k.user("stopped_01", "13900001234", true)
		if err := k.Enable(ctx, account.System, stopped.ID, false); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"zhang_san01", "stopped_01", "nobody_here", "13800001234", "13900001234", "13700001234", "x", ""} {
			k.wrong(name, from, "account.wrong_credentials")
		}
		for _, phone := range []string{"13800001234", "13900001234", "13700001234"} {
			for _, purpose := range []account.Purpose{account.PurposeLogin, account.PurposeReset} {
				if err := k.SendCode(ctx, phone, purpose, from); err != nil {
					t.Error(phone, purpose, err)
				}
				k.refused(k.SendCode(ctx, phone, purpose, from), "account.code_too_soon")
			}
			_, _, err := k.SignInByCode(ctx, phone, "x", 0, from)
			k.refused(err, "account.wrong_code")
			_, err = k.ResetByCode(ctx, phone, "x", 0, "New#Pass01", "New#Pass01", from)
			k.refused(err, "account.wrong_code")
		}
		if n := k.sent(); n != 2 {
			t.Errorf("%d codes were sent", n)
		}
		var rows int
		if err := d.Raw(`SELECT count(*) FROM one_time_codes`).Scan(ctx, &rows); err != nil || rows != 6 {
			t.Errorf("%d codes were written, so unknown phones take another way (%v)", rows, err)
		}
	})
}

// T-AUTH-14, T-AUTH-25: where the setting asks for it, no account exists before
// the phone is proven, and nobody learns whether the phone is known.
func TestRegistrationProvesThePhone(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx, after := newDesk(t, d), t.Context(), begin(d)
		k.user("owner_0001", "13800001234", true)
		in := account.Registration{
			Role: account.RoleEnterprise, Username: "zhang_san01", Phone: "138 0000 1234", Password: password, PasswordConfirm: password, Agreed: true,
		}
		k.refused(k.SendCode(ctx, in.Phone, account.PurposeRegister, from), "account.code_not_needed")
		if _, err := k.CheckRegistration(ctx, &in, from); err != nil {
			t.Error("a known phone is told:", err)
		}
		if err := setting.New(d).Change(ctx, audit.Actor{UserID: 1}, setting.PhoneCodeAtRegistration, setting.On, 0); err != nil {
			t.Fatal(err)
		}
		check := func(code, want string) {
			t.Helper()
			in.Code = code
			_, err := k.CheckRegistration(ctx, &in, from)
			k.refused(err, want)
		}
		check("", "field.required")
		check("000000", "account.wrong_code")
		login := k.newCode("13800001234", account.PurposeLogin)
		check(login, "account.wrong_code")
		after(2 * time.Minute)
		code := k.newCode("13800001234", account.PurposeRegister) // a known phone and
		if err := k.Service.SendCode(ctx, "13700001234", account.PurposeRegister, k.solved(from), from); err != nil {
			t.Error("an unknown one get a code alike:", err)
		}
		check(code, "")
		open := func() (u account.User, err error) {
			hashed, err := k.Hash(ctx, in.Password)
			if err != nil {
				t.Fatal(err)
			}
			err = d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
				u, err = k.Open(ctx, tx, in, id.New(), hashed, from)
				return err
			})
			return u, err
		}
		if u, err := open(); err != nil || !u.PhoneProven {
			t.Error("the phone is not proven:", err)
		}
		in.Username = "zhang_san02"
		_, err := open()
		k.refused(err, "account.wrong_code") // the code is used up
	})
}

// T-AUTH-25: without the setting, an account whose phone was merely typed is of no
// use against the phone's holder, and his first SMS ends the stranger's sessions.
func TestUnprovenPhoneOpensNothingOfOthers(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		k.user("some_thief", "13800001234", false)
		thief, err := k.SignInByPassword(ctx, "some_thief", password, from)
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.SignInByPassword(ctx, "13800001234", password, from)
		k.refused(err, "account.wrong_credentials")
		if err := k.SendCode(ctx, "13800001234", account.PurposeReset, from); err != nil || k.sent() != 0 {
			t.Error("an unproven phone resets a password:", err)
		}
		code := k.newCode("13800001234", account.PurposeLogin)
		if _, _, err := k.SignInByCode(ctx, "13800001234", code, 0, from); err != nil {
			t.Fatal(err)
		}
		if who, _ := k.sessions.Who(ctx, thief.Token); who.SignedIn() {
			t.Error("the session of whoever typed the phone goes on")
		}
	})
}

// T-AUTH-23: a password is reset within the company only, not the main account's;
// the member's sessions end, he is told and must choose his own.
func TestResetOfAMember(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		boss, rival := k.owner("zhang_san01", "13800001234"), k.owner("li_si_0001", "13800005678")
		m, err := k.AddMember(ctx, boss, person("worker_001", "13900001111"))
		if err != nil {
			t.Fatal(err)
		}
		operator, err := k.AddStaff(ctx, account.System, account.RoleOperator, person("operator_1", "13900002222"), nil)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := k.SignInByPassword(ctx, "worker_001", password, from)
		if err != nil {
			t.Fatal(err)
		}
		member := account.Principal{UserID: m.ID, OrgID: m.OrgID, Role: m.Role, Permissions: account.PermissionsOf(m.Role)}
		for what, reset := range map[string]func() error{
			"another company's": func() error { return k.ResetMember(ctx, rival, m.ID, "Fresh#Pass1", "Fresh#Pass1") },
			"the operator's":    func() error { return k.ResetMember(ctx, boss, operator.ID, "Fresh#Pass1", "Fresh#Pass1") },
		} {
			if err := reset(); !errors.Is(err, errs.ErrNotFound) {
				t.Errorf("%s password: %v", what, err)
			}
		}
		if err := k.ResetMember(ctx, member, boss.UserID, "Fresh#Pass1", "Fresh#Pass1"); err == nil {
			t.Error("a member resets the main account's password")
		}
		if err := k.ResetMember(ctx, boss, m.ID, "Fresh#Pass1", "Fresh#Pass1"); err != nil {
			t.Fatal(err)
		}
		if who, _ := k.sessions.Who(ctx, signed.Token); who.SignedIn() {
			t.Error("the session outlives the reset")
		}
		again, err := k.SignInByPassword(ctx, "worker_001", "Fresh#Pass1", from)
		if err != nil || !again.User.MustChange {
			t.Error("the password need not be changed:", err)
		}
		if k.told(m, "密码已重置") != 1 {
			t.Error("the member is not told")
		}
	})
}

// T-AUTH-26: length and odd bytes cost nothing and open nothing.
func TestOddPasswordsOpenNothing(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		k.user("zhang_san01", "13800001234", true)
		for name, p := range map[string]string{
			"zhang_san01": strings.Repeat("a", 10<<20), "zhang_san0\x001": password, "ZHANG_SAN01": password + "\x00", "13800001234": password + strings.Repeat("x", 72),
		} {
			_, err := k.SignInByPassword(ctx, name, p, from)
			k.refused(err, "account.wrong_credentials")
		}
		if _, err := k.SignInByPassword(ctx, "zhang_san01", password, from); err != nil {
			t.Error(err)
		}
	})
}
