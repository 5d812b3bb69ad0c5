package httpapi

import (
	"bytes"
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/kit/sheet"
	"smedx/internal/ledger"
	"smedx/internal/voucher"
)

// VoucherView is a company's voucher in a list.
type VoucherView struct {
	ID           id.ID           `json:"id"`
	Name         string          `json:"name"`
	CampaignID   id.ID           `json:"campaignId"`
	CampaignName string          `json:"campaignName"`
	FaceValueFen money.Fen       `json:"faceValueFen"`
	AvailableFen money.Fen       `json:"availableFen" doc:"余额: what can be used now"`
	HeldFen      money.Fen       `json:"heldFen" doc:"Held by orders that are not paid yet"`
	RedeemedFen  money.Fen       `json:"redeemedFen"`
	ReturnedFen  money.Fen       `json:"returnedFen"`
	Status       voucher.Status  `json:"status" enum:"active,exhausted,frozen,expired,revoked"`
	ValidFrom    clock.Instant   `json:"validFrom"`
	ExpiresAt    clock.Instant   `json:"expiresAt" doc:"Exclusive"`
	IssuedAt     clock.Instant   `json:"issuedAt"`
	Billing      voucher.Billing `json:"billing" enum:"standalone"`
	Usable       bool            `json:"usable"`
	Terms        voucher.Terms   `json:"terms"`

	Stopped []VoucherMeasureView `json:"stopped,omitempty" doc:"Frozen or revoked: since when and why; each freeze is ended by itself"`
}

func (a *API) voucherView(v voucher.Voucher) VoucherView {
	return VoucherView{
		ID: v.ID, Name: v.Name, CampaignID: v.CampaignID, CampaignName: v.CampaignName, FaceValueFen: v.FaceValue,
		AvailableFen: v.Available, HeldFen: v.Held, RedeemedFen: v.Redeemed, ReturnedFen: v.Returned, Status: shownStatus(v, clock.At(a.DB.Now())),
		ValidFrom: v.ValidFrom, ExpiresAt: v.ExpiresAt, IssuedAt: v.IssuedAt, Billing: v.Terms.Billing, Usable: v.Usable(a.DB.Now()), Terms: v.Terms,
	}
}

// shownStatus does not wait for the sweep.
func shownStatus(v voucher.Voucher, now clock.Instant) voucher.Status {
	if v.Status == voucher.Active && v.ExpiresAt <= now {
		return voucher.Expired
	}
	return v.Status
}

// MovementView is one step of a voucher's money.
type MovementView struct {
	ID         id.ID         `json:"id"`
	At         clock.Instant `json:"at"`
	Kind       ledger.Kind   `json:"kind" enum:"grant,hold,release,redeem,restore,clawback,expire,revoke"`
	OrderID    id.ID         `json:"orderId,omitzero"`
	AmountFen  money.Fen     `json:"amountFen" doc:"What moved"`
	ChangeFen  money.Fen     `json:"changeFen" doc:"Change of the balance"`
	BalanceFen money.Fen     `json:"balanceFen" doc:"Balance after it"`

	HeldFen     money.Fen      `json:"heldFen" doc:"Change of what orders hold"`
	RedeemedFen money.Fen      `json:"redeemedFen" doc:"Change of what was redeemed"`
	ReturnedFen money.Fen      `json:"returnedFen" doc:"Change of what went back to the campaign"`
	Over        voucher.Status `json:"over,omitempty" enum:"expired,revoked" doc:"Why what an order gave back went to the campaign and not to the voucher"`
}

// VoucherDetail is a voucher with its rules and movements.
type VoucherDetail struct {
	VoucherView
	Description string         `json:"description"`
	Movements   []MovementView `json:"movements" doc:"Newest first"`
}

// RedeemedView is a voucher that paid a provider's order.
type RedeemedView struct {
	ID           id.ID          `json:"id"`
	Name         string         `json:"name"`
	OrderID      id.ID          `json:"orderId"`
	FaceValueFen money.Fen      `json:"faceValueFen"`
	AvailableFen money.Fen      `json:"availableFen"`
	UsedFen      money.Fen      `json:"usedFen" doc:"Paid with this order"`
	RestoredFen  money.Fen      `json:"restoredFen" doc:"Of it, what went back when the order was taken back"`
	Status       voucher.Status `json:"status" enum:"active,exhausted,frozen,expired,revoked"`
	ValidFrom    clock.Instant  `json:"validFrom"`
	ExpiresAt    clock.Instant  `json:"expiresAt"`
	RedeemedAt   clock.Instant  `json:"redeemedAt"`
}

// StandingView sums what a company's vouchers can pay today.
type StandingView struct {
	Usable     int64         `json:"usable" doc:"Vouchers"`
	BalanceFen money.Fen     `json:"balanceFen"`
	Expiring   int64         `json:"expiring" doc:"Vouchers that end within 30 days"`
	NextEnd    clock.Instant `json:"nextEnd"`
}

func (a *API) voucherRoutes() {
	route(a, op{"listMyVouchers", http.MethodGet, "/vouchers", "voucher", "The company's vouchers, newest first"}, a.listMyVouchers)
	route(a, op{"voucherStanding", http.MethodGet, "/voucher-standing", "voucher", "What the company's vouchers can pay today"}, a.voucherStanding)
	route(a, op{"getMyVoucher", http.MethodGet, "/vouchers/{id}", "voucher", "One voucher with its rules and movements"}, a.getMyVoucher)
	route(a, op{"listRedeemedVouchers", http.MethodGet, "/redeemed-vouchers", "voucher", "Vouchers that were redeemed with the provider"}, a.listRedeemedVouchers)
	a.campaignRoutes()
	a.managedCampaignRoutes()
	a.managedVoucherRoutes()
}

func (a *API) listMyVouchers(ctx context.Context, in *struct {
	page.Query
	Status voucher.Status `query:"status" enum:"active,exhausted,frozen,expired,revoked"`
}) (*body[page.Of[VoucherView]], error) {
	rows, total, err := a.Vouchers.OwnVouchers(ctx, caller(ctx).OrgID, in.Status, in.Query)
	if err != nil {
		return nil, err
	}
	views, err := a.voucherViews(ctx, rows)
	return reply(page.Of[VoucherView]{Items: views, Total: total}, err)
}

func (a *API) voucherStanding(ctx context.Context, _ *struct{}) (*body[StandingView], error) {
	st, err := a.Vouchers.StandingOf(ctx, a.DB, caller(ctx).OrgID)
	return reply(StandingView{st.Usable, st.Balance, st.Expiring, st.NextEnd}, err)
}

func (a *API) getMyVoucher(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
}) (*body[VoucherDetail], error) {
	v, err := a.Vouchers.OwnVoucher(ctx, caller(ctx).OrgID, in.ID.ID)
	if err != nil {
		return nil, err
	}
	moves, err := a.Vouchers.Movements(ctx, v)
	if err != nil {
		return nil, err
	}
	views, err := a.voucherViews(ctx, []voucher.Voucher{v})
	out := VoucherDetail{VoucherView: views[0], Description: v.Description, Movements: []MovementView{}}
	for i := len(moves) - 1; i >= 0; i-- {
		m := moves[i]
		out.Movements = append(out.Movements, MovementView{m.EntryID, m.At, m.Kind, m.OrderID, m.Amount, m.Change, m.Balance, m.Held, m.Redeemed, m.Returned, m.Over})
	}
	return reply(out, err)
}

func (a *API) listRedeemedVouchers(ctx context.Context, in *struct{ page.Query }) (*body[page.Of[RedeemedView]], error) {
	rows, total, err := a.Vouchers.RedeemedWith(ctx, caller(ctx).OrgID, in.Query)
	return reply(page.Map(rows, total, func(u voucher.ProviderUse) RedeemedView {
		return RedeemedView{u.HoldID, u.Name, u.OrderID, u.FaceValue, u.Balance, u.Used, u.Restored, u.Status, u.ValidFrom, u.ExpiresAt, u.RedeemedAt}
	}), err)
}

// CampaignVoucherView is a voucher that a campaign offers.
type CampaignVoucherView struct {
	ID           id.ID         `json:"id"`
	TypeID       id.ID         `json:"typeId"`
	Name         string        `json:"name"`
	Description  string        `json:"description"`
	FaceValueFen money.Fen     `json:"faceValueFen"`
	Quota        int64         `json:"quota"`
	Remaining    int64         `json:"remaining"`
	Terms        voucher.Terms `json:"terms"`
	// Of the caller's company; absent for everybody else.
	Mine        []MineView       `json:"mine" doc:"Vouchers that the caller's company has of it"`
	Application *ApplicationView `json:"application,omitempty" doc:"The company's latest application"`
	Unfit       voucher.Reason   `json:"unfit,omitempty" enum:"region,size" doc:"Why the company could use it nowhere"`
}

// MineView names a voucher that the company got.
type MineView struct {
	ID           id.ID         `json:"id"`
	AvailableFen money.Fen     `json:"availableFen"`
	ExpiresAt    clock.Instant `json:"expiresAt"`
}

// CampaignView is a listed campaign.
type CampaignView struct {
	ID          id.ID                  `json:"id"`
	Name        string                 `json:"name"`
	Description string                 `json:"description"`
	Mode        voucher.Mode           `json:"mode" enum:"rush,application"`
	AutoGrant   bool                   `json:"autoGrant" doc:"An application is granted without review"`
	Draw        bool                   `json:"draw" doc:"Applications are decided by lot after the end (抽签)"`
	Commitment  string                 `json:"drawCommitment,omitempty" doc:"SHA-256 of the seed of the draw, published before it"`
	DrawnAt     clock.Instant          `json:"drawnAt" doc:"When the lots were drawn"`
	Challenge   bool                   `json:"challenge" doc:"A challenge is solved once before the first claim (抢券前验证)"`
	Status      voucher.CampaignStatus `json:"status" enum:"draft,pending,scheduled,open,sold_out,paused,ended,closed,canceled"`
	Reason      string                 `json:"reason" doc:"Of a pause or a cancellation"`
	OpensAt     clock.Instant          `json:"opensAt"`
	ClosesAt    clock.Instant          `json:"closesAt" doc:"Exclusive"`
	PerOrg      int64                  `json:"perOrg" doc:"Of each voucher, for one company"`
	Rules       voucher.Rules          `json:"rules"`
	Vouchers    []CampaignVoucherView  `json:"vouchers"`
	ServerTime  clock.Instant          `json:"serverTime"`
}

// CampaignDetail adds what the caller's company may ask of it.
type CampaignDetail struct {
	CampaignView
	Answers []voucher.RuleAnswer `json:"answers" doc:"Each rule with whether the caller's company meets it; empty for others"`
	News    []CampaignNewsView   `json:"news" doc:"Changes since the approval, newest first"`
	Halts   []HaltView           `json:"halts" doc:"Pauses and their ends, newest first"`
	Solved  bool                 `json:"challengeSolved" doc:"The caller's company has solved the challenge"`
}

func (a *API) campaignView(c voucher.Campaign) CampaignView {
	now := clock.At(a.DB.Now())
	view := CampaignView{
		ID: c.ID, Name: c.Name, Description: c.Description, Mode: c.Mode, AutoGrant: c.AutoGrant, Status: c.Now(now),
		Draw: c.Draw, Commitment: c.DrawCommitment, DrawnAt: c.DrawnAt, Challenge: c.Challenge,
		OpensAt: c.OpensAt, ClosesAt: c.ClosesAt, PerOrg: c.PerOrg, Rules: c.Rules, Vouchers: []CampaignVoucherView{}, ServerTime: now,
	}
	if c.Status == voucher.Paused || c.Status == voucher.Canceled {
		view.Reason = c.Reason
	}
	for _, v := range c.Vouchers {
		view.Vouchers = append(view.Vouchers, CampaignVoucherView{
			ID: v.ID, TypeID: v.TypeID, Name: v.Name, Description: v.Description, FaceValueFen: v.FaceValue,
			Quota: v.Quota, Remaining: v.Remaining, Terms: v.Terms, Mine: []MineView{},
		})
	}
	return view
}

// ClaimView is the answer to a claim. It is short, for thousands are written at once.
type ClaimView struct {
	Voucher  ClaimedView `json:"voucher"`
	Replayed bool        `json:"replayed" doc:"The company had it already"`
}

// ClaimedView is a voucher as it was given.
type ClaimedView struct {
	ID           id.ID         `json:"id"`
	Name         string        `json:"name"`
	FaceValueFen money.Fen     `json:"faceValueFen"`
	ValidFrom    clock.Instant `json:"validFrom"`
	ExpiresAt    clock.Instant `json:"expiresAt" doc:"Exclusive"`
	IssuedAt     clock.Instant `json:"issuedAt"`

	Status voucher.Status `json:"status" enum:"active,frozen" doc:"Frozen when the company stands in a lead"`
}

// ApplicationView is an application for a voucher.
type ApplicationView struct {
	ID          id.ID                     `json:"id"`
	Status      voucher.ApplicationStatus `json:"status" enum:"applied,granted,rejected,withdrawn,lapsed"`
	VoucherID   id.ID                     `json:"voucherId,omitzero"`
	VoucherName string                    `json:"voucherName,omitempty"`
	FaceFen     money.Fen                 `json:"faceValueFen,omitempty" doc:"Where the name of the voucher is given"`
	OrgID       id.ID                     `json:"orgId"`
	OrgName     string                    `json:"orgName,omitempty" doc:"Shown to staff only"`
	Statement   string                    `json:"statement"`
	Reason      string                    `json:"reason"`
	AppliedAt   clock.Instant             `json:"appliedAt"`
	DecidedAt   clock.Instant             `json:"decidedAt"`
	DecidedName string                    `json:"decidedName,omitempty" doc:"Shown to staff only"`
}

func applicationView(a voucher.Application) ApplicationView {
	return ApplicationView{
		ID: a.ID, Status: a.Status, VoucherID: a.VoucherID, VoucherName: a.VoucherName, FaceFen: a.FaceValue, OrgID: a.OrgID,
		Statement: a.Statement, Reason: a.Reason, AppliedAt: a.AppliedAt, DecidedAt: a.DecidedAt,
	}
}

func (a *API) campaignRoutes() {
	route(a, op{"listCampaigns", http.MethodGet, "/campaigns", "voucher", "Campaigns that are coming, open, sold out or paused; or those that are over"}, a.listCampaigns)
	route(a, op{"getCampaign", http.MethodGet, "/campaigns/{id}", "voucher", "One campaign with its vouchers and the answer to 'may my company?'"}, a.getCampaign)
	route(a, op{"claimVoucher", http.MethodPost, "/campaign-vouchers/{id}/claims", "voucher", "Claim a voucher of a rush campaign"}, a.claimVoucher)
	route(a, op{"solveChallenge", http.MethodPost, "/campaigns/{id}/challenge", "voucher", "Answer a captcha, where the campaign asks one before the first claim; also before it opens"}, a.solveChallenge)
	route(a, op{"getDrawSheet", http.MethodGet, "/campaign-vouchers/{id}/draw.xlsx", "voucher", "The lots of a draw as an Excel file, with their numbers as texts"}, a.getDrawSheet)
	route(a, op{"getDraw", http.MethodGet, "/campaign-vouchers/{id}/draw", "voucher", "The result of a draw, with all that is needed to compute it again"}, a.getDraw)
	route(a, op{"applyForVoucher", http.MethodPost, "/campaign-vouchers/{id}/applications", "voucher", "Apply for a voucher"}, a.applyForVoucher)
	route(a, op{"withdrawApplication", http.MethodPost, "/voucher-applications/{id}/withdrawal", "voucher", "Withdraw an application for a voucher"}, a.withdrawApplication)
}

func (a *API) listCampaigns(ctx context.Context, in *struct {
	page.Query
	Over bool `query:"over" doc:"Those that have ended or were canceled"`
}) (*body[page.Of[CampaignView]], error) {
	rows, total, err := a.Vouchers.ListedCampaigns(ctx, in.Over, in.Query)
	return reply(page.Map(rows, total, a.campaignView), err)
}

func (a *API) getCampaign(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
}) (*body[CampaignDetail], error) {
	look, err := a.Vouchers.ListedCampaign(ctx, caller(ctx), in.ID.ID)
	if err != nil {
		return nil, err
	}
	out := CampaignDetail{CampaignView: a.campaignView(look.Campaign), Answers: look.Answers, News: newsViews(look.News), Halts: haltViews(look.Halts), Solved: look.Solved}
	if out.Answers == nil {
		out.Answers = []voucher.RuleAnswer{}
	}
	for i := range out.Vouchers {
		m := look.Mine[out.Vouchers[i].ID]
		out.Vouchers[i].Unfit = look.Unfit[out.Vouchers[i].ID]
		for _, v := range m.Vouchers {
			out.Vouchers[i].Mine = append(out.Vouchers[i].Mine, MineView{v.ID, v.Available, v.ExpiresAt})
		}
		if m.Application.ID != 0 {
			view := applicationView(m.Application)
			out.Vouchers[i].Application = &view
		}
	}
	return reply(out, nil)
}

func (a *API) claimVoucher(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
	N  int64    `query:"n" default:"1" minimum:"1" maximum:"100" doc:"The company's first, second … of this voucher; asking again for the same one gives the same voucher"`
}) (*body[ClaimView], error) {
	return reply(a.claim(ctx, in.ID.ID, in.N))
}

func (a *API) claim(ctx context.Context, campaignVoucher id.ID, n int64) (ClaimView, error) {
	v, replayed, err := a.Vouchers.Claim(ctx, caller(ctx), campaignVoucher, n)
	return ClaimView{ClaimedView{v.ID, v.Name, v.FaceValue, v.ValidFrom, v.ExpiresAt, v.IssuedAt, v.Status}, replayed}, err
}

func (a *API) solveChallenge(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body CaptchaInput
}) (*empty, error) {
	who := caller(ctx)
	solved, err := a.Vouchers.Challenged(ctx, who, in.ID.ID)
	if err != nil || solved {
		return done(err)
	}
	if err := a.Accounts.SolveCaptcha(ctx, in.Body.captcha()); err != nil {
		return nil, err
	}
	return done(a.Vouchers.NoteSolved(ctx, who, in.ID.ID))
}

// DrawView is the published result of a draw (抽签).
type DrawView struct {
	Commitment string        `json:"commitment" doc:"Published before anybody applied: SHA-256 of the seed, in lower-case hex"`
	Seed       string        `json:"seed"`
	DrawnAt    clock.Instant `json:"drawnAt"`
	Lots       []LotView     `json:"lots" doc:"By ticket, ascending: who comes first wins"`
}

// LotView is one application in a draw; companies are not named.
type LotView struct {
	Number id.ID  `json:"number" doc:"Of the application"`
	Ticket string `json:"ticket" doc:"SHA-256(seed + newline + SHA-256(all numbers ascending, one a line) + newline + number)"`
	Result string `json:"result" enum:"granted,not_drawn,unfit"`
	Mine   bool   `json:"mine" doc:"Of the caller's company"`
}

func (a *API) getDraw(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
}) (*body[DrawView], error) {
	d, err := a.Vouchers.DrawOf(ctx, caller(ctx), in.ID.ID)
	view := DrawView{Commitment: d.Commitment, Seed: d.Seed, DrawnAt: d.At, Lots: []LotView{}}
	for _, l := range d.Lots {
		result := "not_drawn"
		switch {
		case l.Granted:
			result = "granted"
		case l.Unfit:
			result = "unfit"
		}
		view.Lots = append(view.Lots, LotView{l.Number, l.Ticket, result, l.Mine})
	}
	return reply(view, err)
}

// How the results of a draw are called in its table.
var lotWords = map[string]string{"granted": "中签", "not_drawn": "未中签", "unfit": "不符合条件，顺延"}

func (a *API) getDrawSheet(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
}) (*huma.StreamResponse, error) {
	view, err := a.getDraw(ctx, in)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	out, err := sheet.New(&b, "抽签结果", "次序", "报名编号", "结果", "签号")
	if err != nil {
		return nil, err
	}
	for i, l := range view.Body.Lots {
		if err := out.Row(i+1, l.Number.String(), lotWords[l.Result], l.Ticket); err != nil {
			return nil, errors.Join(err, out.Discard())
		}
	}
	if err := out.Close(); err != nil {
		return nil, err
	}
	return attached(excel, "抽签结果.xlsx", b.Bytes()), nil
}

func (a *API) applyForVoucher(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body struct {
		Statement string `json:"statement,omitempty" doc:"What it is for"`
	}
}) (*body[ApplicationView], error) {
	app, _, err := a.Vouchers.Apply(ctx, caller(ctx), in.ID.ID, in.Body.Statement)
	return reply(applicationView(app), err)
}

func (a *API) withdrawApplication(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
}) (*body[ApplicationView], error) {
	app, err := a.Vouchers.WithdrawApplication(ctx, caller(ctx), in.ID.ID)
	return reply(applicationView(app), err)
}
