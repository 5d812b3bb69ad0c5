package order

import (
	"context"
	"errors"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/idem"
	"smedx/internal/kit/money"
	"smedx/internal/payment"
	"smedx/internal/voucher"
)

// Cancel ends an unpaid order and gives its vouchers back. An open payment is
// closed at the gateway first; if the buyer has paid meanwhile, the order is paid
// and Cancel is refused. Canceling twice is the same as once.
func (s *Service) Cancel(ctx context.Context, who account.Principal, orderID id.ID) (Order, error) {
	o, err := findOf(ctx, s.db, who.OrgID, orderID)
	if err != nil || o.Status == Canceled {
		return o, err
	}
	if _, err := o.Next(Cancel); err != nil {
		return o, err
	}
	if err := s.payments.CloseOpen(ctx, o.CheckoutID); err != nil {
		return o, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.noMoneyComing(ctx, tx, o.CheckoutID); err != nil {
			return err
		}
		if o, err = findOf(ctx, tx, who.OrgID, orderID); err != nil || o.Status == Canceled {
			return err
		}
		o, err = s.drop(ctx, tx, who, o, Cancel)
		return err
	})
	return o, err
}

// ExpireDue is a sweep: unpaid orders whose time is over are closed, after making
// sure at the gateway that no money comes for them. A payment that was begun before
// a voucher of its orders was revoked is closed as well.
func (s *Service) ExpireDue(ctx context.Context) error {
	all := s.closeRevoked(ctx)
	checkouts, err := overdue(ctx, s.db, clock.At(s.db.Now()), 200)
	if err != nil {
		return errors.Join(all, err)
	}
	for _, checkoutID := range checkouts {
		err := s.payments.CloseOpen(ctx, checkoutID)
		if err == nil {
			err = s.expire(ctx, checkoutID)
		}
		if err != nil && !errors.Is(err, payment.ErrInProgress) { // the next sweep tries again
			all = errors.Join(all, err)
		}
	}
	return all
}

func (s *Service) closeRevoked(ctx context.Context) error {
	var held []Order
	err := s.db.Select(&held).Where("status = ? AND id IN (?)", Placed, voucher.StoppedOrders(s.db)).OrderExpr("id").Limit(200).Scan(ctx)
	if err != nil {
		return err
	}
	var all error
	for _, o := range held {
		err := s.noneRevoked(ctx, s.db, []Order{o})
		if errors.Is(err, ErrVoucherRevoked) {
			err = s.payments.CloseOpen(ctx, o.CheckoutID)
		}
		if err != nil && !errors.Is(err, payment.ErrInProgress) { // the next sweep tries again
			all = errors.Join(all, err)
		}
	}
	return all
}

func (s *Service) expire(ctx context.Context, checkoutID id.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.noMoneyComing(ctx, tx, checkoutID); err != nil {
			return err
		}
		unpaid, err := placedOf(ctx, tx, checkoutID)
		if err != nil {
			return err
		}
		for _, o := range unpaid {
			if clock.At(tx.Now()) < o.ExpiresAt {
				continue
			}
			if _, err := s.drop(ctx, tx, account.System, o, Expire); err != nil {
				return err
			}
			ways, err := s.vouchers.WaysBack(ctx, tx, o.ID)
			if err != nil {
				return err
			}
			if err := s.tell(ctx, tx, o.BuyerOrg, o.message("order_closed", "订单已取消：", "订单超时未支付。"+voucher.WayWords(ways))); err != nil {
				return err
			}
		}
		return nil
	})
}

// noMoneyComing takes the checkout's turn and makes sure that no payment of it is open.
func (s *Service) noMoneyComing(ctx context.Context, tx *db.Tx, checkoutID id.ID) error {
	if _, err := takeTurn(ctx, tx, checkoutID); err != nil {
		return err
	}
	open, err := s.payments.HasOpen(ctx, tx, checkoutID)
	if err == nil && open {
		err = payment.ErrInProgress
	}
	return err
}

func (s *Service) drop(ctx context.Context, tx *db.Tx, who account.Principal, o Order, e Event) (Order, error) {
	o, err := move(ctx, tx, who, o, e, "")
	if err != nil {
		return o, err
	}
	if o.RedeemedFen > 0 {
		err = s.vouchers.Release(ctx, tx, o.ID)
	}
	return o, err
}

// Refund takes a paid order back in full, as long as delivery has not begun:
// vouchers get their part again (or the budget does, if they have expired), cash
// goes back the way it came. refundable is the cash that the caller expects.
func (s *Service) Refund(ctx context.Context, who account.Principal, key string, orderID id.ID, refundable money.Fen, reason string) (o Order, err error) {
	type request struct {
		Order      id.ID
		Refundable money.Fen
		Reason     string
	}
	k := idem.Key{Scope: "org:" + who.OrgID.String(), Operation: "order.refund", Value: key, RequestHash: idem.Hash(request{orderID, refundable, reason})}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, _, err := idem.Once(ctx, tx, k, func() (id.ID, error) { return orderID, s.refund(ctx, tx, who, orderID, refundable, reason) })
		if err == nil {
			o, err = findOf(ctx, tx, who.OrgID, orderID)
		}
		return err
	})
	return o, err
}

func (s *Service) refund(ctx context.Context, tx *db.Tx, who account.Principal, orderID id.ID, refundable money.Fen, reason string) error {
	o, err := findOf(ctx, tx, who.OrgID, orderID)
	if err != nil {
		return err
	}
	if refundable != o.PayableFen {
		return payment.ErrOverRefund
	}
	if o, err = move(ctx, tx, who, o, Refund, reason); err != nil {
		return err
	}
	if o.RedeemedFen > 0 {
		if err := s.vouchers.Restore(ctx, tx, o.ID); err != nil {
			return err
		}
	}
	if o.PayableFen > 0 {
		err = s.payments.RefundOrder(ctx, tx, o.CheckoutID, o.ID, o.PayableFen, reason)
	} else {
		err = s.paidBack(ctx, tx, o)
	}
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, o.ProviderOrg, o.message("order_refunded", "订单已退订：", o.BuyerName+"："+reason))
}
