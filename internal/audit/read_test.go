package audit_test

import (
	"cmp"
	"context"
	"slices"
	"testing"

	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

func write(t *testing.T, d *db.DB, who audit.Actor, e audit.Entry) {
	t.Helper()
	err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error { return audit.Write(ctx, tx, who, e) })
	if err != nil {
		t.Fatal(err)
	}
}

func ids(rows []audit.Record) (out []id.ID) {
	for _, r := range rows {
		out = append(out, r.ID)
	}
	return out
}

// Pages go down the trail and up again without losing or repeating an entry,
// also when new ones come in between.
func TestPagesAreNamedByEntries(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		pagesOf(t, d, audit.Filter{})
		pagesOf(t, d, audit.Filter{From: 1, To: 1 << 60, ObjectKind: "parcel"}) // read in the order of time
	})
}

func pagesOf(t *testing.T, d *db.DB, f audit.Filter) {
	t.Helper()
	kind := cmp.Or(f.ObjectKind, "order")
	for range 7 {
		write(t, d, audit.Actor{Name: "someone"}, audit.Entry{Action: "order.place", ObjectKind: kind})
	}
	page := func(before, after id.ID) audit.Page {
		p, err := audit.List(t.Context(), d, f, before, after, 3)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	first := page(0, 0)
	write(t, d, audit.Actor{Name: "late"}, audit.Entry{Action: "order.place", ObjectKind: kind})
	second := page(first.Older, 0)
	third := page(second.Older, 0)
	if first.Newer != 0 || len(first.Items) != 3 || len(second.Items) != 3 || len(third.Items) != 1 || third.Older != 0 {
		t.Fatal(first, second, third)
	}
	if back := page(0, third.Newer); !slices.Equal(ids(back.Items), ids(second.Items)) || back.Newer == 0 || back.Older == 0 {
		t.Error("going up does not lead back to the page above")
	}
	if top := page(0, second.Newer); !slices.Contains(ids(top.Items), first.Items[0].ID) {
		t.Error("the first page is lost on the way up")
	}
}

func TestFiltersNarrowTheTrail(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		write(t, d, audit.Actor{UserID: 1, OrgID: 5, Name: "Buyer_One"}, audit.Entry{Action: "order.place", ObjectKind: "order", ObjectID: 77, SubjectOrg: 6})
		write(t, d, audit.Actor{UserID: 2, OrgID: 6, Name: "seller"}, audit.Entry{Action: "delivery.start", ObjectKind: "order", ObjectID: 77, SubjectOrg: 6})
		write(t, d, audit.Actor{}, audit.Entry{Action: "voucher.expire", ObjectKind: "voucher", ObjectID: 8, SubjectOrg: 5})
		users := func(words string) page.Cond {
			return page.Cond{SQL: "SELECT id FROM users WHERE username_key LIKE ? ESCAPE '!'", Args: []any{db.Contains(words)}}
		}
		orgs := func(name string) page.Cond {
			return page.Cond{SQL: "SELECT id FROM organizations WHERE name LIKE ?", Args: []any{name}}
		}
		err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO users (id, role, username, username_key, password_hash, created_at) VALUES (1, 'enterprise', 'Buyer_One', 'buyer_one', '', 1), (2, 'provider', 'seller', 'seller', '', 1)`)
			if err == nil {
				_, err = tx.Exec(ctx, `INSERT INTO organizations (id, kind, name, created_at) VALUES (5, 'enterprise', 'five', 1), (6, 'provider', 'six', 1), (7, 'enterprise', 'seven', 1)`)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		now := clock.At(d.Now())
		for _, most := range []int64{0, 2, 100} { // by the way, by an index, and at the border
			defer audit.SetMany(audit.SetMany(most))
			narrows(t, d, map[string]narrowed{
				"nothing asked":        {audit.Filter{}, 3},
				"part of a user name":  {audit.Filter{Users: users("buyer_")}, 1},
				"part of all names":    {audit.Filter{Users: users("e")}, 2},
				"a company":            {audit.Filter{Orgs: orgs("five")}, 2},
				"its own and others'":  {audit.Filter{Orgs: orgs("six")}, 2},
				"any company":          {audit.Filter{Orgs: orgs("%")}, 3},
				"a company and a user": {audit.Filter{Orgs: orgs("six"), Users: users("buyer")}, 1},
				"one that did nothing": {audit.Filter{Orgs: orgs("seven")}, 0},
				"no company":           {audit.Filter{Orgs: orgs("nobody")}, 0},
				"an action":            {audit.Filter{Action: "voucher.expire"}, 1},
				"an object":            {audit.Filter{ObjectKind: "order", ObjectID: 77}, 2},
				"until now":            {audit.Filter{From: now.Add(-60e9), To: now.Add(60e9)}, 3},
				"before it began":      {audit.Filter{To: now.Add(-60e9)}, 0},
				"a pattern is no text": {audit.Filter{Users: users("%")}, 0},
				"a day of a company":   {audit.Filter{From: now.Add(-60e9), To: now.Add(60e9), Orgs: orgs("five")}, 2},
			})
		}
	})
}

type narrowed struct {
	f    audit.Filter
	want int
}

func narrows(t *testing.T, d *db.DB, cases map[string]narrowed) {
	t.Helper()
	for name, c := range cases {
		p, err := audit.List(t.Context(), d, c.f, 0, 0, 20)
		if err != nil || len(p.Items) != c.want {
			t.Errorf("%s: %d entries, want %d (%v)", name, len(p.Items), c.want, err)
		}
		if len(p.Items) == 0 {
			continue
		}
		second, err := audit.List(t.Context(), d, c.f, p.Items[0].ID, 0, 1)
		if err != nil || c.want > 1 && (len(second.Items) != 1 || second.Items[0].ID != p.Items[1].ID) {
			t.Errorf("%s: the second page of one is %v (%v)", name, second.Items, err)
		}
	}
}

func TestDetailsReadAsWords(t *testing.T) {
	r := audit.Record{ObjectKind: "organization", Detail: `{"from":"pending","to":"verified","reason":"","amountFen":123450,"until":"2026-11-23T22:00:00.161Z"}`}
	want := []audit.Fact{{Name: "变更", Value: "审核中 → 已认证"}, {Name: "金额", Value: "1234.50 元"}, {Name: "承诺完成时间", Value: "2026-11-24 05:59:59"}}
	if got := r.Facts(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
