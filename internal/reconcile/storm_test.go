package reconcile_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"smedx/internal/books"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

var all = page.Query{Page: 1, Size: 100}

// T-MON-25: a storm of claims, holds, redemptions, releases, restores and expiries, many
// at once, with a clock that only runs forward: the books are right after each
// gust, and refusals are refusals.
func TestNoStormMakesTheBooksWrong(t *testing.T) {
	for seed := range uint64(3) {
		vouchertest.Each(t, func(w *vouchertest.World) { storm(w, rand.New(rand.NewPCG(seed, 7))) })
	}
}

func storm(w *vouchertest.World, rng *rand.Rand) {
	const orgs, gusts, acts = 12, 8, 25
	fixed := vouchertest.AnyTerms()
	fixed.Share, fixed.Cap = 4321, 9000
	soon := vouchertest.AnyTerms()
	soon.Validity.Days = 2
	c := w.Campaign(voucher.Rush, 8, func(d *voucher.CampaignDraft) { d.PerOrg = 2 }, w.Kind(10007, fixed), w.Kind(20011, soon), w.Kind(33, vouchertest.AnyTerms()))
	m := &tally{orders: map[id.ID]money.Fen{}}
	var orders id.ID = 100
	at := 30 * time.Minute
	for range gusts {
		at += time.Duration(rng.Int64N(int64(12 * time.Hour)))
		w.Move(at)
		var wg sync.WaitGroup
		for range acts {
			org := rng.Int64N(orgs) + 1
			orders++
			act := gust(w, rng, c, m, org, orders)
			wg.Go(func() {
				if err := act(); errs.Of(err).Kind == errs.Internal && err != nil && !errors.Is(err, context.Canceled) {
					w.Error(err)
				}
			})
		}
		wg.Wait()
		right(w)
		m.agrees(w)
	}
	w.Move(90 * 24 * time.Hour)
	w.OK(w.Vouchers.ExpireDue(w.Context()))
	w.OK(w.Vouchers.OpenAndCloseDue(w.Context()))
	for order := id.ID(100); order <= orders; order++ {
		w.OK(w.Do(w.Vouchers.Release, order))
		w.OK(w.Do(w.Vouchers.Restore, order))
	}
	w.OK(w.Vouchers.OpenAndCloseDue(w.Context()))
	right(w)
	got, err := w.Vouchers.Campaign(w.Context(), c.ID)
	w.OK(err)
	if got.Status != voucher.Closed || got.Released != got.Funded {
		w.Errorf("%s, %v of %v released: nothing was spent, so all of it should be", got.Status, got.Released, got.Funded)
	}
}

// gust chooses one act; what is random is drawn here, so that a seed repeats.
func gust(w *vouchertest.World, rng *rand.Rand, c voucher.Campaign, m *tally, org int64, order id.ID) func() error {
	kind, n := c.Vouchers[rng.IntN(len(c.Vouchers))], rng.Int64N(2)+1
	amount, earlier := money.Fen(rng.Int64N(30000)+1), 100+id.ID(rng.Int64N(int64(order-100))+1)
	switch rng.IntN(8) {
	case 0, 1:
		return func() error {
			v, replayed, err := w.Vouchers.Claim(w.Context(), vouchertest.Company(org), kind.ID, n)
			if err == nil && !replayed {
				m.issue(v.FaceValue)
			}
			return err
		}
	case 2, 3, 4:
		return func() error {
			own, _, err := w.Vouchers.OwnVouchers(w.Context(), id.ID(org), voucher.Active, all)
			if err != nil || len(own) == 0 {
				return err
			}
			var chosen []id.ID
			for _, v := range own[:min(len(own), 2)] {
				chosen = append(chosen, v.ID)
			}
			var uses []voucher.Use
			err = w.Write(func(ctx context.Context, tx *db.Tx) (err error) {
				uses, err = w.Vouchers.Hold(ctx, tx, vouchertest.Company(org), order, chosen, []voucher.Line{
					{Key: 1, ProviderOrg: 900, OfferingID: 1, Amount: amount}, {Key: 2, ProviderOrg: 900, OfferingID: 2, Amount: amount/3 + 1}})
				return err
			})
			if err == nil {
				m.hold(order, uses)
			}
			return err
		}
	case 5:
		return func() error { return w.Do(w.Vouchers.Redeem, earlier) }
	case 6:
		return func() error { return w.Do(w.Vouchers.Release, earlier) }
	default:
		return func() error {
			return errors.Join(w.Do(w.Vouchers.Restore, earlier), w.Vouchers.ExpireDue(w.Context()), w.Vouchers.OpenAndCloseDue(w.Context()))
		}
	}
}

// tally is the storm's own account of what it was told: money that was issued,
// and what each order held.
type tally struct {
	mu     sync.Mutex
	issued money.Fen
	orders map[id.ID]money.Fen
}

func (m *tally) issue(face money.Fen) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.issued += face
}

func (m *tally) hold(order id.ID, uses []voucher.Use) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, u := range uses {
		m.orders[order] += u.Amount
	}
}

// agrees compares the overview with the tally, once with the journal counted as
// it is and once after it was counted anew.
func (m *tally) agrees(w *vouchertest.World) {
	w.Helper()
	all, err := books.Look(w.Context(), w.DB, books.Scope{})
	w.OK(err)
	p := all.Total.Parts
	if !all.Total.OK || all.Total.FreeFen+p.Sum() != vouchertest.Budgeted {
		w.Fatalf("the overview does not hold: %+v", all)
	}
	if got := p.Available + p.Held + p.Redeemed() + p.Returned; got != m.issued {
		w.Fatalf("%v was issued, the overview knows of %v", m.issued, got)
	}
	var held money.Fen
	for _, amount := range m.orders {
		held += amount
	}
	var moved money.Fen
	w.OK(w.DB.Raw(`SELECT CAST(COALESCE(SUM(p.amount_fen), 0) AS BIGINT) FROM journal j JOIN postings p ON p.entry_id = j.id AND p.amount_fen > 0 WHERE j.kind = 'hold'`).Scan(w.Context(), &moved))
	if moved != held {
		w.Fatalf("%v was held, the journal knows of %v", held, moved)
	}
	w.OK(books.FoldAll(w.Context(), w.DB))
	again, err := books.Look(w.Context(), w.DB, books.Scope{})
	w.OK(err)
	if again.Total.Parts != p || !again.Total.OK {
		w.Fatalf("counted: %+v, before %+v", again.Total, all.Total)
	}
}
