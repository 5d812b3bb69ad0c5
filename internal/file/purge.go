package file

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

const (
	unusedFor = 7 * 24 * time.Hour // an upload that nothing uses goes after that
	tempFor   = 24 * time.Hour     // a temporary file whose upload never ended
)

// Names answers which uploads unfinished work of a company still names.
type Names func(ctx context.Context, org id.ID) ([]id.ID, error)

// KeptBy asks, before an unused upload is dropped, whether a draft names it.
func (s *Service) KeptBy(names Names) { s.kept = append(s.kept, names) }

// Purge drops uploads that nothing has used for a week, those in pieces that
// nobody went on with, and what interrupted uploads left behind.
func (s *Service) Purge(ctx context.Context) error {
	err := errors.Join(s.purgeDir("tmp", tempFor), s.purgeDir(partsDir, 2*transferFor), s.purgeTransfers(ctx))
	before := clock.At(s.db.Now()).Add(-unusedFor)
	last := id.ID(0)
	for {
		var rows []row
		found := s.db.Select(&rows).Where("used_at = 0 AND created_at < ? AND id > ?", before, last).Order("id").Limit(100).Scan(ctx)
		if found != nil || len(rows) == 0 {
			return errors.Join(err, found)
		}
		last = rows[len(rows)-1].ID
		for org, uploads := range byCompany(rows) {
			err = errors.Join(err, s.drop(ctx, org, uploads))
		}
	}
}

func byCompany(rows []row) map[id.ID][]row {
	out := map[id.ID][]row{}
	for _, r := range rows {
		out[r.OrgID] = append(out[r.OrgID], r)
	}
	return out
}

func (s *Service) drop(ctx context.Context, org id.ID, uploads []row) error {
	for _, names := range s.kept {
		kept, err := names(ctx, org)
		if err != nil {
			return err
		}
		uploads = slices.DeleteFunc(uploads, func(r row) bool { return slices.Contains(kept, r.ID) })
	}
	for _, r := range uploads {
		err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `DELETE FROM file_grants WHERE file_id = ? AND EXISTS (SELECT 1 FROM files WHERE id = ? AND used_at = 0)`, r.ID, r.ID); err != nil {
				return err
			}
			gone, err := tx.ExecOne(ctx, `DELETE FROM files WHERE id = ? AND used_at = 0`, r.ID)
			if gone {
				tx.OnCommit(func() {
					s.forget(r.StoreKey)
					s.forgetSmall(r.StoreKey)
				})
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// forget removes a content whose row is gone; what stays behind costs room only.
func (s *Service) forget(key string) {
	if err := s.root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
		slog.Warn("an unused upload could not be removed", "key", key, "error", err)
	}
}

// purgeDir removes what a folder of unfinished work holds for too long.
func (s *Service) purgeDir(name string, keep time.Duration) error {
	dir, err := s.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer dir.Close() //nolint:errcheck // read only
	entries, err := dir.ReadDir(-1)
	before := s.db.Now().Add(-keep)
	for _, e := range entries {
		if info, gone := e.Info(); gone == nil && info.ModTime().Before(before) {
			err = errors.Join(err, s.root.Remove(name+"/"+e.Name()))
		}
	}
	return err
}

// mark takes files that the caller has looked at, unless one was dropped meanwhile.
func mark(ctx context.Context, tx *db.Tx, ids []id.ID) (whole bool, err error) {
	now := clock.At(tx.Now())
	n, err := tx.Exec(ctx, `UPDATE files SET used_at = CASE WHEN used_at = 0 THEN ? ELSE used_at END WHERE id IN (?)`, now, bun.List(ids))
	return n == int64(len(ids)), err
}
