package catalog

import (
	"context"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// CountListed counts what a provider has on sale.
func (s *Service) CountListed(ctx context.Context, r db.Reader, orgID id.ID) (n int64, err error) {
	err = r.Raw(`SELECT count(*) FROM offerings WHERE org_id = ? AND status = 'listed'`, orgID).Scan(ctx, &n)
	return n, err
}
