package httpapi

import (
	"context"
	"net/http"

	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/voucher"
)

// VoucherTypeView is a voucher type (券种).
type VoucherTypeView struct {
	ID           id.ID         `json:"id"`
	Name         string        `json:"name"`
	Description  string        `json:"description"`
	FaceValueFen money.Fen     `json:"faceValueFen"`
	Terms        voucher.Terms `json:"terms"`
	Retired      bool          `json:"retired"`
	UpdatedAt    clock.Instant `json:"updatedAt"`
	Version      int64         `json:"version"`
}

func voucherTypeView(t voucher.Type) VoucherTypeView {
	return VoucherTypeView{t.ID, t.Name, t.Description, t.FaceValue, t.Terms, t.Retired, t.UpdatedAt, t.Version}
}

// VoucherTypeBody is what a voucher type is made of.
type VoucherTypeBody struct {
	Name         string        `json:"name"`
	Description  string        `json:"description"`
	FaceValueFen money.Fen     `json:"faceValueFen"`
	Terms        voucher.Terms `json:"terms"`
	Retired      bool          `json:"retired,omitempty"`
	Version      int64         `json:"version,omitempty" doc:"The version that was edited"`
}

func (b VoucherTypeBody) draft() voucher.TypeDraft {
	return voucher.TypeDraft{Name: b.Name, Description: b.Description, FaceValue: b.FaceValueFen, Terms: b.Terms, Retired: b.Retired}
}

// FiguresView is a campaign's money now; all parts sum to what was funded.
type FiguresView struct {
	FundedFen    money.Fen `json:"fundedFen"`
	UnissuedFen  money.Fen `json:"unissuedFen"`
	AvailableFen money.Fen `json:"availableFen"`
	HeldFen      money.Fen `json:"heldFen"`
	RedeemedFen  money.Fen `json:"redeemedFen" doc:"In escrow, payable or paid"`
	ReturnedFen  money.Fen `json:"returnedFen"`
	ReleasedFen  money.Fen `json:"releasedFen" doc:"Back in the budget: of a canceled campaign, all of it"`
	Issued       int64     `json:"issued" doc:"Vouchers"`
	Companies    int64     `json:"companies"`
	Balanced     bool      `json:"balanced" doc:"The parts sum to the funding"`
}

// ManagedCampaign is a campaign as the staff see it.
type ManagedCampaign struct {
	CampaignView
	BudgetID           id.ID         `json:"budgetId"`
	BudgetName         string        `json:"budgetName,omitempty"`
	BudgetAvailableFen money.Fen     `json:"budgetAvailableFen,omitempty" doc:"What campaigns may still take of the budget"`
	WorthFen           money.Fen     `json:"worthFen" doc:"Every voucher at face value"`
	CaseID             id.ID         `json:"caseId,omitzero" doc:"The review case of the last submission"`
	ContentHash        string        `json:"contentHash,omitempty"`
	CreatedName        string        `json:"createdName"`
	CreatedAt          clock.Instant `json:"createdAt"`
	ApprovedName       string        `json:"approvedName"`
	ApprovedAt         clock.Instant `json:"approvedAt"`
	StoppedName        string        `json:"stoppedName,omitempty" doc:"Of one campaign that is paused or canceled: who did it"`
	StoppedAt          clock.Instant `json:"stoppedAt"`
	Figures            *FiguresView  `json:"figures,omitempty"`
	Changes            []ChangeView  `json:"changes,omitempty" doc:"Of one campaign: its changes, newest first"`
	Version            int64         `json:"version"`
}

func (a *API) managedCampaign(c voucher.Campaign) ManagedCampaign {
	view := ManagedCampaign{
		CampaignView: a.campaignView(c), BudgetID: c.BudgetID, WorthFen: c.Worth(), CaseID: c.CaseID, ContentHash: c.ContentHash,
		CreatedName: c.CreatedName, CreatedAt: c.CreatedAt, ApprovedName: c.ApprovedName, ApprovedAt: c.ApprovedAt, Version: c.Version,
	}
	view.Reason = c.Reason
	return view
}

// CampaignBody is what a campaign is made of.
type CampaignBody struct {
	Name        string                `json:"name" minLength:"1"`
	Description string                `json:"description"`
	Mode        voucher.Mode          `json:"mode" enum:"rush,application"`
	AutoGrant   bool                  `json:"autoGrant"`
	Draw        bool                  `json:"draw,omitempty" doc:"Applications are decided by lot after the end (抽签)"`
	Challenge   bool                  `json:"challenge,omitempty" doc:"A challenge is solved once before the first claim (抢券前验证)"`
	BudgetID    id.ID                 `json:"budgetId"`
	OpensAt     clock.Instant         `json:"opensAt"`
	ClosesAt    clock.Instant         `json:"closesAt" doc:"Exclusive"`
	PerOrg      int64                 `json:"perOrg"`
	Rules       voucher.Rules         `json:"rules"`
	Vouchers    []CampaignVoucherBody `json:"vouchers"`
	Version     int64                 `json:"version,omitempty" doc:"The version that was edited"`
}

// CampaignVoucherBody is a voucher type and how many of it a campaign has.
type CampaignVoucherBody struct {
	TypeID id.ID `json:"typeId"`
	Quota  int64 `json:"quota"`
}

func (b CampaignBody) draft() voucher.CampaignDraft {
	d := voucher.CampaignDraft{
		Name: b.Name, Description: b.Description, Mode: b.Mode, AutoGrant: b.AutoGrant, Draw: b.Draw, Challenge: b.Challenge, BudgetID: b.BudgetID,
		OpensAt: b.OpensAt, ClosesAt: b.ClosesAt, PerOrg: b.PerOrg, Rules: b.Rules,
	}
	for _, v := range b.Vouchers {
		d.Vouchers = append(d.Vouchers, voucher.DraftVoucher{TypeID: v.TypeID, Quota: v.Quota})
	}
	return d
}

type campaignAct struct {
	ID   id.Param `path:"id"`
	Body struct {
		Version int64  `json:"version" doc:"The version that the caller sees"`
		Reason  string `json:"reason,omitempty" maxLength:"500"`
	}
}

func (a *API) managedCampaignRoutes() {
	const tag = "voucher"
	route(a, op{"listVoucherTypes", http.MethodGet, "/voucher-types", tag, "Voucher types, newest first"}, a.listVoucherTypes)
	route(a, op{"createVoucherType", http.MethodPost, "/voucher-types", tag, "Add a voucher type"}, a.createVoucherType, created)
	route(a, op{"getVoucherType", http.MethodGet, "/voucher-types/{id}", tag, "One voucher type"}, a.getVoucherType)
	route(a, op{"updateVoucherType", http.MethodPut, "/voucher-types/{id}", tag, "Change a voucher type; submitted campaigns keep their terms"}, a.updateVoucherType)
	route(a, op{"listManagedCampaigns", http.MethodGet, "/managed-campaigns", tag, "Campaigns in every state, newest first"}, a.listManagedCampaigns)
	route(a, op{"createCampaign", http.MethodPost, "/managed-campaigns", tag, "Draft a campaign"}, a.createCampaign, created)
	route(a, op{"getManagedCampaign", http.MethodGet, "/managed-campaigns/{id}", tag, "One campaign with its live figures"}, a.getManagedCampaign)
	route(a, op{"updateCampaign", http.MethodPut, "/managed-campaigns/{id}", tag, "Change a draft"}, a.updateCampaign)
	route(a, op{"submitCampaign", http.MethodPost, "/managed-campaigns/{id}/submission", tag, "Hand a draft to the department"}, a.submitCampaign)
	route(a, op{"pauseCampaign", http.MethodPost, "/managed-campaigns/{id}/pause", tag, "Stop claims at once"}, a.pauseCampaign)
	route(a, op{"resumeCampaign", http.MethodPost, "/managed-campaigns/{id}/resumption", tag, "Let claims through again"}, a.resumeCampaign)
	route(a, op{"cancelCampaign", http.MethodPost, "/managed-campaigns/{id}/cancellation", tag, "Cancel a campaign before its first voucher"}, a.cancelCampaign)
	route(a, op{"changeCampaign", http.MethodPost, "/managed-campaigns/{id}/changes", tag, "Ask for a longer window or larger quotas of an approved campaign; the department decides"}, a.changeCampaign, created)
	route(a, op{"simulateCampaign", http.MethodPost, "/campaign-simulations", tag, "How many companies of today would qualify, and what that costs; nothing is kept"}, a.simulateCampaign)
	route(a, op{"listApplications", http.MethodGet, "/managed-campaigns/{id}/applications", tag, "Applications for a campaign's vouchers, oldest first"}, a.listApplications)
	route(a, op{"decideApplication", http.MethodPost, "/voucher-applications/{id}/decision", tag, "Grant or reject an application"}, a.decideApplication)
}

func (a *API) listVoucherTypes(ctx context.Context, in *struct {
	page.Query
	Retired bool `query:"retired" doc:"With retired ones"`
}) (*body[page.Of[VoucherTypeView]], error) {
	rows, total, err := a.Vouchers.Types(ctx, in.Retired, in.Query)
	return reply(page.Map(rows, total, voucherTypeView), err)
}

func (a *API) createVoucherType(ctx context.Context, in *struct{ Body VoucherTypeBody }) (*body[VoucherTypeView], error) {
	t, err := a.Vouchers.CreateType(ctx, caller(ctx), in.Body.draft())
	return reply(voucherTypeView(t), err)
}

func (a *API) getVoucherType(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
}) (*body[VoucherTypeView], error) {
	t, err := a.Vouchers.Type(ctx, in.ID.ID)
	return reply(voucherTypeView(t), err)
}

func (a *API) updateVoucherType(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body VoucherTypeBody
}) (*body[VoucherTypeView], error) {
	t, err := a.Vouchers.UpdateType(ctx, caller(ctx), in.ID.ID, in.Body.Version, in.Body.draft())
	return reply(voucherTypeView(t), err)
}

func (a *API) listManagedCampaigns(ctx context.Context, in *struct {
	page.Query
	Status voucher.CampaignStatus `query:"status" enum:"draft,pending,scheduled,open,sold_out,paused,ended,closed,canceled"`
	Name   string                 `query:"name" maxLength:"60"`
}) (*body[page.Of[ManagedCampaign]], error) {
	rows, total, err := a.Vouchers.Campaigns(ctx, in.Status, in.Name, in.Query)
	return reply(page.Map(rows, total, a.managedCampaign), err)
}

func (a *API) createCampaign(ctx context.Context, in *struct{ Body CampaignBody }) (*body[ManagedCampaign], error) {
	c, err := a.Vouchers.CreateCampaign(ctx, caller(ctx), in.Body.draft())
	return reply(a.managedCampaign(c), err)
}

func (a *API) getManagedCampaign(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
}) (*body[ManagedCampaign], error) {
	c, err := a.Vouchers.Campaign(ctx, in.ID.ID)
	if err != nil {
		return nil, err
	}
	return a.withFigures(ctx, c)
}

// stoppedBy are the acts that stop a campaign, by what it is then.
var stoppedBy = map[voucher.CampaignStatus]string{voucher.Paused: "campaign.pause", voucher.Canceled: "campaign.cancel"}

func (a *API) withFigures(ctx context.Context, c voucher.Campaign) (*body[ManagedCampaign], error) {
	f, err := a.Vouchers.FiguresOf(ctx, c)
	if err != nil {
		return nil, err
	}
	view := a.managedCampaign(c)
	view.Figures = &FiguresView{
		FundedFen: c.Funded, UnissuedFen: f.Unissued, AvailableFen: f.Available, HeldFen: f.Held, RedeemedFen: f.Redeemed, ReturnedFen: f.Returned,
		ReleasedFen: f.Released, Issued: f.Issued, Companies: f.Companies, Balanced: f.Sum() == c.Funded,
	}
	if act, stopped := stoppedBy[c.Status]; stopped {
		who, err := audit.About(ctx, a.DB, "campaign", c.ID, act)
		if err != nil {
			return nil, err
		}
		if len(who) > 0 {
			view.StoppedName, view.StoppedAt = who[0].ActorName, who[0].At
		}
	}
	if view.Changes, err = a.changesOf(ctx, c.ID); err != nil {
		return nil, err
	}
	b, err := a.Funds.Get(ctx, c.BudgetID)
	view.BudgetName = b.Name
	view.BudgetAvailableFen = b.Available()
	return reply(view, err)
}

func (a *API) updateCampaign(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body CampaignBody
}) (*body[ManagedCampaign], error) {
	c, err := a.Vouchers.UpdateCampaign(ctx, caller(ctx), in.ID.ID, in.Body.Version, in.Body.draft())
	return reply(a.managedCampaign(c), err)
}

func (a *API) submitCampaign(ctx context.Context, in *campaignAct) (*body[ManagedCampaign], error) {
	c, err := a.Vouchers.SubmitCampaign(ctx, caller(ctx), in.ID.ID, in.Body.Version)
	return reply(a.managedCampaign(c), err)
}

func (a *API) pauseCampaign(ctx context.Context, in *campaignAct) (*body[ManagedCampaign], error) {
	c, err := a.Vouchers.PauseCampaign(ctx, caller(ctx), in.ID.ID, in.Body.Version, in.Body.Reason)
	return reply(a.managedCampaign(c), err)
}

func (a *API) resumeCampaign(ctx context.Context, in *campaignAct) (*body[ManagedCampaign], error) {
	c, err := a.Vouchers.ResumeCampaign(ctx, caller(ctx), in.ID.ID, in.Body.Version)
	return reply(a.managedCampaign(c), err)
}

func (a *API) cancelCampaign(ctx context.Context, in *campaignAct) (*body[ManagedCampaign], error) {
	c, err := a.Vouchers.CancelCampaign(ctx, caller(ctx), in.ID.ID, in.Body.Version, in.Body.Reason)
	return reply(a.managedCampaign(c), err)
}

func (a *API) listApplications(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
	page.Query
	Status voucher.ApplicationStatus `query:"status" enum:"applied,granted,rejected,withdrawn,lapsed"`
}) (*body[page.Of[ApplicationView]], error) {
	rows, total, err := a.Vouchers.Applications(ctx, in.ID.ID, in.Status, in.Query)
	if err != nil {
		return nil, err
	}
	orgs := make([]id.ID, 0, len(rows))
	for _, r := range rows {
		orgs = append(orgs, r.OrgID)
	}
	names, err := a.Orgs.Names(ctx, a.DB, orgs...)
	return reply(page.Map(rows, total, func(app voucher.Application) ApplicationView {
		view := staffApplication(app)
		view.OrgName = names[app.OrgID]
		return view
	}), err)
}

func staffApplication(app voucher.Application) ApplicationView {
	view := applicationView(app)
	view.DecidedName = app.DecidedName
	return view
}

func (a *API) decideApplication(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body struct {
		Event  voucher.ApplicationEvent `json:"event" enum:"approve,reject"`
		Reason string                   `json:"reason,omitempty" maxLength:"500"`
	}
}) (*body[ApplicationView], error) {
	app, err := a.Vouchers.DecideApplication(ctx, caller(ctx), in.ID.ID, in.Body.Event, in.Body.Reason)
	return reply(staffApplication(app), err)
}
