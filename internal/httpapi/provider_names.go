package httpapi

import (
	"context"
	"net/http"
	"strings"

	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/org"
)

// ProviderName is a provider as lists of providers name it.
type ProviderName struct {
	ID   id.ID  `json:"id"`
	Name string `json:"name"`
}

func (a *API) providerNameRoutes() {
	route(a, op{"listProviderNames", http.MethodGet, "/provider-names", "catalog", "Names of providers: of those asked for, or of verified ones by a part of the name"}, a.listProviderNames)
}

func (a *API) listProviderNames(ctx context.Context, in *struct {
	IDs   []string `query:"ids,explode" maxItems:"200" doc:"Of these; what is no provider is missing"`
	Words string   `query:"words" maxLength:"100" doc:"Without ids: part of the name, the newest 20"`
}) (*body[[]ProviderName], error) {
	if len(in.IDs) > 0 {
		return a.providersNamed(ctx, in.IDs)
	}
	out := []ProviderName{}
	found, err := a.Orgs.List(ctx, org.Filter{Words: strings.TrimSpace(in.Words), Kind: org.KindProvider}, page.Query{Size: 100})
	for _, o := range found.Items {
		if len(out) < 20 && o.Verification.InForce() {
			out = append(out, ProviderName{o.ID, o.Name})
		}
	}
	return reply(out, err)
}

func (a *API) providersNamed(ctx context.Context, asked []string) (*body[[]ProviderName], error) {
	ids := make([]id.ID, 0, len(asked))
	for _, text := range asked {
		n, err := id.Parse(text)
		if err != nil {
			return nil, errs.ErrNotFound
		}
		ids = append(ids, n)
	}
	out := []ProviderName{}
	briefs, err := a.Orgs.Briefs(ctx, a.DB, ids...)
	for _, n := range ids {
		if b := briefs[n]; b.Kind == string(org.KindProvider) {
			out = append(out, ProviderName{n, b.Name})
		}
	}
	return reply(out, err)
}
