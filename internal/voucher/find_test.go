package voucher_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/voucher"
)

// many puts in vouchers of 40 companies in three regions, of three campaigns in two
// budgets; the oldest are expired, half are used up, few are frozen.
func many(t *testing.T, d *db.DB) {
	t.Helper()
	for _, q := range []string{
		`INSERT INTO budgets (id, name, year, amount_fen, committed_fen, status, created_by, created_at, decided_by) VALUES (1, 'a', 2026, 100000000, 0, 'approved', 1, 1, 2), (2, 'b', 2026, 100000000, 0, 'approved', 1, 1, 2)`,
		`INSERT INTO voucher_types (id, name, face_value_fen, terms, created_by, created_at, updated_at) VALUES (1, '券', 100, '{}', 1, 1, 1), (2, '券', 100, '{}', 1, 1, 1)`,
		`INSERT INTO campaigns (id, name, mode, budget_id, opens_at, closes_at, per_org, rules, status, funded_fen, created_by, created_at, updated_at, approved_by)
			VALUES (1, '活动', 'rush', 1, 1, 2, 50, '{}', 'ended', 100, 1, 1, 1, 2), (2, '活动', 'rush', 1, 1, 2, 50, '{}', 'ended', 100, 1, 1, 1, 2), (3, '活动', 'rush', 2, 1, 2, 50, '{}', 'ended', 100, 1, 1, 1, 2)`,
		`INSERT INTO campaign_vouchers (id, campaign_id, type_id, position, name, face_value_fen, terms, quota, remaining)
			VALUES (1, 1, 1, 1, '券', 100, '{}', 1000, 0), (2, 2, 1, 1, '券', 100, '{}', 1000, 0), (3, 3, 1, 1, '券', 100, '{}', 1000, 0), (4, 3, 2, 2, '券', 100, '{}', 1000, 0)`,
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
			INSERT INTO organizations (id, kind, name, uscc, region_code, created_at)
			SELECT i, 'enterprise', CASE WHEN i % 8 = 0 THEN '广东Abc' ELSE '企业' END || i, 'CODE' || i, CASE WHEN i % 5 = 0 THEN '440106' WHEN i % 5 = 1 THEN '110101' ELSE '440305' END, 1 FROM n`,
		`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 799)
			INSERT INTO vouchers (id, campaign_id, campaign_voucher_id, org_id, seq, face_value_fen, available_fen, held_fen, redeemed_fen, status, valid_from, expires_at, issued_at, company)
			SELECT 1000 + 3 * i, CASE WHEN i % 4 = 3 THEN 3 ELSE i % 4 + 1 END, i % 4 + 1, i / 4 % 40 + 1, i / 160 + 1, 100, CASE WHEN i >= 150 AND i % 2 = 1 THEN 100 ELSE 0 END, 0, CASE WHEN i >= 150 AND i % 2 = 1 THEN 0 ELSE 100 END,
				CASE WHEN i < 150 THEN 'expired' WHEN i % 2 = 0 THEN 'exhausted' WHEN i % 97 = 1 THEN 'frozen' ELSE 'active' END, 1, CASE WHEN i < 300 THEN 2 ELSE 9000000000000 END, 1, '{}' FROM n`,
		`INSERT INTO voucher_revocations (id, voucher_id, status, reason, comment, proposed_by, proposed_name, proposed_at) SELECT id, id, 'proposed', 'x', 'x', 1, 'x', 1 FROM vouchers WHERE id % 50 = 0`,
	} {
		if _, err := d.Migrator().ExecContext(t.Context(), q); err != nil {
			t.Fatal(err, q)
		}
	}
}

type plain struct {
	ID, CampaignID, CampaignVoucherID, BudgetID, OrgID id.ID
	Status                                             voucher.Status
	ExpiresAt                                          clock.Instant
	Name, Uscc, RegionCode                             string
	Waits                                              bool
}

func (v plain) is(f voucher.Filter, now clock.Instant) bool {
	shown := v.Status
	if shown == voucher.Active && v.ExpiresAt <= now {
		shown = voucher.Expired
	}
	return (f.VoucherID == 0 || f.VoucherID == v.ID) && (f.BudgetID == 0 || f.BudgetID == v.BudgetID) && (f.CampaignID == 0 || f.CampaignID == v.CampaignID) &&
		(f.CampaignVoucherID == 0 || f.CampaignVoucherID == v.CampaignVoucherID) && (f.OrgIDs == nil || slices.Contains(f.OrgIDs, v.OrgID)) &&
		(f.Company == "" || strings.Contains(v.Name, f.Company) || v.Uscc == strings.ToUpper(f.Company)) &&
		strings.HasPrefix(v.RegionCode, strings.TrimRight(f.Region, "0")) && (f.Status == "" || f.Status == shown) && (!f.Waiting || v.Waits)
}

// Whatever way a list takes, it shows what a plain reading of all vouchers finds, in the
// order of their numbers, on each page, and so does the export.
func TestAFilteredListIsWhatAPlainReadingFinds(t *testing.T) {
	few, sorted := voucher.SetFew(90), page.Sorted
	page.Sorted = 20
	defer func() { voucher.SetFew(few); page.Sorted = sorted }()
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		many(t, d)
		var all []plain
		err := d.Raw(`
			SELECT v.id, v.campaign_id, v.campaign_voucher_id, c.budget_id, v.org_id, v.status, v.expires_at, o.name, o.uscc, o.region_code, r.id IS NOT NULL AS waits
			FROM vouchers v JOIN campaigns c ON c.id = v.campaign_id JOIN organizations o ON o.id = v.org_id LEFT JOIN voucher_revocations r ON r.voucher_id = v.id
			ORDER BY v.id DESC`).Scan(t.Context(), &all)
		if err != nil || len(all) != 800 {
			t.Fatal(err, len(all))
		}
		now := clock.At(d.Now())
		// In the moment in which a voucher expires it is over, and an export goes on below the last one.
		for _, status := range []voucher.Status{voucher.Active, voucher.Expired} {
			f := voucher.Filter{Status: status}
			var want, read []id.ID
			for _, v := range all {
				if v.ID < all[20].ID && v.is(f, 2) {
					want = append(want, v.ID)
				}
			}
			where, args := f.Below(2, all[20].ID)
			if err := d.Raw(`SELECT v.id FROM vouchers v WHERE `+where+` ORDER BY v.id DESC`, args...).Scan(t.Context(), &read); err != nil || !slices.Equal(read, want) {
				t.Fatalf("%s at the end of vouchers: export of %d, should be %d (%v)", status, len(read), len(want), err)
			}
		}
		for _, base := range []voucher.Filter{
			{},
			{CampaignID: 2},
			{BudgetID: 2},
			{BudgetID: 1, CampaignID: 3},
			{CampaignVoucherID: 4},
			{CampaignID: 3, CampaignVoucherID: 3},
			{OrgIDs: []id.ID{7, 8}},
			{OrgIDs: []id.ID{}},
			{Company: "企业1"},
			{Company: "广东Abc16"},
			{Company: "code9"},
			{Company: "%"},
			{Region: "440000"},
			{Region: "440100"},
			{Region: "110101", Company: "企业"},
			{Region: "440000", CampaignID: 1},
			{Region: "990000"},
			{Waiting: true},
			{Waiting: true, Region: "440000"},
			{VoucherID: 1300},
			{VoucherID: 1301, CampaignID: 2},
			{VoucherID: 1300, Waiting: true},
			{VoucherID: 1303, Waiting: true},
		} {
			if base.BudgetID == 1 && base.CampaignID == 3 { // a campaign names its budget
				base.BudgetID = 2
			}
			for _, status := range []voucher.Status{"", voucher.Active, voucher.Exhausted, voucher.Frozen, voucher.Expired, voucher.Revoked} {
				f := base
				f.Status = status
				var want []id.ID
				for _, v := range all {
					if v.is(f, now) {
						want = append(want, v.ID)
					}
				}
				for _, p := range []page.Query{{Page: 1, Size: 7}, {Page: 2, Size: 20}, {Page: (len(want) + 6) / 7, Size: 7}, {Page: 200, Size: 10}} {
					got, total, err := f.Page(t.Context(), d, p)
					from := min((max(p.Page, 1)-1)*p.Size, len(want))
					part := want[from:min(from+p.Size, len(want))]
					if err != nil || total != int64(len(want)) || !slices.Equal(got, part) {
						t.Fatalf("%+v, page %d: %v of %d, should be %v of %d (%v)", f, p.Page, got, total, part, len(want), err)
					}
				}
				var read []id.ID
				where, args := f.Below(now, 1<<62)
				if err := d.Raw(`SELECT v.id FROM vouchers v WHERE `+where+` ORDER BY v.id DESC`, args...).Scan(t.Context(), &read); err != nil || !slices.Equal(read, want) {
					t.Fatalf("%+v: export of %d, should be %d (%v)", f, len(read), len(want), err)
				}
			}
		}
	})
}

// No list of the staff reads all vouchers or all companies with their forms.
func TestListsOfVouchersReadNoWholeTable(t *testing.T) {
	few, sorted := voucher.SetFew(90), page.Sorted
	page.Sorted = 20
	defer func() { voucher.SetFew(few); page.Sorted = sorted }()
	d := dbtest.SQLite(t)
	many(t, d)
	scans := dbtest.Scans(t, d, []string{"vouchers", "v", "organizations", "voucher_revocations", "r"}, func() {
		for _, f := range []voucher.Filter{
			{}, {CampaignID: 2}, {BudgetID: 2}, {CampaignVoucherID: 4}, {OrgIDs: []id.ID{7}}, {Company: "企业1"}, {Region: "440000"}, {Company: "企业1", Region: "440000", CampaignID: 1}, {VoucherID: 1300},
		} {
			for _, status := range []voucher.Status{"", voucher.Active, voucher.Frozen, voucher.Expired, voucher.Exhausted} {
				f.Status = status
				if _, _, err := voucher.New(d, nil, nil).All(t.Context(), f, page.Query{Page: 1, Size: 20}); err != nil {
					t.Fatal(fmt.Sprintf("%+v", f), err)
				}
			}
		}
	})
	for _, s := range scans {
		t.Error(s)
	}
}
