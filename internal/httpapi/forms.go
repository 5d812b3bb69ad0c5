package httpapi

import (
	"context"
	"net/http"
	"slices"

	"smedx/internal/codelist"
	"smedx/internal/kit/clock"
	"smedx/internal/org/edition"
	"smedx/internal/org/form"
)

// FormVersionSummary is a version of a company form in the editor's list.
type FormVersionSummary struct {
	Number      int64         `json:"number"`
	State       string        `json:"state" enum:"draft,in_force,former"`
	Note        string        `json:"note,omitempty" doc:"Why it was published"`
	Editor      string        `json:"editor,omitempty" doc:"User name of who saved or published it; none for the built-in version"`
	UpdatedAt   clock.Instant `json:"updatedAt,omitempty"`
	PublishedAt clock.Instant `json:"publishedAt,omitempty"`
}

// FormVersionView is a version of a company form for its editor.
type FormVersionView struct {
	FormVersionSummary
	Edits    int64             `json:"edits" doc:"To be named by the next save"`
	Sections []form.Section    `json:"sections" doc:"As written: {Y-1} in a label stands for last year, what is retired is there"`
	Preview  *form.Definition  `json:"preview" doc:"As applicants see it this year"`
	Changes  []string          `json:"changes" doc:"Differences to the version before it, in plain words"`
	Known    []string          `json:"known" doc:"Keys that were published: never deleted or retyped"`
	Locked   map[string]string `json:"locked" doc:"Keys that may not be retired: the field whose rule reads them, or empty for the platform itself"`
	Lists    []FormListView    `json:"lists" doc:"Shared lists that a field may choose from"`
}

// FormListView is a shared list as an editor chooses it.
type FormListView struct {
	Name   string   `json:"name"`
	Labels []string `json:"labels" doc:"The first entries"`
	Total  int      `json:"total"`
}

// ByFormKind is the kind of company whose form it is.
type ByFormKind struct {
	Kind string `path:"kind" enum:"enterprise,provider"`
}

func (a *API) formRoutes() {
	route(a, op{"listFormVersions", http.MethodGet, "/editor/forms/{kind}/versions", "form", "Versions of a company form, newest first"}, a.listFormVersions)
	route(a, op{"readFormVersion", http.MethodGet, "/editor/forms/{kind}/versions/{number}", "form", "One version of a company form"}, a.readFormVersion)
	route(a, op{"beginFormDraft", http.MethodPost, "/editor/forms/{kind}/draft", "form", "Begin the next version from the one in force, or go on with it"}, a.beginFormDraft)
	route(a, op{"saveFormDraft", http.MethodPut, "/editor/forms/{kind}/draft", "form", "Save the next version"}, a.saveFormDraft)
	route(a, op{"discardFormDraft", http.MethodPost, "/editor/forms/{kind}/draft/discard", "form", "Throw the next version away"}, a.discardFormDraft)
	route(a, op{"publishForm", http.MethodPost, "/editor/forms/{kind}/draft/publish", "form", "Put the next version in force"}, a.publishForm)
}

func formVersionSummary(v edition.Version, inForce bool) FormVersionSummary {
	s := FormVersionSummary{
		Number: v.Number, State: "former", Note: v.Note, Editor: v.Editor, UpdatedAt: v.UpdatedAt, PublishedAt: v.PublishedAt,
	}
	switch {
	case v.State == edition.Draft:
		s.State = "draft"
	case inForce:
		s.State = "in_force"
	}
	return s
}

func (a *API) listFormVersions(ctx context.Context, in *ByFormKind) (*body[[]FormVersionSummary], error) {
	versions, err := a.Orgs.Forms().List(ctx, in.Kind)
	if err != nil {
		return nil, err
	}
	out := make([]FormVersionSummary, 0, len(versions))
	current := slices.IndexFunc(versions, func(v edition.Version) bool { return v.State == edition.Published })
	for i, v := range versions {
		out = append(out, formVersionSummary(v, i == current))
	}
	return reply(out, nil)
}

func (a *API) formVersionView(ctx context.Context, s edition.Sheet, err error) (*body[FormVersionView], error) {
	if err != nil {
		return nil, err
	}
	current, err := a.Orgs.Forms().InForce(ctx, s.Kind)
	return reply(FormVersionView{
		FormVersionSummary: formVersionSummary(s.Version, s.Number == current), Edits: s.Edits, Sections: s.Source.Sections,
		Preview: s.Seen, Changes: s.Changes, Known: s.Known, Locked: s.Locked, Lists: formLists(),
	}, err)
}

// formLists are the lists without levels: what a field of one choice or several can offer.
func formLists() []FormListView {
	out := []FormListView{}
	for _, name := range codelist.Names() {
		l, _ := codelist.Get(name)
		if slices.ContainsFunc(l.Items, func(it codelist.Item) bool { return len(it.Children) > 0 }) {
			continue
		}
		v := FormListView{Name: name, Total: len(l.Items)}
		for _, it := range l.Items[:min(3, len(l.Items))] {
			v.Labels = append(v.Labels, it.Label)
		}
		out = append(out, v)
	}
	return out
}

func (a *API) readFormVersion(ctx context.Context, in *struct {
	ByFormKind
	Number int64 `path:"number" minimum:"1"`
}) (*body[FormVersionView], error) {
	s, err := a.Orgs.Forms().Open(ctx, in.Kind, in.Number)
	return a.formVersionView(ctx, s, err)
}

func (a *API) beginFormDraft(ctx context.Context, in *ByFormKind) (*body[FormVersionView], error) {
	s, err := a.Orgs.Forms().Begin(ctx, caller(ctx), in.Kind)
	return a.formVersionView(ctx, s, err)
}

func (a *API) saveFormDraft(ctx context.Context, in *struct {
	ByFormKind
	Body struct {
		Edits    int64          `json:"edits" doc:"Of the draft that the page began from"`
		Sections []form.Section `json:"sections" maxItems:"60"`
	}
}) (*body[FormVersionView], error) {
	s, err := a.Orgs.Forms().Save(ctx, caller(ctx), in.Kind, in.Body.Edits, in.Body.Sections)
	return a.formVersionView(ctx, s, err)
}

func (a *API) discardFormDraft(ctx context.Context, in *struct {
	ByFormKind
	Body struct {
		Edits int64 `json:"edits"`
	}
}) (*empty, error) {
	return done(a.Orgs.Forms().Discard(ctx, caller(ctx), in.Kind, in.Body.Edits))
}

func (a *API) publishForm(ctx context.Context, in *struct {
	ByFormKind
	Body struct {
		Edits int64  `json:"edits"`
		Note  string `json:"note" doc:"Why; applicants do not see it"`
	}
}) (*body[FormVersionView], error) {
	s, err := a.Orgs.Forms().Publish(ctx, caller(ctx), in.Kind, in.Body.Edits, in.Body.Note)
	return a.formVersionView(ctx, s, err)
}
