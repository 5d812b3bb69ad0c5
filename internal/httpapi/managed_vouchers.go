package httpapi

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/voucher"
)

// VoucherMeasureView is one act on a voucher that its company did not ask for.
type VoucherMeasureView struct {
	Event   voucher.Event `json:"event" enum:"freeze,unfreeze,revoke,decline" doc:"decline: a proposal to revoke came to nothing; staff only"`
	Origin  voucher.Cause `json:"origin,omitempty" enum:"staff,standing,lead" doc:"Whose freeze it is about: a person's, that of the company's verification, that of a lead of abuse"`
	Cause   voucher.Cause `json:"cause" enum:"staff,standing,lead" doc:"What the act itself follows from"`
	Reason  string        `json:"reason,omitempty" doc:"Code of the list voucher_measure_reason"`
	Comment string        `json:"comment"`
	ByName  string        `json:"byName,omitempty" doc:"Shown to staff only"`
	At      clock.Instant `json:"at"`

	ProposedName string `json:"proposedName,omitempty" doc:"Who proposed the revocation that byName decided on; shown to staff only"`
	Decision     string `json:"decision,omitempty" doc:"What was said of the proposal; shown to staff only"`
}

func measureView(m voucher.Measure) VoucherMeasureView {
	return VoucherMeasureView{Event: m.Event, Origin: m.Origin, Cause: m.Cause, Reason: m.Reason, Comment: m.Comment, At: m.At}
}

// VoucherStopView is one freeze of a voucher that has not been ended.
type VoucherStopView struct {
	VoucherMeasureView
	May    bool   `json:"may" doc:"The caller may end it"`
	WhyNot string `json:"whyNot,omitempty" enum:"second_person,company_suspended" doc:"Why it is not for the caller to end"`
}

// ManagedVoucherView is a voucher as the staff see it in a list.
type ManagedVoucherView struct {
	VoucherView
	OrgID   id.ID  `json:"orgId"`
	OrgName string `json:"orgName"`
	Waiting bool   `json:"waiting" doc:"A revocation waits for the second person"`
}

// RevocationView is a proposal to take a voucher back.
type RevocationView struct {
	Reason       string        `json:"reason" doc:"Code of the list voucher_measure_reason"`
	Comment      string        `json:"comment"`
	ProposedName string        `json:"proposedName"`
	ProposedAt   clock.Instant `json:"proposedAt"`
	Own          bool          `json:"own" doc:"The caller proposed it: another person confirms"`
}

// VoucherHoldView is what an order holds or took of a voucher.
type VoucherHoldView struct {
	OrderID      id.ID              `json:"orderId"`
	AmountFen    money.Fen          `json:"amountFen"`
	RestoredFen  money.Fen          `json:"restoredFen" doc:"Of it, what a refund gave back"`
	ReclaimedFen money.Fen          `json:"reclaimedFen" doc:"Of it, what came back after the payout (追回)"`
	NetFen       money.Fen          `json:"netFen" doc:"What it still pays; all of them are what the voucher says is redeemed"`
	Status       voucher.HoldStatus `json:"status" enum:"open,redeemed,released"`
	HeldAt       clock.Instant      `json:"heldAt"`
}

// ManagedVoucherDetail is everything the staff may know of a voucher.
type ManagedVoucherDetail struct {
	ManagedVoucherView
	Description string               `json:"description"`
	Holds       []VoucherHoldView    `json:"holds" doc:"Newest first"`
	Measures    []VoucherMeasureView `json:"measures" doc:"Newest first"`
	Stops       []VoucherStopView    `json:"stops" doc:"What keeps it frozen, newest first; it can be used when none is left"`
	Revocation  *RevocationView      `json:"revocation,omitempty" doc:"The proposal that waits"`
	Can         []string             `json:"can" doc:"What the caller may do now: freeze, propose, confirm, decline"`
}

type groundIn struct {
	ID   id.Param `path:"id"`
	Body struct {
		Reason  string `json:"reason" maxLength:"60" doc:"Code of the list voucher_measure_reason"`
		Comment string `json:"comment" maxLength:"500" doc:"The company reads it"`
	}
}

func (a *API) managedVoucherRoutes() {
	route(a, op{"listManagedVouchers", http.MethodGet, "/managed-vouchers", "voucher", "Vouchers of all companies, newest first"}, a.listManagedVouchers)
	route(a, op{"getManagedVoucher", http.MethodGet, "/managed-vouchers/{id}", "voucher", "A voucher with its orders and what was done about it"}, a.getManagedVoucher)
	route(a, op{"freezeVoucher", http.MethodPost, "/managed-vouchers/{id}/freeze", "voucher", "Stop a voucher: open holds stay, no order holds it any more"}, a.freezeVoucher)
	route(a, op{"unfreezeVoucher", http.MethodPost, "/managed-vouchers/{id}/unfreeze", "voucher", "End one freeze of a voucher; another person than froze it"}, a.unfreezeVoucher)
	route(a, op{"proposeRevocation", http.MethodPost, "/managed-vouchers/{id}/revocation", "voucher", "Propose to take a voucher back for good"}, a.proposeRevocation)
	route(a, op{"decideRevocation", http.MethodPost, "/managed-vouchers/{id}/revocation/decision", "voucher", "Confirm another person's proposal, or decline it"}, a.decideRevocation)
}

func (a *API) listManagedVouchers(ctx context.Context, in *struct {
	page.Query
	Words    string         `query:"words" maxLength:"100" doc:"Part of the company's name, or a voucher number"`
	Org      id.Param       `query:"org" doc:"Of one company"`
	Campaign id.Param       `query:"campaign"`
	Status   voucher.Status `query:"status" enum:"active,exhausted,frozen,expired,revoked"`
	Waiting  bool           `query:"waiting" doc:"Only those whose revocation waits for the second person"`
}) (*body[page.Of[ManagedVoucherView]], error) {
	f := voucher.Filter{CampaignID: in.Campaign.ID, Status: in.Status, Waiting: in.Waiting}
	if in.Org.ID != 0 {
		f.OrgIDs = []id.ID{in.Org.ID}
	}
	if words := strings.TrimSpace(in.Words); words != "" {
		if n, err := id.Parse(words); err == nil && n > 0 {
			f.VoucherID = n
		} else {
			f.Company = words
		}
	}
	rows, total, err := a.Vouchers.All(ctx, f, in.Query)
	if err != nil {
		return nil, err
	}
	views, err := a.managedVouchers(ctx, rows)
	return reply(page.Of[ManagedVoucherView]{Items: views, Total: total}, err)
}

func (a *API) managedVouchers(ctx context.Context, rows []voucher.Voucher) ([]ManagedVoucherView, error) {
	ids, orgs := make([]id.ID, len(rows)), make([]id.ID, len(rows))
	for i, v := range rows {
		ids[i], orgs[i] = v.ID, v.OrgID
	}
	names, err := a.Orgs.Names(ctx, a.DB, orgs...)
	if err != nil {
		return nil, err
	}
	waits, err := a.Vouchers.Waiting(ctx, a.DB, ids...)
	if err != nil {
		return nil, err
	}
	views, err := a.voucherViews(ctx, rows)
	out := make([]ManagedVoucherView, 0, len(rows))
	for i, v := range rows {
		if err == nil {
			_, waiting := waits[v.ID]
			out = append(out, ManagedVoucherView{views[i], v.OrgID, names[v.OrgID], waiting})
		}
	}
	return out, err
}

// voucherViews adds to stopped vouchers why they are.
func (a *API) voucherViews(ctx context.Context, rows []voucher.Voucher) ([]VoucherView, error) {
	var ids []id.ID
	for _, v := range rows {
		if v.Status == voucher.Frozen || v.Status == voucher.Revoked {
			ids = append(ids, v.ID)
		}
	}
	stops, err := voucher.Stops(ctx, a.DB, ids...)
	out := make([]VoucherView, 0, len(rows))
	for _, v := range rows {
		view := a.voucherView(v)
		for _, m := range stops[v.ID] {
			view.Stopped = append(view.Stopped, measureView(m))
		}
		out = append(out, view)
	}
	return out, err
}

func (a *API) getManagedVoucher(ctx context.Context, in *OneID) (*body[ManagedVoucherDetail], error) {
	return a.managedVoucher(ctx, in.ID.ID)
}

func (a *API) managedVoucher(ctx context.Context, voucherID id.ID) (*body[ManagedVoucherDetail], error) {
	v, err := a.Vouchers.Voucher(ctx, voucherID)
	if err != nil {
		return nil, err
	}
	views, err := a.managedVouchers(ctx, []voucher.Voucher{v})
	if err != nil {
		return nil, err
	}
	holds, err := a.Vouchers.HoldsOf(ctx, a.DB, v.ID)
	if err != nil {
		return nil, err
	}
	stops, err := voucher.Stops(ctx, a.DB, v.ID)
	if err != nil {
		return nil, err
	}
	measures, err := a.Vouchers.Measures(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	waits, err := a.Vouchers.Waiting(ctx, a.DB, v.ID)
	if err != nil {
		return nil, err
	}
	out := ManagedVoucherDetail{
		ManagedVoucherView: views[0], Description: v.Description, Holds: []VoucherHoldView{}, Measures: []VoucherMeasureView{}, Stops: []VoucherStopView{},
	}
	for _, h := range holds {
		out.Holds = append(out.Holds, VoucherHoldView{h.OrderID, h.Amount, h.Restored, h.Reclaimed, h.Net(), h.Status, h.HeldAt})
	}
	for _, m := range measures {
		line := measureView(m)
		line.ByName = m.ByName
		out.Measures = append(out.Measures, line)
	}
	decided, err := a.Vouchers.DecidedRevocations(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range decided {
		if r.Status == voucher.Confirmed {
			at := slices.IndexFunc(out.Measures, func(m VoucherMeasureView) bool { return m.Event == voucher.EventRevoke })
			if at >= 0 {
				out.Measures[at].ProposedName, out.Measures[at].Decision = r.ProposedName, r.Decision
			}
			continue
		}
		out.Measures = append(out.Measures, VoucherMeasureView{
			Event: "decline", Cause: voucher.CauseStaff, Reason: r.Reason, Comment: r.Comment, ByName: r.DecidedName, At: r.DecidedAt,
			ProposedName: r.ProposedName, Decision: r.Decision,
		})
	}
	slices.SortStableFunc(out.Measures, func(a, b VoucherMeasureView) int { return cmp.Compare(b.At, a.At) })
	who := caller(ctx)
	if r, ok := waits[v.ID]; ok {
		out.Revocation = &RevocationView{r.Reason, r.Comment, r.ProposedName, r.ProposedAt, r.ProposedBy == who.UserID}
	}
	if v.Status == voucher.Frozen {
		for _, m := range stops[v.ID] {
			out.Stops = append(out.Stops, stopView(who, m))
		}
	}
	out.Can = may(who, v, stops[v.ID], out.Revocation)
	return reply(out, nil)
}

// stopView shows a freeze with what the caller may do about it.
func stopView(who account.Principal, m voucher.Measure) VoucherStopView {
	view := VoucherStopView{VoucherMeasureView: measureView(m)}
	view.ByName = m.ByName
	switch err := m.MayThaw(who.UserID); {
	case errors.Is(err, voucher.ErrCompanySuspended):
		view.WhyNot = "company_suspended"
	case errors.Is(err, voucher.ErrSecondPerson):
		view.WhyNot = "second_person"
	default:
		view.May = who.Has(account.RiskHandle)
	}
	return view
}

// may says what of the staff's acts the caller may do now; each act asks again.
func may(who account.Principal, v voucher.Voucher, stops []voucher.Measure, waits *RevocationView) (can []string) {
	can = []string{}
	if !who.Has(account.RiskHandle) {
		return can
	}
	_, own := voucher.StopOf(stops, voucher.CauseStaff)
	if _, err := v.Status.Next(voucher.EventFreeze); err == nil && !own {
		can = append(can, "freeze")
	}
	_, err := v.Status.Next(voucher.EventRevoke)
	switch {
	case waits == nil && err == nil:
		can = append(can, "propose")
	case waits != nil && err == nil && !waits.Own:
		can = append(can, "confirm", "decline")
	case waits != nil:
		can = append(can, "decline")
	}
	return can
}

func (a *API) freezeVoucher(ctx context.Context, in *groundIn) (*body[ManagedVoucherDetail], error) {
	if err := a.Vouchers.Freeze(ctx, caller(ctx), in.ID.ID, voucher.Ground(in.Body)); err != nil {
		return nil, err
	}
	return a.managedVoucher(ctx, in.ID.ID)
}

func (a *API) unfreezeVoucher(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body struct {
		Origin  voucher.Cause `json:"origin" enum:"staff,lead" doc:"Whose freeze ends"`
		Comment string        `json:"comment" maxLength:"500" doc:"The company reads it"`
	}
}) (*body[ManagedVoucherDetail], error) {
	if err := a.Vouchers.Unfreeze(ctx, caller(ctx), in.ID.ID, in.Body.Origin, in.Body.Comment); err != nil {
		return nil, err
	}
	return a.managedVoucher(ctx, in.ID.ID)
}

func (a *API) proposeRevocation(ctx context.Context, in *groundIn) (*body[ManagedVoucherDetail], error) {
	if err := a.Vouchers.ProposeRevocation(ctx, caller(ctx), in.ID.ID, voucher.Ground(in.Body)); err != nil {
		return nil, err
	}
	return a.managedVoucher(ctx, in.ID.ID)
}

func (a *API) decideRevocation(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body struct {
		Event   voucher.RevocationEvent `json:"event" enum:"confirm,decline"`
		Comment string                  `json:"comment,omitempty" maxLength:"500" doc:"Needed to decline"`
	}
}) (*body[ManagedVoucherDetail], error) {
	if err := a.Vouchers.DecideRevocation(ctx, caller(ctx), in.ID.ID, in.Body.Event, in.Body.Comment); err != nil {
		return nil, err
	}
	return a.managedVoucher(ctx, in.ID.ID)
}
