package account_test

import (
	"context"
	"errors"
	"testing"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

func (k *desk) owner(username, phone string) account.Principal {
	k.t.Helper()
	k.user(username, phone, true)
	return k.signedIn(username)
}

func (k *desk) signedIn(username string) account.Principal {
	k.t.Helper()
	signed, err := k.SignInByPassword(k.t.Context(), username, password, from)
	if err != nil {
		k.t.Fatal(err)
	}
	who, err := k.sessions.Who(k.t.Context(), signed.Token)
	if err != nil || !who.SignedIn() {
		k.t.Fatal(username, "is not signed in", err)
	}
	return who
}

func person(username, phone string) account.Person {
	return account.Person{Username: username, Phone: phone, Password: password, PasswordConfirm: password}
}

// T-CONC-11: among others, a change from an old page overwrites nothing.
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
		if _, err := k.EditMember(ctx, rival, m.ID, account.Contact{Phone: "13900003333", Version: m.Version}); !errors.Is(err, errs.ErrNotFound) {
			t.Error("another company edits a member:", err)
		}
		_, err = k.EditMember(ctx, boss, m.ID, account.Contact{Phone: "13800001234", Version: m.Version})
		k.refused(err, account.CodePhoneTaken)
		if m, err = k.EditMember(ctx, boss, m.ID, account.Contact{Phone: "１３９ 0000 3333", Email: "Worker@Example.com", Version: m.Version}); err != nil || m.Phone != "13900003333" || m.Email != "worker@example.com" {
			t.Error(m, err)
		}
		if _, err := k.EditMember(ctx, boss, m.ID, account.Contact{Phone: "13900004444", Version: 1}); !errors.Is(err, errs.ErrStale) {
			t.Error("a change from an old page:", err)
		}
		for _, words := range []string{"worker", "+86 13900003333"} {
			if got, err = k.Members(ctx, boss, words, page.Query{}); err != nil || got.Total != 1 || got.Items[0].ID != m.ID {
				t.Error(words, got, err)
			}
		}
		if err := k.RemoveMember(ctx, boss, boss.UserID); !errors.Is(err, account.ErrSelf) {
			t.Error("the main account deletes itself:", err)
		}
		if err := k.PermitMember(ctx, boss, m.ID, []account.Permission{account.OfferingManage}, m.Version); errs.Of(err).Kind != errs.Invalid {
			t.Error("an enterprise gives a provider's right:", err)
		}
		if err := k.PermitMember(ctx, boss, m.ID, []account.Permission{account.OrderBuy}, m.Version); err != nil {
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

// T-AUTHZ-05: a member who keeps users gives and touches no more than he has, and
// the main account is nobody's to change.
func TestNobodyGivesMoreThanHeHas(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		boss := k.owner("zhang_san01", "13800001234")
		clerk, err := k.AddMember(ctx, boss, person("clerk_0001", "13900001111"))
		if err != nil {
			t.Fatal(err)
		}
		if err := k.PermitMember(ctx, boss, clerk.ID, []account.Permission{account.MemberManage, account.TaskView}, clerk.Version); err != nil {
			t.Fatal(err)
		}
		who := k.signedIn("clerk_0001")
		m, err := k.AddMember(ctx, who, person("worker_01", "13900002222"))
		if err != nil || len(m.Permissions) != 1 || m.Permissions[0] != account.TaskView {
			t.Fatal("a new member has more than who made him:", m.Permissions, err)
		}
		for name, try := range map[string]func() error{
			"gives what he lacks": func() error {
				return k.PermitMember(ctx, who, m.ID, []account.Permission{account.OrderBuy}, m.Version)
			},
			"resets who has more": func() error {
				stronger, err := k.AddMember(ctx, boss, person("buyer_0001", "13900003333"))
				if err != nil {
					return err
				}
				return k.ResetMember(ctx, who, stronger.ID, "Fresh#Pass1", "Fresh#Pass1")
			},
		} {
			if err := try(); !errors.Is(err, account.ErrBeyond) {
				t.Error(name, err)
			}
		}
		for name, try := range map[string]func(id.ID) error{
			"edits": func(on id.ID) error {
				_, err := k.EditMember(ctx, who, on, account.Contact{Phone: "13900009999", Version: 1})
				return err
			},
			"deletes":  func(on id.ID) error { return k.RemoveMember(ctx, who, on) },
			"stops":    func(on id.ID) error { return k.EnableMember(ctx, who, on, false) },
			"resets":   func(on id.ID) error { return k.ResetMember(ctx, who, on, "Fresh#Pass1", "Fresh#Pass1") },
			"strips":   func(on id.ID) error { return k.PermitMember(ctx, who, on, nil, 1) },
			"succeeds": func(on id.ID) error { return k.HandOver(ctx, who, on, password) },
		} {
			if err := try(boss.UserID); !errors.Is(err, account.ErrOwner) && !errors.Is(err, account.ErrNotOwner) {
				t.Error(name, "the main account:", err)
			}
			if err := try(who.UserID); !errors.Is(err, account.ErrSelf) && !errors.Is(err, account.ErrNotOwner) {
				t.Error(name, "himself:", err)
			}
		}
	})
}

// T-SESS-02: what is taken from a member, or a member who is stopped, is gone at
// the next request.
func TestAChangeOfRightsHoldsAtTheNextRequest(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		boss := k.owner("zhang_san01", "13800001234")
		m, err := k.AddMember(ctx, boss, person("worker_01", "13900001111"))
		if err != nil {
			t.Fatal(err)
		}
		signed, err := k.SignInByPassword(ctx, "worker_01", password, from)
		if err != nil {
			t.Fatal(err)
		}
		who, _ := k.sessions.Who(ctx, signed.Token)
		if !who.Has(account.OrderBuy) {
			t.Fatal(who)
		}
		if err := k.PermitMember(ctx, boss, m.ID, []account.Permission{account.TaskView}, m.Version); err != nil {
			t.Fatal(err)
		}
		if who, _ = k.sessions.Who(ctx, signed.Token); !who.SignedIn() || who.Has(account.OrderBuy) {
			t.Error("the right outlives its removal:", who)
		}
		if err := k.EnableMember(ctx, boss, m.ID, false); err != nil {
			t.Fatal(err)
		}
		if who, _ = k.sessions.Who(ctx, signed.Token); who.SignedIn() {
			t.Error("the session outlives the account")
		}
		_, err = k.SignInByPassword(ctx, "worker_01", password, from)
		k.refused(err, "account.wrong_credentials")
		if err := k.EnableMember(ctx, boss, m.ID, true); err != nil {
			t.Fatal(err)
		}
		k.signedIn("worker_01")
	})
}

func TestTheMainAccountIsHandedOver(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		boss := k.owner("zhang_san01", "13800001234")
		m, err := k.AddMember(ctx, boss, person("worker_01", "13900001111"))
		if err != nil {
			t.Fatal(err)
		}
		k.refused(k.HandOver(ctx, boss, m.ID, "Wrong#Pass1"), account.CodePasswordAgain)
		if err := k.EnableMember(ctx, boss, m.ID, false); err != nil {
			t.Fatal(err)
		}
		if err := k.HandOver(ctx, boss, m.ID, password); !errors.Is(err, errs.ErrStale) {
			t.Error("to an account that is stopped:", err)
		}
		if err := k.EnableMember(ctx, boss, m.ID, true); err != nil {
			t.Fatal(err)
		}
		if err := k.HandOver(ctx, boss, m.ID, password); err != nil {
			t.Fatal(err)
		}
		heir, former := k.signedIn("worker_01"), k.signedIn("zhang_san01")
		if !heir.Owner || former.Owner || !heir.Has(account.MemberManage) || !former.Has(account.MemberManage) {
			t.Error(heir, former)
		}
		if err := k.HandOver(ctx, boss, m.ID, password); err == nil {
			t.Error("handed over twice")
		}
		if err := k.RemoveMember(ctx, heir, former.UserID); err != nil {
			t.Error("the former main account cannot be removed:", err)
		}
		names, err := k.Names(ctx, d, former.UserID)
		if err != nil || names[former.UserID] != "zhang_san01" {
			t.Error("the name of a deleted user is lost:", names, err)
		}
	})
}

func TestAdministratorsKeepOneAnother(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		first, err := k.AddStaff(ctx, account.System, account.RoleAdmin, person("admin_0001", "13900001111"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Enable(ctx, account.System, first.ID, false); !errors.Is(err, account.ErrLastAdmin) {
			t.Error("the last administrator is stopped:", err)
		}
		if err := k.PermitUser(ctx, account.System, first.ID, []account.Permission{account.AuditRead}, first.Version); !errors.Is(err, account.ErrLastAdmin) {
			t.Error("the last administrator is stripped:", err)
		}
		second, err := k.AddStaff(ctx, account.System, account.RoleAdmin, person("admin_0002", "13900002222"), []account.Permission{account.StaffManage})
		if err != nil {
			t.Fatal(err)
		}
		weak := account.Principal{UserID: second.ID, Role: account.RoleAdmin, Permissions: second.Permissions}
		_, err = k.AddStaff(ctx, weak, account.RoleAdmin, person("admin_0003", "13900003333"), nil)
		if !errors.Is(err, account.ErrBeyond) {
			t.Error("an administrator makes one with more rights:", err)
		}
		if err := k.ResetUser(ctx, weak, first.ID, "Fresh#Pass1", "Fresh#Pass1"); !errors.Is(err, account.ErrBeyond) {
			t.Error("an administrator takes the account of one with more rights:", err)
		}
		officer, err := k.AddStaff(ctx, weak, account.RoleDepartment, person("office_0001", "13900004444"), []account.Permission{account.FundView})
		if err != nil || len(officer.Permissions) != 1 {
			t.Error(officer.Permissions, err)
		}
		_, err = k.AddStaff(ctx, weak, account.RoleOperator, person("office_0002", "13900005555"), []account.Permission{account.SettlementRelease})
		k.refused(err, "field.choice")
		owner := k.user("zhang_san01", "13800001234", true)
		if err := k.PermitUser(ctx, weak, owner.ID, nil, owner.Version); !errors.Is(err, account.ErrOwner) {
			t.Error("a main account is stripped:", err)
		}
	})
}

func TestTwoAdministratorsWhoStopEachOtherLeaveOne(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		var both []account.User
		for _, name := range []string{"admin_0001", "admin_0002"} {
			u, err := k.AddStaff(ctx, account.System, account.RoleAdmin, person(name, "1390000111"+name[9:]), nil)
			if err != nil {
				t.Fatal(err)
			}
			both = append(both, u)
		}
		// the first is being stopped, in a transaction that goes on, when he stops the second
		boss := account.Principal{UserID: both[0].ID, Role: account.RoleAdmin, Permissions: both[0].Permissions}
		refused := make(chan error, 1)
		err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			if err := k.SetActive(ctx, tx, account.System, both[0].ID, false); err != nil {
				return err
			}
			go func() { refused <- k.Enable(t.Context(), boss, both[1].ID, false) }()
			for d.Engine() == db.Postgres && len(refused) == 0 { // until it is done, or waits
				var waiting int
				err := d.Raw(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(t.Context(), &waiting)
				if err != nil || waiting > 0 {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := <-refused; !errors.Is(err, account.ErrLastAdmin) {
			t.Error("the last administrator is stopped:", err)
		}
		if left, err := k.UsersWith(ctx, d, account.RoleAdmin, account.StaffManage); err != nil || len(left) != 1 || left[0] != both[1].ID {
			t.Error("left:", left, err)
		}
	})
}
