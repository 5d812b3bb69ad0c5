package order_test

import (
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/page"
	"smedx/internal/order"
	"smedx/internal/payment"
	"smedx/internal/voucher"
)

// year puts in orders of a year: 2,000 buyers at 200 providers, who sell 4,000 things;
// six of ten are completed, two canceled, none is being refunded.
func year(b testing.TB, d *db.DB, orders int) {
	b.Helper()
	now := clock.At(d.Now())
	for _, q := range []struct {
		text string
		args []any
	}{
		{`INSERT INTO checkouts (id, buyer_org, user_id, price_fen, placed_at, expires_at) VALUES (1, 1, 1, 1, 1, 1)`, nil},
		{`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST(? AS BIGINT))
			INSERT INTO orders (id, checkout_id, buyer_org, buyer_user, buyer_name, buyer_login, provider_org, provider_name, title, kind, status, instant, price_fen, redeemed_fen,
				payable_fen, placed_at, expires_at, paid_at, delivered_at, completed_at, accepted_at, canceled_at)
			SELECT i, 1, i % 2000 + 1, 1, '广东省创新制造企业 ' || (i % 2000) || ' 有限公司', 'buyer' || (i % 2000), 90000 + i % 200, '数字化软件服务商 ' || (i % 200) || ' 号', '生产管理云平台 ' || (i % 4000), 'new',
				CASE WHEN i % 100 < 60 THEN 'completed' WHEN i % 100 < 80 THEN 'canceled' WHEN i % 100 < 90 THEN 'paid' WHEN i % 100 < 95 THEN 'in_delivery' WHEN i % 100 < 99 THEN 'delivered' ELSE 'placed' END,
				FALSE, 100000, 60000, 40000, at, at, CASE WHEN i % 100 < 60 OR i % 100 >= 80 AND i % 100 < 99 THEN at ELSE 0 END, 0, CASE WHEN i % 100 < 60 THEN at ELSE 0 END,
				CASE WHEN i % 100 < 60 THEN at ELSE 0 END, 0
			FROM (SELECT i, CAST(? AS BIGINT) - (CAST(? AS BIGINT) - i) * CAST(? AS BIGINT) AS at FROM n) AS t`, []any{orders, now, orders, 365 * 24 * 3_600_000 / orders}},
		{`INSERT INTO order_lines (id, order_id, line_no, offering_id, revision_id, plan_id, name, plan_name, attributes, unit, instant, scope, unit_price_fen, quantity, price_fen, redeemed_fen)
			SELECT id, id, 1, id % 4000, 1, 1, title, '标准版', '', 'year', FALSE, '{}', 100000, 1, 100000, 60000 FROM orders`, nil},
	} {
		if _, err := d.Migrator().ExecContext(b.Context(), d.Raw(q.text, q.args...).String()); err != nil {
			b.Fatal(err)
		}
	}
	if d.Engine() == db.Postgres { // which does so by itself, later
		if _, err := d.Migrator().ExecContext(b.Context(), `VACUUM ANALYZE`); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOrders reads the first page of staff's and companies' lists of 100,000 orders.
func BenchmarkOrders(b *testing.B) {
	dbtest.EachEngine(b, func(b *testing.B, d *db.DB) {
		year(b, d, 100_000)
		orders := order.New(d, nil, voucher.New(d, nil, nil), nil, payment.New(d), order.Options{})
		staff := account.Principal{UserID: 1, Role: account.RoleOperator, Permissions: []account.Permission{account.OrderOversee}}
		buyer := account.Principal{UserID: 2, OrgID: 77, Role: account.RoleEnterprise, Permissions: []account.Permission{account.OrderBuy}}
		provider := account.Principal{UserID: 3, OrgID: 90_077, Role: account.RoleProvider, Permissions: []account.Permission{account.OrderDeliver}}
		now := clock.At(d.Now())
		for _, one := range []struct {
			name string
			who  account.Principal
			f    order.Filter
			page int
		}{
			{"all", staff, order.Filter{}, 1},
			{"completed", staff, order.Filter{Status: order.Completed}, 1},
			{"placed", staff, order.Filter{Status: order.Placed}, 1},
			{"refunding, none", staff, order.Filter{Status: order.Refunding}, 1},
			{"a month", staff, order.Filter{From: now.Add(-60 * 24 * time.Hour), Until: now.Add(-30 * 24 * time.Hour)}, 1},
			{"a month, completed", staff, order.Filter{Status: order.Completed, From: now.Add(-60 * 24 * time.Hour), Until: now.Add(-30 * 24 * time.Hour)}, 1},
			{"part of a provider's name", staff, order.Filter{Keyword: "服务商 17"}, 1},
			{"part of all names", staff, order.Filter{Keyword: "软件"}, 1},
			{"part of a name, completed", staff, order.Filter{Keyword: "企业 19", Status: order.Completed}, 1},
			{"part of no name", staff, order.Filter{Keyword: "没有这样的订单"}, 1},
			{"with stopped vouchers", staff, order.Filter{Manual: true}, 1},
			{"of a buyer", buyer, order.Filter{}, 1},
			{"of a provider, completed", provider, order.Filter{Status: order.Completed}, 1},
			{"of a provider, part of a name", provider, order.Filter{Keyword: "企业 19"}, 1},
			{"all, page 4,000", staff, order.Filter{}, 4000},
		} {
			dbtest.Ask(b, one.name, func() error {
				_, _, err := orders.List(b.Context(), one.who, one.f, page.Query{Page: one.page, Size: 20})
				return err
			})
		}
	})
}
