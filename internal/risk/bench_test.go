package risk_test

import (
	"strconv"
	"strings"
	"testing"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/risk"
)

// BenchmarkCheck looks over 20,000 enterprises with a voucher, three marks and two
// traces each, 200 providers and 40,000 orders, of which few have anything in common;
// one network address serves every fifth of them.
func BenchmarkCheck(b *testing.B) { dbtest.EachEngine(b, check) }

func check(b *testing.B, d *db.DB) {
	b.Helper()
	now := int64(clock.At(d.Now()))
	const orgs = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20200) `
	for _, q := range []struct {
		text string
		args []any
	}{
		{`INSERT INTO budgets (id, name, year, amount_fen, committed_fen, status, created_by, created_at, decided_by) VALUES (1, 'b', 2026, 1000000000000, 0, 'approved', 1, 1, 2)`, nil},
		{`INSERT INTO voucher_types (id, name, face_value_fen, terms, created_by, created_at, updated_at) VALUES (1, 't', 100, '{}', 1, 1, 1)`, nil},
		{`INSERT INTO campaigns (id, name, mode, budget_id, opens_at, closes_at, per_org, rules, status, funded_fen, created_by, created_at, updated_at, approved_by) VALUES (1, 'c', 'rush', 1, 1, 2, 1, '{}', 'ended', 100, 1, 1, 1, 2)`, nil},
		{`INSERT INTO campaign_vouchers (id, campaign_id, type_id, position, name, face_value_fen, terms, quota, remaining) VALUES (1, 1, 1, 0, 'v', 100, '{}', 100000, 0)`, nil},
		{`INSERT INTO checkouts (id, buyer_org, user_id, price_fen, placed_at, expires_at) VALUES (1, 1, 1, 1, 1, 1)`, nil},
		{orgs + `INSERT INTO organizations (id, kind, name, uscc, created_at, marked_at) SELECT i, CASE WHEN i > 20000 THEN 'provider' ELSE 'enterprise' END, 'o', 'u' || i, CAST(? AS BIGINT) - i * CAST(100000 AS BIGINT), 1 FROM n`, []any{now}},
		{orgs + `INSERT INTO org_marks (org_id, kind, mark, at) SELECT i, 'phone', 'p' || (CASE WHEN i % 500 = 0 THEN 1 ELSE i END), CAST(? AS BIGINT) - i * CAST(100000 AS BIGINT) FROM n`, []any{now}},
		{orgs + `INSERT INTO org_marks (org_id, kind, mark, at) SELECT i, 'address', 'a' || (i / 3), CAST(? AS BIGINT) - i * CAST(100000 AS BIGINT) FROM n`, []any{now}},
		{orgs + `INSERT INTO org_marks (org_id, kind, mark, at) SELECT i, 'legal_rep', 'l' || (i % 15000), CAST(? AS BIGINT) - i * CAST(100000 AS BIGINT) FROM n`, []any{now}},
		{orgs + `INSERT INTO signin_traces (org_id, kind, mark, day, first_at, last_at) SELECT i, 'address', 'i' || (CASE WHEN i % 5 = 0 THEN 0 ELSE i % 5000 END), CAST(? AS BIGINT) / 86400000, CAST(? AS BIGINT), CAST(? AS BIGINT) FROM n`, []any{now, now, now}},
		{orgs + `INSERT INTO signin_traces (org_id, kind, mark, day, first_at, last_at) SELECT i, 'device', 'd' || i, CAST(? AS BIGINT) / 86400000, CAST(? AS BIGINT), CAST(? AS BIGINT) FROM n`, []any{now, now, now}},
		{orgs + `INSERT INTO vouchers (id, campaign_id, campaign_voucher_id, org_id, seq, face_value_fen, available_fen, redeemed_fen, status, valid_from, expires_at, issued_at, company) SELECT i, 1, 1, i, 1, 100, 0, 100, 'exhausted', 1, 2, CAST(? AS BIGINT), '{}' FROM n WHERE i <= 20000`, []any{now}},
		{orgs + `INSERT INTO orders (id, checkout_id, buyer_org, buyer_user, buyer_name, buyer_login, provider_org, provider_name, title, kind, status, instant, price_fen, redeemed_fen, payable_fen, placed_at, expires_at, paid_at, delivered_at, completed_at, accepted_at) SELECT i, 1, i, 1, 'b', 'b', 20001 + i % 200, 'p', 't', 'new', 'completed', FALSE, 100, 100, 0, CAST(? AS BIGINT), 1, CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT) FROM n WHERE i <= 20000`, []any{now - 900_000_000, now - 900_000_000, now - 600_000_000, now - 300_000_000, now - 300_000_000}},
		{`INSERT INTO orders (id, checkout_id, buyer_org, buyer_user, buyer_name, buyer_login, provider_org, provider_name, title, kind, status, instant, price_fen, redeemed_fen, payable_fen, placed_at, expires_at, paid_at, delivered_at, completed_at, accepted_at) SELECT 100000 + id, 1, buyer_org, 1, 'b', 'b', provider_org, 'p', 't', 'new', 'completed', FALSE, 100, 100, 0, placed_at, 1, paid_at, delivered_at, completed_at, accepted_at FROM orders`, nil},
		{`INSERT INTO order_lines (id, order_id, line_no, offering_id, revision_id, plan_id, name, plan_name, attributes, unit, instant, scope, unit_price_fen, quantity, price_fen, redeemed_fen) SELECT id, id, 1, id % 500, 1, id % 500, 'n', 'p', '', 'year', FALSE, '{}', 100, 1, 100, 100 FROM orders`, nil},
		{`INSERT INTO order_redemptions (order_id, hold_id, line_no, voucher_id, name, amount_fen, balance_after_fen) SELECT id, id, 1, buyer_org, 'v', 100, 0 FROM orders`, nil},
		{`INSERT INTO voucher_holds (id, voucher_id, order_id, org_id, provider_org, amount_fen, status, terms, held_at, resolved_at) SELECT id, buyer_org, id, buyer_org, provider_org, 100, 'redeemed', '{}', 1, 1 FROM orders`, nil},
		{orgs + `INSERT INTO voucher_measures (id, voucher_id, event, origin, cause, reason, comment, by_user, by_name, at) SELECT i, i, CASE WHEN i % 100 = 0 THEN 'revoke' ELSE 'freeze' END, CASE WHEN i % 100 = 0 THEN '' ELSE 'staff' END, 'staff', '', 'c', 1, 'u', CAST(? AS BIGINT) FROM n WHERE i <= 20000`, []any{now}},
	} {
		if _, err := d.Migrator().ExecContext(b.Context(), d.Raw(q.text, q.args...).String()); err != nil {
			b.Fatal(err)
		}
	}
	if d.Engine() == db.Postgres { // which looks at its tables by itself, later
		if _, err := d.Migrator().ExecContext(b.Context(), `ANALYZE`); err != nil {
			b.Fatal(err)
		}
	}
	risks := service(b, d)
	first, err := risks.Check(b.Context(), account.System)
	if err != nil {
		b.Error(err)
	}
	for _, rule := range risk.Rules {
		b.Run(string(rule.Code), func(b *testing.B) {
			for b.Loop() {
				if err := risk.Find(b.Context(), d, rule.Code); err != nil {
					b.Error(err)
				}
			}
		})
	}
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			if _, err := risks.Check(b.Context(), account.System); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(first.Found), "leads")
	})
}

// BenchmarkList reads the first page of 20,000 leads of 20,000 companies.
func BenchmarkList(b *testing.B) {
	dbtest.EachEngine(b, func(b *testing.B, d *db.DB) {
		var rules []string
		for _, r := range risk.Rules {
			rules = append(rules, `SELECT '`+string(r.Code)+`' AS rule, `+strconv.Itoa(len(rules))+` AS k`)
		}
		numbers := `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) `
		for _, q := range []string{
			numbers + `INSERT INTO organizations (id, kind, name, region_code, uscc, created_at) SELECT i, 'enterprise', '企业' || i, '440305', 'u' || i, i FROM n`,
			numbers + `INSERT INTO risk_hits (id, rule, subject, state, evidence, companies, found_at, decided_by, decided_at, reason)
				SELECT i, r.rule, 's' || i, CASE WHEN i % 10 < 5 THEN 'new' WHEN i % 10 < 9 THEN 'dismissed' ELSE 'confirmed' END, '{"orgs":["' || i || '","' || (i % 20000 + 1) || '"],"basis":["a"]}', 2, i,
					CASE WHEN i % 10 < 5 THEN 0 ELSE 1 END, CASE WHEN i % 10 < 5 THEN 0 ELSE 2 END, CASE WHEN i % 10 < 5 THEN '' ELSE '已核实' END
				FROM n JOIN (` + strings.Join(rules, ` UNION ALL `) + `) AS r ON r.k = i % ` + strconv.Itoa(len(rules)),
			`INSERT INTO risk_hit_orgs (hit_id, org_id) SELECT id, id FROM risk_hits UNION ALL SELECT id, id % 20000 + 1 FROM risk_hits`,
		} {
			if _, err := d.Migrator().ExecContext(b.Context(), q); err != nil {
				b.Fatal(err)
			}
		}
		if d.Engine() == db.Postgres {
			if _, err := d.Migrator().ExecContext(b.Context(), `ANALYZE`); err != nil {
				b.Fatal(err)
			}
		}
		risks := service(b, d)
		for _, one := range []struct {
			name string
			f    risk.Filter
			page int
		}{
			{"all", risk.Filter{}, 1},
			{"waiting", risk.Filter{State: risk.Open}, 1},
			{"dismissed", risk.Filter{State: risk.Dismissed}, 1},
			{"of a rule", risk.Filter{Rule: risk.Rules[0].Code}, 1},
			{"of a rule, waiting", risk.Filter{Rule: risk.Rules[0].Code, State: risk.Open}, 1},
			{"of a company", risk.Filter{OrgIDs: []id.ID{77}}, 1},
			{"all, page 900", risk.Filter{}, 900},
		} {
			dbtest.Ask(b, one.name, func() error {
				_, _, err := risks.List(b.Context(), one.f, page.Query{Page: one.page, Size: 20})
				return err
			})
		}
	})
}
