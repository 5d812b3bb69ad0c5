package payment

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/ledger"
	"smedx/internal/notify"
)

// The whole table, the empty cells too.
func TestEveryCellOfTheStateMachine(t *testing.T) {
	want := map[Status]map[Event]Status{
		Created: {Accepted: Pending, TimedOut: Unknown, Paid: Succeeded, Mismatched: Suspense},
		Pending: {TimedOut: Unknown, Paid: Succeeded, Mismatched: Suspense, Refused: Failed, Shut: Closed},
		Unknown: {Accepted: Pending, Paid: Succeeded, Mismatched: Suspense, Refused: Failed, Shut: Closed},
		Failed:  {Paid: Late, Mismatched: Suspense},
		Closed:  {Paid: Late, Mismatched: Suspense},
	}
	for _, s := range Statuses {
		for _, e := range Events {
			to, err := s.Next(e)
			if expected, ok := want[s][e]; ok {
				if err != nil || to != expected {
					t.Errorf("%s + %s = %s, %v; want %s", s, e, to, err, expected)
				}
			} else if !errors.Is(err, errs.ErrInvalidState) || errs.Of(err).State != string(s) {
				t.Errorf("%s + %s is not refused: %s, %v", s, e, to, err)
			}
		}
	}
}

// shop is a payee with one thing to pay for.
type shop struct {
	due      money.Fen
	org      id.ID
	expires  clock.Instant
	settled  int
	payer    string
	refunded []id.ID
	orderID  id.ID
}

func (s *shop) Due(_ context.Context, _ *db.Tx, orgID, _ id.ID) (Due, error) {
	if orgID != s.org {
		return Due{}, errs.ErrNotFound
	}
	return Due{OrgID: s.org, Amount: s.due, Title: "云质检", ExpiresAt: s.expires}, nil
}

func (s *shop) Settled(ctx context.Context, tx *db.Tx, p Payment, payer string) (bool, error) {
	if s.due != p.AmountFen || s.due == 0 {
		return false, nil
	}
	_, err := ledger.Post(ctx, tx, ledger.Cash, ledger.Capture, ledger.Source{Kind: "order", ID: s.orderID},
		ledger.Move{From: ledger.Gateway(p.Channel), To: ledger.EscrowC(s.orderID), Amount: p.AmountFen})
	s.due, s.payer = 0, payer
	s.settled++
	return true, err
}

func (s *shop) Refunded(_ context.Context, _ *db.Tx, orderID id.ID) error {
	s.refunded = append(s.refunded, orderID)
	return nil
}

type bench struct {
	d    *db.DB
	s    *Service
	g    *Simulated
	shop *shop
	who  account.Principal
}

func newBench(t *testing.T, d *db.DB) *bench {
	t.Helper()
	g := NewSimulated(d, []byte("a secret of the test"))
	s := New(d, g)
	g.Deliver(func(ctx context.Context, h http.Header, body []byte) error {
		return s.Notified(ctx, SimulatedChannel, h, body)
	})
	p := &shop{due: 29900, org: 7, orderID: id.New(), expires: clock.At(d.Now().Add(30 * time.Minute))}
	s.SetPayee(p)
	return &bench{d, s, g, p, account.Principal{UserID: 3, OrgID: 7, Role: account.RoleEnterprise}}
}

func (b *bench) start(t *testing.T, subject id.ID) Payment {
	t.Helper()
	p, err := b.s.Start(t.Context(), b.who, subject, "")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (b *bench) status(t *testing.T, paymentID id.ID) Status {
	t.Helper()
	p, err := find(t.Context(), b.d, paymentID)
	if err != nil {
		t.Fatal(err)
	}
	return p.Status
}

func (b *bench) balance(t *testing.T, a ledger.Account) money.Fen {
	t.Helper()
	sum, err := ledger.Balance(t.Context(), b.d, a)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func (b *bench) notify(t *testing.T, n Notice) error {
	t.Helper()
	header, body := b.g.Sign(n, b.d.Now())
	return b.s.Notified(t.Context(), SimulatedChannel, header, body)
}

// T-MON-12: told three times, and told otherwise afterwards.
func TestPaidOnce(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		subject := id.New()
		p := b.start(t, subject)
		if again := b.start(t, subject); again.ID != p.ID || p.Status != Pending || p.PayURL == "" {
			t.Fatalf("a second start is the same intent: %v, %v", p, again)
		}
		for range 3 {
			if err := b.g.Pay(t.Context(), p.ID, "示例机械有限公司"); err != nil {
				t.Fatal(err)
			}
		}
		if b.status(t, p.ID) != Succeeded || b.shop.settled != 1 || b.shop.payer != "示例机械有限公司" || b.balance(t, ledger.EscrowC(b.shop.orderID)) != 29900 {
			t.Errorf("%s, settled %d times", b.status(t, p.ID), b.shop.settled)
		}
		if _, err := b.s.Start(t.Context(), b.who, subject, ""); !errors.Is(err, ErrNothingDue) {
			t.Error(err)
		}
		// "It failed" after it succeeded changes nothing.
		if err := b.notify(t, Notice{PaymentID: p.ID, Outcome: OutcomeRefused, Amount: p.AmountFen}); err != nil || b.status(t, p.ID) != Succeeded {
			t.Error(err, b.status(t, p.ID))
		}
	})
}

// mailbox hears what the staff are told.
type mailbox struct{ heard []notify.Message }

func (m *mailbox) TellHolders(_ context.Context, _ *db.Tx, _ account.Permission, _ id.ID, one notify.Message, roles ...account.Role) error {
	for _, r := range roles {
		one.UserIDs = append(one.UserIDs, id.ID(len(r)))
	}
	m.heard = append(m.heard, one)
	return nil
}

func (*mailbox) TellUser(context.Context, *db.Tx, id.ID, notify.Message) error { return nil }

// A flood costs the database one small write a minute; what could not be written is
// with the next notice.
func TestRefusedNoticesAreCountedWithoutTheDatabase(t *testing.T) {
	var refused tally
	from, now := source{SimulatedChannel, forged}, time.Now()
	take := func(at time.Time, want int64) {
		t.Helper()
		if n := refused.take(from, 1, at); n != want {
			t.Errorf("%d to be written down, not %d", n, want)
		}
	}
	take(now, 1)
	take(now.Add(countEvery-1), 0)
	take(now.Add(countEvery), 2)
	refused.putBack(from, 2)
	take(now.Add(countEvery+1), 3)
	take(now.Add(countEvery+2), 0)
}

// T-MON-11: people are told of refused notices at once and then once an hour, with
// their number, however many there are, whichever process met them and although it was
// started again; of money of a wrong amount each time.
func TestPeopleAreToldOfRefusedNoticesOnceAnHour(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		b, box := newBench(t, d), &mailbox{}
		b.s.TellStaff(box)
		second := New(d, b.g) // another process
		second.TellStaff(box)
		p := b.start(t, id.New())
		header, body := b.g.Sign(Notice{PaymentID: p.ID, TxnNo: "T1", Outcome: OutcomePaid, Amount: p.AmountFen}, d.Now())
		forge := func(s *Service, times int) {
			t.Helper()
			for range times {
				if err := s.Notified(t.Context(), SimulatedChannel, header, append(body, ' ')); !errors.Is(err, ErrSignature) {
					t.Fatal(err)
				}
			}
		}
		told := func(titles ...string) {
			t.Helper()
			var have []string
			for i, m := range box.heard {
				if i%2 == 0 && box.heard[i+1].Title == m.Title && box.heard[i+1].Link != m.Link &&
					m.UserIDs[0] == id.ID(len(account.RoleOperator)) && box.heard[i+1].UserIDs[0] == id.ID(len(account.RoleAdmin)) {
					have = append(have, m.Title)
				}
			}
			if !slices.Equal(have, titles) {
				t.Errorf("told %q, not %q", have, titles)
			}
			var rows int
			err := d.Raw(`SELECT count(*) FROM audit_entries WHERE action = 'payment.notice_refused'`).Scan(t.Context(), &rows)
			if err != nil || rows != len(titles) {
				t.Errorf("%d rows in the trail, not %d: %v", rows, len(titles), err)
			}
		}
		const once, more = "拒绝了 1 条可疑的支付通知", "拒绝了 32 条可疑的支付通知"
		sweep := func(processes ...*Service) {
			t.Helper()
			for _, s := range processes {
				if err := s.AlarmDue(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		forge(b.s, 30)
		forge(second, 3)
		told(once)
		for channel, body := range map[string][]byte{"alipay": body, strings.Repeat("x", 9000): nil} { // not set up
			if err := b.s.Notified(t.Context(), channel, header, body); !errors.Is(err, ErrUnknown) {
				t.Error(err)
			}
		}
		told(once, once)
		if err := b.notify(t, Notice{PaymentID: id.New(), TxnNo: "T2", Outcome: OutcomePaid, Amount: 1}); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
		told(once, once, once)
		d.Clock().Set(d.Now().Add(countEvery))
		sweep(b.s, second)
		told(once, once, once)
		third := New(d, b.g) // after the others have ended
		third.TellStaff(box)
		d.Clock().Set(d.Now().Add(alarmEvery))
		sweep(third, b.s, second)
		told(once, once, once, once, more) // of the other to no channel, and of all that were forged
		d.Clock().Set(d.Now().Add(2 * alarmEvery))
		sweep(third)
		told(once, once, once, once, more)

		box.heard = nil
		if err := b.notify(t, Notice{PaymentID: p.ID, TxnNo: "T3", Outcome: OutcomePaid, Amount: p.AmountFen - 1}); err != nil || b.status(t, p.ID) != Suspense {
			t.Error(err, b.status(t, p.ID))
		}
		if len(box.heard) != 2 || box.heard[0].Event != "payment_suspense" {
			t.Errorf("of the wrong amount: %+v", box.heard)
		}
	})
}

// T-MON-11: a notice that is not the gateway's, not of this body, old, of another
// currency or form changes nothing. The signature has one algorithm and covers the
// whole body, so none can be asked for and no other merchant's notice fits.
func TestForgedNoticesAreRefused(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		p := b.start(t, id.New())
		n := Notice{PaymentID: p.ID, TxnNo: "T1", Outcome: OutcomePaid, Amount: p.AmountFen}
		header, body := b.g.Sign(n, b.d.Now())
		old, oldBody := b.g.Sign(n, b.d.Now().Add(-noticeWindow-time.Second))
		early, earlyBody := b.g.Sign(n, b.d.Now().Add(noticeWindow+2*time.Second))
		other, _ := b.g.Sign(Notice{PaymentID: p.ID, TxnNo: "T1", Outcome: OutcomePaid, Amount: 1}, b.d.Now())
		stranger, strange := NewSimulated(b.d, []byte("another secret")).Sign(n, b.d.Now())
		fresh := header.Clone()
		fresh.Set(HeaderTimestamp, strconv.FormatInt(b.d.Now().Unix()+1, 10))
		none := http.Header{HeaderTimestamp: header[HeaderTimestamp], "X-Smedx-Algorithm": {"none"}}
		// signed is the text as the gateway would sign it.
		signed := func(text string) http.Header {
			h := header.Clone()
			h.Set(HeaderSignature, hex.EncodeToString(b.g.mac(h.Get(HeaderTimestamp), []byte(text))))
			return h
		}
		dollars := strings.Replace(string(body), "CNY", "USD", 1)
		merchant := strings.Replace(string(body), "{", `{"merchantId":"2",`, 1)
		for name, c := range map[string]struct {
			header http.Header
			body   []byte
		}{
			"no signature":              {http.Header{}, body},
			"no signature asked for":    {none, body},
			"another body's signature":  {other, body},
			"a stranger's signature":    {stranger, strange},
			"too old":                   {old, oldBody},
			"of the future":             {early, earlyBody},
			"another time put before":   {fresh, body},
			"one byte more in the body": {header, append([]byte(" "), body...)},
			"another currency":          {signed(dollars), []byte(dollars)},
			"another merchant's":        {signed(merchant), []byte(merchant)},
		} {
			if err := b.s.Notified(t.Context(), SimulatedChannel, c.header, c.body); !errors.Is(err, ErrSignature) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := b.notify(t, Notice{PaymentID: id.New(), TxnNo: "T2", Outcome: OutcomePaid, Amount: 1}); !errors.Is(err, ErrUnknown) {
			t.Errorf("an unknown payment: %v", err)
		}
		if err := b.s.Notified(t.Context(), "elsewhere", header, body); !errors.Is(err, ErrUnknown) {
			t.Errorf("an unknown channel: %v", err)
		}
		if b.status(t, p.ID) != Pending || b.shop.settled != 0 {
			t.Error("a forged notice had an effect")
		}
		if err := b.s.Notified(t.Context(), SimulatedChannel, header, body); err != nil || b.status(t, p.ID) != Succeeded {
			t.Errorf("the true one: %v, %s", err, b.status(t, p.ID))
		}
	})
}

// T-MON-11: one fen less or more never pays.
func TestAnotherAmountGoesToSuspense(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		for _, off := range []money.Fen{-1, 1} {
			b := newBench(t, d)
			subject := id.New()
			p := b.start(t, subject)
			for range 2 {
				if err := b.notify(t, Notice{PaymentID: p.ID, TxnNo: p.ID.String(), Outcome: OutcomePaid, Amount: p.AmountFen + off}); err != nil {
					t.Fatal(err)
				}
			}
			if b.status(t, p.ID) != Suspense || b.shop.settled != 0 || b.balance(t, ledger.SuspenseOf(p.ID)) != p.AmountFen+off {
				t.Errorf("%s, %v in suspense", b.status(t, p.ID), b.balance(t, ledger.SuspenseOf(p.ID)))
			}
			if next := b.start(t, subject); next.ID == p.ID {
				t.Error("the order can be paid by another attempt")
			}
		}
	})
}

// T-MON-12: success of an order that is canceled.
func TestLateMoneyGoesBack(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		subject := id.New()
		p := b.start(t, subject)
		if err := b.s.CloseOpen(t.Context(), subject); err != nil || b.status(t, p.ID) != Closed {
			t.Fatal(err, b.status(t, p.ID))
		}
		b.shop.due = 0 // canceled
		if _, err := b.d.Migrator().Exec(`UPDATE simulated_charges SET status = 'paid', txn_no = 'L1'`); err != nil {
			t.Fatal(err)
		}
		if err := b.notify(t, Notice{PaymentID: p.ID, TxnNo: "L1", Outcome: OutcomePaid, Amount: p.AmountFen}); err != nil {
			t.Fatal(err)
		}
		if b.status(t, p.ID) != Late {
			t.Errorf("%s", b.status(t, p.ID))
		}
		for range 2 {
			if err := b.s.SubmitDue(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if b.balance(t, ledger.SuspenseOf(p.ID)) != 0 || b.balance(t, ledger.Gateway(SimulatedChannel)) != 0 || len(b.shop.refunded) != 0 {
			t.Error("the money is not back")
		}
	})
}

func TestASecondTransactionForTheSamePaymentGoesBack(t *testing.T) {
	b := newBench(t, dbtest.SQLite(t))
	p := b.start(t, id.New())
	for _, txn := range []string{"A", "B", "B"} {
		if err := b.notify(t, Notice{PaymentID: p.ID, TxnNo: txn, Outcome: OutcomePaid, Amount: p.AmountFen}); err != nil {
			t.Fatal(err)
		}
	}
	if b.shop.settled != 1 || b.status(t, p.ID) != Succeeded {
		t.Error("settled", b.shop.settled, b.status(t, p.ID))
	}
	var refunds []Refund
	if err := b.d.Select(&refunds).Scan(t.Context()); err != nil || len(refunds) != 1 || refunds[0].TxnNo != "B" {
		t.Error(refunds, err)
	}
}

func TestTheSweepLearnsWhatNobodyTold(t *testing.T) {
	b := newBench(t, dbtest.SQLite(t))
	b.g.Deliver(func(context.Context, http.Header, []byte) error { return errors.New("the line is dead") })
	p := b.start(t, id.New())
	if err := b.g.Pay(t.Context(), p.ID, "张三丰"); err != nil {
		t.Fatal(err)
	}
	if b.status(t, p.ID) != Pending {
		t.Fatal("nobody should know yet")
	}
	b.d.Clock().Shift(time.Minute)
	if err := b.s.CheckDue(t.Context()); err != nil || b.status(t, p.ID) != Succeeded || b.shop.payer != "张三丰" {
		t.Error(err, b.status(t, p.ID), b.shop.payer)
	}
}

func TestAnUnpaidPaymentIsClosedWhenItsTimeIsOver(t *testing.T) {
	b := newBench(t, dbtest.SQLite(t))
	p := b.start(t, id.New())
	b.d.Clock().Shift(31 * time.Minute)
	if err := b.s.CheckDue(t.Context()); err != nil || b.status(t, p.ID) != Closed {
		t.Error(err, b.status(t, p.ID))
	}
	if err := b.g.Pay(t.Context(), p.ID, ""); !errors.Is(err, errs.ErrInvalidState) {
		t.Errorf("a closed charge was paid: %v", err)
	}
}

// deaf is a gateway that never answers.
type deaf struct{ Gateway }

func (deaf) Create(context.Context, Charge) (string, error) { return "", errors.New("timeout") }
func (deaf) Query(context.Context, id.ID) (Notice, error)   { return Notice{}, errors.New("timeout") }
func (deaf) Close(context.Context, id.ID) error             { return errors.New("timeout") }

func TestSilenceIsNotFailure(t *testing.T) {
	b := newBench(t, dbtest.SQLite(t))
	b.s.gateways[SimulatedChannel] = deaf{b.g}
	subject := id.New()
	if _, err := b.s.Start(t.Context(), b.who, subject, ""); !errors.Is(err, ErrGateway) {
		t.Fatal(err)
	}
	p, open, err := findOpen(t.Context(), b.d, subject)
	if err != nil || !open || p.Status != Unknown {
		t.Fatal(p.Status, open, err)
	}
	if err := b.s.CloseOpen(t.Context(), subject); !errors.Is(err, ErrInProgress) {
		t.Errorf("canceled although the gateway did not say: %v", err)
	}
	b.s.gateways[SimulatedChannel] = b.g // it has never heard of the charge
	b.d.Clock().Shift(time.Hour)
	if err := b.s.CheckDue(t.Context()); err != nil || b.status(t, p.ID) != Closed {
		t.Error(err, b.status(t, p.ID))
	}
}

func TestWithoutAChannelNothingStarts(t *testing.T) {
	s := New(dbtest.SQLite(t))
	if _, err := s.Start(t.Context(), account.Principal{OrgID: 7}, 1, ""); !errors.Is(err, ErrNoChannel) {
		t.Error(err)
	}
}

func TestAnotherCompanysSubjectIsNotThere(t *testing.T) {
	b := newBench(t, dbtest.SQLite(t))
	stranger := b.who
	stranger.OrgID = 8
	if _, err := b.s.Start(t.Context(), stranger, 1, ""); !errors.Is(err, errs.ErrNotFound) {
		t.Error(err)
	}
	p := b.start(t, 2)
	if _, err := b.s.Get(t.Context(), stranger, p.ID); !errors.Is(err, errs.ErrNotFound) {
		t.Error(err)
	}
}
