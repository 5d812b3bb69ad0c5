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
		if d.Engine() == db.Postgres {
			if _, err := d.Migrator().ExecContext(b.Context(), `ANALYZE`); err != nil {
				b.Fatal(err)
			}
		}
		last, err := audit.List(b.Context(), d, audit.Filter{}, 0, 0, 1)
		if err != nil {
			b.Fatal(err)
		}
		now := last.Items[0].At
		for name, f := range map[string]audit.Filter{
			"newest":               {},
			"of a company":         {Orgs: []id.ID{77}},
			"of no company":        {Orgs: []id.ID{companies + 9}},
			"of a user":            {UserID: 10_077},
			"of a frequent action": {Action: "voucher.claim"},
			"of a rare action":     {Action: "budget.approve"},
			"of a rare kind":       {ObjectKind: "budget"},
			"of an object":         {ObjectKind: "voucher", ObjectID: 1_000_050},
			"of nobody's name":     {Actor: "nobody"},
			"of an hour":           {From: now - 3_600_000, To: now + 1},
			"of an empty time":     {From: clock.Instant(1), To: clock.Instant(2)},
		} {
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					if _, err := audit.List(b.Context(), d, f, 0, 0, 20); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	})
}
