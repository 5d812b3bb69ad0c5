package org

import (
	"context"

	"github.com/uptrace/bun"

	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

func (s *Service) find(ctx context.Context, r db.Reader, orgID id.ID) (o Organization, err error) {
	err = r.Select(&o).Where("id = ?", orgID).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return o, err
}

func (s *Service) version(ctx context.Context, r db.Reader, versionID id.ID) (v Version, err error) {
	err = r.Select(&v).Where("id = ?", versionID).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return v, err
}

// lastBefore is the version handed in before this one; 0 when this is the first.
func lastBefore(ctx context.Context, r db.Reader, v Version) (before id.ID, err error) {
	err = r.Raw(`SELECT coalesce(max(id), 0) FROM profile_versions WHERE org_id = ? AND seq = ?`, v.OrgID, v.Seq-1).Scan(ctx, &before)
	return before, err
}

// claimCode takes a credit code for a company; false when another one has it.
func claimCode(ctx context.Context, tx *db.Tx, o Organization, uscc string) (bool, error) {
	_, err := tx.Exec(ctx, `INSERT INTO org_codes (kind, uscc, org_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, o.Kind, uscc, o.ID)
	if err != nil {
		return false, err
	}
	var holder id.ID
	err = tx.Raw(`SELECT org_id FROM org_codes WHERE kind = ? AND uscc = ?`, o.Kind, uscc).Scan(ctx, &holder)
	return holder == o.ID, err
}

// releaseCodes gives back every code of a company but those to keep.
func releaseCodes(ctx context.Context, tx *db.Tx, orgID id.ID, keep ...string) error {
	if len(keep) == 0 {
		keep = []string{""}
	}
	_, err := tx.Exec(ctx, `DELETE FROM org_codes WHERE org_id = ? AND uscc NOT IN (?)`, orgID, bun.List(keep))
	return err
}

// codeTaken answers whether another company of the kind holds the code.
func codeTaken(ctx context.Context, r db.Reader, o Organization, uscc string) (bool, error) {
	var n int64
	err := r.Raw(`SELECT count(*) FROM org_codes WHERE kind = ? AND uscc = ? AND org_id <> ?`, o.Kind, uscc, o.ID).Scan(ctx, &n)
	return n > 0, err
}
