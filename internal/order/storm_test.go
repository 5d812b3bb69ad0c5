package order_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/ledger"
	"smedx/internal/order"
	"smedx/internal/payment"
	"smedx/internal/reconcile"
)

// right makes sure that every invariant holds now.
func (w *world) right() {
	w.Helper()
	w.ok(ledger.SealDue(w.Context(), w.db))
	report, err := reconcile.Run(w.Context(), w.db, w.db)
	w.ok(err)
	for _, v := range report.Violations() {
		w.Errorf("%+v", v)
	}
	if w.Failed() {
		w.FailNow()
	}
}

// A storm over carts, vouchers, payments, deliveries and the clock, many at once:
// after each gust every invariant holds, and refusals are refusals.
func TestNoStormMakesOrdersAndBooksDisagree(t *testing.T) {
	gusts, acts := 8, 30
	if testing.Short() {
		gusts, acts = 3, 12
	}
	for seed := range uint64(2) {
		each(t, func(w *world) {
			s := &storm{world: w, rng: rand.New(rand.NewPCG(seed, 42))}
			for plan := range id.ID(6) {
				s.plans = append(s.plans, w.shelf.Put(plan+1, maker+plan%2, money.Fen(plan*plan*17_003), plan%3 == 0))
			}
			at := 2 * time.Hour
			for range gusts {
				at += time.Duration(s.rng.Int64N(int64(80 * time.Minute)))
				w.at(at)
				s.gust(acts)
				w.right()
			}
			w.at(at + 40*24*time.Hour)
			w.ok(w.payments.CheckDue(w.Context()))
			w.ok(w.orders.ExpireDue(w.Context()))
			w.ok(w.payments.SubmitDue(w.Context()))
			w.ok(w.vouchers.ExpireDue(w.Context()))
			w.ok(w.vouchers.OpenAndCloseDue(w.Context()))
			w.right()
			reached := map[order.Status]int64{}
			for _, status := range order.Statuses {
				reached[status] = s.count(status)
			}
			t.Log(reached)
			if n := s.count(order.Placed) + s.count(order.Refunding); n != 0 {
				t.Errorf("%d orders hang", n)
			}
		})
	}
}

type storm struct {
	*world
	rng   *rand.Rand
	plans []order.Want
}

const buyers = 5

func (s *storm) count(status order.Status) (n int64) {
	s.Helper()
	for b := range int64(buyers) {
		_, total, err := s.orders.List(s.Context(), buyer(b+1), order.Filter{Status: status}, page.Query{Size: 1})
		s.ok(err)
		n += total
	}
	return n
}

// gust draws acts first, so that a seed repeats, and runs them at once.
func (s *storm) gust(acts int) {
	s.Helper()
	var run []func() error
	for range acts {
		run = append(run, s.act())
	}
	var wg sync.WaitGroup
	for _, f := range run {
		wg.Go(func() {
			if err := f(); err != nil && errs.Of(err).Kind == errs.Internal {
				s.Error(err)
			}
		})
	}
	wg.Wait()
}

func (s *storm) act() func() error {
	ctx := s.Context()
	n := s.rng.Int64N(buyers) + 1
	who := buyer(n)
	var orders []order.Listed
	orders, _, err := s.orders.List(ctx, who, order.Filter{}, page.Query{Size: 100})
	s.ok(err)
	kind := s.rng.IntN(14)
	if kind < 2 || len(orders) == 0 {
		seq := s.rng.Int64N(3) + 1
		return func() error {
			_, _, err := s.vouchers.Claim(ctx, who, s.campaign.Vouchers[0].ID, seq)
			if err != nil || len(orders) > 0 {
				return err
			}
			_, err = s.buy(ctx, n, []order.Want{s.plans[1]}, "first")
			return err
		}
	}
	if kind < 6 {
		wants := []order.Want{s.plans[s.rng.IntN(len(s.plans))], s.plans[s.rng.IntN(len(s.plans))]}
		wants[0].Quantity = s.rng.Int64N(3) + 1
		key := fmt.Sprint(n, "/", s.rng.Int64N(40))
		return func() error { _, err := s.buy(ctx, n, wants, key); return err }
	}
	o := orders[s.rng.IntN(min(len(orders), 12))]
	off := money.Fen(s.rng.Int64N(3) - 1)
	txn := fmt.Sprint(s.rng.Int64N(1 << 40))
	switch kind {
	case 6:
		return func() error { _, err := s.orders.Cancel(ctx, who, o.ID); return err }
	case 7:
		return func() error { return errors.Join(s.orders.ExpireDue(ctx), s.payments.CheckDue(ctx)) }
	case 8, 9:
		return func() error {
			p, err := s.payments.Start(ctx, who, o.CheckoutID, "")
			if err != nil {
				return err
			}
			return s.gateway.Pay(ctx, p.ID, "")
		}
	case 10: // a notice of any amount, for any payment, also long ended ones
		return func() error {
			list, err := s.payments.OfSubject(ctx, s.db, o.CheckoutID)
			if err != nil || len(list) == 0 {
				return err
			}
			header, body := s.gateway.Sign(payment.Notice{PaymentID: list[0].ID, TxnNo: txn, Outcome: payment.OutcomePaid, Amount: list[0].AmountFen + off}, s.db.Now())
			return s.payments.Notified(ctx, payment.SimulatedChannel, header, body)
		}
	case 11:
		return func() error {
			_, err := s.orders.Refund(ctx, who, txn, o.ID, o.PayableFen, "不再需要")
			return errors.Join(err, s.payments.SubmitDue(ctx))
		}
	case 12:
		return func() error {
			return errors.Join(s.step(seller(o.ProviderOrg), o.ID, order.Start), s.step(seller(o.ProviderOrg), o.ID, order.Submit))
		}
	}
	return func() error {
		if o.Instant {
			_, err := s.orders.AcceptInstant(ctx, who, o.ID)
			return err
		}
		return s.step(who, o.ID, order.Accept)
	}
}

// buy quotes with every fitting voucher and places; another buyer of the same
// company may be faster.
func (s *storm) buy(ctx context.Context, n int64, wants []order.Want, key string) (order.Receipt, error) {
	q, err := s.orders.Quote(ctx, buyer(n), wants, nil)
	if err != nil {
		return order.Receipt{}, err
	}
	var vouchers []id.ID
	for _, c := range q.Choices {
		vouchers = append(vouchers, c.VoucherID)
	}
	if q, err = s.orders.Quote(ctx, buyer(n), wants, vouchers); err != nil {
		return order.Receipt{}, err
	}
	r, _, err := s.orders.Place(ctx, buyer(n), key, order.Intent{Lines: wants, VoucherIDs: vouchers, ExpectedTotal: q.Totals.Price, ExpectedPayable: q.Totals.Payable})
	return r, err
}
