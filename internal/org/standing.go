package org

import (
	"context"
	"encoding/json"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// Standing answers, in one query, whether a company is verified now, and the
// facts of its version in force. A company without one has no facts.
func (s *Service) Standing(ctx context.Context, r db.Reader, orgID id.ID) (verified bool, versionID id.ID, f Facts, err error) {
	var row struct {
		Verification Verification
		VersionID    id.ID
		Facts        string
	}
	err = r.Raw(`
		SELECT o.verification, o.current_version AS version_id, v.facts
		FROM organizations o JOIN profile_versions v ON v.id = o.current_version WHERE o.id = ?`, orgID).Scan(ctx, &row)
	if db.IsNotFound(err) {
		return false, 0, f, nil
	}
	if err != nil {
		return false, 0, f, err
	}
	return row.Verification.InForce(), row.VersionID, f, json.Unmarshal([]byte(row.Facts), &f)
}
