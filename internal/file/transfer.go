package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// MaxPiece is the most that one piece of an upload may hold, in bytes.
const MaxPiece = 4 * mib

// transferFor is how long an upload may rest before it is given up.
const transferFor = 3 * 24 * time.Hour

// Transfer is an upload that comes in pieces, so that it can go on after a broken
// line, a closed page or a restart. Its pieces are appended to a file beside the
// store; the length of that file is the offset, and nothing else knows it.
type Transfer struct {
	ID      id.ID
	Purpose Purpose
	Name    string
	Size    int64
	Offset  int64 // bytes that are here
	File    File  // what it has become; without an id while it is not whole
}

// Refusals of transfers.
var (
	ErrOffset = errs.New(errs.Conflict, "file.wrong_offset")
	ErrMoving = errs.New(errs.Conflict, "file.piece_on_the_way")
	ErrLength = errs.New(errs.TooLarge, "file.more_than_declared")
)

type transferRow struct {
	bun.BaseModel `bun:"table:transfers"`

	ID      id.ID `bun:",pk"`
	Purpose Purpose
	UserID  id.ID
	OrgID   id.ID
	Name    string
	Size    int64
	FileID  id.ID
	BegunAt clock.Instant
	MovedAt clock.Instant
}

func (r transferRow) path() string { return partsDir + "/" + r.ID.String() }

const partsDir = "parts"

// Begin announces an upload in pieces. What can be refused by name, size or quota
// is refused here, before anything travels.
func (s *Service) Begin(ctx context.Context, who Viewer, purpose Purpose, name string, size int64) (Transfer, error) {
	rule, ok := rules[purpose]
	switch {
	case !ok:
		return Transfer{}, ErrPurpose
	case size <= 0:
		return Transfer{}, ErrEmpty
	case size > rule.Max:
		return Transfer{}, ErrTooLarge.With("max", rule.MaxText())
	case !slices.Contains(rule.Types, strings.ToLower(strings.TrimPrefix(filepath.Ext(name), "."))):
		return Transfer{}, rule.refuse()
	}
	r := transferRow{ID: id.New(), Purpose: purpose, UserID: who.UserID, OrgID: who.OrgID, Name: cleanName(name), Size: size}
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := room(ctx, tx, who, size); err != nil {
			return err
		}
		r.BegunAt = clock.At(tx.Now())
		r.MovedAt = r.BegunAt
		_, err := tx.Insert(&r).Exec(ctx)
		return err
	})
	return Transfer{ID: r.ID, Purpose: purpose, Name: r.Name, Size: size}, err
}

// Progress tells how far an own upload is; also of one that became a file, whose
// last answer may have been lost.
func (s *Service) Progress(ctx context.Context, who Viewer, transferID id.ID) (Transfer, error) {
	r, err := s.transfer(ctx, who, transferID)
	if err != nil {
		return Transfer{}, err
	}
	return s.progress(ctx, r)
}

func (s *Service) progress(ctx context.Context, r transferRow) (Transfer, error) {
	t := Transfer{ID: r.ID, Purpose: r.Purpose, Name: r.Name, Size: r.Size}
	if r.FileID != 0 {
		files, err := s.Describe(ctx, r.FileID)
		t.Offset, t.File = r.Size, files[r.FileID]
		return t, err
	}
	info, err := s.root.Stat(r.path())
	if errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err == nil {
		t.Offset = info.Size()
	}
	return t, err
}

// transfer finds an upload of the caller himself; any other is not there.
func (s *Service) transfer(ctx context.Context, who Viewer, transferID id.ID) (r transferRow, err error) {
	err = s.db.Select(&r).Where("id = ? AND user_id = ? AND user_id <> 0", transferID, who.UserID).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return r, err
}

// Append adds the piece that begins at offset, which must be where the last one
// ended. The last piece makes the upload a file, judged like any other.
func (s *Service) Append(ctx context.Context, who Viewer, transferID id.ID, offset int64, piece io.Reader) (Transfer, error) {
	if _, err := s.transfer(ctx, who, transferID); err != nil {
		return Transfer{}, err
	}
	end, err := s.flights.begin(who)
	if err != nil {
		return Transfer{}, err
	}
	defer end()
	if !s.moving.take(transferID) {
		return Transfer{}, ErrMoving
	}
	defer s.moving.give(transferID)
	r, err := s.transfer(ctx, who, transferID) // again: it may have ended meanwhile
	if err != nil {
		return Transfer{}, err
	}
	t, err := s.progress(ctx, r)
	switch {
	case err != nil:
		return Transfer{}, err
	case t.File.ID != 0:
		return t, nil
	case t.Offset != offset:
		return Transfer{}, ErrOffset.In(fmt.Sprint(t.Offset))
	}
	n, err := s.grow(r, offset, piece)
	t.Offset = offset + n
	if err != nil {
		return Transfer{}, full(err)
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE transfers SET moved_at = ? WHERE id = ?`, clock.At(tx.Now()), r.ID)
		return err
	})
	if err == nil && t.Offset == r.Size {
		t.File, err = s.finish(ctx, who, r)
	}
	return t, err
}

// grow writes a piece at the end of what is here. Of a piece that breaks off, what
// arrived stays; one that is longer than the upload leaves nothing.
func (s *Service) grow(r transferRow, offset int64, piece io.Reader) (n int64, err error) {
	if err := s.root.MkdirAll(partsDir, 0o700); err != nil {
		return 0, err
	}
	f, err := s.root.OpenFile(r.path(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return 0, err
	}
	defer f.Close() //nolint:errcheck // synced below
	n, err = io.Copy(f, io.LimitReader(piece, r.Size-offset+1))
	if n > r.Size-offset {
		return 0, errors.Join(ErrLength, f.Truncate(offset))
	}
	return n, errors.Join(err, f.Sync())
}

// finish makes a whole upload a file. What is refused is gone: to send it again
// would not make it better. After a fault the last piece may be asked for again.
func (s *Service) finish(ctx context.Context, who Viewer, r transferRow) (File, error) {
	part, err := s.root.Open(r.path())
	if err != nil {
		return File{}, err
	}
	defer part.Close() //nolint:errcheck // read only
	got, err := s.receive(ctx, rules[r.Purpose], r.Name, part)
	if err != nil {
		if errs.Of(err).Kind != errs.Internal && errs.Of(err).Kind != errs.Unavailable {
			err = errors.Join(err, s.dropTransfer(ctx, r))
		}
		return File{}, full(err)
	}
	f, err := s.store(ctx, who, r.Purpose, r.Name, got, func(ctx context.Context, tx *db.Tx, fileID id.ID) error {
		ok, err := tx.ExecOne(ctx, `UPDATE transfers SET file_id = ? WHERE id = ? AND file_id = 0`, fileID, r.ID)
		if err == nil && !ok {
			err = errs.ErrNotFound
		}
		return err
	})
	if err == nil {
		s.forget(r.path())
	}
	return f, err
}

// Abandon drops an upload that its owner does not want to go on with.
func (s *Service) Abandon(ctx context.Context, who Viewer, transferID id.ID) error {
	r, err := s.transfer(ctx, who, transferID)
	if err != nil {
		return err
	}
	if !s.moving.take(transferID) {
		return ErrMoving
	}
	defer s.moving.give(transferID)
	return s.dropTransfer(ctx, r)
}

func (s *Service) dropTransfer(ctx context.Context, r transferRow) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM transfers WHERE id = ?`, r.ID); err != nil {
			return err
		}
		tx.OnCommit(func() { s.forget(r.path()) })
		return nil
	})
}

// purgeTransfers gives up uploads in which nothing moved for some days.
func (s *Service) purgeTransfers(ctx context.Context) error {
	before := clock.At(s.db.Now()).Add(-transferFor)
	for {
		var rows []transferRow
		if err := s.db.Select(&rows).Where("moved_at < ?", before).Limit(100).Scan(ctx); err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			if err := s.dropTransfer(ctx, r); err != nil {
				return err
			}
		}
	}
}

// busy holds the uploads that take a piece right now.
type busy struct {
	mu  sync.Mutex
	ids map[id.ID]bool
}

func (b *busy) take(one id.ID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ids[one] {
		return false
	}
	if b.ids == nil {
		b.ids = map[id.ID]bool{}
	}
	b.ids[one] = true
	return true
}

func (b *busy) give(one id.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.ids, one)
}
