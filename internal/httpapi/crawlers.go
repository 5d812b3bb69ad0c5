package httpapi

import (
	"encoding/xml"
	"fmt"
	"net/http"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/page"
)

// crawlers says which pages search engines may read, and lists them.
func (a *API) crawlers(mux *http.ServeMux) {
	mux.HandleFunc("GET /robots.txt", a.robots)
	mux.HandleFunc("GET /sitemap.xml", a.sitemap)
}

// robots keeps search engines to the public pages and their pictures.
func (a *API) robots(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = fmt.Fprintf(w, `User-agent: *
Allow: /api/v1/files/
Disallow: /api/
Disallow: /workbench
Disallow: /checkout
Disallow: /cashier
Disallow: /cart
Disallow: /demo/
Disallow: /solutions/compare

Sitemap: %s/sitemap.xml
`, a.Config.PublicURL) //nolint:errcheck // the client has gone
}

// The protocol of sitemaps ends at 50,000 addresses.
const mostAddresses = 45_000

type sitemapURL struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod,omitempty"`
}

// sitemap lists the public pages. It is made once for each version of the
// catalogue and moment, as pages are.
func (a *API) sitemap(w http.ResponseWriter, r *http.Request) {
	version, err := a.homeVersion(r.Context())
	if err != nil {
		problemOf(r.Context(), err).write(w)
		return
	}
	made, err := a.answers.find("sitemap", version, true, func() (*kept, bool, error) {
		urls, err := a.publicURLs(r)
		if err != nil {
			return nil, false, err
		}
		text, err := xml.Marshal(struct {
			XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
			URLs    []sitemapURL `xml:"url"`
		}{URLs: urls})
		if err != nil {
			return nil, false, err
		}
		done, err := newKept(version, "application/xml; charset=utf-8", append([]byte(xml.Header), text...))
		return done, true, err
	})
	if err != nil {
		problemOf(r.Context(), err).write(w)
		return
	}
	made.write(w, r)
}

func (a *API) publicURLs(r *http.Request) ([]sitemapURL, error) {
	var urls []sitemapURL
	add := func(path string, at clock.Instant) {
		u := sitemapURL{Loc: a.Config.PublicURL + path}
		if at != 0 {
			u.LastMod = at.Local()[:10]
		}
		urls = append(urls, u)
	}
	for _, path := range []string{"/", "/solutions", "/campaigns", "/notices", "/help"} {
		add(path, 0)
	}
	offerings, providers, err := a.Catalog.Addresses(r.Context(), mostAddresses)
	if err != nil {
		return nil, err
	}
	for _, o := range offerings {
		add("/solutions/"+o.ID.String(), o.At)
	}
	notices, err := a.Content.Notices(r.Context(), "", page.Query{Page: 1, Size: 100})
	for _, n := range notices.Items {
		add("/notices/"+n.ID.String(), n.PublishedAt)
	}
	for _, p := range providers[:min(len(providers), 4000)] {
		add("/providers/"+p.ID.String(), p.At)
	}
	return urls, err
}
