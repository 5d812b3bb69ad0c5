package voucher_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/id"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

// Two processes that serve one company at the same moment both find that it has
// nothing yet; one of them gives a voucher, the other then finds that one.
func TestOneCompanyAtTwoProcessesAtOnceHasOneVoucher(t *testing.T) {
	dbtest.EveryAddress(t, func(t *testing.T, dsn string) {
		open := func() *db.DB {
			d, err := db.Open(t.Context(), dsn, db.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = d.Close() })
			return d
		}
		w := vouchertest.New(t, open())
		c := w.Open(voucher.Rush, 100, nil, w.Kind(50000, vouchertest.AnyTerms()))
		other := w.DB
		if w.DB.Engine() == db.Postgres {
			other = open()
			other.Clock().Set(w.DB.Now())
		}
		var group sync.WaitGroup
		given, replayed := make([]id.ID, 2), make([]bool, 2)
		w.OK(w.DB.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `UPDATE campaign_vouchers SET remaining = remaining WHERE id = ?`, c.Vouchers[0].ID); err != nil {
				return err
			}
			for i, at := range []*voucher.Service{w.Vouchers, voucher.New(other, w.Companies, vouchertest.Desk{})} {
				group.Go(func() {
					v, again, err := at.Claim(context.Background(), vouchertest.Company(1), c.Vouchers[0].ID, 1)
					if err != nil {
						t.Error(err)
					}
					given[i], replayed[i] = v.ID, again
				})
			}
			const waiting = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
			for until := time.Now().Add(20 * time.Second); w.DB.Engine() == db.Postgres; time.Sleep(5 * time.Millisecond) {
				var n int
				if err := w.DB.Raw(waiting).Scan(t.Context(), &n); err != nil || n == 2 {
					return err
				}
				if time.Now().After(until) {
					return errors.New("the claims do not wait for the stock")
				}
			}
			return nil
		}))
		group.Wait()
		if given[0] == 0 || given[0] != given[1] || replayed[0] == replayed[1] {
			t.Error(given, replayed)
		}
	})
}

// T-CONC-15: two processes on one database share one stock: nothing is given
// twice, each company has the same voucher at both, and what one of them pauses
// the other stops giving. SQLite allows one process (T-CONC-16); there the second
// is another service with a memory of its own.
func TestTwoProcessesShareOneStock(t *testing.T) {
	dbtest.EveryAddress(t, func(t *testing.T, dsn string) {
		open := func() *db.DB {
			d, err := db.Open(t.Context(), dsn, db.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := d.Close(); err != nil {
					t.Error(err)
				}
			})
			return d
		}
		const quota, asking = 20, 50
		w := vouchertest.New(t, open())
		c := w.Open(voucher.Rush, quota, nil, w.Kind(50000, vouchertest.AnyTerms()))
		other := w.DB
		if strings.HasPrefix(dsn, "postgres") {
			other = open()
			other.Clock().Set(w.DB.Now())
		}
		desks := []*voucher.Service{w.Vouchers, voucher.New(other, w.Companies, vouchertest.Desk{})}
		desks[1].Together(1) // a transaction for each claim gives no other answers

		var (
			mu    sync.Mutex
			owner = map[id.ID]id.ID{} // company of a voucher
			of    = map[id.ID]id.ID{} // voucher of a company
			group sync.WaitGroup
		)
		claim := func(at *voucher.Service, n int64) error {
			v, _, err := at.Claim(context.Background(), vouchertest.Company(n), c.Vouchers[0].ID, 1)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			org := id.ID(n)
			if had, ok := of[org]; ok && had != v.ID {
				t.Errorf("company %d has two vouchers", n)
			}
			if had, ok := owner[v.ID]; ok && had != org {
				t.Errorf("voucher %d was given twice", v.ID)
			}
			of[org], owner[v.ID] = v.ID, org
			return nil
		}
		for n := int64(1); n <= asking; n++ {
			for _, at := range desks {
				group.Go(func() {
					if err := claim(at, n); err != nil && !errors.Is(err, voucher.ErrSoldOut) {
						t.Error(err)
					}
				})
			}
		}
		group.Wait()
		if len(owner) != quota || len(of) != quota {
			t.Fatalf("%d vouchers of %d companies for a quota of %d", len(owner), len(of), quota)
		}
		for org := range of { // whoever won is answered the same at both
			for _, at := range desks {
				if err := claim(at, int64(org)); err != nil {
					t.Error(err)
				}
			}
		}

		c = w.Open(voucher.Rush, quota, nil, w.Kind(50000, vouchertest.AnyTerms()))
		other.Clock().Set(w.DB.Now())
		for _, at := range desks {
			w.OK(claimOf(at, 1, c))
		}
		_, err := desks[0].PauseCampaign(w.Context(), vouchertest.Operator, c.ID, version(w, c.ID), "核对名单")
		w.OK(err)
		for n, at := range desks { // without waiting for the other's memory to grow old
			w.Refused(claimOf(at, int64(2+n), c), voucher.ErrPaused)
		}
		_, err = desks[0].ResumeCampaign(w.Context(), vouchertest.Operator, c.ID, version(w, c.ID))
		w.OK(err)
		other.Clock().Set(w.DB.Now().Add(2 * time.Second))
		for n, at := range desks {
			w.OK(claimOf(at, int64(2+n), c))
		}
	})
}

func claimOf(at *voucher.Service, n int64, c voucher.Campaign) error {
	_, _, err := at.Claim(context.Background(), vouchertest.Company(n), c.Vouchers[0].ID, 1)
	return err
}

func version(w *vouchertest.World, campaign id.ID) int64 {
	w.Helper()
	c, err := w.Vouchers.Campaign(w.Context(), campaign)
	w.OK(err)
	return c.Version
}
