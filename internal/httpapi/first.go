package httpapi

import (
	"net/http"

	"smedx/internal/kit/page"
)

// firstContents is the list of pages that say more than their title before the
// scripts have run. Keys are the router's paths.
func (a *API) firstContents() map[string]firstContent {
	return map[string]firstContent{
		"/":            a.firstHome,
		"/notices":     a.firstNotices,
		"/notices/:id": a.firstNotice,
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
