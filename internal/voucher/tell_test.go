package voucher_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/notify"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

func TestAVoucherThatLastsLongIsWarnedOfThreeTimes(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		var heard []string
		w.Vouchers.Tell(func(_ context.Context, _ *db.Tx, _ id.ID, m notify.Message) error {
			heard = append(heard, m.Title)
			return nil
		})
		terms := vouchertest.AnyTerms()
		terms.Validity.Days = 60
		won := w.Claim(1, w.Open(voucher.Rush, 1, nil, w.Kind(50000, terms)))
		for _, step := range []struct{ days, want int }{{31, 0}, {30, 1}, {8, 1}, {7, 2}, {2, 2}, {1, 3}} {
			w.DB.Clock().Set(won.ExpiresAt.Time().AddDate(0, 0, -step.days))
			w.OK(w.Vouchers.WarnDue(w.Context()))
			if len(heard) != step.want {
				w.Fatalf("%d days before the end: %v", step.days, heard)
			}
		}
		for i, days := range []string{"30", "7", "1"} {
			if !strings.Contains(heard[i], " "+days+" 天") {
				w.Errorf("it is not said that %s days are left: %s", days, heard[i])
			}
		}
	})
}

func TestACompanyIsWarnedOfItsVoucherOnceForEachDay(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		var heard []string
		w.Vouchers.Tell(func(_ context.Context, _ *db.Tx, orgID id.ID, m notify.Message) error {
			if orgID == 1 {
				heard = append(heard, m.Event)
			}
			return nil
		})
		c := w.Open(voucher.Rush, 1, nil, w.Kind(50000, vouchertest.AnyTerms())) // lasts 30 days, so that day is left out
		won := w.Claim(1, c)
		for _, step := range []struct {
			left time.Duration
			want int
		}{{29 * 24, 0}, {7*24 + 1, 0}, {7 * 24, 1}, {6 * 24, 1}, {24, 2}, {1, 2}} {
			w.DB.Clock().Set(won.ExpiresAt.Time().Add(-step.left * time.Hour))
			for range 2 {
				w.OK(w.Vouchers.WarnDue(w.Context()))
			}
			if len(heard) != step.want {
				w.Fatalf("%d hours before the end: %v", step.left, heard)
			}
		}
		if slices.ContainsFunc(heard, func(e string) bool { return e != "voucher_expiring" }) {
			w.Error(heard)
		}
	})
}

// Whoever has an unpaid order when the voucher ends is told what is left of it, once;
// of a voucher that no order holds nothing more is said.
func TestACompanyIsToldOfAVoucherThatEndsUnderItsOrder(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		heard := map[id.ID][]string{}
		w.Vouchers.Tell(func(_ context.Context, _ *db.Tx, orgID id.ID, m notify.Message) error {
			heard[orgID] = append(heard[orgID], m.Event+": "+m.Body)
			return nil
		})
		c := w.Open(voucher.Rush, 3, nil, w.Kind(50000, vouchertest.AnyTerms()))
		for n, amount := range map[int64]money.Fen{1: 10000, 2: 50000, 3: 0} {
			v := w.Claim(n, c)
			if amount > 0 {
				_, err := w.Hold(n, id.ID(70+n), amount, v.ID)
				w.OK(err)
			}
		}
		w.Move(40 * 24 * time.Hour)
		for range 2 {
			w.OK(w.Vouchers.ExpireDue(w.Context()))
		}
		for n, words := range map[id.ID][]string{1: {"余额 400.00 元已收回活动。", "订单占用的 100.00 元"}, 2: {"没有余额可收回", "订单占用的 500.00 元"}} {
			if len(heard[n]) != 1 || !strings.HasPrefix(heard[n][0], "voucher_expired: ") {
				w.Fatalf("%d heard %v", n, heard[n])
			}
			for _, said := range words {
				if !strings.Contains(heard[n][0], said) {
					w.Errorf("%s: not said: %s", heard[n][0], said)
				}
			}
		}
		if len(heard[3]) != 0 {
			w.Error(heard[3])
		}
	})
}
