package httpapi

import (
	"context"
	"net/http"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/setting"
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
	Version     int64                `json:"version" doc:"To be named by a change"`
}

func memberView(who account.Principal) func(account.User) MemberView {
	return func(u account.User) MemberView {
		return MemberView{
			ID: u.ID, Username: u.Username, Phone: u.Phone, Email: u.Email, Role: u.Role, OrgID: u.OrgID, Owner: u.Owner,
			Self: u.ID == who.UserID, Active: u.Status == account.Active,
			Permissions: append([]account.Permission{}, u.Permissions...), CreatedAt: u.CreatedAt, Version: u.Version,
		}
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
	Phone   string `json:"phone" maxLength:"40"`
	Email   string `json:"email,omitempty" maxLength:"200"`
	Version int64  `json:"version"`
}

// NewPasswordInput is a password that another person sets.
type NewPasswordInput struct {
	Password        string `json:"password" maxLength:"200"`
	PasswordConfirm string `json:"passwordConfirm" maxLength:"200"`
}

// PermissionsInput are the rights of an account.
type PermissionsInput struct {
	Permissions []account.Permission `json:"permissions" maxItems:"40"`
	Version     int64                `json:"version"`
}

// ActiveInput lets an account be used, or stops it.
type ActiveInput struct {
	Active bool `json:"active"`
}

func (a *API) memberRoutes() {
	route(a, op{"listMembers", http.MethodGet, "/members", "member", "Accounts of one's company"}, a.listMembers)
	route(a, op{"addMember", http.MethodPost, "/members", "member", "Add an account to one's company"}, a.addMember, created)
	route(a, op{"editMember", http.MethodPut, "/members/{id}", "member", "Change phone and mail of an account"}, a.editMember)
	route(a, op{"removeMember", http.MethodDelete, "/members/{id}", "member", "Delete an account"}, a.removeMember)
	route(a, op{"resetMember", http.MethodPut, "/members/{id}/password", "member", "Set a password that must be changed at the next sign-in"}, a.resetMember)
	route(a, op{"permitMember", http.MethodPut, "/members/{id}/permissions", "member", "Set the menus that an account may use"}, a.permitMember)
	route(a, op{"enableMember", http.MethodPut, "/members/{id}/active", "member", "Let an account be used, or stop it"}, a.enableMember)
	route(a, op{"handOver", http.MethodPost, "/members/{id}/ownership", "member", "Make another account the main one of the company"}, a.handOver)
}

// keeper is the caller, whose company must be verified before it keeps users,
// and whose kind of company must be allowed to.
func (a *API) keeper(ctx context.Context) (account.Principal, error) {
	who := caller(ctx)
	if err := a.mayKeepMembers(ctx, who.Role); err != nil {
		return who, err
	}
	return who, a.Orgs.RequireVerified(ctx, a.DB, who.OrgID)
}

var errEnterpriseMembers = errs.New(errs.Forbidden, "account.enterprise_members_off")

// mayKeepMembers asks the setting about enterprises; providers always may.
func (a *API) mayKeepMembers(ctx context.Context, role account.Role) error {
	if role != account.RoleEnterprise {
		return nil
	}
	on, err := a.Settings.On(ctx, a.DB, setting.EnterpriseMembers)
	if err == nil && !on {
		err = errEnterpriseMembers
	}
	return err
}

func (a *API) listMembers(ctx context.Context, in *struct {
	page.Query
	Words string `query:"words" maxLength:"60" doc:"Part of a user name, or a whole phone"`
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
	u, err := a.Accounts.EditMember(ctx, who, in.ID.ID, account.Contact(in.Body))
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
	return done(a.Accounts.PermitMember(ctx, who, in.ID.ID, in.Body.Permissions, in.Body.Version))
}

func (a *API) enableMember(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body ActiveInput
}) (*empty, error) {
	who, err := a.keeper(ctx)
	if err != nil {
		return nil, err
	}
	return done(a.Accounts.EnableMember(ctx, who, in.ID.ID, in.Body.Active))
}

func (a *API) handOver(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body struct {
		Password string `json:"password" maxLength:"200" doc:"The caller's own"`
	}
}) (*empty, error) {
	who, err := a.keeper(ctx)
	if err != nil {
		return nil, err
	}
	return done(a.Accounts.HandOver(ctx, who, in.ID.ID, in.Body.Password))
}
