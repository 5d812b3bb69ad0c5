// Package ordertest sets a stage for tests of whatever follows a purchase: a
// shelf whose prices the test moves, companies made up on the spot, orders that
// are paid by the simulated gateway and by vouchers.
package ordertest

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"smedx/internal/account"
	"smedx/internal/catalog"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/order"
	"smedx/internal/payment"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

// Shelf is a catalog with a handful of plans whose prices the test moves.
type Shelf struct {
	mu    sync.Mutex
	items map[catalog.PlanRef]catalog.SaleItem
	Sold  map[id.ID]int64   // by offering
	Score map[id.ID][]int64 // by offering
}

// NewShelf is empty.
func NewShelf() *Shelf {
	return &Shelf{items: map[catalog.PlanRef]catalog.SaleItem{}, Sold: map[id.ID]int64{}, Score: map[id.ID][]int64{}}
}

// SaleItems answers the plans that are on the shelf.
func (s *Shelf) SaleItems(_ context.Context, _ db.Reader, refs ...catalog.PlanRef) (map[catalog.PlanRef]catalog.SaleItem, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[catalog.PlanRef]catalog.SaleItem{}
	for _, r := range refs {
		if item, ok := s.items[r]; ok {
			out[r] = item
		}
	}
	return out, nil
}

// Headline answers a name for every offering.
func (s *Shelf) Headline(_ context.Context, _ db.Reader, ids ...id.ID) (map[id.ID]catalog.Headline, error) {
	out := map[id.ID]catalog.Headline{}
	for _, i := range ids {
		out[i] = catalog.Headline{Name: fmt.Sprint("方案 ", i), Status: "delisted"}
	}
	return out, nil
}

// RecordSale counts.
func (s *Shelf) RecordSale(_ context.Context, _ *db.Tx, offeringID id.ID, n int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Sold[offeringID] += n
	return nil
}

// RecordScore keeps the score.
func (s *Shelf) RecordScore(_ context.Context, _ *db.Tx, offeringID id.ID, score int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Score[offeringID] = append(s.Score[offeringID], score)
	return nil
}

// Put sells a plan at a price.
func (s *Shelf) Put(plan, provider id.ID, price money.Fen, instant bool) order.Want {
	s.mu.Lock()
	defer s.mu.Unlock()
	ref := catalog.PlanRef{PlanID: plan, Unit: "year"}
	s.items[ref] = catalog.SaleItem{
		OfferingID: plan * 10, RevisionID: 1, PlanID: plan, ProviderOrg: provider, Name: fmt.Sprint("方案 ", plan), PlanName: "标准版",
		Unit: "year", UnitPrice: price, Instant: instant, Categories: []string{"quality"},
	}
	return order.Want{PlanID: plan, Unit: "year", Quantity: 1}
}

// Drop takes a plan off the shelf.
func (s *Shelf) Drop(plan id.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.items, catalog.PlanRef{PlanID: plan, Unit: "year"})
}

// Firms are all verified but one.
type Firms struct{}

// Unverified is the company that nobody has verified.
const Unverified = id.ID(66)

// RequireVerified refuses that one.
func (Firms) RequireVerified(_ context.Context, _ db.Reader, orgID id.ID) error {
	if orgID == Unverified {
		return voucher.ErrUnverified
	}
	return nil
}

// Names answers a name for every company.
func (Firms) Names(_ context.Context, _ db.Reader, ids ...id.ID) (map[id.ID]string, error) {
	out := map[id.ID]string{}
	for _, i := range ids {
		out[i] = fmt.Sprint("企业 ", i)
	}
	return out, nil
}

// Companies answers small companies of Shenzhen.
func (Firms) Companies(_ context.Context, _ db.Reader, ids ...id.ID) (map[id.ID]voucher.Company, error) {
	out := map[id.ID]voucher.Company{}
	for _, i := range ids {
		out[i] = voucher.Company{Verified: i != Unverified, VersionID: 1, RegionCode: "440305", Size: "small"}
	}
	return out, nil
}

// VerifiedAfter answers none of them.
func (Firms) VerifiedAfter(_ context.Context, _ db.Reader, after id.ID, _ int) ([]voucher.Company, id.ID, error) {
	return nil, after, nil
}

// Buyer is the n-th company's main account, Seller that of a provider.
func Buyer(n int64) account.Principal {
	return account.Principal{UserID: id.ID(1000 + n), OrgID: id.ID(n), Role: account.RoleEnterprise, Username: "qiye", Permissions: account.PermissionsOf(account.RoleEnterprise)}
}

// Seller is a provider's main account.
func Seller(of id.ID) account.Principal {
	return account.Principal{UserID: 5000 + of, OrgID: of, Role: account.RoleProvider, Username: "fuwu", Permissions: account.PermissionsOf(account.RoleProvider)}
}

// World is a platform on which companies buy.
type World struct {
	*vouchertest.World

	Shelf    *Shelf
	Gateway  *payment.Simulated
	Payments *payment.Service
	Orders   *order.Service
	Payer    string // whose account pays; "": the gateway does not say
	keys     int
}

// Each runs the test in a world of its own on each engine.
func Each(t *testing.T, test func(w *World)) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		w := &World{World: vouchertest.New(t, d), Shelf: NewShelf(), Gateway: payment.NewSimulated(d, []byte("a secret of the test"))}
		w.Payments = payment.New(d, w.Gateway)
		w.Gateway.Deliver(func(ctx context.Context, h http.Header, body []byte) error {
			return w.Payments.Notified(ctx, payment.SimulatedChannel, h, body)
		})
		w.Orders = order.New(d, w.Shelf, w.Vouchers, Firms{}, w.Payments, order.Options{})
		test(w)
	})
}

// Bought is a paid order of the n-th company: by vouchers as far as they reach,
// the rest through the gateway.
func (w *World) Bought(n int64, want order.Want, vouchers ...id.ID) order.Detail {
	w.Helper()
	placed := w.Placed(n, want, vouchers...)
	if placed.PayableFen > 0 {
		p, err := w.Payments.Start(w.Context(), Buyer(n), placed.CheckoutID, "")
		w.OK(err)
		w.OK(w.Gateway.Pay(w.Context(), p.ID, w.Payer))
	}
	return w.Order(n, placed.ID)
}

// Placed is an order of the n-th company that nobody has paid, unless vouchers cover it.
func (w *World) Placed(n int64, want order.Want, vouchers ...id.ID) order.Detail {
	w.Helper()
	q, err := w.Orders.Quote(w.Context(), Buyer(n), []order.Want{want}, vouchers)
	w.OK(err)
	w.keys++
	r, _, err := w.Orders.Place(w.Context(), Buyer(n), fmt.Sprint("key ", w.keys), order.Intent{
		Lines: []order.Want{want}, VoucherIDs: vouchers, ExpectedTotal: q.Totals.Price, ExpectedPayable: q.Totals.Payable,
	})
	w.OK(err)
	return w.Order(n, r.OrderIDs[0])
}

// Order is an order as its buyer sees it.
func (w *World) Order(n int64, orderID id.ID) order.Detail {
	w.Helper()
	d, err := w.Orders.Get(w.Context(), Buyer(n), orderID)
	w.OK(err)
	return d
}
