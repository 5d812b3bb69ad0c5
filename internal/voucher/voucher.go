// Package voucher issues service vouchers to enterprises and tracks every fen
// of them: types, campaigns, claims, applications, holds and redemptions.
// Budgets belong to fund, prices to catalog, what is bought to order.
//
// A voucher is stored value (face value, balance), not a discount: it pays for
// an order, it never changes a price.
package voucher

import (
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/org"
)

// Status is where a voucher stands in its life; its money stands in four amounts.
type Status string

// The states of a voucher.
const (
	Active    Status = "active"
	Exhausted Status = "exhausted" // nothing available and nothing held
	Frozen    Status = "frozen"    // no new holds; open ones live on
	Expired   Status = "expired"
	Revoked   Status = "revoked"
)

// Event is what can happen to a voucher.
type Event string

// The events of a voucher.
const (
	EventHold     Event = "hold"
	EventRedeem   Event = "redeem"
	EventExhaust  Event = "exhaust" // the redemption that leaves nothing, or the thaw of what was used up meanwhile
	EventRelease  Event = "release"
	EventRestore  Event = "restore"
	EventFreeze   Event = "freeze"
	EventEase     Event = "ease" // a thaw that leaves another freeze
	EventUnfreeze Event = "unfreeze"
	EventExpire   Event = "expire"
	EventRevoke   Event = "revoke"
)

// Flow is the state machine of a voucher. Money that comes back to a voucher
// that is expired or revoked goes on to the campaign's returned account.
var Flow = map[Status]map[Event]Status{
	Active:    {EventHold: Active, EventRedeem: Active, EventExhaust: Exhausted, EventRelease: Active, EventRestore: Active, EventFreeze: Frozen, EventExpire: Expired, EventRevoke: Revoked},
	Exhausted: {EventRestore: Active},
	Frozen:    {EventRedeem: Frozen, EventRelease: Frozen, EventRestore: Frozen, EventFreeze: Frozen, EventEase: Frozen, EventUnfreeze: Active, EventExhaust: Exhausted, EventExpire: Expired, EventRevoke: Revoked},
	Expired:   {EventRedeem: Expired, EventRelease: Expired, EventRestore: Expired},
	Revoked:   {EventRedeem: Revoked, EventRelease: Revoked, EventRestore: Revoked},
}

// Next is where an event leads, or a refusal that names the state.
func (s Status) Next(e Event) (Status, error) {
	if to, ok := Flow[s][e]; ok {
		return to, nil
	}
	return "", errs.ErrInvalidState.In(string(s))
}

// HoldStatus is where a hold stands.
type HoldStatus string

// A hold is resolved once: redeemed or released.
const (
	HoldOpen     HoldStatus = "open"
	HoldRedeemed HoldStatus = "redeemed"
	HoldReleased HoldStatus = "released"
)

var (
	// ErrUnverified says that the company is not verified.
	ErrUnverified = org.ErrUnverified
	// ErrNotUsable says that a chosen voucher is frozen, used up, not yet valid or expired.
	ErrNotUsable = errs.New(errs.Conflict, "voucher.not_usable")
	// ErrFrozen says that a chosen voucher is frozen, and why.
	ErrFrozen = errs.New(errs.Conflict, "voucher.frozen")
	// ErrRevoked says that a chosen voucher was revoked, and why.
	ErrRevoked = errs.New(errs.Conflict, "voucher.revoked")
	// ErrNotFitting says that a chosen voucher fits none of the lines, or their sum is below its minimum.
	ErrNotFitting = errs.New(errs.Conflict, "voucher.not_fitting")
	// ErrNotStackable says that a voucher was chosen beside others that it may not be used with.
	ErrNotStackable = errs.New(errs.Conflict, "voucher.not_stackable")
	// ErrInsufficient says that another order took the balance meanwhile.
	ErrInsufficient = errs.New(errs.Conflict, "voucher.insufficient")
)

// Voucher is a company's voucher. The four amounts always sum to the face value.
type Voucher struct {
	bun.BaseModel `bun:"table:vouchers,alias:v"`

	ID                id.ID `bun:",pk"`
	CampaignID        id.ID
	CampaignVoucherID id.ID
	OrgID             id.ID
	Seq               int64     // the company's first, second … of this campaign voucher
	FaceValue         money.Fen `bun:"face_value_fen"`
	Available         money.Fen `bun:"available_fen"`
	Held              money.Fen `bun:"held_fen"`     // by orders that are not paid yet
	Redeemed          money.Fen `bun:"redeemed_fen"` // net of what was restored
	Returned          money.Fen `bun:"returned_fen"` // gone back to the campaign
	Status            Status
	ValidFrom         clock.Instant
	ExpiresAt         clock.Instant // exclusive
	IssuedAt          clock.Instant
	Company           Company

	// Of the campaign voucher, read with the voucher.
	Name         string `bun:",scanonly"`
	Description  string `bun:",scanonly"`
	CampaignName string `bun:",scanonly"`
	Terms        Terms  `bun:",scanonly"`
}

// Usable reports whether the voucher can pay at an instant.
func (v Voucher) Usable(now time.Time) bool { return v.idle(now) == "" }

// Hold is what one order holds of one voucher.
type Hold struct {
	bun.BaseModel `bun:"table:voucher_holds,alias:h"`

	ID          id.ID `bun:",pk"`
	VoucherID   id.ID
	OrderID     id.ID
	OrgID       id.ID
	ProviderOrg id.ID
	Amount      money.Fen `bun:"amount_fen"`
	Restored    money.Fen `bun:"restored_fen"`
	Reclaimed   money.Fen `bun:"reclaimed_fen"`
	Status      HoldStatus
	Terms       Terms
	HeldAt      clock.Instant
	ResolvedAt  clock.Instant
	RestoredAt  clock.Instant
}

// Net is what a redeemed hold still pays, less what was refunded and what came back
// after the payout.
func (h Hold) Net() money.Fen {
	if h.Status != HoldRedeemed {
		return 0
	}
	return h.Amount - h.Restored - h.Reclaimed
}

type holdLine struct {
	bun.BaseModel `bun:"table:voucher_hold_lines"`

	HoldID     id.ID `bun:",pk"`
	LineKey    int64 `bun:",pk"`
	OfferingID id.ID
	Categories []string
	Industries []string
	Tags       []string
	Eligible   money.Fen `bun:"eligible_fen"`
	Amount     money.Fen `bun:"amount_fen"`
}
