package httpapi

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"

	"smedx/web"
)

// pages serves the built pages of package web.
func (a *API) pages(mux *http.ServeMux) {
	files, built := web.FS()
	if !built {
		mux.HandleFunc("/", notBuilt)
		return
	}
	s, err := a.newSite(files)
	if err != nil {
		slog.Error("the pages cannot be served", "error", err)
		mux.HandleFunc("/", notBuilt)
		return
	}
	mux.Handle("/", s)
}

// newSite joins the router's table, which the build has written, with what the
// modules say first on their public pages.
func (a *API) newSite(files fs.FS) (*site, error) {
	table, err := fs.ReadFile(files, "routes.json")
	if err != nil {
		return nil, err
	}
	var routes []pageRoute
	if err := json.Unmarshal(table, &routes); err != nil {
		return nil, fmt.Errorf("routes.json: %w", err)
	}
	first := a.firstContents()
	for i := range routes {
		routes[i].first = first[routes[i].Path]
	}
	return newSite(files, a.Config.PublicURL, routes)
}

func notBuilt(w http.ResponseWriter, r *http.Request) {
	plain(w, http.StatusNotFound, `这个程序里没有页面。

请在源代码目录里运行 make build（需要 Node.js 20 以上），然后启动 bin/smedx serve；
或者直接运行 make run。接口照常可用，说明见 /api/docs。`)
}
