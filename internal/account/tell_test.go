package account_test

import (
	"context"
	"testing"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/notify"
)

// Those of all named roles who hold the right are told, but not who acted.
func TestHoldersOfARightAreTold(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		staff := func(role account.Role, username, phone string) account.User {
			u, err := k.AddStaff(t.Context(), account.System, role, person(username, phone), nil)
			if err != nil {
				t.Fatal(err)
			}
			return u
		}
		actor, other := staff(account.RoleOperator, "yunying01", "13900001111"), staff(account.RoleOperator, "yunying02", "13900001112")
		department, admin := staff(account.RoleDepartment, "gongxin01", "13900001113"), staff(account.RoleAdmin, "guanli01", "13900001114")
		err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			waits := notify.Message{Event: "revocation_waiting", Title: "待复核", Body: "请复核", Link: "/"}
			if err := k.TellHolders(ctx, tx, account.RiskHandle, actor.ID, waits, account.RoleOperator, account.RoleDepartment, account.RoleAdmin); err != nil {
				return err
			}
			if err := k.TellHolders(ctx, tx, account.SettlementRelease, department.ID, waits, account.RoleDepartment); err != nil {
				return err // nobody is left
			}
			return k.TellUser(ctx, tx, actor.ID, notify.Message{Event: "revocation_decided", Title: "已通过", Body: "同意", Link: "/"})
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range []struct {
			who            account.User
			waits, decided int
		}{{actor, 0, 1}, {other, 1, 0}, {department, 1, 0}, {admin, 0, 0}} {
			if w, got := k.told(one.who, "待复核"), k.told(one.who, "已通过"); w != one.waits || got != one.decided {
				t.Errorf("%s heard %d and %d", one.who.Username, w, got)
			}
		}
	})
}
