package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/payment"
)

// PaymentView is one attempt to pay.
type PaymentView struct {
	ID         id.ID          `json:"id"`
	CheckoutID id.ID          `json:"checkoutId"`
	Channel    string         `json:"channel"`
	Status     payment.Status `json:"status" enum:"created,pending,unknown,succeeded,failed,closed,suspense,late"`
	Amount     money.Fen      `json:"amountFen"`
	PayURL     string         `json:"payUrl,omitempty" doc:"Where the buyer pays"`
	CreatedAt  clock.Instant  `json:"createdAt"`
	ExpiresAt  clock.Instant  `json:"expiresAt"`
}

func paymentView(p payment.Payment) PaymentView {
	return PaymentView{p.ID, p.SubjectID, p.Channel, p.Status, p.AmountFen, p.PayURL, p.CreatedAt, p.ExpiresAt}
}

// CashierView is what the simulated cashier shows.
type CashierView struct {
	PaymentID  id.ID         `json:"paymentId"`
	CheckoutID id.ID         `json:"checkoutId"`
	Title      string        `json:"title"`
	Amount     money.Fen     `json:"amountFen"`
	Status     string        `json:"status" enum:"open,paid,declined,closed"`
	ExpiresAt  clock.Instant `json:"expiresAt"`
	Payer      string        `json:"payer" doc:"The caller's company, whose account should pay"`
}

func (a *API) paymentRoutes() {
	route(a, op{"startPayment", http.MethodPost, "/checkouts/{id}/payments", "payment", "Begin to pay what is due"}, a.startPayment)
	route(a, op{"getPayment", http.MethodGet, "/payments/{id}", "payment", "What became of a payment; asks the gateway while it is open"}, a.getPayment)
	route(a, op{"paymentNotified", http.MethodPost, "/payments/notify/{channel}", "payment", "Signed notice of a gateway"}, a.paymentNotified)
	route(a, op{"getCashier", http.MethodGet, "/cashier/{id}", "demo", "A charge of the simulated gateway"}, a.getCashier)
	route(a, op{"payCashier", http.MethodPost, "/cashier/{id}/pay", "demo", "Pay at the simulated cashier"}, a.payCashier)
	route(a, op{"declineCashier", http.MethodPost, "/cashier/{id}/decline", "demo", "Decline at the simulated cashier"}, a.declineCashier)
}

func (a *API) startPayment(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
}) (*body[PaymentView], error) {
	p, err := a.Payments.Start(ctx, caller(ctx), in.ID.ID, "")
	return reply(paymentView(p), err)
}

func (a *API) getPayment(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
}) (*body[PaymentView], error) {
	p, err := a.Payments.Get(ctx, caller(ctx), in.ID.ID)
	if err != nil || !p.Status.Open() {
		return reply(paymentView(p), err)
	}
	if err := a.Payments.Refresh(ctx, p.ID); err != nil {
		return nil, err
	}
	p, err = a.Payments.Get(ctx, caller(ctx), in.ID.ID)
	return reply(paymentView(p), err)
}

// notice keeps every header, because each gateway signs in its own way.
type notice struct {
	Channel string `path:"channel"`
	RawBody []byte
	header  http.Header
}

// Resolve is called by the API library with the request.
func (n *notice) Resolve(c huma.Context) []error {
	n.header = http.Header{}
	c.EachHeader(func(name, value string) { n.header.Add(name, value) })
	return nil
}

func (a *API) paymentNotified(ctx context.Context, in *notice) (*empty, error) {
	return done(a.Payments.Notified(ctx, in.Channel, in.header, in.RawBody))
}

// cashier finds a charge of the caller's company at the simulated gateway, which
// exists in demonstrations and tests only.
func (a *API) cashier(ctx context.Context, paymentID id.ID) (payment.Payment, error) {
	if a.Cashier == nil {
		return payment.Payment{}, errs.ErrNotFound
	}
	return a.Payments.Get(ctx, caller(ctx), paymentID)
}

func (a *API) getCashier(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
}) (*body[CashierView], error) {
	p, err := a.cashier(ctx, in.ID.ID)
	if err != nil {
		return nil, err
	}
	who, err := a.Orgs.Briefs(ctx, a.DB, p.OrgID)
	if err != nil {
		return nil, err
	}
	c, err := a.Cashier.Charge(ctx, p.ID)
	return reply(CashierView{c.PaymentID, p.SubjectID, c.Title, c.AmountFen, c.Status, c.ExpiresAt, who[p.OrgID].Name}, err)
}

func (a *API) payCashier(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body struct {
		Payer string `json:"payer" maxLength:"100" doc:"The name of the account that pays"`
	}
}) (*empty, error) {
	p, err := a.cashier(ctx, in.ID.ID)
	if err != nil {
		return nil, err
	}
	return done(a.Cashier.Pay(ctx, p.ID, in.Body.Payer))
}

func (a *API) declineCashier(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
}) (*empty, error) {
	p, err := a.cashier(ctx, in.ID.ID)
	if err != nil {
		return nil, err
	}
	return done(a.Cashier.Decline(ctx, p.ID))
}
