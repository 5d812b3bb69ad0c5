package voucher

import (
	"context"

	"github.com/uptrace/bun"

	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// selectVouchers reads vouchers (v) with the frozen words of their campaign voucher (cv) and campaign (c).
func selectVouchers(r db.Reader, model any) *bun.SelectQuery {
	return r.Select(model).
		ColumnExpr("v.*, cv.name, cv.description, cv.terms, c.name AS campaign_name").
		Join("JOIN campaign_vouchers AS cv ON cv.id = v.campaign_voucher_id").
		Join("JOIN campaigns AS c ON c.id = v.campaign_id")
}

func in[T any](values []T) any { return bun.List(values) }

// list is never nil, so that it is stored as [] and not as null.
func list(codes []string) []string {
	if codes == nil {
		return []string{}
	}
	return codes
}

func findCampaign(ctx context.Context, r db.Reader, campaignID id.ID) (Campaign, error) {
	var c Campaign
	err := r.Select(&c).Where("c.id = ?", campaignID).Scan(ctx)
	if err == nil {
		err = r.Select(&c.Vouchers).Where("cv.campaign_id = ?", campaignID).Order("cv.position", "cv.id").Scan(ctx)
	}
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return c, err
}

func findVoucher(ctx context.Context, r db.Reader, voucherID id.ID) (Voucher, error) {
	var v Voucher
	err := selectVouchers(r, &v).Where("v.id = ?", voucherID).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return v, err
}
