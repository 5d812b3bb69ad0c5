package httpapi

import (
	"encoding/json"
	"fmt"
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
	routes, err := a.pageRoutes()
	if err != nil {
		panic(err) // the table is compiled in
	}
	s, err := newSite(files, routes)
	if err != nil {
		slog.Error("pages", "error", err)
		mux.HandleFunc("/", notBuilt)
		return
	}
	mux.Handle("/", s)
}

// pageRoutes reads the router's table and adds what the modules say on their public pages.
func (a *API) pageRoutes() ([]pageRoute, error) {
	var routes []pageRoute
	if err := json.Unmarshal(web.Routes, &routes); err != nil {
		return nil, fmt.Errorf("web/routes.json: %w", err)
	}
	first := a.firstContents()
	for i := range routes {
		routes[i].first = first[routes[i].Path]
	}
	return routes, nil
}

// firstContents is the list of pages that say more than their title before the
// scripts have run.
func (a *API) firstContents() map[string]firstContent {
	return map[string]firstContent{}
}

func notBuilt(w http.ResponseWriter, r *http.Request) {
	plain(w, http.StatusNotFound, `这个程序里没有页面。

请在源代码目录里运行 make build（需要 Node.js 20 以上），然后启动 bin/smedx serve；
或者直接运行 make run。接口照常可用，说明见 /api/docs。`)
}
