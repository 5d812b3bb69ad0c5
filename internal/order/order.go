// Package order turns a cart into orders and takes each to its end: cart, quote,
// placing, settlement of what was paid, cancellation, refund before delivery,
// acceptance. Vouchers, payments and offerings keep their own books; order calls
// them in its transactions.
package order

import (
	"slices"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/catalog"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// Status is where an order stands.
type Status string

// The statuses of an order.
const (
	Placed     Status = "placed"      // 待支付
	Paid       Status = "paid"        // 待交付
	InDelivery Status = "in_delivery" // 交付中
	Delivered  Status = "delivered"   // 待验收
	Completed  Status = "completed"   // 已完成
	Canceled   Status = "canceled"    // 已取消
	Refunding  Status = "refunding"   // 退款中
	Refunded   Status = "refunded"    // 已退款
)

// Statuses lists every status.
var Statuses = []Status{Placed, Paid, InDelivery, Delivered, Completed, Canceled, Refunding, Refunded}

// Event is what happens to an order.
type Event string

// The events of an order.
const (
	Pay      Event = "pay"      // what was due has come, or nothing was due
	Cancel   Event = "cancel"   // by the buyer, unpaid
	Expire   Event = "expire"   // by the platform, unpaid for too long
	Activate Event = "activate" // instant plans: usable as soon as paid
	Start    Event = "start"    // the provider begins
	Submit   Event = "submit"   // the provider hands over
	Reject   Event = "reject"   // the buyer wants it corrected
	Accept   Event = "accept"   // the buyer accepts: the money is the provider's
	Refund   Event = "refund"   // in full, before delivery has begun
	PaidBack Event = "paid_back"
)

// Events lists every event.
var Events = []Event{Pay, Cancel, Expire, Activate, Start, Submit, Reject, Accept, Refund, PaidBack}

// flow is the state machine of an order. An instant order is completed before it
// is accepted, so Accept leads from completed to completed; Order.Next sees to it
// that this happens once.
var flow = map[Status]map[Event]Status{
	Placed:     {Pay: Paid, Cancel: Canceled, Expire: Canceled},
	Paid:       {Activate: Completed, Start: InDelivery, Refund: Refunding},
	InDelivery: {Submit: Delivered},
	Delivered:  {Accept: Completed, Reject: InDelivery},
	Completed:  {Accept: Completed},
	Refunding:  {PaidBack: Refunded},
}

// Order is what one buyer ordered of one provider in one checkout.
type Order struct {
	bun.BaseModel `bun:"table:orders"`

	ID           id.ID `bun:",pk"`
	CheckoutID   id.ID
	BuyerOrg     id.ID
	BuyerUser    id.ID
	BuyerName    string
	BuyerLogin   string
	ProviderOrg  id.ID
	ProviderName string
	Title        string
	Kind         string
	Status       Status
	Instant      bool
	PriceFen     money.Fen
	RedeemedFen  money.Fen
	PayableFen   money.Fen
	PlacedAt     clock.Instant
	ExpiresAt    clock.Instant
	PaidAt       clock.Instant
	DeliveredAt  clock.Instant
	CompletedAt  clock.Instant
	AcceptedAt   clock.Instant
	AcceptedBy   id.ID
	CanceledAt   clock.Instant
	RefundedAt   clock.Instant
	Payer        string // whose account paid the cash, as it may be shown; "": not known
	PaidBy       PaidBy
	Version      int64
}

// Next is where an event leads, or errs.ErrInvalidState with the state that refused.
func (o Order) Next(e Event) (Status, error) {
	to, ok := flow[o.Status][e]
	switch {
	case !ok,
		e == Activate && !o.Instant,
		o.Status == Completed && (!o.Instant || o.AcceptedAt != 0):
		return "", errs.ErrInvalidState.In(string(o.Status))
	}
	return to, nil
}

// Line is one plan of an order as it was sold: later changes of the offering do
// not touch it.
type Line struct {
	bun.BaseModel `bun:"table:order_lines"`

	ID           id.ID `bun:",pk"`
	OrderID      id.ID
	LineNo       int64
	OfferingID   id.ID
	RevisionID   id.ID
	PlanID       id.ID
	Name         string
	PlanName     string
	Attributes   string
	Unit         catalog.BillingUnit
	CoverFile    id.ID
	Instant      bool
	Scope        string // JSON of scope
	UnitPriceFen money.Fen
	Quantity     int64
	PriceFen     money.Fen
	RedeemedFen  money.Fen
}

// Redemption is what one voucher pays of one line.
type Redemption struct {
	bun.BaseModel `bun:"table:order_redemptions"`

	OrderID         id.ID `bun:",pk"`
	HoldID          id.ID `bun:",pk"`
	LineNo          int64 `bun:",pk"`
	VoucherID       id.ID
	Name            string
	AmountFen       money.Fen
	BalanceAfterFen money.Fen
}

// Step is one entry of an order's timeline.
type Step struct {
	bun.BaseModel `bun:"table:order_events"`

	ID         id.ID `bun:",pk"`
	OrderID    id.ID
	At         clock.Instant
	Event      string // an Event, or "place"
	FromStatus Status
	ToStatus   Status
	UserID     id.ID
	OrgID      id.ID
	Role       string
	Note       string
}

// Refusals of this module.
var (
	ErrNothingChosen  = errs.New(errs.Invalid, "order.nothing_chosen")
	ErrNotForSale     = errs.New(errs.Conflict, "order.not_for_sale")
	ErrOwnOffering    = errs.New(errs.Conflict, "order.own_offering")
	ErrPriceChanged   = errs.New(errs.Conflict, "order.price_changed")
	ErrVoucherRevoked = errs.New(errs.Conflict, "order.voucher_revoked")
	ErrQuantity       = errs.New(errs.Invalid, "order.quantity")
	ErrTooMuch        = errs.New(errs.Invalid, "order.too_much")
	ErrCartFull       = errs.New(errs.Conflict, "order.cart_full")
)

// Allows lists what the caller may do with the order now, for pages; Pay stands
// for going on to the cashier. Every verb asks again.
func (o Order) Allows(who account.Principal) []Event {
	var verbs []Event
	switch {
	case who.OrgID == 0:
		return nil
	case who.OrgID == o.BuyerOrg && who.Has(account.OrderBuy):
		verbs = []Event{Pay, Cancel, Refund, Accept, Reject}
	case who.OrgID == o.ProviderOrg && who.Has(account.OrderDeliver):
		verbs = []Event{Start, Submit}
	}
	return slices.DeleteFunc(verbs, func(e Event) bool {
		_, err := o.Next(e)
		return err != nil || e == Start && o.Instant
	})
}
