package order_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/fund"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/idem"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/ledger"
	"smedx/internal/notify"
	"smedx/internal/order"
	"smedx/internal/order/ordertest"
	"smedx/internal/payment"
	"smedx/internal/review"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

type desk struct{}

func (desk) Open(_ context.Context, _ *db.Tx, _ account.Principal, in review.Submission) (review.Case, error) {
	return review.Case{ID: id.New(), Kind: in.Kind, SubjectID: in.SubjectID, ContentHash: in.ContentHash}, nil
}

func (desk) Drop(context.Context, *db.Tx, review.Kind, id.ID) error { return nil }

// world is a platform with a budget, a campaign, a shelf and a simulated gateway.
type world struct {
	*testing.T
	db       *db.DB
	shelf    *ordertest.Shelf
	vouchers *voucher.Service
	gateway  *payment.Simulated
	payments *payment.Service
	orders   *order.Service
	campaign voucher.Campaign
	start    time.Time
	keys     int

	mu   sync.Mutex
	told []notify.Message // the newest last
}

const (
	faceValue money.Fen = 100_000
	maker     id.ID     = 900 // a provider
	helper    id.ID     = 901 // another
)

var buyer, seller = ordertest.Buyer, ordertest.Seller

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{T: t, db: d, shelf: ordertest.NewShelf(), start: d.Now()}
	w.vouchers = voucher.New(d, ordertest.Firms{}, desk{})
	w.gateway = payment.NewSimulated(d, []byte("a secret of the test"))
	w.payments = payment.New(d, w.gateway)
	w.gateway.Deliver(func(ctx context.Context, h http.Header, body []byte) error {
		return w.payments.Notified(ctx, payment.SimulatedChannel, h, body)
	})
	w.orders = order.New(d, w.shelf, w.vouchers, ordertest.Firms{}, w.payments, order.Options{Tell: w.hear})
	w.fund()
	return w
}

func (w *world) hear(_ context.Context, _ *db.Tx, _ id.ID, m notify.Message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, m)
	return nil
}

// fund opens a campaign of many vouchers of 1,000 yuan each.
func (w *world) fund() {
	w.Helper()
	creator := account.Principal{UserID: 21, Role: account.RoleDepartment}
	approver := account.Principal{UserID: 22, Role: account.RoleDepartment}
	operator := account.Principal{UserID: 11, Role: account.RoleOperator}
	funds := fund.New(w.db)
	b, err := funds.Create(w.Context(), creator, fund.Draft{Name: "创新服务券", Year: 2026, Amount: faceValue * 1000})
	w.ok(err)
	_, err = funds.Decide(w.Context(), approver, b.ID, b.Version, fund.Approve, "")
	w.ok(err)
	kind, err := w.vouchers.CreateType(w.Context(), operator, voucher.TypeDraft{Name: "创新服务券", FaceValue: faceValue, Terms: voucher.Terms{
		Share: 10000, Billing: voucher.BillingStandalone, Stackable: true, Validity: voucher.Validity{Days: 2},
	}})
	w.ok(err)
	c, err := w.vouchers.CreateCampaign(w.Context(), operator, voucher.CampaignDraft{
		Name: "抢券", Mode: voucher.Rush, BudgetID: b.ID, PerOrg: 3, Vouchers: []voucher.DraftVoucher{{TypeID: kind.ID, Quota: 500}},
		OpensAt: clock.At(w.start.Add(time.Hour)), ClosesAt: clock.At(w.start.Add(72 * time.Hour)),
	})
	w.ok(err)
	c, err = w.vouchers.SubmitCampaign(w.Context(), operator, c.ID, c.Version)
	w.ok(err)
	w.ok(w.db.Write(w.Context(), func(ctx context.Context, tx *db.Tx) error {
		return w.vouchers.Approved(ctx, tx, approver, review.Case{Kind: review.KindCampaign, SubjectID: c.ID, ContentHash: c.ContentHash})
	}))
	w.at(2 * time.Hour)
	w.ok(w.vouchers.OpenAndCloseDue(w.Context()))
	w.campaign, err = w.vouchers.Campaign(w.Context(), c.ID)
	w.ok(err)
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) refused(err error, want *errs.Error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Fatalf("got %v, want %s", err, want.Code)
	}
}

// at sets the clock to so long after the start.
func (w *world) at(d time.Duration) { w.db.Clock().Set(w.start.Add(d)) }

func (w *world) claim(n int64) id.ID {
	w.Helper()
	v, _, err := w.vouchers.Claim(w.Context(), buyer(n), w.campaign.Vouchers[0].ID, 1)
	w.ok(err)
	return v.ID
}

// claimMore claims a second voucher.
func (w *world) claimMore(n int64) id.ID {
	w.Helper()
	v, _, err := w.vouchers.Claim(w.Context(), buyer(n), w.campaign.Vouchers[0].ID, 2)
	w.ok(err)
	return v.ID
}

// place quotes and places what the quote says.
func (w *world) place(n int64, vouchers []id.ID, wants ...order.Want) (order.Receipt, error) {
	w.Helper()
	q, err := w.orders.Quote(w.Context(), buyer(n), wants, vouchers)
	if err != nil {
		return order.Receipt{}, err
	}
	w.keys++
	r, _, err := w.orders.Place(w.Context(), buyer(n), fmt.Sprint("key ", w.keys), order.Intent{
		Lines: wants, VoucherIDs: vouchers, ExpectedTotal: q.Totals.Price, ExpectedPayable: q.Totals.Payable,
	})
	return r, err
}

func (w *world) pay(n int64, checkout id.ID) {
	w.Helper()
	p, err := w.payments.Start(w.Context(), buyer(n), checkout, "")
	w.ok(err)
	w.ok(w.gateway.Pay(w.Context(), p.ID, ""))
}

func (w *world) order(n int64, orderID id.ID) order.Detail {
	w.Helper()
	d, err := w.orders.Get(w.Context(), buyer(n), orderID)
	w.ok(err)
	return d
}

func (w *world) status(n int64, r order.Receipt, want order.Status) {
	w.Helper()
	for _, o := range r.OrderIDs {
		if got := w.order(n, o).Status; got != want {
			w.Fatalf("the order is %s, want %s", got, want)
		}
	}
}

func (w *world) balance(a ledger.Account, want money.Fen) {
	w.Helper()
	got, err := ledger.Balance(w.Context(), w.db, a)
	w.ok(err)
	if got != want {
		w.Fatalf("%s is %v, want %v", a, got, want)
	}
}

func (w *world) available(v id.ID) money.Fen {
	w.Helper()
	got, err := w.vouchers.Voucher(w.Context(), v)
	w.ok(err)
	return got.Available
}

func (w *world) step(who account.Principal, o id.ID, e order.Event) error {
	return w.db.Write(w.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := w.orders.Advance(ctx, tx, who, o, e, "")
		return err
	})
}

func each(t *testing.T, test func(w *world)) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) { test(newWorld(t, d)) })
}

// T-MON-02: the order is paid at once without a payment, and the next order uses the rest.
func TestAVoucherWorthMoreThanTheOrderPaysAllOfIt(t *testing.T) {
	each(t, func(w *world) {
		v := w.claim(1)
		r, err := w.place(1, []id.ID{v}, w.shelf.Put(1, maker, 30_000, false))
		w.ok(err)
		w.status(1, r, order.Paid)
		o := w.order(1, r.OrderIDs[0])
		if r.Payable != 0 || o.RedeemedFen != 30_000 || o.PayableFen != 0 || len(o.Redemptions) != 1 || o.Redemptions[0].BalanceAfterFen != 70_000 {
			t.Errorf("%+v %+v", r, o)
		}
		if w.available(v) != 70_000 || w.shelf.Sold[10] != 1 {
			t.Errorf("%v left, %d sold", w.available(v), w.shelf.Sold[10])
		}
		w.balance(ledger.EscrowV(o.ID), 30_000)
		r, err = w.place(1, []id.ID{v}, w.shelf.Put(2, maker, 70_000, false))
		w.ok(err)
		w.status(1, r, order.Paid)
		if n, err := w.db.Select((*payment.Payment)(nil)).Count(w.Context()); err != nil || n != 0 || w.available(v) != 0 {
			t.Errorf("%d payments, %v left, %v", n, w.available(v), err)
		}
	})
}

func TestOneCheckoutIsOneOrderForEachProviderBelowOnePayment(t *testing.T) {
	each(t, func(w *world) {
		v := w.claim(1)
		r, err := w.place(1, []id.ID{v}, w.shelf.Put(1, maker, 90_000, false), w.shelf.Put(2, helper, 60_001, false), w.shelf.Put(3, maker, 10_000, false))
		w.ok(err)
		if len(r.OrderIDs) != 2 || r.Price != 160_001 || r.Redeemed != faceValue || r.Payable != 60_001 {
			t.Fatalf("%+v", r)
		}
		w.status(1, r, order.Placed)
		var redeemed, payable money.Fen
		for _, oid := range r.OrderIDs {
			o := w.order(1, oid)
			var lines money.Fen
			for _, l := range o.Lines {
				lines += l.RedeemedFen
			}
			if lines != o.RedeemedFen || o.PriceFen != o.RedeemedFen+o.PayableFen {
				t.Errorf("%+v", o)
			}
			redeemed += o.RedeemedFen
			payable += o.PayableFen
		}
		if redeemed != r.Redeemed || payable != r.Payable {
			t.Errorf("%v %v", redeemed, payable)
		}
		w.pay(1, r.CheckoutID)
		w.status(1, r, order.Paid)
		for _, oid := range r.OrderIDs {
			w.balance(ledger.EscrowC(oid), w.order(1, oid).PayableFen)
			w.balance(ledger.EscrowV(oid), w.order(1, oid).RedeemedFen)
		}
		w.balance(ledger.Gateway(payment.SimulatedChannel), -60_001)
		if _, err := w.orders.Cancel(w.Context(), buyer(1), r.OrderIDs[0]); !errors.Is(err, errs.ErrInvalidState) {
			t.Errorf("a paid order was canceled: %v", err)
		}
	})
}

// T-MON-18: a free order is paid at once and takes nothing of a voucher.
func TestAFreeOrderNeedsNoPayment(t *testing.T) {
	each(t, func(w *world) {
		v, free := w.claim(1), w.shelf.Put(1, maker, 0, false)
		r, err := w.place(1, nil, free)
		w.ok(err)
		w.status(1, r, order.Paid)
		if _, err := w.place(1, []id.ID{v}, free); err != nil && errs.Of(err).Kind == errs.Internal {
			t.Error(err)
		}
		if w.available(v) != faceValue {
			t.Errorf("%v left of a voucher that paid nothing", w.available(v))
		}
	})
}

// T-MON-16, T-MON-17, T-MON-20: a price that changed, an offering that is gone, another company's voucher.
func TestPlacingIsRefused(t *testing.T) {
	each(t, func(w *world) {
		want := w.shelf.Put(1, maker, 30_000, false)
		_, err := w.place(int64(ordertest.Unverified), nil, want)
		w.refused(err, voucher.ErrUnverified)
		_, err = w.place(int64(maker), nil, want)
		w.refused(err, order.ErrOwnOffering)
		_, err = w.place(1, []id.ID{w.claim(2)}, want)
		w.refused(err, errs.ErrNotFound)

		intent := order.Intent{Lines: []order.Want{want}, ExpectedTotal: 30_000, ExpectedPayable: 30_000}
		_, _, err = w.orders.Place(w.Context(), buyer(1), "", intent)
		w.refused(err, idem.ErrMissing)
		w.shelf.Put(1, maker, 30_001, false)
		_, _, err = w.orders.Place(w.Context(), buyer(1), "k", intent)
		w.refused(err, order.ErrPriceChanged)
		w.shelf.Drop(1)
		_, _, err = w.orders.Place(w.Context(), buyer(1), "k", intent)
		w.refused(err, order.ErrNotForSale)
		if n, err := w.db.Select((*order.Order)(nil)).Count(w.Context()); err != nil || n != 0 {
			t.Errorf("%d orders, %v", n, err)
		}
	})
}

// T-MON-01, T-MON-05: totals of the client decide nothing: what was agreed to for
// another cart, another quantity or a wish is refused with the server's figures, and
// the voucher stays whole.
func TestTotalsAreTheServers(t *testing.T) {
	each(t, func(w *world) {
		v := w.claim(1)
		big, small := w.shelf.Put(1, maker, 130_000, false), w.shelf.Put(2, maker, 30_000, false)
		q, err := w.orders.Quote(w.Context(), buyer(1), []order.Want{big, small}, []id.ID{v})
		w.ok(err)
		if q.Totals.Price != 160_000 || q.Totals.Payable != 60_000 {
			t.Fatalf("%+v", q.Totals)
		}
		more := small
		more.Quantity = 2
		for i, in := range []order.Intent{
			{Lines: []order.Want{small}, ExpectedTotal: q.Totals.Price, ExpectedPayable: q.Totals.Payable}, // a line removed
			{Lines: []order.Want{big, more}, ExpectedTotal: q.Totals.Price, ExpectedPayable: q.Totals.Payable},
			{Lines: []order.Want{big, small}, ExpectedTotal: 1, ExpectedPayable: 60_000},
			{Lines: []order.Want{big, small}, ExpectedTotal: q.Totals.Price, ExpectedPayable: 0},
		} {
			in.VoucherIDs = []id.ID{v}
			_, _, err = w.orders.Place(w.Context(), buyer(1), fmt.Sprint("k", i), in)
			w.refused(err, order.ErrPriceChanged)
		}
		if w.available(v) != faceValue {
			t.Errorf("%v left after refusals", w.available(v))
		}
		r, err := w.place(1, []id.ID{v}, small)
		w.ok(err)
		if r.Redeemed != 30_000 || w.available(v) != 70_000 {
			t.Errorf("%+v, %v left", r, w.available(v))
		}
	})
}

// T-MON-15: in parallel, and with another body. A repeat while the first is on its way
// waits for it and gets its answer, and is not refused: the key stands in the
// transaction of the effect, so there is never a key without a result, and whoever asks
// again (a lost connection, a double click) wants the answer.
func TestPlacingWithOneKeyHappensOnce(t *testing.T) {
	each(t, func(w *world) {
		want := w.shelf.Put(1, maker, 30_000, false)
		v := w.claim(1)
		intent := order.Intent{Lines: []order.Want{want}, VoucherIDs: []id.ID{v}, ExpectedTotal: 30_000}
		var wg sync.WaitGroup
		receipts := make([]order.Receipt, 20)
		for i := range receipts {
			wg.Go(func() {
				r, _, err := w.orders.Place(w.Context(), buyer(1), "the key", intent)
				if err != nil {
					t.Error(err)
				}
				receipts[i] = r
			})
		}
		wg.Wait()
		for _, r := range receipts {
			if r.CheckoutID != receipts[0].CheckoutID {
				t.Error("two checkouts")
			}
		}
		if w.available(v) != 70_000 {
			t.Errorf("%v left", w.available(v))
		}
		intent.ExpectedTotal = 1
		_, _, err := w.orders.Place(w.Context(), buyer(1), "the key", intent)
		w.refused(err, idem.ErrMismatch)
	})
}

// T-MON-04, T-CONC-05: a voucher is held when an order is placed, so that the next order sees the rest.
func TestOneVoucherInManyOrdersAtOnce(t *testing.T) {
	each(t, func(w *world) {
		v := w.claim(1)
		wants := make([]order.Want, 20)
		for i := range wants {
			wants[i] = w.shelf.Put(id.ID(i+1), maker, 30_000, false)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for i, want := range wants {
			wg.Go(func() {
				_, _, err := w.orders.Place(w.Context(), buyer(1), fmt.Sprint("k", i), order.Intent{Lines: []order.Want{want}, VoucherIDs: []id.ID{v}, ExpectedTotal: 30_000})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else if errs.Of(err).Kind != errs.Conflict {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won != 3 || w.available(v) != 10_000 {
			t.Errorf("%d orders, %v left", won, w.available(v))
		}
	})
}

// T-CONC-12: orders that take two vouchers in opposite sequence, at once, end without
// a deadlock: the first is placed, the others find too little left and are refused.
func TestTwoVouchersInOppositeSequence(t *testing.T) {
	each(t, func(w *world) {
		a, b := w.claim(1), w.claimMore(1)
		wants := make([]order.Want, 12)
		for i := range wants {
			wants[i] = w.shelf.Put(id.ID(i+1), maker, 130_000, false)
		}
		var wg sync.WaitGroup
		for i, want := range wants {
			chosen := []id.ID{a, b}
			if i%2 == 1 {
				chosen = []id.ID{b, a}
			}
			wg.Go(func() {
				_, _, err := w.orders.Place(w.Context(), buyer(1), fmt.Sprint("k", i), order.Intent{Lines: []order.Want{want}, VoucherIDs: chosen, ExpectedTotal: 130_000})
				if err != nil && errs.Of(err).Kind != errs.Conflict {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		n, err := w.db.Select((*order.Order)(nil)).Count(w.Context())
		w.ok(err)
		if left := w.available(a) + w.available(b); n != 1 || left != 70_000 {
			t.Errorf("%d orders, %v left", n, left)
		}
	})
}

func TestDeliveryEndsInSettlement(t *testing.T) {
	each(t, func(w *world) {
		v := w.claim(1)
		r, err := w.place(1, []id.ID{v}, w.shelf.Put(1, maker, 130_000, false))
		w.ok(err)
		w.pay(1, r.CheckoutID)
		o := r.OrderIDs[0]
		w.refused(w.step(seller(helper), o, order.Start), errs.ErrNotFound)
		w.refused(w.step(buyer(1), o, order.Accept), errs.ErrInvalidState)
		w.ok(w.step(seller(maker), o, order.Start))
		w.ok(w.step(seller(maker), o, order.Submit))
		w.ok(w.step(buyer(1), o, order.Reject))
		w.ok(w.step(seller(maker), o, order.Submit))
		w.refused(w.step(seller(maker), o, order.Accept), errs.ErrNotFound)
		w.ok(w.step(buyer(1), o, order.Accept))
		w.refused(w.step(buyer(1), o, order.Accept), errs.ErrInvalidState)
		w.balance(ledger.SubsidyPayable(maker), faceValue)
		w.balance(ledger.PayableC(maker), 30_000)
		w.balance(ledger.EscrowV(o), 0)
		w.balance(ledger.EscrowC(o), 0)
		if d := w.order(1, o); d.Status != order.Completed || len(d.Steps) != 7 {
			t.Errorf("%s, %d steps", d.Status, len(d.Steps))
		}
	})
}

func TestAnInstantOrderIsCompletedAtOnceAndSettledWhenAccepted(t *testing.T) {
	each(t, func(w *world) {
		v := w.claim(1)
		r, err := w.place(1, []id.ID{v}, w.shelf.Put(1, maker, 30_000, true))
		w.ok(err)
		w.status(1, r, order.Completed)
		w.balance(ledger.EscrowV(r.OrderIDs[0]), 30_000)
		w.balance(ledger.SubsidyPayable(maker), 0)
		for range 2 {
			_, err = w.orders.AcceptInstant(w.Context(), buyer(1), r.OrderIDs[0])
			w.ok(err)
		}
		w.balance(ledger.SubsidyPayable(maker), 30_000)
	})
}

// T-MON-19: a hold that was made before the end of a voucher pays after it, as
// long as the order may be paid; from the end on the voucher holds nothing more.
func TestAHoldOutlivesItsVoucher(t *testing.T) {
	each(t, func(w *world) {
		v, err := w.vouchers.Voucher(w.Context(), w.claim(1))
		w.ok(err)
		w.db.Clock().Set(v.ExpiresAt.Time().Add(-10 * time.Minute))
		r, err := w.place(1, []id.ID{v.ID}, w.shelf.Put(1, maker, 130_000, false))
		w.ok(err)
		w.db.Clock().Set(v.ExpiresAt.Time())
		w.ok(w.vouchers.ExpireDue(w.Context()))
		if _, err := w.place(1, []id.ID{v.ID}, w.shelf.Put(2, maker, 100, false)); errs.Of(err).Kind != errs.Conflict {
			t.Errorf("a voucher that is over pays: %v", err)
		}
		w.pay(1, r.CheckoutID)
		w.status(1, r, order.Paid)
		w.balance(ledger.EscrowV(r.OrderIDs[0]), faceValue)
	})
}

func TestTheCartBelongsToTheCompany(t *testing.T) {
	each(t, func(w *world) {
		one := w.shelf.Put(1, maker, 100, false)
		two := w.shelf.Put(2, helper, 200, false)
		two.Quantity = 3
		for _, want := range []order.Want{one, two, one} {
			_, err := w.orders.AddToCart(w.Context(), buyer(1), want)
			w.ok(err)
		}
		w.shelf.Drop(2)
		items, err := w.orders.Cart(w.Context(), buyer(1))
		w.ok(err)
		if len(items) != 2 || items[0].Valid || items[0].Item.Name == "" || !items[1].Valid || items[1].Quantity != 2 || items[1].Price != 200 {
			t.Errorf("%+v", items)
		}
		w.refused(w.orders.ChangeCart(w.Context(), buyer(2), items[1].ID, order.CartChange{Selected: new(bool)}), errs.ErrNotFound)
		w.ok(w.orders.ChangeCart(w.Context(), buyer(1), items[1].ID, order.CartChange{Selected: new(bool)}))
		_, err = w.place(1, nil, one)
		w.ok(err)
		w.refused(w.orders.RemoveFromCart(w.Context(), buyer(2), items[0].ID), errs.ErrNotFound)
		added, err := w.orders.AddToCart(w.Context(), buyer(2), one)
		w.ok(err)
		w.refused(w.orders.RemoveFromCart(w.Context(), buyer(2), added.ID, items[0].ID), errs.ErrNotFound)
		if n, err := w.orders.CartCount(w.Context(), buyer(2)); err != nil || n != 1 {
			t.Errorf("%d in the other cart after a refusal, %v", n, err)
		}
		w.ok(w.orders.RemoveFromCart(w.Context(), buyer(2), added.ID, added.ID))
		if n, err := w.orders.CartCount(w.Context(), buyer(1)); err != nil || n != 1 {
			t.Errorf("%d in the cart, %v", n, err)
		}
	})
}

func TestListsShowOnlyOnesOwn(t *testing.T) {
	each(t, func(w *world) {
		r, err := w.place(1, nil, w.shelf.Put(1, maker, 100, false), w.shelf.Put(2, helper, 200, false))
		w.ok(err)
		count := func(who account.Principal, f order.Filter) int64 {
			_, total, err := w.orders.List(w.Context(), who, f, page.Query{})
			w.ok(err)
			return total
		}
		staff := account.Principal{UserID: 1, Role: account.RoleOperator, Permissions: []account.Permission{account.OrderOversee}}
		for name, c := range map[string]struct {
			who  account.Principal
			f    order.Filter
			want int64
		}{
			"the buyer":        {buyer(1), order.Filter{}, 2},
			"another buyer":    {buyer(2), order.Filter{}, 0},
			"a provider":       {seller(maker), order.Filter{}, 1},
			"staff":            {staff, order.Filter{}, 2},
			"by number":        {buyer(1), order.Filter{Keyword: r.OrderIDs[0].String()}, 1},
			"by name":          {buyer(1), order.Filter{Keyword: "方案 2"}, 1},
			"a percent sign":   {buyer(1), order.Filter{Keyword: "%"}, 0},
			"by another state": {buyer(1), order.Filter{Status: order.Paid}, 0},
		} {
			if got := count(c.who, c.f); got != c.want {
				t.Errorf("%s: %d, want %d", name, got, c.want)
			}
		}
		_, err = w.orders.Get(w.Context(), seller(helper), r.OrderIDs[0])
		w.refused(err, errs.ErrNotFound)
		_, err = w.orders.Checkout(w.Context(), buyer(2), r.CheckoutID)
		w.refused(err, errs.ErrNotFound)
	})
}

// T-MON-20: another company's voucher is not there; a frozen or revoked one is
// refused with the reason, at the quote and at the order; a revoked one that is
// held already stops the payment, and staff find the order.
func TestAStoppedVoucherDoesNotPay(t *testing.T) {
	ordertest.Each(t, func(w *ordertest.World) {
		c := w.Open(voucher.Rush, 5, nil, w.Kind(30000, vouchertest.AnyTerms()))
		v := w.Claim(1, c)
		want := w.Shelf.Put(7, 900, 50000, false)
		ground := voucher.Ground{Reason: "fraud", Comment: "核查中。"}
		quote := func(n int64) error {
			_, err := w.Orders.Quote(w.Context(), ordertest.Buyer(n), []order.Want{want}, []id.ID{v.ID})
			return err
		}
		w.Refused(quote(2), errs.ErrNotFound)
		placed := w.Placed(1, want, v.ID) // holds it, waits for the rest in cash
		w.OK(w.Vouchers.Freeze(w.Context(), vouchertest.Operator, v.ID, ground))
		w.Refused(quote(1), voucher.ErrFrozen)
		_, _, err := w.Orders.Place(w.Context(), ordertest.Buyer(1), "frozen", order.Intent{Lines: []order.Want{want}, VoucherIDs: []id.ID{v.ID}, ExpectedTotal: 50000, ExpectedPayable: 50000})
		w.Refused(err, voucher.ErrFrozen)

		w.OK(w.Vouchers.ProposeRevocation(w.Context(), vouchertest.Operator, v.ID, ground))
		w.OK(w.Vouchers.DecideRevocation(w.Context(), vouchertest.Approver, v.ID, voucher.ConfirmIt, ""))
		w.Refused(quote(1), voucher.ErrRevoked)
		_, err = w.Payments.Start(w.Context(), ordertest.Buyer(1), placed.CheckoutID, "")
		w.Refused(err, order.ErrVoucherRevoked)
		staff := account.Principal{UserID: 9, Role: account.RoleOperator, Permissions: []account.Permission{account.OrderOversee}}
		list, total, err := w.Orders.List(w.Context(), staff, order.Filter{Manual: true}, page.Query{})
		w.OK(err)
		if total != 1 || list[0].ID != placed.ID {
			t.Errorf("staff find %d orders", total)
		}
		_, err = w.Orders.Cancel(w.Context(), ordertest.Buyer(1), placed.ID)
		w.OK(err)
		if _, total, err = w.Orders.List(w.Context(), staff, order.Filter{Manual: true}, page.Query{}); err != nil || total != 0 {
			t.Errorf("a canceled order is still to be looked at: %d %v", total, err)
		}
	})
}
