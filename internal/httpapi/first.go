package httpapi

import (
	"html/template"
	"net/http"
	"strconv"

	"smedx/internal/content"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// firstContents is the list of pages that say more than their title before the
// scripts have run. Keys are the router's paths.
func (a *API) firstContents() map[string]firstContent {
	return map[string]firstContent{
		"/":            a.homeFirst,
		"/notices":     a.noticesFirst,
		"/notices/:id": a.noticeFirst,
	}
}

func (a *API) homeFirst(r *http.Request, _ []string) (firstPage, error) {
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

func (a *API) noticesFirst(r *http.Request, _ []string) (firstPage, error) {
	number, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil {
		number = 1
	}
	notices, err := a.Content.Notices(r.Context(), "", page.Query{Page: number, Size: 20})
	return firstPage{Links: noticeLinks(notices.Items)}, err
}

func (a *API) noticeFirst(r *http.Request, args []string) (firstPage, error) {
	noticeID, err := id.Parse(args[0])
	if err != nil {
		return firstPage{}, errs.ErrNotFound
	}
	n, err := a.Content.Notice(r.Context(), noticeID)
	if err != nil {
		return firstPage{}, err
	}
	return firstPage{
		Title: n.Title, Description: n.Summary,
		Lines: []string{n.Issuer, n.PublishedAt.Local()},
		Body:  template.HTML(n.Body), //nolint:gosec // the content module has sanitised it
	}, nil
}

func noticeLinks(notices []content.Notice) []pageLink {
	links := make([]pageLink, 0, len(notices))
	for _, n := range notices {
		links = append(links, pageLink{Href: "/notices/" + n.ID.String(), Text: n.Title, Note: n.PublishedAt.Local()})
	}
	return links
}
