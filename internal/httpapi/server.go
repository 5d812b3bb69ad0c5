package httpapi

import (
	"context"
	"net/http"
	"time"
)

// Handler is the whole site: API, pages, health.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/api/v1/", a.huma.Adapter())
	mux.Handle("GET /api/v1/codelists/{name}", reference(a.huma.Adapter()))
	mux.Handle("GET /api/v1/forms/{kind}", reference(a.huma.Adapter()))
	a.keep(mux)
	a.claimShort(mux)
	mux.HandleFunc("GET /api/openapi.json", a.contractJSON)
	apiDocs(mux)
	mux.HandleFunc("/api/", notFoundAPI)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", a.ready)
	if a.Config.TestHooks {
		a.testHooks(mux)
	}
	a.crawlers(mux)
	a.pages(mux)
	var h http.Handler = mux
	h = sameOrigin(h)
	h = identify(a.Sessions, a.Config, h)
	h = recoverPanics(h)
	h = securityHeaders(a.Config.Secure(), h)
	return logRequests(h)
}

func (a *API) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	switch {
	case a.DB.Ping(ctx) != nil:
		plain(w, http.StatusServiceUnavailable, "database unavailable")
	case a.Catalog.Loading():
		plain(w, http.StatusServiceUnavailable, "reading the catalogue")
	default:
		plain(w, http.StatusOK, "ready")
	}
}

func (a *API) contractJSON(w http.ResponseWriter, _ *http.Request) {
	text, err := a.Contract().MarshalJSON()
	if err != nil {
		plain(w, http.StatusInternalServerError, "contract")
		return
	}
	w.Header().Set("Content-Type", "application/vnd.oai.openapi+json;version=3.1")
	_, _ = w.Write(text) //nolint:errcheck // the client has gone
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) //nolint:errcheck // the client has gone
}
