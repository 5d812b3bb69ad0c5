package voucher_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

// T-CONC-12: whatever changes several vouchers takes the one with the lowest id
// first, in whatever sequence they were chosen and whichever ends first. While
// somebody else has that one, the caller has got nothing that another could wait
// for. SQLite has one writer.
func TestVouchersAreTakenInOneSequence(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		if w.DB.Engine() == db.SQLite {
			w.Skip("one writer waits for nobody")
		}
		late, soon := vouchertest.AnyTerms(), vouchertest.AnyTerms()
		late.Validity.Days, soon.Validity.Days = 60, 20
		c := w.Open(voucher.Rush, 5, nil, w.Kind(50000, late), w.Kind(50000, soon))
		var mine []id.ID
		for _, cv := range c.Vouchers {
			v, _, err := w.Vouchers.Claim(w.Context(), vouchertest.Company(1), cv.ID, 1)
			w.OK(err)
			mine = append(mine, v.ID)
		}
		first, second := mine[0], mine[1] // the second pays first, for it ends sooner
		if first > second {
			w.Fatal("ids do not grow")
		}
		// waits runs the act while another transaction has the first voucher.
		waits := func(name string, act func() error) {
			w.Helper()
			ended := make(chan error, 1)
			w.OK(w.Write(func(ctx context.Context, tx *db.Tx) error {
				if _, err := tx.Exec(ctx, `UPDATE vouchers SET seq = seq WHERE id = ?`, first); err != nil {
					return err
				}
				go func() { ended <- act() }()
				if err := waiting(w); err != nil {
					return err
				}
				var free int
				err := w.DB.Migrator().QueryRowContext(w.Context(), `SELECT count(*) FROM (SELECT 1 FROM vouchers WHERE id = $1 FOR UPDATE SKIP LOCKED) AS free`, int64(second)).Scan(&free)
				if err == nil && free != 1 {
					w.Errorf("%s has taken the second voucher and waits for the first", name)
				}
				return err
			}))
			if err := <-ended; err != nil {
				w.Errorf("%s: %v", name, err)
			}
		}
		hold := func(order id.ID, chosen ...id.ID) func() error {
			return func() error { _, err := w.Hold(1, order, 60000, chosen...); return err }
		}
		waits("a hold", hold(71, second, first))
		waits("a release", func() error { return w.Do(w.Vouchers.Release, 71) })
		waits("a hold the other way round", hold(72, first, second))
		waits("a redemption", func() error { return w.Do(w.Vouchers.Redeem, 72) })
		waits("a restoration", func() error { return w.Do(w.Vouchers.Restore, 72) })
	})
}

// waiting returns once another connection waits for a lock.
func waiting(w *vouchertest.World) error {
	const query = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		var n int
		if err := w.DB.Raw(query).Scan(w.Context(), &n); err != nil || n > 0 {
			return err
		}
	}
	return errors.New("nobody waits for the voucher")
}
