package order

import (
	"context"
	"errors"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/ledger"
	"smedx/internal/notify"
	"smedx/internal/payment"
	"smedx/internal/voucher"
)

// settle makes an order paid: vouchers are redeemed, cash goes to escrow, the
// provider is told. channel is empty when no cash was due.
func (s *Service) settle(ctx context.Context, tx *db.Tx, who account.Principal, o Order, channel string) error {
	o, err := move(ctx, tx, who, o, Pay, "")
	if err != nil {
		return err
	}
	if o.RedeemedFen > 0 {
		if err := s.vouchers.Redeem(ctx, tx, o.ID); err != nil {
			return err
		}
	}
	if o.PayableFen > 0 {
		_, err := ledger.Post(ctx, tx, ledger.Cash, ledger.Capture, source(o),
			ledger.Move{From: ledger.Gateway(channel), To: ledger.EscrowC(o.ID), Amount: o.PayableFen})
		if err != nil {
			return err
		}
	}
	lines, err := linesOf(ctx, tx, o.ID)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if err := s.goods.RecordSale(ctx, tx, l.OfferingID, l.Quantity); err != nil {
			return err
		}
	}
	if o.Instant {
		if o, err = move(ctx, tx, account.System, o, Activate, ""); err != nil {
			return err
		}
	}
	err = s.tell(ctx, tx, o.ProviderOrg, o.message("order_received", "新订单：", o.BuyerName+" 已完成订购，请安排交付。"))
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, o.BuyerOrg, o.message("order_paid", "订单支付成功：", "您可以在“订单管理”查看交付进度。"))
}

func source(o Order) ledger.Source { return ledger.Source{Kind: "order", ID: o.ID} }

// Due is what the checkout's unpaid orders still cost. It takes the checkout's
// turn, so that nobody cancels one of them meanwhile.
func (s *Service) Due(ctx context.Context, tx *db.Tx, orgID, checkoutID id.ID) (payment.Due, error) {
	if err := s.companies.RequireVerified(ctx, tx, orgID); err != nil {
		return payment.Due{}, err
	}
	c, err := takeTurn(ctx, tx, checkoutID)
	if err != nil {
		return payment.Due{}, err
	}
	if c.BuyerOrg != orgID {
		return payment.Due{}, errs.ErrNotFound
	}
	due := payment.Due{OrgID: c.BuyerOrg, ExpiresAt: c.ExpiresAt}
	unpaid, err := placedOf(ctx, tx, checkoutID)
	if err != nil {
		return due, err
	}
	if err := s.noneRevoked(ctx, tx, unpaid); err != nil {
		return due, err
	}
	for _, o := range unpaid {
		due.Amount += o.PayableFen
		if due.Title != "" {
			due.Title += "、"
		}
		due.Title += o.Title
	}
	return due, err
}

// noneRevoked refuses to begin a payment of orders that a revoked voucher holds;
// what the gateway took before the revocation is settled.
func (s *Service) noneRevoked(ctx context.Context, r db.Reader, orders []Order) error {
	ids := make([]id.ID, len(orders))
	for i, o := range orders {
		ids[i] = o.ID
	}
	stopped, err := s.vouchers.StoppedOf(ctx, r, ids...)
	if err != nil {
		return err
	}
	for _, v := range stopped {
		if v.Status == voucher.Revoked {
			return ErrVoucherRevoked.With("voucher", v.Name)
		}
	}
	return nil
}

// Settled takes the money of a payment for all unpaid orders of the checkout, or
// none of it, and notes whose account it came from.
func (s *Service) Settled(ctx context.Context, tx *db.Tx, p payment.Payment, payer string) (bool, error) {
	if _, err := takeTurn(ctx, tx, p.SubjectID); err != nil {
		return false, err
	}
	unpaid, err := placedOf(ctx, tx, p.SubjectID)
	if err != nil {
		return false, err
	}
	var due Totals
	for _, o := range unpaid {
		due.Payable += o.PayableFen
	}
	if len(unpaid) == 0 || due.Payable != p.AmountFen {
		return false, nil
	}
	for _, o := range unpaid {
		if o.PayableFen > 0 {
			if err := notePayer(ctx, tx, o, payer); err != nil {
				return false, err
			}
		}
		buyer := account.Principal{UserID: p.UserID, OrgID: p.OrgID, Role: account.RoleEnterprise}
		if err := s.settle(ctx, tx, buyer, o, p.Channel); err != nil {
			return false, err
		}
	}
	return true, nil
}

// Refunded ends a refund: the cash has arrived where it came from.
func (s *Service) Refunded(ctx context.Context, tx *db.Tx, orderID id.ID) error {
	o, err := find(ctx, tx, orderID)
	if err != nil {
		return err
	}
	return s.paidBack(ctx, tx, o)
}

// paidBack ends a refund, and tells the buyer where the money went.
func (s *Service) paidBack(ctx context.Context, tx *db.Tx, o Order) error {
	o, err := move(ctx, tx, account.System, o, PaidBack, "")
	if err != nil {
		return err
	}
	ways, err := s.vouchers.WaysBack(ctx, tx, o.ID)
	if err != nil {
		return err
	}
	words := voucher.WayWords(ways)
	if o.PayableFen > 0 {
		words = "实付的 " + o.PayableFen.Grouped() + " 元已按原支付方式退回，请留意到账。" + words
	}
	return s.tell(ctx, tx, o.BuyerOrg, o.message("order_refunded", "退款已完成：", words))
}

// message tells of the order; the title names it.
func (o Order) message(event, title, body string) notify.Message {
	return notify.Message{Event: event, Title: title + o.Title, Body: body, Link: "/workbench/orders/" + o.ID.String()}
}

// Accepted is the buyer's 验收 within tx: what lay in escrow is the provider's
// from here on (V6, C6), and the order is completed.
func (s *Service) accepted(ctx context.Context, tx *db.Tx, who account.Principal, o Order, remark string) (Order, error) {
	o, err := move(ctx, tx, who, o, Accept, remark)
	if err != nil {
		return o, err
	}
	if o.RedeemedFen > 0 {
		_, err = ledger.Post(ctx, tx, ledger.Vouchers, ledger.SettleV, source(o),
			ledger.Move{From: ledger.EscrowV(o.ID), To: ledger.SubsidyPayable(o.ProviderOrg), Amount: o.RedeemedFen})
		if err != nil {
			return o, err
		}
	}
	if o.PayableFen > 0 {
		_, err = ledger.Post(ctx, tx, ledger.Cash, ledger.SettleC, source(o),
			ledger.Move{From: ledger.EscrowC(o.ID), To: ledger.PayableC(o.ProviderOrg), Amount: o.PayableFen})
		if err != nil {
			return o, err
		}
	}
	return o, s.tell(ctx, tx, o.ProviderOrg, o.message("delivery_changed", "订单已验收：", o.BuyerName+" 已完成验收。"))
}

// Advance is for delivery: it takes an order of the caller's one step further,
// within the transaction that records why. Start and Submit are the provider's,
// Accept and Reject the buyer's.
func (s *Service) Advance(ctx context.Context, tx *db.Tx, who account.Principal, orderID id.ID, e Event, remark string) (Order, error) {
	o, err := find(ctx, tx, orderID)
	if err != nil {
		return o, err
	}
	owner := o.BuyerOrg
	if e == Start || e == Submit {
		owner = o.ProviderOrg
	}
	if owner != who.OrgID || who.OrgID == 0 {
		return o, errs.ErrNotFound
	}
	switch e {
	case Accept:
		return s.accepted(ctx, tx, who, o, remark)
	case Start, Submit, Reject:
	default:
		return o, errors.New("order: " + string(e) + " is not a step of delivery")
	}
	if o, err = move(ctx, tx, who, o, e, remark); err != nil {
		return o, err
	}
	switch e {
	case Start:
		err = s.tell(ctx, tx, o.BuyerOrg, o.message("delivery_changed", "服务商已开始交付：", remark))
	case Submit:
		err = s.tell(ctx, tx, o.BuyerOrg, o.message("delivery_submitted", "服务商已提交交付，请验收：", remark))
	default:
		err = s.tell(ctx, tx, o.ProviderOrg, o.message("delivery_changed", "验收未通过，请整改：", remark))
	}
	return o, err
}

// AcceptInstant is the buyer's 验收 of an order that was usable as soon as paid.
// What comes with it holds or fails with it.
func (s *Service) AcceptInstant(ctx context.Context, who account.Principal, orderID id.ID, with ...db.Func) (Order, error) {
	var o Order
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		if o, err = findOf(ctx, tx, who.OrgID, orderID); err != nil {
			return err
		}
		if !o.Instant {
			return errs.ErrInvalidState.In(string(o.Status))
		}
		if o.AcceptedAt != 0 { // a second click
			return nil
		}
		if o, err = s.accepted(ctx, tx, who, o, ""); err != nil {
			return err
		}
		return db.Together(ctx, tx, with...)
	})
	return o, err
}

// move takes an order through the state machine: guarded update, timeline, audit.
func move(ctx context.Context, tx *db.Tx, who account.Principal, o Order, e Event, remark string) (Order, error) {
	to, err := o.Next(e)
	if err != nil {
		return o, err
	}
	from, now := o.Status, clock.At(tx.Now())
	o.Status = to
	switch e {
	case Pay:
		o.PaidAt = now
	case Activate:
		o.DeliveredAt, o.CompletedAt = now, now
	case Submit:
		o.DeliveredAt = now
	case Accept:
		o.AcceptedAt, o.AcceptedBy = now, who.UserID
		if o.CompletedAt == 0 {
			o.CompletedAt = now
		}
	case Cancel, Expire:
		o.CanceledAt = now
	case PaidBack:
		o.RefundedAt = now
	case Start, Reject, Refund:
	}
	o.Version++
	if err := updateStatus(ctx, tx, o, from); err != nil {
		return o, err
	}
	if err := insertStep(ctx, tx, who, o.ID, string(e), from, to, remark); err != nil {
		return o, err
	}
	return o, trail(ctx, tx, who, o, string(e), map[string]any{"from": from, "to": to})
}

// trail notes an act on an order; the other side of the deal is whom it is about.
func trail(ctx context.Context, tx *db.Tx, who account.Principal, o Order, verb string, detail map[string]any) error {
	about := o.ProviderOrg
	if who.OrgID == o.ProviderOrg {
		about = o.BuyerOrg
	}
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{
		Action: "order." + verb, ObjectKind: "order", ObjectID: o.ID, SubjectOrg: about, Detail: detail,
	})
}
