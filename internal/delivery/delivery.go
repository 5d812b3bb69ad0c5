// Package delivery takes a paid order through its delivery: the provider's plan,
// each hand-over with its papers, the buyer's acceptance or rejection. The
// order's own state machine decides what is allowed; here stands why.
package delivery

import (
	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Status is where a delivery stands. Before it begins there is no delivery.
type Status string

// The statuses of a delivery.
const (
	InProgress Status = "in_progress" // 交付中
	Submitted  Status = "submitted"   // 待验收
	Rejected   Status = "rejected"    // 需整改
	Accepted   Status = "accepted"    // 已验收
)

// Statuses lists every status.
var Statuses = []Status{InProgress, Submitted, Rejected, Accepted}

// Event is what happens to a delivery once it has begun.
type Event string

// The events of a delivery.
const (
	Submit Event = "submit"
	Accept Event = "accept"
	Reject Event = "reject"
)

// Events lists every event.
var Events = []Event{Submit, Accept, Reject}

// flow is the state machine of a delivery.
var flow = map[Status]map[Event]Status{
	InProgress: {Submit: Submitted},
	Submitted:  {Accept: Accepted, Reject: Rejected},
	Rejected:   {Submit: Submitted},
}

// Next is where an event leads, or errs.ErrInvalidState.
func (s Status) Next(e Event) (Status, error) {
	if to, ok := flow[s][e]; ok {
		return to, nil
	}
	return "", errs.ErrInvalidState.In(string(s))
}

// Delivery is the delivery of one order.
type Delivery struct {
	bun.BaseModel `bun:"table:deliveries"`

	OrderID     id.ID `bun:",pk"`
	ProviderOrg id.ID
	BuyerOrg    id.ID
	Status      Status
	Round       int64
	Plan        string
	PlannedAt   clock.Instant // promised end, exclusive
	StartedAt   clock.Instant
	EndedAt     clock.Instant
	Version     int64
}

// Overdue reports whether the promised day has passed without a hand-over.
func (d Delivery) Overdue(now clock.Instant) bool {
	return d.Status != Accepted && d.Status != Submitted && now >= d.PlannedAt
}

// Round is one hand-over and the buyer's answer to it.
type Round struct {
	bun.BaseModel `bun:"table:delivery_rounds"`

	OrderID     id.ID `bun:",pk"`
	Round       int64 `bun:",pk"`
	Note        string
	SubmittedBy id.ID
	SubmittedAt clock.Instant
	Answer      string // "", accepted, rejected
	Reason      string
	AnsweredBy  id.ID
	AnsweredAt  clock.Instant

	Files []Paper `bun:"-"`
}

// Paper is a document of a hand-over as it was handed over.
type Paper struct {
	bun.BaseModel `bun:"table:delivery_files"`

	OrderID id.ID `bun:",pk"`
	Round   int64 `bun:",pk"`
	FileID  id.ID `bun:",pk"`
	Name    string
	Size    int64
	SHA256  string `bun:"sha256"`
}

// Limits of what is written and attached.
const (
	MaxText  = 1000 // characters
	MaxFiles = 20
)

// ErrNoPapers says that a hand-over has no document, or too many.
var ErrNoPapers = errs.New(errs.Invalid, "delivery.no_papers")
