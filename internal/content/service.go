package content

import (
	"context"
	"slices"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// ErrFile refuses an attachment or picture that the editor does not own.
var ErrFile = errs.New(errs.Invalid, "content.unknown_file")

// Service is the use cases of this module.
type Service struct {
	db    *db.DB
	files *file.Service
}

// New joins the database and the uploads.
func New(d *db.DB, files *file.Service) *Service { return &Service{db: d, files: files} }

// Create writes a notice as a draft.
func (s *Service) Create(ctx context.Context, who account.Principal, t NoticeText) (n Notice, err error) {
	if err := t.clean(); err != nil {
		return n, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := clock.At(tx.Now())
		n = Notice{ID: id.New(), State: Draft, CreatedBy: who.UserID, CreatedAt: now, Version: 1}
		n.set(t, now)
		if _, err := tx.Insert(&n).Exec(ctx); err != nil {
			return err
		}
		if n.Files, err = s.attach(ctx, tx, who, n, t.Files); err != nil {
			return err
		}
		return trail(ctx, tx, who, "content.notice_create", "notice", n.ID, map[string]any{"title": n.Title})
	})
	return n, err
}

// Edit changes a notice in any state; a published one changes at once.
func (s *Service) Edit(ctx context.Context, who account.Principal, i id.ID, version int64, t NoticeText) (n Notice, err error) {
	if err := t.clean(); err != nil {
		return n, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if n, err = findNotice(ctx, tx, i); err != nil {
			return err
		}
		n.set(t, clock.At(tx.Now()))
		n.Version = version + 1
		res, err := tx.Update(&n).WherePK().Where("version = ?", version).Exec(ctx)
		if err != nil {
			return err
		}
		if hit, err := res.RowsAffected(); err != nil || hit == 0 {
			return orStale(err)
		}
		if n.Files, err = s.attach(ctx, tx, who, n, t.Files); err != nil {
			return err
		}
		return trail(ctx, tx, who, "content.notice_edit", "notice", i, map[string]any{"title": n.Title, "state": n.State})
	})
	return n, err
}

func orStale(err error) error {
	if err == nil {
		err = errs.ErrStale
	}
	return err
}

func (n *Notice) set(t NoticeText, now clock.Instant) {
	n.Title, n.Issuer, n.DocNumber, n.Topic, n.Contact = t.Title, t.Issuer, t.DocNumber, t.Topic, t.Contact
	n.Body, n.Summary, n.Pinned, n.SurveyID, n.UpdatedAt = t.Body, textOf(t.Body, 120), t.Pinned, t.SurveyID, now
}

// attach takes the files and the pictures of the body, and opens them to
// everybody once the notice is out.
func (s *Service) attach(ctx context.Context, tx *db.Tx, who account.Principal, n Notice, ids []id.ID) ([]Attachment, error) {
	all := slices.Clone(ids)
	for _, m := range imgSource.FindAllStringSubmatch(n.Body, -1) {
		pic, err := id.Parse(m[1])
		if err != nil {
			return nil, ErrFile
		}
		all = append(all, pic)
	}
	slices.Sort(all)
	files, err := s.files.Claim(ctx, tx, who.OrgID, file.NoticeFile, slices.Compact(all)...)
	if err != nil {
		if errs.Of(err).Code == errs.ErrNotFound.Code {
			err = ErrFile
		}
		return nil, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM notice_files WHERE notice_id = ?`, n.ID); err != nil {
		return nil, err
	}
	var out []Attachment
	for i, want := range ids {
		at := slices.IndexFunc(files, func(f file.File) bool { return f.ID == want })
		out = append(out, Attachment{NoticeID: n.ID, Position: int64(i), FileID: want, Name: files[at].Name, Size: files[at].Size})
	}
	if len(out) > 0 {
		if _, err := tx.Insert(&out).Exec(ctx); err != nil {
			return nil, err
		}
	}
	if n.State != Published {
		return out, nil
	}
	return out, s.open(ctx, tx, files)
}

func (s *Service) open(ctx context.Context, tx *db.Tx, files []file.File) error {
	for _, f := range files {
		if err := s.files.Grant(ctx, tx, f.ID, file.Public); err != nil {
			return err
		}
	}
	return nil
}

// Publish brings a draft or a withdrawn notice to the portal, with its files.
func (s *Service) Publish(ctx context.Context, who account.Principal, i id.ID) (Notice, error) {
	return s.move(ctx, who, i, func(n *Notice, now clock.Instant) bool {
		ok := n.State != Published
		n.State, n.WithdrawnAt = Published, 0
		if n.PublishedAt == 0 {
			n.PublishedAt = now
		}
		return ok
	})
}

// Withdraw takes a notice off the list; its address keeps a mark.
func (s *Service) Withdraw(ctx context.Context, who account.Principal, i id.ID) (Notice, error) {
	return s.move(ctx, who, i, func(n *Notice, now clock.Instant) bool {
		ok := n.State == Published
		n.State, n.WithdrawnAt = Withdrawn, now
		return ok
	})
}

func (s *Service) move(ctx context.Context, who account.Principal, i id.ID, step func(*Notice, clock.Instant) bool) (n Notice, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if n, err = findNotice(ctx, tx, i); err != nil {
			return err
		}
		from := n.State
		if !step(&n, clock.At(tx.Now())) {
			return errs.ErrInvalidState.In(string(from))
		}
		ok, err := tx.ExecOne(ctx, `
			UPDATE notices SET state = ?, published_at = ?, withdrawn_at = ?, updated_at = ?, version = version + 1
			WHERE id = ? AND state = ?`, n.State, n.PublishedAt, n.WithdrawnAt, clock.At(tx.Now()), i, from)
		if err != nil {
			return err
		}
		if !ok {
			return errs.ErrStale
		}
		n.Version++
		if n.State == Published {
			ids := make([]id.ID, 0, len(n.Files))
			for _, f := range n.Files {
				ids = append(ids, f.FileID)
			}
			if n.Files, err = s.attach(ctx, tx, who, n, ids); err != nil {
				return err
			}
		}
		return trail(ctx, tx, who, "content.notice_"+string(n.State), "notice", i, map[string]any{"from": from})
	})
	return n, err
}

// Drop deletes a draft that was never published.
func (s *Service) Drop(ctx context.Context, who account.Principal, i id.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := findNotice(ctx, tx, i)
		if err != nil {
			return err
		}
		if n.State != Draft || n.PublishedAt != 0 {
			return errs.ErrInvalidState.In(string(n.State))
		}
		if _, err := tx.Exec(ctx, `DELETE FROM notice_files WHERE notice_id = ?`, i); err != nil {
			return err
		}
		ok, err := tx.ExecOne(ctx, `DELETE FROM notices WHERE id = ? AND state = 'draft'`, i)
		if err != nil {
			return err
		}
		if !ok {
			return errs.ErrStale
		}
		return trail(ctx, tx, who, "content.notice_delete", "notice", i, map[string]any{"title": n.Title})
	})
}

// Notices lists what the portal shows: pinned first, then newest. text narrows by title.
func (s *Service) Notices(ctx context.Context, text string, p page.Query) (page.Of[Notice], error) {
	var rows []Notice
	q := s.db.Select(&rows).ExcludeColumn("body").Where("state = ?", Published).Order("pinned DESC", "published_at DESC", "id DESC")
	if text != "" {
		q = q.Where("title LIKE ? ESCAPE '!'", db.Contains(text))
	}
	total, err := page.Scan(ctx, q, p, &rows)
	return page.Map(rows, total, func(n Notice) Notice { return n }), err
}

// Notice is one published notice. A withdrawn one is still there, without its
// body; a draft is not.
func (s *Service) Notice(ctx context.Context, i id.ID) (Notice, error) {
	n, err := findNotice(ctx, s.db, i)
	switch {
	case err != nil:
		return Notice{}, err
	case n.State == Draft:
		return Notice{}, errs.ErrNotFound
	case n.State == Withdrawn:
		n.Body, n.Summary, n.Files, n.SurveyID = "", "", nil, 0
	}
	return n, nil
}

// Neighbors are the published notices before and after one, for reading on; the
// zero Notice means that there is none.
func (s *Service) Neighbors(ctx context.Context, n Notice) (older, newer Notice, err error) {
	find := func(into *Notice, where, order string) error {
		err := s.db.Select(into).Column("id", "title").Where("state = ? AND id <> ?", Published, n.ID).
			Where(where, n.PublishedAt, n.PublishedAt, n.ID).OrderExpr(order).Limit(1).Scan(ctx)
		if db.IsNotFound(err) {
			return nil
		}
		return err
	}
	if err = find(&older, "(published_at < ? OR published_at = ? AND id < ?)", "published_at DESC, id DESC"); err != nil {
		return older, newer, err
	}
	err = find(&newer, "(published_at > ? OR published_at = ? AND id > ?)", "published_at, id")
	return older, newer, err
}

// All lists notices for the editor; state "" means every state.
func (s *Service) All(ctx context.Context, state State, text string, p page.Query) (page.Of[Notice], error) {
	var rows []Notice
	q := s.db.Select(&rows).ExcludeColumn("body").Order("created_at DESC", "id DESC")
	if state != "" {
		q = q.Where("state = ?", state)
	}
	if text != "" {
		q = q.Where("title LIKE ? ESCAPE '!'", db.Contains(text))
	}
	total, err := page.Scan(ctx, q, p, &rows)
	return page.Map(rows, total, func(n Notice) Notice { return n }), err
}

// Find is one notice for the editor, in any state.
func (s *Service) Find(ctx context.Context, i id.ID) (Notice, error) { return findNotice(ctx, s.db, i) }

func findNotice(ctx context.Context, r db.Reader, i id.ID) (n Notice, err error) {
	err = r.Select(&n).Where("id = ?", i).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	if err != nil {
		return n, err
	}
	return n, r.Select(&n.Files).Where("notice_id = ?", i).Order("position").Scan(ctx)
}

func trail(ctx context.Context, tx *db.Tx, who account.Principal, action, kind string, object id.ID, detail map[string]any) error {
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{Action: action, ObjectKind: kind, ObjectID: object, Detail: detail})
}
