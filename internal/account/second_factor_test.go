package account_test

import (
	"context"
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

// demand switches the platform's setting.
func (k *desk) demand(value string) {
	k.t.Helper()
	settings := setting.New(k.db)
	all, err := settings.List(k.t.Context())
	if err != nil {
		k.t.Fatal(err)
	}
	for _, v := range all {
		if v.Key == setting.StaffSecondFactor {
			if err := settings.Change(k.t.Context(), audit.Actor{}, v.Key, value, v.Version); err != nil {
				k.t.Fatal(err)
			}
		}
	}
}

// staff is an account of the centre with a proven phone.
func (k *desk) staff(username string, role account.Role) account.User {
	k.t.Helper()
	u := k.user(username, "139"+username[len(username)-8:], true)
	if err := k.setRole(u, role); err != nil {
		k.t.Fatal(err)
	}
	u.Role = role
	return u
}

func (k *desk) password(username string) account.Signed {
	k.t.Helper()
	signed, err := k.SignInByPassword(k.t.Context(), username, password, from)
	if err != nil {
		k.t.Fatal(err)
	}
	return signed
}

func (k *desk) waiting(signed account.Signed) account.Step {
	k.t.Helper()
	step, err := k.Waiting(k.t.Context(), signed.StepToken)
	if err != nil {
		k.t.Fatal(err)
	}
	return step
}

func (k *desk) who(signed account.Signed) account.Principal {
	k.t.Helper()
	who, err := k.sessions.Who(k.t.Context(), signed.Token)
	if err != nil {
		k.t.Fatal(err)
	}
	return who
}

// enrolled signs somebody in who must set up his second factor, which he does.
func (k *desk) enrolled(username string) (secret string, recovery []string, signed account.Signed) {
	k.t.Helper()
	step := k.waiting(k.password(username))
	if !step.Enrol {
		k.t.Fatal("no enrolment is asked")
	}
	e, err := k.EnrolAtSignIn(k.t.Context(), step)
	if err != nil {
		k.t.Fatal(err)
	}
	signed, recovery, err = k.ConfirmAtSignIn(k.t.Context(), step, account.CodeAt(k.t, e.Secret, k.db.Now()), from)
	if err != nil {
		k.t.Fatal(err)
	}
	return e.Secret, recovery, signed
}

// finish is the second step of a sign-in.
func (k *desk) finish(signed account.Signed, code string) (account.Signed, error) {
	k.t.Helper()
	return k.FinishSignIn(k.t.Context(), k.waiting(signed), code, from)
}

func (k *desk) nextStep() { k.db.Clock().Set(k.db.Now().Add(31 * time.Second)) }

func wrongCodeFor(right string) string {
	if right == "000000" {
		return "000001"
	}
	return "000000"
}

// T-AUTH-19: whichever way a member of staff comes in, the second factor is asked.
func TestEveryWayInAsksForTheSecondFactor(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		k.demand(setting.On)
		for i, role := range []account.Role{account.RoleOperator, account.RoleDepartment, account.RoleExpert, account.RoleAdmin} {
			name := "staff_1234567" + string(rune('0'+i))
			u := k.staff(name, role)
			signed := k.password(name)
			if signed.Token != "" || signed.StepToken == "" || !signed.Enrol {
				t.Fatalf("%s: a password alone opens a session", role)
			}
			if k.who(account.Signed{Token: signed.StepToken}).SignedIn() {
				t.Errorf("%s: the token of the step opens a session", role)
			}
			secret, _, in := k.enrolled(name)
			if !k.who(in).SignedIn() {
				t.Fatalf("%s: not signed in after the enrolment", role)
			}

			if err := k.SendCode(ctx, u.Phone, account.PurposeLogin, from); err != nil {
				t.Fatal(err)
			}
			signed, _, err := k.SignInByCode(ctx, u.Phone, k.code(), 0, from)
			if err != nil || signed.Token != "" || signed.StepToken == "" || signed.Enrol {
				t.Fatalf("%s: an SMS code alone opens a session: %v", role, err)
			}
			if err := k.SendCode(ctx, u.Phone, account.PurposeReset, from); err != nil {
				t.Fatal(err)
			}
			_, err = k.ResetByCode(ctx, u.Phone, k.code(), 0, "Green#Hill"+string(rune('2'+i)), "Green#Hill"+string(rune('2'+i)), from)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := k.Waiting(ctx, signed.StepToken); err == nil {
				t.Errorf("%s: a sign-in waits on after the password was reset", role)
			}
			signed, err = k.SignInByPassword(ctx, name, "Green#Hill"+string(rune('2'+i)), from)
			if err != nil || signed.Token != "" {
				t.Fatalf("%s: a reset password alone opens a session: %v", role, err)
			}
			k.nextStep()
			if in, err = k.finish(signed, account.CodeAt(t, secret, d.Now())); err != nil || !k.who(in).SignedIn() {
				t.Fatalf("%s: %v", role, err)
			}
			if _, err := k.Waiting(ctx, signed.StepToken); err == nil {
				t.Errorf("%s: the step outlives the sign-in", role)
			}
			if in.Token == signed.StepToken {
				t.Errorf("%s: the session has the token of the step", role) // T-SESS-01
			}
		}
		k.user("zhang_san01", "13800001234", true)
		if k.password("zhang_san01").Token == "" {
			t.Error("a company's user is asked although the setting is about staff")
		}
		k.demand(setting.Off)
		k.staff("staff_87654321", account.RoleOperator)
		if k.password("staff_87654321").Token == "" {
			t.Error("staff is asked although the setting is off")
		}
	})
}

// T-AUTH-18: single use per step, also at the same time; five tries; the secret once.
func TestACodeCountsOnce(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.demand(setting.On)
		k.staff("staff_12345678", account.RoleOperator)
		secret, _, _ := k.enrolled("staff_12345678")

		_, err := k.finish(k.password("staff_12345678"), account.CodeAt(t, secret, d.Now()))
		k.refused(err, account.CodeFactorUsed) // the code of the enrolment

		k.nextStep()
		code := account.CodeAt(t, secret, d.Now())
		var in atomic.Int64
		var wg sync.WaitGroup
		for range 4 {
			signed := k.password("staff_12345678")
			wg.Go(func() {
				if _, err := k.finish(signed, code); err == nil {
					in.Add(1)
				}
			})
		}
		wg.Wait()
		if in.Load() != 1 {
			t.Errorf("one code let %d in", in.Load())
		}
	})
}

func TestFiveWrongCodesEndTheSignIn(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		k.demand(setting.On)
		k.staff("staff_12345678", account.RoleOperator)
		secret, recovery, _ := k.enrolled("staff_12345678")
		k.nextStep()
		right := account.CodeAt(t, secret, d.Now())

		first := k.password("staff_12345678")
		for range 3 {
			_, err := k.finish(first, wrongCodeFor(right))
			k.refused(err, account.CodeFactorWrong)
		}
		second := k.password("staff_12345678") // the right password gives no try back
		_, err := k.finish(second, "AAAAA-AAAAA")
		k.refused(err, account.CodeFactorWrong)
		_, err = k.finish(second, wrongCodeFor(right))
		k.refused(err, "account.factor_locked")
		if _, err := k.Waiting(ctx, second.StepToken); err == nil {
			t.Error("the sign-in goes on after five wrong codes")
		}
		_, err = k.finish(first, right)
		k.refused(err, "account.factor_locked")
		_, err = k.finish(k.password("staff_12345678"), recovery[0])
		k.refused(err, "account.factor_locked")

		d.Clock().Set(d.Now().Add(15*time.Minute + time.Second))
		if _, err := k.finish(k.password("staff_12345678"), account.CodeAt(t, secret, d.Now())); err != nil {
			t.Error("after a quarter of an hour:", err)
		}
	})
}

func TestASignInWaitsTenMinutes(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.demand(setting.On)
		u := k.staff("staff_12345678", account.RoleOperator)
		k.enrolled("staff_12345678")
		signed := k.password("staff_12345678")
		d.Clock().Set(d.Now().Add(10*time.Minute + time.Second))
		_, err := k.Waiting(t.Context(), signed.StepToken)
		k.refused(err, "account.sign_in_over")

		signed = k.password("staff_12345678")
		if err := k.Enable(t.Context(), account.System, u.ID, false); err != nil {
			t.Fatal(err)
		}
		_, err = k.Waiting(t.Context(), signed.StepToken)
		k.refused(err, "account.sign_in_over")
	})
}

// T-AUTH-20: a recovery code counts once and for its user only.
func TestRecoveryCodes(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		k.demand(setting.On)
		k.staff("staff_12345678", account.RoleOperator)
		k.staff("staff_22345678", account.RoleAdmin)
		secret, recovery, _ := k.enrolled("staff_12345678")
		_, others, _ := k.enrolled("staff_22345678")
		if len(recovery) != 10 {
			t.Fatal(recovery)
		}
		_, err := k.finish(k.password("staff_12345678"), others[0])
		k.refused(err, account.CodeFactorWrong)
		in, err := k.finish(k.password("staff_12345678"), recovery[3])
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.finish(k.password("staff_12345678"), recovery[3])
		k.refused(err, account.CodeFactorWrong)
		if f, err := k.SecondFactor(ctx, k.who(in)); err != nil || !f.On || !f.Demanded || f.RecoveryLeft != 9 {
			t.Error(f, err)
		}

		k.nextStep()
		fresh, err := k.RenewRecovery(ctx, k.who(in), password, account.CodeAt(t, secret, d.Now()))
		if err != nil || len(fresh) != 10 {
			t.Fatal(fresh, err)
		}
		_, err = k.finish(k.password("staff_12345678"), recovery[4])
		k.refused(err, account.CodeFactorWrong)
		if _, err = k.finish(k.password("staff_12345678"), fresh[4]); err != nil {
			t.Error(err)
		}
	})
}

func TestAnybodyMaySwitchItOnForHimself(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		k.user("zhang_san01", "13800001234", true)
		in := k.password("zhang_san01")
		e, err := k.Enrol(ctx, k.who(in), "")
		if err != nil {
			t.Fatal(err)
		}
		if k.password("zhang_san01").Token == "" {
			t.Error("asked for before it was confirmed")
		}
		_, err = k.ConfirmEnrolment(ctx, k.who(in), wrongCodeFor(account.CodeAt(t, e.Secret, d.Now())))
		k.refused(err, account.CodeFactorWrong)
		if _, err := k.ConfirmEnrolment(ctx, k.who(in), account.CodeAt(t, e.Secret, d.Now())); err != nil {
			t.Fatal(err)
		}
		if signed := k.password("zhang_san01"); signed.Token != "" || signed.Enrol {
			t.Error("not asked for")
		}
		_, err = k.Enrol(ctx, k.who(in), "") // the secret is not shown again, nor replaced
		k.refused(err, "account.factor_on")

		k.nextStep()
		err = k.SwitchFactorOff(ctx, k.who(in), "Wrong#Pass1", account.CodeAt(t, e.Secret, d.Now()))
		k.refused(err, account.CodePasswordAgain)
		err = k.SwitchFactorOff(ctx, k.who(in), password, wrongCodeFor(account.CodeAt(t, e.Secret, d.Now())))
		k.refused(err, account.CodeFactorWrong)
		if err := k.SwitchFactorOff(ctx, k.who(in), password, account.CodeAt(t, e.Secret, d.Now())); err != nil {
			t.Fatal(err)
		}
		if k.password("zhang_san01").Token == "" {
			t.Error("still asked for")
		}
	})
}

func TestItCannotBeSwitchedOffWhileDemanded(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		k.demand(setting.On)
		k.staff("staff_12345678", account.RoleOperator)
		secret, _, in := k.enrolled("staff_12345678")
		k.nextStep()
		err := k.SwitchFactorOff(ctx, k.who(in), password, account.CodeAt(t, secret, d.Now()))
		k.refused(err, "account.factor_demanded")
		k.demand(setting.Off)
		if k.password("staff_12345678").Token != "" {
			t.Error("who has a second factor is asked for it although the setting is off")
		}
	})
}

func TestAnAdministratorResetsALostSecondFactor(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		k.demand(setting.On)
		u := k.staff("staff_12345678", account.RoleOperator)
		admin := k.staff("staff_22345678", account.RoleAdmin)
		_, _, in := k.enrolled("staff_12345678")
		boss := account.Principal{UserID: admin.ID, Role: account.RoleAdmin}
		k.refused(k.ResetFactor(ctx, boss, admin.ID), "account.not_yourself")
		k.refused(k.ResetFactor(ctx, account.System, admin.ID), "account.factor_off")

		before := k.sent()
		if err := k.ResetFactor(ctx, boss, u.ID); err != nil {
			t.Fatal(err)
		}
		if k.who(in).SignedIn() {
			t.Error("the session outlives the reset")
		}
		if unread, err := k.notify.Unread(ctx, u.ID); err != nil || unread < 2 || k.sent() != before+1 {
			t.Error("the user is not told", unread, err)
		}
		if signed := k.password("staff_12345678"); signed.Token != "" || !signed.Enrol {
			t.Error("must enrol anew", signed)
		}
	})
}

// A release takes a code of who has a second factor, once, and of everybody where
// the platform says so; one that fails for another reason leaves the code as it was.
func TestAReleaseOfMoneyMayTakeACode(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		k.staff("staff_12345678", account.RoleDepartment)
		who := k.who(k.password("staff_12345678"))
		release := func(code string, outcome error) error {
			use, err := k.ProveRelease(ctx, who, code)
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
		k.refused(release("", nil), "")
		if err := setting.New(d).Change(ctx, audit.Actor{}, setting.ReleaseFactor, setting.On, 0); err != nil {
			t.Fatal(err)
		}
		k.refused(release("123456", nil), "account.factor_needed")
		e, err := k.Enrol(ctx, who, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.ConfirmEnrolment(ctx, who, account.CodeAt(t, e.Secret, d.Now())); err != nil {
			t.Fatal(err)
		}
		if err := setting.New(d).Change(ctx, audit.Actor{}, setting.ReleaseFactor, setting.Off, 1); err != nil {
			t.Fatal(err)
		}
		k.nextStep()
		code := account.CodeAt(t, e.Secret, d.Now())
		k.refused(release(" ", nil), "field.required")
		k.refused(release(wrongCodeFor(code), nil), "account.factor_wrong")
		k.refused(release(code, errs.ErrInvalidState), errs.ErrInvalidState.Code)
		k.refused(release(code, nil), "")
		k.refused(release(code, nil), "account.factor_used")
	})
}
