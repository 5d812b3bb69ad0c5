package httpapi

import (
	"context"
	"encoding/base64"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/skip2/go-qrcode"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
)

// SignInStepView is a sign-in that waits for its second factor.
type SignInStepView struct {
	Username  string        `json:"username"`
	Enrol     bool          `json:"enrol" doc:"There is no second factor yet: it must be set up first"`
	ExpiresAt clock.Instant `json:"expiresAt"`
}

// EnrolmentView is a new secret. It is answered once and never again.
type EnrolmentView struct {
	Secret string `json:"secret" doc:"To be typed where the picture cannot be scanned"`
	QRCode string `json:"qrCode" doc:"The picture to scan, as data: address"`
}

func enrolmentView(e account.Enrolment) (EnrolmentView, error) {
	png, err := qrcode.Encode(e.URL, qrcode.Medium, 320)
	return EnrolmentView{Secret: e.Secret, QRCode: "data:image/png;base64," + base64.StdEncoding.EncodeToString(png)}, err
}

// RecoveryView are the recovery codes. They are answered once and never again.
type RecoveryView struct {
	Codes      []string `json:"codes"`
	MustChange bool     `json:"mustChange" doc:"After sign-in: the password must be changed next"`
}

// FactorCodeInput is a code of the authenticator, or a recovery code.
type FactorCodeInput struct {
	Code string `json:"code" maxLength:"40"`
}

func (a *API) signInStepRoutes() {
	route(a, op{"readSignInStep", http.MethodGet, "/session/step", "session", "The sign-in that waits for its second factor"}, a.readSignInStep)
	route(a, op{"finishSignIn", http.MethodPost, "/session/step", "session", "Finish the sign-in by a code of the second factor or a recovery code"}, a.finishSignIn)
	route(a, op{"leaveSignIn", http.MethodDelete, "/session/step", "session", "Give the sign-in up"}, a.leaveSignIn)
	route(a, op{"enrolAtSignIn", http.MethodPost, "/session/step/enrolment", "session", "Begin the second factor that the sign-in asks for"}, a.enrolAtSignIn)
	route(a, op{"confirmAtSignIn", http.MethodPut, "/session/step/enrolment", "session", "Finish the sign-in by the first code of the new second factor"}, a.confirmAtSignIn)
}

// withStep finds the sign-in that waits, by its own cookie. Nothing else reads that cookie.
func (a *API) withStep(c huma.Context) (huma.Context, error) {
	token, err := huma.ReadCookie(c, stepCookieName(a.Config.Secure()))
	if err != nil {
		return c, account.ErrStepOver
	}
	step, err := a.Accounts.Waiting(c.Context(), token.Value)
	return huma.WithValue(c, keyStep, step), err
}

func waiting(ctx context.Context) account.Step {
	step, _ := ctx.Value(keyStep).(account.Step)
	return step
}

func (a *API) readSignInStep(ctx context.Context, _ *struct{}) (*body[SignInStepView], error) {
	step := waiting(ctx)
	return reply(SignInStepView{Username: step.Username, Enrol: step.Enrol, ExpiresAt: step.ExpiresAt}, nil)
}

func (a *API) finishSignIn(ctx context.Context, in *struct{ Body FactorCodeInput }) (*withCookies[SignInView], error) {
	signed, err := a.Accounts.FinishSignIn(ctx, waiting(ctx), in.Body.Code, from(ctx))
	if err != nil {
		return nil, err
	}
	return a.signedIn(ctx, signed)
}

func (a *API) leaveSignIn(ctx context.Context, _ *struct{}) (*signedOut, error) {
	err := a.Accounts.LeaveSignIn(ctx, waiting(ctx))
	return &signedOut{SetCookie: []http.Cookie{stepCookie(a.Config.Secure(), "")}}, err
}

func (a *API) enrolAtSignIn(ctx context.Context, _ *struct{}) (*body[EnrolmentView], error) {
	e, err := a.Accounts.EnrolAtSignIn(ctx, waiting(ctx))
	if err != nil {
		return nil, err
	}
	return reply(enrolmentView(e))
}

func (a *API) confirmAtSignIn(ctx context.Context, in *struct{ Body FactorCodeInput }) (*withCookies[RecoveryView], error) {
	signed, codes, err := a.Accounts.ConfirmAtSignIn(ctx, waiting(ctx), in.Body.Code, from(ctx))
	if err != nil {
		return nil, err
	}
	cookies, err := a.cookies(ctx, signed)
	return &withCookies[RecoveryView]{SetCookie: cookies, Body: RecoveryView{Codes: codes, MustChange: signed.User.MustChange}}, err
}
