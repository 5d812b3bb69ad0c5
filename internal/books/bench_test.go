package books_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"smedx/internal/books"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/page"
	"smedx/internal/voucher"
)

// crowd puts in 100,000 vouchers of 2,000 companies and ten campaigns with their
// entries, in one statement for each table.
func crowd(b *testing.B, d *db.DB) {
	b.Helper()
	const n, base = 100_000, 1 << 50
	numbers := fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d - 1) `, n)
	for _, q := range []string{
		`INSERT INTO budgets (id, name, year, amount_fen, committed_fen, status, created_by, created_at, decided_by) VALUES (1, '预算', 2026, 100000000000, 60000000000, 'approved', 1, 1, 2)`,
		`INSERT INTO voucher_types (id, name, face_value_fen, terms, created_by, created_at, updated_at) VALUES (1, '券', 500000, '{}', 1, 1, 1)`,
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)
			INSERT INTO campaigns (id, name, mode, budget_id, opens_at, closes_at, per_org, rules, status, funded_fen, created_by, created_at, updated_at, approved_by)
			SELECT i, '活动', 'rush', 1, 1, 9, 50, '{}', 'open', 6000000000, 1, 1, 1, 2 FROM n`,
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)
			INSERT INTO campaign_vouchers (id, campaign_id, type_id, position, name, face_value_fen, terms, quota, remaining) SELECT i, i, 1, 1, '券', 500000, '{}', 12000, 2000 FROM n`,
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
			INSERT INTO organizations (id, kind, name, region_code, created_at) SELECT i, 'enterprise', '企业' || i, CASE i % 3 WHEN 0 THEN '440305' ELSE '110101' END, 1 FROM n`,
		numbers + `INSERT INTO vouchers (id, campaign_id, campaign_voucher_id, org_id, seq, face_value_fen, available_fen, held_fen, redeemed_fen, status, valid_from, expires_at, issued_at, company)
			SELECT 1000 + i, i % 10 + 1, i % 10 + 1, i % 2000 + 1, i / 2000 + 1, 500000, 300000, 0, 200000, 'active', 1, 9000000000000, CAST(1780000000000 AS BIGINT) + i * CAST(100000 AS BIGINT), '{}' FROM n`,
		`INSERT INTO journal (id, ledger, at, kind, source_kind, source_id) SELECT id, 'V', 1770000000000, 'fund', 'campaign', id FROM campaigns`,
		`INSERT INTO postings (entry_id, line, account, amount_fen) SELECT id, 1, 'treasury', -6000000000 FROM campaigns UNION ALL SELECT id, 2, 'budget:' || id, 6000000000 FROM campaigns`,
		fmt.Sprintf(`INSERT INTO voucher_holds (id, voucher_id, order_id, org_id, provider_org, amount_fen, status, terms, held_at, resolved_at) SELECT %d + id, id, %d + id, org_id, 900000, 200000, 'redeemed', '{}', 1, 1 FROM vouchers`, base, base),
		fmt.Sprintf(`INSERT INTO journal (id, ledger, at, kind, source_kind, source_id) SELECT %d + id, 'V', issued_at, 'grant', 'voucher', id FROM vouchers
			UNION ALL SELECT 2 * %d + id, 'V', issued_at, 'hold', 'hold', %d + id FROM vouchers UNION ALL SELECT 3 * %d + id, 'V', issued_at, 'redeem', 'hold', %d + id FROM vouchers`, base, base, base, base, base),
		fmt.Sprintf(`INSERT INTO postings (entry_id, line, account, amount_fen)
			SELECT %[1]d + id, 1, 'budget:' || campaign_id, -500000 FROM vouchers UNION ALL SELECT %[1]d + id, 2, 'voucher_available:' || id, 500000 FROM vouchers
			UNION ALL SELECT 2 * %[1]d + id, 1, 'voucher_available:' || id, -200000 FROM vouchers UNION ALL SELECT 2 * %[1]d + id, 2, 'voucher_held:' || (%[1]d + id), 200000 FROM vouchers
			UNION ALL SELECT 3 * %[1]d + id, 1, 'voucher_held:' || (%[1]d + id), -200000 FROM vouchers UNION ALL SELECT 3 * %[1]d + id, 2, 'escrow_v:' || (%[1]d + id), 200000 FROM vouchers`, base),
	} {
		if _, err := d.Migrator().ExecContext(b.Context(), q); err != nil {
			b.Fatal(strings.SplitN(q, "(", 2)[0], err)
		}
	}
}

// What the pages of public money ask, with 100,000 vouchers and 300,000 entries.
func BenchmarkHundredThousandVouchers(b *testing.B) { dbtest.EachEngine(b, asked) }

func asked(b *testing.B, d *db.DB) {
	b.Helper()
	crowd(b, d)
	if d.Engine() == db.Postgres { // which does so by itself, later
		if _, err := d.Migrator().ExecContext(b.Context(), `VACUUM ANALYZE`); err != nil {
			b.Fatal(err)
		}
	}
	all, err := books.Look(b.Context(), d, books.Scope{})
	if err != nil || !all.Total.OK || all.Total.Vouchers != 100_000 {
		b.Fatal(err, all.Problems)
	}
	ask := func(name string, fn func(ctx context.Context) error) {
		dbtest.Ask(b, name, func() error { return fn(b.Context()) })
	}
	ask("overview of a journal that is not counted", func(ctx context.Context) error { _, err := books.Look(ctx, d, books.Scope{}); return err })
	if err := books.FoldAll(b.Context(), d); err != nil {
		b.Fatal(err)
	}
	ask("overview", func(ctx context.Context) error { _, err := books.Look(ctx, d, books.Scope{}); return err })
	list := func(f books.Filter, p page.Query) func(context.Context) error {
		return func(ctx context.Context) error { _, err := books.Vouchers(ctx, d, f, p); return err }
	}
	ask("list", list(books.Filter{}, page.Query{Page: 1, Size: 20}))
	ask("list of a company", list(books.Filter{Company: "企业1999"}, page.Query{Page: 1, Size: 20}))
	ask("list of a region and state", list(books.Filter{Region: "440000", Status: voucher.Active}, page.Query{Page: 1, Size: 20}))
	ask("list of a state", list(books.Filter{Status: voucher.Active}, page.Query{Page: 1, Size: 20}))
	ask("list of a state that none has", list(books.Filter{Status: voucher.Frozen}, page.Query{Page: 1, Size: 20}))
	ask("list of a campaign and state", list(books.Filter{CampaignID: 3, Status: voucher.Active}, page.Query{Page: 1, Size: 20}))
	ask("list of a region", list(books.Filter{Region: "440000"}, page.Query{Page: 1, Size: 20}))
	ask("list of a region and a state that none has", list(books.Filter{Region: "440000", Status: voucher.Frozen}, page.Query{Page: 1, Size: 20}))
	ask("list of a company and state", list(books.Filter{Company: "企业1999", Status: voucher.Active}, page.Query{Page: 1, Size: 20}))
	ask("list of a voucher of a campaign", list(books.Filter{CampaignVoucherID: 3}, page.Query{Page: 1, Size: 20}))
	ask("list of a budget", list(books.Filter{BudgetID: 1}, page.Query{Page: 1, Size: 20}))
	ask("list of a part of a name", list(books.Filter{Company: "企业1"}, page.Query{Page: 1, Size: 20}))
	vouchers := voucher.New(d, nil, nil)
	ask("managed list of a state", func(ctx context.Context) error {
		_, _, err := vouchers.All(ctx, voucher.Filter{Status: voucher.Active}, page.Query{Page: 1, Size: 20})
		return err
	})
	ask("list, a late page", list(books.Filter{}, page.Query{Page: 4000, Size: 20}))
	ask("life", func(ctx context.Context) error { _, err := books.LifeOf(ctx, d, 50_000); return err })
	ask("statement of a company", func(ctx context.Context) error {
		_, err := books.StatementOf(ctx, d, books.OfCompany, 77, books.Period{}, page.Query{Page: 1, Size: 20})
		return err
	})
	ask("statement of a campaign", func(ctx context.Context) error {
		_, err := books.StatementOf(ctx, d, books.OfCampaign, 3, books.Period{}, page.Query{Page: 1, Size: 20})
		return err
	})
	ask("statement of a campaign, last page", func(ctx context.Context) error {
		_, err := books.StatementOf(ctx, d, books.OfCampaign, 3, books.Period{}, page.Query{Page: 500, Size: 20})
		return err
	})
	ask("statement of a campaign, a period", func(ctx context.Context) error {
		_, err := books.StatementOf(ctx, d, books.OfCampaign, 3, books.Period{From: 1_780_000_000_000, To: 1_785_000_000_000}, page.Query{Page: 1, Size: 20})
		return err
	})
	ask("export of all", func(ctx context.Context) error {
		return books.EachVoucher(ctx, d, books.Filter{}, func(books.Issued) error { return nil })
	})
}
