package delivery_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/delivery"
	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/ledger"
	"smedx/internal/order"
	"smedx/internal/order/ordertest"
	"smedx/internal/payment"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

func TestEveryCellOfTheFlow(t *testing.T) {
	want := map[delivery.Status]map[delivery.Event]delivery.Status{
		delivery.InProgress: {delivery.Submit: delivery.Submitted},
		delivery.Submitted:  {delivery.Accept: delivery.Accepted, delivery.Reject: delivery.Rejected},
		delivery.Rejected:   {delivery.Submit: delivery.Submitted},
		delivery.Accepted:   {},
	}
	for _, from := range delivery.Statuses {
		for _, e := range delivery.Events {
			to, err := from.Next(e)
			if to != want[from][e] || (err == nil) != (to != "") || err != nil && !errors.Is(err, errs.ErrInvalidState) {
				t.Errorf("%s of %s leads to %q, %v", e, from, to, err)
			}
		}
	}
}

const (
	provider id.ID     = 900
	price    money.Fen = 70_000
	face     money.Fen = 50_000
)

type world struct {
	*ordertest.World
	*delivery.Service

	files  *file.Service
	seller account.Principal
	buyer  account.Principal
	order  order.Detail
	until  clock.Instant
}

// each runs the test on an order of company 1 that is paid: 50,000 fen by
// voucher, 20,000 in cash.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	ordertest.Each(t, func(o *ordertest.World) {
		files, err := file.New(o.DB, o.TempDir())
		o.OK(err)
		w := &world{World: o, Service: delivery.New(o.DB, o.Orders, files), files: files, seller: ordertest.Seller(provider), buyer: ordertest.Buyer(1)}
		v := o.Claim(1, o.Open(voucher.Rush, 1, nil, o.Kind(face, vouchertest.AnyTerms())))
		w.order = o.Bought(1, o.Shelf.Put(1, provider, price, false), v.ID)
		w.until = clock.At(o.DB.Now().Add(10 * 24 * time.Hour))
		test(o.T, w)
	})
}

// paper is a document that somebody has uploaded.
func (w *world) paper(who account.Principal, purpose file.Purpose) id.ID {
	w.Helper()
	var raw bytes.Buffer
	w.OK(png.Encode(&raw, image.NewRGBA(image.Rect(0, 0, 2, 2))))
	f, err := w.files.Save(w.Context(), file.Viewer{UserID: who.UserID, OrgID: who.OrgID}, purpose, "验收单.png", &raw)
	w.OK(err)
	return f.ID
}

func (w *world) can(who account.Principal, f id.ID) bool {
	w.Helper()
	v := file.Viewer{UserID: who.UserID, OrgID: who.OrgID}
	for _, p := range who.Permissions {
		v.Rights = append(v.Rights, string(p))
	}
	_, ok, err := w.files.Look(w.Context(), v, f)
	w.OK(err)
	return ok
}

func (w *world) stands(want delivery.Status, round int64, of order.Status) {
	w.Helper()
	d, rounds, err := w.Of(w.Context(), w.order.ID)
	w.OK(err)
	if d == nil || d.Status != want || d.Round != round || int64(len(rounds)) != round {
		w.Fatalf("the delivery is %+v with %d rounds, want %s in round %d", d, len(rounds), want, round)
	}
	if got := w.Order(1, w.order.ID).Status; got != of {
		w.Fatalf("the order is %s, want %s", got, of)
	}
}

func (w *world) trail(action string) (n int) {
	w.Helper()
	w.OK(w.DB.Raw(`SELECT count(*) FROM audit_entries WHERE action = ? AND object_id = ?`, action, w.order.ID).Scan(w.Context(), &n))
	return n
}

func TestFromThePlanToTheAcceptance(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := w.Context()
		if d, rounds, err := w.Of(ctx, w.order.ID); d != nil || rounds != nil || err != nil {
			t.Fatal("a delivery before it has begun:", d, rounds, err)
		}
		w.Refused(w.Submit(ctx, w.seller, w.order.ID, "", []id.ID{w.paper(w.seller, file.DeliveryDoc)}), errs.ErrInvalidState)
		w.OK(w.Start(ctx, w.seller, w.order.ID, "  两周内完成部署  ", w.until))
		w.stands(delivery.InProgress, 0, order.InDelivery)
		w.Refused(w.Start(ctx, w.seller, w.order.ID, "再来一次", w.until), errs.ErrInvalidState)
		w.Refused(w.Accept(ctx, w.buyer, w.order.ID, ""), errs.ErrInvalidState)

		first := w.paper(w.seller, file.DeliveryDoc)
		overseer := account.Principal{UserID: 11, Role: account.RoleOperator, Permissions: []account.Permission{account.OrderOversee}}
		if w.can(w.buyer, first) {
			t.Error("the buyer reads a document before the hand-over")
		}
		w.OK(w.Submit(ctx, w.seller, w.order.ID, "请验收", []id.ID{first}))
		w.stands(delivery.Submitted, 1, order.Delivered)
		if !w.can(w.buyer, first) || !w.can(overseer, first) || w.can(ordertest.Buyer(2), first) || w.can(ordertest.Seller(901), first) {
			t.Error("the document is not for buyer and overseer alone")
		}

		w.Refused(w.Submit(ctx, w.seller, w.order.ID, "", []id.ID{first}), errs.ErrInvalidState)
		w.OK(w.Reject(ctx, w.buyer, w.order.ID, "缺少培训记录"))
		w.stands(delivery.Rejected, 1, order.InDelivery)
		w.Refused(w.Accept(ctx, w.buyer, w.order.ID, ""), errs.ErrInvalidState)

		w.OK(w.Submit(ctx, w.seller, w.order.ID, "已补充", []id.ID{w.paper(w.seller, file.DeliveryDoc)}))
		w.Refused(w.Accept(ctx, w.buyer, w.order.ID, "", func(context.Context, *db.Tx) error { return errs.ErrStale }), errs.ErrStale)
		w.stands(delivery.Submitted, 2, order.Delivered) // what comes with an acceptance fails with it
		w.OK(w.Accept(ctx, w.buyer, w.order.ID, ""))
		w.stands(delivery.Accepted, 2, order.Completed)
		w.Refused(w.Reject(ctx, w.buyer, w.order.ID, "反悔"), errs.ErrInvalidState)
		w.Refused(w.Submit(ctx, w.seller, w.order.ID, "", []id.ID{first}), errs.ErrInvalidState)

		d, rounds, err := w.Of(ctx, w.order.ID)
		if err != nil || d.Plan != "两周内完成部署" || d.EndedAt == 0 || rounds[0].Round != 2 || rounds[0].Answer != "accepted" ||
			rounds[1].Answer != "rejected" || rounds[1].Reason != "缺少培训记录" || len(rounds[1].Files) != 1 || rounds[1].Files[0].FileID != first {
			t.Errorf("%+v %+v %v", d, rounds, err)
		}
		for action, want := range map[string]int{"delivery.start": 1, "delivery.submit": 2, "delivery.reject": 1, "delivery.accept": 1} {
			if got := w.trail(action); got != want {
				t.Errorf("the trail has %d of %s", got, action)
			}
		}
	})
}

func TestTheMoneyIsTheProvidersAtTheAcceptanceAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := w.Context()
		books := func(what string, escrowV, escrowC, owedV, owedC money.Fen) {
			t.Helper()
			for account, want := range map[ledger.Account]money.Fen{
				ledger.EscrowV(w.order.ID): escrowV, ledger.EscrowC(w.order.ID): escrowC,
				ledger.SubsidyPayable(provider): owedV, ledger.PayableC(provider): owedC,
			} {
				if got := w.Balance(account); got != want {
					t.Errorf("%s: %s is %v, want %v", what, account, got, want)
				}
			}
		}
		books("paid", face, price-face, 0, 0)
		w.OK(w.Start(ctx, w.seller, w.order.ID, "部署", w.until))
		w.OK(w.Submit(ctx, w.seller, w.order.ID, "", []id.ID{w.paper(w.seller, file.DeliveryDoc)}))
		w.OK(w.Reject(ctx, w.buyer, w.order.ID, "不完整"))
		w.OK(w.Submit(ctx, w.seller, w.order.ID, "", []id.ID{w.paper(w.seller, file.DeliveryDoc)}))
		books("handed over twice", face, price-face, 0, 0)
		w.OK(w.Accept(ctx, w.buyer, w.order.ID, ""))
		books("accepted", 0, 0, face, price-face)
		w.Refused(w.Accept(ctx, w.buyer, w.order.ID, ""), errs.ErrInvalidState)
		books("accepted twice", 0, 0, face, price-face)
		if got := w.Balance(ledger.Gateway(payment.SimulatedChannel)); got != -(price-face) && got != price-face {
			t.Errorf("the gateway stands at %v", got)
		}
	})
}

func TestOnlyTheTwoSidesOfAnOrderDeliverIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := w.Context()
		paper := func(who account.Principal) []id.ID { return []id.ID{w.paper(who, file.DeliveryDoc)} }
		rival, neighbour := ordertest.Seller(901), ordertest.Buyer(2)
		nobody := account.Principal{UserID: 7, Role: account.RoleOperator, Permissions: []account.Permission{account.OrderOversee}}
		for _, who := range []account.Principal{rival, neighbour, w.buyer, nobody} {
			w.Refused(w.Start(ctx, who, w.order.ID, "部署", w.until), errs.ErrNotFound)
			w.Refused(w.Submit(ctx, who, w.order.ID, "", paper(who)), errs.ErrNotFound)
		}
		w.OK(w.Start(ctx, w.seller, w.order.ID, "部署", w.until))
		w.Refused(w.Submit(ctx, w.seller, w.order.ID, "", paper(w.buyer)), errs.ErrNotFound) // a file of the buyer
		w.Refused(w.Submit(ctx, w.seller, w.order.ID, "", []id.ID{w.paper(w.seller, file.CaseDoc)}), errs.ErrNotFound)
		w.stands(delivery.InProgress, 0, order.InDelivery)
		w.OK(w.Submit(ctx, w.seller, w.order.ID, "", paper(w.seller)))
		for _, who := range []account.Principal{rival, neighbour, w.seller, nobody} {
			w.Refused(w.Accept(ctx, who, w.order.ID, ""), errs.ErrNotFound)
			w.Refused(w.Reject(ctx, who, w.order.ID, "不好"), errs.ErrNotFound)
		}
		w.stands(delivery.Submitted, 1, order.Delivered)
	})
}

func TestWhatIsMissingIsSaidByField(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, long := w.Context(), strings.Repeat("长", delivery.MaxText+1)
		many := make([]id.ID, delivery.MaxFiles+1)
		says := func(err error, pointers ...string) {
			t.Helper()
			var got []string
			for _, f := range errs.Of(err).Fields {
				got = append(got, f.Pointer)
			}
			if strings.Join(got, " ") != strings.Join(pointers, " ") {
				t.Errorf("%v, want %v", got, pointers)
			}
		}
		says(w.Start(ctx, w.seller, w.order.ID, " ", clock.At(w.DB.Now())), "/plan", "/plannedAt")
		says(w.Start(ctx, w.seller, w.order.ID, long, clock.At(w.DB.Now().AddDate(6, 0, 0))), "/plan", "/plannedAt")
		says(w.Submit(ctx, w.seller, w.order.ID, long, nil), "/note", "/fileIds")
		says(w.Submit(ctx, w.seller, w.order.ID, "", many), "/fileIds")
		says(w.Reject(ctx, w.buyer, w.order.ID, "  "), "/reason")
		if d, _, err := w.Of(ctx, w.order.ID); d != nil || err != nil {
			t.Error("a refused plan began the delivery", d, err)
		}
	})
}

func TestAnUnpaidOrderIsNotDelivered(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		placed := w.Placed(2, w.Shelf.Put(2, provider, 100, false))
		w.Refused(w.Start(w.Context(), w.seller, placed.ID, "部署", w.until), errs.ErrInvalidState)
	})
}

func TestOverdueIsAPromiseThatHasPassed(t *testing.T) {
	for status, want := range map[delivery.Status]bool{
		delivery.InProgress: true, delivery.Rejected: true, delivery.Submitted: false, delivery.Accepted: false,
	} {
		d := delivery.Delivery{Status: status, PlannedAt: 100}
		if d.Overdue(99) || d.Overdue(100) != want {
			t.Errorf("%s: overdue before %v, at the end %v", status, d.Overdue(99), d.Overdue(100))
		}
	}
}
