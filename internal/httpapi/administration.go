package httpapi

import (
	"context"
	"net/http"

	"smedx/internal/workbench"
)

func (a *API) administrationRoutes() {
	route(a, op{"administration", http.MethodGet, "/administration", "staff", "Accounts, sign-ins and messages in figures"}, a.administration)
}

func (a *API) administration(ctx context.Context, _ *struct{}) (*body[workbench.Administration], error) {
	return reply(workbench.Administrate(ctx, a.DB))
}
