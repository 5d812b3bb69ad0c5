package httpapi

import (
	"context"
	"fmt"
	"testing"

	"smedx/internal/audit"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/id"
)

// The trail is found by any number of companies and users that have the words in their
// names, not by the first hundred.
func TestTheTrailOfManyCompaniesIsFoundByTheirName(t *testing.T) {
	d := dbtest.SQLite(t)
	err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for n := range 150 {
			if _, err := tx.Exec(ctx, `INSERT INTO organizations (id, kind, name, created_at) VALUES (?, 'enterprise', ?, 1)`, n+1, fmt.Sprint("同名企业", n)); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `INSERT INTO users (id, role, username, username_key, password_hash, created_at) VALUES (?, 'enterprise', ?, ?, '', 1)`, n+1, fmt.Sprint("Clerk_", n), fmt.Sprint("clerk_", n)); err != nil {
				return err
			}
			if err := audit.Write(ctx, tx, audit.Actor{UserID: id.ID(n + 1), OrgID: id.ID(n + 1)}, audit.Entry{Action: "order.place", SubjectOrg: id.ID(n + 1)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		in   AuditQuery
		want int
	}{
		"all companies":       {AuditQuery{Company: "同名"}, 150},
		"one":                 {AuditQuery{Company: "企业149"}, 1},
		"none":                {AuditQuery{Company: "同名企业x"}, 0},
		"all users":           {AuditQuery{Actor: "CLERK_"}, 150},
		"ten and one of them": {AuditQuery{Actor: "k_1", Company: "业14"}, 11},
		"nobody":              {AuditQuery{Actor: "clerkx1"}, 0},
	} {
		found := 0
		if err := audit.Each(t.Context(), d, c.in.filter(), 1000, func(audit.Record) error { found++; return nil }); err != nil || found != c.want {
			t.Errorf("%s: %d entries, want %d (%v)", name, found, c.want, err)
		}
	}
}
