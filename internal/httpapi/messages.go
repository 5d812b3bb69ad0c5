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
	Topic     notify.Topic  `json:"topic,omitempty" enum:"review,order,voucher,security"`
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
	route(a, op{"countMessages", http.MethodGet, "/messages/count", "message", "Messages not yet read"}, a.countMessages)
	route(a, op{"openMessage", http.MethodPost, "/messages/{id}/opening", "message", "Mark one message as read"}, a.openMessage)
	route(a, op{"dropMessage", http.MethodDelete, "/messages/{id}", "message", "Delete a message that was read"}, a.dropMessage)
	route(a, op{"dropReadMessages", http.MethodDelete, "/messages", "message", "Delete all messages that were read"}, a.dropReadMessages)
	route(a, op{"messageSettings", http.MethodGet, "/message-settings", "message", "What the caller wants by SMS and mail"}, a.messageSettings)
	route(a, op{"changeMessageSettings", http.MethodPut, "/message-settings", "message", "Change it"}, a.changeMessageSettings)
	route(a, op{"listDeadLetters", http.MethodGet, "/dead-letters", "message", "SMS and mail that could not be delivered"}, a.listDeadLetters)
	route(a, op{"resendDeadLetter", http.MethodPost, "/dead-letters/{id}/resending", "message", "Try one again"}, a.resendDeadLetter)
	route(a, op{"demoOutbox", http.MethodGet, "/demo/outbox", "demo", "SMS and mail of the demonstration"}, a.demoOutbox)
}

func (a *API) listMessages(ctx context.Context, in *struct {
	page.Query

	Unread bool `query:"unread" doc:"Only those not yet read"`
}) (*body[Inbox], error) {
	items, total, unread, err := a.Notify.Inbox(ctx, caller(ctx).UserID, in.Unread, in.Query)
	view := page.Map(items, total, func(m notify.InboxItem) MessageView {
		return MessageView{m.ID, m.Topic, m.Title, m.Body, m.Link, m.CreatedAt, m.ReadAt != 0}
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

// UnreadCount is how many messages are new.
type UnreadCount struct {
	Unread int64 `json:"unread"`
}

func (a *API) countMessages(ctx context.Context, _ *struct{}) (*body[UnreadCount], error) {
	n, err := a.Notify.Unread(ctx, caller(ctx).UserID)
	return reply(UnreadCount{n}, err)
}

type messageID struct {
	ID id.Param `path:"id" doc:"Message"`
}

func (a *API) openMessage(ctx context.Context, in *messageID) (*empty, error) {
	return done(a.Notify.Opened(ctx, caller(ctx).UserID, in.ID.ID))
}

func (a *API) dropMessage(ctx context.Context, in *messageID) (*empty, error) {
	return done(a.Notify.Drop(ctx, caller(ctx).UserID, in.ID.ID))
}

func (a *API) dropReadMessages(ctx context.Context, _ *struct{}) (*empty, error) {
	return done(a.Notify.DropAllRead(ctx, caller(ctx).UserID))
}

// MessageSettings is what a user wants, and which channels the platform has.
type MessageSettings struct {
	SMS   bool            `json:"sms" doc:"SMS is configured"`
	Mail  bool            `json:"mail" doc:"Mail is configured"`
	Items []notify.Choice `json:"items"`
}

func (a *API) messageSettings(ctx context.Context, _ *struct{}) (*body[MessageSettings], error) {
	items, err := a.Notify.Choices(ctx, caller(ctx).UserID)
	return reply(MessageSettings{a.Notify.On(notify.SMS), a.Notify.On(notify.Mail), items}, err)
}

func (a *API) changeMessageSettings(ctx context.Context, in *struct {
	Body struct {
		Items []notify.Choice `json:"items" maxItems:"10"`
	}
}) (*body[MessageSettings], error) {
	if err := a.Notify.Choose(ctx, caller(ctx).UserID, in.Body.Items); err != nil {
		return nil, err
	}
	return a.messageSettings(ctx, nil)
}

func (a *API) listDeadLetters(ctx context.Context, in *struct{ page.Query }) (*body[page.Of[notify.Letter]], error) {
	return reply(a.Notify.DeadLetters(ctx, in.Query))
}

func (a *API) resendDeadLetter(ctx context.Context, in *messageID) (*empty, error) {
	return done(a.Notify.Resend(ctx, caller(ctx).Actor(), in.ID.ID))
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
