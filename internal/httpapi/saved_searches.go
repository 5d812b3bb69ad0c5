package httpapi

import (
	"context"
	"net/http"

	"smedx/internal/catalog"
	"smedx/internal/codelist"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
)

// SavedSearchView is a search of the catalogue that its user kept.
type SavedSearchView struct {
	ID      id.ID               `json:"id"`
	Name    string              `json:"name"`
	Terms   catalog.SearchTerms `json:"terms"`
	Choices []ChosenView        `json:"choices" doc:"The filters among the terms, in words"`
	SavedAt clock.Instant       `json:"savedAt"`
}

// ChosenView is a filter with what is chosen of it.
type ChosenView struct {
	Facet  string   `json:"facet" enum:"tag,category,industry,region,price,way,kind"`
	Labels []string `json:"labels"`
}

// SavedSearchList are all that a user kept.
type SavedSearchList struct {
	Items []SavedSearchView `json:"items"`
}

func (a *API) savedSearchRoutes() {
	route(a, op{"listSavedSearches", http.MethodGet, "/saved-searches", "catalog", "One's own saved searches, newest first"}, a.listSavedSearches)
	route(a, op{"saveSearch", http.MethodPost, "/saved-searches", "catalog", "Keep a search under a name"}, a.saveSearch, created)
	route(a, op{"renameSavedSearch", http.MethodPut, "/saved-searches/{id}", "catalog", "Give a saved search another name"}, a.renameSavedSearch)
	route(a, op{"dropSavedSearch", http.MethodDelete, "/saved-searches/{id}", "catalog", "Delete a saved search"}, a.dropSavedSearch)
}

func savedSearchView(s catalog.SavedSearch) (SavedSearchView, error) {
	terms, err := s.Asked()
	v := SavedSearchView{ID: s.ID, Name: s.Name, Terms: terms, Choices: []ChosenView{}, SavedAt: s.SavedAt}
	for _, f := range catalog.Facets {
		labels := []string{}
		for _, code := range terms.Chosen(f.Facet) {
			labels = append(labels, codelist.Label(f.List, code))
		}
		if len(labels) > 0 {
			v.Choices = append(v.Choices, ChosenView{string(f.Facet), labels})
		}
	}
	return v, err
}

func (a *API) savedSearches(ctx context.Context) ([]SavedSearchView, error) {
	all, err := a.Catalog.SavedSearches(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	out := make([]SavedSearchView, len(all))
	for i, s := range all {
		if out[i], err = savedSearchView(s); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (a *API) listSavedSearches(ctx context.Context, _ *struct{}) (*body[SavedSearchList], error) {
	all, err := a.savedSearches(ctx)
	return reply(SavedSearchList{all}, err)
}

func (a *API) saveSearch(ctx context.Context, in *struct {
	Body struct {
		Name  string              `json:"name" maxLength:"60"`
		Terms catalog.SearchTerms `json:"terms"`
	}
}) (*body[SavedSearchView], error) {
	s, err := a.Catalog.SaveSearch(ctx, caller(ctx), in.Body.Name, in.Body.Terms)
	if err != nil {
		return nil, err
	}
	return reply(savedSearchView(s))
}

func (a *API) renameSavedSearch(ctx context.Context, in *struct {
	OneID
	Body struct {
		Name string `json:"name" maxLength:"60"`
	}
}) (*empty, error) {
	return done(a.Catalog.RenameSearch(ctx, caller(ctx), in.ID.ID, in.Body.Name))
}

func (a *API) dropSavedSearch(ctx context.Context, in *OneID) (*empty, error) {
	return done(a.Catalog.DropSearch(ctx, caller(ctx), in.ID.ID))
}
