package httpapi

import (
	"context"
	"net/http"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
)

// SecondFactorView is how the caller's second factor stands.
type SecondFactorView struct {
	On           bool          `json:"on"`
	Since        clock.Instant `json:"since,omitempty"`
	RecoveryLeft int           `json:"recoveryLeft" doc:"Recovery codes not yet used"`
	Demanded     bool          `json:"demanded" doc:"The platform asks it of this role, so it cannot be switched off"`
}

// SessionView is one place where the caller is signed in.
type SessionView struct {
	ID        id.ID         `json:"id"`
	Device    string        `json:"device" example:"Chrome 浏览器 · Windows"`
	IP        string        `json:"ip"`
	StartedAt clock.Instant `json:"startedAt"`
	SeenAt    clock.Instant `json:"seenAt"`
	Current   bool          `json:"current"`
}

// PasswordAgainInput is the password once more; it may be left out soon after sign-in.
type PasswordAgainInput struct {
	Password string `json:"password,omitempty" maxLength:"200"`
}

// BothFactorsInput proves password and second factor again.
type BothFactorsInput struct {
	Password string `json:"password" maxLength:"200"`
	Code     string `json:"code" maxLength:"40"`
}

func (a *API) securityRoutes() {
	route(a, op{"readSecondFactor", http.MethodGet, "/second-factor", "account", "How one's second factor stands"}, a.readSecondFactor)
	route(a, op{"enrolSecondFactor", http.MethodPost, "/second-factor/enrolment", "account", "Begin a second factor for oneself"}, a.enrolSecondFactor)
	route(a, op{"confirmSecondFactor", http.MethodPut, "/second-factor/enrolment", "account", "Switch the second factor on by its first code"}, a.confirmSecondFactor)
	route(a, op{"renewRecoveryCodes", http.MethodPost, "/second-factor/recovery-codes", "account", "Replace one's recovery codes"}, a.renewRecoveryCodes)
	route(a, op{"switchFactorOff", http.MethodPost, "/second-factor/off", "account", "Switch one's second factor off"}, a.switchFactorOff)
	route(a, op{"listSessions", http.MethodGet, "/sessions", "account", "Where one is signed in"}, a.listSessions)
	route(a, op{"endSession", http.MethodPost, "/sessions/{id}/end", "account", "End another session of one's own"}, a.endSession)
	route(a, op{"endOtherSessions", http.MethodPost, "/sessions/end-others", "account", "End all sessions of one's own but this"}, a.endOtherSessions)
	route(a, op{"resetSecondFactor", http.MethodDelete, "/users/{id}/second-factor", "staff", "Free somebody who has lost the second factor; all sessions end"}, a.resetSecondFactor)
}

func (a *API) readSecondFactor(ctx context.Context, _ *struct{}) (*body[SecondFactorView], error) {
	f, err := a.Accounts.SecondFactor(ctx, caller(ctx))
	return reply(SecondFactorView(f), err)
}

func (a *API) enrolSecondFactor(ctx context.Context, in *struct{ Body PasswordAgainInput }) (*body[EnrolmentView], error) {
	e, err := a.Accounts.Enrol(ctx, caller(ctx), in.Body.Password)
	if err != nil {
		return nil, err
	}
	return reply(enrolmentView(e))
}

func (a *API) confirmSecondFactor(ctx context.Context, in *struct{ Body FactorCodeInput }) (*body[RecoveryView], error) {
	codes, err := a.Accounts.ConfirmEnrolment(ctx, caller(ctx), in.Body.Code)
	return reply(RecoveryView{Codes: codes}, err)
}

func (a *API) renewRecoveryCodes(ctx context.Context, in *struct{ Body BothFactorsInput }) (*body[RecoveryView], error) {
	codes, err := a.Accounts.RenewRecovery(ctx, caller(ctx), in.Body.Password, in.Body.Code)
	return reply(RecoveryView{Codes: codes}, err)
}

func (a *API) switchFactorOff(ctx context.Context, in *struct{ Body BothFactorsInput }) (*empty, error) {
	return done(a.Accounts.SwitchFactorOff(ctx, caller(ctx), in.Body.Password, in.Body.Code))
}

func (a *API) listSessions(ctx context.Context, _ *struct{}) (*body[[]SessionView], error) {
	all, err := a.Accounts.OwnSessions(ctx, caller(ctx))
	views := make([]SessionView, 0, len(all))
	for _, s := range all {
		views = append(views, sessionView(s))
	}
	return reply(views, err)
}

func sessionView(s account.OwnSession) SessionView { return SessionView(s) }

func (a *API) endSession(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body PasswordAgainInput
}) (*empty, error) {
	return done(a.Accounts.EndOther(ctx, caller(ctx), in.ID.ID, in.Body.Password))
}

func (a *API) endOtherSessions(ctx context.Context, in *struct{ Body PasswordAgainInput }) (*empty, error) {
	return done(a.Accounts.EndOthers(ctx, caller(ctx), in.Body.Password))
}

func (a *API) resetSecondFactor(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
}) (*empty, error) {
	return done(a.Accounts.ResetFactor(ctx, caller(ctx), in.ID.ID))
}
