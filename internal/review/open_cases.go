package review

import (
	"context"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// CountPending counts cases that wait: of a submitter, and of a company when
// orgID is not 0.
func (s *Service) CountPending(ctx context.Context, r db.Reader, submitter, orgID id.ID) (n int64, err error) {
	err = r.Raw(`SELECT count(*) FROM review_cases WHERE status = 'pending' AND (submitter_id = ? OR submitter_org = ? AND submitter_org > 0)`,
		submitter, orgID).Scan(ctx, &n)
	return n, err
}
