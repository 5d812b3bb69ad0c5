package account_test

import (
	"errors"
	"testing"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/page"
)

func (k *desk) owner(username, phone string) account.Principal {
	k.t.Helper()
	k.user(username, phone, true)
	signed, err := k.SignInByPassword(k.t.Context(), username, password, from)
	if err != nil {
		k.t.Fatal(err)
	}
	who, err := k.sessions.Who(k.t.Context(), signed.Token)
	if err != nil {
		k.t.Fatal(err)
	}
	return who
}

func person(username, phone string) account.Person {
	return account.Person{Username: username, Phone: phone, Password: password, PasswordConfirm: password}
}

func TestMembers(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		boss := k.owner("zhang_san01", "13800001234")
		rival := k.owner("li_si_0001", "13800005678")
		m, err := k.AddMember(ctx, boss, person("worker_01", "13900001111"))
		if err != nil || m.OrgID != boss.OrgID || m.Role != boss.Role || m.Owner || !m.MustChange {
			t.Fatal(m, err)
		}
		_, err = k.AddMember(ctx, boss, person("WORKER_01", "13900002222"))
		k.refused(err, account.CodeUsernameTaken)
		_, err = k.AddMember(ctx, boss, person("worker_02", "13900001111"))
		k.refused(err, account.CodePhoneTaken)
		if _, err = k.AddMember(ctx, rival, person("worker_03", "13900001111")); err != nil {
			t.Error("a phone may live in two companies:", err)
		}
		got, err := k.Members(ctx, boss, "", page.Query{})
		if err != nil || got.Total != 2 || got.Items[0].Username != "worker_01" {
			t.Error(got, err)
		}
		if _, err := k.EditMember(ctx, rival, m.ID, "13900003333", ""); !errors.Is(err, errs.ErrNotFound) {
			t.Error("another company edits a member:", err)
		}
		_, err = k.EditMember(ctx, boss, m.ID, "13800001234", "")
		k.refused(err, account.CodePhoneTaken)
		if m, err = k.EditMember(ctx, boss, m.ID, "13900003333", "Worker@Example.com"); err != nil || m.Phone != "13900003333" || m.Email != "worker@example.com" {
			t.Error(m, err)
		}
		if err := k.RemoveMember(ctx, boss, boss.UserID); !errors.Is(err, account.ErrSelf) {
			t.Error("the main account deletes itself:", err)
		}
		if err := k.PermitMember(ctx, boss, m.ID, []account.Permission{account.OfferingManage}); errs.Of(err).Kind != errs.Invalid {
			t.Error("an enterprise gives a provider's right:", err)
		}
		if err := k.PermitMember(ctx, boss, m.ID, []account.Permission{account.OrderBuy}); err != nil {
			t.Error(err)
		}
		signed, err := k.SignInByPassword(ctx, "worker_01", password, from)
		if err != nil {
			t.Fatal(err)
		}
		who, _ := k.sessions.Who(ctx, signed.Token)
		if !who.Has(account.OrderBuy) || who.Has(account.VoucherUse) || !who.MustChange {
			t.Error(who)
		}
		k.refused(k.ResetMember(ctx, boss, m.ID, password, password), account.CodePasswordCurrent)
		if err := k.ResetMember(ctx, boss, m.ID, "Fresh#Pass1", "Fresh#Pass1"); err != nil {
			t.Error(err)
		}
		if who, _ = k.sessions.Who(ctx, signed.Token); who.SignedIn() {
			t.Error("the session outlives a reset")
		}
		if err := k.RemoveMember(ctx, boss, m.ID); err != nil {
			t.Error(err)
		}
		_, err = k.SignInByPassword(ctx, "worker_01", "Fresh#Pass1", from)
		k.refused(err, "account.wrong_credentials")
		if _, err = k.AddMember(ctx, boss, person("worker_04", "13900003333")); err != nil {
			t.Error("the phone of a deleted member is not free:", err)
		}
	})
}

func TestStaff(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		u, err := k.AddStaff(ctx, account.System, account.RoleOperator, person("operator_01", "13900001111"), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.AddStaff(ctx, account.System, account.RoleProvider, person("operator_02", "13900001111"), nil)
		k.refused(err, "field.choice")
		if err := k.Enable(ctx, account.System, u.ID, false); err != nil {
			t.Fatal(err)
		}
		_, err = k.SignInByPassword(ctx, "operator_01", password, from)
		k.refused(err, "account.wrong_credentials")
		if err := k.Enable(ctx, account.Principal{UserID: u.ID}, u.ID, true); !errors.Is(err, account.ErrSelf) {
			t.Error(err)
		}
		got, err := k.Users(ctx, account.UserFilter{Words: "operator", Role: account.RoleOperator}, page.Query{})
		if err != nil || got.Total != 1 {
			t.Error(got, err)
		}
	})
}
