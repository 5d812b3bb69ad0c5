package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"smedx/internal/catalog"
	"smedx/internal/codelist"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/review"
)

// CodeView is a code with its label.
type CodeView struct {
	Code  string `json:"code"`
	Label string `json:"label"`
}

// OfferingCard is an offering in lists of buyers.
type OfferingCard struct {
	ID         id.ID               `json:"id"`
	Kind       catalog.Kind        `json:"kind" doc:"Publishing type, code of publish_type"`
	Name       string              `json:"name"`
	Intro      string              `json:"intro"`
	CoverURL   string              `json:"coverUrl"`
	ProviderID id.ID               `json:"providerId"`
	Provider   string              `json:"provider"`
	City       string              `json:"city"`
	Tags       []CodeView          `json:"tags"`
	Categories []CodeView          `json:"categories"`
	PriceFen   money.Fen           `json:"priceFromFen"`
	PriceUnit  catalog.BillingUnit `json:"priceUnit" enum:"year,month,unit"`
	OnePlan    *PlanChoice         `json:"onePlan,omitempty" doc:"Set when there is only one way to buy"`
	Sales      int64               `json:"sales"`
	Score      float64             `json:"score" doc:"Mean of the ratings, 0 without any"`
	Ratings    int64               `json:"ratings"`
	Snippet    string              `json:"snippet,omitempty" doc:"Where a text says what was searched, if only there"`
}

// PlanChoice is a plan and a way to buy it.
type PlanChoice struct {
	PlanID id.ID               `json:"planId"`
	Unit   catalog.BillingUnit `json:"unit" enum:"year,month,unit"`
}

// FacetView is one filter of the catalogue with its figures.
type FacetView struct {
	Facet string       `json:"facet" enum:"tag,category,industry,region,price,way,kind"`
	List  string       `json:"list" doc:"Code list of the filter"`
	Codes []FacetCount `json:"codes"`
}

// FacetCount is how many offerings a choice would leave.
type FacetCount struct {
	Code  string `json:"code"`
	Label string `json:"label"`
	Above string `json:"above,omitempty" doc:"The group that the code belongs to"`
	Group bool   `json:"group" doc:"Has narrower codes below"`
	Count int    `json:"count"`
}

// OfferingList is one page of the catalogue.
type OfferingList struct {
	Items  []OfferingCard `json:"items"`
	Total  int64          `json:"total"`
	Facets []FacetView    `json:"facets"`
	Marks  []string       `json:"marks" doc:"What to mark in the cards: lower case, half width"`
}

// SuggestionView is offered while somebody types.
type SuggestionView struct {
	Kind  catalog.SuggestionKind `json:"kind" enum:"offering,provider,tag,category"`
	Text  string                 `json:"text"`
	ID    id.ID                  `json:"id,omitzero" doc:"Of an offering or a provider"`
	Code  string                 `json:"code,omitempty" doc:"Of a tag or a category"`
	Count int                    `json:"count" doc:"Offerings behind it"`
}

// SuggestionList is what a search may become.
type SuggestionList struct {
	Items []SuggestionView `json:"items"`
	Marks []string         `json:"marks" doc:"What to mark in the texts: lower case, half width"`
}

// FeaturedOfferings is what the home page shows of the catalogue.
type FeaturedOfferings struct {
	Items     []OfferingCard `json:"items"`
	Offerings int            `json:"offerings" doc:"On sale in all"`
	Providers int            `json:"providers" doc:"Providers with something on sale"`
}

// OfferingPage is the introduction page of an offering.
type OfferingPage struct {
	ID         id.ID           `json:"id"`
	Kind       catalog.Kind    `json:"kind" doc:"Publishing type, code of publish_type"`
	Status     catalog.Status  `json:"status" enum:"draft,in_review,rejected,withdrawn,listed,delisted"`
	Content    catalog.Content `json:"content" doc:"Without the names of people"`
	Tags       []CodeView      `json:"tags"`
	Categories []CodeView      `json:"categories"`
	Industries []CodeView      `json:"industries"`
	Cycle      string          `json:"deliveryCycleLabel"`
	Files      []FileView      `json:"files" doc:"Files that the content names"`
	Facts      []catalog.Fact  `json:"facts" doc:"Answers that only this publishing type asks, in words"`
	Provider   ProviderCard    `json:"provider"`
	Sales      int64           `json:"sales"`
	Score      float64         `json:"score"`
	Ratings    int64           `json:"ratings"`
	ListedAt   clock.Instant   `json:"listedAt"`
}

// ProviderCard is a provider as everybody may see it.
type ProviderCard struct {
	ID        id.ID  `json:"id"`
	Name      string `json:"name"`
	City      string `json:"city"`
	Offerings int64  `json:"offerings" doc:"Offerings on sale"`
	// Of what is on sale
	Sales      int64      `json:"sales"`
	Score      float64    `json:"score" doc:"Mean of the ratings, 0 without any"`
	Ratings    int64      `json:"ratings"`
	Categories []CodeView `json:"categories" doc:"The most frequent first"`
}

// MyOffering is one row of 我的商品.
type MyOffering struct {
	ID           id.ID            `json:"id"`
	Kind         catalog.Kind     `json:"kind" doc:"Publishing type, code of publish_type"`
	Name         string           `json:"name"`
	CoverURL     string           `json:"coverUrl"`
	Status       catalog.Status   `json:"status" enum:"draft,in_review,rejected,withdrawn,listed,delisted"`
	Work         catalog.Status   `json:"work,omitempty" enum:"draft,in_review,rejected,withdrawn" doc:"State of the working copy, if there is one"`
	Note         string           `json:"note,omitempty" doc:"What the reviewer said last"`
	Fields       []string         `json:"fields" doc:"Pointers of fields to correct"`
	Sales        int64            `json:"sales"`
	Score        float64          `json:"score"`
	Ratings      int64            `json:"ratings"`
	UpdatedAt    clock.Instant    `json:"updatedAt"`
	ListedAt     clock.Instant    `json:"listedAt"`
	DelistedAt   clock.Instant    `json:"delistedAt"`
	DelistReason string           `json:"delistReason,omitempty"`
	Actions      []catalog.Action `json:"actions" doc:"What may be done now"`
	OnSale       *VersionView     `json:"onSale,omitempty" doc:"The version on sale, or that was"`
	Working      *VersionView     `json:"working,omitempty" doc:"The version that is written or reviewed"`
}

// VersionView is one version of an offering in 我的商品.
type VersionView struct {
	Number      int64         `json:"number"`
	Name        string        `json:"name"`
	SavedAt     clock.Instant `json:"savedAt"`
	SubmittedAt clock.Instant `json:"submittedAt"`
	ApprovedAt  clock.Instant `json:"approvedAt"`
	CaseID      id.ID         `json:"caseId,omitzero" doc:"The review that it is or was in"`
	Stage       review.Stage  `json:"stage,omitempty" enum:"operator,experts,department" doc:"While it is in review: whose turn it is"`
	DueAt       clock.Instant `json:"dueAt,omitzero" doc:"While it is in review: when the stage should be done"`
}

// PublishTypes is what each publishing type asks.
type PublishTypes struct {
	Items []catalog.Form `json:"items"`
}

// OfferingDraft is the working copy for its editor.
type OfferingDraft struct {
	Offering MyOffering      `json:"offering"`
	Version  int64           `json:"version" doc:"To be named by the next save"`
	Number   int64           `json:"number" doc:"Which version of the offering this is"`
	CaseID   id.ID           `json:"caseId,omitzero" doc:"The review that it is or was in"`
	SavedAt  clock.Instant   `json:"savedAt"`
	Company  string          `json:"company" doc:"企业名称"`
	Content  catalog.Content `json:"content"`
	Files    []FileView      `json:"files"`
}

// OfferingDossier is what reviewers read.
type OfferingDossier struct {
	Page     OfferingPage     `json:"page"`
	Number   int64            `json:"number"`
	Content  catalog.Content  `json:"content" doc:"As handed in; experts do not see whom to contact"`
	Previous *catalog.Content `json:"previous,omitempty" doc:"What was on sale before"`
	Changes  []catalog.Change `json:"changes" doc:"Every difference to what was on sale before"`
	Replaced []FileView       `json:"replaced" doc:"Files of what was on sale before that the changes name"`

	ContactsMasked  bool `json:"contactsMasked" doc:"People are masked; revealListingContacts answers them in full"`
	ContactsChanged bool `json:"contactsChanged" doc:"The people differ from those before, though masked they may look alike"`
}

type offeringID struct {
	ID id.Param `path:"id" doc:"Offering"`
}

func (a *API) catalogRoutes() {
	route(a, op{"searchOfferings", http.MethodGet, "/offerings", "catalog", "Search what is on sale"}, a.searchOfferings)
	route(a, op{"featuredOfferings", http.MethodGet, "/offerings/featured", "catalog", "Offerings for the home page"}, a.featuredOfferings)
	route(a, op{"suggestOfferings", http.MethodGet, "/offerings/suggestions", "catalog", "What a search may become, while it is typed"}, a.suggestOfferings)
	route(a, op{"searchFitting", http.MethodGet, "/fitting-offerings", "catalog", "Search what the company's usable vouchers fit"}, a.searchFitting)
	route(a, op{"readOffering", http.MethodGet, "/offerings/{id}", "catalog", "Introduction page of an offering"}, a.readOffering)
	route(a, op{"readProvider", http.MethodGet, "/providers/{id}", "catalog", "A provider as everybody may see it"}, a.readProvider)

	route(a, op{"listPublishTypes", http.MethodGet, "/publish-types", "catalog", "What each publishing type asks"}, a.listPublishTypes)
	route(a, op{"listMyOfferings", http.MethodGet, "/my/offerings", "catalog", "The company's offerings of a state"}, a.listMyOfferings)
	route(a, op{"countMyOfferings", http.MethodGet, "/my/offerings/counts", "catalog", "How many offerings stand in each state"}, a.countMyOfferings)
	route(a, op{"createOffering", http.MethodPost, "/my/offerings", "catalog", "Begin an offering"}, a.createOffering, created)
	route(a, op{"readDraft", http.MethodGet, "/my/offerings/{id}", "catalog", "The working copy of an offering"}, a.readDraft)
	route(a, op{"saveDraft", http.MethodPut, "/my/offerings/{id}/draft", "catalog", "Save what is typed so far"}, a.saveDraft)
	route(a, op{"discardDraft", http.MethodDelete, "/my/offerings/{id}/draft", "catalog", "Drop the draft"}, a.discardDraft)
	route(a, op{"checkDraft", http.MethodPost, "/my/offerings/{id}/check", "catalog", "Whether the draft could be handed in as it is"}, a.checkDraft)
	route(a, op{"submitOffering", http.MethodPost, "/my/offerings/{id}/submission", "catalog", "Hand the draft in"}, a.submitOffering)
	route(a, op{"withdrawOffering", http.MethodPost, "/my/offerings/{id}/withdrawal", "catalog", "Take back what is in review"}, a.withdrawOffering)
	route(a, op{"reviseOffering", http.MethodPost, "/my/offerings/{id}/revision", "catalog", "Open a draft with what was handed in or is on sale"}, a.reviseOffering)
	route(a, op{"copyOffering", http.MethodPost, "/my/offerings/{id}/copy", "catalog", "Begin an offering with what an own one says"}, a.copyOffering, created)
	route(a, op{"previewOffering", http.MethodGet, "/my/offerings/{id}/preview", "catalog", "The page as buyers will see it"}, a.previewOffering)
	route(a, op{"delistOffering", http.MethodDelete, "/my/offerings/{id}/listing", "catalog", "Take off sale"}, a.delistOffering)
	route(a, op{"relistOffering", http.MethodPost, "/my/offerings/{id}/listing", "catalog", "Put back on sale, or to review"}, a.relistOffering)

	route(a, op{"readOfferingDossier", http.MethodGet, "/review-cases/{id}/offering", "catalog", "What a listing case is about"}, a.readOfferingDossier)
	route(a, op{"revealListingContacts", http.MethodPost, "/review-cases/{id}/contacts", "catalog", "The people that a listing names, in full; goes on the trail"}, a.revealListingContacts)
	route(a, op{"listAllOfferings", http.MethodGet, "/catalog/offerings", "catalog", "Offerings of all companies"}, a.listAllOfferings)
	route(a, op{"forceDelistOffering", http.MethodPost, "/catalog/offerings/{id}/delisting", "catalog", "Take any offering off sale, with the reason"}, a.forceDelistOffering)
}

func codesOf(list string, codes []string) []CodeView {
	out := make([]CodeView, 0, len(codes))
	for _, c := range codes {
		out = append(out, CodeView{c, codelist.Label(list, c)})
	}
	return out
}

func mean(sum, count int64) float64 {
	if count == 0 {
		return 0
	}
	return float64(sum*10/count) / 10 // one decimal, cut: 4.96 is not 5.0
}

func card(c catalog.Card) OfferingCard {
	v := OfferingCard{
		ID: c.ID, Kind: c.Kind, Name: c.Name, Intro: c.Intro, CoverURL: smallURL(c.CoverFile, 640), ProviderID: c.ProviderOrg,
		Provider: c.Provider, City: c.City, Tags: codesOf("tag", c.Tags), Categories: codesOf("solution_class", c.Categories),
		PriceFen: c.PriceFrom, PriceUnit: c.PriceUnit, Sales: c.Sales, Score: mean(c.ScoreSum, c.ScoreCount), Ratings: c.ScoreCount,
	}
	if c.OnePlan.PlanID != 0 {
		v.OnePlan = &PlanChoice{c.OnePlan.PlanID, c.OnePlan.Unit}
	}
	return v
}

func cards(list []catalog.Card) []OfferingCard {
	out := make([]OfferingCard, 0, len(list))
	for _, c := range list {
		out = append(out, card(c))
	}
	return out
}

// catalogQuery is what a buyer asks for.
type catalogQuery struct {
	page.Query

	Text     string   `query:"q" maxLength:"50" doc:"Words, also of two characters"`
	Tag      string   `query:"tag" maxLength:"500" doc:"Codes, parted by commas"`
	Category string   `query:"category" maxLength:"500"`
	Industry string   `query:"industry" maxLength:"500"`
	Region   string   `query:"region" maxLength:"500" doc:"Province or city"`
	Price    string   `query:"price" maxLength:"100" doc:"Codes of price_range"`
	Way      string   `query:"way" maxLength:"100" doc:"Codes of purchase_mode"`
	Kind     string   `query:"kind" maxLength:"100"`
	Provider id.Param `query:"provider"`
	Sort     string   `query:"sort" enum:"best,newest,sales,score,price_asc,price_desc" default:"best"`
}

func (in *catalogQuery) query() catalog.Query {
	return catalog.Query{Text: in.Text, Provider: in.Provider.ID, Sort: catalog.Sort(in.Sort), Codes: map[catalog.Facet][]string{
		catalog.ByTag: codesIn(in.Tag), catalog.ByCategory: codesIn(in.Category), catalog.ByIndustry: codesIn(in.Industry),
		catalog.ByRegion: codesIn(in.Region), catalog.ByPrice: codesIn(in.Price), catalog.ByWay: codesIn(in.Way), catalog.ByKind: codesIn(in.Kind),
	}}
}

func (a *API) searchOfferings(ctx context.Context, in *catalogQuery) (*body[OfferingList], error) {
	asked := in.query()
	found, err := a.Catalog.Search(ctx, asked, in.Query)
	if err != nil {
		return nil, err
	}
	return reply(offeringList(found, asked), nil)
}

// searchFitting is the same search through the eyes of a company with vouchers.
func (a *API) searchFitting(ctx context.Context, in *catalogQuery) (*body[OfferingList], error) {
	usable, err := a.Vouchers.Scopes(ctx, a.DB, caller(ctx).OrgID)
	if err != nil {
		return nil, err
	}
	scopes := make([]catalog.Scope, 0, len(usable))
	for _, s := range usable {
		scopes = append(scopes, catalog.Scope{Categories: s.Categories, Industries: s.Industries, Tags: s.Tags, Providers: s.Providers})
	}
	asked := in.query()
	asked.Scopes = &scopes
	found, err := a.Catalog.Search(ctx, asked, in.Query)
	if err != nil {
		return nil, err
	}
	return reply(offeringList(found, asked), nil)
}

// offeringList shows what was found. A chosen code stands among the figures also
// when nothing of it is left, so that it can be read and taken back.
func offeringList(found catalog.Result, asked catalog.Query) OfferingList {
	out := OfferingList{Items: cards(found.Items), Total: found.Total, Facets: []FacetView{}, Marks: found.Marks}
	for i := range out.Items {
		out.Items[i].Snippet = found.Snippets[out.Items[i].ID]
	}
	for _, f := range catalog.Facets {
		v := FacetView{Facet: string(f.Facet), List: f.List, Codes: []FacetCount{}}
		list, ok := codelist.Get(f.List)
		if !ok {
			continue
		}
		counts := found.Facets[f.Facet]
		for _, c := range asked.Codes[f.Facet] {
			if list.Has(c) && !slices.ContainsFunc(counts, func(n catalog.FacetCount) bool { return n.Code == c }) {
				counts = append(counts, catalog.FacetCount{Code: c})
			}
		}
		for _, c := range counts {
			depth, leaf := list.Depth(c.Code)
			n := FacetCount{Code: c.Code, Label: list.Label(c.Code), Group: depth == 1 && !leaf, Count: c.Count}
			if path := list.Path(c.Code); depth > 1 {
				n.Above = path[0].Value
			}
			v.Codes = append(v.Codes, n)
		}
		out.Facets = append(out.Facets, v)
	}
	return out
}

func (a *API) suggestOfferings(ctx context.Context, in *struct {
	Text string `query:"q" maxLength:"50" doc:"What is typed so far"`
}) (*body[SuggestionList], error) {
	list, marks, err := a.Catalog.Suggest(ctx, in.Text)
	out := SuggestionList{Items: []SuggestionView{}, Marks: marks}
	for _, s := range list {
		out.Items = append(out.Items, SuggestionView{s.Kind, s.Text, s.ID, s.Code, s.Count})
	}
	return reply(out, err)
}

func codesIn(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

func (a *API) featuredOfferings(ctx context.Context, in *struct {
	Want int `query:"want" minimum:"1" maximum:"24" default:"8"`
}) (*body[FeaturedOfferings], error) {
	found, err := a.Catalog.Featured(ctx, in.Want)
	if err != nil {
		return nil, err
	}
	n, err := a.Catalog.Count(ctx)
	return reply(FeaturedOfferings{cards(found), n.Offerings, n.Providers}, err)
}

// offeringPage shows one revision as buyers see it.
func (a *API) offeringPage(ctx context.Context, p catalog.Product) (OfferingPage, error) {
	o, c := p.Offering, p.Content
	v := OfferingPage{
		ID: o.ID, Kind: o.Kind, Status: o.Status, Content: c, Tags: codesOf("tag", c.Tags),
		Categories: codesOf("solution_class", c.Categories), Industries: codesOf(codelist.Industry, c.Industries),
		Cycle: codelist.Label("delivery_cycle_range", c.DeliveryCycle),
		Sales: o.Sales, Score: mean(o.ScoreSum, o.ScoreCount), Ratings: o.ScoreCount, ListedAt: o.ListedAt,
		Facts: catalog.Facts(o.Kind, c),
	}
	seller, err := a.Catalog.Seller(ctx, o.OrgID)
	if err != nil {
		return v, err
	}
	v.Provider = providerCard(seller)
	v.Provider.Name, v.Provider.City = p.Company.Name, p.Company.City
	v.Files, err = a.fileViews(ctx, catalog.FilesOf(c))
	return v, err
}

func (a *API) fileViews(ctx context.Context, ids []id.ID) ([]FileView, error) {
	files, err := a.Files.Describe(ctx, ids...)
	out := []FileView{}
	for _, i := range ids {
		if f, ok := files[i]; ok {
			out = append(out, fileView(f))
		}
	}
	return out, err
}

func (a *API) readOffering(ctx context.Context, in *offeringID) (*body[OfferingPage], error) {
	p, err := a.Catalog.Product(ctx, in.ID.ID)
	if err != nil {
		return nil, err
	}
	v, err := a.offeringPage(ctx, p)
	v.Content.PriceLow, v.Content.PriceHigh = "", "" // business secrets, for reviewers only
	for i := range v.Content.Cases {
		s := &v.Content.Cases[i]
		s.OutputFen, s.SalesFen, s.Document = nil, nil, 0
	}
	public := v.Files[:0]
	for _, f := range v.Files {
		if f.Purpose != "case_doc" {
			public = append(public, f)
		}
	}
	v.Files = public
	return reply(v, err)
}

func (a *API) readProvider(ctx context.Context, in *struct {
	ID id.Param `path:"id" doc:"Provider"`
}) (*body[ProviderCard], error) {
	seller, err := a.Catalog.Seller(ctx, in.ID.ID)
	if err == nil && seller.Offerings == 0 { // whoever sells nothing is not shown to everybody
		err = errs.ErrNotFound
	}
	return reply(providerCard(seller), err)
}

func providerCard(s catalog.Seller) ProviderCard {
	return ProviderCard{
		ID: s.ID, Name: s.Name, City: s.City, Offerings: int64(s.Offerings), Sales: s.Sales,
		Score: mean(s.ScoreSum, s.ScoreCount), Ratings: s.ScoreCount, Categories: codesOf("solution_class", s.Categories),
	}
}

func myOffering(o catalog.Offering) MyOffering {
	v := MyOffering{
		ID: o.ID, Kind: o.Kind, Name: o.Name, CoverURL: smallURL(o.CoverFile, 320), Status: o.Status, Work: o.Work, Note: o.WorkNote,
		Fields: []string{}, Sales: o.Sales, Score: mean(o.ScoreSum, o.ScoreCount), Ratings: o.ScoreCount, UpdatedAt: o.UpdatedAt,
		ListedAt: o.ListedAt, DelistedAt: o.DelistedAt, DelistReason: o.DelistReason, Actions: o.Allowed(),
	}
	_ = json.Unmarshal([]byte(o.WorkFields), &v.Fields) //nolint:errcheck // written by us; shown as none otherwise
	return v
}

func (a *API) listMyOfferings(ctx context.Context, in *struct {
	page.Query

	Status string `query:"status" enum:",draft,in_review,rejected,withdrawn,listed,delisted"`
	Name   string `query:"name" maxLength:"100"`
}) (*body[page.Of[MyOffering]], error) {
	found, err := a.Catalog.Mine(ctx, caller(ctx), catalog.Status(in.Status), in.Name, in.Query)
	if err != nil {
		return nil, err
	}
	versions, err := a.Catalog.VersionsOf(ctx, found.Items)
	if err != nil {
		return nil, err
	}
	var waiting []id.ID
	for _, o := range found.Items {
		if o.Work == catalog.InReview {
			waiting = append(waiting, o.ID)
		}
	}
	reviews, err := a.Reviews.Outcomes(ctx, a.DB, review.KindListing, waiting...)
	return reply(page.Map(found.Items, found.Total, func(o catalog.Offering) MyOffering {
		v := myOffering(o)
		v.OnSale, v.Working = versionView(versions[o.ID].Live, o.Name), versionView(versions[o.ID].Work, versions[o.ID].WorkName)
		if c := reviews[o.ID].Case; v.Working != nil && c.ID == v.Working.CaseID && c.Status == review.Pending {
			v.Working.Stage, v.Working.DueAt = c.Stage, c.DueAt
		}
		return v
	}), err)
}

func versionView(r catalog.Revision, name string) *VersionView {
	if r.ID == 0 {
		return nil
	}
	return &VersionView{Number: r.Number, Name: name, SavedAt: r.UpdatedAt, SubmittedAt: r.SubmittedAt, ApprovedAt: r.ApprovedAt, CaseID: r.CaseID}
}

func (a *API) listPublishTypes(context.Context, *struct{}) (*body[PublishTypes], error) {
	return reply(PublishTypes{catalog.Forms()}, nil)
}

func (a *API) copyOffering(ctx context.Context, in *offeringID) (*body[OfferingDraft], error) {
	w, err := a.Catalog.Copy(ctx, caller(ctx), in.ID.ID)
	if err != nil {
		return nil, err
	}
	return reply(a.offeringDraft(ctx, w))
}

func (a *API) countMyOfferings(ctx context.Context, _ *struct{}) (*body[map[string]int64], error) {
	n, err := a.Catalog.MineCounts(ctx, caller(ctx))
	out := map[string]int64{}
	for _, s := range catalog.Statuses {
		out[string(s)] = n[s]
	}
	return reply(out, err)
}

func (a *API) offeringDraft(ctx context.Context, w catalog.Working) (OfferingDraft, error) {
	files, err := a.fileViews(ctx, catalog.FilesOf(w.Content))
	return OfferingDraft{
		Offering: myOffering(w.Offering), Version: w.Revision.Version, Number: w.Revision.Number, CaseID: w.Revision.CaseID,
		SavedAt: w.Revision.UpdatedAt, Company: w.Company, Content: w.Content, Files: files,
	}, err
}

func (a *API) createOffering(ctx context.Context, in *struct {
	Body struct {
		Kind catalog.Kind `json:"kind" doc:"发布类型, code of publish_type"`
	}
}) (*body[OfferingDraft], error) {
	w, err := a.Catalog.Create(ctx, caller(ctx), in.Body.Kind)
	if err != nil {
		return nil, err
	}
	return reply(a.offeringDraft(ctx, w))
}

func (a *API) readDraft(ctx context.Context, in *offeringID) (*body[OfferingDraft], error) {
	w, err := a.Catalog.Working(ctx, caller(ctx), in.ID.ID)
	if err != nil {
		return nil, err
	}
	return reply(a.offeringDraft(ctx, w))
}

func (a *API) saveDraft(ctx context.Context, in *struct {
	ID id.Param `path:"id" doc:"Offering"`

	Body struct {
		Version int64           `json:"version" doc:"Of the draft that was read or saved last"`
		Content catalog.Content `json:"content"`
	}
}) (*body[catalog.Saved], error) {
	return reply(a.Catalog.SaveDraft(ctx, caller(ctx), in.ID.ID, in.Body.Version, in.Body.Content))
}

func (a *API) discardDraft(ctx context.Context, in *offeringID) (*empty, error) {
	return done(a.Catalog.DiscardDraft(ctx, caller(ctx), in.ID.ID))
}

type draftVersion struct {
	ID id.Param `path:"id" doc:"Offering"`

	Body struct {
		Version int64 `json:"version" doc:"Of the draft that was saved last"`
	}
}

func (a *API) checkDraft(ctx context.Context, in *draftVersion) (*empty, error) {
	return done(a.Catalog.Complete(ctx, caller(ctx), in.ID.ID, in.Body.Version))
}

func (a *API) submitOffering(ctx context.Context, in *draftVersion) (*body[MyOffering], error) {
	o, err := a.Catalog.Submit(ctx, caller(ctx), in.ID.ID, in.Body.Version)
	return reply(myOffering(o), err)
}

func (a *API) withdrawOffering(ctx context.Context, in *offeringID) (*body[MyOffering], error) {
	who := caller(ctx)
	w, err := a.Catalog.Working(ctx, who, in.ID.ID)
	if err != nil {
		return nil, err
	}
	if w.Revision.CaseID == 0 {
		return nil, errs.ErrInvalidState.In(string(w.Offering.Status))
	}
	if _, err := a.Reviews.Withdraw(ctx, who, w.Revision.CaseID); err != nil {
		return nil, err
	}
	w, err = a.Catalog.Working(ctx, who, in.ID.ID)
	return reply(myOffering(w.Offering), err)
}

func (a *API) reviseOffering(ctx context.Context, in *offeringID) (*body[OfferingDraft], error) {
	w, err := a.Catalog.Revise(ctx, caller(ctx), in.ID.ID)
	if err != nil {
		return nil, err
	}
	return reply(a.offeringDraft(ctx, w))
}

func (a *API) previewOffering(ctx context.Context, in *offeringID) (*body[OfferingPage], error) {
	p, err := a.Catalog.Preview(ctx, caller(ctx), in.ID.ID)
	if err != nil {
		return nil, err
	}
	return reply(a.offeringPage(ctx, p))
}

func (a *API) delistOffering(ctx context.Context, in *offeringID) (*body[MyOffering], error) {
	o, err := a.Catalog.Delist(ctx, caller(ctx), in.ID.ID, "")
	return reply(myOffering(o), err)
}

func (a *API) relistOffering(ctx context.Context, in *offeringID) (*body[MyOffering], error) {
	o, err := a.Catalog.Relist(ctx, caller(ctx), in.ID.ID)
	return reply(myOffering(o), err)
}

func (a *API) readOfferingDossier(ctx context.Context, in *caseID) (*body[OfferingDossier], error) {
	d, err := a.Catalog.Dossier(ctx, caller(ctx), in.ID.ID)
	if err != nil {
		return nil, err
	}
	p, err := a.offeringPage(ctx, d.Product)
	if err != nil {
		return nil, err
	}
	out := OfferingDossier{Page: p, Number: d.Revision.Number, Content: d.Content, Previous: d.Previous, Changes: []catalog.Change{},
		ContactsMasked: d.Masked, ContactsChanged: d.ContactsChanged}
	gone := []id.ID{}
	if d.Previous != nil {
		out.Changes = append(out.Changes, catalog.Changes(*d.Previous, d.Content)...)
	}
	for _, c := range out.Changes {
		if c.BeforeFile != 0 {
			gone = append(gone, c.BeforeFile)
		}
	}
	out.Replaced, err = a.fileViews(ctx, gone)
	return reply(out, err)
}

// ListingPerson is somebody whom a listing names, in full, with what stood there before.
type ListingPerson struct {
	Of     string `json:"of" doc:"The customer of a case; empty for the contact of the offering"`
	Text   string `json:"text" doc:"Name, position and ways to reach"`
	Before string `json:"before,omitempty" doc:"Only where it differs"`
}

// ListingPeople is everybody whom a listing names.
type ListingPeople struct {
	Items []ListingPerson `json:"items"`
}

func (a *API) revealListingContacts(ctx context.Context, in *caseID) (*body[ListingPeople], error) {
	found, err := a.Catalog.RevealContacts(ctx, caller(ctx), in.ID.ID)
	if err != nil {
		return nil, err
	}
	out := peopleOf(found.Now)
	if found.Before != nil {
		for i, before := range peopleOf(*found.Before) {
			if i < len(out) && out[i].Text != before.Text {
				out[i].Before = before.Text
			}
		}
	}
	out = slices.DeleteFunc(out, func(p ListingPerson) bool { return p.Text == "" && p.Before == "" })
	return reply(ListingPeople{out}, nil)
}

func peopleOf(c catalog.Content) []ListingPerson {
	said := func(words ...string) string {
		return strings.Join(slices.DeleteFunc(words, func(s string) bool { return s == "" }), "，")
	}
	out := []ListingPerson{{Text: said(c.Contact.Name, c.Contact.Phone, c.Contact.Mail)}}
	for _, s := range c.Cases {
		out = append(out, ListingPerson{Of: s.Customer, Text: said(s.ContactName, s.ContactPosition, s.ContactWay)})
	}
	return out
}

// OversightRow is an offering of any company, for operators.
type OversightRow struct {
	MyOffering

	ProviderID id.ID  `json:"providerId"`
	Provider   string `json:"provider"`
}

func (a *API) listAllOfferings(ctx context.Context, in *struct {
	page.Query

	Status string `query:"status" enum:",listed,delisted"`
	Name   string `query:"name" maxLength:"100"`
}) (*body[page.Of[OversightRow]], error) {
	found, err := a.Catalog.All(ctx, catalog.Status(in.Status), in.Name, in.Query)
	if err != nil {
		return nil, err
	}
	orgs := []id.ID{}
	for _, o := range found.Items {
		orgs = append(orgs, o.OrgID)
	}
	names, err := a.Catalog.CompanyNames(ctx, orgs...)
	return reply(page.Map(found.Items, found.Total, func(o catalog.Offering) OversightRow {
		return OversightRow{myOffering(o), o.OrgID, names[o.OrgID]}
	}), err)
}

func (a *API) forceDelistOffering(ctx context.Context, in *struct {
	ID id.Param `path:"id" doc:"Offering"`

	Body struct {
		Reason string `json:"reason" maxLength:"200"`
	}
}) (*body[MyOffering], error) {
	o, err := a.Catalog.Delist(ctx, caller(ctx), in.ID.ID, in.Body.Reason)
	return reply(myOffering(o), err)
}
