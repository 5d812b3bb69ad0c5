package settlement_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/page"
	"smedx/internal/setting"
	"smedx/internal/settlement"
)

// BenchmarkLists reads the lists and sums of 结算兑付 over 100,000 accepted orders of
// 200 providers in a year: a tenth is untouched, of the others most are paid, some
// in a batch, some held, some clawed back.
func BenchmarkLists(b *testing.B) {
	dbtest.EachEngine(b, func(b *testing.B, d *db.DB) {
		fill(b, d)
		now := clock.At(d.Now())
		s := settlement.New(d, settlement.Deps{Settings: setting.New(d)})
		analyze(b, d)
		for _, one := range []struct {
			name string
			f    settlement.Filter
		}{
			{"all", settlement.Filter{}},
			{"ready", settlement.Filter{Ready: true}},
			{"accrued", settlement.Filter{States: []settlement.State{settlement.Accrued}}},
			{"held", settlement.Filter{States: []settlement.State{settlement.OnHold}}},
			{"paid", settlement.Filter{States: []settlement.State{settlement.Paid}}},
			{"provider", settlement.Filter{ProviderOrg: 7}},
			{"provider-paid", settlement.Filter{ProviderOrg: 7, States: []settlement.State{settlement.Paid}}},
			{"month", settlement.Filter{From: now.Add(-60 * 24 * time.Hour), To: now.Add(-30 * 24 * time.Hour)}},
			{"words", settlement.Filter{Words: "服务商 17"}},
			{"nothing", settlement.Filter{Words: "没有这样的订单"}},
		} {
			b.Run("list/"+one.name, func(b *testing.B) {
				for b.Loop() {
					if _, _, err := s.List(b.Context(), one.f, page.Query{Page: 1, Size: 20}); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("sums/"+one.name, func(b *testing.B) {
				for b.Loop() {
					if _, err := s.TotalsOf(b.Context(), one.f); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		for _, f := range []settlement.Filter{{}, {States: []settlement.State{settlement.Paid}}, {Words: "方案 17"}} {
			b.Run("late page", func(b *testing.B) {
				for b.Loop() {
					list, total, err := s.List(b.Context(), f, page.Query{Page: 50, Size: 20})
					if err == nil && total > 20 {
						list, _, err = s.List(b.Context(), f, page.Query{Page: int(total / 20), Size: 20})
					}
					if err != nil || len(list) != 20 {
						b.Fatal(len(list), total, err)
					}
				}
			})
		}
		b.Run("waiting", func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Waiting(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("batches", func(b *testing.B) {
			for b.Loop() {
				if _, _, err := s.Batches(b.Context(), "", 0, page.Query{Page: 1, Size: 20}); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

// fill writes the rows; the newest orders are those that nobody has touched.
func fill(b *testing.B, d *db.DB) {
	b.Helper()
	now := int64(clock.At(d.Now()))
	const n = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) `
	const state = `CASE WHEN i % 100 = 1 THEN 'on_hold' WHEN i % 100 = 2 THEN 'clawback_due' WHEN i % 100 = 3 THEN 'sent' WHEN i % 100 = 4 THEN 'pending_approval' ELSE 'paid' END`
	for _, q := range []string{
		`INSERT INTO checkouts (id, buyer_org, user_id, price_fen, placed_at, expires_at) VALUES (1, 1, 1, 1, 1, 1)`,
		n + `INSERT INTO orders (id, checkout_id, buyer_org, buyer_user, buyer_name, buyer_login, provider_org, provider_name, title, kind, status, instant, price_fen, redeemed_fen, payable_fen, placed_at, expires_at, paid_at, delivered_at, completed_at, accepted_at)
				SELECT i, 1, 1000 + i % 20000, 1, '企业 ' || (i % 20000), 'b', 1 + i % 200, '服务商 ' || (i % 200), '数字化方案 ' || (i % 500), 'new', 'completed', FALSE, 70000, 50000, 20000, t, 1, t, t, t, t
				FROM (SELECT i, CAST(? AS BIGINT) - (100001 - i) * CAST(315000 AS BIGINT) AS t FROM n) AS o`,
		n + `INSERT INTO payout_lines (order_id, provider_org, voucher_fen, cash_fen, accepted_at, status, batch_id, held_by, paid_at)
				SELECT i, 1 + i % 200, 50000, 20000, CAST(? AS BIGINT) - (100001 - i) * CAST(315000 AS BIGINT), ` + state + `,
					CASE WHEN i % 100 = 1 THEN 0 ELSE 1 END, CASE WHEN i % 100 = 1 THEN 1 ELSE 0 END, CASE WHEN i % 100 IN (1, 3, 4) THEN 0 ELSE 1 END
				FROM n WHERE i <= 90000`,
		n + `INSERT INTO clawbacks (id, order_id, provider_org, amount_fen, status, reason, proposed_by, proposed_name, proposed_at, decided_by)
				SELECT i, i, 1 + i % 200, 10000, 'due', 'r', 1, 'a', 1, 2 FROM n WHERE i <= 90000 AND i % 100 = 2`,
		`INSERT INTO payout_names (id, provider_org, provider_name, title) SELECT MIN(id), provider_org, provider_name, title FROM orders GROUP BY provider_org, provider_name, title`,
		settlement.AddUp, `DELETE FROM payout_changes`,
	} {
		if _, err := d.Migrator().ExecContext(b.Context(), strings.ReplaceAll(q, "CAST(? AS BIGINT)", strconv.FormatInt(now, 10))); err != nil {
			b.Fatal(err)
		}
	}
}

func analyze(b *testing.B, d *db.DB) {
	b.Helper()
	if d.Engine() != db.Postgres {
		return // as in life: only PostgreSQL looks at its tables by itself
	}
	if _, err := d.Migrator().ExecContext(b.Context(), `VACUUM ANALYZE`); err != nil {
		b.Fatal(err)
	}
}
