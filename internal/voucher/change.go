package voucher

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// ChangeStatus is where a change of a campaign stands.
type ChangeStatus string

// The states of a change.
const (
	ChangePending   ChangeStatus = "pending" // waits for a second person
	ChangeApplied   ChangeStatus = "applied"
	ChangeRejected  ChangeStatus = "rejected"
	ChangeWithdrawn ChangeStatus = "withdrawn"
	ChangeVoid      ChangeStatus = "void" // the campaign was over before a decision
)

// ChangeEvent is what can happen to a change.
type ChangeEvent string

// The events of a change.
const (
	ApplyChange    ChangeEvent = "apply"
	RejectChange   ChangeEvent = "reject"
	WithdrawChange ChangeEvent = "withdraw"
	LapseChange    ChangeEvent = "lapse"
)

// ChangeFlow is the state machine of a change.
var ChangeFlow = map[ChangeStatus]map[ChangeEvent]ChangeStatus{
	ChangePending: {
		ApplyChange: ChangeApplied, RejectChange: ChangeRejected, WithdrawChange: ChangeWithdrawn, LapseChange: ChangeVoid,
	},
	ChangeApplied:   {},
	ChangeRejected:  {},
	ChangeWithdrawn: {},
	ChangeVoid:      {},
}

// Next answers where an event leads, or a refusal that names the state.
func (s ChangeStatus) Next(e ChangeEvent) (ChangeStatus, error) {
	if to, ok := ChangeFlow[s][e]; ok {
		return to, nil
	}
	return "", errs.ErrInvalidState.In(string(s))
}

// Changeable are the states in which a campaign may be changed. Before them it
// is edited, after them it is over.
var Changeable = []CampaignStatus{Scheduled, Open, SoldOut, Paused}

// ErrChangeOpen says that another change of the campaign waits for its decision.
var ErrChangeOpen = errs.New(errs.Conflict, "voucher.change_pending")

// Change asks for a longer window or larger quotas of a campaign that is
// approved already. Nothing else of it can be changed, and nothing of what has
// been issued.
type Change struct {
	bun.BaseModel `bun:"table:campaign_changes,alias:ch"`

	ID          id.ID `bun:",pk"`
	CampaignID  id.ID
	Before      ChangeTerms `bun:"terms_before"`
	After       ChangeTerms `bun:"terms_after"`
	Extra       money.Fen   `bun:"extra_fen"`
	Reason      string
	Status      ChangeStatus
	CaseID      id.ID
	ContentHash string
	CreatedBy   id.ID
	CreatedName string
	CreatedAt   clock.Instant
	DecidedBy   id.ID
	DecidedName string
	DecidedAt   clock.Instant
	Comment     string // of the decision
	ToldUntil   id.ID
	ToldAt      clock.Instant
}

// ChangeTerms are everything of a campaign that a change may touch.
type ChangeTerms struct {
	ClosesAt clock.Instant `json:"closesAt"`
	Quotas   []Quota       `json:"quotas"`
}

// Quota is how many of a campaign voucher there are.
type Quota struct {
	VoucherID id.ID  `json:"voucherId"` // of the campaign voucher
	Name      string `json:"name"`
	Quota     int64  `json:"quota"`
}

// ChangeDraft is what an operator asks for. A zero end and a voucher that is not
// named stay as they are.
type ChangeDraft struct {
	ClosesAt clock.Instant
	Quotas   []Quota
	Reason   string
}

// terms are the present ones.
func (c Campaign) terms() ChangeTerms {
	t := ChangeTerms{ClosesAt: c.ClosesAt}
	for _, v := range c.Vouchers {
		t.Quotas = append(t.Quotas, Quota{v.ID, v.Name, v.Quota})
	}
	return t
}

// with is the campaign as it is after the change: longer, and with more stock.
func (c Campaign) with(t ChangeTerms) Campaign {
	c.ClosesAt, c.Vouchers = t.ClosesAt, slices.Clone(c.Vouchers)
	for i := range c.Vouchers {
		v := &c.Vouchers[i]
		v.ClosesAt, v.Remaining, v.Quota = t.ClosesAt, v.Remaining+t.Quotas[i].Quota-v.Quota, t.Quotas[i].Quota
	}
	return c
}

// changed answers the terms that a draft asks for, or by field what is wrong
// with it. available is what the budget still has.
func (c Campaign) changed(in ChangeDraft, available money.Fen) (ChangeTerms, error) {
	var bad errs.Fields
	after := c.terms()
	if n := utf8.RuneCountInString(in.Reason); n == 0 {
		bad.Add("/reason", "field.required")
	} else if n > 500 {
		bad.Add("/reason", "field.too_long", "max", 500)
	}
	if !in.ClosesAt.IsZero() {
		after.ClosesAt = in.ClosesAt
	}
	if after.ClosesAt < c.ClosesAt {
		bad.Add("/closesAt", "field.only_later")
	}
	for i, q := range in.Quotas {
		at := "/quotas/" + strconv.Itoa(i)
		n := slices.IndexFunc(after.Quotas, func(have Quota) bool { return have.VoucherID == q.VoucherID })
		switch {
		case n < 0:
			bad.Add(at+"/voucherId", "field.choice")
		case q.Quota < c.Vouchers[n].Quota:
			bad.Add(at+"/quota", "field.only_more", "min", c.Vouchers[n].Quota)
		case q.Quota > maxQuota:
			bad.Add(at+"/quota", "field.out_of_range", "min", c.Vouchers[n].Quota, "max", maxQuota)
		default:
			after.Quotas[n].Quota = q.Quota
		}
	}
	if len(bad) > 0 {
		return after, bad.Err()
	}
	then := c.with(after)
	switch extra := then.Worth() - c.Worth(); {
	case extra == 0 && then.ClosesAt == c.ClosesAt:
		bad.Add("/closesAt", "field.no_change")
	case then.Worth() > money.MaxTotal:
		bad.Add("/quotas", "field.money_range", "min", money.Fen(1), "max", money.MaxTotal)
	case extra > available:
		bad.Add("/quotas", "field.budget_short", "available", available, "wanted", extra)
	}
	for _, v := range then.Vouchers {
		if _, until := v.Terms.Validity.Of(then.ClosesAt.Time()); until < then.ClosesAt {
			bad.Add("/closesAt", "field.expires_before_close")
			break
		}
	}
	return after, bad.Err()
}

// hash names exactly what is approved.
func (ch Change) hash() string {
	sum := sha256.Sum256([]byte(jsonText(struct {
		Campaign      id.ID
		Before, After ChangeTerms
		Reason        string
	}{ch.CampaignID, ch.Before, ch.After, ch.Reason})))
	return hex.EncodeToString(sum[:])
}

// Words say what a change does, for messages.
func (ch Change) Words() string {
	var parts []string
	if ch.After.ClosesAt != ch.Before.ClosesAt {
		last := ch.After.ClosesAt.Time().In(clock.Shanghai).Add(-1)
		parts = append(parts, "活动结束时间延长至 "+last.Format("2006-01-02 15:04:05"))
	}
	for i, q := range ch.After.Quotas {
		if before := ch.Before.Quotas[i].Quota; before != q.Quota {
			parts = append(parts, cmp.Or(q.Name, "服务券")+"由 "+strconv.FormatInt(before, 10)+" 张增加至 "+strconv.FormatInt(q.Quota, 10)+" 张")
		}
	}
	return strings.Join(parts, "；")
}
