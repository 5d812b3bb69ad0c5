package httpapi

import (
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
)

func from(ctx context.Context) account.From {
	return account.From{IP: caller(ctx).IP, Agent: agent(ctx), RequestID: requestID(ctx)}
}

// withCookies is the answer of an operation that may begin or end a session.
type withCookies[T any] struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      T
}

// cookies are what a sign-in leaves in the browser: the session, or the step to
// the second factor. Either ends the other, and the session before it.
func (a *API) cookies(ctx context.Context, s account.Signed) ([]http.Cookie, error) {
	if who := caller(ctx); who.SignedIn() {
		if err := a.Sessions.End(ctx, who); err != nil {
			return nil, err
		}
	}
	return []http.Cookie{sessionCookie(a.Config.Secure(), s.Token), stepCookie(a.Config.Secure(), s.StepToken)}, nil
}

// secondFactor is what a page must ask next.
func secondFactor(s account.Signed) string {
	switch {
	case s.Token != "":
		return ""
	case s.Enrol:
		return "enrol"
	}
	return "code"
}

// SignInView is the answer to a sign-in.
type SignInView struct {
	SignedIn     bool         `json:"signedIn"`
	SecondFactor string       `json:"secondFactor,omitempty" enum:"code,enrol" doc:"What is missing: a code of the second factor, or the second factor itself"`
	MustChange   bool         `json:"mustChange" doc:"The password must be changed first"`
	Choices      []ChoiceView `json:"choices" doc:"Accounts to choose from, when the phone leads to several"`
}

// ChoiceView is one of several accounts of a phone.
type ChoiceView struct {
	UserID   id.ID        `json:"userId"`
	Username string       `json:"username"`
	Role     account.Role `json:"role" enum:"enterprise,provider,expert,operator,department,admin"`
	OrgName  string       `json:"orgName,omitempty" doc:"Its middle is masked"`
}

// CaptchaInput is the answer to a challenge, where the server asked for one
// (account.captcha_required).
type CaptchaInput struct {
	CaptchaID id.ID  `json:"captchaId,omitempty" doc:"Of the challenge; only after account.captcha_required"`
	Captcha   string `json:"captcha,omitempty" maxLength:"20" doc:"The answer"`
}

func (c CaptchaInput) captcha() account.Captcha {
	return account.Captcha{ID: c.CaptchaID, Answer: c.Captcha}
}

// CaptchaView is a challenge. It serves once, for five minutes.
type CaptchaView struct {
	ID       id.ID  `json:"id"`
	Picture  string `json:"picture,omitempty" doc:"A data address of a PNG picture"`
	Question string `json:"question,omitempty" doc:"A sum in words; the answer is a number in digits"`
}

// CodeSent is the answer whether or not the phone is known.
type CodeSent struct {
	WaitSeconds int `json:"waitSeconds" doc:"Until the next code may be asked for"`
}

// AgreementView is the text of an agreement.
type AgreementView struct {
	Name       string   `json:"name"`
	Title      string   `json:"title"`
	Version    string   `json:"version"`
	Changes    string   `json:"changes" doc:"What this version changed, and since when it is in force"`
	Paragraphs []string `json:"paragraphs" doc:"A paragraph that begins with \"## \" is a heading"`
}

// ConsentView is an agreement with the version that the user accepted last.
type ConsentView struct {
	Name     string        `json:"name" enum:"service,privacy"`
	Title    string        `json:"title"`
	Version  string        `json:"version" doc:"In force"`
	Changes  string        `json:"changes" doc:"What the version in force changed"`
	Accepted string        `json:"accepted" doc:"The version accepted last; empty for none"`
	At       clock.Instant `json:"at" doc:"When; empty for never"`
	Current  bool          `json:"current" doc:"The version in force was accepted"`
}

func (a *API) accountRoutes() {
	route(a, op{"listConsents", http.MethodGet, "/consents", "account", "The agreements that one has accepted"}, a.listConsents)
	route(a, op{"acceptAgreements", http.MethodPost, "/consents", "account", "Accept the agreements in force"}, a.acceptAgreements)
	route(a, op{"signIn", http.MethodPost, "/session", "session", "Sign in by account name and password"}, a.signIn)
	route(a, op{"signInByCode", http.MethodPost, "/session/code", "session", "Sign in by phone and one-time code"}, a.signInByCode)
	route(a, op{"sendCode", http.MethodPost, "/codes", "session", "Send a one-time code to a phone; the answer does not tell whether the phone is known"}, a.sendCode)
	route(a, op{"newCaptcha", http.MethodPost, "/captchas", "session", "A challenge, for an operation that was refused with account.captcha_required"}, a.newCaptcha, created)
	route(a, op{"resetPassword", http.MethodPost, "/password-resets", "session", "Set a new password by phone and one-time code"}, a.resetPassword)
	route(a, op{"changePassword", http.MethodPut, "/password", "account", "Change one's own password"}, a.changePassword)
	route(a, op{"readAgreement", http.MethodGet, "/agreements/{name}", "account", "An agreement in force"}, a.readAgreement)
}

func (a *API) signIn(ctx context.Context, in *struct {
	Body struct {
		CaptchaInput

		Account  string `json:"account" maxLength:"100" doc:"User name, or a phone that leads to one account"`
		Password string `json:"password" maxLength:"200"`
	}
}) (*withCookies[SignInView], error) {
	signed, err := a.Accounts.SignInByPassword(ctx, in.Body.Account, in.Body.Password, in.Body.captcha(), from(ctx))
	if err != nil {
		return nil, err
	}
	return a.signedIn(ctx, signed)
}

func (a *API) signedIn(ctx context.Context, s account.Signed) (*withCookies[SignInView], error) {
	cookies, err := a.cookies(ctx, s)
	return &withCookies[SignInView]{SetCookie: cookies, Body: SignInView{
		SignedIn: s.Token != "", SecondFactor: secondFactor(s), MustChange: s.User.MustChange, Choices: []ChoiceView{},
	}}, err
}

func (a *API) signInByCode(ctx context.Context, in *struct {
	Body struct {
		Phone  string `json:"phone" maxLength:"40"`
		Code   string `json:"code" maxLength:"20"`
		UserID id.ID  `json:"userId,omitempty" doc:"The chosen account, when there are several"`
	}
}) (*withCookies[SignInView], error) {
	signed, choices, err := a.Accounts.SignInByCode(ctx, in.Body.Phone, strings.TrimSpace(in.Body.Code), in.Body.UserID, from(ctx))
	switch {
	case err != nil:
		return nil, err
	case len(choices) > 0:
		view, err := a.choices(ctx, choices)
		return &withCookies[SignInView]{Body: SignInView{Choices: view}}, err
	}
	return a.signedIn(ctx, signed)
}

func (a *API) choices(ctx context.Context, choices []account.Choice) ([]ChoiceView, error) {
	orgs := make([]id.ID, 0, len(choices))
	for _, c := range choices {
		orgs = append(orgs, c.OrgID)
	}
	names, err := a.Orgs.Names(ctx, a.DB, orgs...)
	view := make([]ChoiceView, 0, len(choices))
	for _, c := range choices {
		view = append(view, ChoiceView{c.UserID, c.Username, c.Role, maskName(names[c.OrgID])})
	}
	return view, err
}

// maskName leaves enough of a company's name for its own people: a number may
// have been given to somebody else meanwhile.
func maskName(name string) string {
	r := []rune(name)
	if len(r) < 8 {
		return name
	}
	return string(r[:4]) + "***" + string(r[len(r)-4:])
}

func (a *API) sendCode(ctx context.Context, in *struct {
	Body struct {
		CaptchaInput

		Phone   string          `json:"phone" maxLength:"40"`
		Purpose account.Purpose `json:"purpose" enum:"login,reset,register"`
	}
}) (*body[CodeSent], error) {
	out := CodeSent{WaitSeconds: int(account.CodeSpacing.Seconds())}
	return reply(out, a.Accounts.SendCode(ctx, in.Body.Phone, in.Body.Purpose, in.Body.captcha(), from(ctx)))
}

func (a *API) newCaptcha(ctx context.Context, in *struct {
	Body struct {
		Kind account.CaptchaKind `json:"kind" enum:"picture,question"`
	}
}) (*body[CaptchaView], error) {
	c, err := a.Accounts.NewCaptcha(ctx, in.Body.Kind, from(ctx))
	view := CaptchaView{ID: c.ID, Question: c.Question}
	if len(c.Picture) > 0 {
		view.Picture = "data:image/png;base64," + base64.StdEncoding.EncodeToString(c.Picture)
	}
	return reply(view, err)
}

func (a *API) resetPassword(ctx context.Context, in *struct {
	Body struct {
		Phone           string `json:"phone" maxLength:"40"`
		Code            string `json:"code" maxLength:"20"`
		UserID          id.ID  `json:"userId,omitempty" doc:"The chosen account, when there are several"`
		NewPassword     string `json:"newPassword" maxLength:"200"`
		ConfirmPassword string `json:"confirmPassword" maxLength:"200"`
	}
}) (*body[SignInView], error) {
	b := in.Body
	choices, err := a.Accounts.ResetByCode(ctx, b.Phone, strings.TrimSpace(b.Code), b.UserID, b.NewPassword, b.ConfirmPassword, from(ctx))
	if err != nil {
		return nil, err
	}
	view, err := a.choices(ctx, choices)
	return reply(SignInView{Choices: view}, err)
}

func (a *API) changePassword(ctx context.Context, in *struct {
	Body struct {
		OldPassword     string `json:"oldPassword" maxLength:"200"`
		NewPassword     string `json:"newPassword" maxLength:"200"`
		ConfirmPassword string `json:"confirmPassword" maxLength:"200"`
	}
}) (*empty, error) {
	return done(a.Accounts.ChangePassword(ctx, caller(ctx), in.Body.OldPassword, in.Body.NewPassword, in.Body.ConfirmPassword))
}

func (a *API) consents(ctx context.Context, who account.Principal) ([]ConsentView, error) {
	accepted, err := a.Accounts.AcceptedBy(ctx, who.UserID)
	out := make([]ConsentView, 0, len(accepted))
	for _, c := range accepted {
		out = append(out, ConsentView{c.Name, c.Title, c.Version, c.Changes, c.Was, c.At, c.Current()})
	}
	return out, err
}

// ConsentList is every agreement that the caller has accepted.
type ConsentList struct {
	Items []ConsentView `json:"items"`
}

func (a *API) listConsents(ctx context.Context, _ *struct{}) (*body[ConsentList], error) {
	items, err := a.consents(ctx, caller(ctx))
	items = slices.DeleteFunc(items, func(c ConsentView) bool { return c.Accepted == "" })
	return reply(ConsentList{items}, err)
}

func (a *API) acceptAgreements(ctx context.Context, in *struct {
	Body struct {
		Service string `json:"service" maxLength:"20" doc:"Version of 《用户服务协议》 that was read"`
		Privacy string `json:"privacy" maxLength:"20" doc:"Version of 《隐私声明》 that was read"`
	}
}) (*empty, error) {
	return done(a.Accounts.Accept(ctx, caller(ctx), map[string]string{"service": in.Body.Service, "privacy": in.Body.Privacy}))
}

func (a *API) readAgreement(_ context.Context, in *struct {
	Name string `path:"name" enum:"service,privacy"`
}) (*body[AgreementView], error) {
	g, err := account.FindAgreement(in.Name)
	view := AgreementView{Name: g.Name, Title: g.Title, Version: g.Version, Changes: g.Changes, Paragraphs: []string{}}
	for line := range strings.Lines(g.Body) {
		if line = strings.TrimSpace(line); line != "" {
			view.Paragraphs = append(view.Paragraphs, line)
		}
	}
	return reply(view, err)
}
