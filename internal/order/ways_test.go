package order_test

import (
	"strings"
	"testing"
	"time"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/order"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

// lastTold is the newest message of an event.
func (w *world) lastTold(event string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(w.told) - 1; i >= 0; i-- {
		if w.told[i].Event == event {
			return w.told[i].Body
		}
	}
	return ""
}

func (w *world) revoke(v id.ID) {
	w.Helper()
	ground := voucher.Ground{Reason: "fraud", Comment: "核查中。"}
	w.ok(w.vouchers.ProposeRevocation(w.Context(), vouchertest.Operator, v, ground))
	w.ok(w.vouchers.DecideRevocation(w.Context(), vouchertest.Approver, v, voucher.ConfirmIt, ""))
}

// Where the money of a canceled order's voucher goes is said before and after, and
// is what the voucher then has.
func TestWhereTheMoneyOfAVoucherGoes(t *testing.T) {
	each(t, func(w *world) {
		lost := func(orderID id.ID, want ...voucher.Status) {
			w.Helper()
			ways := w.order(1, orderID).Ways
			if len(ways) != len(want) {
				w.Fatalf("%d ways, want %d", len(ways), len(want))
			}
			for i, way := range ways {
				if way.Lost != want[i] || way.Amount != faceValue {
					w.Errorf("%+v, want %q", way, want[i])
				}
			}
		}
		first, second := w.claim(1), w.claimMore(1)
		var over clock.Instant
		w.ok(w.db.Raw(`SELECT expires_at FROM vouchers WHERE id = ?`, first).Scan(w.Context(), &over))
		place := func(plan id.ID, vouchers ...id.ID) order.Receipt {
			w.Helper()
			r, err := w.place(1, vouchers, w.shelf.Put(plan, maker, 500_000, false))
			w.ok(err)
			return r
		}

		r := place(1, first)
		lost(r.OrderIDs[0], "")
		w.at(3 * time.Hour)
		w.ok(w.orders.ExpireDue(w.Context()))
		lost(r.OrderIDs[0], "")
		if w.available(first) != faceValue || !strings.Contains(w.lastTold("order_closed"), "已退回原券") {
			t.Errorf("%v back, told %q", w.available(first), w.lastTold("order_closed"))
		}

		r = place(2, first, second)
		w.revoke(second)
		lost(r.OrderIDs[0], "", voucher.Revoked)
		w.at(4 * time.Hour)
		w.ok(w.orders.ExpireDue(w.Context()))
		if said := w.lastTold("order_closed"); !strings.Contains(said, "已作废，抵扣的 1,000.00 元收回活动") || !strings.Contains(said, "其他服务券的金额已退回原券") {
			t.Error(said)
		}
		if w.available(first) != faceValue || w.available(second) != 0 {
			t.Errorf("%v and %v", w.available(first), w.available(second))
		}

		w.db.Clock().Set(over.Time().Add(-10 * time.Minute))
		r = place(3, first)
		lost(r.OrderIDs[0], "")
		w.db.Clock().Set(over.Time().Add(time.Minute))
		lost(r.OrderIDs[0], voucher.Expired) // before a sweep has ended it
		w.ok(w.vouchers.ExpireDue(w.Context()))
		_, err := w.orders.Cancel(w.Context(), buyer(1), r.OrderIDs[0])
		w.ok(err)
		lost(r.OrderIDs[0], voucher.Expired)
		if w.available(first) != 0 {
			t.Errorf("%v back", w.available(first))
		}
	})
}

// What was refunded while the voucher lived is the voucher's, whatever becomes of it.
func TestARefundIsToldWithItsVouchers(t *testing.T) {
	each(t, func(w *world) {
		v := w.claim(1)
		r, err := w.place(1, []id.ID{v}, w.shelf.Put(1, maker, 100_000, false))
		w.ok(err)
		_, err = w.orders.Refund(w.Context(), buyer(1), "back", r.OrderIDs[0], 0, "不需要了")
		w.ok(err)
		if said := w.lastTold("order_refunded"); !strings.Contains(said, "不需要了") { // to the provider, after the buyer
			t.Error(said)
		}
		w.mu.Lock()
		told := len(w.told) > 1 && w.told[len(w.told)-2].Body == "抵扣的服务券金额已退回原券。"
		w.mu.Unlock()
		if !told {
			t.Errorf("%+v", w.told)
		}
		w.at(9 * 24 * time.Hour)
		w.ok(w.vouchers.ExpireDue(w.Context()))
		if ways := w.order(1, r.OrderIDs[0]).Ways; len(ways) != 1 || ways[0].Lost != "" {
			t.Errorf("%+v", ways)
		}
	})
}

// A payment that was begun before the revocation takes no money after it.
func TestARevocationClosesThePaymentThatWasBegun(t *testing.T) {
	each(t, func(w *world) {
		v := w.claim(1)
		r, err := w.place(1, []id.ID{v}, w.shelf.Put(1, maker, 130_000, false))
		w.ok(err)
		other, err := w.place(2, nil, w.shelf.Put(1, maker, 130_000, false))
		w.ok(err)
		p, err := w.payments.Start(w.Context(), buyer(1), r.CheckoutID, "")
		w.ok(err)
		q, err := w.payments.Start(w.Context(), buyer(2), other.CheckoutID, "")
		w.ok(err)
		w.revoke(v)
		w.ok(w.orders.ExpireDue(w.Context()))
		w.refused(w.gateway.Pay(w.Context(), p.ID, ""), errs.ErrInvalidState)
		w.ok(w.gateway.Pay(w.Context(), q.ID, ""))
		w.status(1, r, order.Placed)
		w.status(2, other, order.Paid)
	})
}
