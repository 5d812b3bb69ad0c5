package httpapi

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed docs
var docsFiles embed.FS

// apiDocs is the reader of the contract at /api/docs: three files of our own
// that keep to the same content security policy as everything else.
func apiDocs(mux *http.ServeMux) {
	files, err := fs.Sub(docsFiles, "docs")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	mux.HandleFunc("GET /api/docs", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, files, "index.html")
	})
	for _, name := range []string{"docs.js", "docs.css"} {
		mux.HandleFunc("GET /api/docs/"+name, func(w http.ResponseWriter, r *http.Request) {
			http.ServeFileFS(w, r, files, name)
		})
	}
}
