package voucher

import (
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// Mode says how an enterprise obtains a voucher of a campaign.
type Mode string

// The modes of a campaign.
const (
	Rush      Mode = "rush"        // 抢券: first come, first served
	ByRequest Mode = "application" // 申请: granted at once, or after a look by the operator
)

// CampaignStatus is where a campaign stands.
type CampaignStatus string

// The states of a campaign.
const (
	Draft     CampaignStatus = "draft"
	Pending   CampaignStatus = "pending" // waits for the department
	Scheduled CampaignStatus = "scheduled"
	Open      CampaignStatus = "open"
	SoldOut   CampaignStatus = "sold_out"
	Paused    CampaignStatus = "paused"
	Ended     CampaignStatus = "ended"
	Closed    CampaignStatus = "closed" // settled: what was left has gone back
	Canceled  CampaignStatus = "canceled"
)

// CampaignEvent is what can happen to a campaign.
type CampaignEvent string

// The events of a campaign.
const (
	Submit  CampaignEvent = "submit"
	Approve CampaignEvent = "approve"
	Return  CampaignEvent = "return" // rejected, returned for correction or withdrawn
	Start   CampaignEvent = "start"  // opens_at has come
	SellOut CampaignEvent = "sell_out"
	Pause   CampaignEvent = "pause"
	Resume  CampaignEvent = "resume"
	End     CampaignEvent = "end" // closes_at has come
	Close   CampaignEvent = "close"
	Cancel  CampaignEvent = "cancel"

	QuotaRaise CampaignEvent = "quota_raise" // an approved change brings new stock
)

// CampaignFlow is the state machine of a campaign; what is not listed is refused.
var CampaignFlow = map[CampaignStatus]map[CampaignEvent]CampaignStatus{
	Draft:     {Submit: Pending, Cancel: Canceled},
	Pending:   {Approve: Scheduled, Return: Draft},
	Scheduled: {Start: Open, Cancel: Canceled},
	Open:      {SellOut: SoldOut, Pause: Paused, End: Ended},
	SoldOut:   {QuotaRaise: Open, End: Ended},
	Paused:    {Resume: Open, End: Ended},
	Ended:     {Close: Closed},
	Closed:    {},
	Canceled:  {},
}

// Next answers where an event leads, or a refusal that names the state.
func (s CampaignStatus) Next(e CampaignEvent) (CampaignStatus, error) {
	if to, ok := CampaignFlow[s][e]; ok {
		return to, nil
	}
	return "", errs.ErrInvalidState.In(string(s))
}

// Listed are the states in which companies and visitors see a campaign.
var Listed = []CampaignStatus{Scheduled, Open, SoldOut, Paused}

var (
	// ErrNotOpen says that the campaign has not begun ("opensAt").
	ErrNotOpen = errs.New(errs.Conflict, "voucher.campaign_not_open")
	// ErrPaused says that the operator paused the campaign.
	ErrPaused = errs.New(errs.Conflict, "voucher.campaign_paused")
	// ErrEnded says that the campaign is over.
	ErrEnded = errs.New(errs.Gone, "voucher.campaign_ended")
	// ErrWrongMode says that a voucher of a rush was applied for, or the other way round.
	ErrWrongMode = errs.New(errs.Conflict, "voucher.wrong_mode")
	// ErrSoldOut says that nothing is left.
	ErrSoldOut = errs.New(errs.Conflict, "voucher.sold_out")
	// ErrQuotaUsed says to who decides an application that nothing is left for it.
	ErrQuotaUsed = errs.New(errs.Conflict, "voucher.quota_used")
	// ErrQuotaFinal says so of a campaign that is over, whose quota stays as it is.
	ErrQuotaFinal = errs.New(errs.Conflict, "voucher.quota_final")
	// ErrLimit says that the company has as many as the campaign allows.
	ErrLimit = errs.New(errs.Conflict, "voucher.limit_reached")
	// ErrNotEligible says that the company misses rules of the campaign ("rules").
	ErrNotEligible = errs.New(errs.Forbidden, "voucher.not_eligible")
)

// Type is a kind of voucher (券种), a pattern that campaigns copy.
type Type struct {
	bun.BaseModel `bun:"table:voucher_types"`

	ID          id.ID `bun:",pk"`
	Name        string
	Description string
	FaceValue   money.Fen `bun:"face_value_fen"`
	Terms       Terms
	Retired     bool
	CreatedBy   id.ID
	CreatedAt   clock.Instant
	UpdatedAt   clock.Instant
	Version     int64
}

// Campaign is a voucher campaign (服务券活动).
type Campaign struct {
	bun.BaseModel `bun:"table:campaigns,alias:c"`

	ID           id.ID `bun:",pk"`
	Name         string
	Description  string
	Mode         Mode
	AutoGrant    bool // mode application: without review
	BudgetID     id.ID
	OpensAt      clock.Instant
	ClosesAt     clock.Instant // exclusive
	PerOrg       int64         // of each of its vouchers
	Rules        Rules
	Status       CampaignStatus
	Reason       string
	Funded       money.Fen `bun:"funded_fen"`
	Released     money.Fen `bun:"released_fen"`
	ContentHash  string
	CaseID       id.ID
	CreatedBy    id.ID
	CreatedName  string
	CreatedAt    clock.Instant
	UpdatedAt    clock.Instant
	ApprovedBy   id.ID
	ApprovedName string
	ApprovedAt   clock.Instant
	Version      int64

	Draw           bool   // mode application: 抽签 after the end
	DrawSeed       string // secret until DrawnAt
	DrawCommitment string
	DrawnAt        clock.Instant

	Challenge bool // mode rush: a captcha is solved once before the first claim

	Vouchers []CampaignVoucher `bun:"-"`
}

// CampaignVoucher is one voucher of a campaign with its stock.
type CampaignVoucher struct {
	bun.BaseModel `bun:"table:campaign_vouchers,alias:cv"`

	ID          id.ID `bun:",pk"`
	CampaignID  id.ID
	TypeID      id.ID
	Position    int64
	Name        string
	Description string
	FaceValue   money.Fen `bun:"face_value_fen"`
	Terms       Terms
	Quota       int64
	Remaining   int64
	Claimable   bool
	OpensAt     clock.Instant
	ClosesAt    clock.Instant
}

// Worth is what the campaign asks of its budget: every voucher at face value.
func (c Campaign) Worth() (sum money.Fen) {
	for _, v := range c.Vouchers {
		sum += v.FaceValue * money.Fen(v.Quota)
	}
	return sum
}

// hidden campaigns are there for the staff alone: nobody else ever heard of them.
// Whoever has the address of one that was approved and canceled later reads so.
func (c Campaign) hidden() bool {
	return c.Status == Draft || c.Status == Pending || c.Status == Canceled && c.ApprovedAt.IsZero()
}

// Claimable answers whether a voucher may be asked for at all. Stock is not
// asked here: only the store can answer that without a race.
func (c Campaign) Claimable(mode Mode, now time.Time) error {
	at := clock.At(now)
	switch {
	case c.hidden() || c.Status == Canceled:
		return errs.ErrNotFound
	case c.Mode != mode:
		return ErrWrongMode
	case at >= c.ClosesAt || c.Status == Ended || c.Status == Closed:
		return ErrEnded
	case at < c.OpensAt:
		return ErrNotOpen.With("opensAt", c.OpensAt)
	case c.Status == Paused:
		return ErrPaused
	}
	return nil
}
