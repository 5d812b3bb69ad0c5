package httpapi

import (
	"context"
	"net/http"

	roster "smedx/internal/expert"
	"smedx/internal/kit/clock"
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
	Note      string        `json:"note,omitempty" doc:"Why declined or suspended"`
	PhotoURL  string        `json:"photoUrl"`
	Version   int64         `json:"version"`
	CreatedAt clock.Instant `json:"createdAt"`
}

func expertView(e roster.Expert) ExpertView {
	return ExpertView{
		Entry: e.Entry, ID: e.ID, OrgID: e.OrgID, Status: e.Status, Note: e.Note, PhotoURL: fileURL(e.Photo),
		Version: e.Version, CreatedAt: e.CreatedAt,
	}
}

type expertID struct {
	ID id.Param `path:"id" doc:"Expert"`
}

type noteIn struct {
	ID id.Param `path:"id" doc:"Expert"`

	Body struct {
		Note string `json:"note" maxLength:"200" doc:"Why"`
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
	out := page.Map(found.Items, found.Total, expertView)
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
	return reply(expertView(e), err)
}

func (a *API) readExpert(ctx context.Context, in *expertID) (*body[ExpertView], error) {
	e, err := a.Experts.Find(ctx, caller(ctx), in.ID.ID)
	return reply(expertView(e), err)
}

func (a *API) changeExpert(ctx context.Context, in *struct {
	ID id.Param `path:"id" doc:"Expert"`

	Version int64 `query:"version" required:"true" doc:"The version that was read"`
	Body    roster.Entry
}) (*body[ExpertView], error) {
	e, err := a.Experts.Change(ctx, caller(ctx), in.ID.ID, in.Version, in.Body)
	return reply(expertView(e), err)
}

func (a *API) removeExpert(ctx context.Context, in *expertID) (*empty, error) {
	return done(a.Experts.Delete(ctx, caller(ctx), in.ID.ID))
}

func (a *API) admitExpert(ctx context.Context, in *struct {
	ID id.Param `path:"id" doc:"Expert"`

	Body struct {
		Username string `json:"username"`
		Phone    string `json:"phone"`
		Password string `json:"password" doc:"The first one; it must be changed at the first sign-in"`
	}
}) (*body[ExpertView], error) {
	e, err := a.Experts.Admit(ctx, caller(ctx), in.ID.ID, roster.Admission{Username: in.Body.Username, Phone: in.Body.Phone, Password: in.Body.Password})
	return reply(expertView(e), err)
}

func (a *API) declineExpert(ctx context.Context, in *noteIn) (*body[ExpertView], error) {
	e, err := a.Experts.Decline(ctx, caller(ctx), in.ID.ID, in.Body.Note)
	return reply(expertView(e), err)
}

func (a *API) suspendExpert(ctx context.Context, in *noteIn) (*body[ExpertView], error) {
	e, err := a.Experts.Suspend(ctx, caller(ctx), in.ID.ID, in.Body.Note)
	return reply(expertView(e), err)
}

func (a *API) resumeExpert(ctx context.Context, in *expertID) (*body[ExpertView], error) {
	e, err := a.Experts.Resume(ctx, caller(ctx), in.ID.ID)
	return reply(expertView(e), err)
}
