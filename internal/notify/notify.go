// Package notify tells people things: in-app messages as rows, SMS and mail
// through an outbox that is written in the transaction of the change and
// delivered afterwards, at least once. It knows no business module.
package notify

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"go.yaml.in/yaml/v3"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/kit/seal"
)

//go:embed templates.zh.yaml
var templatesFile []byte

// Channel is a way out of the platform.
type Channel string

// The channels of the outbox.
const (
	SMS  Channel = "sms"
	Mail Channel = "mail"
)

// Outgoing is one message to one recipient, in clear.
type Outgoing struct {
	ID        id.ID
	Channel   Channel
	Recipient string // phone or address
	Template  string
	Params    map[string]string
	Text      string // the template filled in
	CreatedAt clock.Instant
	SentAt    clock.Instant
	Status    string
}

// Sender hands one message to a provider. ID is stable over retries, so that a
// provider can drop doubles.
type Sender interface {
	Send(ctx context.Context, m Outgoing) error
}

// Local keeps messages where they are: the outbox page of the demo and the test
// hooks read them there.
type Local struct{}

// Send does nothing: the row itself is the delivery.
func (Local) Send(context.Context, Outgoing) error { return nil }

// Service writes and delivers messages.
type Service struct {
	db        *db.DB
	box       *seal.Box
	senders   map[Channel]Sender
	templates map[string]string
}

// New takes a sender for each channel that is configured; a channel without one is off.
func New(d *db.DB, box *seal.Box, senders map[Channel]Sender) (*Service, error) {
	s := &Service{db: d, box: box, senders: senders}
	return s, yaml.Unmarshal(templatesFile, &s.templates)
}

// ErrChannelOff says that the operator has not configured the channel.
var ErrChannelOff = errs.New(errs.Unavailable, "notify.channel_off")

// On reports whether a channel is configured.
func (s *Service) On(c Channel) bool { return s.senders[c] != nil }

type outboxRow struct {
	bun.BaseModel `bun:"table:outbox"`

	ID        id.ID `bun:",pk"`
	Channel   Channel
	Recipient string
	Template  string
	Params    string
	Status    string
	Attempts  int64
	DueAt     clock.Instant
	CreatedAt clock.Instant
	SentAt    clock.Instant
	Error     string
}

// SMS queues a text message. Without a configured channel the row says "off".
func (s *Service) SMS(ctx context.Context, tx *db.Tx, phone, template string, params map[string]string) error {
	return s.queue(ctx, tx, SMS, phone, template, params)
}

// Mail queues an e-mail. Without a configured channel the row says "off".
func (s *Service) Mail(ctx context.Context, tx *db.Tx, address, template string, params map[string]string) error {
	return s.queue(ctx, tx, Mail, address, template, params)
}

func (s *Service) queue(ctx context.Context, tx *db.Tx, c Channel, to, template string, params map[string]string) error {
	if _, known := s.templates[template]; !known {
		return fmt.Errorf("notify: no template %q", template)
	}
	raw, err := json.Marshal(params)
	if err != nil {
		return err
	}
	now := clock.At(tx.Now())
	r := outboxRow{
		ID: id.New(), Channel: c, Recipient: s.box.Seal(to), Template: template, Params: s.box.Seal(string(raw)),
		Status: "queued", DueAt: now, CreatedAt: now,
	}
	if !s.On(c) {
		r.Status = "off"
	}
	_, err = tx.Insert(&r).Exec(ctx)
	return err
}

// Message is one in-app message (站内信) to some users.
type Message struct {
	UserIDs []id.ID
	Title   string
	Body    string
	Link    string // path of the page to open
}

type messageRow struct {
	bun.BaseModel `bun:"table:messages"`

	ID        id.ID `bun:",pk"`
	UserID    id.ID
	Title     string
	Body      string
	Link      string
	CreatedAt clock.Instant
	ReadAt    clock.Instant
}

// Tell writes an in-app message within tx.
func (s *Service) Tell(ctx context.Context, tx *db.Tx, m Message) error {
	if len(m.UserIDs) == 0 {
		return nil
	}
	rows := make([]messageRow, 0, len(m.UserIDs))
	for _, u := range m.UserIDs {
		rows = append(rows, messageRow{ID: id.New(), UserID: u, Title: m.Title, Body: m.Body, Link: m.Link, CreatedAt: clock.At(tx.Now())})
	}
	_, err := tx.Insert(&rows).Exec(ctx)
	return err
}

// InboxItem is one in-app message as its reader sees it.
type InboxItem struct {
	ID        id.ID
	Title     string
	Body      string
	Link      string
	CreatedAt clock.Instant
	ReadAt    clock.Instant
}

// Inbox lists a user's messages, newest first, with the number not yet read.
func (s *Service) Inbox(ctx context.Context, userID id.ID, q page.Query) (items []InboxItem, total, unread int64, err error) {
	var rows []messageRow
	total, err = page.Scan(ctx, s.db.Select(&rows).Where("user_id = ?", userID).Order("id DESC"), q, &rows)
	if err != nil {
		return nil, 0, 0, err
	}
	for _, r := range rows {
		items = append(items, InboxItem{ID: r.ID, Title: r.Title, Body: r.Body, Link: r.Link, CreatedAt: r.CreatedAt, ReadAt: r.ReadAt})
	}
	unread, err = s.Unread(ctx, userID)
	return items, total, unread, err
}

// Unread counts a user's new messages.
func (s *Service) Unread(ctx context.Context, userID id.ID) (n int64, err error) {
	err = s.db.Raw(`SELECT count(*) FROM messages WHERE user_id = ? AND read_at = 0`, userID).Scan(ctx, &n)
	return n, err
}

// MarkRead marks a user's messages up to and including one as read.
func (s *Service) MarkRead(ctx context.Context, userID, upTo id.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE messages SET read_at = ? WHERE user_id = ? AND id <= ? AND read_at = 0`, clock.At(tx.Now()), userID, upTo)
		return err
	})
}

const maxAttempts = 8

// Deliver hands queued messages to their senders: the sweep runner calls it.
// The network is never called inside a transaction.
func (s *Service) Deliver(ctx context.Context) error {
	var rows []outboxRow
	now := clock.At(s.db.Now())
	err := s.db.Select(&rows).Where("status = 'queued' AND due_at <= ?", now).Order("id").Limit(100).Scan(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		m, err := s.open(r)
		if err == nil {
			err = s.deliver(ctx, m)
		}
		if err := s.record(ctx, r, err); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) deliver(ctx context.Context, m Outgoing) error {
	sender := s.senders[m.Channel]
	if sender == nil {
		return ErrChannelOff
	}
	limited, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return sender.Send(limited, m)
}

func (s *Service) record(ctx context.Context, r outboxRow, sent error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := clock.At(tx.Now())
		if sent == nil {
			_, err := tx.Exec(ctx, `UPDATE outbox SET status = 'sent', sent_at = ?, attempts = attempts + 1 WHERE id = ?`, now, r.ID)
			return err
		}
		slog.WarnContext(ctx, "message not delivered", "id", r.ID, "channel", r.Channel, "attempt", r.Attempts+1, "error", sent)
		status := "queued"
		if r.Attempts+1 >= maxAttempts {
			status = "failed"
		}
		wait := time.Duration(1<<min(r.Attempts, 8)) * 5 * time.Second
		_, err := tx.Exec(ctx, `UPDATE outbox SET status = ?, attempts = attempts + 1, due_at = ?, error = ? WHERE id = ?`,
			status, now.Add(wait), errs.Of(sent).Code, r.ID)
		return err
	})
}

// Recent lists the newest outgoing messages in clear. Only the demo's outbox
// page and the test hooks may show them.
func (s *Service) Recent(ctx context.Context, limit int) ([]Outgoing, error) {
	var rows []outboxRow
	if err := s.db.Select(&rows).Order("id DESC").Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Outgoing, 0, len(rows))
	for _, r := range rows {
		m, err := s.open(r)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

func (s *Service) open(r outboxRow) (m Outgoing, err error) {
	m = Outgoing{ID: r.ID, Channel: r.Channel, Template: r.Template, CreatedAt: r.CreatedAt, SentAt: r.SentAt, Status: r.Status}
	if m.Recipient, err = s.box.Open(r.Recipient); err != nil {
		return m, err
	}
	raw, err := s.box.Open(r.Params)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal([]byte(raw), &m.Params); err != nil {
		return m, err
	}
	m.Text = s.templates[r.Template]
	for k, v := range m.Params {
		m.Text = strings.ReplaceAll(m.Text, "{"+k+"}", v)
	}
	return m, nil
}
