package reconcile_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/books"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/seal"
	"smedx/internal/ledger"
	"smedx/internal/order"
	"smedx/internal/order/ordertest"
	"smedx/internal/reconcile"
	"smedx/internal/setting"
	"smedx/internal/settlement"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

// T-MON-25: a small world in which anything happens in any order, one event at a
// time: claims, applications, orders, payments, cancellations, refunds, expiry,
// pauses, payouts, claw-backs and jumps of the clock. A third of the events come twice, as from
// somebody whose answer was lost after the commit. After each event every check
// holds and the overview is what a model says that only knows the answers.
// SMEDX_SIM_SEED replays a seed, SMEDX_SIM_EVENTS makes it longer.
func TestASimulationKeepsTheBooksRight(t *testing.T) {
	seed, events := rand.Uint64(), 60
	if text := os.Getenv("SMEDX_SIM_SEED"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = n
	}
	if n, err := strconv.Atoi(os.Getenv("SMEDX_SIM_EVENTS")); err == nil {
		events = n
	}
	t.Logf("SMEDX_SIM_SEED=%d SMEDX_SIM_EVENTS=%d", seed, events)
	ordertest.Each(t, func(w *ordertest.World) {
		s := newSimulation(w, rand.New(rand.NewPCG(seed, 25)))
		for n := range events {
			what := s.event()
			if s.Failed() {
				s.Fatalf("event %d: %s", n, what)
			}
			s.compare(fmt.Sprintf("event %d: %s", n, what))
		}
	})
}

// modelVoucher and modelOrder are what the model believes.
type modelVoucher struct {
	org, id         id.ID
	available, held money.Fen
	redeemed, back  money.Fen
	expires         clock.Instant
	over            bool
}

type modelOrder struct {
	org          int64
	id, checkout id.ID
	use          *modelVoucher
	part, cash   money.Fen
	status       order.Status
	instant      bool
	accepted     bool
	expires      clock.Instant
	provider     id.ID
	paidOut      bool
	claw         *modelClaw
}

// modelClaw is a claw-back of an order that was paid out; what was written off is paid again.
type modelClaw struct {
	id                       id.ID
	amount, recovered, wrote money.Fen
}

func (c *modelClaw) rest() money.Fen { return c.amount - c.recovered - c.wrote }

// comeBack takes in a part of an order's claw-back.
func (o *modelOrder) comeBack(amount money.Fen) {
	o.claw.recovered += amount
	o.use.redeemed -= amount
	o.use.back += amount
}

type simulation struct {
	*ordertest.World

	rng      *rand.Rand
	rush     voucher.Campaign
	byAsk    voucher.Campaign
	paused   bool
	vouchers []*modelVoucher
	orders   []*modelOrder
	plans    []order.Want
	prices   []money.Fen
	payouts  *settlement.Service
	clawed   []*modelOrder // in the order of their claw-backs
	keys     int
	at       time.Duration
}

const simCompanies = 4

var (
	preparer = account.Principal{UserID: 31, Role: account.RoleOperator, Username: "yunying1"}
	releaser = account.Principal{UserID: 41, Role: account.RoleDepartment, Username: "gongxin1"}
)

func newSimulation(w *ordertest.World, rng *rand.Rand) *simulation {
	s := &simulation{World: w, rng: rng, at: 2 * time.Hour}
	box, err := seal.New(make([]byte, seal.KeySize))
	w.OK(err)
	s.payouts = settlement.New(w.DB, settlement.Deps{Box: box, Firms: ordertest.Firms{}, Vouchers: w.Vouchers, Settings: setting.New(w.DB)})
	for _, provider := range []id.ID{900, 901} {
		_, err := s.payouts.ChangeAccount(w.Context(), ordertest.Seller(provider), 0, settlement.AccountDraft{Bank: "工商银行", Number: "6222021001001234"})
		w.OK(err)
	}
	short := vouchertest.AnyTerms()
	short.Validity.Days = 3
	long := func(d *voucher.CampaignDraft) {
		d.PerOrg, d.ClosesAt = 3, clock.At(w.Start.Add(20*24*time.Hour))
	}
	s.rush = w.Campaign(voucher.Rush, 20, long, w.Kind(10_007, short))
	s.byAsk = w.Campaign(voucher.ByRequest, 20, long, w.Kind(25_001, vouchertest.AnyTerms()))
	w.Move(s.at)
	w.OK(w.Vouchers.OpenAndCloseDue(w.Context()))
	for n, price := range []money.Fen{3_333, 9_001, 18_000} {
		s.plans = append(s.plans, w.Shelf.Put(id.ID(n+1), 900+id.ID(n%2), price, n == 1))
		s.prices = append(s.prices, price)
	}
	return s
}

func (s *simulation) now() clock.Instant { return clock.At(s.DB.Now()) }

// twice runs an act, and in a third of the cases once more: the answer was lost.
func (s *simulation) twice(act func() error) error {
	err := act()
	if s.rng.IntN(3) == 0 {
		if again := act(); err == nil && again != nil && errs.Of(again).Kind == errs.Internal {
			s.Error("repeated:", again)
		}
	}
	if err != nil && errs.Of(err).Kind == errs.Internal {
		s.Error(err)
	}
	return err
}

func (s *simulation) event() string {
	n := s.rng.Int64N(simCompanies) + 1
	switch kind := s.rng.IntN(15); kind {
	case 0, 1:
		return s.claim(n)
	case 2:
		return s.apply(n)
	case 3, 4, 5:
		return s.place(n)
	case 6:
		return s.pay()
	case 7:
		return s.cancel()
	case 8:
		return s.refund()
	case 9:
		return s.accept()
	case 10:
		return s.pause()
	case 11, 12:
		return s.payOut()
	case 13:
		return s.clawBack()
	default:
		return s.jump()
	}
}

func (s *simulation) got(v voucher.Voucher) {
	for _, known := range s.vouchers {
		if known.id == v.ID {
			return
		}
	}
	s.vouchers = append(s.vouchers, &modelVoucher{org: v.OrgID, id: v.ID, available: v.FaceValue, expires: v.ExpiresAt})
}

func (s *simulation) claim(n int64) string {
	seq := s.rng.Int64N(3) + 1
	had := len(s.vouchers)
	err := s.twice(func() error {
		v, _, err := s.Vouchers.Claim(s.Context(), ordertest.Buyer(n), s.rush.Vouchers[0].ID, seq)
		if err == nil {
			s.got(v)
		}
		return err
	})
	if s.paused && len(s.vouchers) != had {
		s.Error("a paused campaign issued a voucher")
	}
	return fmt.Sprint("claim by ", n, ": ", err)
}

func (s *simulation) apply(n int64) string {
	err := s.twice(func() error {
		a, _, err := s.Vouchers.Apply(s.Context(), ordertest.Buyer(n), s.byAsk.Vouchers[0].ID, "用于排产改造")
		if err == nil && a.VoucherID != 0 {
			var v voucher.Voucher
			if v, err = s.Vouchers.Voucher(s.Context(), a.VoucherID); err == nil {
				s.got(v)
			}
		}
		return err
	})
	return fmt.Sprint("application by ", n, ": ", err)
}

// place orders one plan with one of the company's vouchers, or with none.
func (s *simulation) place(n int64) string {
	plan := s.rng.IntN(len(s.plans))
	var use *modelVoucher
	for _, v := range s.vouchers {
		if v.org == id.ID(n) && !v.over && v.available > 0 && s.now() < v.expires && s.rng.IntN(2) == 0 {
			use = v
		}
	}
	price := s.prices[plan]
	o := &modelOrder{org: n, use: use, cash: price, status: order.Placed, instant: plan == 1, provider: 900 + id.ID(plan%2)}
	var chosen []id.ID
	if use != nil {
		chosen = []id.ID{use.id}
		o.part = min(price, use.available)
		o.cash = price - o.part
	}
	s.keys++
	key := fmt.Sprint("simulated ", s.keys)
	err := s.twice(func() error {
		r, _, err := s.Orders.Place(s.Context(), ordertest.Buyer(n), key, order.Intent{
			Lines: []order.Want{s.plans[plan]}, VoucherIDs: chosen, ExpectedTotal: price, ExpectedPayable: o.cash,
		})
		if err != nil {
			return err
		}
		if o.id != 0 && o.id != r.OrderIDs[0] {
			s.Error("the same request made two orders")
		}
		o.id, o.checkout = r.OrderIDs[0], r.CheckoutID
		return nil
	})
	if err != nil {
		return fmt.Sprint("order by ", n, ": ", err)
	}
	o.expires = clock.At(s.DB.Now().Add(30 * time.Minute))
	s.orders = append(s.orders, o)
	if use != nil {
		use.available -= o.part
		use.held += o.part
	}
	if o.cash == 0 {
		s.paid(o)
	}
	return fmt.Sprint("order ", o.id, " of ", price, ", ", o.part, " by voucher")
}

func (s *simulation) paid(o *modelOrder) {
	o.status = order.Paid
	if o.instant {
		o.status = order.Completed
	}
	if o.use != nil {
		o.use.held -= o.part
		o.use.redeemed += o.part
	}
}

// back gives what an order took of a voucher to the voucher, or, if that is over, to the campaign.
func (s *simulation) back(o *modelOrder) {
	if o.use == nil {
		return
	}
	if o.use.over || s.now() >= o.use.expires {
		o.use.back += o.part
	} else {
		o.use.available += o.part
	}
}

// one chooses an order that may be asked for something: often one in that state, sometimes any.
func (s *simulation) one(status ...order.Status) *modelOrder {
	if len(s.orders) == 0 {
		return nil
	}
	if s.rng.IntN(4) > 0 {
		for range 20 {
			o := s.orders[s.rng.IntN(len(s.orders))]
			for _, st := range status {
				if o.status == st {
					return o
				}
			}
		}
	}
	return s.orders[s.rng.IntN(len(s.orders))]
}

func (s *simulation) pay() string {
	o := s.one(order.Placed)
	if o == nil {
		return "nothing to pay"
	}
	err := s.twice(func() error {
		p, err := s.Payments.Start(s.Context(), ordertest.Buyer(o.org), o.checkout, "")
		if err != nil {
			return err
		}
		return s.Gateway.Pay(s.Context(), p.ID, "")
	})
	if err == nil && o.status == order.Placed {
		s.paid(o)
	}
	return fmt.Sprint("payment of ", o.id, ": ", err)
}

func (s *simulation) cancel() string {
	o := s.one(order.Placed)
	if o == nil {
		return "nothing to cancel"
	}
	err := s.twice(func() error {
		_, err := s.Orders.Cancel(s.Context(), ordertest.Buyer(o.org), o.id)
		return err
	})
	if o.status == order.Placed {
		if err != nil {
			s.Error("an unpaid order is not canceled:", err)
		}
		o.status = order.Canceled
		if o.use != nil {
			o.use.held -= o.part
		}
		s.back(o)
	}
	return fmt.Sprint("cancellation of ", o.id, ": ", err)
}

func (s *simulation) refund() string {
	o := s.one(order.Paid)
	if o == nil {
		return "nothing to refund"
	}
	s.keys++
	key := fmt.Sprint("refund ", s.keys)
	err := s.twice(func() error {
		_, err := s.Orders.Refund(s.Context(), ordertest.Buyer(o.org), key, o.id, o.cash, "不再需要")
		return err
	})
	s.OK(s.Payments.SubmitDue(s.Context()))
	if o.status == order.Paid {
		if err != nil {
			s.Error("a paid order is not refunded:", err)
		}
		o.status = order.Refunded
		if o.use != nil {
			o.use.redeemed -= o.part
		}
		s.back(o)
	}
	return fmt.Sprint("refund of ", o.id, ": ", err)
}

func (s *simulation) accept() string {
	o := s.one(order.Completed)
	if o == nil {
		return "nothing to accept"
	}
	err := s.twice(func() error {
		_, err := s.Orders.AcceptInstant(s.Context(), ordertest.Buyer(o.org), o.id)
		return err
	})
	if o.status == order.Completed && o.instant && !o.accepted {
		if err != nil {
			s.Error("a completed order is not accepted:", err)
		}
		o.accepted = true
	}
	return fmt.Sprint("acceptance of ", o.id, ": ", err)
}

// payOut takes an accepted order to the bank, which refuses one in four.
func (s *simulation) payOut() string {
	var o *modelOrder
	for _, one := range s.orders {
		if one.accepted && !one.paidOut {
			o = one
		}
	}
	if o == nil {
		if o = s.one(order.Completed, order.Paid); o == nil {
			return "nothing to pay out"
		}
		if _, err := s.payouts.CreateBatches(s.Context(), preparer, []id.ID{o.id}); err == nil {
			s.Error("an order is paid out that is not due")
		}
		return fmt.Sprint("no payout of ", o.id)
	}
	ctx := s.Context()
	made, err := s.payouts.CreateBatches(ctx, preparer, []id.ID{o.id})
	s.OK(err)
	b := made[0]
	s.compare("batched")
	s.OK(s.twice(func() error { return s.payouts.SubmitBatch(ctx, preparer, b.ID, 1) }))
	s.OK(s.twice(func() error { return s.payouts.Decide(ctx, releaser, b.ID, 2, settlement.Approve, "") }))
	s.OK(s.twice(func() error { return s.payouts.Export(ctx, releaser, b.ID, 3) }))
	out := settlement.Outcome{Paid: true, Reference: "r", PaidOn: "2026-01-01"}
	if b.Pay() > 0 {
		if s.rng.IntN(4) == 0 {
			out = settlement.Outcome{Reason: "户名不符"}
		}
		s.OK(s.twice(func() error { return s.payouts.Record(ctx, releaser, b.ID, []id.ID{o.id}, out) }))
	}
	if out.Paid {
		o.paidOut = true
		left := o.part
		for _, c := range s.clawed {
			if take := min(left, c.claw.rest()); c.provider == o.provider && take > 0 {
				c.comeBack(take)
				left -= take
			}
		}
		if b.OffsetFen != o.part-left {
			s.Error("set off", b.OffsetFen, "the model says", o.part-left)
		}
	}
	return fmt.Sprint("payout of ", o.id, " ", out.Paid, ", set off ", b.OffsetFen)
}

// clawBack asks a part of a payout back, has some of an earlier one repaid, or
// writes its rest off.
func (s *simulation) clawBack() string {
	ctx := s.Context()
	for _, o := range s.clawed {
		if o.claw.rest() == 0 {
			continue
		}
		got, err := s.payouts.Clawback(ctx, o.claw.id)
		s.OK(err)
		if s.rng.IntN(2) == 0 {
			amount := 1 + money.Fen(s.rng.Int64N(int64(o.claw.rest())))
			s.OK(s.twice(func() error { return s.payouts.Repay(ctx, releaser, o.claw.id, got.Version, amount, "r", "2026-01-01") }))
			o.comeBack(amount)
			return fmt.Sprint("repayment of ", amount, " for ", o.id)
		}
		s.OK(s.payouts.AskWaiver(ctx, preparer, o.claw.id, got.Version, "企业已注销"))
		s.OK(s.twice(func() error { return s.payouts.DecideWaiver(ctx, releaser, o.claw.id, got.Version+1, true, "") }))
		o.claw.wrote = o.claw.rest()
		return fmt.Sprint("write-off for ", o.id)
	}
	for _, o := range s.orders {
		if !o.paidOut || o.part == 0 || o.claw != nil {
			continue
		}
		amount := 1 + money.Fen(s.rng.Int64N(int64(o.part)))
		c, err := s.payouts.ProposeClawback(ctx, preparer, o.id, amount, "抽查不合格")
		s.OK(err)
		s.OK(s.twice(func() error { return s.payouts.DecideClawback(ctx, releaser, c.ID, 1, settlement.ClawApprove, "") }))
		o.claw = &modelClaw{id: c.ID, amount: amount}
		s.clawed = append(s.clawed, o)
		return fmt.Sprint("claw-back of ", amount, " for ", o.id)
	}
	return "nothing to claw back"
}

func (s *simulation) pause() string {
	c, err := s.Vouchers.Campaign(s.Context(), s.rush.ID)
	s.OK(err)
	if s.paused {
		_, err = s.Vouchers.ResumeCampaign(s.Context(), vouchertest.Operator, c.ID, c.Version)
	} else {
		_, err = s.Vouchers.PauseCampaign(s.Context(), vouchertest.Operator, c.ID, c.Version, "核对名单")
	}
	if err == nil {
		s.paused = !s.paused
	}
	if err != nil && !errors.Is(err, errs.ErrInvalidState) {
		s.Error(err)
	}
	return fmt.Sprint("pause or resume: ", err)
}

// jump moves the clock, sometimes over the end of orders or vouchers, and does what is due.
func (s *simulation) jump() string {
	s.at += []time.Duration{time.Minute, 31 * time.Minute, 20 * time.Hour}[s.rng.IntN(3)]
	s.Move(s.at)
	ctx := s.Context()
	s.OK(s.twice(func() error {
		return errors.Join(s.Payments.CheckDue(ctx), s.Orders.ExpireDue(ctx), s.Payments.SubmitDue(ctx), s.Vouchers.ExpireDue(ctx), s.Vouchers.OpenAndCloseDue(ctx))
	}))
	for _, o := range s.orders { // orders first, as the sweeps were run
		if o.status == order.Placed && s.now() >= o.expires {
			o.status = order.Canceled
			if o.use != nil {
				o.use.held -= o.part
			}
			s.back(o)
		}
	}
	for _, v := range s.vouchers {
		if !v.over && s.now() >= v.expires {
			v.over = true
			v.back += v.available
			v.available = 0
		}
	}
	return fmt.Sprint("clock at ", s.at)
}

// compare asks all checks, and the overview for what the model says.
func (s *simulation) compare(after string) {
	s.Helper()
	s.OK(ledger.SealDue(s.Context(), s.DB))
	if s.rng.IntN(5) == 0 {
		s.OK(books.FoldAll(s.Context(), s.DB))
	}
	report, err := reconcile.Run(s.Context(), s.DB, s.DB)
	s.OK(err)
	if !report.OK {
		var text bytes.Buffer
		s.OK(report.Text(&text))
		s.Fatalf("%s\n%s", after, text.String())
	}
	var want books.Parts
	for _, v := range s.vouchers {
		want.Available += v.available
		want.Held += v.held
		want.Escrow += v.redeemed
		want.Returned += v.back
	}
	for _, o := range s.orders {
		switch {
		case !o.accepted:
		case !o.paidOut:
			want.Escrow -= o.part
			want.Payable += o.part
		case o.claw == nil:
			want.Escrow -= o.part
			want.Paid += o.part
		default:
			want.Escrow -= o.part - o.claw.recovered
			want.Paid += o.part - o.claw.amount + o.claw.wrote
			want.Clawback += o.claw.rest()
		}
	}
	all, err := books.Look(s.Context(), s.DB, books.Scope{})
	s.OK(err)
	got := all.Total.Parts
	got.Unissued = 0
	if all.Total.ReleasedFen > 0 { // a campaign is closed, what was returned to it is free again
		got.Returned = want.Returned
	}
	if !all.Total.OK || got != want || all.Total.FreeFen+all.Total.Sum() != vouchertest.Budgeted {
		s.Fatalf("%s: the overview says %+v, the model %+v; %v", after, got, want, all.Problems)
	}
}
