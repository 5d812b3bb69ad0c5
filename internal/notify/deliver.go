package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

const (
	maxAttempts = 8
	claimLasts  = 2 * time.Minute // after that, a message whose process died is tried again
	breakAfter  = 3               // failures in a row: the channel rests until the next sweep
)

// errPermanent marks an answer that no further attempt will change.
var errPermanent = errors.New("refused for good")

// permanent wraps such an answer.
func permanent(why string) error { return fmt.Errorf("%s: %w", why, errPermanent) }

// Deliver hands queued messages to their senders: the sweep runner calls it.
// The network is never called inside a transaction, and of several processes
// one alone gets a row.
func (s *Service) Deliver(ctx context.Context) error {
	var rows []outboxRow
	now := clock.At(s.db.Now())
	err := s.db.Select(&rows).Where("status = 'queued' AND due_at <= ?", now).Order("id").Limit(100).Scan(ctx)
	if err != nil {
		return err
	}
	failures := map[Channel]int{}
	for _, r := range rows {
		if failures[r.Channel] >= breakAfter {
			continue
		}
		mine, err := s.claim(ctx, &r)
		if err != nil {
			return err
		}
		if !mine {
			continue
		}
		sent := s.attempt(ctx, r)
		failures[r.Channel]++
		if sent == nil || errors.Is(sent, errPermanent) {
			failures[r.Channel] = 0
		}
		if err := s.record(ctx, r, sent); err != nil {
			return err
		}
	}
	return nil
}

// claim takes a row for this process: whoever moves its due time first.
func (s *Service) claim(ctx context.Context, r *outboxRow) (mine bool, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		until := clock.At(tx.Now()).Add(claimLasts)
		mine, err = tx.ExecOne(ctx, `
			UPDATE outbox SET due_at = ?, attempts = attempts + 1 WHERE id = ? AND status = 'queued' AND attempts = ? AND due_at = ?`,
			until, r.ID, r.Attempts, r.DueAt)
		return err
	})
	r.Attempts++
	return mine, err
}

func (s *Service) attempt(ctx context.Context, r outboxRow) error {
	m, err := s.open(r)
	if err != nil {
		return err
	}
	sender := s.senders[m.Channel]
	if sender == nil {
		return ErrChannelOff
	}
	limited, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return sender.Send(limited, m)
}

// record keeps how the claimed attempt ended. Recipient and text stay out of the log.
func (s *Service) record(ctx context.Context, r outboxRow, sent error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := clock.At(tx.Now())
		if sent == nil {
			_, err := tx.Exec(ctx, `UPDATE outbox SET status = 'sent', sent_at = ?, error = '' WHERE id = ? AND attempts = ?`, now, r.ID, r.Attempts)
			return err
		}
		slog.WarnContext(ctx, "message not delivered", "id", r.ID, "channel", r.Channel, "attempt", r.Attempts, "error", sent)
		status := "queued"
		if r.Attempts >= maxAttempts || errors.Is(sent, errPermanent) {
			status = "failed"
		}
		wait := time.Duration(1<<min(r.Attempts-1, 8)) * 5 * time.Second
		_, err := tx.Exec(ctx, `UPDATE outbox SET status = ?, due_at = ?, error = ? WHERE id = ? AND attempts = ?`,
			status, now.Add(wait), reason(sent), r.ID, r.Attempts)
		return err
	})
}

// reason is an error in the few words that dead letters show.
func reason(err error) string {
	if errors.Is(err, ErrChannelOff) {
		return ErrChannelOff.Code
	}
	text := []rune(err.Error())
	return string(text[:min(len(text), 200)])
}

// Letter is a message that could not be delivered, without its recipient and words.
type Letter struct {
	ID        id.ID         `json:"id"`
	Channel   Channel       `json:"channel" enum:"sms,mail"`
	Template  string        `json:"template"`
	Attempts  int64         `json:"attempts"`
	Error     string        `json:"error"`
	CreatedAt clock.Instant `json:"createdAt"`
}

// DeadLetters lists what was given up, newest first.
func (s *Service) DeadLetters(ctx context.Context, q page.Query) (page.Of[Letter], error) {
	var rows []outboxRow
	total, err := page.Scan(ctx, s.db.Select(&rows).Where("status = 'failed'").Order("id DESC"), q, &rows)
	return page.Map(rows, total, func(r outboxRow) Letter {
		return Letter{r.ID, r.Channel, r.Template, r.Attempts, r.Error, r.CreatedAt}
	}), err
}

// Resend puts a dead letter back into the queue, and on the trail.
func (s *Service) Resend(ctx context.Context, who audit.Actor, letterID id.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		ok, err := tx.ExecOne(ctx, `UPDATE outbox SET status = 'queued', attempts = 0, due_at = ? WHERE id = ? AND status = 'failed'`,
			clock.At(tx.Now()), letterID)
		if err == nil && !ok {
			err = errs.ErrNotFound
		}
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Entry{Action: "notify.resend", ObjectKind: "outbox", ObjectID: letterID})
	})
}
