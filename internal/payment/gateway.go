package payment

import (
	"context"
	"errors"
	"net/http"
	"time"

	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// Charge is what a gateway is asked to collect. PaymentID is the key that makes
// repeating the request harmless.
type Charge struct {
	PaymentID id.ID
	Amount    money.Fen
	Title     string
	ExpiresAt time.Time
}

// Outcome is what a gateway says about a charge.
type Outcome string

// The outcomes that a gateway can report.
const (
	OutcomePaid    Outcome = "succeeded"
	OutcomeRefused Outcome = "failed"
	OutcomeShut    Outcome = "closed"
	OutcomeOpen    Outcome = "open"   // the buyer has not paid yet
	OutcomeNone    Outcome = "absent" // the gateway has never heard of it
)

// Notice is a verified statement of a gateway about one charge.
type Notice struct {
	PaymentID id.ID
	TxnNo     string
	Outcome   Outcome
	Amount    money.Fen
	Payer     string // whose account paid; "": the gateway does not say
}

// Back is money that a gateway is asked to give back; RefundID is its key.
type Back struct {
	RefundID  id.ID
	PaymentID id.ID
	TxnNo     string
	Amount    money.Fen
}

var (
	// ErrPaidAlready is a gateway's answer to Close: too late, the buyer has paid.
	ErrPaidAlready = errors.New("payment: the charge is paid")
	// ErrRefundRefused is a gateway's definite "no" to a refund. Any other error leaves its outcome unknown.
	ErrRefundRefused = errors.New("payment: the refund is refused")
)

// Gateway is one payment channel. Calls never happen inside a transaction. An
// error other than the declared ones means that the outcome is unknown.
type Gateway interface {
	// Channel is the gateway's short name: "simulated".
	Channel() string
	// Create opens a charge and returns the address of the page where it is paid.
	Create(ctx context.Context, c Charge) (payURL string, err error)
	// Query asks what became of a charge.
	Query(ctx context.Context, paymentID id.ID) (Notice, error)
	// Close makes sure that a charge cannot be paid any more, or says ErrPaidAlready.
	// A charge that the gateway has never heard of counts as closed.
	Close(ctx context.Context, paymentID id.ID) error
	// Refund gives money back. Repeating it with the same RefundID changes nothing.
	Refund(ctx context.Context, b Back) error
	// Verify checks that a notice comes from the gateway and reads it; ErrSignature if not.
	Verify(header http.Header, body []byte, now time.Time) (Notice, error)
}
