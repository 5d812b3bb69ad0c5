package httpapi

import (
	"context"
	"net/http"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/rating"
)

// RatingView is an opinion.
type RatingView struct {
	ID        id.ID         `json:"id"`
	Score     int64         `json:"score" minimum:"1" maximum:"5"`
	Comment   string        `json:"comment,omitempty"`
	Author    string        `json:"author" doc:"Masked"`
	RatedAt   clock.Instant `json:"ratedAt"`
	Reply     string        `json:"reply,omitempty"`
	RepliedAt clock.Instant `json:"repliedAt"`
}

func ratingView(r rating.Rating) RatingView {
	return RatingView{r.ID, r.Score, r.Comment, r.Masked(), r.RatedAt, r.Reply, r.RepliedAt}
}

// RatingRow is an order line with its rating, if any.
type RatingRow struct {
	OrderLineID id.ID         `json:"orderLineId"`
	OrderID     id.ID         `json:"orderId"`
	OfferingID  id.ID         `json:"offeringId"`
	Name        string        `json:"name"`
	PlanName    string        `json:"planName"`
	Status      string        `json:"offeringStatus" doc:"listed or delisted"`
	OrderedAt   clock.Instant `json:"orderedAt"`
	Customer    string        `json:"customer,omitempty" doc:"客户姓名: the company that ordered"`
	Rating      *RatingView   `json:"rating,omitempty"`
}

func ratingRow(l rating.Listed) RatingRow {
	row := RatingRow{
		OrderLineID: l.ID, OrderID: l.OrderID, OfferingID: l.OfferingID, Name: l.Name, PlanName: l.PlanName,
		Status: string(l.Headline.Status), OrderedAt: l.Order.PlacedAt, Customer: l.Order.BuyerName,
	}
	if l.Rating != nil {
		v := ratingView(*l.Rating)
		row.Rating = &v
	}
	return row
}

func (a *API) ratingRoutes() {
	route(a, op{"listRatings", http.MethodGet, "/ratings", "rating", "我的评价 of a buyer, 客户评价 of a provider; newest first"}, a.listRatings)
	route(a, op{"rateLine", http.MethodPost, "/order-lines/{id}/rating", "rating", "Rate what was bought, once"}, a.rateLine, created)
	route(a, op{"replyToRating", http.MethodPost, "/ratings/{id}/reply", "rating", "Answer an opinion, once"}, a.replyToRating)
	route(a, op{"listOfferingRatings", http.MethodGet, "/offerings/{id}/ratings", "rating", "Opinions about an offering, newest first"}, a.listOfferingRatings)
}

func (a *API) listRatings(ctx context.Context, in *struct{ page.Query }) (*body[page.Of[RatingRow]], error) {
	rows, total, err := a.Ratings.List(ctx, caller(ctx), in.Query)
	return reply(page.Map(rows, total, ratingRow), err)
}

func (a *API) rateLine(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body struct {
		Score   int64  `json:"score" minimum:"1" maximum:"5"`
		Comment string `json:"comment,omitempty" maxLength:"500"`
	}
}) (*body[RatingView], error) {
	r, err := a.Ratings.Rate(ctx, caller(ctx), in.ID.ID, in.Body.Score, in.Body.Comment)
	return reply(ratingView(r), err)
}

func (a *API) replyToRating(ctx context.Context, in *struct {
	ID   id.Param `path:"id"`
	Body struct {
		Reply string `json:"reply" maxLength:"500"`
	}
}) (*body[RatingView], error) {
	r, err := a.Ratings.Reply(ctx, caller(ctx), in.ID.ID, in.Body.Reply)
	return reply(ratingView(r), err)
}

// OfferingRatings are the opinions about one offering.
type OfferingRatings struct {
	Items   []RatingView `json:"items"`
	Total   int64        `json:"total" doc:"Of the score that is asked for"`
	Summary []int64      `json:"summary" doc:"How many of each score: one star first"`
}

func (a *API) listOfferingRatings(ctx context.Context, in *struct {
	ID id.Param `path:"id"`
	page.Query
	Score int64 `query:"score" minimum:"0" maximum:"5" doc:"Only those of this score; 0 for all"`
}) (*body[OfferingRatings], error) {
	list, total, err := a.Ratings.OfOffering(ctx, in.ID.ID, in.Score, in.Query)
	if err != nil {
		return nil, err
	}
	sum, err := a.Ratings.Summary(ctx, in.ID.ID)
	found := page.Map(list, total, ratingView)
	return reply(OfferingRatings{found.Items, found.Total, sum[:]}, err)
}
