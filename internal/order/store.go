package order

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/voucher"
)

func find(ctx context.Context, r db.Reader, orderID id.ID) (o Order, err error) {
	err = r.Select(&o).Where("id = ?", orderID).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return o, err
}

// findOf reads an order of the buyer; another company's is not there.
func findOf(ctx context.Context, r db.Reader, buyer, orderID id.ID) (o Order, err error) {
	err = r.Select(&o).Where("id = ? AND buyer_org = ?", orderID, buyer).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return o, err
}

func linesOf(ctx context.Context, r db.Reader, orderIDs ...id.ID) (lines []Line, err error) {
	if len(orderIDs) == 0 {
		return nil, nil
	}
	err = r.Select(&lines).Where("order_id IN (?)", bun.List(orderIDs)).OrderExpr("order_id, line_no").Scan(ctx)
	return lines, err
}

func placedOf(ctx context.Context, r db.Reader, checkoutID id.ID) (list []Order, err error) {
	err = r.Select(&list).Where("checkout_id = ? AND status = ?", checkoutID, Placed).OrderExpr("id").Scan(ctx)
	return list, err
}

func overdue(ctx context.Context, r db.Reader, now clock.Instant, limit int64) (ids []id.ID, err error) {
	err = r.Raw(`SELECT DISTINCT checkout_id FROM orders WHERE status = ? AND expires_at <= ? ORDER BY checkout_id LIMIT ?`,
		Placed, now, limit).Scan(ctx, &ids)
	return ids, err
}

// takeTurn makes others who pay or cancel within the checkout wait.
func takeTurn(ctx context.Context, tx *db.Tx, checkoutID id.ID) (c Checkout, err error) {
	ok, err := tx.ExecOne(ctx, `UPDATE checkouts SET turns = turns + 1 WHERE id = ?`, checkoutID)
	switch {
	case err != nil:
		return c, err
	case !ok:
		return c, errs.ErrNotFound
	}
	return c, tx.Select(&c).Where("id = ?", checkoutID).Scan(ctx)
}

func insertOrder(ctx context.Context, tx *db.Tx, o Order, lines []Line, redemptions []Redemption) error {
	if err := tx.InsertAll(ctx, &o); err != nil {
		return err
	}
	if err := tx.InsertAll(ctx, lines); err != nil {
		return err
	}
	return tx.InsertAll(ctx, redemptions)
}

// updateStatus writes an order that still is where it was read.
func updateStatus(ctx context.Context, tx *db.Tx, o Order, from Status) error {
	ok, err := tx.ExecOne(ctx, `
		UPDATE orders SET status = ?, paid_at = ?, delivered_at = ?, completed_at = ?, accepted_at = ?, accepted_by = ?,
			canceled_at = ?, refunded_at = ?, version = ?
		WHERE id = ? AND status = ? AND version = ?`,
		o.Status, o.PaidAt, o.DeliveredAt, o.CompletedAt, o.AcceptedAt, o.AcceptedBy,
		o.CanceledAt, o.RefundedAt, o.Version, o.ID, from, o.Version-1)
	if err == nil && !ok {
		err = errs.ErrInvalidState.In(string(from))
	}
	return err
}

func insertStep(ctx context.Context, tx *db.Tx, who account.Principal, orderID id.ID, event string, from, to Status, remark string) error {
	return tx.InsertAll(ctx, &Step{
		ID: id.New(), OrderID: orderID, At: clock.At(tx.Now()), Event: event, FromStatus: from, ToStatus: to,
		UserID: who.UserID, OrgID: who.OrgID, Role: string(who.Role), Note: remark,
	})
}

// Filter narrows a list of orders; zero values do not narrow.
type Filter struct {
	Status  Status
	Keyword string // part of a product's, buyer's or provider's name, or an order number
	From    clock.Instant
	Until   clock.Instant // exclusive
	Manual  bool          // a frozen or revoked voucher holds or pays it, and it is not over
}

// placed are orders by the time of placing.
func (f Filter) placed() (c page.Cond) {
	if f.From != 0 {
		c = page.Cond{SQL: "v.placed_at >= ?", Args: []any{f.From}}
	}
	if f.Until != 0 {
		c = c.And(page.Cond{SQL: "v.placed_at < ?", Args: []any{f.Until}})
	}
	return c
}

// spans are orders by state and time of placing, for which there is an index.
func (f Filter) spans() page.Cond {
	states := slices.DeleteFunc(slices.Clone(Statuses), func(s Status) bool {
		return f.Status != "" && s != f.Status || f.Manual && slices.Contains([]Status{Completed, Canceled, Refunded}, s)
	})
	return page.Cond{SQL: "v.status IN (?)", Args: []any{bun.List(states)}}.And(f.placed())
}

// each are orders by what is read of each.
func (f Filter) each(r db.Reader, words string) (c page.Cond) {
	if f.Manual {
		c = page.Cond{SQL: "v.id IN (?)", Args: []any{voucher.StoppedOrders(r)}}
	}
	if words == "" {
		return c
	}
	like := db.Contains(words)
	return c.And(page.Cond{SQL: "(v.title LIKE ? ESCAPE '!' OR v.buyer_name LIKE ? ESCAPE '!' OR v.provider_name LIKE ? ESCAPE '!')", Args: []any{like, like, like}})
}

func list(ctx context.Context, r db.Reader, side string, orgID id.ID, f Filter, p page.Query) (orders []Order, total int64, err error) {
	words := strings.TrimSpace(f.Keyword)
	var one page.Cond
	if n, err := id.Parse(words); err == nil && n > 0 {
		one, words = page.Cond{SQL: "v.id = ?", Args: []any{n}}, ""
	}
	spans, each := f.spans(), f.each(r, words).And(one)
	anything := f.Status == "" && f.From == 0 && f.Until == 0 && !f.Manual
	l := page.Newest{Table: "orders", Columns: "status, placed_at, title, buyer_name, provider_name, buyer_org, provider_org"}
	var ids []id.ID
	switch {
	case side != "": // its own orders are looked at one by one, whatever their state
		own := page.Cond{SQL: "v." + side + " = ?", Args: []any{orgID}}
		l.Match = own.And(each)
		if !anything {
			l.Match = l.Match.And(loose(spans))
		}
		ids, total, err = plain(ctx, r, l, p)
	case words != "" && !f.Manual:
		rest := loose(f.placed())
		if f.Status != "" {
			rest = loose(spans)
		}
		l.Match = each.And(rest)
		ids, total, err = worded{db.Contains(words), rest}.page(ctx, r, l, selects(spans), p)
	case anything:
		l.Match = each
		ids, total, err = plain(ctx, r, l, p)
	default:
		l.Match = spans.And(each)
		ids, total, err = plain(ctx, r, l, p)
	}
	if err != nil || len(ids) == 0 {
		return nil, total, err
	}
	return orders, total, r.Select(&orders).Where("id IN (?)", bun.List(ids)).OrderExpr("id DESC").Scan(ctx)
}

// loose lets no index be chosen by state and time.
func loose(c page.Cond) page.Cond {
	c.SQL = strings.NewReplacer("v.status", "COALESCE(v.status, '')", "v.placed_at", "+v.placed_at").Replace(c.SQL)
	return c
}

func selects(c page.Cond) page.Cond {
	return page.Cond{SQL: "SELECT v.id FROM orders v WHERE " + c.SQL, Args: c.Args}
}

// plain counts a list by its condition and finds a page of it.
func plain(ctx context.Context, r db.Reader, l page.Newest, p page.Query) (ids []id.ID, total int64, err error) {
	if l.Match.SQL == "" {
		err = r.Raw(`SELECT COUNT(*) FROM orders`).Scan(ctx, &total)
	} else {
		l.Found = selects(l.Match)
		total, err = page.Count(ctx, r, l.Found)
	}
	if err != nil || total == 0 {
		return nil, total, err
	}
	ids, err = l.IDs(ctx, r, total, p)
	return ids, total, err
}

func linesByID(ctx context.Context, r db.Reader, ids []id.ID) (lines []Line, err error) {
	err = r.Select(&lines).Where("id IN (?)", bun.List(ids)).Scan(ctx)
	return lines, err
}

func ordersOf(ctx context.Context, r db.Reader, lines []Line) (map[id.ID]Order, error) {
	ids := make([]id.ID, len(lines))
	for i, l := range lines {
		ids[i] = l.OrderID
	}
	var orders []Order
	if err := r.Select(&orders).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	out := make(map[id.ID]Order, len(orders))
	for _, o := range orders {
		out[o.ID] = o
	}
	return out, nil
}
