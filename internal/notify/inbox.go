package notify

import (
	"context"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// Message is one in-app message (站内信) to some users. Its event says whether
// it goes out by SMS and mail, too; without one it stays within the platform.
type Message struct {
	Event   string // row of events.yaml
	UserIDs []id.ID
	Title   string
	Body    string
	Link    string // path of the page to open
}

// ToCompany tells everybody of a company, within tx. The wiring makes it: only
// the accounts know who belongs to a company.
type ToCompany func(ctx context.Context, tx *db.Tx, orgID id.ID, m Message) error

type messageRow struct {
	bun.BaseModel `bun:"table:messages"`

	ID        id.ID `bun:",pk"`
	UserID    id.ID
	Event     string
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
		rows = append(rows, messageRow{
			ID: id.New(), UserID: u, Event: m.Event, Title: m.Title, Body: m.Body, Link: m.Link, CreatedAt: clock.At(tx.Now()),
		})
	}
	if err := tx.InsertAll(ctx, rows); err != nil || m.Event == "" {
		return err
	}
	return s.sendOut(ctx, tx, m)
}

// Retract takes messages of a user back that lead to a page which is no longer his.
func (s *Service) Retract(ctx context.Context, tx *db.Tx, userID id.ID, link string) error {
	_, err := tx.Exec(ctx, `DELETE FROM messages WHERE user_id = ? AND link = ?`, userID, link)
	return err
}

// InboxItem is one in-app message as its reader sees it.
type InboxItem struct {
	ID        id.ID
	Topic     Topic
	Title     string
	Body      string
	Link      string
	CreatedAt clock.Instant
	ReadAt    clock.Instant
}

// Inbox lists a user's messages, newest first, with the number not yet read.
func (s *Service) Inbox(ctx context.Context, userID id.ID, unreadOnly bool, q page.Query) (items []InboxItem, total, unread int64, err error) {
	var rows []messageRow
	find := s.db.Select(&rows).Where("user_id = ?", userID).Order("id DESC")
	if unreadOnly {
		find = find.Where("read_at = 0")
	}
	total, err = page.Scan(ctx, find, q, &rows)
	if err != nil {
		return nil, 0, 0, err
	}
	for _, r := range rows {
		items = append(items, InboxItem{
			ID: r.ID, Topic: s.events[r.Event].Topic, Title: r.Title, Body: r.Body, Link: r.Link, CreatedAt: r.CreatedAt, ReadAt: r.ReadAt,
		})
	}
	unread, err = s.Unread(ctx, userID)
	return items, total, unread, err
}

var unreadOf = db.NewText(`SELECT count(*) FROM messages WHERE user_id = ? AND read_at = 0`)

// Unread counts a user's new messages.
func (s *Service) Unread(ctx context.Context, userID id.ID) (n int64, err error) {
	err = unreadOf.Each(ctx, s.db, func(columns func(...any) error) error { return columns(&n) }, userID)
	return n, err
}

// MarkRead marks a user's messages up to and including one as read.
func (s *Service) MarkRead(ctx context.Context, userID, upTo id.ID) error {
	return s.change(ctx, `UPDATE messages SET read_at = ? WHERE user_id = ? AND id <= ? AND read_at = 0`, userID, upTo)
}

// Opened marks one message of a user as read.
func (s *Service) Opened(ctx context.Context, userID, messageID id.ID) error {
	return s.change(ctx, `UPDATE messages SET read_at = ? WHERE user_id = ? AND id = ? AND read_at = 0`, userID, messageID)
}

func (s *Service) change(ctx context.Context, query string, userID, messageID id.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, query, clock.At(tx.Now()), userID, messageID)
		return err
	})
}

// Drop deletes one message of a user, once it was read.
func (s *Service) Drop(ctx context.Context, userID, messageID id.ID) error {
	return s.drop(ctx, `DELETE FROM messages WHERE user_id = ? AND read_at > 0 AND id = ?`, userID, messageID)
}

// DropAllRead deletes every message of a user that was read.
func (s *Service) DropAllRead(ctx context.Context, userID id.ID) error {
	return s.drop(ctx, `DELETE FROM messages WHERE user_id = ? AND read_at > 0`, userID)
}

func (s *Service) drop(ctx context.Context, query string, args ...any) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
}
