package httpapi

import (
	"context"
	"net/http"
	"slices"

	"smedx/internal/account"
	"smedx/internal/delivery"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/order"
)

// DeliveryFileView is a paper of a hand-over.
type DeliveryFileView struct {
	ID   id.ID  `json:"id"`
	Name string `json:"name"`
	Size int64  `json:"size" doc:"Bytes"`
	URL  string `json:"url"`
}

// DeliveryRoundView is one hand-over and the answer to it.
type DeliveryRoundView struct {
	Round       int64              `json:"round"`
	Note        string             `json:"note,omitempty"`
	Files       []DeliveryFileView `json:"files"`
	SubmittedAt clock.Instant      `json:"submittedAt"`
	Answer      string             `json:"answer,omitempty" enum:"accepted,rejected" doc:"Absent while the buyer has not answered"`
	Reason      string             `json:"reason,omitempty"`
	AnsweredAt  clock.Instant      `json:"answeredAt"`
}

// DeliveryView is the delivery of an order.
type DeliveryView struct {
	Status    delivery.Status     `json:"status" enum:"in_progress,submitted,rejected,accepted"`
	Plan      string              `json:"plan"`
	PlannedAt clock.Instant       `json:"plannedAt" doc:"Promised end, exclusive"`
	StartedAt clock.Instant       `json:"startedAt"`
	EndedAt   clock.Instant       `json:"endedAt"`
	Overdue   bool                `json:"overdue"`
	Rounds    []DeliveryRoundView `json:"rounds" doc:"Newest first"`
}

func (a *API) deliveryOf(ctx context.Context, orderID id.ID) (*DeliveryView, error) {
	d, rounds, err := a.Deliveries.Of(ctx, orderID)
	if d == nil || err != nil {
		return nil, err
	}
	v := &DeliveryView{
		Status: d.Status, Plan: d.Plan, PlannedAt: d.PlannedAt, StartedAt: d.StartedAt, EndedAt: d.EndedAt,
		Overdue: d.Overdue(clock.At(a.DB.Now())), Rounds: []DeliveryRoundView{},
	}
	for _, r := range rounds {
		rv := DeliveryRoundView{
			Round: r.Round, Note: r.Note, Files: []DeliveryFileView{}, SubmittedAt: r.SubmittedAt, Answer: r.Answer, Reason: r.Reason, AnsweredAt: r.AnsweredAt,
		}
		for _, f := range r.Files {
			rv.Files = append(rv.Files, DeliveryFileView{f.FileID, f.Name, f.Size, fileURL(f.FileID)})
		}
		v.Rounds = append(v.Rounds, rv)
	}
	return v, nil
}

func (a *API) deliveryRoutes() {
	route(a, op{"startDelivery", http.MethodPost, "/orders/{id}/delivery", "delivery", "The provider begins, with a plan"}, a.startDelivery)
	route(a, op{"submitDelivery", http.MethodPost, "/orders/{id}/delivery/submissions", "delivery", "The provider hands over, with papers"}, a.submitDelivery)
	route(a, op{"acceptDelivery", http.MethodPost, "/orders/{id}/acceptance", "delivery", "The buyer accepts: 验收"}, a.acceptDelivery)
	route(a, op{"sendAcceptanceCode", http.MethodPost, "/acceptance-codes", "delivery", "Send a code to the caller's own phone, where an acceptance asks for one"}, a.sendAcceptanceCode)
	route(a, op{"rejectDelivery", http.MethodPost, "/orders/{id}/rejection", "delivery", "The buyer sends a hand-over back"}, a.rejectDelivery)
}

func (a *API) startDelivery(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body struct {
		Plan    string `json:"plan" maxLength:"1000"`
		LastDay string `json:"lastDay" format:"date" doc:"Promised last day, Asia/Shanghai"`
	}
}) (*empty, error) {
	return done(a.Deliveries.Start(ctx, caller(ctx), in.ID.ID, in.Body.Plan, clock.DayEnd(in.Body.LastDay)))
}

func (a *API) submitDelivery(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body struct {
		Note    string  `json:"note,omitempty" maxLength:"1000"`
		FileIDs []id.ID `json:"fileIds" maxItems:"20"`
	}
}) (*empty, error) {
	return done(a.Deliveries.Submit(ctx, caller(ctx), in.ID.ID, in.Body.Note, in.Body.FileIDs))
}

func (a *API) acceptDelivery(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body struct {
		Note string `json:"note,omitempty" maxLength:"1000"`
		Code string `json:"code,omitempty" maxLength:"20" doc:"From /acceptance-codes, where the order says codeToAccept"`
	}
}) (*empty, error) {
	o, err := a.Orders.Get(ctx, caller(ctx), in.ID.ID)
	if err != nil {
		return nil, err
	}
	var proven []db.Func
	if slices.Contains(o.Allows(caller(ctx)), order.Accept) { // else it is refused or repeated below
		use, err := a.Accounts.ProveAcceptance(ctx, caller(ctx), in.Body.Code, from(ctx))
		if err != nil {
			return nil, err
		}
		proven = append(proven, use)
	}
	if o.Instant && o.Status == order.Completed {
		_, err = a.Orders.AcceptInstant(ctx, caller(ctx), in.ID.ID, proven...)
		return done(err)
	}
	return done(a.Deliveries.Accept(ctx, caller(ctx), in.ID.ID, in.Body.Note, proven...))
}

func (a *API) sendAcceptanceCode(ctx context.Context, in *struct{ Body CaptchaInput }) (*body[CodeSent], error) {
	out := CodeSent{WaitSeconds: int(account.CodeSpacing.Seconds())}
	return reply(out, a.Accounts.SendAcceptanceCode(ctx, caller(ctx), in.Body.captcha(), from(ctx)))
}

func (a *API) rejectDelivery(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body struct {
		Reason string `json:"reason" maxLength:"1000"`
	}
}) (*empty, error) {
	return done(a.Deliveries.Reject(ctx, caller(ctx), in.ID.ID, in.Body.Reason))
}
