package account_test

import (
	"context"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/seal"
	"smedx/internal/notify"
	"smedx/internal/setting"
)

type desk struct {
	t        *testing.T
	db       *db.DB
	notify   *notify.Service
	sessions *account.Sessions
	*account.Service
}

func newDesk(t *testing.T, d *db.DB) *desk {
	t.Helper()
	box, err := seal.New(make([]byte, seal.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	n, err := notify.New(d, box, map[notify.Channel]notify.Sender{notify.SMS: notify.Local{}})
	if err != nil {
		t.Fatal(err)
	}
	sessions := account.NewSessions(d)
	return &desk{t, d, n, sessions, account.New(d, box, n, setting.New(d), sessions)}
}

// SignInByPassword and SendCode ask without a captcha, as a page does at first.
func (k *desk) SignInByPassword(ctx context.Context, name, password string, from account.From) (account.Signed, error) {
	return k.Service.SignInByPassword(ctx, name, password, account.Captcha{}, from)
}

func (k *desk) SendCode(ctx context.Context, phone string, purpose account.Purpose, from account.From) error {
	return k.Service.SendCode(ctx, phone, purpose, account.Captcha{}, from)
}

const password = "Blue#River7"

func (k *desk) user(username, phone string, proven bool) account.User {
	k.t.Helper()
	hashed, err := k.Hash(k.t.Context(), password)
	if err != nil {
		k.t.Fatal(err)
	}
	var u account.User
	err = k.db.Write(k.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		var err error
		u, err = k.Create(ctx, tx, account.NewUser{
			OrgID: id.New(), Role: account.RoleEnterprise, Owner: true, Username: username, Phone: phone, Password: hashed, PhoneProven: proven,
		})
		return err
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return u
}

// code is the last code that was sent.
func (k *desk) code() string {
	k.t.Helper()
	sent, err := k.notify.Recent(k.t.Context(), 10)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, m := range sent {
		if c := m.Params["code"]; c != "" {
			return c
		}
	}
	k.t.Fatal("no code was sent")
	return ""
}

func (k *desk) sent() int {
	k.t.Helper()
	sent, err := k.notify.Recent(k.t.Context(), 100)
	if err != nil {
		k.t.Fatal(err)
	}
	return len(sent)
}

func (k *desk) refused(err error, want string) {
	k.t.Helper()
	e := errs.Of(err)
	got := e.Code
	if err == nil {
		got = ""
	}
	for _, f := range e.Fields {
		if f.Code == want {
			return
		}
		got = f.Code
	}
	if got != want {
		k.t.Errorf("refused with %q (%v), want %q", got, err, want)
	}
}

var from = account.From{IP: "192.0.2.1", Agent: "test"}

func TestSignInByPassword(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		u := k.user("zhang_san01", "13800001234", true)
		signed, err := k.SignInByPassword(ctx, " ZHANG_san01", password, from)
		if err != nil {
			t.Fatal(err)
		}
		who, err := k.sessions.Who(ctx, signed.Token)
		if err != nil || who.UserID != u.ID || who.Username != "zhang_san01" || !who.Has(account.OrderBuy) {
			t.Fatal(who, err)
		}
		if _, err := k.SignInByPassword(ctx, "138 0000 1234", password, from); err != nil {
			t.Error("by phone:", err)
		}
		k.user("other_one", "13800001234", true)
		_, err = k.SignInByPassword(ctx, "13800001234", password, from)
		k.refused(err, "account.wrong_credentials") // the phone leads to two
	})
}

func TestSignInByCode(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		u := k.user("zhang_san01", "13800001234", false)
		if err := k.SendCode(ctx, "13800001234", account.PurposeLogin, from); err != nil {
			t.Fatal(err)
		}
		code := k.code()
		_, _, err := k.SignInByCode(ctx, "13800001234", "000000", 0, from)
		if code != "000000" {
			k.refused(err, "account.wrong_code")
		}
		signed, choices, err := k.SignInByCode(ctx, "13800001234", code, 0, from)
		if err != nil || len(choices) > 0 || signed.User.ID != u.ID {
			t.Fatal(signed, choices, err)
		}
		if u, _ = k.Find(ctx, d, u.ID); !u.PhoneProven {
			t.Error("the phone is not proven by the sign-in")
		}
		_, _, err = k.SignInByCode(ctx, "13800001234", code, 0, from)
		k.refused(err, "account.wrong_code") // single use
	})
}

func TestChangePassword(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		k.user("zhang_san01", "13800001234", true)
		here, err := k.SignInByPassword(ctx, "zhang_san01", password, from)
		if err != nil {
			t.Fatal(err)
		}
		there, err := k.SignInByPassword(ctx, "zhang_san01", password, from)
		if err != nil {
			t.Fatal(err)
		}
		who, _ := k.sessions.Who(ctx, here.Token)
		k.refused(k.ChangePassword(ctx, who, "Wrong#Pass1", "New#Pass01", "New#Pass01"), account.CodePasswordWrong)
		k.refused(k.ChangePassword(ctx, who, password, "New#Pass01", "New#Pass02"), account.CodePasswordConfirm)
		k.refused(k.ChangePassword(ctx, who, password, password, password), account.CodePasswordCurrent)
		k.refused(k.ChangePassword(ctx, who, password, "x13800001234A", "x13800001234A"), account.CodePasswordPhone)
		if err := k.ChangePassword(ctx, who, password, "New#Pass01", "New#Pass01"); err != nil {
			t.Fatal(err)
		}
		if w, _ := k.sessions.Who(ctx, here.Token); !w.SignedIn() {
			t.Error("the own session ended")
		}
		if w, _ := k.sessions.Who(ctx, there.Token); w.SignedIn() {
			t.Error("another session goes on")
		}
		last := "New#Pass01"
		for i, next := range []string{"New#Pass02", "New#Pass03", "New#Pass04", "New#Pass05", "New#Pass06"} {
			k.refused(k.ChangePassword(ctx, who, last, password, password), account.CodePasswordHistory)
			d.Clock().Shift(time.Duration(i+1) * time.Minute)
			if err := k.ChangePassword(ctx, who, last, next, next); err != nil {
				t.Fatal(err)
			}
			last = next
		}
		if err := k.ChangePassword(ctx, who, last, password, password); err != nil {
			t.Error("the sixth former password is still refused:", err)
		}
	})
}

func TestRegistrationContinues(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		in := account.Registration{
			Role: account.RoleEnterprise, Username: "zhang_san01", Phone: "13800001234", Password: password, PasswordConfirm: password, Agreed: true,
		}
		if u, err := k.CheckRegistration(ctx, &in, from); err != nil || u.ID != 0 {
			t.Fatal(u, err)
		}
		hashed, err := k.Hash(ctx, in.Password)
		if err != nil {
			t.Fatal(err)
		}
		var u account.User
		err = d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			u, err = k.Open(ctx, tx, in, id.New(), hashed, from)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		again := in
		if got, err := k.CheckRegistration(ctx, &again, from); err != nil || got.ID != u.ID {
			t.Error("the same name and password do not continue", err)
		}
		again.Password, again.PasswordConfirm = "Other#Pass1", "Other#Pass1"
		_, err = k.CheckRegistration(ctx, &again, from)
		k.refused(err, account.CodePasswordOfOther)
		empty := account.Registration{}
		_, err = k.CheckRegistration(ctx, &empty, from)
		if n := len(errs.Of(err).Fields); n != 5 {
			t.Errorf("an empty step 1 has %d refusals: %v", n, err)
		}
	})
}

func TestAgreementsHaveTextAndVersion(t *testing.T) {
	for _, name := range account.AgreementNames {
		a, err := account.FindAgreement(name)
		if err != nil || a.Title == "" || a.Version == "" || len(a.Body) < 1000 {
			t.Errorf("%s: %q %q %d %v", name, a.Title, a.Version, len(a.Body), err)
		}
	}
}

func (k *desk) setRole(u account.User, role account.Role) error {
	return k.db.Write(k.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE users SET role = ?, org_id = 0 WHERE id = ?`, role, u.ID)
		return err
	})
}
