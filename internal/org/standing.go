package org

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// Standing is whether a company is verified now, and the facts of its version in force.
type Standing struct {
	Verified  bool
	VersionID id.ID
	Facts     Facts
}

var standingsOf = db.NewText(selectStanding + `WHERE o.id IN ?`)

// Standings answers, in one query, how companies stand. A company without a
// version in force is not in the answer.
func (s *Service) Standings(ctx context.Context, r db.Reader, orgIDs ...id.ID) (map[id.ID]Standing, error) {
	out := make(map[id.ID]Standing, len(orgIDs))
	err := standingsOf.Each(ctx, r, func(columns func(...any) error) error {
		var row standingRow
		err := columns(&row.ID, &row.Verification, &row.VersionID, &row.Facts)
		if err == nil {
			out[row.ID], err = row.standing()
		}
		return err
	}, orgIDs)
	return out, err
}

// VerifiedAfter answers companies of a kind that are verified now and come after
// one, in the order of their ids, and how they stand.
func (s *Service) VerifiedAfter(ctx context.Context, r db.Reader, kind Kind, after id.ID, limit int) (ids []id.ID, of map[id.ID]Standing, err error) {
	var rows []standingRow
	err = r.Raw(selectStanding+`WHERE o.kind = ? AND o.verification IN (?) AND o.id > ? ORDER BY o.id LIMIT ?`,
		kind, bun.List(inForce()), after, limit).Scan(ctx, &rows)
	if err != nil {
		return nil, nil, err
	}
	of = make(map[id.ID]Standing, len(rows))
	for _, row := range rows {
		if of[row.ID], err = row.standing(); err != nil {
			return nil, nil, err
		}
		ids = append(ids, row.ID)
	}
	return ids, of, nil
}

// inForce are the states in which a company is verified.
func inForce() (all []Verification) {
	for v := range transitions {
		if v.InForce() {
			all = append(all, v)
		}
	}
	return all
}

const selectStanding = `
	SELECT o.id, o.verification, o.current_version AS version_id, v.facts
	FROM organizations o JOIN profile_versions v ON v.id = o.current_version `

type standingRow struct {
	ID           id.ID
	Verification Verification
	VersionID    id.ID
	Facts        string
}

func (row standingRow) standing() (Standing, error) {
	at := Standing{Verified: row.Verification.InForce(), VersionID: row.VersionID}
	return at, json.Unmarshal([]byte(row.Facts), &at.Facts)
}
