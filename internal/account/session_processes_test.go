package account_test

import (
	"context"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
)

// Two processes remember sessions, and what one of them ends is ended in both.
func TestProcessesTellEachOtherWhoseSessionsChanged(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		if d.Engine() == db.SQLite {
			t.Skip("one process serves the file")
		}
		here, there := account.NewSessions(d), account.NewSessions(d)
		user, other := addUser(t, d, account.RoleEnterprise, "*"), addUser(t, d, account.RoleEnterprise, "*")
		remove := func() { // behind everybody's back
			if err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, `DELETE FROM sessions WHERE user_id = ?`, other)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		unheard := start(t, d, here, other, account.RoleEnterprise)
		if !signedIn(t, there, unheard) {
			t.Fatal("not signed in")
		}
		if remove(); signedIn(t, there, unheard) {
			t.Error("remembered a session without hearing the other process")
		}

		here.Follow(t.Context())
		there.Follow(t.Context())
		kept := start(t, d, here, other, account.RoleEnterprise)
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			signedIn(t, there, kept)
			if remove(); signedIn(t, there, kept) {
				break // remembered
			}
			if kept = start(t, d, here, other, account.RoleEnterprise); time.Now().After(deadline) {
				t.Fatal("a process that hears the other does not remember sessions")
			}
		}
		token := start(t, d, here, user, account.RoleEnterprise)
		who, err := there.Who(t.Context(), token)
		if err != nil || !who.SignedIn() {
			t.Fatal(who, err)
		}
		if err := here.End(t.Context(), who); err != nil || signedIn(t, here, token) {
			t.Fatal("ended here and still in", err)
		}
		for deadline := time.Now().Add(20 * time.Second); signedIn(t, there, token); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the other process never heard that the session ended")
			}
		}
	})
}
