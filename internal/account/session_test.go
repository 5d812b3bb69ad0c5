package account_test

import (
	"context"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/id"
)

func addUser(t *testing.T, d *db.DB, role account.Role, permissions string) id.ID {
	t.Helper()
	u := id.New()
	err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO users (id, org_id, role, username, username_key, password_hash, permissions, created_at) VALUES (?, 5, ?, ?, ?, 'x', ?, 1)`,
			u, role, "u"+u.String(), "u"+u.String(), permissions)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func start(t *testing.T, d *db.DB, s *account.Sessions, user id.ID, role account.Role) (token string) {
	t.Helper()
	err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		token, err = s.Start(ctx, tx, user, role, "127.0.0.1", "test")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func signedIn(t *testing.T, s *account.Sessions, token string) bool {
	t.Helper()
	who, err := s.Who(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return who.SignedIn()
}

func TestSessions(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		s := account.NewSessions(d)
		user := addUser(t, d, account.RoleEnterprise, "order.buy offering.manage")
		token := start(t, d, s, user, account.RoleEnterprise)

		who, err := s.Who(t.Context(), token)
		if err != nil || who.UserID != user || who.OrgID != 5 {
			t.Fatal(who, err)
		}
		if !who.Has(account.OrderBuy) || who.Has(account.OfferingManage) || who.Has(account.VoucherUse) {
			t.Errorf("permissions must be what is stored and the role may have: %v", who.Permissions)
		}
		if signedIn(t, s, token+"x") || signedIn(t, s, "") {
			t.Error("an unknown token signed somebody in")
		}

		t.Run("use keeps it alive, idleness ends it", func(t *testing.T) {
			for range 4 {
				d.Clock().Set(d.Now().Add(20 * time.Minute))
				if !signedIn(t, s, token) {
					t.Fatal("ended while in use")
				}
			}
			d.Clock().Set(d.Now().Add(31 * time.Minute))
			if signedIn(t, s, token) {
				t.Error("alive after half an hour of idleness")
			}
		})
		t.Run("what a page asks by itself does not keep it alive", func(t *testing.T) {
			token := start(t, d, s, user, account.RoleEnterprise)
			for _, after := range []time.Duration{20 * time.Minute, 11 * time.Minute} {
				if who, err := s.Glance(t.Context(), token); err != nil || !who.SignedIn() {
					t.Fatal("ended early", err)
				}
				d.Clock().Set(d.Now().Add(after))
			}
			if signedIn(t, s, token) {
				t.Error("alive after half an hour of glances")
			}
		})
		t.Run("it ends after twelve hours even in use", func(t *testing.T) {
			token := start(t, d, s, user, account.RoleEnterprise)
			for range 48 {
				d.Clock().Set(d.Now().Add(15 * time.Minute))
				signedIn(t, s, token)
			}
			if signedIn(t, s, token) {
				t.Error("alive after twelve hours")
			}
		})
		t.Run("ending all but one takes effect at once", func(t *testing.T) {
			keep, end := start(t, d, s, user, account.RoleEnterprise), start(t, d, s, user, account.RoleEnterprise)
			who, err := s.Who(t.Context(), keep)
			if err != nil || !signedIn(t, s, end) {
				t.Fatal(err)
			}
			err = d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error { return s.EndAll(ctx, tx, user, who.SessionID) })
			if err != nil {
				t.Fatal(err)
			}
			if signedIn(t, s, end) || !signedIn(t, s, keep) {
				t.Error("the wrong session ended")
			}
			if err := s.End(t.Context(), who); err != nil || signedIn(t, s, keep) {
				t.Error("signed out and still in", err)
			}
		})
		t.Run("what nobody told is seen within a minute", func(t *testing.T) {
			token := start(t, d, s, user, account.RoleEnterprise)
			signedIn(t, s, token)
			err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, `DELETE FROM sessions WHERE user_id = ?`, user)
				return err
			})
			if d.Clock().Set(d.Now().Add(time.Minute)); err != nil || signedIn(t, s, token) {
				t.Error("still in", err)
			}
		})
		t.Run("a disabled user is out at the next request", func(t *testing.T) {
			token := start(t, d, s, user, account.RoleEnterprise)
			signedIn(t, s, token)
			err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				tx.OnCommit(s.Forget)
				_, err := tx.Exec(ctx, `UPDATE users SET status = 'disabled' WHERE id = ?`, user)
				return err
			})
			if err != nil || signedIn(t, s, token) {
				t.Error("still in", err)
			}
		})
	})
}
