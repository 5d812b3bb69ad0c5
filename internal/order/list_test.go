package order_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/order"
	"smedx/internal/payment"
	"smedx/internal/voucher"
)

func lists(d *db.DB) *order.Service {
	return order.New(d, nil, voucher.New(d, nil, nil), nil, payment.New(d), order.Options{})
}

var (
	overseer = account.Principal{UserID: 1, Role: account.RoleOperator, Permissions: []account.Permission{account.OrderOversee}}
	buyer7   = account.Principal{UserID: 2, OrgID: 7, Role: account.RoleEnterprise, Permissions: []account.Permission{account.OrderBuy}}
	provider = account.Principal{UserID: 3, OrgID: 90_006, Role: account.RoleProvider, Permissions: []account.Permission{account.OrderDeliver}}
)

// stop adds ninety orders, and lets a frozen, a revoked and a used-up voucher pay some of the orders. Of some of
// those the hold is released, or given back.
func stop(t *testing.T, d *db.DB) {
	t.Helper()
	for _, q := range []string{
		`INSERT INTO budgets (id, name, year, amount_fen, committed_fen, status, created_by, created_at, decided_by) VALUES (1, '预算', 2026, 100000000, 100000000, 'approved', 1, 1, 2)`,
		`INSERT INTO voucher_types (id, name, face_value_fen, terms, created_by, created_at, updated_at) VALUES (1, '券', 500000, '{}', 1, 1, 1)`,
		`INSERT INTO campaigns (id, name, mode, budget_id, opens_at, closes_at, per_org, rules, status, funded_fen, created_by, created_at, updated_at, approved_by) VALUES (1, '活动', 'rush', 1, 1, 9, 50, '{}', 'open', 100000000, 1, 1, 1, 2)`,
		`INSERT INTO campaign_vouchers (id, campaign_id, type_id, position, name, face_value_fen, terms, quota, remaining) VALUES (1, 1, 1, 1, '券', 500000, '{}', 200, 197)`,
		`INSERT INTO vouchers (id, campaign_id, campaign_voucher_id, org_id, seq, face_value_fen, available_fen, held_fen, redeemed_fen, status, valid_from, expires_at, issued_at, company)
			SELECT i, 1, 1, i, 1, 500000, 0, 0, 500000, CASE i WHEN 1 THEN 'frozen' WHEN 2 THEN 'revoked' ELSE 'exhausted' END, 1, 9000000000000, 1, '{}' FROM (SELECT 1 AS i UNION ALL SELECT 2 UNION ALL SELECT 3) AS t`,
		// Some share a word between names of several kinds.
		`INSERT INTO orders (id, checkout_id, buyer_org, buyer_user, buyer_name, buyer_login, provider_org, provider_name, title, kind, status, instant, price_fen, redeemed_fen,
				payable_fen, placed_at, expires_at, paid_at, delivered_at, completed_at, accepted_at, canceled_at)
			SELECT id + 500, checkout_id, buyer_org, buyer_user, CASE id % 3 WHEN 0 THEN '星云制造' ELSE '星辰制造' END, buyer_login, provider_org, CASE id % 4 WHEN 0 THEN '星云软件' ELSE '星辰软件' END,
				CASE id % 5 WHEN 0 THEN '星云套件' ELSE '星辰套件' END, kind, status, instant, price_fen, redeemed_fen, payable_fen, placed_at, expires_at, paid_at, delivered_at, completed_at, accepted_at, canceled_at
			FROM orders WHERE id <= 90`,
		`INSERT INTO voucher_holds (id, voucher_id, order_id, org_id, provider_org, amount_fen, restored_fen, status, terms, held_at, resolved_at)
			SELECT id, id % 3 + 1, id, buyer_org, provider_org, 100, CASE WHEN id % 7 = 0 AND id % 5 <> 0 THEN 100 ELSE 0 END, CASE WHEN id % 5 = 0 THEN 'released' ELSE 'redeemed' END, '{}', 1, 1 FROM orders WHERE id > 300 AND id % 4 <> 0`,
	} {
		if _, err := d.Migrator().ExecContext(t.Context(), q); err != nil {
			t.Fatal(strings.SplitN(q, "(", 2)[0], err)
		}
	}
}

// stopped is what the rows of stop say of an order.
func stopped(o order.Order) bool {
	over := []order.Status{order.Completed, order.Canceled, order.Refunded}
	return o.ID > 300 && o.ID%4 != 0 && o.ID%3 != 2 && o.ID%5 != 0 && o.ID%7 != 0 && !slices.Contains(over, o.Status)
}

// Whatever way a list of orders takes, it shows what a plain reading of all finds, in
// the order of their numbers.
func TestAFilteredListOfOrdersIsWhatAPlainReadingFinds(t *testing.T) {
	sorted := page.Sorted
	page.Sorted = 20
	defer func() { page.Sorted = sorted }()
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		year(t, d, 500)
		stop(t, d)
		var all []order.Order
		if _, err := d.Migrator().ExecContext(t.Context(), d.Raw(`UPDATE orders SET title = ? WHERE id IN (123, 124)`, strings.Repeat("很长的产品名称、", 40)+"末尾的云平台").String()); err != nil {
			t.Fatal(err) // as an order of many products
		}
		if _, err := d.Migrator().ExecContext(t.Context(), `UPDATE orders SET status = 'refunded', paid_at = 1, completed_at = 0, accepted_at = 0 WHERE id IN (301, 302)`); err != nil {
			t.Fatal(err)
		}
		if err := d.Select(&all).OrderExpr("id DESC").Scan(t.Context()); err != nil || len(all) != 590 {
			t.Fatal(err, len(all))
		}
		now := clock.At(d.Now())
		orders := lists(d)
		turn := 0
		for _, who := range []account.Principal{overseer, buyer7, provider} {
			for _, status := range []order.Status{"", order.Completed, order.Paid, order.Placed, order.Refunded, order.Refunding} {
				for _, words := range []string{"", "服务商 6 ", "企业 1", "云平台", "平台 4", "2 有", "号", "企业", "末尾", "星云", "没有", "%", "50"} {
					for _, span := range [][2]clock.Instant{{}, {now.Add(-300 * 24 * time.Hour), now.Add(-100 * 24 * time.Hour)}, {0, now.Add(-350 * 24 * time.Hour)}, {all[300].PlacedAt, all[100].PlacedAt}, {all[50].PlacedAt, 0}} { // the last span ends with an order, which is not in it
						for _, manual := range []bool{false, true} {
							if turn++; manual && words != "" && words != "企业 1" || (status != "" || who.OrgID != 0) && (words != "" || manual) && turn%7 != 0 {
								continue // there would be too many
							}
							f := order.Filter{Status: status, Keyword: words, From: span[0], Until: span[1], Manual: manual}
							var want []id.ID
							for _, o := range all {
								found := strings.Contains(o.Title+"|"+o.BuyerName+"|"+o.ProviderName, strings.TrimSpace(words))
								if n, err := id.Parse(words); err == nil {
									found = o.ID == n
								}
								if (who.OrgID == 0 || who.OrgID == o.BuyerOrg || who.OrgID == o.ProviderOrg) && (status == "" || status == o.Status) && found && (!manual || stopped(o)) &&
									o.PlacedAt >= span[0] && (span[1] == 0 || o.PlacedAt < span[1]) {
									want = append(want, o.ID)
								}
							}
							for _, at := range []int{1, (len(want) + 9) / 10} {
								list, total, err := orders.List(t.Context(), who, f, page.Query{Page: at, Size: 10})
								var got []id.ID
								for _, o := range list {
									got = append(got, o.ID)
								}
								from := min((max(at, 1)-1)*10, len(want))
								if part := want[from:min(from+10, len(want))]; err != nil || total != int64(len(want)) || !slices.Equal(got, part) {
									t.Fatalf("%d: %+v, page %d: %v of %d, should be %v of %d (%v)", who.OrgID, f, at, got, total, part, len(want), err)
								}
							}
						}
					}
				}
			}
		}
	})
}

// No list reads all orders.
func TestListsOfOrdersReadNoWholeTable(t *testing.T) {
	sorted := page.Sorted
	page.Sorted = 20
	defer func() { page.Sorted = sorted }()
	d := dbtest.SQLite(t)
	year(t, d, 200)
	now := clock.At(d.Now())
	for _, s := range dbtest.Scans(t, d, []string{"orders", "order", "v", "h", "order_lines", "order_line"}, func() {
		for _, who := range []account.Principal{overseer, buyer7, provider} {
			for _, f := range []order.Filter{
				{}, {Status: order.Completed}, {Status: order.Placed}, {From: now.Add(-1000 * time.Hour)}, {Status: order.Paid, Until: now}, {Keyword: "50"}, {Keyword: "云平台"}, {Keyword: "企业 1", Status: order.Completed},
			} {
				if _, _, err := lists(d).List(t.Context(), who, f, page.Query{Page: 1, Size: 10}); err != nil {
					t.Fatal(fmt.Sprintf("%+v", f), err)
				}
			}
		}
	}) {
		t.Error(s)
	}
}
