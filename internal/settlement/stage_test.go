package settlement_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"smedx/internal/account"
	"smedx/internal/books"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/kit/seal"
	"smedx/internal/order/ordertest"
	"smedx/internal/reconcile"
	"smedx/internal/setting"
	"smedx/internal/settlement"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

const (
	maker id.ID     = 900
	face  money.Fen = 50_000
)

var (
	preparer = account.Principal{UserID: 31, Role: account.RoleOperator, Username: "yunying1", Permissions: account.PermissionsOf(account.RoleOperator)}
	releaser = account.Principal{UserID: 41, Role: account.RoleDepartment, Username: "gongxin1", Permissions: account.PermissionsOf(account.RoleDepartment)}
	another  = account.Principal{UserID: 42, Role: account.RoleDepartment, Username: "gongxin2", Permissions: account.PermissionsOf(account.RoleDepartment)}
)

// stage is a world whose orders can be paid out.
type stage struct {
	*ordertest.World

	s        *settlement.Service
	settings *setting.Service
	campaign voucher.Campaign
	plans    int64

	suspected id.ID // an order
}

func (w *stage) leads(_ context.Context, _ db.Reader, orders ...id.ID) (map[id.ID]bool, error) {
	out := map[id.ID]bool{}
	if slices.Contains(orders, w.suspected) {
		out[w.suspected] = true
	}
	return out, nil
}

func each(t *testing.T, test func(w *stage)) {
	staged(t, func(w *stage) {
		test(w)
		w.right()
	})
}

func staged(t *testing.T, test func(w *stage)) {
	ordertest.Each(t, func(o *ordertest.World) {
		box, err := seal.New(make([]byte, seal.KeySize))
		o.OK(err)
		w := &stage{World: o, settings: setting.New(o.DB)}
		w.s = settlement.New(o.DB, settlement.Deps{Box: box, Firms: ordertest.Firms{}, Vouchers: o.Vouchers, Settings: w.settings, Leads: w.leads})
		w.campaign = o.Open(voucher.Rush, 10, nil, o.Kind(face, vouchertest.AnyTerms()))
		test(w)
	})
}

// right asks every check of the books, and of each voucher what its page tells.
func (w *stage) right() {
	w.Helper()
	report, err := reconcile.Run(w.Context(), w.DB, w.DB)
	w.OK(err)
	if !report.OK {
		var text bytes.Buffer
		_ = report.Text(&text)
		w.Fatal(text.String())
	}
	all, _, err := w.Vouchers.All(w.Context(), voucher.Filter{}, page.Query{Size: 100})
	w.OK(err)
	for _, v := range all {
		amounts := w.Amounts(v)
		st, err := books.StatementOf(w.Context(), w.DB, books.OfVoucher, v.ID, books.Period{}, page.Query{})
		w.OK(err)
		if got := [4]money.Fen{st.ClosingFen, st.OtherClosing, st.ThirdClosing, st.LastClosing}; got != amounts {
			w.Fatalf("the voucher says %v, its statement %v", amounts, got)
		}
	}
}

// accepted is an order of the n-th company of the price, which its voucher pays as
// far as it reaches.
func (w *stage) accepted(n int64, price money.Fen) id.ID {
	w.Helper()
	orderID := w.bought(n, price)
	_, err := w.Orders.AcceptInstant(w.Context(), ordertest.Buyer(n), orderID)
	w.OK(err)
	return orderID
}

func (w *stage) bought(n int64, price money.Fen) id.ID {
	w.Helper()
	w.plans++
	v := w.Claim(n, w.campaign)
	return w.Bought(n, w.Shelf.Put(id.ID(w.plans), maker, price, true), v.ID).ID
}

func (w *stage) account(number string) settlement.Account {
	w.Helper()
	list, err := w.s.Accounts(w.Context(), maker)
	w.OK(err)
	a, err := w.s.ChangeAccount(w.Context(), ordertest.Seller(maker), int64(len(list)), settlement.AccountDraft{Bank: "中国工商银行深圳分行", Number: number})
	w.OK(err)
	return a
}

func (w *stage) batch(orders ...id.ID) settlement.Batch {
	w.Helper()
	made, err := w.s.CreateBatches(w.Context(), preparer, orders)
	w.OK(err)
	return made[0]
}

func (w *stage) now(b settlement.Batch) settlement.Batch {
	w.Helper()
	b, _, err := w.s.Batch(w.Context(), b.ID)
	w.OK(err)
	return b
}

func (w *stage) sent(orders ...id.ID) settlement.Batch {
	w.Helper()
	b := w.batch(orders...)
	w.OK(w.s.SubmitBatch(w.Context(), preparer, b.ID, 1))
	w.OK(w.s.Decide(w.Context(), releaser, b.ID, 2, settlement.Approve, ""))
	w.OK(w.s.Export(w.Context(), releaser, b.ID, 3))
	return w.now(b)
}

var paid = settlement.Outcome{Paid: true, Reference: "2026112700001", PaidOn: "2026-01-01"}

func (w *stage) paid(orders ...id.ID) settlement.Batch {
	w.Helper()
	b := w.sent(orders...)
	w.OK(w.s.Record(w.Context(), releaser, b.ID, orders, paid))
	return w.now(b)
}

func (w *stage) is(orderID id.ID, want settlement.State) settlement.Detail {
	w.Helper()
	d, err := w.s.Get(w.Context(), 0, orderID)
	w.OK(err)
	if d.Status != want {
		w.Errorf("the line is %s, want %s", d.Status, want)
	}
	return d
}

// clawed is a claw-back that is due.
func (w *stage) clawed(orderID id.ID, amount money.Fen) settlement.Clawback {
	w.Helper()
	c, err := w.s.ProposeClawback(w.Context(), preparer, orderID, amount, "抽查发现交付物不实")
	w.OK(err)
	w.OK(w.s.DecideClawback(w.Context(), releaser, c.ID, 1, settlement.ClawApprove, ""))
	return w.claw(c)
}

func (w *stage) claw(c settlement.Clawback) settlement.Clawback {
	w.Helper()
	d, err := w.s.Get(w.Context(), 0, c.OrderID)
	w.OK(err)
	for _, one := range d.Clawbacks {
		if one.ID == c.ID {
			return one
		}
	}
	w.Fatal("no such claw-back")
	return c
}
