package httpapi

import (
	"bytes"
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/org"
	"smedx/internal/review"
)

// OrgDossierView is a company as the operator keeps it.
type OrgDossierView struct {
	Org      OrgView          `json:"org"`
	Contact  OrgContact       `json:"contact" doc:"Of the main account"`
	Versions []OrgVersionView `json:"versions" doc:"Everything that was handed in, newest first"`
	Measures []OrgMeasureView `json:"measures" doc:"What happened to the verification outside of reviews, newest first"`
}

// OrgContact is who to turn to.
type OrgContact struct {
	Username    string `json:"username"`
	PhoneMasked string `json:"phoneMasked"`
}

// OrgVersionView is one submission and how it ended.
type OrgVersionView struct {
	ID          id.ID         `json:"id"`
	Seq         int64         `json:"seq"`
	Name        string        `json:"name"`
	USCC        string        `json:"uscc"`
	SubmittedAt clock.Instant `json:"submittedAt"`
	InForce     bool          `json:"inForce" doc:"The certified one"`
	CaseID      id.ID         `json:"caseId,omitempty"`
	Status      review.Status `json:"status,omitempty" enum:"pending,approved,returned,rejected,withdrawn"`
	DecidedAt   clock.Instant `json:"decidedAt"`
	DecidedBy   string        `json:"decidedBy,omitempty"`
	Reason      string        `json:"reason,omitempty" doc:"Code of the list review_reason"`
	Comment     string        `json:"comment,omitempty"`
}

// OrgMeasureView is one act on a verification.
type OrgMeasureView struct {
	Verb    org.Verb      `json:"verb" enum:"suspend,restore,revoke,expire"`
	Reason  string        `json:"reason,omitempty" doc:"Code of the list discipline_reason"`
	Comment string        `json:"comment,omitempty"`
	By      string        `json:"by,omitempty"`
	At      clock.Instant `json:"at"`
}

// OrgQuery narrows the list of companies.
type OrgQuery struct {
	Words        string           `query:"words" maxLength:"100" doc:"Part of the name, or a credit code"`
	Kind         org.Kind         `query:"kind" enum:",enterprise,provider"`
	Verification org.Verification `query:"verification" enum:",draft,pending,returned,rejected,withdrawn,verified,change_pending,suspended,revoked,expired"`
	Region       string           `query:"region" maxLength:"6" doc:"Region code; everything below it counts"`
}

func (f OrgQuery) filter() org.Filter {
	return org.Filter{Words: f.Words, Kind: f.Kind, Verification: f.Verification, Region: f.Region}
}

func (a *API) managedOrgRoutes() {
	route(a, op{"listOrgs", http.MethodGet, "/orgs", "org", "Companies on the platform"}, a.listOrgs)
	route(a, op{"exportOrgs", http.MethodGet, "/orgs/export.xlsx", "org", "Companies as an Excel file"}, a.exportOrgs)
	route(a, op{"readOrg", http.MethodGet, "/orgs/{id}", "org", "A company with everything that it handed in"}, a.readOrg)
	route(a, op{"readOrgVersion", http.MethodGet, "/orgs/{id}/versions/{version}", "org", "One submission of a company"}, a.readOrgVersion)
	route(a, op{"disciplineOrg", http.MethodPost, "/orgs/{id}/discipline", "org", "Suspend, restore or revoke a verification"}, a.disciplineOrg)
}

func (a *API) listOrgs(ctx context.Context, in *struct {
	page.Query
	OrgQuery
}) (*body[page.Of[OrgView]], error) {
	got, err := a.Orgs.List(ctx, in.filter(), in.Query)
	return reply(page.Map(got.Items, got.Total, orgView), err)
}

func (a *API) exportOrgs(ctx context.Context, in *struct{ OrgQuery }) (*huma.StreamResponse, error) {
	var b bytes.Buffer
	if err := a.Orgs.Export(ctx, caller(ctx), in.filter(), &b); err != nil {
		return nil, err
	}
	return send("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "attachment", "企业名单.xlsx", b.Bytes()), nil
}

func (a *API) readOrg(ctx context.Context, in *OneID) (*body[OrgDossierView], error) {
	d, err := a.Orgs.Dossier(ctx, in.ID.ID)
	if err != nil {
		return nil, err
	}
	view := OrgDossierView{
		Org: orgView(d.Org), Contact: OrgContact{d.Username, d.Phone}, Versions: []OrgVersionView{}, Measures: []OrgMeasureView{},
	}
	for _, v := range d.Versions {
		line := OrgVersionView{
			ID: v.ID, Seq: v.Seq, Name: v.Name, USCC: v.USCC, SubmittedAt: v.SubmittedAt, InForce: v.ID == d.Org.CurrentVersion,
		}
		if o, ok := d.Outcomes[v.ID]; ok {
			line.CaseID, line.Status = o.Case.ID, o.Case.Status
			if o.Case.Status.Closed() {
				line.DecidedAt, line.DecidedBy, line.Reason, line.Comment = o.Last.At, o.Last.UserName, o.Last.Reason, o.Last.Comment
			}
		}
		view.Versions = append(view.Versions, line)
	}
	for _, m := range d.Measures {
		view.Measures = append(view.Measures, OrgMeasureView(m))
	}
	return reply(view, nil)
}

func (a *API) readOrgVersion(ctx context.Context, in *struct {
	ID      id.Param `path:"id" doc:"Company"`
	Version id.Param `path:"version"`
}) (*body[ProfileView], error) {
	p, err := a.Orgs.LookVersion(ctx, caller(ctx), in.ID.ID, in.Version.ID)
	if err != nil {
		return nil, err
	}
	return reply(a.profileView(ctx, p))
}

func (a *API) disciplineOrg(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body struct {
		Verb    org.Verb `json:"verb" enum:"suspend,restore,revoke"`
		Reason  string   `json:"reason" maxLength:"60" doc:"Code of the list discipline_reason"`
		Comment string   `json:"comment" maxLength:"500" doc:"The company reads it"`
	}
}) (*body[OrgView], error) {
	o, err := a.Orgs.Discipline(ctx, caller(ctx), in.ID.ID, org.Measure{Verb: in.Body.Verb, Reason: in.Body.Reason, Comment: in.Body.Comment})
	return reply(orgView(o), err)
}
