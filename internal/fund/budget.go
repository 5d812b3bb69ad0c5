// Package fund owns the budgets of public money: who asked for one, who else
// approved it, and how much of it campaigns have taken. What a campaign does
// with its share belongs to voucher; the entries stand in the ledger.
package fund

import (
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// Status is where a budget stands.
type Status string

// A budget waits for a second person of the department and is decided once.
const (
	Pending  Status = "pending"
	Approved Status = "approved"
	Rejected Status = "rejected"
)

// Event is what can happen to a budget.
type Event string

// The events of a budget.
const (
	Approve Event = "approve"
	Reject  Event = "reject"
)

// Flow is the state machine of a budget.
var Flow = map[Status]map[Event]Status{
	Pending:  {Approve: Approved, Reject: Rejected},
	Approved: {},
	Rejected: {},
}

var (
	// ErrFourEyes says that the creator of a budget wanted to decide on it.
	ErrFourEyes = errs.New(errs.Forbidden, "fund.four_eyes")
	// ErrNotApproved says that a campaign asked for money of a budget that nobody has approved.
	ErrNotApproved = errs.New(errs.Conflict, "fund.not_approved")
	// ErrExceeded says that the budget has less left than was asked for ("available", in fen).
	ErrExceeded = errs.New(errs.Conflict, "fund.exceeded")
)

// Budget is an amount of public money for vouchers. Committed is what approved
// campaigns took and have not given back.
type Budget struct {
	bun.BaseModel `bun:"table:budgets"`

	ID          id.ID `bun:",pk"`
	Name        string
	Year        int64
	Purpose     string
	Amount      money.Fen `bun:"amount_fen"`
	Committed   money.Fen `bun:"committed_fen"`
	Status      Status
	CreatedBy   id.ID
	CreatedName string
	CreatedAt   clock.Instant
	DecidedBy   id.ID
	DecidedName string
	DecidedAt   clock.Instant
	Comment     string // of the decision
	Version     int64
}

// Available is what campaigns can still take; nothing before the approval.
func (b Budget) Available() money.Fen {
	if b.Status != Approved {
		return 0
	}
	return b.Amount - b.Committed
}

// Draft is what a new budget is made of.
type Draft struct {
	Name    string
	Year    int64
	Purpose string
	Amount  money.Fen
}

func (d *Draft) check() error {
	var bad errs.Fields
	d.Name, d.Purpose = strings.TrimSpace(d.Name), strings.TrimSpace(d.Purpose)
	if n := utf8.RuneCountInString(d.Name); n == 0 {
		bad.Add("/name", "field.required")
	} else if n > 60 {
		bad.Add("/name", "field.too_long", "max", 60)
	}
	if d.Year < 2000 || d.Year > 2100 {
		bad.Add("/year", "field.out_of_range", "min", 2000, "max", 2100)
	}
	if utf8.RuneCountInString(d.Purpose) > 500 {
		bad.Add("/purpose", "field.too_long", "max", 500)
	}
	if d.Amount < 1 || d.Amount > money.MaxTotal {
		bad.Add("/amountFen", "field.money_range", "min", money.Fen(1), "max", money.MaxTotal)
	}
	return bad.Err()
}
