package httpapi

import (
	"context"
	"net/http"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// MemberView is an account as those who keep it see it.
type MemberView struct {
	ID          id.ID                `json:"id"`
	Username    string               `json:"username"`
	Phone       string               `json:"phone"`
	Email       string               `json:"email,omitempty"`
	Role        account.Role         `json:"role" enum:"enterprise,provider,expert,operator,department,admin"`
	OrgID       id.ID                `json:"orgId,omitempty"`
	Owner       bool                 `json:"owner" doc:"The main account of its company"`
	Self        bool                 `json:"self" doc:"The caller's own account"`
	Active      bool                 `json:"active"`
	Permissions []account.Permission `json:"permissions"`
	CreatedAt   clock.Instant        `json:"createdAt"`
}

func memberView(who account.Principal) func(account.User) MemberView {
	return func(u account.User) MemberView {
		return MemberView{
			ID: u.ID, Username: u.Username, Phone: u.Phone, Email: u.Email, Role: u.Role, OrgID: u.OrgID, Owner: u.Owner,
			Self: u.ID == who.UserID, Active: u.Status == account.Active,
			Permissions: append([]account.Permission{}, u.Permissions...), CreatedAt: u.CreatedAt,
		}
	}
}

// userView masks the phone: whoever keeps the whole platform's accounts need not read it.
func userView(who account.Principal) func(account.User) MemberView {
	return func(u account.User) MemberView {
		v := memberView(who)(u)
		v.Phone, v.Email = account.MaskPhone(u.Phone), ""
		return v
	}
}

// PersonInput is a new account of another person.
type PersonInput struct {
	Username        string `json:"username" maxLength:"100"`
	Phone           string `json:"phone" maxLength:"40"`
	Email           string `json:"email,omitempty" maxLength:"200"`
	Password        string `json:"password" maxLength:"200"`
	PasswordConfirm string `json:"passwordConfirm" maxLength:"200"`
}

func (p PersonInput) person() account.Person { return account.Person(p) }

// ContactInput is what may be changed of an account.
type ContactInput struct {
	Phone string `json:"phone" maxLength:"40"`
	Email string `json:"email,omitempty" maxLength:"200"`
}

// NewPasswordInput is a password that another person sets.
type NewPasswordInput struct {
	Password        string `json:"password" maxLength:"200"`
	PasswordConfirm string `json:"passwordConfirm" maxLength:"200"`
}

// PermissionsInput are the rights of an account.
type PermissionsInput struct {
	Permissions []account.Permission `json:"permissions" maxItems:"40"`
}

func (a *API) memberRoutes() {
	route(a, op{"listMembers", http.MethodGet, "/members", "member", "Accounts of one's company"}, a.listMembers)
	route(a, op{"addMember", http.MethodPost, "/members", "member", "Add an account to one's company"}, a.addMember, created)
	route(a, op{"editMember", http.MethodPut, "/members/{id}", "member", "Change phone and mail of an account"}, a.editMember)
	route(a, op{"removeMember", http.MethodDelete, "/members/{id}", "member", "Delete an account"}, a.removeMember)
	route(a, op{"resetMember", http.MethodPut, "/members/{id}/password", "member", "Set a password that must be changed at the next sign-in"}, a.resetMember)
	route(a, op{"permitMember", http.MethodPut, "/members/{id}/permissions", "member", "Set the menus that an account may use"}, a.permitMember)

	route(a, op{"listUsers", http.MethodGet, "/users", "staff", "Accounts of the platform"}, a.listUsers)
	route(a, op{"addStaff", http.MethodPost, "/users", "staff", "Open an account of the centre or the department"}, a.addStaff, created)
	route(a, op{"enableUser", http.MethodPut, "/users/{id}/active", "staff", "Let an account be used, or stop it"}, a.enableUser)
	route(a, op{"resetUser", http.MethodPut, "/users/{id}/password", "staff", "Set a password that must be changed at the next sign-in"}, a.resetUser)
	route(a, op{"permitUser", http.MethodPut, "/users/{id}/permissions", "staff", "Set the rights of an account within its role"}, a.permitUser)
}

// keeper is the caller, whose company must be verified before it keeps users.
func (a *API) keeper(ctx context.Context) (account.Principal, error) {
	who := caller(ctx)
	return who, a.Orgs.RequireVerified(ctx, a.DB, who.OrgID)
}

func (a *API) listMembers(ctx context.Context, in *struct {
	page.Query
	Words string `query:"words" maxLength:"60" doc:"Part of a user name"`
}) (*body[page.Of[MemberView]], error) {
	who, err := a.keeper(ctx)
	if err != nil {
		return nil, err
	}
	got, err := a.Accounts.Members(ctx, who, in.Words, in.Query)
	return reply(page.Map(got.Items, got.Total, memberView(who)), err)
}

func (a *API) addMember(ctx context.Context, in *struct{ Body PersonInput }) (*body[MemberView], error) {
	who, err := a.keeper(ctx)
	if err != nil {
		return nil, err
	}
	u, err := a.Accounts.AddMember(ctx, who, in.Body.person())
	return reply(memberView(who)(u), err)
}

func (a *API) editMember(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body ContactInput
}) (*body[MemberView], error) {
	who, err := a.keeper(ctx)
	if err != nil {
		return nil, err
	}
	u, err := a.Accounts.EditMember(ctx, who, in.ID.ID, in.Body.Phone, in.Body.Email)
	return reply(memberView(who)(u), err)
}

func (a *API) removeMember(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
}) (*empty, error) {
	who, err := a.keeper(ctx)
	if err != nil {
		return nil, err
	}
	return done(a.Accounts.RemoveMember(ctx, who, in.ID.ID))
}

func (a *API) resetMember(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body NewPasswordInput
}) (*empty, error) {
	who, err := a.keeper(ctx)
	if err != nil {
		return nil, err
	}
	return done(a.Accounts.ResetMember(ctx, who, in.ID.ID, in.Body.Password, in.Body.PasswordConfirm))
}

func (a *API) permitMember(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body PermissionsInput
}) (*empty, error) {
	who, err := a.keeper(ctx)
	if err != nil {
		return nil, err
	}
	return done(a.Accounts.PermitMember(ctx, who, in.ID.ID, in.Body.Permissions))
}

func (a *API) listUsers(ctx context.Context, in *struct {
	page.Query
	Words string       `query:"words" maxLength:"60" doc:"Part of a user name"`
	Role  account.Role `query:"role" enum:"enterprise,provider,expert,operator,department,admin"`
}) (*body[page.Of[MemberView]], error) {
	got, err := a.Accounts.Users(ctx, account.UserFilter{Words: in.Words, Role: in.Role}, in.Query)
	return reply(page.Map(got.Items, got.Total, userView(caller(ctx))), err)
}

func (a *API) addStaff(ctx context.Context, in *struct {
	Body struct {
		PersonInput

		Role        account.Role         `json:"role" enum:"operator,department,admin"`
		Permissions []account.Permission `json:"permissions,omitempty" maxItems:"40" doc:"All of the role when left out"`
	}
}) (*body[MemberView], error) {
	u, err := a.Accounts.AddStaff(ctx, caller(ctx), in.Body.Role, in.Body.person(), in.Body.Permissions)
	return reply(userView(caller(ctx))(u), err)
}

func (a *API) enableUser(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body struct {
		Active bool `json:"active"`
	}
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
	return done(a.Accounts.PermitUser(ctx, caller(ctx), in.ID.ID, in.Body.Permissions))
}
