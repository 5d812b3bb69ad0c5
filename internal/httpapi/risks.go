package httpapi

import (
	"context"
	"net/http"
	"strings"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/risk"
	"smedx/internal/voucher"
)

// RiskCompanyView is a company of a hit.
type RiskCompanyView struct {
	ID   id.ID  `json:"id"`
	Name string `json:"name"`
	Kind string `json:"kind" enum:"enterprise,provider,"`
}

// RiskSharedView is what the companies have in common, masked.
type RiskSharedView struct {
	Kind  string `json:"kind" enum:"phone,address,legal_rep,bank,related,ip,device"`
	Shown string `json:"shown" doc:"Masked; empty: the value was not kept"`
}

// RiskLineView is one fact of the evidence.
type RiskLineView struct {
	Note    string        `json:"note" enum:"claimed,placed,paid,paid_by_provider,paid_by_other,revoked,delivered,accepted,priced,campaign,face,rated,registered,signed_in"`
	Object  string        `json:"object,omitempty" enum:"order,voucher,offering,campaign,organization"`
	ID      id.ID         `json:"id,omitzero"`
	OrgName string        `json:"orgName,omitempty"`
	At      clock.Instant `json:"at"`
	From    int64         `json:"from,omitempty" doc:"priced: fen before"`
	To      int64         `json:"to,omitempty" doc:"priced: fen after; face, paid_by_provider, paid_by_other, revoked: fen; delivered, accepted: minutes it took, at the most"`
	Why     string        `json:"why,omitempty" doc:"revoked: the reason, as the company was told"`
}

// RiskHitView is a hit in a list.
type RiskHitView struct {
	ID        id.ID             `json:"id"`
	Rule      risk.Code         `json:"rule"`
	State     risk.State        `json:"state" enum:"new,dismissed,confirmed"`
	Companies int64             `json:"companies"`
	Some      []RiskCompanyView `json:"some" doc:"The first three companies"`
	FoundAt   clock.Instant     `json:"foundAt"`
	DecidedBy string            `json:"decidedBy,omitempty"`
	DecidedAt clock.Instant     `json:"decidedAt"`
	Reason    string            `json:"reason,omitempty"`
}

// RiskVoucherView is a voucher of a hit's companies that could be frozen.
type RiskVoucherView struct {
	ID           id.ID          `json:"id"`
	Name         string         `json:"name"`
	OrgName      string         `json:"orgName"`
	AvailableFen money.Fen      `json:"availableFen"`
	Status       voucher.Status `json:"status" enum:"active,frozen"`
	ByPerson     bool           `json:"byPerson" doc:"A person froze it already"`
	ByLead       bool           `json:"byLead" doc:"A lead holds it"`
	Freezes      bool           `json:"freezes" doc:"Confirming the lead freezes it"`
}

// RiskHitDetail is a hit with its evidence.
type RiskHitDetail struct {
	RiskHitView
	All      []RiskCompanyView `json:"all" doc:"Every company, at most 200"`
	Shared   []RiskSharedView  `json:"shared"`
	Lines    []RiskLineView    `json:"lines" doc:"At most 50"`
	Vouchers []RiskVoucherView `json:"vouchers" doc:"Vouchers of these companies that are active or frozen"`

	AboutOrder bool `json:"aboutOrder" doc:"The lead is about a deal: with the setting for it, the order is paid out only once the lead is dismissed"`
}

// RiskListView is a page of hits, and when all was looked at last.
type RiskListView struct {
	page.Of[RiskHitView]
	CheckedAt clock.Instant `json:"checkedAt" doc:"null: never"`
}

func (a *API) riskRoutes() {
	route(a, op{"listRiskRules", http.MethodGet, "/risk-rules", "risk", "What is looked for"}, a.listRiskRules)
	route(a, op{"listRiskHits", http.MethodGet, "/risk-hits", "risk", "Leads of abuse: what waits for a decision first"}, a.listRiskHits)
	route(a, op{"getRiskHit", http.MethodGet, "/risk-hits/{id}", "risk", "A lead with its evidence"}, a.getRiskHit)
	route(a, op{"decideRiskHit", http.MethodPost, "/risk-hits/{id}/decision", "risk", "Say what a lead means"}, a.decideRiskHit)
	route(a, op{"checkRisks", http.MethodPost, "/risk-checks", "risk", "Look at everything now"}, a.checkRisks)
}

func (a *API) listRiskRules(context.Context, *struct{}) (*body[[]risk.Rule], error) {
	return reply(risk.Rules, nil)
}

func (a *API) listRiskHits(ctx context.Context, in *struct {
	page.Query
	Rule  risk.Code  `query:"rule" maxLength:"40"`
	State risk.State `query:"state" enum:",new,dismissed,confirmed"`
	Org   id.Param   `query:"org" doc:"Of one company"`
	Words string     `query:"words" maxLength:"100" doc:"Part of a company's name"`
}) (*body[RiskListView], error) {
	f := risk.Filter{Rule: in.Rule, State: in.State}
	if in.Org.ID != 0 {
		f.OrgIDs = []id.ID{in.Org.ID}
	} else {
		f.Company = strings.TrimSpace(in.Words)
	}
	hits, total, err := a.Risks.List(ctx, f, in.Query)
	if err != nil {
		return nil, err
	}
	last, err := a.Risks.LastCheck(ctx)
	if err != nil {
		return nil, err
	}
	out := RiskListView{Of: page.Of[RiskHitView]{Items: []RiskHitView{}, Total: total}, CheckedAt: last.At}
	for _, h := range hits {
		view, err := a.riskHit(ctx, h)
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, view)
	}
	return reply(out, nil)
}

func (a *API) riskHit(ctx context.Context, h risk.Hit) (RiskHitView, error) {
	some, err := a.riskCompanies(ctx, h.Evidence.Orgs[:min(3, len(h.Evidence.Orgs))])
	return RiskHitView{
		ID: h.ID, Rule: h.Rule, State: h.State, Companies: h.Companies, Some: some, FoundAt: h.FoundAt,
		DecidedBy: h.DecidedName, DecidedAt: h.DecidedAt, Reason: h.Reason,
	}, err
}

func (a *API) riskCompanies(ctx context.Context, ids []id.ID) ([]RiskCompanyView, error) {
	briefs, err := a.Orgs.Briefs(ctx, a.DB, ids...)
	out := make([]RiskCompanyView, 0, len(ids))
	for _, i := range ids {
		out = append(out, RiskCompanyView{i, briefs[i].Name, briefs[i].Kind})
	}
	return out, err
}

func (a *API) getRiskHit(ctx context.Context, in *OneID) (*body[RiskHitDetail], error) {
	h, err := a.Risks.Hit(ctx, in.ID.ID)
	if err != nil {
		return nil, err
	}
	return a.riskDetail(ctx, h)
}

func (a *API) riskDetail(ctx context.Context, h risk.Hit) (*body[RiskHitDetail], error) {
	view, err := a.riskHit(ctx, h)
	if err != nil {
		return nil, err
	}
	out := RiskHitDetail{RiskHitView: view, Shared: []RiskSharedView{}, Lines: []RiskLineView{}, Vouchers: []RiskVoucherView{}}
	if out.All, err = a.riskCompanies(ctx, h.Evidence.Orgs); err != nil {
		return nil, err
	}
	names := map[id.ID]string{}
	for _, c := range out.All {
		names[c.ID] = c.Name
	}
	shown, err := a.Risks.Shown(ctx, h.Evidence.Shared...)
	if err != nil {
		return nil, err
	}
	for i, s := range h.Evidence.Shared {
		out.Shared = append(out.Shared, RiskSharedView{s.Kind, shown[i]})
	}
	for _, l := range h.Evidence.Lines {
		out.Lines = append(out.Lines, RiskLineView{l.Note, l.Object, l.ID, names[l.OrgID], l.At, l.From, l.To, l.Why})
	}
	out.AboutOrder = h.Rule.AboutOrder()
	freezes := map[id.ID]bool{}
	if h.State == risk.Open && h.Rule.MayHold() {
		if freezes, err = a.Vouchers.WouldHold(ctx, h.Evidence.Orgs...); err != nil {
			return nil, err
		}
	}
	for _, status := range []voucher.Status{voucher.Active, voucher.Frozen} {
		list, _, err := a.Vouchers.All(ctx, voucher.Filter{OrgIDs: h.Evidence.Orgs, Status: status}, page.Query{Size: 50})
		if err != nil {
			return nil, err
		}
		ids := make([]id.ID, len(list))
		for i, v := range list {
			ids[i] = v.ID
		}
		stops, err := voucher.Stops(ctx, a.DB, ids...)
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			_, byPerson := voucher.StopOf(stops[v.ID], voucher.CauseStaff)
			_, byLead := voucher.StopOf(stops[v.ID], voucher.CauseLead)
			out.Vouchers = append(out.Vouchers, RiskVoucherView{v.ID, v.Name, names[v.OrgID], v.Available, v.Status, byPerson, byLead, freezes[v.ID]})
		}
	}
	return reply(out, nil)
}

func (a *API) decideRiskHit(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body struct {
		Event  risk.Event `json:"event" enum:"dismiss,confirm"`
		Reason string     `json:"reason" maxLength:"500"`
	}
}) (*body[RiskHitDetail], error) {
	h, err := a.Risks.Decide(ctx, caller(ctx), in.ID.ID, in.Body.Event, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return a.riskDetail(ctx, h)
}

// RiskCheckView is what a look at everything found.
type RiskCheckView struct {
	Found int64         `json:"found" doc:"New leads"`
	At    clock.Instant `json:"at"`
}

func (a *API) checkRisks(ctx context.Context, _ *struct{}) (*body[RiskCheckView], error) {
	c, err := a.Risks.Check(ctx, caller(ctx))
	return reply(RiskCheckView{c.Found, c.At}, err)
}
