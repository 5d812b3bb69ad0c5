package httpapi

import (
	"context"
	"net/http"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/notify"
)

// MessageView is an in-app message.
type MessageView struct {
	ID        id.ID         `json:"id"`
	Title     string        `json:"title"`
	Body      string        `json:"body"`
	Link      string        `json:"link,omitempty" doc:"Path of the page to open"`
	CreatedAt clock.Instant `json:"createdAt"`
	Read      bool          `json:"read"`
}

// Inbox is one page of messages with the number not yet read.
type Inbox struct {
	Items  []MessageView `json:"items"`
	Total  int64         `json:"total"`
	Unread int64         `json:"unread"`
}

type outboxItem struct {
	Channel   notify.Channel    `json:"channel"`
	Recipient string            `json:"recipient"`
	Template  string            `json:"template"`
	Params    map[string]string `json:"params"`
	Text      string            `json:"text"`
	CreatedAt clock.Instant     `json:"createdAt"`
	Status    string            `json:"status"`
}

func outboxItemOf(m notify.Outgoing) outboxItem {
	return outboxItem{m.Channel, m.Recipient, m.Template, m.Params, m.Text, m.CreatedAt, m.Status}
}

func (a *API) messageRoutes() {
	route(a, op{"listMessages", http.MethodGet, "/messages", "message", "In-app messages, newest first"}, a.listMessages)
	route(a, op{"readMessages", http.MethodPost, "/messages/read", "message", "Mark messages as read"}, a.readMessages)
	route(a, op{"demoOutbox", http.MethodGet, "/demo/outbox", "demo", "SMS and mail of the demonstration"}, a.demoOutbox)
}

func (a *API) listMessages(ctx context.Context, in *struct{ page.Query }) (*body[Inbox], error) {
	items, total, unread, err := a.Notify.Inbox(ctx, caller(ctx).UserID, in.Query)
	view := page.Map(items, total, func(m notify.InboxItem) MessageView {
		return MessageView{m.ID, m.Title, m.Body, m.Link, m.CreatedAt, m.ReadAt != 0}
	})
	return reply(Inbox{view.Items, view.Total, unread}, err)
}

func (a *API) readMessages(ctx context.Context, in *struct {
	Body struct {
		UpTo id.ID `json:"upTo" doc:"The newest message to mark"`
	}
}) (*empty, error) {
	return done(a.Notify.MarkRead(ctx, caller(ctx).UserID, in.Body.UpTo))
}

type outbox struct {
	Items []outboxItem `json:"items"`
}

func (a *API) demoOutbox(ctx context.Context, _ *struct{}) (*body[outbox], error) {
	var out outbox
	if !a.Config.Demo {
		return nil, errs.ErrNotFound
	}
	sent, err := a.Notify.Recent(ctx, 100)
	out.Items = []outboxItem{}
	for _, m := range sent {
		out.Items = append(out.Items, outboxItemOf(m))
	}
	return reply(out, err)
}
