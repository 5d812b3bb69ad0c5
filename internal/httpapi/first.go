package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"smedx/internal/catalog"
	"smedx/internal/codelist"
	"smedx/internal/content"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
)

// firstContents is the list of pages that say more than their title before the
// scripts have run. Keys are the router's paths.
func (a *API) firstContents() map[string]firstContent {
	return map[string]firstContent{
		"/":            {a.firstHome, a.homeVersion},
		"/notices":     {a.firstNotices, a.momentVersion},
		"/notices/:id": {a.firstNotice, a.momentVersion},

		"/solutions":     {a.firstSolutions, a.catalogVersion},
		"/solutions/:id": {a.firstSolution, a.catalogVersion},
		"/providers/:id": {a.firstProvider, a.catalogVersion},
	}
}

func (a *API) catalogVersion(ctx context.Context) (string, error) {
	v, err := a.Catalog.Version(ctx)
	return strconv.FormatInt(v, 10), err
}

// momentVersion is for pages of what has no version: they are made once a second.
func (a *API) momentVersion(context.Context) (string, error) {
	return strconv.FormatInt(a.DB.Now().Unix(), 10), nil
}

func (a *API) homeVersion(ctx context.Context) (string, error) {
	moment, _ := a.momentVersion(ctx) //nolint:errcheck // has none
	v, err := a.catalogVersion(ctx)
	return v + " " + moment, err
}

// ---- facts for machines, in the words of schema.org ----

type facts = map[string]any

func fact(kind string, rest facts) facts {
	rest["@context"], rest["@type"] = "https://schema.org", kind
	return rest
}

func part(kind string, rest facts) facts {
	rest["@type"] = kind
	return rest
}

// trail is the way to a page: names and paths, the page itself last.
func (a *API) trail(steps ...pageLink) facts {
	var items []facts
	for i, s := range append([]pageLink{{Href: "/", Text: "首页"}}, steps...) {
		items = append(items, part("ListItem", facts{"position": i + 1, "name": s.Text, "item": a.Config.PublicURL + s.Href}))
	}
	return fact("BreadcrumbList", facts{"itemListElement": items})
}

func yuan(f money.Fen) string { return fmt.Sprintf("%d.%02d", f/100, f%100) }

// answers reads what the page's scripts will ask first. What is refused is left
// to them.
func (a *API) answersTo(ctx context.Context, addresses ...string) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for _, at := range addresses {
		u, err := url.Parse(at)
		if err != nil {
			continue
		}
		if found, _, err := a.sharedAnswer(ctx, "/api/v1"+u.Path, u.RawQuery, false); err == nil && found != nil {
			out[at] = found.encoded[""]
		}
	}
	return out
}

// ---- the pages ----

func (a *API) firstHome(r *http.Request, _ []string) (firstPage, error) {
	notices, err := a.Content.Notices(r.Context(), "", page.Query{Page: 1, Size: 8})
	if err != nil {
		return firstPage{}, err
	}
	featured, err := a.Catalog.Featured(r.Context(), 8)
	if err != nil {
		return firstPage{}, err
	}
	links := slices.Concat([]pageLink{
		{Href: "/solutions", Text: "解决方案与产品"},
		{Href: "/campaigns", Text: "服务券活动"},
		{Href: "/notices", Text: "通知"},
	}, offeringLinks(featured), noticeLinks(notices.Items))
	return firstPage{
		Title: siteName, Canonical: "/",
		Lines: []string{"企业需求收集、注册帐号、认证审核、创新服务券抢券、服务商品购买、解决方案交付，一站办理。"},
		Links: links,
		Facts: []any{fact("WebSite", facts{
			"name": siteName, "url": a.Config.PublicURL + "/", "inLanguage": "zh-CN",
			"potentialAction": part("SearchAction", facts{
				"target":      part("EntryPoint", facts{"urlTemplate": a.Config.PublicURL + "/solutions?q={search_term_string}"}),
				"query-input": "required name=search_term_string",
			}),
		})},
		Answers: a.answersTo(r.Context(), "/offerings/featured?want=8"),
	}, nil
}

func offeringLinks(list []catalog.Card) []pageLink {
	links := make([]pageLink, 0, len(list))
	for _, c := range list {
		links = append(links, pageLink{Href: "/solutions/" + c.ID.String(), Text: c.Name, Note: c.Provider})
	}
	return links
}

func noticeLinks(notices []content.Notice) []pageLink {
	links := make([]pageLink, 0, len(notices))
	for _, n := range notices {
		links = append(links, pageLink{Href: "/notices/" + n.ID.String(), Text: n.Title, Note: n.PublishedAt.Local()[:10]})
	}
	return links
}

func (a *API) firstNotices(r *http.Request, _ []string) (firstPage, error) {
	list, err := a.Content.Notices(r.Context(), "", page.Query{Page: 1, Size: 20})
	return firstPage{
		Title: "通知", Description: "通知公告、征集申报、服务券活动与结果公示。", Canonical: "/notices", Links: noticeLinks(list.Items),
		Facts: []any{a.trail(pageLink{Href: "/notices", Text: "通知"})},
	}, err
}

func (a *API) firstNotice(r *http.Request, args []string) (firstPage, error) {
	i, err := id.Parse(args[0])
	if err != nil {
		return firstPage{}, errs.ErrNotFound
	}
	n, err := a.Content.Notice(r.Context(), i)
	at := "/notices/" + i.String()
	return firstPage{
		Title: n.Title, Description: n.Summary, Type: "article", Canonical: at, Lines: []string{n.Issuer},
		Body: template.HTML(n.Body), // sanitised by the content module
		Facts: []any{
			fact("NewsArticle", facts{
				"headline": n.Title, "datePublished": n.PublishedAt.Local()[:10], "mainEntityOfPage": a.Config.PublicURL + at,
				"publisher": part("Organization", facts{"name": n.Issuer}),
			}),
			a.trail(pageLink{Href: "/notices", Text: "通知"}, pageLink{Href: at, Text: n.Title}),
		},
	}, err
}

// firstSolutions lists what the catalogue shows for the filters in the address.
// Search engines are led to the catalogue itself, not to each of its searches.
func (a *API) firstSolutions(r *http.Request, _ []string) (firstPage, error) {
	asked := r.URL.Query()
	p := firstPage{
		Title: "解决方案与产品", Canonical: "/solutions", Hidden: asked.Get("q") != "",
		Description: "面向中小企业的数字化解决方案与产品，可使用服务券购买。",
		Facts:       []any{a.trail(pageLink{Href: "/solutions", Text: "解决方案与产品"})},
	}
	query := url.Values{}
	for _, name := range []string{"q", "tag", "category", "industry", "region", "price", "way", "kind", "sort", "page", "size"} {
		if v := asked.Get(name); v != "" {
			query.Set(name, v)
		}
	}
	for name, standard := range map[string]string{"page": "1", "size": "20", "sort": "best"} {
		if query.Get(name) == "" {
			query.Set(name, standard)
		}
	}
	at := "/offerings?" + query.Encode()
	if asked.Get("fits") == "" { // what fits somebody's vouchers is his alone
		p.Answers = a.answersTo(r.Context(), at)
	}
	var list OfferingList
	if raw := p.Answers[at]; raw != nil {
		if err := json.Unmarshal(raw, &list); err != nil {
			return p, err
		}
	}
	var items []facts
	for i, c := range list.Items {
		href := "/solutions/" + c.ID.String()
		p.Links = append(p.Links, pageLink{Href: href, Text: c.Name, Note: c.Provider})
		items = append(items, part("ListItem", facts{"position": i + 1, "url": a.Config.PublicURL + href, "name": c.Name}))
	}
	p.Facts = append(p.Facts, fact("ItemList", facts{"itemListElement": items, "numberOfItems": list.Total}))
	return p, nil
}

// firstSolution says what a product page begins with. What is no longer sold
// stays readable, but not to be found.
func (a *API) firstSolution(r *http.Request, args []string) (firstPage, error) {
	offeringID, err := id.Parse(args[0])
	if err != nil {
		return firstPage{}, errs.ErrNotFound
	}
	product, err := a.Catalog.Product(r.Context(), offeringID)
	if err != nil {
		return firstPage{}, err
	}
	o, c := product.Offering, product.Content
	at := "/solutions/" + offeringID.String()
	p := firstPage{
		Title: c.Name, Description: c.Page.Banner.Intro, Type: "product", Canonical: at, Image: fileURL(c.CoverFile),
		Hidden: o.Status != catalog.Listed,
		Lines:  append([]string{product.Company.Name, c.Page.Banner.Intro}, c.Page.Highlights...),
		Body:   template.HTML(c.Page.Description), // sanitised by the catalogue
		Links:  []pageLink{{Href: "/providers/" + o.OrgID.String(), Text: product.Company.Name}},
		Facts: []any{
			a.productFacts(o, c, product.Company.Name, at),
			a.trail(pageLink{Href: "/solutions", Text: "解决方案与产品"}, pageLink{Href: at, Text: c.Name}),
		},
		Answers: a.answersTo(r.Context(), "/offerings/"+offeringID.String()),
	}
	if p.Hidden {
		p.Lines = append([]string{"该商品已下架，仅供查看。"}, p.Lines...)
	}
	return p, nil
}

func (a *API) productFacts(o catalog.Offering, c catalog.Content, provider, at string) facts {
	f := facts{"name": c.Name, "description": c.Page.Banner.Intro, "url": a.Config.PublicURL + at, "brand": part("Organization", facts{"name": provider})}
	if c.CoverFile != 0 {
		f["image"] = a.Config.PublicURL + fileURL(c.CoverFile)
	}
	if len(c.Categories) > 0 {
		f["category"] = codelist.Label("solution_class", c.Categories[0])
	}
	var prices []money.Fen
	for _, plan := range c.Plans {
		prices = append(prices, plan.All()...)
	}
	if len(prices) > 0 && o.Status == catalog.Listed {
		f["offers"] = part("AggregateOffer", facts{
			"priceCurrency": "CNY", "lowPrice": yuan(slices.Min(prices)), "highPrice": yuan(slices.Max(prices)),
			"offerCount": len(prices), "availability": "https://schema.org/InStock",
		})
	}
	if o.ScoreCount > 0 {
		f["aggregateRating"] = part("AggregateRating", facts{"ratingValue": mean(o.ScoreSum, o.ScoreCount), "reviewCount": o.ScoreCount})
	}
	return fact("Product", f)
}

func (a *API) firstProvider(r *http.Request, args []string) (firstPage, error) {
	orgID, err := id.Parse(args[0])
	if err != nil {
		return firstPage{}, errs.ErrNotFound
	}
	s, err := a.Catalog.Seller(r.Context(), orgID)
	if err != nil {
		return firstPage{}, err
	}
	if s.Offerings == 0 {
		return firstPage{}, errs.ErrNotFound
	}
	found, err := a.Catalog.Search(r.Context(), catalog.Query{Provider: orgID}, page.Query{Page: 1, Size: 20})
	at := "/providers/" + orgID.String()
	return firstPage{
		Title: s.Name, Description: fmt.Sprintf("%s（%s）：已认证的数字化服务商，在售商品 %d 个。", s.Name, s.City, s.Offerings), Type: "profile",
		Canonical: at, Links: offeringLinks(found.Items),
		Facts: []any{
			fact("Organization", facts{"name": s.Name, "url": a.Config.PublicURL + at, "address": part("PostalAddress", facts{"addressCountry": "CN", "addressLocality": s.City})}),
			a.trail(pageLink{Href: "/solutions", Text: "解决方案与产品"}, pageLink{Href: at, Text: s.Name}),
		},
		Answers: a.answersTo(r.Context(), "/providers/"+orgID.String(), "/offerings?page=1&provider="+orgID.String()+"&size=20"),
	}, err
}
