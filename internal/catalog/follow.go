package catalog

import (
	"cmp"
	"context"
	"encoding/json"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// syncEvery is how often a process looks for changes that another one made.
const syncEvery = time.Second

// follower keeps an index in step with the database.
type follower struct {
	mu      sync.Mutex   // of whoever brings it up to date
	loaded  bool         // everything was read once
	loading atomic.Bool  // everything is being read
	seen    atomic.Int64 // version that the index shows
	checked atomic.Int64 // when it was right, milliseconds; 0: look again
}

// fresh tells, without waiting for anybody, that the index need not be looked after.
func (f *follower) fresh(now time.Time) bool {
	at := f.checked.Load()
	return at != 0 && now.Sub(time.UnixMilli(at)).Abs() < syncEvery
}

// Version changes with everything that the catalogue shows to everybody.
func (s *Service) Version(ctx context.Context) (int64, error) {
	err := s.sync(ctx)
	return s.follow.seen.Load(), err
}

// changed marks an offering for every process that holds an index. The version
// row is locked until the commit, so versions appear in order.
func (s *Service) changed(ctx context.Context, tx *db.Tx, offeringID id.ID) error {
	if _, err := tx.Exec(ctx, `UPDATE versions SET value = value + 1 WHERE name = 'catalog'`); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE offerings SET index_version = (SELECT value FROM versions WHERE name = 'catalog') WHERE id = ?`, offeringID)
	tx.OnCommit(func() {
		s.follow.mu.Lock()
		s.follow.checked.Store(0)
		s.follow.mu.Unlock()
	})
	return err
}

// Refresh reads an offering into the index again although it did not change:
// when its provider's name or verification did.
func (s *Service) Refresh(ctx context.Context, tx *db.Tx, orgID id.ID) error {
	var ids []id.ID
	err := tx.Raw(`SELECT id FROM offerings WHERE org_id = ? AND live_revision <> 0`, orgID).Scan(ctx, &ids)
	for _, o := range ids {
		if err == nil {
			err = s.changed(ctx, tx, o)
		}
	}
	return err
}

// sync brings the index up to the version row: everything at the start, then
// only what changed.
func (s *Service) sync(ctx context.Context) error {
	f, now := &s.follow, s.db.Now()
	if f.fresh(now) {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fresh(now) { // by the one before
		return nil
	}
	var version int64
	if err := s.db.Raw(`SELECT value FROM versions WHERE name = 'catalog'`).Scan(ctx, &version); err != nil {
		return err
	}
	if !f.loaded || version > f.seen.Load() {
		if err := s.load(ctx, !f.loaded, f.seen.Load()); err != nil {
			return err
		}
	}
	f.loaded = true
	f.seen.Store(version)
	f.checked.Store(now.UnixMilli())
	return nil
}

// manyAtOnce are read in one go when all offerings are: the contents of all of
// them together are far larger than the index.
const manyAtOnce = 500

// load reads all offerings into the index, or those that changed after a version.
func (s *Service) load(ctx context.Context, all bool, seen int64) error {
	if !all {
		rows, err := s.readSome(ctx, `WHERE o.index_version > ?`, seen)
		if err != nil {
			return err
		}
		return s.take(ctx, rows)
	}
	s.follow.loading.Store(true)
	defer s.follow.loading.Store(false)
	// While some are taken in on one processor, the next are read on another.
	hands, ctx := errgroup.WithContext(ctx)
	hands.SetLimit(max(2, runtime.GOMAXPROCS(0)))
	var err error
	for after := id.ID(0); ; {
		var rows []listedRow
		if rows, err = s.readSome(ctx, `WHERE o.id > ? AND o.status = ? ORDER BY o.id LIMIT ?`, after, Listed, s.atOnce); err != nil || len(rows) == 0 {
			break
		}
		after = rows[len(rows)-1].ID
		hands.Go(func() error { return s.take(ctx, rows) })
	}
	if err := cmp.Or(hands.Wait(), err); err != nil {
		return err
	}
	s.index.tidy()
	s.index.orderAll()
	return nil
}

// Loading says that the process has begun and is still reading what is on sale:
// whoever asks for it waits.
func (s *Service) Loading() bool { return s.follow.loading.Load() }

// listedRow is an offering and what buyers read of it.
type listedRow struct {
	Offering `bun:",extend"`
	Content  string
}

// readSome reads some offerings.
func (s *Service) readSome(ctx context.Context, which string, args ...any) (rows []listedRow, err error) {
	err = s.db.Raw(`SELECT o.id, o.org_id, o.kind, o.status, o.name, o.cover_file, o.listed_at, o.sales, o.score_sum, o.score_count, r.content
		FROM offerings o JOIN revisions r ON r.id = o.live_revision `+which, args...).Scan(ctx, &rows)
	return rows, err
}

// take puts what is on sale into the index, and takes out what no longer is.
func (s *Service) take(ctx context.Context, rows []listedRow) error {
	if len(rows) == 0 {
		return nil
	}
	orgs := []id.ID{}
	for _, r := range rows {
		orgs = append(orgs, r.OrgID)
	}
	slices.Sort(orgs)
	companies, err := s.companies.Companies(ctx, s.db, slices.Compact(orgs)...)
	if err != nil {
		return err
	}
	s.index.meet(companies)
	said := map[id.ID]string{} // once for each company, which is some work
	for org, c := range companies {
		said[org] = sounds(c.Name)
	}
	for _, r := range rows {
		company := companies[r.OrgID]
		if r.Status != Listed || !company.Verified {
			s.index.remove(r.ID)
			continue
		}
		var c listedContent
		if err := json.Unmarshal([]byte(r.Content), &c); err != nil {
			return err
		}
		s.index.put(c.entry(r.Offering, company, said[r.OrgID]))
	}
	return nil
}
