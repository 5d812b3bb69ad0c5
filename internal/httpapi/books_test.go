package httpapi

import (
	"context"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/order/ordertest"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

var staff = account.Principal{UserID: 22, Role: account.RoleDepartment, Permissions: account.PermissionsOf(account.RoleDepartment)}

// sheet reads a file as a spreadsheet does, and what it is called.
func (d desk) sheet(path string, who account.Principal) (name string, rows [][]string) {
	d.Helper()
	got := d.get(path, who)
	if got.Code != http.StatusOK {
		d.Fatal(path, got.Code, got.Body)
	}
	_, as, err := mime.ParseMediaType(got.Header().Get("Content-Disposition"))
	if err != nil {
		d.Fatal(err)
	}
	f, err := excelize.OpenReader(got.Body)
	if err != nil {
		d.Fatal(err)
	}
	rows, err = f.GetRows(f.GetSheetName(0))
	if err != nil {
		d.Fatal(err)
	}
	return as["filename"], rows
}

// The parts of a closed campaign add up to its money, and all campaigns to what the
// budget has set aside and what came back to it.
func TestTheCampaignsOfABudgetAddUp(t *testing.T) {
	ordertest.Each(t, func(w *ordertest.World) {
		longer := func(d *voucher.CampaignDraft) { d.ClosesAt = clock.At(w.Start.AddDate(0, 0, 90)) }
		w.Claim(2, w.Open(voucher.Rush, 2, longer, w.Kind(50_000, vouchertest.AnyTerms())))
		w.Claim(1, w.Open(voucher.Rush, 3, nil, w.Kind(50_000, vouchertest.AnyTerms())))
		for _, days := range []time.Duration{2, 41, 42} {
			w.Move(days * 24 * time.Hour)
			w.OK(w.Vouchers.ExpireDue(w.Context()))
			w.OK(w.Vouchers.OpenAndCloseDue(w.Context()))
		}
		_, rows := desk{w.T, New(Services{DB: w.DB, Vouchers: w.Vouchers})}.sheet("/api/v1/fund-overview.xlsx?budgetId="+w.Budget.String(), staff)
		cell := func(row int, head string) float64 {
			n, err := strconv.ParseFloat(rows[row][slices.Index(rows[0], head)], 64)
			w.OK(err)
			return n
		}
		if len(rows) != 5 || cell(1, "退回预算") != 1500 || cell(1, "已退回") != 0 || cell(3, "金额（元）")-cell(3, "退回预算") != cell(4, "金额（元）")-cell(4, "未安排") {
			w.Fatal(rows)
		}
		for i := range rows[1:] {
			sum := 0.0
			for _, head := range []string{"未安排", "未发放", "券上可用", "订单占用", "待验收", "待兑付", "已兑付", "待追回", "已退回", "退回预算"} {
				sum += cell(i+1, head)
			}
			if sum != cell(i+1, "金额（元）") {
				w.Errorf("the parts are %v of %v", sum, rows[i+1])
			}
		}
	})
}

// A file says of which days it is, and ends of time are what pages say they are.
func TestFilesOfTheBooksSayTheirDays(t *testing.T) {
	ordertest.Each(t, func(w *ordertest.World) {
		v := w.Claim(1, w.Open(voucher.Rush, 2, nil, w.Kind(50_000, vouchertest.AnyTerms())))
		w.OK(w.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO organizations (id, kind, name, region_code, created_at) VALUES (1, 'enterprise', '企业1', '440305', 1)`)
			return err
		}))
		api := desk{w.T, New(Services{DB: w.DB, Vouchers: w.Vouchers})}
		_, list := api.sheet("/api/v1/issued-vouchers.xlsx", staff)
		if want := v.ExpiresAt.Add(-time.Second).Local(); len(list) != 2 || list[1][12] != want {
			w.Errorf("%v, want the end %s", list, want)
		}

		today := clock.At(w.DB.Now()).Local()
		for query, want := range map[string][4]string{ // the file, its period, the opening, the closing
			"":                               {today[:10] + "至" + today[:10], today[:10] + "至" + today[:10] + "（全部期间）", today[:10] + " 00:00:00", today[:16]},
			"?from=2001-01-01&to=2001-01-31": {"2001-01-01至2001-01-31", "2001-01-01至2001-01-31", "2001-01-01 00:00:00", "2001-01-31 23:59:59"},
			"?to=2001-01-31":                 {"截至2001-01-31", "截至2001-01-31", "", "2001-01-31 23:59:59"},
		} {
			name, rows := api.sheet("/api/v1/my-statement.xlsx"+query, ordertest.Buyer(1))
			last := rows[len(rows)-1]
			if name != "企业服务券对账单 "+want[0]+".xlsx" || rows[1][0] != "对账期间" || rows[1][1] != want[1] || rows[2][0] != want[2] || last[0][:len(want[3])] != want[3] || last[1] != "期末" {
				w.Errorf("%s: %s %v", query, name, rows)
			}
		}
	})
}
