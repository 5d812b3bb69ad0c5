package rating_test

import (
	"context"
	"strings"
	"testing"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/notify"
	"smedx/internal/order"
	"smedx/internal/order/ordertest"
	"smedx/internal/rating"
)

const provider id.ID = 900

type world struct {
	*ordertest.World
	*rating.Service

	told map[id.ID]int // by company
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	ordertest.Each(t, func(o *ordertest.World) {
		w := &world{World: o, told: map[id.ID]int{}}
		w.Service = rating.New(o.DB, o.Orders, o.Shelf, func(_ context.Context, tx *db.Tx, org id.ID, _ notify.Message) error {
			tx.OnCommit(func() { w.told[org]++ })
			return nil
		})
		test(o.T, w)
	})
}

// line is the line of an order of the n-th company that is paid and, when done,
// accepted.
func (w *world) line(n int64, plan id.ID, done bool) id.ID {
	w.Helper()
	o := w.Bought(n, w.Shelf.Put(plan, provider, 100, false))
	if done {
		for _, step := range []struct {
			who   account.Principal
			event order.Event
		}{{ordertest.Seller(provider), order.Start}, {ordertest.Seller(provider), order.Submit}, {ordertest.Buyer(n), order.Accept}} {
			w.OK(w.DB.Write(w.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := w.Orders.Advance(ctx, tx, step.who, o.ID, step.event, "")
				return err
			}))
		}
	}
	return o.Lines[0].ID
}

func TestAnOpinionIsGivenOnceAfterCompletion(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, buyer := w.Context(), ordertest.Buyer(1)
		open, done := w.line(1, 1, false), w.line(1, 2, true)
		_, err := w.Rate(ctx, buyer, open, 5, "")
		w.Refused(err, errs.ErrInvalidState)
		_, err = w.Rate(ctx, ordertest.Buyer(2), done, 5, "")
		w.Refused(err, errs.ErrNotFound)
		_, err = w.Rate(ctx, ordertest.Seller(provider), done, 5, "")
		w.Refused(err, errs.ErrNotFound)
		_, err = w.Rate(ctx, buyer, 12345, 5, "")
		w.Refused(err, errs.ErrNotFound)
		if len(w.Shelf.Score) != 0 || len(w.told) != 0 {
			t.Error("a refused opinion left something:", w.Shelf.Score, w.told)
		}

		r, err := w.Rate(ctx, buyer, done, 4, "  好用  ")
		w.OK(err)
		if r.Comment != "好用" || r.ProviderOrg != provider || r.OfferingID != 20 || r.BuyerOrg != 1 || r.RatedAt == 0 {
			t.Errorf("%+v", r)
		}
		_, err = w.Rate(ctx, buyer, done, 1, "改主意了")
		w.Refused(err, rating.ErrRated)
		if got := w.Shelf.Score[20]; len(got) != 1 || got[0] != 4 || w.told[provider] != 1 {
			t.Error("the catalogue heard", got, "the provider", w.told)
		}
		own, err := w.By(ctx, w.DB, buyer.UserID)
		if err != nil || len(own) != 1 || own[0].ID != r.ID {
			t.Error(own, err)
		}
	})
}

func TestTheProviderAnswersOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := w.Context()
		r, err := w.Rate(ctx, ordertest.Buyer(1), w.line(1, 1, true), 2, "慢")
		w.OK(err)
		for _, who := range []account.Principal{ordertest.Seller(901), ordertest.Buyer(1)} {
			_, err = w.Reply(ctx, who, r.ID, "抱歉")
			w.Refused(err, errs.ErrNotFound)
		}
		r, err = w.Reply(ctx, ordertest.Seller(provider), r.ID, " 已优化 ")
		if err != nil || r.Reply != "已优化" || r.RepliedAt == 0 || w.told[1] != 1 {
			t.Errorf("%+v %v, told %v", r, err, w.told)
		}
		_, err = w.Reply(ctx, ordertest.Seller(provider), r.ID, "再答")
		w.Refused(err, rating.ErrReplied)
	})
}

func TestListsShowTheOpinionsOfEachSide(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := w.Context()
		first, second := w.line(1, 1, true), w.line(2, 1, true)
		w.line(1, 3, false)
		_, err := w.Rate(ctx, ordertest.Buyer(1), first, 5, "")
		w.OK(err)
		count := func(who account.Principal, total int64, rated int) {
			t.Helper()
			list, n, err := w.List(ctx, who, page.Query{})
			got := 0
			for _, l := range list {
				if l.Rating != nil {
					got++
				}
			}
			if err != nil || n != total || got != rated {
				t.Errorf("org %v: %d listed, %d rated, %v", who.OrgID, n, got, err)
			}
		}
		count(ordertest.Buyer(1), 1, 1) // not the order that is still open
		count(ordertest.Buyer(2), 1, 0)
		count(ordertest.Seller(provider), 1, 1)
		count(ordertest.Seller(901), 0, 0)
		_, err = w.Rate(ctx, ordertest.Buyer(2), second, 1, "")
		w.OK(err)
		count(ordertest.Seller(provider), 2, 2)
		bare := ordertest.Buyer(1)
		bare.Permissions = nil
		_, _, err = w.List(ctx, bare, page.Query{})
		w.Refused(err, errs.ErrForbidden)
		_, _, err = w.List(ctx, account.Principal{UserID: 11, Role: account.RoleOperator}, page.Query{})
		w.Refused(err, errs.ErrForbidden)
		all, n, err := w.OfOffering(ctx, 10, 0, page.Query{})
		if err != nil || n != 2 || all[0].Score != 1 {
			t.Errorf("%+v %v", all, err)
		}
		poor, n, err := w.OfOffering(ctx, 10, 1, page.Query{})
		if err != nil || n != 1 || poor[0].Score != 1 {
			t.Errorf("of one star: %+v %v", poor, err)
		}
		sum, err := w.Summary(ctx, 10)
		if best := all[1].Score; err != nil || sum[0] != 1 || sum[best-1] != 1 {
			t.Errorf("%v %v", sum, err)
		}
	})
}

func TestAnOpinionHasStarsAndFewWords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, line, long := w.Context(), w.line(1, 1, true), strings.Repeat("长", rating.MaxText+1)
		for _, score := range []int64{-1, 0, 6} {
			_, err := w.Rate(ctx, ordertest.Buyer(1), line, score, long)
			if f := errs.Of(err).Fields; len(f) != 2 || f[0].Pointer != "/score" || f[1].Pointer != "/comment" {
				t.Error(score, err)
			}
		}
		r, err := w.Rate(ctx, ordertest.Buyer(1), line, 1, strings.Repeat("长", rating.MaxText))
		w.OK(err)
		for _, reply := range []string{" ", long} {
			_, err := w.Reply(ctx, ordertest.Seller(provider), r.ID, reply)
			w.Refused(err, errs.ErrInvalid)
		}
	})
}

// T-PRIV-08: whoever reads an opinion does not learn who wrote it.
func TestTheReviewerIsMasked(t *testing.T) {
	for login, want := range map[string]string{"": "***", "z": "z**", "张三": "张**", "zhang_san": "z***n", "王小明": "王***明"} {
		if got := (rating.Rating{Login: login}).Masked(); got != want {
			t.Errorf("%q shows as %q, want %q", login, got, want)
		}
	}
}

// Money does not move by opinions.
func TestAnOpinionMovesNoMoney(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		line := w.line(1, 1, true)
		entries := func() (n int) {
			t.Helper()
			w.OK(w.DB.Raw(`SELECT count(*) FROM journal`).Scan(w.Context(), &n))
			return n
		}
		before := entries()
		r, err := w.Rate(w.Context(), ordertest.Buyer(1), line, 3, "")
		w.OK(err)
		_, err = w.Reply(w.Context(), ordertest.Seller(provider), r.ID, "谢谢")
		w.OK(err)
		if after := entries(); after != before || clock.Instant(0) == r.RatedAt {
			t.Errorf("%d entries, were %d", after, before)
		}
	})
}
