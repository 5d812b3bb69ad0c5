// Package notify tells people things: in-app messages as rows, SMS and mail
// through an outbox that is written in the transaction of the change and
// delivered afterwards, at least once. It knows no business module.
package notify

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
	"go.yaml.in/yaml/v3"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
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
	Subject   string // of a mail
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
	events    map[string]event
	contacts  Contacts
	publicURL string
}

// New takes a sender for each channel that is configured; a channel without one is off.
func New(d *db.DB, box *seal.Box, senders map[Channel]Sender) (*Service, error) {
	events, err := readEvents()
	s := &Service{db: d, box: box, senders: senders, events: events}
	return s, errors.Join(err, yaml.Unmarshal(templatesFile, &s.templates))
}

// LinkTo names the address under which people reach the platform, for links in mail.
func (s *Service) LinkTo(publicURL string) { s.publicURL = publicURL }

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
	m.Text = fill(s.templates[r.Template], m.Params)
	m.Subject = cmp.Or(m.Params["title"], "数字化转型平台通知")
	return m, nil
}

// fill puts the values into a template. It goes over the text once, so a value
// that looks like a placeholder stays what it is.
func fill(template string, params map[string]string) string {
	pairs := make([]string, 0, 2*len(params))
	for name, value := range params {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(template)
}
