package books

import (
	"context"

	"github.com/uptrace/bun"

	"smedx/internal/codelist"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/voucher"
)

// Filter narrows the list of issued vouchers, as it does the staff's.
type Filter = voucher.Filter

// Issued is a voucher as staff see it.
type Issued struct {
	ID           id.ID          `json:"id"`
	Name         string         `json:"name"`
	BudgetID     id.ID          `json:"budgetId"`
	CampaignID   id.ID          `json:"campaignId"`
	CampaignName string         `json:"campaignName"`
	OrgID        id.ID          `json:"orgId"`
	OrgName      string         `json:"orgName"`
	RegionCode   string         `json:"regionCode"`
	Region       string         `json:"region" bun:"-"`
	Status       voucher.Status `json:"status" enum:"active,exhausted,frozen,expired,revoked"`
	FaceFen      money.Fen      `json:"faceValueFen"`
	AvailableFen money.Fen      `json:"availableFen"`
	HeldFen      money.Fen      `json:"heldFen"`
	RedeemedFen  money.Fen      `json:"redeemedFen"`
	ReturnedFen  money.Fen      `json:"returnedFen"`
	IssuedAt     clock.Instant  `json:"issuedAt"`
	ExpiresAt    clock.Instant  `json:"expiresAt"`
}

const issuedQuery = `
	SELECT v.id, cv.name, c.budget_id, v.campaign_id, c.name AS campaign_name, v.org_id, COALESCE(o.name, '') AS org_name, COALESCE(o.region_code, '') AS region_code,
		v.status, v.face_value_fen AS face_fen, v.available_fen, v.held_fen, v.redeemed_fen, v.returned_fen, v.issued_at, v.expires_at
	FROM vouchers v JOIN campaign_vouchers cv ON cv.id = v.campaign_voucher_id JOIN campaigns c ON c.id = v.campaign_id
	LEFT JOIN organizations o ON o.id = v.org_id WHERE `

// Vouchers lists issued vouchers, newest first.
func Vouchers(ctx context.Context, r db.Reader, f Filter, p page.Query) (page.Of[Issued], error) {
	out := page.Of[Issued]{Items: []Issued{}}
	ids, total, err := f.Page(ctx, r, p)
	out.Total = total
	if err != nil || len(ids) == 0 {
		return out, err
	}
	err = r.Raw(issuedQuery+`v.id IN (?) ORDER BY v.id DESC`, bun.List(ids)).Scan(ctx, &out.Items)
	named(out.Items, clock.At(r.Now()))
	return out, err
}

func named(list []Issued, now clock.Instant) {
	for i, v := range list {
		list[i].Region = codelist.FullLabelOf("region", v.RegionCode)
		if v.Status == voucher.Active && v.ExpiresAt <= now {
			list[i].Status = voucher.Expired
		}
	}
}

// exportRows is how many rows an export reads at once. Tests make it small.
var exportRows int64 = 2000

// EachVoucher reads every voucher of a filter, newest first, in portions.
func EachVoucher(ctx context.Context, r db.Reader, f Filter, fn func(Issued) error) error {
	last := id.ID(1<<63 - 1)
	for {
		var rows []Issued
		where, args := f.Below(clock.At(r.Now()), last)
		if err := r.Raw(issuedQuery+where+` ORDER BY v.id DESC LIMIT ?`, append(args, exportRows)...).Scan(ctx, &rows); err != nil {
			return err
		}
		named(rows, clock.At(r.Now()))
		for _, v := range rows {
			if err := fn(v); err != nil {
				return err
			}
		}
		if int64(len(rows)) < exportRows {
			return nil
		}
		last = rows[len(rows)-1].ID
	}
}

func oneVoucher(ctx context.Context, r db.Reader, voucherID id.ID) (Issued, error) {
	var rows []Issued
	err := r.Raw(issuedQuery+`v.id = ?`, voucherID).Scan(ctx, &rows)
	if err == nil && len(rows) == 0 {
		err = errs.ErrNotFound
	}
	if err != nil {
		return Issued{}, err
	}
	named(rows, clock.At(r.Now()))
	return rows[0], nil
}
