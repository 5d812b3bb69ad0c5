package order_test

import (
	"fmt"
	"testing"
	"time"

	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/ledger"
	"smedx/internal/order"
	"smedx/internal/order/ordertest"
	"smedx/internal/payment"
	"smedx/internal/reconcile"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

// balanced ends the test unless every invariant of the books holds.
func balanced(w *ordertest.World) {
	w.Helper()
	w.OK(ledger.SealDue(w.Context(), w.DB))
	report, err := reconcile.Run(w.Context(), w.DB, w.DB)
	w.OK(err)
	if !report.OK {
		w.Fatal(report.Violations())
	}
}

func left(w *ordertest.World, voucherID id.ID) money.Fen {
	w.Helper()
	v, err := w.Vouchers.Voucher(w.Context(), voucherID)
	w.OK(err)
	return v.Available
}

// T-MON-03, T-MON-09: an order is taken back as a whole, no fen more or less. Its
// voucher gets what its lines were paid, the other order of the checkout keeps what
// its lines were paid, and the minimum of the voucher is not asked again for it.
func TestARefundFollowsTheLinesOfItsOrder(t *testing.T) {
	ordertest.Each(t, func(w *ordertest.World) {
		terms := vouchertest.AnyTerms()
		terms.Share, terms.MinOrder = 3333, 100_000
		c := w.Open(voucher.Rush, 5, nil, w.Kind(50_000, terms))
		v := w.Claim(1, c).ID
		wants := []order.Want{
			w.Shelf.Put(1, 900, 33_333, false), w.Shelf.Put(2, 900, 33_334, false), w.Shelf.Put(3, 900, 1, false),
			w.Shelf.Put(4, 901, 40_000, false),
		}
		const redeemed = 35_552 // 33.33 % of 106,668, rounded down
		r, _, err := w.Orders.Place(w.Context(), ordertest.Buyer(1), "all", order.Intent{
			Lines: wants, VoucherIDs: []id.ID{v}, ExpectedTotal: 106_668, ExpectedPayable: 106_668 - redeemed,
		})
		w.OK(err)
		p, err := w.Payments.Start(w.Context(), ordertest.Buyer(1), r.CheckoutID, "")
		w.OK(err)
		w.OK(w.Gateway.Pay(w.Context(), p.ID, ""))

		var orders []order.Detail
		var sum money.Fen
		for _, o := range r.OrderIDs {
			d := w.Order(1, o)
			orders = append(orders, d)
			paid := map[int64]money.Fen{} // by line
			for _, part := range d.Redemptions {
				paid[part.LineNo] += part.AmountFen
			}
			var lines money.Fen
			for _, l := range d.Lines {
				lines += l.RedeemedFen
				if l.RedeemedFen > l.PriceFen || l.RedeemedFen != paid[l.LineNo] {
					w.Errorf("line %d of %v is paid %v by vouchers, by its parts %v", l.LineNo, l.PriceFen, l.RedeemedFen, paid[l.LineNo])
				}
			}
			if lines != d.RedeemedFen || w.Balance(ledger.EscrowV(o)) != d.RedeemedFen {
				w.Errorf("lines of %v, order of %v", lines, d.RedeemedFen)
			}
			sum += d.RedeemedFen
		}
		if sum != redeemed || left(w, v) != 50_000-redeemed {
			w.Fatalf("%v redeemed, %v left", sum, left(w, v))
		}

		back := func(o order.Detail, key string, cash money.Fen) error {
			_, err := w.Orders.Refund(w.Context(), ordertest.Buyer(1), key, o.ID, cash, "不再需要")
			return err
		}
		several, single := orders[0], orders[1]
		if len(several.Lines) == 1 {
			several, single = single, several
		}
		for i, cash := range []money.Fen{0, several.PayableFen - 1, several.PayableFen + 1, 106_668 - redeemed} {
			w.Refused(back(several, fmt.Sprint("part ", i), cash), payment.ErrOverRefund)
		}
		if d := w.Order(1, several.ID); d.Status != order.Paid || left(w, v) != 50_000-redeemed || w.Balance(ledger.EscrowC(several.ID)) != several.PayableFen {
			w.Fatalf("a refused refund had an effect: %s", d.Status)
		}
		w.OK(back(several, "all of it", several.PayableFen))
		w.OK(w.Payments.SubmitDue(w.Context()))
		if d := w.Order(1, several.ID); d.Status != order.Refunded || left(w, v) != 50_000-single.RedeemedFen || w.Balance(ledger.EscrowC(several.ID)) != 0 {
			w.Errorf("%s, %v left", d.Status, left(w, v))
		}
		if d := w.Order(1, single.ID); d.Status != order.Paid || d.RedeemedFen != single.RedeemedFen || w.Balance(ledger.EscrowV(single.ID)) != single.RedeemedFen {
			w.Errorf("the order that stays changed: %+v", d)
		}
		_, err = w.Orders.Quote(w.Context(), ordertest.Buyer(1), wants[3:], []id.ID{v})
		w.Refused(err, voucher.ErrNotFitting) // a new one of that size is below the minimum
		w.OK(back(single, "the other", single.PayableFen))
		w.OK(w.Payments.SubmitDue(w.Context()))
		if left(w, v) != 50_000 || w.Balance(ledger.Gateway(payment.SimulatedChannel)) != 0 {
			w.Errorf("%v left", left(w, v))
		}
		balanced(w)
	})
}

// T-MON-10: what a voucher paid of an order that is taken back goes to the voucher
// while it lives, whatever became of its campaign, and to the campaign when it is
// over; the voucher's account says so.
func TestARefundToAVoucherThatIsOverGoesToItsCampaign(t *testing.T) {
	ordertest.Each(t, func(w *ordertest.World) {
		terms := vouchertest.AnyTerms()
		terms.Validity.Days = 5
		c := w.Open(voucher.Rush, 5, nil, w.Kind(30_000, terms))
		var vouchers []id.ID
		var orders []order.Detail
		for n := range int64(3) {
			v := w.Claim(n+1, c)
			vouchers = append(vouchers, v.ID)
			orders = append(orders, w.Bought(n+1, w.Shelf.Put(7, 900, 20_000, false), v.ID))
		}
		refund := func(n int) {
			w.Helper()
			o, err := w.Orders.Refund(w.Context(), ordertest.Buyer(int64(n+1)), "back", orders[n].ID, 0, "不再需要")
			w.OK(err)
			v, err := w.Vouchers.Voucher(w.Context(), vouchers[n])
			w.OK(err)
			moves, err := w.Vouchers.Movements(w.Context(), v)
			w.OK(err)
			if last := moves[len(moves)-1]; o.Status != order.Refunded || last.Kind != ledger.Restore || last.OrderID != o.ID {
				w.Errorf("%s, and the voucher's account ends in %+v", o.Status, last)
			}
		}
		w.Move(26 * time.Hour)
		w.OK(w.Vouchers.OpenAndCloseDue(w.Context())) // the campaign is over, the vouchers are not
		before := w.Balance(ledger.Returned(c.ID))
		refund(0)
		if left(w, vouchers[0]) != 30_000 || w.Balance(ledger.Returned(c.ID)) != before {
			w.Errorf("%v left after the campaign", left(w, vouchers[0]))
		}

		ground := voucher.Ground{Reason: "fraud", Comment: "核查属实。"}
		w.OK(w.Vouchers.ProposeRevocation(w.Context(), vouchertest.Operator, vouchers[1], ground))
		w.OK(w.Vouchers.DecideRevocation(w.Context(), vouchertest.Approver, vouchers[1], voucher.ConfirmIt, ""))
		before = w.Balance(ledger.Returned(c.ID))
		refund(1)
		if left(w, vouchers[1]) != 0 || w.Balance(ledger.Returned(c.ID)) != before+20_000 {
			w.Errorf("%v left of a revoked voucher", left(w, vouchers[1]))
		}

		w.Move(10 * 24 * time.Hour) // over, before any sweep has said so
		before = w.Balance(ledger.Returned(c.ID))
		refund(2)
		if left(w, vouchers[2]) != 10_000 || w.Balance(ledger.Returned(c.ID)) != before+20_000 {
			w.Errorf("%v left of an expired voucher", left(w, vouchers[2]))
		}
		w.OK(w.Vouchers.ExpireDue(w.Context()))
		if left(w, vouchers[2]) != 0 {
			w.Errorf("%v left after the sweep", left(w, vouchers[2]))
		}
		balanced(w)
	})
}

// T-MON-13, T-MON-16, T-MON-17: what was ordered stands as it was agreed. Another
// price, an offering that is gone and another cart change neither the order nor the
// payment that was begun; it may be paid.
func TestAnOrderKeepsWhatWasAgreed(t *testing.T) {
	ordertest.Each(t, func(w *ordertest.World) {
		buyer := ordertest.Buyer(1)
		want := w.Shelf.Put(1, 900, 30_000, false)
		placed := w.Placed(1, want)
		p, err := w.Payments.Start(w.Context(), buyer, placed.CheckoutID, "")
		w.OK(err)
		w.Shelf.Put(1, 900, 99_999, false)
		more := want
		more.Quantity = 3
		_, err = w.Orders.AddToCart(w.Context(), buyer, more)
		w.OK(err)
		w.Shelf.Drop(1)
		again, err := w.Payments.Start(w.Context(), buyer, placed.CheckoutID, "")
		w.OK(err)
		if again.ID != p.ID || again.AmountFen != 30_000 {
			w.Errorf("%+v", again)
		}
		w.OK(w.Gateway.Pay(w.Context(), p.ID, ""))
		o := w.Order(1, placed.ID)
		if o.Status != order.Paid || o.PayableFen != 30_000 || len(o.Lines) != 1 || o.Lines[0].UnitPriceFen != 30_000 || o.Lines[0].Quantity != 1 {
			w.Errorf("%s: %+v", o.Status, o.Lines)
		}
		_, err = w.Orders.Quote(w.Context(), buyer, []order.Want{want}, nil)
		w.Refused(err, order.ErrNotForSale)
	})
}

// T-MON-20: a voucher is the company's: whoever of it may buy uses it.
func TestAColleagueUsesTheCompanysVoucher(t *testing.T) {
	ordertest.Each(t, func(w *ordertest.World) {
		c := w.Open(voucher.Rush, 5, nil, w.Kind(30_000, vouchertest.AnyTerms()))
		v := w.Claim(1, c).ID
		colleague := ordertest.Buyer(1)
		colleague.UserID, colleague.Owner = 1999, false
		want := w.Shelf.Put(1, 900, 30_000, false)
		r, _, err := w.Orders.Place(w.Context(), colleague, "k", order.Intent{Lines: []order.Want{want}, VoucherIDs: []id.ID{v}, ExpectedTotal: 30_000})
		w.OK(err)
		if o := w.Order(1, r.OrderIDs[0]); o.Status != order.Paid || o.BuyerUser != colleague.UserID || left(w, v) != 0 {
			w.Errorf("%s by %v, %v left", o.Status, o.BuyerUser, left(w, v))
		}
	})
}
