package notify

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/uptrace/bun"
	"go.yaml.in/yaml/v3"

	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

//go:embed events.yaml
var eventsFile []byte

// Topic groups events for a user's settings.
type Topic string

// The topics. What concerns the safety of an account cannot be switched off.
const (
	TopicReview   Topic = "review"   // 审批与认证
	TopicOrder    Topic = "order"    // 订单与交付
	TopicVoucher  Topic = "voucher"  // 服务券
	TopicSecurity Topic = "security" // 帐号安全
)

// Topics lists them in the order of the page.
var Topics = []Topic{TopicReview, TopicOrder, TopicVoucher, TopicSecurity}

// event is a row of events.yaml.
type event struct {
	Topic Topic
	SMS   bool
	Mail  bool
}

func readEvents() (map[string]event, error) {
	var out map[string]event
	err := yaml.Unmarshal(eventsFile, &out)
	return out, err
}

// Contact is how a person can be reached outside of the platform; "" means not at all.
type Contact struct{ Phone, Email string }

// Contacts knows how people can be reached. The module of the accounts implements it.
type Contacts interface {
	Contacts(ctx context.Context, r db.Reader, users ...id.ID) (map[id.ID]Contact, error)
}

// Reach names who knows phones and addresses; without it messages stay within the platform.
func (s *Service) Reach(c Contacts) { s.contacts = c }

// sendOut queues a message for the channels that its event has, that are on,
// and that the reader has not refused.
func (s *Service) sendOut(ctx context.Context, tx *db.Tx, m Message) error {
	e, known := s.events[m.Event]
	if !known {
		return fmt.Errorf("notify: no event %q", m.Event)
	}
	bySMS, byMail := e.SMS && s.On(SMS), e.Mail && s.On(Mail)
	if s.contacts == nil || !bySMS && !byMail {
		return nil
	}
	contacts, err := s.contacts.Contacts(ctx, tx, m.UserIDs...)
	if err != nil {
		return err
	}
	refused, err := findRefusals(ctx, tx, m.UserIDs...)
	if err != nil {
		return err
	}
	wants := func(u id.ID, c Channel) bool {
		return e.Topic == TopicSecurity || !refused[Refusal{UserID: u, Topic: e.Topic, Channel: c}]
	}
	params := map[string]string{"title": m.Title, "body": m.Body, "link": s.publicURL + m.Link}
	for _, u := range m.UserIDs {
		if to := contacts[u].Phone; to != "" && bySMS && wants(u, SMS) {
			if err := s.SMS(ctx, tx, to, "message_sms", map[string]string{"title": m.Title}); err != nil {
				return err
			}
		}
		if to := contacts[u].Email; to != "" && byMail && wants(u, Mail) {
			if err := s.Mail(ctx, tx, to, "message_mail", params); err != nil {
				return err
			}
		}
	}
	return nil
}

// Refusal is a topic that a user does not want by a channel.
type Refusal struct {
	bun.BaseModel `bun:"table:message_refusals"`

	UserID  id.ID
	Topic   Topic
	Channel Channel
}

func findRefusals(ctx context.Context, r db.Reader, users ...id.ID) (map[Refusal]bool, error) {
	var rows []Refusal
	err := r.Select(&rows).Where("user_id IN (?)", bun.List(users)).Scan(ctx)
	out := make(map[Refusal]bool, len(rows))
	for _, row := range rows {
		out[row] = true
	}
	return out, err
}

// Choice is whether a user wants a topic by SMS and by mail.
type Choice struct {
	Topic Topic `json:"topic" enum:"review,order,voucher,security"`
	SMS   bool  `json:"sms"`
	Mail  bool  `json:"mail"`
}

// Choices lists what a user wants, by topic.
func (s *Service) Choices(ctx context.Context, userID id.ID) ([]Choice, error) {
	refused, err := findRefusals(ctx, s.db, userID)
	out := make([]Choice, 0, len(Topics))
	for _, t := range Topics {
		out = append(out, Choice{
			Topic: t,
			SMS:   !refused[Refusal{UserID: userID, Topic: t, Channel: SMS}],
			Mail:  !refused[Refusal{UserID: userID, Topic: t, Channel: Mail}],
		})
	}
	return out, err
}

// ErrMustKnow says that messages on the safety of an account cannot be refused.
var ErrMustKnow = errs.New(errs.Invalid, "notify.security_always")

// Choose keeps what a user wants. Topics that are not named stay as they are.
func (s *Service) Choose(ctx context.Context, userID id.ID, choices []Choice) error {
	for _, c := range choices {
		if c.Topic == TopicSecurity && (!c.SMS || !c.Mail) {
			return ErrMustKnow
		}
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, c := range choices {
			for channel, on := range map[Channel]bool{SMS: c.SMS, Mail: c.Mail} {
				_, err := tx.Exec(ctx, `DELETE FROM message_refusals WHERE user_id = ? AND topic = ? AND channel = ?`, userID, c.Topic, channel)
				if err == nil && !on {
					_, err = tx.InsertNew(ctx, &Refusal{UserID: userID, Topic: c.Topic, Channel: channel})
				}
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
}
