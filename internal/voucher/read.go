package voucher

import (
	"context"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// Campaign reads one campaign with its vouchers, in any state.
func (s *Service) Campaign(ctx context.Context, campaignID id.ID) (Campaign, error) {
	return findCampaign(ctx, s.db, campaignID)
}

// Voucher reads one voucher of any company.
func (s *Service) Voucher(ctx context.Context, voucherID id.ID) (Voucher, error) {
	return findVoucher(ctx, s.db, voucherID)
}

// Balances are the usable vouchers of a company: how many, and what they can pay.
func (s *Service) Balances(ctx context.Context, r db.Reader, orgID id.ID) (count int64, sum int64, err error) {
	row := struct{ N, Total int64 }{}
	err = r.Raw(`SELECT COUNT(*) AS n, COALESCE(SUM(available_fen), 0) AS total FROM vouchers WHERE org_id = ? AND status = ?`, orgID, Active).Scan(ctx, &row)
	return row.N, row.Total, err
}
