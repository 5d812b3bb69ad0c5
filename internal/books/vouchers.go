package books

import (
	"context"
	"strings"

	"smedx/internal/codelist"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/voucher"
)

// Filter narrows the list of issued vouchers. Empty fields ask for nothing.
type Filter struct {
	BudgetID, CampaignID, CampaignVoucherID id.ID
	Status                                  voucher.Status
	Company                                 string // part of its name, or its credit code
	Region                                  string // code; everything below it counts
}

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

// where asks of vouchers v alone, so that counting joins nothing.
func (f Filter) where(now clock.Instant) (string, []any) {
	parts, args := []string{"1 = 1"}, []any{}
	add := func(sql string, a ...any) {
		parts = append(parts, sql)
		args = append(args, a...)
	}
	switch {
	case f.CampaignVoucherID != 0:
		add("v.campaign_voucher_id = ?", f.CampaignVoucherID)
	case f.BudgetID != 0 && f.CampaignID == 0:
		add("v.campaign_id IN (SELECT id FROM campaigns WHERE budget_id = ?)", f.BudgetID)
	}
	if f.CampaignID != 0 {
		add("v.campaign_id = ?", f.CampaignID)
	}
	switch f.Status { // as pages show it, which do not wait for the sweep
	case "":
	case voucher.Active:
		add("v.status = ? AND v.expires_at > ?", f.Status, now)
	case voucher.Expired:
		add("(v.status = ? OR v.status = ? AND v.expires_at <= ?)", f.Status, voucher.Active, now)
	default:
		add("v.status = ?", f.Status)
	}
	if f.Company != "" {
		add("v.org_id IN (SELECT id FROM organizations WHERE name LIKE ? ESCAPE '!' OR uscc = ?)", db.Contains(f.Company), strings.ToUpper(f.Company))
	}
	if f.Region != "" {
		add("v.org_id IN (SELECT id FROM organizations WHERE region_code LIKE ? ESCAPE '!')", below(f.Region))
	}
	return strings.Join(parts, " AND "), args
}

// below is a pattern for a region and all within it: 440000 is a province, 440300 a city.
func below(region string) string {
	switch {
	case strings.HasSuffix(region, "0000"):
		region = region[:2]
	case strings.HasSuffix(region, "00"):
		region = region[:4]
	}
	return strings.TrimPrefix(db.Contains(region), "%")
}

// byState reports whether a filter asks for nothing but a state. Vouchers of a state
// are found by campaign.
func (f Filter) byState() bool { return f.Status != "" && f == Filter{Status: f.Status} }

// Vouchers lists issued vouchers, newest first.
func Vouchers(ctx context.Context, r db.Reader, f Filter, p page.Query) (page.Of[Issued], error) {
	where, args := f.where(clock.At(r.Now()))
	out := page.Of[Issued]{Items: []Issued{}}
	found := where
	if f.byState() {
		found = `v.campaign_id IN (SELECT id FROM campaigns) AND ` + where
	}
	if err := r.Raw(`SELECT COUNT(*) FROM vouchers v WHERE `+found, args...).Scan(ctx, &out.Total); err != nil {
		return out, err
	}
	size := int64(max(p.Size, 1))
	skip := int64(max(p.Page, 1)-1) * size
	if skip >= out.Total {
		return out, nil
	}
	order, few := voucher.ByNumber(out.Total)
	if few {
		where = found
	}
	err := r.Raw(issuedQuery+`v.id IN (SELECT id FROM (SELECT v.id FROM vouchers v WHERE `+where+` ORDER BY `+order+` LIMIT ? OFFSET ?) AS k) ORDER BY v.id DESC`,
		append(args, size, skip)...).Scan(ctx, &out.Items)
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

// exportRows is how many rows an export reads at once.
const exportRows = 2000

// EachVoucher reads every voucher of a filter, newest first, in portions.
func EachVoucher(ctx context.Context, r db.Reader, f Filter, fn func(Issued) error) error {
	where, args := f.where(clock.At(r.Now()))
	last := id.ID(1<<63 - 1)
	for {
		var rows []Issued
		if err := r.Raw(issuedQuery+where+` AND v.id < ? ORDER BY v.id DESC LIMIT ?`, append(args[:len(args):len(args)], last, exportRows)...).Scan(ctx, &rows); err != nil {
			return err
		}
		named(rows, clock.At(r.Now()))
		for _, v := range rows {
			if err := fn(v); err != nil {
				return err
			}
		}
		if len(rows) < exportRows {
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
