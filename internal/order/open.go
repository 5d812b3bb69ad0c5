package order

import (
	"context"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// CountOpen counts orders that a company has not finished, as buyer or provider.
func (s *Service) CountOpen(ctx context.Context, r db.Reader, orgID id.ID) (n int64, err error) {
	err = r.Raw(`SELECT count(*) FROM orders WHERE (buyer_org = ? OR provider_org = ?)
		AND (status IN ('placed', 'paid', 'in_delivery', 'delivered', 'refunding') OR status = 'completed' AND accepted_at = 0)`,
		orgID, orgID).Scan(ctx, &n)
	return n, err
}

// Buyers are the companies that bought an offering; a canceled order is no purchase.
func (s *Service) Buyers(ctx context.Context, r db.Reader, offeringID id.ID) (orgs []id.ID, err error) {
	err = r.Raw(`SELECT DISTINCT o.buyer_org FROM order_lines l JOIN orders o ON o.id = l.order_id
		WHERE l.offering_id = ? AND o.status <> 'canceled' ORDER BY o.buyer_org`, offeringID).Scan(ctx, &orgs)
	return orgs, err
}
