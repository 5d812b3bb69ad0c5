package content

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// Audience is whose workbench shows an announcement. Staff see all.
type Audience string

// The audiences.
const (
	ToAll         Audience = "all"
	ToEnterprises Audience = "enterprise"
	ToProviders   Audience = "provider"
)

// Announcement is a short text in the workbench (公告).
type Announcement struct {
	bun.BaseModel `bun:"table:announcements"`

	ID          id.ID `bun:",pk"`
	Title       string
	Body        string // plain text
	Audience    Audience
	Pinned      bool
	State       State
	PublishedAt clock.Instant
	CreatedBy   id.ID
	CreatedAt   clock.Instant
	UpdatedAt   clock.Instant
	Version     int64
}

// AnnouncementText is what an editor enters.
type AnnouncementText struct {
	Title    string
	Body     string
	Audience Audience
	Pinned   bool
}

func (t *AnnouncementText) clean() error {
	t.Title, t.Body = strings.TrimSpace(t.Title), strings.TrimSpace(t.Body)
	var f errs.Fields
	checkLength(&f, "/title", t.Title, 2, 100)
	checkLength(&f, "/body", t.Body, 2, 2000)
	if t.Audience != ToAll && t.Audience != ToEnterprises && t.Audience != ToProviders {
		f.Add("/audience", "field.choice")
	}
	return f.Err()
}

// Announce creates an announcement as a draft.
func (s *Service) Announce(ctx context.Context, who account.Principal, t AnnouncementText) (a Announcement, err error) {
	if err := t.clean(); err != nil {
		return a, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := clock.At(tx.Now())
		a = Announcement{
			ID: id.New(), Title: t.Title, Body: t.Body, Audience: t.Audience, Pinned: t.Pinned, State: Draft,
			CreatedBy: who.UserID, CreatedAt: now, UpdatedAt: now, Version: 1,
		}
		if _, err := tx.Insert(&a).Exec(ctx); err != nil {
			return err
		}
		return trail(ctx, tx, who, "content.announcement_create", "announcement", a.ID, nil)
	})
	return a, err
}

// EditAnnouncement changes the text in any state.
func (s *Service) EditAnnouncement(ctx context.Context, who account.Principal, i id.ID, version int64, t AnnouncementText) (a Announcement, err error) {
	if err := t.clean(); err != nil {
		return a, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		ok, err := tx.ExecOne(ctx, `
			UPDATE announcements SET title = ?, body = ?, audience = ?, pinned = ?, updated_at = ?, version = version + 1
			WHERE id = ? AND version = ?`, t.Title, t.Body, t.Audience, t.Pinned, clock.At(tx.Now()), i, version)
		if err != nil {
			return err
		}
		if a, err = findAnnouncement(ctx, tx, i); err == nil && !ok {
			err = errs.ErrStale
		}
		if err != nil {
			return err
		}
		return trail(ctx, tx, who, "content.announcement_edit", "announcement", i, nil)
	})
	return a, err
}

// PublishAnnouncement shows it; WithdrawAnnouncement hides it again.
func (s *Service) PublishAnnouncement(ctx context.Context, who account.Principal, i id.ID) (Announcement, error) {
	return s.moveAnnouncement(ctx, who, i, Published, `state <> 'published'`)
}

// WithdrawAnnouncement hides a published announcement.
func (s *Service) WithdrawAnnouncement(ctx context.Context, who account.Principal, i id.ID) (Announcement, error) {
	return s.moveAnnouncement(ctx, who, i, Withdrawn, `state = 'published'`)
}

func (s *Service) moveAnnouncement(ctx context.Context, who account.Principal, i id.ID, to State, guard string) (a Announcement, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := clock.At(tx.Now())
		published := `published_at`
		if to == Published {
			published = `CASE WHEN published_at = 0 THEN ? ELSE published_at END`
		}
		args := []any{to}
		if to == Published {
			args = append(args, now)
		}
		ok, err := tx.ExecOne(ctx, `UPDATE announcements SET state = ?, published_at = `+published+`, updated_at = ?, version = version + 1
			WHERE id = ? AND `+guard, append(args, now, i)...)
		if err != nil {
			return err
		}
		if a, err = findAnnouncement(ctx, tx, i); err == nil && !ok {
			err = errs.ErrInvalidState.In(string(a.State))
		}
		if err != nil {
			return err
		}
		return trail(ctx, tx, who, "content.announcement_"+string(to), "announcement", i, nil)
	})
	return a, err
}

// DropAnnouncement deletes one that was never published.
func (s *Service) DropAnnouncement(ctx context.Context, who account.Principal, i id.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		a, err := findAnnouncement(ctx, tx, i)
		if err != nil {
			return err
		}
		ok, err := tx.ExecOne(ctx, `DELETE FROM announcements WHERE id = ? AND state = 'draft'`, i)
		if err == nil && !ok {
			err = errs.ErrInvalidState.In(string(a.State))
		}
		if err != nil {
			return err
		}
		return trail(ctx, tx, who, "content.announcement_delete", "announcement", i, map[string]any{"title": a.Title})
	})
}

// Announcements lists what the caller's workbench shows: pinned first, then newest.
func (s *Service) Announcements(ctx context.Context, who account.Principal, p page.Query) (page.Of[Announcement], error) {
	var rows []Announcement
	q := s.db.Select(&rows).Where("state = ?", Published).Order("pinned DESC", "published_at DESC", "id DESC")
	switch who.Role {
	case account.RoleEnterprise, account.RoleProvider:
		q = q.Where("audience IN ('all', ?)", string(who.Role))
	case account.RoleExpert:
		q = q.Where("audience = 'all'")
	}
	total, err := page.Scan(ctx, q, p, &rows)
	return page.Map(rows, total, func(a Announcement) Announcement { return a }), err
}

// AllAnnouncements lists every one for the editor; state "" means all.
func (s *Service) AllAnnouncements(ctx context.Context, state State, p page.Query) (page.Of[Announcement], error) {
	var rows []Announcement
	q := s.db.Select(&rows).Order("created_at DESC", "id DESC")
	if state != "" {
		q = q.Where("state = ?", state)
	}
	total, err := page.Scan(ctx, q, p, &rows)
	return page.Map(rows, total, func(a Announcement) Announcement { return a }), err
}

func findAnnouncement(ctx context.Context, r db.Reader, i id.ID) (a Announcement, err error) {
	err = r.Select(&a).Where("id = ?", i).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return a, err
}
