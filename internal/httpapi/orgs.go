package httpapi

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"smedx/internal/account"
	"smedx/internal/codelist"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/org"
	"smedx/internal/org/form"
	"smedx/internal/review"
)

// RegisteredView is the answer to step 1 of the registration.
type RegisteredView struct {
	OrgID        id.ID    `json:"orgId"`
	Kind         org.Kind `json:"kind" enum:"enterprise,provider"`
	Resumed      bool     `json:"resumed" doc:"The account existed, its draft goes on"`
	SecondFactor string   `json:"secondFactor,omitempty" enum:"code,enrol" doc:"The account that goes on has a second factor: its code is missing"`
}

// RegistrationRules are what an administrator decides about step 1.
type RegistrationRules struct {
	PhoneCode bool `json:"phoneCode" doc:"The phone must be proven by a one-time code"`
}

// OrgView is a company as its own people and the operator see it.
type OrgView struct {
	ID           id.ID            `json:"id"`
	Kind         org.Kind         `json:"kind" enum:"enterprise,provider"`
	Name         string           `json:"name"`
	USCC         string           `json:"uscc"`
	Region       string           `json:"region,omitempty"`
	Verification org.Verification `json:"verification" enum:"draft,pending,returned,rejected,withdrawn,verified,change_pending,suspended,revoked,expired"`
	InForce      bool             `json:"inForce" doc:"Verified now"`
	Printed      string           `json:"printed" doc:"已认证 or 未认证"`
	Editable     bool             `json:"editable" doc:"The form may be filled in and handed in"`
	Certified    bool             `json:"certified" doc:"There is a certified profile"`
	CaseID       id.ID            `json:"caseId,omitempty" doc:"The last review case"`
	Correcting   bool             `json:"correcting" doc:"A returned submission waits for correction"`
	Begun        bool             `json:"begun" doc:"There is a draft that was not handed in"`
	Verdict      *org.LastVerdict `json:"verdict,omitempty" doc:"Why the last submission was not approved"`
	ValidUntil   clock.Instant    `json:"validUntil,omitempty" doc:"End of the verification; null: none"`
	VerifiedAt   clock.Instant    `json:"verifiedAt,omitempty"`
	CreatedAt    clock.Instant    `json:"createdAt"`
}

func orgView(o org.Organization) OrgView {
	v := OrgView{
		ID: o.ID, Kind: o.Kind, Name: o.Name, USCC: o.USCC, Verification: o.Verification, InForce: o.Verification.InForce(),
		Printed: o.Verification.Printed(), Editable: o.Verification.Editable(), Certified: o.CurrentVersion != 0, CaseID: o.CaseID,
		Correcting: o.ReturnedVersion != 0, Begun: o.DraftAt != 0, ValidUntil: o.ValidUntil, Verdict: o.Said(), VerifiedAt: o.VerifiedAt, CreatedAt: o.CreatedAt,
	}
	if o.RegionCode != "" {
		v.Region = codelist.FullLabelOf(codelist.Region, o.RegionCode)
	}
	return v
}

// OrgDraftView is a half-filled form.
type OrgDraftView struct {
	Values  map[string]any `json:"values" doc:"Answers by field key"`
	SavedAt clock.Instant  `json:"savedAt" doc:"null: never saved"`
	Version int64          `json:"version" doc:"To be named by the next save"`
	Files   []FileView     `json:"files" doc:"The uploads that the answers name"`
	Form    string         `json:"form" doc:"Version of the form in force"`
	Changes []string       `json:"changes,omitempty" doc:"How the form reads differently since the answers were begun, in plain words"`

	Correction *CorrectionView `json:"correction,omitempty" doc:"What a returned submission asks to mend; without it the whole form is open"`
}

// CorrectionView is what the reviewer marked, and what may be changed.
type CorrectionView struct {
	Open    []string        `json:"open" doc:"Keys that may be answered anew"`
	Marked  []string        `json:"marked" doc:"Pointers of the marked fields"`
	Remarks []review.Remark `json:"remarks"`
	Values  map[string]any  `json:"values" doc:"What was handed in for these keys"`
}

// ProfileView is a submitted profile with the form that it answers.
type ProfileView struct {
	Form        *form.Definition `json:"form"`
	Values      map[string]any   `json:"values"`
	Files       []FileView       `json:"files"`
	SubmittedAt clock.Instant    `json:"submittedAt"`
}

// MaterialView is what a reviewer of a verification looks at.
type MaterialView struct {
	ProfileView

	InForce  *ComparisonView `json:"inForce,omitempty" doc:"Beside the certified profile that this one would replace"`
	Previous *ComparisonView `json:"previous,omitempty" doc:"Beside the submission before, when that is another one"`
	Reform   []string        `json:"formChanges,omitempty" doc:"How the form itself reads differently from the certified profile's, in plain words"`
	Advice   []ProblemField  `json:"advice" doc:"Unusual answers"`
	Alike    []AlikeView     `json:"alike" doc:"Other companies with the same name, phone or credit code"`
}

// ComparisonView is an earlier submission as far as it differs, with what was
// said of it.
type ComparisonView struct {
	SubmittedAt clock.Instant   `json:"submittedAt"`
	Changed     []string        `json:"changed" doc:"Keys that differ"`
	Values      map[string]any  `json:"values" doc:"The earlier answers to these"`
	Files       []FileView      `json:"files"`
	Status      review.Status   `json:"status,omitempty" enum:"approved,returned,rejected,withdrawn"`
	Reason      string          `json:"reason,omitempty" doc:"Code of the list review_reason"`
	Comment     string          `json:"comment,omitempty"`
	Fields      []string        `json:"fields" doc:"Pointers that were marked"`
	Remarks     []review.Remark `json:"remarks"`
}

// AlikeView is a company that shares something with the one under review.
type AlikeView struct {
	OrgID        id.ID            `json:"orgId"`
	Name         string           `json:"name"`
	Kind         org.Kind         `json:"kind" enum:"enterprise,provider"`
	Verification org.Verification `json:"verification" enum:"draft,pending,returned,rejected,withdrawn,verified,change_pending,suspended,revoked,expired"`
	By           string           `json:"by" enum:"name,phone,uscc"`
}

// DiagnosisView is 企业诊断信息.
type DiagnosisView struct {
	Size         string               `json:"size" enum:"micro,small,medium,large,na,"`
	SizeRule     string               `json:"sizeRule"`
	SizeIndustry string               `json:"sizeIndustry"`
	People       *int64               `json:"people,omitempty"`
	RevenueFen   *int64               `json:"revenueFen,omitempty"`
	AssetsFen    *int64               `json:"assetsFen,omitempty"`
	Maturity     string               `json:"maturity" doc:"Level by the enterprise's own assessment, code list maturity_level"`
	Plan         string               `json:"plan" doc:"Code list digital_plan"`
	DigitalRate  string               `json:"digitalRate" doc:"Percent of machines"`
	NetworkRate  string               `json:"networkRate" doc:"Percent of machines"`
	Systems      []string             `json:"systems" doc:"Code list info_systems"`
	Security     []string             `json:"security" doc:"Code list security_measures"`
	Groups       []DiagnosisGroupView `json:"groups"`
	Gaps         []string             `json:"gaps" doc:"Scenarios to look at next, code list scenario16"`
	Needs        []string             `json:"needs" doc:"Scenarios that the enterprise asks for"`
	At           clock.Instant        `json:"at" doc:"When the answers were handed in"`
}

// DiagnosisGroupView is one group of scenarios.
type DiagnosisGroupView struct {
	Name    string   `json:"name"`
	Total   int      `json:"total"`
	Done    []string `json:"done"`
	Missing []string `json:"missing"`
}

func (a *API) orgRoutes() {
	route(a, op{"register", http.MethodPost, "/registrations", "registration", "Step 1: open an account, or go on with one"}, a.register, created)
	route(a, op{"readRegistrationRules", http.MethodGet, "/registrations/rules", "registration", "What step 1 asks for"}, a.readRegistrationRules)
	route(a, op{"readForm", http.MethodGet, "/forms/{kind}", "registration", "The company form of this year"}, a.readForm)
	route(a, op{"readCodeList", http.MethodGet, "/codelists/{name}", "registration", "A code list"}, a.readCodeList)
	route(a, op{"getOrg", http.MethodGet, "/org", "org", "One's own company"}, a.getOrg)
	route(a, op{"getOrgDraft", http.MethodGet, "/org/draft", "org", "The draft of the company form"}, a.getOrgDraft)
	route(a, op{"saveOrgDraft", http.MethodPut, "/org/draft", "org", "Save the draft"}, a.saveOrgDraft)
	route(a, op{"submitOrg", http.MethodPost, "/org/submissions", "org", "Hand the company form in for review"}, a.submitOrg, created)
	route(a, op{"getProfile", http.MethodGet, "/org/profile", "org", "The certified profile"}, a.getProfile)
	route(a, op{"getSubmission", http.MethodGet, "/org/submission", "org", "The profile under review"}, a.getSubmission)
	route(a, op{"getDiagnosis", http.MethodGet, "/org/diagnosis", "org", "What the certified answers say of the enterprise"}, a.getDiagnosis)
	route(a, op{"verificationMaterial", http.MethodGet, "/verifications/{caseId}/material", "org", "What a verification case is about"}, a.verificationMaterial)
	route(a, op{"dropOrgChange", http.MethodDelete, "/org/draft", "org", "Forget a change of certified data that is not under review"}, a.dropOrgChange)
}

func (a *API) register(ctx context.Context, in *struct {
	Body struct {
		CaptchaInput

		Role            account.Role `json:"role" enum:"enterprise,provider"`
		Username        string       `json:"username" maxLength:"100"`
		Phone           string       `json:"phone" maxLength:"40"`
		Password        string       `json:"password" maxLength:"200"`
		PasswordConfirm string       `json:"passwordConfirm" maxLength:"200"`
		Agreed          bool         `json:"agreed" doc:"《用户服务协议》 and 《隐私声明》 in force"`
		Code            string       `json:"code,omitempty" maxLength:"20" doc:"One-time code of the phone, where the rules ask for it"`
	}
}) (*withCookies[RegisteredView], error) {
	b := in.Body
	r, err := a.Orgs.Register(ctx, account.Registration{
		Role: b.Role, Username: b.Username, Phone: b.Phone, Password: b.Password, PasswordConfirm: b.PasswordConfirm, Agreed: b.Agreed,
		Code: strings.TrimSpace(b.Code), Captcha: b.captcha(),
	}, from(ctx))
	if err != nil {
		return nil, err
	}
	cookies, err := a.cookies(ctx, r.Signed)
	return &withCookies[RegisteredView]{SetCookie: cookies, Body: RegisteredView{
		OrgID: r.Org.ID, Kind: r.Org.Kind, Resumed: r.Resumed, SecondFactor: secondFactor(r.Signed),
	}}, err
}

func (a *API) readRegistrationRules(ctx context.Context, _ *struct{}) (*body[RegistrationRules], error) {
	asked, err := a.Accounts.CodeAtRegistration(ctx)
	return reply(RegistrationRules{PhoneCode: asked}, err)
}

func (a *API) readForm(ctx context.Context, in *struct {
	Kind string `path:"kind" enum:"enterprise,provider"`
}) (*body[form.Definition], error) {
	d, err := a.Orgs.Forms().Current(ctx, a.DB, in.Kind)
	if err != nil {
		return nil, err
	}
	return reply(*d, nil)
}

func (a *API) readCodeList(_ context.Context, in *struct {
	Name string `path:"name" maxLength:"40"`
}) (*body[codelist.List], error) {
	l, ok := codelist.Get(in.Name)
	if !ok {
		return nil, errs.ErrNotFound
	}
	return reply(*l, nil)
}

func (a *API) getOrg(ctx context.Context, _ *struct{}) (*body[OrgView], error) {
	o, err := a.Orgs.Mine(ctx, caller(ctx))
	return reply(orgView(o), err)
}

func (a *API) getOrgDraft(ctx context.Context, _ *struct{}) (*body[OrgDraftView], error) {
	st, err := a.Orgs.Draft(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	return reply(a.orgDraftView(ctx, st))
}

func (a *API) orgDraftView(ctx context.Context, st org.DraftState) (OrgDraftView, error) {
	files, err := a.filesOf(ctx, st.Form, st.Values)
	view := OrgDraftView{Values: st.Values, SavedAt: st.SavedAt, Version: st.Version, Files: files, Form: st.Form.Version, Changes: st.Changes}
	if c := st.Correction; c != nil {
		view.Correction = &CorrectionView{
			Open: slices.Sorted(maps.Keys(c.Open)), Marked: append([]string{}, c.Marked...), Remarks: append([]review.Remark{}, c.Remarks...),
			Values: map[string]any{},
		}
		for key := range c.Open {
			if v, ok := c.Values[key]; ok {
				view.Correction.Values[key] = v
			}
		}
	}
	return view, err
}

// filesOf describes the uploads that answers name; one that the caller may not
// read is left out.
func (a *API) filesOf(ctx context.Context, d *form.Definition, values map[string]any) ([]FileView, error) {
	out := []FileView{}
	for _, u := range d.Uploads(values) {
		i, err := id.Parse(u.ID)
		if err != nil {
			continue
		}
		f, ok, err := a.Files.Look(ctx, viewer(caller(ctx)), i)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, fileView(f))
		}
	}
	return out, nil
}

type orgAnswersIn struct {
	Body struct {
		Values  map[string]any `json:"values" doc:"Answers by field key; money in fen, percent as a decimal string, files as ids"`
		Version int64          `json:"version" doc:"Version of the draft that the page began from"`
		Form    string         `json:"form,omitempty" maxLength:"20" doc:"Version of the form that the page shows; handing in is refused when another is in force"`
	}
}

func (a *API) saveOrgDraft(ctx context.Context, in *orgAnswersIn) (*body[OrgDraftView], error) {
	st, err := a.Orgs.SaveDraft(ctx, caller(ctx), in.Body.Values, in.Body.Version)
	if err != nil {
		return nil, err
	}
	return reply(a.orgDraftView(ctx, st))
}

func (a *API) submitOrg(ctx context.Context, in *orgAnswersIn) (*body[OrgView], error) {
	if err := a.Orgs.FormIs(ctx, caller(ctx), in.Body.Form); err != nil {
		return nil, err
	}
	o, err := a.Orgs.Submit(ctx, caller(ctx), in.Body.Values, in.Body.Version)
	return reply(orgView(o), err)
}

func (a *API) dropOrgChange(ctx context.Context, _ *struct{}) (*body[OrgView], error) {
	o, err := a.Orgs.DropChange(ctx, caller(ctx))
	return reply(orgView(o), err)
}

func (a *API) profileView(ctx context.Context, p org.Answers) (ProfileView, error) {
	files, err := a.filesOf(ctx, p.Form, p.Values)
	return ProfileView{Form: p.Form, Values: p.Values, Files: files, SubmittedAt: p.Version.SubmittedAt}, err
}

func (a *API) getProfile(ctx context.Context, _ *struct{}) (*body[ProfileView], error) {
	p, err := a.Orgs.Certified(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	return reply(a.profileView(ctx, p))
}

func (a *API) getSubmission(ctx context.Context, _ *struct{}) (*body[ProfileView], error) {
	p, err := a.Orgs.Submitted(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	return reply(a.profileView(ctx, p))
}

func (a *API) getDiagnosis(ctx context.Context, _ *struct{}) (*body[DiagnosisView], error) {
	d, err := a.Orgs.Diagnose(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	view := DiagnosisView{
		Size: string(d.Size), SizeRule: d.SizeRule, SizeIndustry: d.SizeIndustry, People: d.People, RevenueFen: d.Revenue,
		AssetsFen: d.Assets, Maturity: d.Maturity, Plan: d.Plan, DigitalRate: d.DigitalRate, NetworkRate: d.NetworkRate,
		Systems: d.Systems, Security: d.Security, Gaps: d.Gaps, Needs: d.Needs, At: d.At, Groups: []DiagnosisGroupView{},
	}
	for _, g := range d.Groups {
		view.Groups = append(view.Groups, DiagnosisGroupView(g))
	}
	return reply(view, nil)
}

func (a *API) verificationMaterial(ctx context.Context, in *struct {
	CaseID id.Param `path:"caseId"`
}) (*body[MaterialView], error) {
	m, err := a.Orgs.Material(ctx, caller(ctx), in.CaseID.ID)
	if err != nil {
		return nil, err
	}
	p, err := a.profileView(ctx, m.Answers)
	if err != nil {
		return nil, err
	}
	view := MaterialView{ProfileView: p, Reform: m.Form, Advice: []ProblemField{}, Alike: []AlikeView{}}
	if view.InForce, err = a.comparisonView(ctx, m.InForce); err != nil {
		return nil, err
	}
	if view.Previous, err = a.comparisonView(ctx, m.Previous); err != nil {
		return nil, err
	}
	for _, f := range m.Advice {
		view.Advice = append(view.Advice, ProblemField{Pointer: f.Pointer, Code: f.Code, Detail: text(f.Code, f.Params)})
	}
	for _, c := range m.Alike {
		view.Alike = append(view.Alike, AlikeView(c))
	}
	return reply(view, nil)
}

func (a *API) comparisonView(ctx context.Context, c *org.Comparison) (*ComparisonView, error) {
	if c == nil {
		return nil, nil
	}
	files, err := a.filesOf(ctx, c.Earlier.Form, c.Earlier.Values)
	v := ComparisonView{
		SubmittedAt: c.Earlier.Version.SubmittedAt, Changed: c.Changed, Values: c.Earlier.Values, Files: files, Status: c.Status,
		Fields: []string{}, Remarks: []review.Remark{},
	}
	if c.Said != nil {
		v.Reason, v.Comment = c.Said.Reason, c.Said.Comment
		v.Fields, v.Remarks = append(v.Fields, c.Said.Fields...), append(v.Remarks, c.Said.Remarks...)
	}
	return &v, err
}
