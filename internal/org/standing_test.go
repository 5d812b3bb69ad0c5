package org_test

import (
	"context"
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
