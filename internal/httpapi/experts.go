package httpapi

import (
	"context"
	"net/http"
	"time"

	"smedx/internal/account"
	roster "smedx/internal/expert"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// ExpertView is one person of the roster, for the provider that nominated and
// for operators.
type ExpertView struct {
	roster.Entry

	ID        id.ID         `json:"id"`
	OrgID     id.ID         `json:"orgId,omitzero" doc:"The provider that nominated; absent for the platform's own"`
	OrgName   string        `json:"orgName,omitempty"`
	Status    roster.Status `json:"status" enum:"nominated,admitted,declined,suspended"`
	Reason    string        `json:"reason,omitempty" doc:"Code of the list expert_reason"`
	Note      string        `json:"note,omitempty" doc:"Why declined or suspended"`
	Employer  string        `json:"employer,omitempty" doc:"工作单位; operators only"`
	Username  string        `json:"username,omitempty" doc:"The account; operators only"`
	LeaveFrom clock.Instant `json:"leaveFrom" doc:"On leave from"`
	LeaveTo   clock.Instant `json:"leaveUntil" doc:"On leave until, exclusive"`
	PhotoURL  string        `json:"photoUrl"`
	Version   int64         `json:"version"`
	CreatedAt clock.Instant `json:"createdAt"`
}

func expertView(who account.Principal) func(roster.Expert) ExpertView {
	return func(e roster.Expert) ExpertView {
		view := plainExpert(e)
		if who.Role == operator {
			view.Employer, view.Username = e.Employer, e.Username
		}
		return view
	}
}

func plainExpert(e roster.Expert) ExpertView {
	return ExpertView{
		Entry: e.Entry, ID: e.ID, OrgID: e.OrgID, Status: e.Status, Reason: e.Reason, Note: e.Note,
		LeaveFrom: e.LeaveFrom, LeaveTo: e.LeaveUntil, PhotoURL: fileURL(e.Photo),
		Version: e.Version, CreatedAt: e.CreatedAt,
	}
}

type expertID struct {
	ID id.Param `path:"id" doc:"Expert"`
}

type noteIn struct {
	ID id.Param `path:"id" doc:"Expert"`

	Body struct {
		Reason string `json:"reason" maxLength:"60" doc:"Code of the list expert_reason"`
		Note   string `json:"note" maxLength:"200" doc:"Why, in words"`
	}
}

func (a *API) expertRoutes() {
	route(a, op{"listExperts", http.MethodGet, "/experts", "expert", "Experts of the company, or all for operators"}, a.listExperts)
	route(a, op{"nominateExpert", http.MethodPost, "/experts", "expert", "Enter an expert"}, a.nominateExpert, created)
	route(a, op{"readExpert", http.MethodGet, "/experts/{id}", "expert", "One expert"}, a.readExpert)
	route(a, op{"changeExpert", http.MethodPut, "/experts/{id}", "expert", "Correct an expert who is not admitted"}, a.changeExpert)
	route(a, op{"removeExpert", http.MethodDelete, "/experts/{id}", "expert", "Remove an expert who is not admitted"}, a.removeExpert)
	route(a, op{"admitExpert", http.MethodPost, "/experts/{id}/admission", "expert", "Admit to the committee and give an account"}, a.admitExpert)
	route(a, op{"declineExpert", http.MethodPost, "/experts/{id}/refusal", "expert", "Refuse a nomination"}, a.declineExpert)
	route(a, op{"suspendExpert", http.MethodPost, "/experts/{id}/suspension", "expert", "Take off future panels"}, a.suspendExpert)
	route(a, op{"setExpertLeave", http.MethodPut, "/experts/{id}/leave", "expert", "Keep off new panels for a time"}, a.setExpertLeave)
	route(a, op{"listExpertRecords", http.MethodGet, "/expert-records", "expert", "How the committee has worked"}, a.listExpertRecords)
	route(a, op{"resumeExpert", http.MethodDelete, "/experts/{id}/suspension", "expert", "Let sit again"}, a.resumeExpert)
}

func (a *API) listExperts(ctx context.Context, in *struct {
	page.Query

	Status string `query:"status" enum:",nominated,admitted,declined,suspended"`
	Field  string `query:"field" maxLength:"50" doc:"Words of a field"`
}) (*body[page.Of[ExpertView]], error) {
	found, err := a.Experts.List(ctx, caller(ctx), roster.Filter{Status: roster.Status(in.Status), Field: in.Field}, in.Query)
	if err != nil {
		return nil, err
	}
	out := page.Map(found.Items, found.Total, expertView(caller(ctx)))
	orgs := []id.ID{}
	for _, e := range out.Items {
		orgs = append(orgs, e.OrgID)
	}
	names, err := a.Catalog.CompanyNames(ctx, orgs...)
	for i := range out.Items {
		out.Items[i].OrgName = names[out.Items[i].OrgID]
	}
	return reply(out, err)
}

func (a *API) nominateExpert(ctx context.Context, in *struct{ Body roster.Entry }) (*body[ExpertView], error) {
	e, err := a.Experts.Nominate(ctx, caller(ctx), in.Body)
	return reply(expertView(caller(ctx))(e), err)
}

func (a *API) readExpert(ctx context.Context, in *expertID) (*body[ExpertView], error) {
	e, err := a.Experts.Find(ctx, caller(ctx), in.ID.ID)
	return reply(expertView(caller(ctx))(e), err)
}

func (a *API) changeExpert(ctx context.Context, in *struct {
	ID id.Param `path:"id" doc:"Expert"`

	Version int64 `query:"version" required:"true" doc:"The version that was read"`
	Body    roster.Entry
}) (*body[ExpertView], error) {
	e, err := a.Experts.Change(ctx, caller(ctx), in.ID.ID, in.Version, in.Body)
	return reply(expertView(caller(ctx))(e), err)
}

func (a *API) removeExpert(ctx context.Context, in *expertID) (*empty, error) {
	return done(a.Experts.Delete(ctx, caller(ctx), in.ID.ID))
}

func (a *API) admitExpert(ctx context.Context, in *struct {
	ID id.Param `path:"id" doc:"Expert"`

	Body struct {
		Username string `json:"username"`
		Phone    string `json:"phone"`
		Employer string `json:"employer,omitempty" maxLength:"100" doc:"工作单位; its own listings are never judged"`
		Password string `json:"password" doc:"The first one; it must be changed at the first sign-in"`
	}
}) (*body[ExpertView], error) {
	e, err := a.Experts.Admit(ctx, caller(ctx), in.ID.ID, roster.Admission{Username: in.Body.Username, Phone: in.Body.Phone, Password: in.Body.Password, Employer: in.Body.Employer})
	return reply(expertView(caller(ctx))(e), err)
}

func (a *API) declineExpert(ctx context.Context, in *noteIn) (*body[ExpertView], error) {
	e, err := a.Experts.Decline(ctx, caller(ctx), in.ID.ID, roster.Note{Reason: in.Body.Reason, Text: in.Body.Note})
	return reply(expertView(caller(ctx))(e), err)
}

func (a *API) suspendExpert(ctx context.Context, in *noteIn) (*body[ExpertView], error) {
	e, err := a.Experts.Suspend(ctx, caller(ctx), in.ID.ID, roster.Note{Reason: in.Body.Reason, Text: in.Body.Note})
	return reply(expertView(caller(ctx))(e), err)
}

func (a *API) resumeExpert(ctx context.Context, in *expertID) (*body[ExpertView], error) {
	e, err := a.Experts.Resume(ctx, caller(ctx), in.ID.ID)
	return reply(expertView(caller(ctx))(e), err)
}

func (a *API) setExpertLeave(ctx context.Context, in *struct {
	ID id.Param `path:"id" doc:"Expert"`

	Body struct {
		From  string `json:"from,omitempty" doc:"First day (2026-11-23); empty with until: the leave ends"`
		Until string `json:"until,omitempty" doc:"Last day"`
	}
}) (*body[ExpertView], error) {
	var f errs.Fields
	from, until := day(&f, "/from", in.Body.From, 0), day(&f, "/until", in.Body.Until, 24*time.Hour)
	if err := f.Err(); err != nil {
		return nil, err
	}
	e, err := a.Experts.SetLeave(ctx, caller(ctx), in.ID.ID, from, until)
	return reply(expertView(caller(ctx))(e), err)
}

// ExpertRecord is how one expert of the committee has worked. Ballots count from
// the end of their panel on.
type ExpertRecord struct {
	ID        id.ID         `json:"id"`
	Name      string        `json:"name"`
	Status    roster.Status `json:"status" enum:"nominated,admitted,declined,suspended"`
	Open      int64         `json:"open" doc:"Seats without a ballot"`
	Ballots   int64         `json:"ballots"`
	Recused   int64         `json:"recused"`
	Released  int64         `json:"released"`
	Mean      int64         `json:"mean" doc:"Mean score in hundredths"`
	Deviation int64         `json:"deviation" doc:"Mean difference to the panel's mean in hundredths; above 0: milder than the others"`
	Spread    int64         `json:"spread" doc:"Mean absolute difference to the panel's mean in hundredths"`
	Hours     int64         `json:"hours" doc:"Median hours from the invitation to the ballot"`
}

// ExpertRecords is the committee's.
type ExpertRecords struct {
	Items []ExpertRecord `json:"items"`
}

func (a *API) listExpertRecords(ctx context.Context, _ *struct{}) (*body[ExpertRecords], error) {
	found, err := a.Reviews.Records(ctx, a.DB)
	if err != nil {
		return nil, err
	}
	committee, err := a.Experts.Committee(ctx, caller(ctx))
	out := ExpertRecords{Items: []ExpertRecord{}}
	for _, e := range committee {
		r := found[e.UserID]
		out.Items = append(out.Items, ExpertRecord{
			e.ID, e.Name, e.Status, r.Open, r.Ballots, r.Recused, r.Released, r.Mean, r.Deviation, r.Spread, r.Hours,
		})
	}
	return reply(out, err)
}
