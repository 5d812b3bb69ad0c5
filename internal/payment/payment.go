// Package payment takes money for what another module says is due: payments,
// gateways, their notices, refunds. It does not know what is bought; that module
// implements Payee and is called in the transaction of the payment's success.
package payment

import (
	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// Status is where a payment stands.
type Status string

// The statuses of a payment. In created, pending and unknown money may still come.
const (
	Created   Status = "created"   // written down, the gateway is being asked
	Pending   Status = "pending"   // the gateway knows it, the buyer is paying
	Unknown   Status = "unknown"   // the gateway did not answer; it will be asked
	Succeeded Status = "succeeded" // the money is here and paid for the orders
	Failed    Status = "failed"
	Closed    Status = "closed"
	Suspense  Status = "suspense" // another amount came; it paid for nothing
	Late      Status = "late"     // the money came after the payment had ended
)

// Statuses lists every status.
var Statuses = []Status{Created, Pending, Unknown, Succeeded, Failed, Closed, Suspense, Late}

// Open reports whether money may still come in the ordinary way.
func (s Status) Open() bool { return s == Created || s == Pending || s == Unknown }

// Event is what happens to a payment.
type Event string

// The events of a payment.
const (
	Accepted   Event = "accepted"   // the gateway took it
	TimedOut   Event = "timed_out"  // the gateway did not answer, or not sensibly
	Paid       Event = "paid"       // verified, the amount is right
	Mismatched Event = "mismatched" // verified, the amount is wrong
	Refused    Event = "refused"    // the gateway says that it failed
	Shut       Event = "shut"       // the gateway confirms that nothing was paid and nothing can be
)

// Events lists every event.
var Events = []Event{Accepted, TimedOut, Paid, Mismatched, Refused, Shut}

// flow is the state machine of a payment. Money that comes to a payment that has
// had its money already is no event of it: it goes to suspense beside it.
var flow = map[Status]map[Event]Status{
	Created: {Accepted: Pending, TimedOut: Unknown, Paid: Succeeded, Mismatched: Suspense},
	Pending: {TimedOut: Unknown, Paid: Succeeded, Mismatched: Suspense, Refused: Failed, Shut: Closed},
	Unknown: {Accepted: Pending, Paid: Succeeded, Mismatched: Suspense, Refused: Failed, Shut: Closed},
	Failed:  {Paid: Late, Mismatched: Suspense},
	Closed:  {Paid: Late, Mismatched: Suspense},
}

// Next is where an event leads, or errs.ErrInvalidState.
func (s Status) Next(e Event) (Status, error) {
	if to, ok := flow[s][e]; ok {
		return to, nil
	}
	return "", errs.ErrInvalidState.In(string(s))
}

// Payment is one attempt to pay what is due for a subject (a checkout).
type Payment struct {
	bun.BaseModel `bun:"table:payments"`

	ID          id.ID `bun:",pk"`
	SubjectID   id.ID
	OrgID       id.ID
	UserID      id.ID
	Channel     string
	Title       string
	Status      Status
	AmountFen   money.Fen
	CapturedFen money.Fen // what came in
	Applied     bool      // it paid for the orders; otherwise it lies in suspense
	TxnNo       string    // the gateway's own number of the transaction
	PayURL      string    `bun:"pay_url"` // where the buyer pays
	CreatedAt   clock.Instant
	ExpiresAt   clock.Instant
	CheckAt     clock.Instant
	Checks      int64
	EndedAt     clock.Instant
}

// RefundStatus is where a refund stands.
type RefundStatus string

// The statuses of a refund. A failed one is tried again with the same number, so
// the gateway cannot pay it twice; its money stays in refund_pending meanwhile.
const (
	RefundApproved  RefundStatus = "approved"
	RefundSubmitted RefundStatus = "submitted"
	RefundUnknown   RefundStatus = "unknown"
	RefundFailed    RefundStatus = "failed"
	RefundDone      RefundStatus = "done"
)

// Sources of the money of a refund.
const (
	ofOrder    = "order"
	ofSuspense = "suspense"
)

// Refund gives money back the way it came.
type Refund struct {
	bun.BaseModel `bun:"table:refunds"`

	ID        id.ID `bun:",pk"`
	PaymentID id.ID
	Source    string
	SourceID  id.ID
	TxnNo     string
	OrgID     id.ID
	AmountFen money.Fen
	Status    RefundStatus
	Reason    string
	CreatedAt clock.Instant
	CheckAt   clock.Instant
	Checks    int64
	DoneAt    clock.Instant
}

// Refusals of this module.
var (
	ErrNoChannel  = errs.New(errs.Conflict, "payment.no_channel")
	ErrNothingDue = errs.New(errs.Conflict, "payment.nothing_due")
	ErrInProgress = errs.New(errs.Conflict, "payment.in_progress")
	ErrSignature  = errs.New(errs.BadRequest, "payment.bad_signature")
	ErrUnknown    = errs.New(errs.NotFound, "payment.unknown")
	ErrGateway    = errs.New(errs.Unavailable, "payment.gateway_unavailable")
)
