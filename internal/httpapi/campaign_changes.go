package httpapi

import (
	"context"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/voucher"
)

// CampaignNewsView tells everybody of a change that applies.
type CampaignNewsView struct {
	ID           id.ID             `json:"id"`
	At           clock.Instant     `json:"at"`
	Reason       string            `json:"reason"`
	ClosesBefore clock.Instant     `json:"closesBefore" doc:"Exclusive"`
	ClosesAfter  clock.Instant     `json:"closesAfter" doc:"Exclusive; the same when only quotas are raised"`
	Quotas       []QuotaChangeView `json:"quotas" doc:"Every voucher of the campaign"`
}

// QuotaChangeView is the quota of a voucher before a change and after it.
type QuotaChangeView struct {
	VoucherID id.ID  `json:"voucherId"`
	Name      string `json:"name"`
	Before    int64  `json:"before"`
	After     int64  `json:"after"`
}

// ChangeView is a change as the staff see it.
type ChangeView struct {
	CampaignNewsView
	Status      voucher.ChangeStatus `json:"status" enum:"pending,applied,rejected,withdrawn,void"`
	ExtraFen    money.Fen            `json:"extraFen" doc:"What it asks of the budget"`
	CaseID      id.ID                `json:"caseId" doc:"The review case that decides"`
	CreatedName string               `json:"createdName"`
	CreatedAt   clock.Instant        `json:"createdAt"`
	DecidedName string               `json:"decidedName"`
	Comment     string               `json:"comment" doc:"Of the decision"`
}

func campaignNewsView(ch voucher.Change) CampaignNewsView {
	view := CampaignNewsView{
		ID: ch.ID, At: ch.DecidedAt, Reason: ch.Reason, ClosesBefore: ch.Before.ClosesAt, ClosesAfter: ch.After.ClosesAt, Quotas: []QuotaChangeView{},
	}
	for i, q := range ch.After.Quotas {
		view.Quotas = append(view.Quotas, QuotaChangeView{q.VoucherID, q.Name, ch.Before.Quotas[i].Quota, q.Quota})
	}
	return view
}

func changeView(ch voucher.Change) ChangeView {
	return ChangeView{
		CampaignNewsView: campaignNewsView(ch), Status: ch.Status, ExtraFen: ch.Extra, CaseID: ch.CaseID,
		CreatedName: ch.CreatedName, CreatedAt: ch.CreatedAt, DecidedName: ch.DecidedName, Comment: ch.Comment,
	}
}

// changesOf is every change of a campaign, newest first.
func (a *API) changesOf(ctx context.Context, campaignID id.ID) ([]ChangeView, error) {
	list, err := a.Vouchers.Changes(ctx, campaignID, "")
	views := make([]ChangeView, 0, len(list))
	for _, ch := range list {
		views = append(views, changeView(ch))
	}
	return views, err
}

// HaltView tells everybody of a pause or of its end.
type HaltView struct {
	At     clock.Instant         `json:"at"`
	Event  voucher.CampaignEvent `json:"event" enum:"pause,resume"`
	Reason string                `json:"reason" doc:"Of a pause"`
}

func haltViews(list []voucher.Halt) []HaltView {
	views := make([]HaltView, 0, len(list))
	for _, h := range list {
		views = append(views, HaltView(h))
	}
	return views
}

// newsViews are the changes of a campaign that everybody reads.
func newsViews(list []voucher.Change) []CampaignNewsView {
	views := make([]CampaignNewsView, 0, len(list))
	for _, ch := range list {
		views = append(views, campaignNewsView(ch))
	}
	return views
}

func (a *API) changeCampaign(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body struct {
		ClosesAt clock.Instant `json:"closesAt,omitzero" doc:"Exclusive; left out, the end stays"`
		Quotas   []struct {
			VoucherID id.ID `json:"voucherId" doc:"Of the campaign voucher"`
			Quota     int64 `json:"quota"`
		} `json:"quotas,omitempty" maxItems:"20" doc:"Vouchers of which there shall be more"`
		Reason string `json:"reason" doc:"Everybody reads it once the change applies"`
	}
}) (*body[ChangeView], error) {
	draft := voucher.ChangeDraft{ClosesAt: in.Body.ClosesAt, Reason: in.Body.Reason}
	for _, q := range in.Body.Quotas {
		draft.Quotas = append(draft.Quotas, voucher.Quota{VoucherID: q.VoucherID, Quota: q.Quota})
	}
	ch, err := a.Vouchers.RequestChange(ctx, caller(ctx), in.ID.ID, draft)
	if err != nil {
		return nil, err
	}
	return reply(changeView(ch), nil)
}

// SimulationView says what a campaign would mean for the companies of today.
type SimulationView struct {
	Companies int64              `json:"companies" doc:"Enterprises that are verified now"`
	Funnel    []voucher.RuleStep `json:"funnel" doc:"Each rule that is asked, in order"`
	Qualified int64              `json:"qualified"`
	Quota     int64              `json:"quota" doc:"Vouchers"`
	Issued    int64              `json:"issued" doc:"Vouchers that companies have already"`
	Issuable  int64              `json:"issuable" doc:"Further vouchers, if every company that qualifies takes all it still may"`
	SpendFen  money.Fen          `json:"spendFen" doc:"Of the further ones at face value"`
	Regions   []voucher.Share    `json:"regions" doc:"By city, or by province where there are many cities; most companies first, the last one may be the others together"`
	Sizes     []voucher.Share    `json:"sizes"`
	Budget    *BudgetRestView    `json:"budget,omitempty" doc:"Where a budget was named"`
}

// BudgetRestView is what a campaign leaves of its budget.
type BudgetRestView struct {
	Name      string    `json:"name"`
	BeforeFen money.Fen `json:"beforeFen" doc:"What campaigns may take of it now"`
	TakesFen  money.Fen `json:"takesFen" doc:"What the approval takes: the quota at face value, less what was taken before"`
	AfterFen  money.Fen `json:"afterFen" doc:"Below zero: the campaign cannot be approved"`
}

func (a *API) simulateCampaign(ctx context.Context, in *struct {
	Body struct {
		BudgetID id.ID         `json:"budgetId,omitzero" doc:"Whose rest is answered"`
		PerOrg   int64         `json:"perOrg"`
		Rules    voucher.Rules `json:"rules"`
		Vouchers []struct {
			ID           id.ID     `json:"id,omitempty" doc:"Of a campaign voucher that exists: what was issued of it counts"`
			FaceValueFen money.Fen `json:"faceValueFen"`
			Quota        int64     `json:"quota"`
		} `json:"vouchers" maxItems:"20"`
	}
}) (*body[SimulationView], error) {
	outline := voucher.Outline{Budget: in.Body.BudgetID, PerOrg: in.Body.PerOrg, Rules: in.Body.Rules}
	for _, v := range in.Body.Vouchers {
		outline.Vouchers = append(outline.Vouchers, voucher.OutlineVoucher{ID: v.ID, FaceValue: v.FaceValueFen, Quota: v.Quota})
	}
	r, err := a.Vouchers.Simulate(ctx, outline)
	if err != nil {
		return nil, err
	}
	out := SimulationView{r.Companies, r.Funnel, r.Qualified, r.Quota, r.Issued, r.Issuable, r.Spend, r.Regions, r.Sizes, nil}
	if rest := r.Budget; rest != nil {
		out.Budget = &BudgetRestView{rest.Name, rest.Before, rest.Takes, rest.After}
	}
	return reply(out, nil)
}
