package httpapi

import "net/http"

// pages serves the built pages of package web.
func (a *API) pages(mux *http.ServeMux) {
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		plain(w, http.StatusNotFound, "this binary was built without pages; run: make build")
	})
}
