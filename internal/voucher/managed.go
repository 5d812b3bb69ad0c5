package voucher

import (
	"context"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// Filter narrows the staff's list of vouchers; zero values do not narrow.
type Filter struct {
	VoucherID id.ID
	OrgIDs    []id.ID // nil: of any company
	Campaign  id.ID
	Status    Status
	Waiting   bool // a revocation waits for the second person
}

// All lists vouchers of every company for the staff, newest first.
func (s *Service) All(ctx context.Context, f Filter, p page.Query) (list []Voucher, total int64, err error) {
	q := selectVouchers(s.db, &list)
	if f.VoucherID != 0 {
		q = q.Where("v.id = ?", f.VoucherID)
	}
	if f.OrgIDs != nil {
		q = q.Where("v.org_id IN (?)", in(append(f.OrgIDs, 0)))
	}
	if f.Campaign != 0 {
		q = q.Where("v.campaign_id = ?", f.Campaign)
	}
	if f.Status != "" {
		q = q.Where("v.status = ?", f.Status)
	}
	if f.Waiting {
		q = q.Where("v.id IN (SELECT r.voucher_id FROM voucher_revocations AS r WHERE r.status = ?)", Proposed)
	}
	total, err = page.Scan(ctx, q.Order("v.id DESC"), p, &list)
	return list, total, err
}

// HoldsOf lists what orders hold or took of a voucher, newest first.
func (s *Service) HoldsOf(ctx context.Context, r db.Reader, voucherID id.ID) (list []Hold, err error) {
	err = r.Select(&list).Where("h.voucher_id = ?", voucherID).Order("h.id DESC").Limit(100).Scan(ctx)
	return list, err
}
