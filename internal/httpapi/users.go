package httpapi

import (
	"context"
	"net/http"

	"smedx/internal/account"
	"smedx/internal/kit/id"
	"smedx/internal/kit/mask"
	"smedx/internal/kit/page"
)

// UserView is an account as the administrator sees it.
type UserView struct {
	MemberView

	OrgName    string `json:"orgName,omitempty"`
	MustChange bool   `json:"mustChange" doc:"The password that another person set is still in use"`
}

// userView masks phone and mail: whoever keeps the whole platform's accounts looks
// at one by revealUser, which goes on the trail.
func userView(who account.Principal) func(account.User) UserView {
	return func(u account.User) UserView {
		v := memberView(who)(u)
		v.Phone, v.Email = account.MaskPhone(u.Phone), mask.Text(u.Email)
		return UserView{MemberView: v, MustChange: u.MustChange}
	}
}

func (a *API) userRoutes() {
	route(a, op{"listUsers", http.MethodGet, "/users", "staff", "Accounts of the platform"}, a.listUsers)
	route(a, op{"addStaff", http.MethodPost, "/users", "staff", "Open an account of the centre or the department"}, a.addStaff, created)
	route(a, op{"enableUser", http.MethodPut, "/users/{id}/active", "staff", "Let an account be used, or stop it"}, a.enableUser)
	route(a, op{"resetUser", http.MethodPut, "/users/{id}/password", "staff", "Set a password that must be changed at the next sign-in"}, a.resetUser)
	route(a, op{"permitUser", http.MethodPut, "/users/{id}/permissions", "staff", "Set the rights of an account within its role"}, a.permitUser)
}

func (a *API) listUsers(ctx context.Context, in *struct {
	page.Query
	Words  string         `query:"words" maxLength:"60" doc:"Part of a user name, or a whole phone"`
	Role   account.Role   `query:"role" enum:"enterprise,provider,expert,operator,department,admin"`
	Status account.Status `query:"status" enum:"active,disabled"`
}) (*body[page.Of[UserView]], error) {
	got, err := a.Accounts.Users(ctx, account.UserFilter{Words: in.Words, Role: in.Role, Status: in.Status}, in.Query)
	if err != nil {
		return nil, err
	}
	orgs := make([]id.ID, 0, len(got.Items))
	for _, u := range got.Items {
		orgs = append(orgs, u.OrgID)
	}
	names, err := a.Orgs.Names(ctx, a.DB, orgs...)
	view := userView(caller(ctx))
	return reply(page.Map(got.Items, got.Total, func(u account.User) UserView {
		v := view(u)
		v.OrgName = names[u.OrgID]
		return v
	}), err)
}

func (a *API) addStaff(ctx context.Context, in *struct {
	Body struct {
		PersonInput

		Role        account.Role         `json:"role" enum:"operator,department,admin"`
		Permissions []account.Permission `json:"permissions,omitempty" maxItems:"40" doc:"All of the role when left out"`
	}
}) (*body[UserView], error) {
	u, err := a.Accounts.AddStaff(ctx, caller(ctx), in.Body.Role, in.Body.person(), in.Body.Permissions)
	return reply(userView(caller(ctx))(u), err)
}

func (a *API) enableUser(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body ActiveInput
}) (*empty, error) {
	return done(a.Accounts.Enable(ctx, caller(ctx), in.ID.ID, in.Body.Active))
}

func (a *API) resetUser(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body NewPasswordInput
}) (*empty, error) {
	return done(a.Accounts.ResetUser(ctx, caller(ctx), in.ID.ID, in.Body.Password, in.Body.PasswordConfirm))
}

func (a *API) permitUser(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body PermissionsInput
}) (*empty, error) {
	return done(a.Accounts.PermitUser(ctx, caller(ctx), in.ID.ID, in.Body.Permissions, in.Body.Version))
}
