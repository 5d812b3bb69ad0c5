package order

import (
	"context"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/payment"
	"smedx/internal/voucher"
)

// Listed is an order with its lines, as lists show it.
type Listed struct {
	Order

	Lines []Line
}

// Detail is everything about one order.
type Detail struct {
	Listed

	Redemptions []Redemption
	Steps       []Step
	Refunds     []payment.Refund
	Stopped     []voucher.Stopped // frozen or revoked vouchers that hold or pay it
	Ways        []voucher.Way     // where what its vouchers pay goes, or went, when it is taken back
}

// List shows the caller's orders, newest first: the buyer's own, those at a
// provider, or all for staff that may oversee them.
func (s *Service) List(ctx context.Context, who account.Principal, f Filter, p page.Query) ([]Listed, int64, error) {
	side := ""
	switch {
	case who.Role == account.RoleEnterprise && who.Has(account.OrderBuy):
		side = "buyer_org"
	case who.Role == account.RoleProvider && who.Has(account.OrderDeliver):
		side = "provider_org"
	case !who.Has(account.OrderOversee):
		return nil, 0, errs.ErrForbidden
	}
	orders, total, err := list(ctx, s.db, side, who.OrgID, f, p)
	if err != nil {
		return nil, 0, err
	}
	listed, err := s.withLines(ctx, orders)
	return listed, total, err
}

// Get shows one order to its buyer, its provider or overseeing staff.
func (s *Service) Get(ctx context.Context, who account.Principal, orderID id.ID) (Detail, error) {
	o, err := s.Visible(ctx, s.db, who, orderID)
	if err != nil {
		return Detail{}, err
	}
	d := Detail{Listed: Listed{Order: o}}
	if d.Lines, err = linesOf(ctx, s.db, o.ID); err != nil {
		return d, err
	}
	if err = s.db.Select(&d.Redemptions).Where("order_id = ?", o.ID).OrderExpr("hold_id, line_no").Scan(ctx); err != nil {
		return d, err
	}
	if err = s.db.Select(&d.Steps).Where("order_id = ?", o.ID).OrderExpr("id").Scan(ctx); err != nil {
		return d, err
	}
	if d.Refunds, err = s.payments.RefundsOf(ctx, s.db, o.ID); err != nil {
		return d, err
	}
	if d.Stopped, err = s.vouchers.StoppedOf(ctx, s.db, o.ID); err != nil {
		return d, err
	}
	d.Ways, err = s.vouchers.WaysBack(ctx, s.db, o.ID)
	return d, err
}

// Visible is an order that the caller may see; any other is errs.ErrNotFound.
func (s *Service) Visible(ctx context.Context, r db.Reader, who account.Principal, orderID id.ID) (Order, error) {
	o, err := find(ctx, r, orderID)
	if err != nil {
		return o, err
	}
	bought := who.OrgID == o.BuyerOrg && who.Has(account.OrderBuy)
	sold := who.OrgID == o.ProviderOrg && who.Has(account.OrderDeliver)
	if who.OrgID != 0 && !bought && !sold || who.OrgID == 0 && !who.Has(account.OrderOversee) {
		return Order{}, errs.ErrNotFound
	}
	return o, nil
}

// CheckoutView is what the page shows that a buyer returns to from a gateway.
type CheckoutView struct {
	Checkout

	Orders   []Listed
	Ways     []voucher.Way // as in Detail, of all orders
	Due      Totals
	Payments []payment.Payment // newest first
}

// Checkout shows one checkout of the caller's company.
func (s *Service) Checkout(ctx context.Context, who account.Principal, checkoutID id.ID) (CheckoutView, error) {
	var v CheckoutView
	err := s.db.Select(&v.Checkout).Where("id = ? AND buyer_org = ?", checkoutID, who.OrgID).Scan(ctx)
	if db.IsNotFound(err) {
		return v, errs.ErrNotFound
	}
	if err != nil {
		return v, err
	}
	if v.Payments, err = s.payments.OfSubject(ctx, s.db, checkoutID); err != nil {
		return v, err
	}
	var orders []Order
	if err = s.db.Select(&orders).Where("checkout_id = ?", checkoutID).OrderExpr("id").Scan(ctx); err != nil {
		return v, err
	}
	ids := make([]id.ID, 0, len(orders))
	for _, o := range orders {
		ids = append(ids, o.ID)
		if o.Status == Placed {
			v.Due.Payable += o.PayableFen
		}
		v.Due.Price += o.PriceFen
		v.Due.Redeemed += o.RedeemedFen
	}
	if v.Ways, err = s.vouchers.WaysBack(ctx, s.db, ids...); err != nil {
		return v, err
	}
	v.Orders, err = s.withLines(ctx, orders)
	return v, err
}

func (s *Service) withLines(ctx context.Context, orders []Order) ([]Listed, error) {
	ids := make([]id.ID, len(orders))
	for i, o := range orders {
		ids[i] = o.ID
	}
	lines, err := linesOf(ctx, s.db, ids...)
	if err != nil {
		return nil, err
	}
	byOrder := map[id.ID][]Line{}
	for _, l := range lines {
		byOrder[l.OrderID] = append(byOrder[l.OrderID], l)
	}
	out := make([]Listed, len(orders))
	for i, o := range orders {
		out[i] = Listed{Order: o, Lines: byOrder[o.ID]}
	}
	return out, nil
}

// Rateable is a line of a completed order.
type Rateable struct {
	Line

	Order Order
}

// RateableLines lists the lines that a company may rate, newest first.
func (s *Service) RateableLines(ctx context.Context, buyer id.ID, p page.Query) ([]Rateable, int64, error) {
	var lines []Line
	q := s.db.Select(&lines).
		Where("order_id IN (SELECT id FROM orders WHERE buyer_org = ? AND status = ?)", buyer, Completed).
		OrderExpr("order_id DESC, line_no")
	total, err := page.Scan(ctx, q, p, &lines)
	if err != nil {
		return nil, 0, err
	}
	out, err := s.withOrders(ctx, s.db, lines)
	return out, total, err
}

// LinesByID finds lines with their orders; the caller has checked whose they are.
func (s *Service) LinesByID(ctx context.Context, r db.Reader, ids ...id.ID) (map[id.ID]Rateable, error) {
	out := map[id.ID]Rateable{}
	if len(ids) == 0 {
		return out, nil
	}
	lines, err := linesByID(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	found, err := s.withOrders(ctx, r, lines)
	for _, f := range found {
		out[f.ID] = f
	}
	return out, err
}

func (s *Service) withOrders(ctx context.Context, r db.Reader, lines []Line) ([]Rateable, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	orders, err := ordersOf(ctx, r, lines)
	if err != nil {
		return nil, err
	}
	out := make([]Rateable, len(lines))
	for i, l := range lines {
		out[i] = Rateable{l, orders[l.OrderID]}
	}
	return out, nil
}
