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

// Standings answers, in one query, how companies stand. A company without a
// version in force is not in the answer.
func (s *Service) Standings(ctx context.Context, r db.Reader, orgIDs ...id.ID) (map[id.ID]Standing, error) {
	var rows []struct {
		ID           id.ID
		Verification Verification
		VersionID    id.ID
		Facts        string
	}
	err := r.Raw(`
		SELECT o.id, o.verification, o.current_version AS version_id, v.facts
		FROM organizations o JOIN profile_versions v ON v.id = o.current_version WHERE o.id IN (?)`, bun.List(orgIDs)).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	out := make(map[id.ID]Standing, len(rows))
	for _, row := range rows {
		at := Standing{Verified: row.Verification.InForce(), VersionID: row.VersionID}
		if err := json.Unmarshal([]byte(row.Facts), &at.Facts); err != nil {
			return nil, err
		}
		out[row.ID] = at
	}
	return out, nil
}
