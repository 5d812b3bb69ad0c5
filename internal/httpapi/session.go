package httpapi

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
)

// Me is who is signed in, and what the pages must know before anything else.
type Me struct {
	SignedIn    bool                 `json:"signedIn"`
	User        *MeUser              `json:"user,omitempty"`
	Role        account.Role         `json:"role,omitempty" enum:"enterprise,provider,expert,operator,department,admin"`
	Org         *MeOrg               `json:"org,omitempty"`
	Permissions []account.Permission `json:"permissions"`
	Owner       bool                 `json:"owner" doc:"The main account of its company"`
	MustChange  bool                 `json:"mustChange" doc:"The password must be changed first"`
	Unread      int64                `json:"unread" doc:"In-app messages not yet read"`
	Renewed     []ConsentView        `json:"renewed" doc:"Agreements that the user has not accepted in the version in force; until then almost every operation answers account.must_consent"`
	Session     *MeSession           `json:"session,omitempty"`
	Demo        bool                 `json:"demo"`
	ServerTime  clock.Instant        `json:"serverTime"`
}

// MeSession says when the session ends.
type MeSession struct {
	IdleSeconds int           `json:"idleSeconds" doc:"Without use it ends after so long"`
	EndsAt      clock.Instant `json:"endsAt" doc:"However much it is used"`
}

// MeUser is the signed-in user.
type MeUser struct {
	ID          id.ID  `json:"id"`
	Username    string `json:"username"`
	PhoneMasked string `json:"phoneMasked,omitempty" example:"138****1234"`
}

// MeOrg is the signed-in user's company.
type MeOrg struct {
	ID           id.ID  `json:"id"`
	Name         string `json:"name"`
	Kind         string `json:"kind" enum:"enterprise,provider"`
	Verification string `json:"verification"`
}

func (a *API) sessionRoutes() {
	route(a, op{"me", http.MethodGet, "/me", "session", "Who is signed in"}, a.me)
	route(a, op{"signOut", http.MethodDelete, "/session", "session", "Sign out"}, a.signOut)
}

func (a *API) me(ctx context.Context, _ *struct{}) (*body[Me], error) {
	who := caller(ctx)
	me := Me{SignedIn: who.SignedIn(), Permissions: []account.Permission{}, Renewed: []ConsentView{}, Demo: a.Config.Demo, ServerTime: clock.At(a.DB.Now())}
	if !who.SignedIn() {
		return reply(me, nil)
	}
	me.User = &MeUser{ID: who.UserID, Username: who.Username}
	if u, err := a.Accounts.Find(ctx, a.DB, who.UserID); err == nil {
		me.User.PhoneMasked = account.MaskPhone(u.Phone)
	} else {
		return nil, err
	}
	if who.OrgID != 0 {
		of, err := a.Orgs.Briefs(ctx, a.DB, who.OrgID)
		if err != nil {
			return nil, err
		}
		o := of[who.OrgID]
		me.Org = &MeOrg{ID: o.ID, Name: o.Name, Kind: o.Kind, Verification: o.Verification}
	}
	me.Session = &MeSession{IdleSeconds: int(account.Idle(who.Role).Seconds()), EndsAt: who.SessionEnds}
	me.Role, me.Owner, me.MustChange = who.Role, who.Owner, who.MustChange
	me.Permissions = append(me.Permissions, who.Permissions...)
	err := a.mayKeepMembers(ctx, who.Role)
	if errors.Is(err, errEnterpriseMembers) { // the page is closed, so its menu goes
		me.Permissions = slices.DeleteFunc(me.Permissions, func(p account.Permission) bool { return p == account.MemberManage })
	} else if err != nil {
		return nil, err
	}
	accepted, err := a.consents(ctx, who)
	if err != nil {
		return nil, err
	}
	me.Renewed = append(me.Renewed, slices.DeleteFunc(accepted, func(c ConsentView) bool { return c.Current })...)
	me.Unread, err = a.Notify.Unread(ctx, who.UserID)
	return reply(me, err)
}

type signedOut struct {
	SetCookie     []http.Cookie `header:"Set-Cookie"`
	ClearSiteData string        `header:"Clear-Site-Data"`
}

// signOut leaves nothing of the user in the browser. Answers with personal data
// were never kept there, so that only what pages have stored must go.
func (a *API) signOut(ctx context.Context, _ *struct{}) (*signedOut, error) {
	cookies, err := a.cookies(ctx, account.Signed{})
	return &signedOut{SetCookie: cookies, ClearSiteData: `"storage"`}, err
}
