package order_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/ledger"
	"smedx/internal/order"
	"smedx/internal/payment"
)

// T-MON-06: by the buyer, twice, and not by a stranger.
func TestCancelGivesTheVoucherBackOnce(t *testing.T) {
	each(t, func(w *world) {
		v := w.claim(1)
		r, err := w.place(1, []id.ID{v}, w.shelf.Put(1, maker, 130_000, false))
		w.ok(err)
		if w.available(v) != 0 {
			t.Error("not held")
		}
		_, err = w.orders.Cancel(w.Context(), buyer(2), r.OrderIDs[0])
		w.refused(err, errs.ErrNotFound)
		p, err := w.payments.Start(w.Context(), buyer(1), r.CheckoutID, "")
		w.ok(err)
		for range 2 {
			_, err = w.orders.Cancel(w.Context(), buyer(1), r.OrderIDs[0])
			w.ok(err)
		}
		w.status(1, r, order.Canceled)
		if w.available(v) != faceValue {
			t.Errorf("%v back", w.available(v))
		}
		w.refused(w.gateway.Pay(w.Context(), p.ID, ""), errs.ErrInvalidState)
		_, err = w.payments.Start(w.Context(), buyer(1), r.CheckoutID, "")
		w.refused(err, payment.ErrNothingDue)
	})
}

// T-MON-13: a change of what is due closes the payment that was begun.
func TestCancelingOneOfTwoOrdersLeavesTheOtherToPay(t *testing.T) {
	each(t, func(w *world) {
		r, err := w.place(1, nil, w.shelf.Put(1, maker, 500, false), w.shelf.Put(2, helper, 700, false))
		w.ok(err)
		first, err := w.payments.Start(w.Context(), buyer(1), r.CheckoutID, "")
		w.ok(err)
		_, err = w.orders.Cancel(w.Context(), buyer(1), r.OrderIDs[0])
		w.ok(err)
		second, err := w.payments.Start(w.Context(), buyer(1), r.CheckoutID, "")
		w.ok(err)
		if second.ID == first.ID || second.AmountFen != 700 {
			t.Errorf("%+v", second)
		}
		if charge, err := w.gateway.Charge(w.Context(), first.ID); err != nil || charge.Status != "closed" {
			t.Errorf("the gateway would still take the first: %+v %v", charge, err)
		}
		w.refused(w.gateway.Pay(w.Context(), first.ID, ""), errs.ErrInvalidState)
		w.ok(w.gateway.Pay(w.Context(), second.ID, ""))
		if w.order(1, r.OrderIDs[0]).Status != order.Canceled || w.order(1, r.OrderIDs[1]).Status != order.Paid {
			t.Error("wrong states")
		}
	})
}

// T-MON-06: by the sweep, twice. T-MON-14: who comes back from the gateway's page
// without having paid finds the order unpaid, for the server asks the gateway.
func TestUnpaidOrdersCloseAfterThirtyMinutes(t *testing.T) {
	each(t, func(w *world) {
		v := w.claim(1)
		r, err := w.place(1, []id.ID{v}, w.shelf.Put(1, maker, 130_000, false))
		w.ok(err)
		p, err := w.payments.Start(w.Context(), buyer(1), r.CheckoutID, "")
		w.ok(err)
		w.ok(w.payments.Refresh(w.Context(), p.ID))
		w.status(1, r, order.Placed)
		w.at(2*time.Hour + 29*time.Minute)
		w.ok(w.orders.ExpireDue(w.Context()))
		w.status(1, r, order.Placed)
		w.at(2*time.Hour + 31*time.Minute)
		for range 2 {
			w.ok(w.orders.ExpireDue(w.Context()))
		}
		w.status(1, r, order.Canceled)
		if w.available(v) != faceValue {
			t.Errorf("%v back", w.available(v))
		}
	})
}

func TestWhoPaidBeforeTheSweepCameHasBought(t *testing.T) {
	each(t, func(w *world) {
		w.gateway.Deliver(func(context.Context, http.Header, []byte) error { return errors.New("the line is dead") })
		r, err := w.place(1, nil, w.shelf.Put(1, maker, 130_000, false))
		w.ok(err)
		w.pay(1, r.CheckoutID)
		w.status(1, r, order.Placed)
		w.at(2*time.Hour + 31*time.Minute)
		w.ok(w.orders.ExpireDue(w.Context()))
		w.status(1, r, order.Paid)
	})
}

// T-MON-06, T-CONC-06: at the same time; a voucher is spent exactly when the order is paid.
func TestPayCancelAndExpireAtOnceHaveOneWinner(t *testing.T) {
	each(t, func(w *world) {
		for i := range 10 {
			n := int64(i + 1)
			v := w.claim(n)
			r, err := w.place(n, []id.ID{v}, w.shelf.Put(1, maker, faceValue+5_000, false))
			w.ok(err)
			p, err := w.payments.Start(w.Context(), buyer(n), r.CheckoutID, "")
			w.ok(err)
			w.at(2*time.Hour + time.Duration(i+1)*40*time.Minute)
			var wg sync.WaitGroup
			wg.Go(func() { _ = w.gateway.Pay(w.Context(), p.ID, "") })
			wg.Go(func() { _, _ = w.orders.Cancel(w.Context(), buyer(n), r.OrderIDs[0]) })
			wg.Go(func() { _ = w.orders.ExpireDue(w.Context()) })
			wg.Wait()
			o := w.order(n, r.OrderIDs[0])
			switch o.Status {
			case order.Paid:
				w.balance(ledger.EscrowC(o.ID), 5_000)
				w.balance(ledger.EscrowV(o.ID), faceValue)
			case order.Canceled:
				w.balance(ledger.EscrowC(o.ID), 0)
				w.balance(ledger.EscrowV(o.ID), 0)
				if got := w.available(v); got != faceValue {
					t.Errorf("%v back", got)
				}
			case order.Placed: // the gateway had not decided; the next sweep does
				w.balance(ledger.EscrowC(o.ID), 0)
			default:
				t.Errorf("%s", o.Status)
			}
		}
	})
}

// T-MON-08: never more than was paid, twice with one key.
func TestRefundBeforeDeliveryGivesEverythingBack(t *testing.T) {
	each(t, func(w *world) {
		v := w.claim(1)
		r, err := w.place(1, []id.ID{v}, w.shelf.Put(1, maker, 130_000, false))
		w.ok(err)
		w.pay(1, r.CheckoutID)
		_, err = w.orders.Refund(w.Context(), buyer(1), "a", r.OrderIDs[0], 130_000, "不再需要")
		w.refused(err, payment.ErrOverRefund)
		for range 2 {
			o, err := w.orders.Refund(w.Context(), buyer(1), "b", r.OrderIDs[0], 30_000, "不再需要")
			w.ok(err)
			if o.Status != order.Refunding {
				t.Error(o.Status)
			}
		}
		w.refused(w.step(seller(maker), r.OrderIDs[0], order.Start), errs.ErrInvalidState)
		for range 2 {
			w.ok(w.payments.SubmitDue(w.Context()))
		}
		w.status(1, r, order.Refunded)
		if w.available(v) != faceValue {
			t.Errorf("%v back", w.available(v))
		}
		w.balance(ledger.Gateway(payment.SimulatedChannel), 0)
		w.balance(ledger.EscrowC(r.OrderIDs[0]), 0)
	})
}

// T-MON-08: refunds of an order that a voucher paid, at the same time and with
// keys of their own, give back once, to the voucher and never as cash.
func TestRefundsAtOnceGiveBackOnce(t *testing.T) {
	each(t, func(w *world) {
		v := w.claim(1)
		r, err := w.place(1, []id.ID{v}, w.shelf.Put(1, maker, 30_000, false))
		w.ok(err)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				_, err := w.orders.Refund(w.Context(), buyer(1), fmt.Sprint("key of refund ", i), r.OrderIDs[0], 0, "不再需要")
				if err != nil && errs.Of(err).Kind == errs.Internal {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		w.ok(w.payments.SubmitDue(w.Context()))
		w.status(1, r, order.Refunded)
		if w.available(v) != faceValue {
			t.Errorf("%v back", w.available(v))
		}
		w.balance(ledger.EscrowV(r.OrderIDs[0]), 0)
		w.balance(ledger.Gateway(payment.SimulatedChannel), 0)
	})
}

// T-MON-07: canceling the order of one voucher leaves the company's other voucher
// of the same kind where it is.
func TestCancelingFreesItsOwnVoucherOnly(t *testing.T) {
	each(t, func(w *world) {
		one := w.claim(1)
		two, _, err := w.vouchers.Claim(w.Context(), buyer(1), w.campaign.Vouchers[0].ID, 2)
		w.ok(err)
		first, err := w.place(1, []id.ID{one}, w.shelf.Put(1, maker, 130_000, false))
		w.ok(err)
		second, err := w.place(1, []id.ID{two.ID}, w.shelf.Put(2, maker, 40_000, false))
		w.ok(err)
		w.status(1, second, order.Paid)
		_, err = w.orders.Cancel(w.Context(), buyer(1), first.OrderIDs[0])
		w.ok(err)
		if w.available(one) != faceValue || w.available(two.ID) != 60_000 {
			t.Errorf("%v and %v", w.available(one), w.available(two.ID))
		}
	})
}
