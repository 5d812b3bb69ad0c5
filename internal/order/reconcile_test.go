package order_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/id"
	"smedx/internal/order"
	"smedx/internal/reconcile"
)

// Whatever is changed behind the program's back in orders and payments is named.
func TestEachBreakOfAnOrderIsNamed(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	paid, err := w.place(1, []id.ID{w.claim(1)}, w.shelf.Put(1, maker, 150_000, false))
	w.ok(err)
	w.pay(1, paid.CheckoutID)
	w.ok(w.step(seller(maker), paid.OrderIDs[0], order.Start))
	w.ok(w.step(seller(maker), paid.OrderIDs[0], order.Submit))
	w.ok(w.step(buyer(1), paid.OrderIDs[0], order.Accept))
	_, err = w.place(2, []id.ID{w.claim(2)}, w.shelf.Put(2, helper, 150_000, false))
	w.ok(err)
	for _, c := range []struct{ name, check, query string }{
		{"an order's price is changed", "I6", `UPDATE orders SET price_fen = price_fen + 1`},
		{"a line's quantity is changed", "I6", `UPDATE order_lines SET quantity = quantity + 1`},
		{"a line's voucher part is changed", "I6", `UPDATE order_lines SET redeemed_fen = redeemed_fen + 1`},
		{"a redemption is dropped", "I6", `DELETE FROM order_redemptions`},
		{"a checkout's price is changed", "I6.checkouts", `UPDATE checkouts SET price_fen = price_fen + 1`},
		{"an order says it was never paid", "I7", `UPDATE orders SET paid_at = 0 WHERE status = 'completed'`},
		{"an order costs more than was captured", "I7", `UPDATE orders SET payable_fen = payable_fen + 1 WHERE status = 'completed'`},
		{"more goes back than came", "I8", `INSERT INTO refunds (id, payment_id, source, source_id, txn_no, org_id, amount_fen, status, reason, created_at, check_at)
			SELECT 1, id, 'order', 1, 'x', org_id, amount_fen + 1, 'approved', '', 1, 1 FROM payments`},
		{"a payment's amount is changed", "I9", `UPDATE payments SET amount_fen = amount_fen + 1, captured_fen = captured_fen + 1`},
		{"an accepted order is called delivered", "I12", `UPDATE orders SET status = 'delivered', accepted_at = 0 WHERE status = 'completed'`},
		{"an unpaid order is called canceled", "I12", `UPDATE orders SET status = 'canceled' WHERE status = 'placed'`},
		{"an order gets another provider", "I10.orders", `UPDATE orders SET provider_org = 777`},
		{"an acceptance gets another time", "I16", `UPDATE orders SET accepted_at = accepted_at + 1 WHERE accepted_at > 0`},
		{"a payment of nothing appears", "I17", `INSERT INTO payments (id, subject_id, org_id, user_id, channel, title, status, amount_fen, created_at, expires_at, check_at)
			VALUES (1, 1, 1, 1, 'x', 'x', 'closed', 1, 1, 1, 1)`},
		{"a provider buys from itself", "I20.orders", `UPDATE orders SET buyer_org = provider_org`},
		{"an order's state has no step", "I22.orders", `UPDATE orders SET status = 'refunded' WHERE status = 'placed'`},
		{"a rating of nothing appears", "I23", `INSERT INTO ratings (id, order_line_id, order_id, offering_id, buyer_org, provider_org, user_id, login, score, comment, rated_at)
			VALUES (1, 1, 1, 1, 1, 2, 3, 'x', 5, '', 1)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			spoken := map[string]bool{}
			undone := errors.New("undone, so that the next finds the books right")
			err := w.db.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				for _, q := range []string{"PRAGMA ignore_check_constraints = 1", c.query, "PRAGMA ignore_check_constraints = 0"} {
					if _, err := tx.Exec(ctx, q); err != nil {
						return fmt.Errorf("%s: %w", q, err)
					}
				}
				report, err := reconcile.Run(ctx, tx, w.db)
				if err != nil {
					return err
				}
				for _, v := range report.Violations() {
					spoken[v.Check] = true
				}
				return undone
			})
			if !errors.Is(err, undone) {
				t.Fatal(err)
			}
			if !spoken[c.check] {
				t.Errorf("%s says nothing; only %v", c.check, spoken)
			}
		})
	}
	w.right() // each was told by its own break alone
}
