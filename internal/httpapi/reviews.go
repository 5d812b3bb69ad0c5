package httpapi

import (
	"context"
	"net/http"
	"time"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/review"
)

// ReviewCase is one row of the task inbox.
type ReviewCase struct {
	ID            id.ID         `json:"id"`
	Kind          review.Kind   `json:"kind" enum:"enterprise_verification,provider_verification,listing,campaign"`
	SubjectID     id.ID         `json:"subjectId"`
	Title         string        `json:"title" doc:"申请名称"`
	SubmitterName string        `json:"submitterName" doc:"申请人"`
	Stage         review.Stage  `json:"stage" enum:"operator,experts,department" doc:"The stage at work; of a closed case the last one"`
	Status        review.Status `json:"status" enum:"pending,approved,returned,rejected,withdrawn"`
	Version       int64         `json:"version" doc:"To be named by a decision"`
	ContentHash   string        `json:"contentHash" doc:"Names what was handed in; to be named by a decision or ballot"`
	Round         int64         `json:"round" doc:"How often experts were asked"`
	CreatedAt     clock.Instant `json:"createdAt"`
	StageAt       clock.Instant `json:"stageAt"`
	DueAt         clock.Instant `json:"dueAt"`
	DecidedAt     clock.Instant `json:"decidedAt"`
	Mine          bool          `json:"mine" doc:"Handed in by the caller, who may withdraw it while it is pending"`
	Again         bool          `json:"again" doc:"The caller decided the submission before this one"`

	Due      review.Lateness  `json:"due,omitempty" enum:"soon,late" doc:"The stage at work is nearly due, or overdue"`
	Held     bool             `json:"held" doc:"Passed on to the caller by a colleague"`
	Hastened bool             `json:"hastened" doc:"The applicant has asked for haste"`
	Standing *review.Standing `json:"standing,omitempty" doc:"Place in the queue and usual time, while pending"`
}

func (a *API) reviewCase(who account.Principal) func(review.Case) ReviewCase {
	now := clock.At(a.DB.Now())
	return func(c review.Case) ReviewCase {
		return ReviewCase{
			ID: c.ID, Kind: c.Kind, SubjectID: c.SubjectID, Title: c.Title, SubmitterName: c.SubmitterName,
			Stage: c.Stage, Status: c.Status, Version: c.Version, ContentHash: c.ContentHash, Round: c.Round,
			CreatedAt: c.CreatedAt, StageAt: c.StageAt, DueAt: c.DueAt, DecidedAt: c.DecidedAt,
			Mine: c.SubmitterID == who.UserID, Hastened: c.HastenedAt != 0,
			Due: c.Lateness(now), Held: c.HolderID != 0 && c.HolderID == who.UserID && c.Status == review.Pending,
			Again: c.PreferredID != 0 && c.PreferredID == who.UserID,
		}
	}
}

// ReviewStep is one act on a case.
type ReviewStep struct {
	Version  int64         `json:"version"`
	Stage    review.Stage  `json:"stage" enum:"operator,experts,department"`
	Action   review.Action `json:"action" enum:"submit,approve,reject,return,send_back,pass,fail,withdraw"`
	UserName string        `json:"userName,omitempty" doc:"Shown to staff only"`
	Role     account.Role  `json:"role,omitempty"`
	Reason   string        `json:"reason,omitempty" doc:"Code of the list review_reason"`
	Comment  string        `json:"comment,omitempty"`
	Fields   []string      `json:"fields" doc:"Pointers of fields to correct"`

	Remarks []review.Remark `json:"remarks" doc:"What was said of single fields"`
	Checks  []review.Check  `json:"checks" doc:"The check-list of the decision with what was found"`

	At clock.Instant `json:"at"`
}

// ReviewOpinion is one expert's place on a panel, as far as the reader may see it.
type ReviewOpinion struct {
	ExpertID id.ID             `json:"expertId,omitzero" doc:"User id; staff only"`
	Name     string            `json:"name,omitempty" doc:"Staff only"`
	Number   int               `json:"number"`
	Round    int64             `json:"round"`
	State    review.SeatState  `json:"state" enum:"asked,declared,voted,recused,released"`
	Cause    string            `json:"cause,omitempty" doc:"Code of the list recusal_reason"`
	Against  string            `json:"against,omitempty" doc:"Code of the list review_reason: why the ballot is against"`
	Reason   string            `json:"reason,omitempty"`
	Passed   bool              `json:"passed"`
	Score    int64             `json:"score" doc:"Weighted, in hundredths"`
	Scores   map[string]int64  `json:"scores,omitempty"`
	Comments map[string]string `json:"comments,omitempty" doc:"By criterion"`
	Comment  string            `json:"comment,omitempty"`
	At       clock.Instant     `json:"at"`
	Mine     bool              `json:"mine"`
}

// ReviewFile is a case with everything the reader may see.
type ReviewFile struct {
	Case     ReviewCase       `json:"case"`
	Company  string           `json:"company,omitempty" doc:"Name of the company that handed in"`
	Steps    []ReviewStep     `json:"steps"`
	Opinions []ReviewOpinion  `json:"opinions"`
	Tally    *review.Tally    `json:"tally,omitempty"`
	Actions  []review.Action  `json:"actions" doc:"What the reader may do now"`
	Seat     review.SeatState `json:"seat,omitempty" enum:"asked,declared,voted,recused,released" doc:"The reader's own place on the panel"`
	Manages  bool             `json:"manages" doc:"The reader may change the panel"`
	Hasten   bool             `json:"hasten" doc:"The reader may ask for haste now"`

	Checks    []review.Check   `json:"checks" doc:"The check-list of the stage at work, for whoever decides"`
	Handovers []ReviewHandover `json:"handovers" doc:"转办, in order"`
	Delegates bool             `json:"delegates" doc:"The reader may pass the task on"`
	Holder    string           `json:"holder,omitempty" doc:"Who has the task, when it was passed on; staff only"`
	Earlier   []ReviewCase     `json:"earlier" doc:"Cases about the same subject before this one"`
}

// ReviewHandover is a task passed on to a colleague; who and why is for staff.
type ReviewHandover struct {
	Stage  review.Stage  `json:"stage" enum:"operator,experts,department"`
	From   string        `json:"from,omitempty"`
	To     string        `json:"to,omitempty"`
	Reason string        `json:"reason,omitempty"`
	At     clock.Instant `json:"at"`
}

// Candidate is an expert proposed for a panel.
type Candidate struct {
	UserID        id.ID  `json:"userId"`
	Name          string `json:"name"`
	IIoTField     string `json:"iiotField"`
	IndustryField string `json:"industryField"`
	Position      string `json:"position,omitempty"`

	Fits   []string `json:"fits" doc:"What of the case the expert's fields share"`
	Load   int64    `json:"load" doc:"Open seats on other panels"`
	Before bool     `json:"before" doc:"Judged the submission before this one"`
	Out    string   `json:"out,omitempty" doc:"Why the expert cannot be asked: same_org, same_phone, employed, buyer, submitter, on_leave, recused, released, seated"`
}

// CandidateList is proposals, the best first, and those who cannot be asked last.
type CandidateList struct {
	Items []Candidate `json:"items"`
}

// ColleagueList is who may have a task.
type ColleagueList struct {
	Items []review.Colleague `json:"items"`
}

// StageTimes is how long each stage usually takes.
type StageTimes struct {
	Items []review.StageTime `json:"items"`
}

// ReviewRule is what a panel scores and when it passes.
type ReviewRule struct {
	Items     []review.Criterion `json:"items"`
	Threshold int64              `json:"threshold" doc:"Mean score needed, of 100"`
	PanelSize int                `json:"panelSize" doc:"Experts asked, unless the operator names more"`
}

type caseID struct {
	ID id.Param `path:"id" doc:"Case"`
}

type caseQuery struct {
	page.Query

	Box       string `query:"box" enum:"awaiting,mine,handled,all" default:"mine" doc:"待我审批, 我的申请, 我已审批, 全部"`
	Title     string `query:"title" maxLength:"100" doc:"申请名称, in part"`
	Submitter string `query:"submitter" maxLength:"100" doc:"申请人, in part"`
	Kind      string `query:"kind" enum:",enterprise_verification,provider_verification,listing,campaign"`
	Status    string `query:"status" enum:",pending,approved,returned,rejected,withdrawn"`
	Stage     string `query:"stage" enum:",operator,experts,department"`
	From      string `query:"from" doc:"创建时间 from: a day of Shanghai (2026-11-23) or RFC 3339, inclusive"`
	To        string `query:"to" doc:"创建时间 to: a day (inclusive) or RFC 3339 (exclusive)"`
}

func (a *API) reviewRoutes() {
	route(a, op{"listCases", http.MethodGet, "/review-cases", "review", "Task inbox"}, a.listCases)
	route(a, op{"countCases", http.MethodGet, "/review-cases/counts", "review", "Figures of the task inbox"}, a.countCases)
	route(a, op{"readCase", http.MethodGet, "/review-cases/{id}", "review", "A case with its steps"}, a.readCase)
	route(a, op{"decideCase", http.MethodPost, "/review-cases/{id}/decisions", "review", "Decide a case"}, a.decideCase)
	route(a, op{"withdrawCase", http.MethodPost, "/review-cases/{id}/withdrawal", "review", "Withdraw a pending case"}, a.withdrawCase)
	route(a, op{"hastenCase", http.MethodPost, "/review-cases/{id}/hastening", "review", "Ask for haste: once a day, when the usual time is over"}, a.hastenCase)
	route(a, op{"listColleagues", http.MethodGet, "/review-cases/{id}/colleagues", "review", "Colleagues whom the task may be passed on to"}, a.listColleagues)
	route(a, op{"delegateCase", http.MethodPost, "/review-cases/{id}/delegation", "review", "Pass the task on to a colleague (转办)"}, a.delegateCase)
	route(a, op{"listStageTimes", http.MethodGet, "/review-times", "review", "How long each stage usually takes"}, a.listStageTimes)
	route(a, op{"listCriteria", http.MethodGet, "/review-criteria", "review", "What experts score, with weights"}, a.listCriteria)
	route(a, op{"declareNoInterest", http.MethodPost, "/review-cases/{id}/declaration", "review", "Declare to have no interest"}, a.declareNoInterest)
	route(a, op{"recuseExpert", http.MethodPost, "/review-cases/{id}/recusal", "review", "Leave the panel"}, a.recuseExpert)
	route(a, op{"castBallot", http.MethodPost, "/review-cases/{id}/ballots", "review", "Hand in an expert's ballot"}, a.castBallot)
	route(a, op{"listCandidates", http.MethodGet, "/review-cases/{id}/candidates", "review", "Experts proposed for the panel"}, a.listCandidates)
	route(a, op{"reseatPanel", http.MethodPost, "/review-cases/{id}/panel", "review", "Replace experts of a sitting panel"}, a.reseatPanel)
}

func (a *API) listCases(ctx context.Context, in *caseQuery) (*body[page.Of[ReviewCase]], error) {
	var fields errs.Fields
	f := review.Filter{
		Box: review.Box(in.Box), Title: in.Title, Submitter: in.Submitter, Kind: review.Kind(in.Kind),
		Status: review.Status(in.Status), Stage: review.Stage(in.Stage),
		From: day(&fields, "/from", in.From, 0), To: day(&fields, "/to", in.To, 24*time.Hour),
	}
	if err := fields.Err(); err != nil {
		return nil, err
	}
	who := caller(ctx)
	found, err := a.Reviews.Inbox(ctx, who, f, in.Query)
	if err != nil {
		return nil, err
	}
	standings, err := a.Reviews.Standings(ctx, a.DB, found.Items...)
	view := page.Map(found.Items, found.Total, a.reviewCase(who))
	for i := range view.Items {
		if at, ok := standings[view.Items[i].ID]; ok {
			view.Items[i].Standing = &at
		}
	}
	return reply(view, err)
}

// day reads a day of Shanghai, moved by more, or an instant.
func day(f *errs.Fields, pointer, s string, more time.Duration) clock.Instant {
	if s == "" {
		return 0
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, clock.Shanghai); err == nil {
		return clock.At(t.Add(more))
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		f.Add(pointer, "field.shape")
	}
	return clock.At(t)
}

// InboxCounts are the figures of the task inbox, and what else waits for the caller on a page of its own.
type InboxCounts struct {
	review.Counts

	Others []OtherQueue `json:"others" doc:"What waits for the caller outside the inbox"`
}

// OtherQueue is what waits for the caller on another page.
type OtherQueue struct {
	Kind       string        `json:"kind" enum:"budget,voucher_application,revocation"`
	CampaignID id.ID         `json:"campaignId,omitzero" doc:"Of applications: their campaign"`
	Campaign   string        `json:"campaign,omitempty"`
	Waiting    int64         `json:"waiting"`
	Oldest     clock.Instant `json:"oldest" doc:"Since when the one that waits longest does"`
}

func (a *API) countCases(ctx context.Context, _ *struct{}) (*body[InboxCounts], error) {
	who := caller(ctx)
	counts, err := a.Reviews.Count(ctx, who)
	if err != nil {
		return nil, err
	}
	n := InboxCounts{Counts: counts, Others: []OtherQueue{}}
	if who.Has(account.FundManage) {
		count, oldest, err := a.Funds.Waiting(ctx, who)
		if err != nil {
			return nil, err
		}
		if count > 0 {
			n.Others = append(n.Others, OtherQueue{Kind: "budget", Waiting: count, Oldest: oldest})
		}
	}
	if who.Has(account.RiskHandle) {
		count, oldest, err := a.Vouchers.WaitingRevocations(ctx, who)
		if err != nil {
			return nil, err
		}
		if count > 0 {
			n.Others = append(n.Others, OtherQueue{Kind: "revocation", Waiting: count, Oldest: oldest})
		}
	}
	if who.Has(account.VoucherConfigure) {
		waiting, err := a.Vouchers.WaitingApplications(ctx)
		if err != nil {
			return nil, err
		}
		for _, w := range waiting {
			n.Others = append(n.Others, OtherQueue{Kind: "voucher_application", CampaignID: w.CampaignID, Campaign: w.Name, Waiting: w.Count, Oldest: w.Oldest})
		}
	}
	return reply(n, nil)
}

func (a *API) readCase(ctx context.Context, in *caseID) (*body[ReviewFile], error) {
	return reply(a.reviewFile(ctx, in.ID.ID))
}

func (a *API) reviewFile(ctx context.Context, caseID id.ID) (ReviewFile, error) {
	who := caller(ctx)
	f, err := a.Reviews.Find(ctx, who, caseID)
	if err != nil {
		return ReviewFile{}, err
	}
	view := ReviewFile{
		Case: a.reviewCase(who)(f.Case), Steps: []ReviewStep{}, Opinions: []ReviewOpinion{}, Tally: f.Tally, Actions: f.Actions,
		Checks: append([]review.Check{}, f.Checks...), Handovers: []ReviewHandover{}, Delegates: f.Delegates, Holder: f.Holder,
		Earlier: page.Map(f.Earlier, int64(len(f.Earlier)), a.reviewCase(who)).Items,
	}
	companies, err := a.Catalog.CompanyNames(ctx, f.Case.SubmitterOrg)
	if err != nil {
		return ReviewFile{}, err
	}
	view.Company = companies[f.Case.SubmitterOrg]
	for _, h := range f.Handovers {
		view.Handovers = append(view.Handovers, ReviewHandover{h.Stage, h.FromName, h.ToName, h.Reason, h.At})
	}
	view.Case.Standing, view.Hasten = f.Standing, f.Hasten
	for _, s := range f.Steps {
		view.Steps = append(view.Steps, ReviewStep{
			Version: s.Version, Stage: s.Stage, Action: s.Action, UserName: s.UserName, Role: account.Role(s.Role),
			Reason: s.Reason, Comment: s.Comment, Fields: append([]string{}, s.Fields...),
			Remarks: append([]review.Remark{}, s.Remarks...), Checks: append([]review.Check{}, s.Checks...), At: s.At,
		})
	}
	users := []id.ID{}
	for _, o := range f.Opinions {
		if o.ExpertID != 0 {
			users = append(users, o.ExpertID)
		}
	}
	experts, err := a.Experts.ByUser(ctx, users...)
	if err != nil {
		return ReviewFile{}, err
	}
	for _, o := range f.Opinions {
		view.Opinions = append(view.Opinions, ReviewOpinion{
			ExpertID: o.ExpertID, Name: experts[o.ExpertID].Name, Number: o.Number, Round: o.Round, State: o.State, Cause: o.Cause, Reason: o.Reason,
			Passed: o.Passed, Score: o.Score, Scores: o.Scores, Comments: o.Words, Comment: o.Comment, Against: o.Against, At: o.At, Mine: o.Mine,
		})
	}
	if f.Seat != nil {
		view.Seat = f.Seat.State
	}
	view.Manages = f.Case.Kind == review.KindListing && who.Role == operator && who.Has(account.ListingReview)
	return view, nil
}

func (a *API) decideCase(ctx context.Context, in *struct {
	ID id.Param `path:"id" doc:"Case"`

	Body struct {
		Action      review.Action `json:"action" enum:"approve,reject,return,send_back"`
		Version     int64         `json:"version" doc:"The version of the case that was read"`
		ContentHash string        `json:"contentHash" doc:"The content that was read"`
		Reason      string        `json:"reason,omitempty" maxLength:"60"`
		Comment     string        `json:"comment,omitempty" doc:"Needed for everything but an approval"`
		Fields      []string      `json:"fields,omitempty" maxItems:"200"`

		Remarks []review.Remark `json:"remarks,omitempty" maxItems:"200" doc:"What is wrong with single fields; each is a field to correct"`

		Checks []review.Check `json:"checks,omitempty" maxItems:"40" doc:"The check-list with what was found; an approval needs every item in order"`

		Experts []id.ID `json:"experts,omitempty" maxItems:"15" doc:"The panel of a listing; none: drawn by lot"`
	}
}) (*body[ReviewFile], error) {
	b := in.Body
	_, err := a.Reviews.Decide(ctx, caller(ctx), in.ID.ID, review.Decision{
		Action: b.Action, Version: b.Version, ContentHash: b.ContentHash, Experts: b.Experts,
		Verdict: review.Verdict{Reason: b.Reason, Comment: b.Comment, Fields: b.Fields, Remarks: b.Remarks, Checks: b.Checks},
	})
	if err != nil {
		return nil, err
	}
	return reply(a.reviewFile(ctx, in.ID.ID))
}

func (a *API) withdrawCase(ctx context.Context, in *caseID) (*body[ReviewCase], error) {
	who := caller(ctx)
	c, err := a.Reviews.Withdraw(ctx, who, in.ID.ID)
	return reply(a.reviewCase(who)(c), err)
}

func (a *API) hastenCase(ctx context.Context, in *caseID) (*body[ReviewFile], error) {
	if err := a.Reviews.Hasten(ctx, caller(ctx), in.ID.ID); err != nil {
		return nil, err
	}
	return reply(a.reviewFile(ctx, in.ID.ID))
}

func (a *API) listCriteria(context.Context, *struct{}) (*body[ReviewRule], error) {
	return reply(ReviewRule{review.Criteria, review.Threshold, review.PanelSize}, nil)
}

func (a *API) declareNoInterest(ctx context.Context, in *caseID) (*body[ReviewFile], error) {
	if err := a.Reviews.Declare(ctx, caller(ctx), in.ID.ID); err != nil {
		return nil, err
	}
	return reply(a.reviewFile(ctx, in.ID.ID))
}

func (a *API) recuseExpert(ctx context.Context, in *struct {
	ID id.Param `path:"id" doc:"Case"`

	Body struct {
		Cause  string `json:"cause" maxLength:"60" doc:"Code of the list recusal_reason"`
		Reason string `json:"reason,omitempty" maxLength:"200"`
	}
}) (*empty, error) {
	return done(a.Reviews.Recuse(ctx, caller(ctx), in.ID.ID, in.Body.Cause, in.Body.Reason))
}

func (a *API) listColleagues(ctx context.Context, in *caseID) (*body[ColleagueList], error) {
	found, err := a.Reviews.Colleagues(ctx, caller(ctx), in.ID.ID)
	return reply(ColleagueList{found}, err)
}

func (a *API) delegateCase(ctx context.Context, in *struct {
	ID id.Param `path:"id" doc:"Case"`

	Body struct {
		To      id.ID  `json:"to" doc:"User id of a colleague"`
		Version int64  `json:"version" doc:"The version of the case that was read"`
		Reason  string `json:"reason" maxLength:"200"`
	}
}) (*body[ReviewFile], error) {
	b := in.Body
	if err := a.Reviews.Delegate(ctx, caller(ctx), in.ID.ID, b.To, b.Version, b.Reason); err != nil {
		return nil, err
	}
	return reply(a.reviewFile(ctx, in.ID.ID))
}

func (a *API) listStageTimes(ctx context.Context, _ *struct{}) (*body[StageTimes], error) {
	found, err := a.Reviews.StageTimes(ctx)
	return reply(StageTimes{found}, err)
}

func (a *API) castBallot(ctx context.Context, in *struct {
	ID id.Param `path:"id" doc:"Case"`

	Body struct {
		Scores      map[string]int64  `json:"scores" doc:"0 to 100 for each criterion"`
		Comments    map[string]string `json:"comments,omitempty" doc:"By criterion; needed below the threshold"`
		Pass        bool              `json:"pass"`
		Reason      string            `json:"reason,omitempty" maxLength:"60" doc:"Code of the list review_reason; needed by a ballot against"`
		Comment     string            `json:"comment"`
		ContentHash string            `json:"contentHash" doc:"The content that was read"`
	}
}) (*body[ReviewFile], error) {
	b := in.Body
	err := a.Reviews.Vote(ctx, caller(ctx), in.ID.ID, review.Ballot{Scores: b.Scores, Comments: b.Comments, Pass: b.Pass, Reason: b.Reason, Comment: b.Comment, ContentHash: b.ContentHash})
	if err != nil {
		return nil, err
	}
	return reply(a.reviewFile(ctx, in.ID.ID))
}

func (a *API) listCandidates(ctx context.Context, in *caseID) (*body[CandidateList], error) {
	out := CandidateList{Items: []Candidate{}}
	found, err := a.Reviews.Candidates(ctx, caller(ctx), in.ID.ID)
	if err != nil {
		return nil, err
	}
	users := []id.ID{}
	for _, k := range found {
		users = append(users, k.UserID)
	}
	experts, err := a.Experts.ByUser(ctx, users...)
	for _, k := range found {
		e := experts[k.UserID]
		out.Items = append(out.Items, Candidate{
			k.UserID, e.Name, e.IIoTField, e.IndustryField, e.Position, append([]string{}, k.Fits...), k.Load, k.Before, k.Out,
		})
	}
	return reply(out, err)
}

func (a *API) reseatPanel(ctx context.Context, in *struct {
	ID id.Param `path:"id" doc:"Case"`

	Body struct {
		Release []id.ID `json:"release" maxItems:"15" doc:"User ids of experts who have not voted"`
		Add     []id.ID `json:"add" maxItems:"15"`
		Reason  string  `json:"reason,omitempty" maxLength:"200"`
	}
}) (*body[ReviewFile], error) {
	b := in.Body
	if err := a.Reviews.Reseat(ctx, caller(ctx), in.ID.ID, review.Change{Release: b.Release, Add: b.Add, Reason: b.Reason}); err != nil {
		return nil, err
	}
	return reply(a.reviewFile(ctx, in.ID.ID))
}
