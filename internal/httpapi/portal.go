package httpapi

import (
	"context"
	"net/http"

	"smedx/internal/workbench"
)

func (a *API) portalRoutes() {
	route(a, op{"portalFigures", http.MethodGet, "/portal/figures", "portal", "Key figures of the home page"}, a.portalFigures)
}

func (a *API) portalFigures(ctx context.Context, _ *struct{}) (*body[workbench.Figures], error) {
	return reply(workbench.Portal(ctx, a.DB))
}
