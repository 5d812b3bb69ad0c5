package payment

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// SimulatedChannel is the name of the simulated gateway.
const SimulatedChannel = "simulated"

// Headers of a notice of the simulated gateway. The signature is the hex
// HMAC-SHA256, by the shared secret, of the time stamp (Unix seconds), a full
// stop and the body as sent.
const (
	HeaderTimestamp = "X-Smedx-Timestamp"
	HeaderSignature = "X-Smedx-Signature"
)

// noticeWindow is how old (or early) a notice's time stamp may be.
const noticeWindow = 5 * time.Minute

// Simulated is a payment channel for demonstrations and tests: no money moves.
// It behaves like a real gateway: it keeps its own books, the buyer pays on its
// page, and it tells us by a signed notice through the same way in.
type Simulated struct {
	db     *db.DB
	secret []byte
	notify func(ctx context.Context, header http.Header, body []byte) error
}

var _ Gateway = (*Simulated)(nil)

// NewSimulated makes the channel; the secret signs its notices.
func NewSimulated(d *db.DB, secret []byte) *Simulated { return &Simulated{db: d, secret: secret} }

// Deliver says where notices go; wiring calls it once.
func (g *Simulated) Deliver(to func(ctx context.Context, header http.Header, body []byte) error) {
	g.notify = to
}

// SimulatedCharge is a charge as the simulated cashier shows it.
type SimulatedCharge struct {
	bun.BaseModel `bun:"table:simulated_charges"`

	PaymentID   id.ID `bun:",pk"`
	AmountFen   money.Fen
	Title       string
	Status      string // open, paid, declined, closed
	TxnNo       string
	RefundedFen money.Fen
	Payer       string // the name of the account that paid
	CreatedAt   clock.Instant
	ExpiresAt   clock.Instant
	EndedAt     clock.Instant
}

type simulatedRefund struct {
	bun.BaseModel `bun:"table:simulated_refunds"`

	RefundID  id.ID `bun:",pk"`
	PaymentID id.ID
	AmountFen money.Fen
	DoneAt    clock.Instant
}

// Channel is "simulated".
func (g *Simulated) Channel() string { return SimulatedChannel }

// Create opens a charge; the same payment again gives the same charge.
func (g *Simulated) Create(ctx context.Context, c Charge) (string, error) {
	err := g.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.InsertNew(ctx, &SimulatedCharge{
			PaymentID: c.PaymentID, AmountFen: c.Amount, Title: c.Title, Status: "open",
			CreatedAt: clock.At(tx.Now()), ExpiresAt: clock.At(c.ExpiresAt),
		})
		return err
	})
	return "/cashier/" + c.PaymentID.String(), err
}

// Charge is what the cashier page shows.
func (g *Simulated) Charge(ctx context.Context, paymentID id.ID) (c SimulatedCharge, err error) {
	err = g.db.Select(&c).Where("payment_id = ?", paymentID).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return c, err
}

// Query tells what became of a charge.
func (g *Simulated) Query(ctx context.Context, paymentID id.ID) (Notice, error) {
	c, err := g.Charge(ctx, paymentID)
	if errors.Is(err, errs.ErrNotFound) {
		return Notice{PaymentID: paymentID, Outcome: OutcomeNone}, nil
	}
	return c.notice(), err
}

func (c SimulatedCharge) notice() Notice {
	outcome := map[string]Outcome{"open": OutcomeOpen, "paid": OutcomePaid, "declined": OutcomeRefused, "closed": OutcomeShut}[c.Status]
	return Notice{PaymentID: c.PaymentID, TxnNo: c.TxnNo, Outcome: outcome, Amount: c.AmountFen, Payer: c.Payer}
}

// Close ends a charge that was not paid.
func (g *Simulated) Close(ctx context.Context, paymentID id.ID) error {
	return g.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE simulated_charges SET status = 'closed', ended_at = ? WHERE payment_id = ? AND status = 'open'`,
			clock.At(tx.Now()), paymentID)
		if err != nil || n == 1 {
			return err
		}
		paid, err := tx.Select((*SimulatedCharge)(nil)).Where("payment_id = ? AND status = 'paid'", paymentID).Count(ctx)
		if err == nil && paid > 0 {
			err = ErrPaidAlready
		}
		return err
	})
}

// Refund gives money of a paid charge back, once for each refund.
func (g *Simulated) Refund(ctx context.Context, b Back) error {
	return g.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		fresh, err := tx.InsertNew(ctx, &simulatedRefund{RefundID: b.RefundID, PaymentID: b.PaymentID, AmountFen: b.Amount, DoneAt: clock.At(tx.Now())})
		if err != nil || !fresh {
			return err
		}
		ok, err := tx.ExecOne(ctx, `UPDATE simulated_charges SET refunded_fen = refunded_fen + ? WHERE payment_id = ? AND status = 'paid' AND amount_fen - refunded_fen >= ?`,
			b.Amount, b.PaymentID, b.Amount)
		if err == nil && !ok {
			err = ErrRefundRefused
		}
		return err
	})
}

// Pay is the buyer's 确认付款 on the cashier page, from an account of that name: the
// charge is paid and the platform is notified. A charge that has ended is
// errs.ErrInvalidState.
func (g *Simulated) Pay(ctx context.Context, paymentID id.ID, payer string) error {
	return g.end(ctx, paymentID, "paid", id.New().String(), payer)
}

// Decline is the buyer's 取消支付.
func (g *Simulated) Decline(ctx context.Context, paymentID id.ID) error {
	return g.end(ctx, paymentID, "declined", "", "")
}

func (g *Simulated) end(ctx context.Context, paymentID id.ID, status, txnNo, payer string) error {
	err := g.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := clock.At(tx.Now())
		ok, err := tx.ExecOne(ctx, `UPDATE simulated_charges SET status = ?, txn_no = ?, payer = ?, ended_at = ? WHERE payment_id = ? AND status = 'open' AND expires_at > ?`,
			status, txnNo, payer, now, paymentID, now)
		if err != nil || ok {
			return err
		}
		var c SimulatedCharge
		err = tx.Select(&c).Where("payment_id = ?", paymentID).Scan(ctx)
		switch {
		case db.IsNotFound(err):
			return errs.ErrNotFound
		case err == nil && c.Status == status:
			return nil // a second click
		case err == nil:
			err = errs.ErrInvalidState.In(c.Status)
		}
		return err
	})
	if err != nil {
		return err
	}
	c, err := g.Charge(ctx, paymentID)
	if err != nil {
		return err
	}
	header, body := g.Sign(c.notice(), g.db.Now())
	if err := g.notify(ctx, header, body); err != nil {
		// As with a real gateway: the money is paid, and the platform asks for what it was not told.
		slog.WarnContext(ctx, "the simulated gateway could not deliver a notice", "payment", paymentID, "error", err)
	}
	return nil
}

// wireNotice is the body of a notice.
type wireNotice struct {
	PaymentID id.ID     `json:"paymentId"`
	TxnNo     string    `json:"txnNo"`
	Outcome   Outcome   `json:"outcome"`
	AmountFen money.Fen `json:"amountFen"`
	Currency  string    `json:"currency"`
	Payer     string    `json:"payer,omitempty"`
}

// Sign writes a notice as it goes over the wire.
func (g *Simulated) Sign(n Notice, at time.Time) (http.Header, []byte) {
	body, err := json.Marshal(wireNotice{n.PaymentID, n.TxnNo, n.Outcome, n.Amount, "CNY", n.Payer})
	if err != nil {
		panic(err) // a plain struct
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	header := http.Header{}
	header.Set(HeaderTimestamp, stamp)
	header.Set(HeaderSignature, hex.EncodeToString(g.mac(stamp, body)))
	return header, body
}

func (g *Simulated) mac(stamp string, body []byte) []byte {
	m := hmac.New(sha256.New, g.secret)
	m.Write([]byte(stamp + "."))
	m.Write(body)
	return m.Sum(nil)
}

// Verify checks signature, age and form of a notice.
func (g *Simulated) Verify(header http.Header, body []byte, now time.Time) (Notice, error) {
	stamp := header.Get(HeaderTimestamp)
	sum, err := hex.DecodeString(header.Get(HeaderSignature))
	if err != nil || !hmac.Equal(sum, g.mac(stamp, body)) {
		return Notice{}, ErrSignature
	}
	sec, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || now.Sub(time.Unix(sec, 0)).Abs() > noticeWindow {
		return Notice{}, ErrSignature
	}
	var w wireNotice
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&w); err != nil || w.Currency != "CNY" {
		return Notice{}, ErrSignature
	}
	return Notice{PaymentID: w.PaymentID, TxnNo: w.TxnNo, Outcome: w.Outcome, Amount: w.AmountFen, Payer: w.Payer}, nil
}
