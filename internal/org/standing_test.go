package org_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/id"
	"smedx/internal/org"
)

// Page by page, everybody who is verified comes once, and nobody else.
func TestVerifiedCompaniesArePagedThrough(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		states := []struct{ kind, verification string }{
			{"enterprise", "verified"}, {"enterprise", "suspended"}, {"provider", "verified"}, {"enterprise", "change_pending"}, {"enterprise", "verified"}, {"enterprise", "pending"},
		}
		err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			for i, s := range states {
				n := i + 1
				if _, err := tx.Exec(ctx, `INSERT INTO organizations (id, kind, verification, current_version, created_at) VALUES (?, ?, ?, ?, 0)`, n, s.kind, s.verification, 100+n); err != nil {
					return err
				}
				_, err := tx.Exec(ctx, `INSERT INTO profile_versions (id, org_id, seq, form, year, answers, sealed, facts, name, uscc, region_code, content_hash, submitted_by, submitted_at)
					VALUES (?, ?, 1, '', 2026, '{}', '', '{"region":"440305","size":"small","industries":["34"]}', '', '', '', '', 1, 0)`, 100+n, n)
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var all []id.ID
		for after := id.ID(0); ; {
			ids, of, err := o.VerifiedAfter(ctx, d, org.KindEnterprise, after, 2)
			if err != nil {
				t.Fatal(err)
			}
			if len(ids) == 0 {
				break
			}
			for _, i := range ids {
				if at := of[i]; !at.Verified || at.Facts.Size != "small" || at.VersionID != i+100 {
					t.Errorf("%v: %+v", i, at)
				}
			}
			all, after = append(all, ids...), ids[len(ids)-1]
		}
		if !slices.Equal(all, []id.ID{1, 4, 5}) {
			t.Error(all)
		}
	})
}

// What is remembered of a company is its versions' facts, never which of them is
// in force or whether it is verified.
func TestStandingsFollowTheVersionInForce(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		change := func(query string, args ...any) {
			t.Helper()
			err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, query, args...)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		version := func(n int, size string) {
			t.Helper()
			change(`INSERT INTO profile_versions (id, org_id, seq, form, year, answers, sealed, facts, name, uscc, region_code, content_hash, submitted_by, submitted_at)
				VALUES (?, 1, ?, '', 2026, '{}', '', ?, '', '', '', '', 1, 0)`, 100+n, n, `{"size":"`+size+`"}`)
		}
		stands := func(want map[id.ID]org.Standing) {
			t.Helper()
			for range 2 { // read, then remembered
				got, err := o.Standings(ctx, d, 1, 2, 3)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%+v, want %+v", got, want)
				}
			}
		}
		change(`INSERT INTO organizations (id, kind, verification, current_version, created_at) VALUES (1, 'enterprise', 'draft', 0, 0), (2, 'enterprise', 'pending', 0, 0)`)
		stands(map[id.ID]org.Standing{})
		version(1, "small")
		version(2, "medium")
		change(`UPDATE organizations SET verification = 'verified', current_version = 101 WHERE id = 1`)
		stands(map[id.ID]org.Standing{1: {Verified: true, VersionID: 101, Facts: org.Facts{Size: "small"}}})
		change(`UPDATE organizations SET current_version = 102 WHERE id = 1`)
		stands(map[id.ID]org.Standing{1: {Verified: true, VersionID: 102, Facts: org.Facts{Size: "medium"}}})
		change(`UPDATE organizations SET verification = 'suspended' WHERE id = 1`)
		stands(map[id.ID]org.Standing{1: {VersionID: 102, Facts: org.Facts{Size: "medium"}}})
	})
}
