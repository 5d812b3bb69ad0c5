package audit_test

import (
	"context"
	"fmt"
	"testing"

	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// BenchmarkTrail reads pages of a trail of 100,000 entries: 2,000 companies, each
// also looked at by staff, a rare action, and a name that nobody has.
func BenchmarkTrail(b *testing.B) {
	dbtest.EachEngine(b, func(b *testing.B, d *db.DB) {
		const rows, companies = 100_000, 2000
		for from := 0; from < rows; from += 1000 {
			var acts []audit.Act
			for n := from; n < from+1000; n++ {
				org := id.ID(1 + n%companies)
				who := audit.Actor{UserID: 10_000 + org, OrgID: org, Name: fmt.Sprintf("user%d", org)}
				e := audit.Entry{Action: "voucher.claim", ObjectKind: "voucher", ObjectID: id.ID(1_000_000 + n), SubjectOrg: org}
				switch {
				case n%10 == 0:
					who = audit.Actor{UserID: 5, Name: "clerk"}
					e.Action = "org.view"
				case n == 77:
					e.Action, e.ObjectKind = "budget.approve", "budget"
				}
				acts = append(acts, audit.Act{Actor: who, Entry: e})
			}
			if err := d.Write(b.Context(), func(ctx context.Context, tx *db.Tx) error { return audit.WriteAll(ctx, tx, acts...) }); err != nil {
				b.Fatal(err)
			}
		}
		for _, q := range []string{
			`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
				INSERT INTO users (id, role, username, username_key, password_hash, created_at) SELECT 10000 + i, 'enterprise', 'user' || i, 'user' || i, 'a hash of some length, as passwords have it', 1 FROM n`,
			`INSERT INTO users (id, role, username, username_key, password_hash, created_at) VALUES (5, 'operator', 'clerk', 'clerk', '', 1)`,
			`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
				INSERT INTO organizations (id, kind, name, created_at) SELECT i, 'enterprise', '企业 ' || i || ' 号', 1 FROM n`,
		} {
			if _, err := d.Migrator().ExecContext(b.Context(), q); err != nil {
				b.Fatal(err)
			}
		}
		users := func(words string) page.Cond {
			return page.Cond{SQL: "SELECT id FROM users WHERE username_key LIKE ? ESCAPE '!'", Args: []any{db.Contains(words)}}
		}
		orgs := func(words string) page.Cond {
			return page.Cond{SQL: "SELECT id FROM organizations WHERE name LIKE ?", Args: []any{db.Contains(words)}}
		}
		if d.Engine() == db.Postgres {
			if _, err := d.Migrator().ExecContext(b.Context(), `VACUUM ANALYZE`); err != nil {
				b.Fatal(err)
			}
		}
		last, err := audit.List(b.Context(), d, audit.Filter{}, 0, 0, 1)
		if err != nil {
			b.Fatal(err)
		}
		now := last.Items[0].At
		for name, f := range map[string]audit.Filter{
			"newest":                                   {},
			"of a company":                             {Orgs: orgs("业 77 ")},
			"of no company":                            {Orgs: orgs("nobody")},
			"of a part of companies' names":            {Orgs: orgs("业 1")},
			"of a part of all companies' names":        {Orgs: orgs("企业")},
			"of a user":                                {UserID: 10_077},
			"of a frequent action":                     {Action: "voucher.claim"},
			"of a rare action":                         {Action: "budget.approve"},
			"of a rare kind":                           {ObjectKind: "budget"},
			"of an object":                             {ObjectKind: "voucher", ObjectID: 1_000_050},
			"of nobody's name":                         {Users: users("nobody")},
			"of a part of users' names":                {Users: users("user1")},
			"of a part of a clerk's name":              {Users: users("cler")},
			"of a part of users' names, a rare action": {Users: users("user1"), Action: "budget.approve"},
			"of an hour":                               {From: now - 3_600_000, To: now + 1},
			"of an empty time":                         {From: clock.Instant(1), To: clock.Instant(2)},
		} {
			dbtest.Ask(b, name, func() error {
				_, err := audit.List(b.Context(), d, f, 0, 0, 20)
				return err
			})
		}
	})
}
