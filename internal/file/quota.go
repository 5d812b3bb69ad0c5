package file

import (
	"context"
	"sync"

	"github.com/uptrace/bun"

	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// What one company may have here. A staff member and all visitors together count
// like a company each.
const (
	unusedLimit   = 200      // uploads that nothing uses yet
	unusedBytes   = 2 << 30  // of those
	storedBytes   = 20 << 30 // of everything
	parallelLimit = 8        // uploads on the way at the same time
)

// Refusals of the quota.
var (
	ErrQuota    = errs.New(errs.TooMany, "file.too_many")
	ErrParallel = errs.New(errs.TooMany, "file.too_many_at_once")
	ErrStored   = errs.New(errs.TooLarge, "file.storage_used_up")
)

type asker interface {
	Raw(query string, args ...any) *bun.RawQuery
}

// room refuses an upload of so many bytes when there is no room for it. An upload
// that comes in pieces counts with its whole size from the beginning.
func room(ctx context.Context, q asker, who Viewer, size int64) error {
	var has struct{ Unused, UnusedBytes, Bytes int64 }
	err := q.Raw(`
		SELECT count(CASE WHEN used_at = 0 THEN 1 END) AS unused,
			coalesce(sum(CASE WHEN used_at = 0 THEN size END), 0) AS unused_bytes, coalesce(sum(size), 0) AS bytes
		FROM (
			SELECT used_at, size FROM files WHERE org_id = ? AND (org_id <> 0 OR user_id = ?)
			UNION ALL
			SELECT 0 AS used_at, size FROM transfers WHERE file_id = 0 AND org_id = ? AND (org_id <> 0 OR user_id = ?)
		) all_uploads`, who.OrgID, who.UserID, who.OrgID, who.UserID).Scan(ctx, &has)
	switch {
	case err != nil:
		return err
	case has.Bytes+size > storedBytes:
		return ErrStored.With("max", "20 GB")
	case has.Unused >= unusedLimit || has.UnusedBytes+size > unusedBytes:
		return ErrQuota.After(3600)
	}
	return nil
}

// flights counts the uploads on the way, by owner.
type flights struct {
	mu sync.Mutex
	n  map[[2]id.ID]int
}

// begin takes a place; the answer gives it back.
func (f *flights) begin(who Viewer) (end func(), err error) {
	owner := [2]id.ID{who.OrgID}
	if who.OrgID == 0 {
		owner[1] = who.UserID
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.n == nil {
		f.n = map[[2]id.ID]int{}
	}
	if f.n[owner] >= parallelLimit {
		return nil, ErrParallel.After(5)
	}
	f.n[owner]++
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.n[owner]--; f.n[owner] == 0 {
			delete(f.n, owner)
		}
	}, nil
}
