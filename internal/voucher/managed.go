package voucher

import (
	"context"

	"github.com/uptrace/bun"

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

// sorted is how many vouchers are sorted rather than met in the order of their numbers.
const sorted = 5000

// ByNumber is the order of a list, the newest first. Few of all vouchers are found by
// an index of theirs and sorted; the sum keeps both engines from reading all others
// until they have met a page of them.
func ByNumber(total int64) (order string, few bool) {
	if total <= sorted {
		return "v.id + 0 DESC", true
	}
	return "v.id DESC", false
}

// byCampaign asks for every campaign: vouchers of a state are found by campaign.
func (f Filter) byCampaign(q *bun.SelectQuery) *bun.SelectQuery {
	if f.Status != "" && f.Campaign == 0 && f.VoucherID == 0 && f.OrgIDs == nil && !f.Waiting {
		q = q.Where("v.campaign_id IN (SELECT id FROM campaigns)")
	}
	return q
}

func (f Filter) narrow(q *bun.SelectQuery) *bun.SelectQuery {
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
	return q
}

// All lists vouchers of every company for the staff, newest first.
func (s *Service) All(ctx context.Context, f Filter, p page.Query) (list []Voucher, total int64, err error) {
	n, err := f.byCampaign(f.narrow(s.db.Select((*Voucher)(nil)))).Count(ctx)
	if total = int64(n); err != nil || total == 0 {
		return nil, total, err
	}
	q := f.narrow(selectVouchers(s.db, &list))
	order, few := ByNumber(total)
	if few {
		q = f.byCampaign(q)
	}
	size := int64(max(p.Size, 1))
	err = q.OrderExpr(order).Limit(size).Offset(int64(max(p.Page, 1)-1) * size).Scan(ctx)
	return list, total, err
}

// HoldsOf lists what orders hold or took of a voucher, newest first.
func (s *Service) HoldsOf(ctx context.Context, r db.Reader, voucherID id.ID) (list []Hold, err error) {
	err = r.Select(&list).Where("h.voucher_id = ?", voucherID).Order("h.id DESC").Limit(100).Scan(ctx)
	return list, err
}
