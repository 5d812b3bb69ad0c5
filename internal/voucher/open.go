package voucher

import (
	"context"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// CountUsable counts a company's vouchers that still hold money.
func (s *Service) CountUsable(ctx context.Context, r db.Reader, orgID id.ID) (n int64, err error) {
	err = r.Raw(`SELECT count(*) FROM vouchers WHERE org_id = ? AND (available_fen > 0 OR held_fen > 0)`, orgID).Scan(ctx, &n)
	return n, err
}

// Scopes lists what the company's usable vouchers fit; of those for companies of
// certain regions, the ones for its own.
func (s *Service) Scopes(ctx context.Context, r db.Reader, orgID id.ID) ([]Scope, error) {
	list, err := s.usable(ctx, r, orgID)
	if err != nil {
		return nil, err
	}
	out := make([]Scope, 0, len(list))
	for _, v := range list {
		out = append(out, v.Terms.Scope)
	}
	return out, nil
}
