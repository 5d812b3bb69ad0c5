package httpapi

import (
	"context"
	"net/http"

	"smedx/internal/account"
	"smedx/internal/catalog"
	"smedx/internal/codelist"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/order"
	"smedx/internal/payment"
	"smedx/internal/voucher"
)

// CartLineView is a line of the cart. An invalid one is not for sale any more.
type CartLineView struct {
	ID           id.ID               `json:"id"`
	OfferingID   id.ID               `json:"offeringId"`
	PlanID       id.ID               `json:"planId"`
	Unit         catalog.BillingUnit `json:"unit" enum:"year,month,unit"`
	Quantity     int64               `json:"quantity"`
	Selected     bool                `json:"selected"`
	Valid        bool                `json:"valid"`
	Name         string              `json:"name"`
	PlanName     string              `json:"planName,omitempty"`
	Attributes   string              `json:"attributes,omitempty"`
	CoverURL     string              `json:"coverUrl,omitempty"`
	ProviderName string              `json:"providerName,omitempty"`
	UnitPrice    money.Fen           `json:"unitPriceFen"`
	Price        money.Fen           `json:"priceFen"`
}

// CartView is a company's cart.
type CartView struct {
	Items []CartLineView `json:"items"`
}

func cartLineView(c order.CartItem) CartLineView {
	return CartLineView{
		ID: c.ID, OfferingID: c.OfferingID, PlanID: c.PlanID, Unit: c.Unit, Quantity: c.Quantity, Selected: c.Selected, Valid: c.Valid,
		Name: c.Item.Name, PlanName: c.Item.PlanName, Attributes: c.Item.Attributes, CoverURL: fileURL(c.Item.CoverFile),
		ProviderName: c.Provider, UnitPrice: c.Item.UnitPrice, Price: c.Price,
	}
}

// QuoteLineView is a line of a quote.
type QuoteLineView struct {
	OfferingID id.ID               `json:"offeringId"`
	PlanID     id.ID               `json:"planId"`
	Unit       catalog.BillingUnit `json:"unit" enum:"year,month,unit"`
	Quantity   int64               `json:"quantity"`
	Name       string              `json:"name"`
	PlanName   string              `json:"planName"`
	Attributes string              `json:"attributes,omitempty"`
	CoverURL   string              `json:"coverUrl,omitempty"`
	Instant    bool                `json:"instant" doc:"Usable as soon as it is paid"`
	UnitPrice  money.Fen           `json:"unitPriceFen"`
	Price      money.Fen           `json:"priceFen"`
	Redeemed   money.Fen           `json:"redeemedFen" doc:"What the chosen vouchers pay of it"`
}

// QuoteGroupView is what becomes one order: the lines of one provider.
type QuoteGroupView struct {
	ProviderOrgID id.ID           `json:"providerOrgId"`
	ProviderName  string          `json:"providerName"`
	Lines         []QuoteLineView `json:"lines"`
	Instant       bool            `json:"instant" doc:"Everything is usable as soon as it is paid: it cannot be taken back then"`
	Price         money.Fen       `json:"priceFen"`
	Redeemed      money.Fen       `json:"redeemedFen"`
	Payable       money.Fen       `json:"payableFen"`
}

// QuoteVoucherView is a voucher that fits.
type QuoteVoucherView struct {
	ID           id.ID         `json:"id"`
	Name         string        `json:"name"`
	FaceValue    money.Fen     `json:"faceValueFen"`
	Balance      money.Fen     `json:"balanceFen"`
	ExpiresAt    clock.Instant `json:"expiresAt" doc:"Exclusive"`
	Stackable    bool          `json:"stackable" doc:"May be used beside other vouchers"`
	Chosen       bool          `json:"chosen"`
	Redeem       money.Fen     `json:"redeemFen" doc:"Chosen: what it pays; otherwise what it could pay alone"`
	BalanceAfter money.Fen     `json:"balanceAfterFen"`
}

// QuoteOtherView is a voucher of the company that cannot pay for what is bought.
type QuoteOtherView struct {
	ID        id.ID          `json:"id"`
	Name      string         `json:"name"`
	FaceValue money.Fen      `json:"faceValueFen"`
	Balance   money.Fen      `json:"balanceFen"`
	ValidFrom clock.Instant  `json:"validFrom"`
	ExpiresAt clock.Instant  `json:"expiresAt" doc:"Exclusive"`
	Why       voucher.Reason `json:"why" enum:"frozen,ended,not_yet,held,region,size,scope,min_order,nothing" doc:"ended: used up, expired or revoked; held: unpaid orders hold its balance"`
	Wanted    []string       `json:"wanted" doc:"In words, for region, size and scope: what it is for and this purchase is not"`
	MinOrder  money.Fen      `json:"minOrderFen" doc:"Least sum of the lines that fit"`
	Fitting   money.Fen      `json:"fittingFen" doc:"Sum of the lines that fit"`
}

// QuoteView is what a purchase costs now.
type QuoteView struct {
	Groups   []QuoteGroupView   `json:"groups" doc:"One for each provider"`
	Vouchers []QuoteVoucherView `json:"vouchers" doc:"Fitting ones, earliest expiry first; empty: there is nothing to choose"`
	Others   []QuoteOtherView   `json:"others" doc:"The company's other vouchers, with what keeps them from paying; expired ones for 30 days"`
	Total    money.Fen          `json:"totalFen"`
	Redeemed money.Fen          `json:"redeemedFen"`
	Payable  money.Fen          `json:"payableFen"`
	Channels []string           `json:"paymentChannels" doc:"Empty: only what costs nothing can be bought"`
}

// wanted puts the parts of a scope into words.
func wanted(s voucher.Scope, providers map[id.ID]string) []string {
	words := []string{}
	for _, list := range []struct {
		name  string
		codes []string
	}{{codelist.Region, s.Regions}, {"enterprise_scale", s.Sizes}, {"solution_class", s.Categories}, {codelist.Industry, s.Industries}, {"tag", s.Tags}} {
		for _, code := range list.codes {
			words = append(words, codelist.Label(list.name, code))
		}
	}
	for _, provider := range s.Providers {
		words = append(words, providers[provider])
	}
	return words
}

func quoteView(q order.Quote, names map[id.ID]string) QuoteView {
	v := QuoteView{
		Groups: []QuoteGroupView{}, Vouchers: []QuoteVoucherView{}, Others: []QuoteOtherView{},
		Total: q.Totals.Price, Redeemed: q.Totals.Redeemed, Payable: q.Totals.Payable, Channels: q.Channels,
	}
	for _, g := range q.Groups {
		gv := QuoteGroupView{
			ProviderOrgID: g.ProviderOrg, ProviderName: q.Providers[g.ProviderOrg], Instant: g.Instant(), Price: g.Price(), Redeemed: g.Redeemed(), Payable: g.Payable(),
		}
		for _, l := range g.Lines {
			i := l.Item
			gv.Lines = append(gv.Lines, QuoteLineView{
				OfferingID: i.OfferingID, PlanID: i.PlanID, Unit: i.Unit, Quantity: l.Quantity, Name: i.Name, PlanName: i.PlanName,
				Attributes: i.Attributes, CoverURL: fileURL(i.CoverFile), Instant: i.Instant, UnitPrice: i.UnitPrice, Price: l.Price, Redeemed: l.Redeemed,
			})
		}
		v.Groups = append(v.Groups, gv)
	}
	for _, c := range q.Choices {
		v.Vouchers = append(v.Vouchers, QuoteVoucherView{
			ID: c.VoucherID, Name: c.Name, FaceValue: c.FaceValue, Balance: c.Balance, ExpiresAt: c.ExpiresAt, Stackable: c.Stackable,
			Chosen: c.Chosen, Redeem: c.Redeem, BalanceAfter: c.BalanceAfter,
		})
	}
	for _, f := range q.Others {
		o := f.Voucher
		v.Others = append(v.Others, QuoteOtherView{
			ID: o.ID, Name: o.Name, FaceValue: o.FaceValue, Balance: o.Available, ValidFrom: o.ValidFrom, ExpiresAt: o.ExpiresAt,
			Why: f.Why, Wanted: wanted(f.Apart, names), MinOrder: o.Terms.MinOrder, Fitting: f.Fitting,
		})
	}
	return v
}

// OrderLineView is a line as it was sold.
type OrderLineView struct {
	ID         id.ID               `json:"id"`
	OfferingID id.ID               `json:"offeringId"`
	Name       string              `json:"name"`
	PlanName   string              `json:"planName"`
	Attributes string              `json:"attributes,omitempty"`
	Unit       catalog.BillingUnit `json:"unit" enum:"year,month,unit"`
	Quantity   int64               `json:"quantity"`
	CoverURL   string              `json:"coverUrl,omitempty"`
	UnitPrice  money.Fen           `json:"unitPriceFen"`
	Price      money.Fen           `json:"priceFen"`
	Redeemed   money.Fen           `json:"redeemedFen"`
}

// OrderView is an order in a list.
type OrderView struct {
	ID           id.ID           `json:"id" doc:"The order number"`
	CheckoutID   id.ID           `json:"checkoutId"`
	Kind         string          `json:"kind" enum:"new"`
	Status       order.Status    `json:"status" enum:"placed,paid,in_delivery,delivered,completed,canceled,refunding,refunded"`
	CashPaid     bool            `json:"cashPaid" doc:"支付状态: true prints 已支付, false ---"`
	Settled      bool            `json:"settled" doc:"Paid, by whatever means: 抵扣金额 and 实付金额 are shown"`
	Instant      bool            `json:"instant"`
	Title        string          `json:"title"`
	Lines        []OrderLineView `json:"lines"`
	Price        money.Fen       `json:"priceFen"`
	Redeemed     money.Fen       `json:"redeemedFen"`
	Payable      money.Fen       `json:"payableFen"`
	BuyerName    string          `json:"buyerName"`
	BuyerLogin   string          `json:"buyerLogin"`
	ProviderName string          `json:"providerName"`
	PlacedAt     clock.Instant   `json:"placedAt"`
	ExpiresAt    clock.Instant   `json:"expiresAt" doc:"An unpaid order closes here"`
	PaidAt       clock.Instant   `json:"paidAt"`
	CompletedAt  clock.Instant   `json:"completedAt"`
	AcceptedAt   clock.Instant   `json:"acceptedAt"`
	Can          []order.Event   `json:"can" doc:"What the caller may do now"`
}

func orderView(who account.Principal, o order.Listed) OrderView {
	v := OrderView{
		ID: o.ID, CheckoutID: o.CheckoutID, Kind: o.Kind, Status: o.Status, CashPaid: o.PaidAt != 0 && o.PayableFen > 0, Settled: o.PaidAt != 0,
		Instant: o.Instant, Title: o.Title, Lines: []OrderLineView{}, Price: o.PriceFen, Redeemed: o.RedeemedFen, Payable: o.PayableFen,
		BuyerName: o.BuyerName, BuyerLogin: o.BuyerLogin, ProviderName: o.ProviderName, PlacedAt: o.PlacedAt, ExpiresAt: o.ExpiresAt,
		PaidAt: o.PaidAt, CompletedAt: o.CompletedAt, AcceptedAt: o.AcceptedAt, Can: append([]order.Event{}, o.Allows(who)...),
	}
	for _, l := range o.Lines {
		v.Lines = append(v.Lines, OrderLineView{
			ID: l.ID, OfferingID: l.OfferingID, Name: l.Name, PlanName: l.PlanName, Attributes: l.Attributes, Unit: l.Unit, Quantity: l.Quantity,
			CoverURL: fileURL(l.CoverFile), UnitPrice: l.UnitPriceFen, Price: l.PriceFen, Redeemed: l.RedeemedFen,
		})
	}
	return v
}

// OrderVoucherView is what one voucher pays of an order.
type OrderVoucherView struct {
	VoucherID    id.ID          `json:"voucherId"`
	Name         string         `json:"name"`
	Amount       money.Fen      `json:"amountFen"`
	BalanceAfter money.Fen      `json:"balanceAfterFen"`
	Lost         voucher.Status `json:"lost" enum:",expired,revoked" doc:"Why that goes to the campaign, or went there, when the order is taken back; empty: to the voucher"`
}

// OrderStepView is an entry of the timeline.
type OrderStepView struct {
	At    clock.Instant `json:"at"`
	Event string        `json:"event" enum:"place,pay,cancel,expire,activate,start,submit,reject,accept,refund,paid_back"`
	To    order.Status  `json:"to"`
	Note  string        `json:"note,omitempty"`
}

// RefundView is cash on its way back.
type RefundView struct {
	ID     id.ID                `json:"id"`
	Amount money.Fen            `json:"amountFen"`
	Status payment.RefundStatus `json:"status"`
	DoneAt clock.Instant        `json:"doneAt"`
}

// OrderDetailView is everything about one order.
type OrderDetailView struct {
	OrderView
	Vouchers []OrderVoucherView `json:"vouchers"`
	Steps    []OrderStepView    `json:"steps"`
	Refunds  []RefundView       `json:"refunds"`
	Stopped  []StoppedView      `json:"stopped" doc:"Frozen or revoked vouchers that hold or pay it; for the provider the revoked ones only"`
	Delivery *DeliveryView      `json:"delivery,omitempty" doc:"Absent before it has begun"`

	Payer        string       `json:"payer,omitempty" doc:"For the buyer and staff: whose account paid the cash, a person masked"`
	PaidBy       order.PaidBy `json:"paidBy,omitempty" enum:",buyer,provider,other" doc:"For the buyer and staff: whose account that is"`
	CodeToAccept bool         `json:"codeToAccept" doc:"The acceptance takes a code that is sent to the caller's phone"`
}

// StoppedView is a frozen or revoked voucher of an order.
type StoppedView struct {
	VoucherID id.ID          `json:"voucherId"`
	Name      string         `json:"name"`
	Status    voucher.Status `json:"status" enum:"frozen,revoked"`
}

func orderDetailView(who account.Principal, d order.Detail) OrderDetailView {
	v := OrderDetailView{OrderView: orderView(who, d.Listed), Vouchers: []OrderVoucherView{}, Steps: []OrderStepView{}, Refunds: []RefundView{}}
	for _, r := range d.Redemptions {
		n := len(v.Vouchers) - 1
		if n < 0 || v.Vouchers[n].VoucherID != r.VoucherID {
			v.Vouchers = append(v.Vouchers, OrderVoucherView{VoucherID: r.VoucherID, Name: r.Name, BalanceAfter: r.BalanceAfterFen})
			n++
		}
		v.Vouchers[n].Amount += r.AmountFen
	}
	for _, w := range d.Ways {
		for i := range v.Vouchers {
			if v.Vouchers[i].VoucherID == w.VoucherID {
				v.Vouchers[i].Lost = w.Lost
			}
		}
	}
	for _, s := range d.Steps {
		v.Steps = append(v.Steps, OrderStepView{s.At, s.Event, s.ToStatus, s.Note})
	}
	if who.OrgID != d.ProviderOrg {
		v.Payer, v.PaidBy = d.Payer, d.PaidBy
	}
	v.Stopped = []StoppedView{}
	for _, s := range d.Stopped {
		if s.Status == voucher.Revoked || who.OrgID != d.ProviderOrg {
			v.Stopped = append(v.Stopped, StoppedView{s.VoucherID, s.Name, s.Status})
		}
	}
	for _, f := range d.Refunds {
		v.Refunds = append(v.Refunds, RefundView{f.ID, f.AmountFen, f.Status, f.DoneAt})
	}
	return v
}

// WayView is where that goes, or went, what a voucher pays of an order that is taken back.
type WayView struct {
	OrderID   id.ID          `json:"orderId"`
	VoucherID id.ID          `json:"voucherId"`
	Name      string         `json:"name"`
	Amount    money.Fen      `json:"amountFen"`
	Lost      voucher.Status `json:"lost" enum:",expired,revoked" doc:"Why it is the campaign's; empty: it is the voucher's again"`
}

// CheckoutView is one 确认支付 and what became of it.
type CheckoutView struct {
	ID        id.ID         `json:"id"`
	Orders    []OrderView   `json:"orders"`
	Price     money.Fen     `json:"priceFen"`
	Redeemed  money.Fen     `json:"redeemedFen"`
	Due       money.Fen     `json:"dueFen" doc:"Still to be paid; 0: nothing"`
	ExpiresAt clock.Instant `json:"expiresAt"`
	Payment   *PaymentView  `json:"payment,omitempty" doc:"The last attempt to pay"`
	Channels  []string      `json:"paymentChannels"`

	Vouchers []WayView `json:"vouchers" doc:"What vouchers pay of the orders"`
}

func (a *API) orderRoutes() {
	route(a, op{"getCart", http.MethodGet, "/cart", "cart", "The company's cart"}, a.getCart)
	route(a, op{"countCart", http.MethodGet, "/cart/count", "cart", "Lines in the cart"}, a.countCart)
	route(a, op{"addToCart", http.MethodPost, "/cart/lines", "cart", "Put a plan into the cart"}, a.addToCart, created)
	route(a, op{"changeCartLine", http.MethodPatch, "/cart/lines/{id}", "cart", "Change quantity or selection"}, a.changeCartLine)
	route(a, op{"removeCartLines", http.MethodPost, "/cart/removals", "cart", "Take lines out of the cart"}, a.removeCartLines)
	route(a, op{"selectCart", http.MethodPut, "/cart/selection", "cart", "Tick or untick all lines"}, a.selectCart)
	route(a, op{"quoteCheckout", http.MethodPost, "/checkout/quote", "order", "What a purchase costs now, with fitting vouchers"}, a.quoteCheckout)
	route(a, op{"placeOrder", http.MethodPost, "/checkouts", "order", "Place orders and hold vouchers; needs an Idempotency-Key"}, a.placeOrder, created)
	route(a, op{"getCheckout", http.MethodGet, "/checkouts/{id}", "order", "What became of a checkout"}, a.getCheckout)
	route(a, op{"listOrders", http.MethodGet, "/orders", "order", "The caller's orders, newest first"}, a.listOrders)
	route(a, op{"getOrder", http.MethodGet, "/orders/{id}", "order", "One order with timeline, vouchers and delivery"}, a.getOrder)
	route(a, op{"cancelOrder", http.MethodPost, "/orders/{id}/cancel", "order", "Cancel an unpaid order"}, a.cancelOrder)
	route(a, op{"refundOrder", http.MethodPost, "/orders/{id}/refund", "order", "Take a paid order back in full before delivery; needs an Idempotency-Key"}, a.refundOrder)
}

func (a *API) getCart(ctx context.Context, _ *struct{}) (*body[CartView], error) {
	items, err := a.Orders.Cart(ctx, caller(ctx))
	v := CartView{Items: []CartLineView{}}
	for _, i := range items {
		v.Items = append(v.Items, cartLineView(i))
	}
	return reply(v, err)
}

type cartCount struct {
	Count int64 `json:"count"`
}

func (a *API) countCart(ctx context.Context, _ *struct{}) (*body[cartCount], error) {
	n, err := a.Orders.CartCount(ctx, caller(ctx))
	return reply(cartCount{n}, err)
}

func (a *API) addToCart(ctx context.Context, in *struct{ Body order.Want }) (*body[cartCount], error) {
	if _, err := a.Orders.AddToCart(ctx, caller(ctx), in.Body); err != nil {
		return nil, err
	}
	return a.countCart(ctx, nil)
}

func (a *API) changeCartLine(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body struct {
		Quantity *int64 `json:"quantity,omitempty" minimum:"1" maximum:"9999"`
		Selected *bool  `json:"selected,omitempty"`
	}
}) (*empty, error) {
	return done(a.Orders.ChangeCart(ctx, caller(ctx), in.ID.ID, order.CartChange{Quantity: in.Body.Quantity, Selected: in.Body.Selected}))
}

func (a *API) removeCartLines(ctx context.Context, in *struct {
	Body struct {
		IDs []id.ID `json:"ids" maxItems:"100"`
	}
}) (*empty, error) {
	return done(a.Orders.RemoveFromCart(ctx, caller(ctx), in.Body.IDs...))
}

func (a *API) selectCart(ctx context.Context, in *struct {
	Body struct {
		Selected bool `json:"selected"`
	}
}) (*empty, error) {
	return done(a.Orders.SelectCart(ctx, caller(ctx), in.Body.Selected))
}

func (a *API) quoteCheckout(ctx context.Context, in *struct {
	Body struct {
		Lines      []order.Want `json:"lines" maxItems:"100"`
		VoucherIDs []id.ID      `json:"voucherIds,omitempty" maxItems:"50"`
	}
}) (*body[QuoteView], error) {
	q, err := a.Orders.Quote(ctx, caller(ctx), in.Body.Lines, in.Body.VoucherIDs)
	if err != nil {
		return nil, err
	}
	var providers []id.ID
	for _, f := range q.Others {
		providers = append(providers, f.Apart.Providers...)
	}
	names, err := a.Orgs.Names(ctx, a.DB, providers...)
	return reply(quoteView(q, names), err)
}

// replayable is the answer of an operation with an Idempotency-Key.
type replayable[T any] struct {
	Replayed string `header:"Idempotent-Replayed" doc:"true when the key was used before"`
	Body     T
}

func replay[T any](v T, replayed bool, err error) (*replayable[T], error) {
	if err != nil {
		return nil, err
	}
	out := &replayable[T]{Body: v}
	if replayed {
		out.Replayed = "true"
	}
	return out, nil
}

func (a *API) placeOrder(ctx context.Context, in *struct {
	Key  string `header:"Idempotency-Key" doc:"One intent of the buyer; 1 to 255 characters"`
	Body struct {
		Lines           []order.Want `json:"lines" maxItems:"100"`
		VoucherIDs      []id.ID      `json:"voucherIds,omitempty" maxItems:"50"`
		ExpectedTotal   money.Fen    `json:"expectedTotalFen"`
		ExpectedPayable money.Fen    `json:"expectedPayableFen"`
	}
}) (*replayable[order.Receipt], error) {
	return replay(a.Orders.Place(ctx, caller(ctx), in.Key, order.Intent(in.Body)))
}

func (a *API) getCheckout(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
}) (*body[CheckoutView], error) {
	c, err := a.Orders.Checkout(ctx, caller(ctx), in.ID.ID)
	v := CheckoutView{
		ID: c.ID, Orders: []OrderView{}, Vouchers: []WayView{}, Price: c.Due.Price, Redeemed: c.Due.Redeemed, Due: c.Due.Payable,
		ExpiresAt: c.ExpiresAt, Channels: a.Payments.Channels(),
	}
	for _, o := range c.Orders {
		v.Orders = append(v.Orders, orderView(caller(ctx), o))
	}
	for _, w := range c.Ways {
		v.Vouchers = append(v.Vouchers, WayView{w.OrderID, w.VoucherID, w.Name, w.Amount, w.Lost})
	}
	if len(c.Payments) > 0 {
		p := paymentView(c.Payments[0])
		v.Payment = &p
	}
	return reply(v, err)
}

type orderFilter struct {
	page.Query
	Status  order.Status `query:"status" enum:"placed,paid,in_delivery,delivered,completed,canceled,refunding,refunded"`
	Keyword string       `query:"keyword" maxLength:"100" doc:"Part of a name, or an order number"`
	From    string       `query:"from" format:"date" doc:"First day, Asia/Shanghai"`
	To      string       `query:"to" format:"date" doc:"Last day, Asia/Shanghai"`
	Manual  bool         `query:"manual" doc:"Only those that staff must look at: a frozen or revoked voucher holds or pays them"`
}

func (a *API) listOrders(ctx context.Context, in *orderFilter) (*body[page.Of[OrderView]], error) {
	who := caller(ctx)
	f := order.Filter{Status: in.Status, Keyword: in.Keyword, From: clock.Day(in.From), Until: clock.DayEnd(in.To), Manual: in.Manual}
	list, total, err := a.Orders.List(ctx, who, f, in.Query)
	return reply(page.Map(list, total, func(o order.Listed) OrderView { return orderView(who, o) }), err)
}

func (a *API) getOrder(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
}) (*body[OrderDetailView], error) {
	d, err := a.Orders.Get(ctx, caller(ctx), in.ID.ID)
	if err != nil {
		return nil, err
	}
	v := orderDetailView(caller(ctx), d)
	if v.CodeToAccept, err = a.Accounts.CodeAtAcceptance(ctx); err != nil {
		return nil, err
	}
	v.Delivery, err = a.deliveryOf(ctx, d.ID)
	return reply(v, err)
}

func (a *API) cancelOrder(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
}) (*empty, error) {
	_, err := a.Orders.Cancel(ctx, caller(ctx), in.ID.ID)
	return done(err)
}

func (a *API) refundOrder(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Key  string   `header:"Idempotency-Key" doc:"One intent of the buyer; 1 to 255 characters"`
	Body struct {
		Refundable money.Fen `json:"refundableFen" doc:"The cash that the caller expects back"`
		Reason     string    `json:"reason" minLength:"1" maxLength:"500"`
	}
}) (*empty, error) {
	_, err := a.Orders.Refund(ctx, caller(ctx), in.Key, in.ID.ID, in.Body.Refundable, in.Body.Reason)
	return done(err)
}
