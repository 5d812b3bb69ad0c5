package voucher_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

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
