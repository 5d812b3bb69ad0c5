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

// Whatever way a list of orders takes, it shows what a plain reading of all finds, in
// the order of their numbers.
func TestAFilteredListOfOrdersIsWhatAPlainReadingFinds(t *testing.T) {
	sorted := page.Sorted
	page.Sorted = 20
	defer func() { page.Sorted = sorted }()
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		year(t, d, 500)
		var all []order.Order
		if err := d.Select(&all).OrderExpr("id DESC").Scan(t.Context()); err != nil || len(all) != 500 {
			t.Fatal(err, len(all))
		}
		now := clock.At(d.Now())
		orders := lists(d)
		for _, who := range []account.Principal{overseer, buyer7, provider} {
			for _, status := range []order.Status{"", order.Completed, order.Placed, order.Refunding} {
				for _, words := range []string{"", "服务商 6 ", "企业 1", "云平台", "没有", "%", "50"} {
					for _, span := range [][2]clock.Instant{{}, {now.Add(-300 * 24 * time.Hour), now.Add(-100 * 24 * time.Hour)}, {0, now.Add(-350 * 24 * time.Hour)}} {
						f := order.Filter{Status: status, Keyword: words, From: span[0], Until: span[1]}
						var want []id.ID
						for _, o := range all {
							found := strings.Contains(o.Title+"|"+o.BuyerName+"|"+o.ProviderName, strings.TrimSpace(words))
							if n, err := id.Parse(words); err == nil {
								found = o.ID == n
							}
							if (who.OrgID == 0 || who.OrgID == o.BuyerOrg || who.OrgID == o.ProviderOrg) && (status == "" || status == o.Status) && found &&
								o.PlacedAt >= span[0] && (span[1] == 0 || o.PlacedAt < span[1]) {
								want = append(want, o.ID)
							}
						}
						for _, at := range []int{1, 2, (len(want) + 9) / 10} {
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
	})
}

// No list reads all orders, but one by words.
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
				{}, {Status: order.Completed}, {Status: order.Placed}, {From: now.Add(-1000 * time.Hour)}, {Status: order.Paid, Until: now}, {Keyword: "50"},
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
