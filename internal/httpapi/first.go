package httpapi

import (
	"net/http"

	"smedx/internal/catalog"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// firstContents is the list of pages that say more than their title before the
// scripts have run. Keys are the router's paths.
func (a *API) firstContents() map[string]firstContent {
	return map[string]firstContent{
		"/":            a.firstHome,
		"/notices":     a.firstNotices,
		"/notices/:id": a.firstNotice,

		"/solutions":     a.firstSolutions,
		"/solutions/:id": a.firstSolution,
	}
}

func (a *API) firstHome(r *http.Request, _ []string) (firstPage, error) {
	notices, err := a.Content.Notices(r.Context(), "", page.Query{Page: 1, Size: 8})
	if err != nil {
		return firstPage{}, err
	}
	return firstPage{
		Title: siteName,
		Lines: []string{"企业需求收集、注册帐号、认证审核、创新服务券抢券、服务商品购买、解决方案交付，一站办理。"},
		Links: append([]pageLink{
			{Href: "/solutions", Text: "解决方案与产品"},
			{Href: "/campaigns", Text: "服务券活动"},
			{Href: "/notices", Text: "通知"},
		}, noticeLinks(notices.Items)...),
	}, nil
}

// firstSolutions lists what the catalogue shows first.
func (a *API) firstSolutions(r *http.Request, _ []string) (firstPage, error) {
	found, err := a.Catalog.Search(r.Context(), catalog.Query{Text: r.URL.Query().Get("q")}, page.Query{Page: 1, Size: 20})
	p := firstPage{Title: "解决方案与产品", Description: "面向中小企业的数字化解决方案与产品，可使用服务券购买。"}
	for _, c := range found.Items {
		p.Links = append(p.Links, pageLink{Href: "/solutions/" + c.ID.String(), Text: c.Name, Note: c.Provider})
	}
	return p, err
}

// firstSolution says what a product page begins with.
func (a *API) firstSolution(r *http.Request, args []string) (firstPage, error) {
	offeringID, err := id.Parse(args[0])
	if err != nil {
		return firstPage{}, errs.ErrNotFound
	}
	product, err := a.Catalog.Product(r.Context(), offeringID)
	if err != nil {
		return firstPage{}, err
	}
	c := product.Content
	p := firstPage{Title: c.Name, Description: c.Page.Banner.Intro, Lines: append([]string{product.Company.Name, c.Page.Banner.Intro}, c.Page.Highlights...)}
	if c.CoverFile != 0 {
		p.Image = a.Config.PublicURL + "/api/v1/files/" + c.CoverFile.String()
	}
	return p, nil
}
