package order

import (
	"context"
	"time"

	"smedx/internal/catalog"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
	"smedx/internal/payment"
	"smedx/internal/voucher"
)

// PayWithin is how long an order waits for its payment by default.
const PayWithin = 30 * time.Minute

// goods is the part of catalog that orders need.
type goods interface {
	SaleItems(ctx context.Context, r db.Reader, refs ...catalog.PlanRef) (map[catalog.PlanRef]catalog.SaleItem, error)
	Headline(ctx context.Context, r db.Reader, offeringIDs ...id.ID) (map[id.ID]catalog.Headline, error)
	RecordSale(ctx context.Context, tx *db.Tx, offeringID id.ID, quantity int64) error
}

// companies is the part of org that orders need.
type companies interface {
	// RequireVerified refuses a company whose verification is not in force.
	RequireVerified(ctx context.Context, r db.Reader, orgID id.ID) error
	// Names are the names of companies.
	Names(ctx context.Context, r db.Reader, ids ...id.ID) (map[id.ID]string, error)
}

// Service is the use cases of carts and orders. The interfaces stand for the real
// modules; tests of the state machine put simpler ones in their place.
type Service struct {
	db        *db.DB
	goods     goods
	vouchers  *voucher.Service
	companies companies
	payments  *payment.Service
	tell      notify.ToCompany
	payWithin time.Duration
}

// Options of New.
type Options struct {
	Tell      notify.ToCompany
	PayWithin time.Duration // default PayWithin
}

var _ payment.Payee = (*Service)(nil)

// New makes the service and becomes the payee of the payments.
func New(d *db.DB, goods goods, vouchers *voucher.Service, companies companies, payments *payment.Service, opt Options) *Service {
	s := &Service{db: d, goods: goods, vouchers: vouchers, companies: companies, payments: payments, tell: opt.Tell, payWithin: opt.PayWithin}
	if s.tell == nil {
		s.tell = func(context.Context, *db.Tx, id.ID, notify.Message) error { return nil }
	}
	if s.payWithin <= 0 {
		s.payWithin = PayWithin
	}
	payments.SetPayee(s)
	return s
}
