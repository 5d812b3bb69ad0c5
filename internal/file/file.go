// Package file keeps uploads: limits and types by purpose, judged by content,
// stored under random keys, readable by their company and by whoever was granted.
// It knows nothing of what a file is for beyond its purpose.
package file

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unicode"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// File is one stored upload.
type File struct {
	ID        id.ID
	Purpose   Purpose
	OrgID     id.ID
	UserID    id.ID
	Name      string // as its owner called it, cleaned
	MIME      string // found from the content
	Size      int64  // bytes
	SHA256    string
	Width     int // pixels, of pictures
	Height    int
	CreatedAt clock.Instant

	key string // in the store
}

// Refusals of this module.
var (
	ErrTooLarge = errs.New(errs.TooLarge, "file.too_large")
	ErrType     = errs.New(errs.Invalid, "file.wrong_type")
	ErrBroken   = errs.New(errs.Invalid, "file.unreadable")
	ErrEmpty    = errs.New(errs.Invalid, "file.empty")
	ErrPixels   = errs.New(errs.Invalid, "file.too_many_pixels")
	ErrPurpose  = errs.New(errs.Invalid, "file.unknown_purpose")
	ErrInfected = errs.New(errs.Invalid, "file.infected")
	ErrMacro    = errs.New(errs.Invalid, "file.macro")
	ErrNoScan   = errs.New(errs.Unavailable, "file.scanner_down")
)

// Viewer is who wants to read.
type Viewer struct {
	UserID id.ID
	OrgID  id.ID
	Rights []string // permissions that he holds
}

// Public lets everybody read.
const Public = "public"

// ToOrg lets a company read.
func ToOrg(org id.ID) string { return "org:" + org.String() }

// ToUser lets one person read.
func ToUser(user id.ID) string { return "user:" + user.String() }

// ToRight lets everybody read who holds a permission.
func ToRight(right string) string { return "right:" + right }

// ToSeat lets those read who sit on a panel, as long as they do.
func ToSeat(panel id.ID) string { return "seat:" + panel.String() }

// Seats tells on which panels a user sits now, with the right to read.
type Seats func(ctx context.Context, r db.Reader, userID id.ID) ([]id.ID, error)

type row struct {
	bun.BaseModel `bun:"table:files"`

	ID        id.ID `bun:",pk"`
	Purpose   Purpose
	UserID    id.ID
	OrgID     id.ID
	Name      string
	MIME      string `bun:"mime"`
	Size      int64
	SHA256    string `bun:"sha256"`
	Width     int64
	Height    int64
	StoreKey  string
	CreatedAt clock.Instant
	UsedAt    clock.Instant
}

func (r row) file() File {
	return File{
		ID: r.ID, Purpose: r.Purpose, OrgID: r.OrgID, UserID: r.UserID, Name: r.Name, MIME: r.MIME, Size: r.Size,
		SHA256: r.SHA256, Width: int(r.Width), Height: int(r.Height), CreatedAt: r.CreatedAt, key: r.StoreKey,
	}
}

// Service stores uploads in a folder.
type Service struct {
	db   *db.DB
	dir  string
	root *os.Root
	kept []Names
	sits Seats // nil: nobody sits anywhere
	scan Scanner

	unpacking chan struct{} // one place: whoever holds it decodes a picture
	flights   flights
	moving    busy // uploads in pieces that take one right now
}

// New opens the folder, making it when it is not there.
func New(d *db.DB, dir string) (*Service, error) {
	if err := os.MkdirAll(filepath.Join(dir, "tmp"), 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	return &Service{db: d, dir: dir, root: root, unpacking: make(chan struct{}, 1)}, err
}

// Scanner looks for viruses: the name of what it found, or "". An error says that
// it could not look.
type Scanner interface {
	Scan(ctx context.Context, content io.Reader) (found string, err error)
}

// ScannedBy has every upload looked at before it is stored; what cannot be looked
// at is not taken. Without a scanner nobody looks.
func (s *Service) ScannedBy(scan Scanner) { s.scan = scan }

func (s *Service) scanned(ctx context.Context, f *os.File) error {
	if s.scan == nil {
		return nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	switch found, err := s.scan.Scan(ctx, f); {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		slog.ErrorContext(ctx, "virus scanner", "error", err)
		return ErrNoScan.After(60)
	case found != "":
		slog.WarnContext(ctx, "infected upload refused", "found", found)
		return ErrInfected.With("name", found)
	}
	return nil
}

// SeatedBy names who knows the panels; the wiring calls it.
func (s *Service) SeatedBy(sits Seats) { s.sits = sits }

// Save takes an upload. The content decides the type; pictures are decoded and
// written anew, which drops hidden parts such as places and authors.
func (s *Service) Save(ctx context.Context, who Viewer, purpose Purpose, name string, content io.Reader) (File, error) {
	rule, ok := rules[purpose]
	if !ok {
		return File{}, ErrPurpose
	}
	end, err := s.flights.begin(who)
	if err != nil {
		return File{}, err
	}
	defer end()
	if err := room(ctx, s.db, who, 0); err != nil {
		return File{}, err
	}
	got, err := s.receive(ctx, rule, name, content)
	if err != nil {
		return File{}, full(err)
	}
	return s.store(ctx, who, purpose, name, got, nil)
}

// store enters what was received into the table, and does also in the same transaction.
func (s *Service) store(
	ctx context.Context, who Viewer, purpose Purpose, name string, got received, also func(context.Context, *db.Tx, id.ID) error,
) (File, error) {
	r := row{
		ID: id.New(), Purpose: purpose, UserID: who.UserID, OrgID: who.OrgID, Name: cleanName(name), MIME: got.mime,
		Size: got.size, SHA256: got.sha256, Width: got.width, Height: got.height, StoreKey: got.key,
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if also != nil {
			if err := also(ctx, tx, r.ID); err != nil {
				return err
			}
		}
		if err := room(ctx, tx, who, r.Size); err != nil {
			return err
		}
		r.CreatedAt = clock.At(tx.Now())
		_, err := tx.Insert(&r).Exec(ctx)
		return err
	})
	if err != nil {
		return File{}, errors.Join(err, s.root.Remove(got.key))
	}
	return r.file(), nil
}

type received struct {
	key, mime, sha256   string
	size, width, height int64
}

// receive writes the content to a temporary file while it counts and hashes,
// checks it there, and moves it to its place.
func (s *Service) receive(ctx context.Context, rule Rule, name string, content io.Reader) (got received, err error) {
	tmp, err := os.CreateTemp(filepath.Join(s.dir, "tmp"), "up-*")
	if err != nil {
		return got, err
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // gone after the rename
	defer tmp.Close()           //nolint:errcheck // closed below on success
	n, err := io.Copy(tmp, io.LimitReader(content, rule.Max+1))
	switch {
	case err != nil:
		return got, err
	case n == 0:
		return got, ErrEmpty
	case n > rule.Max:
		return got, ErrTooLarge.With("max", rule.MaxText())
	}
	kind, err := s.inspect(ctx, rule, tmp, name)
	if err == nil {
		err = s.scanned(ctx, tmp)
	}
	if err != nil {
		return got, err
	}
	got.mime, got.width, got.height = kind.mime, kind.width, kind.height
	if kind.clean != nil {
		if err := rewrite(tmp, kind.clean); err != nil {
			return got, err
		}
	}
	if got.size, got.sha256, err = digest(tmp); err != nil {
		return got, err
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return got, err
	}
	key := make([]byte, 16)
	rand.Read(key) //nolint:errcheck // never fails since Go 1.24
	hexed := hex.EncodeToString(key)
	got.key = hexed[:2] + "/" + hexed[2:]
	if err := s.root.MkdirAll(hexed[:2], 0o700); err != nil {
		return got, err
	}
	if err := s.root.Rename("tmp/"+filepath.Base(tmp.Name()), got.key); err != nil {
		return got, err
	}
	return got, errors.Join(s.syncFolder(hexed[:2]), s.syncFolder("."))
}

// syncFolder makes the names in a folder outlast a power failure: a row must not
// name a file that is not there.
func (s *Service) syncFolder(name string) error {
	f, err := s.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// full tells a disk without room from other faults.
func full(err error) error {
	for _, is := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, is) {
			return fmt.Errorf("%w: %w", errs.ErrStorageFull.After(30), err)
		}
	}
	return err
}

func rewrite(f *os.File, clean []byte) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt(clean, 0)
	return err
}

func digest(f *os.File) (size int64, sum string, err error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return 0, "", err
	}
	h := sha256.New()
	size, err = io.Copy(h, f)
	return size, hex.EncodeToString(h.Sum(nil)), err
}

// Claim takes files for a business object within tx: they must belong to the
// company and have the purpose. A file of somebody else is "not there".
func (s *Service) Claim(ctx context.Context, tx *db.Tx, orgID id.ID, purpose Purpose, ids ...id.ID) ([]File, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	distinct := slices.Compact(slices.Sorted(slices.Values(ids)))
	var rows []row
	err := tx.Select(&rows).Where("id IN (?)", bun.List(distinct)).Where("org_id = ? AND purpose = ?", orgID, purpose).Scan(ctx)
	if err != nil {
		return nil, err
	}
	files := make([]File, 0, len(ids))
	for _, want := range ids {
		i := slices.IndexFunc(rows, func(r row) bool { return r.ID == want })
		if i < 0 {
			return nil, errs.ErrNotFound
		}
		files = append(files, rows[i].file())
	}
	whole, err := mark(ctx, tx, distinct)
	if err == nil && !whole {
		err = errs.ErrNotFound
	}
	return files, err
}

// Describe tells about files by id. It does not ask who wants to know: the caller
// names files of an object that it has already let somebody read.
func (s *Service) Describe(ctx context.Context, ids ...id.ID) (map[id.ID]File, error) {
	out := map[id.ID]File{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []row
	err := s.db.Select(&rows).Where("id IN (?)", bun.List(ids)).Scan(ctx)
	for _, r := range rows {
		out[r.ID] = r.file()
	}
	return out, err
}

// Grant lets others read a file.
func (s *Service) Grant(ctx context.Context, tx *db.Tx, fileID id.ID, grantees ...string) error {
	for _, g := range grantees {
		_, err := tx.Exec(ctx, `INSERT INTO file_grants (file_id, grantee, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, fileID, g, clock.At(tx.Now()))
		if err != nil {
			return err
		}
	}
	return nil
}

// Open finds a file that the viewer may read, with its content to be closed by
// the caller. Everything else is "not there".
func (s *Service) Open(ctx context.Context, who Viewer, fileID id.ID) (File, *os.File, error) {
	var r row
	err := s.db.Select(&r).Where("id = ?", fileID).Scan(ctx)
	if db.IsNotFound(err) {
		return File{}, nil, errs.ErrNotFound
	}
	if err != nil {
		return File{}, nil, err
	}
	if err := s.mayRead(ctx, who, r); err != nil {
		return File{}, nil, err
	}
	f, err := s.root.Open(r.StoreKey)
	if err != nil {
		return File{}, nil, fmt.Errorf("file %v is in the database but not in the store: %w", fileID, err)
	}
	return r.file(), f, nil
}

// IsPublic answers whether everybody may read a file.
func (s *Service) IsPublic(ctx context.Context, fileID id.ID) (bool, error) {
	var n int64
	err := s.db.Raw(`SELECT count(*) FROM file_grants WHERE file_id = ? AND grantee = ?`, fileID, Public).Scan(ctx, &n)
	return n > 0, err
}

// Look describes a file that the viewer may read; false for everything else.
func (s *Service) Look(ctx context.Context, who Viewer, fileID id.ID) (f File, ok bool, err error) {
	var r row
	err = s.db.Select(&r).Where("id = ?", fileID).Scan(ctx)
	if err == nil {
		err = s.mayRead(ctx, who, r)
	}
	if db.IsNotFound(err) || errors.Is(err, errs.ErrNotFound) {
		return File{}, false, nil
	}
	return r.file(), err == nil, err
}

func (s *Service) mayRead(ctx context.Context, who Viewer, r row) error {
	own := who.UserID != 0 && (r.UserID == who.UserID || r.OrgID != 0 && r.OrgID == who.OrgID)
	if own {
		return nil
	}
	grantees := []string{Public}
	if who.UserID != 0 {
		grantees = append(grantees, ToUser(who.UserID))
		for _, right := range who.Rights {
			grantees = append(grantees, ToRight(right))
		}
		if who.OrgID != 0 {
			grantees = append(grantees, ToOrg(who.OrgID))
		}
	}
	var n int64
	err := s.db.Raw(`SELECT count(*) FROM file_grants WHERE file_id = ? AND grantee IN (?)`, r.ID, bun.List(grantees)).Scan(ctx, &n)
	if err != nil || n > 0 {
		return err
	}
	return s.bySeat(ctx, who, r)
}

// bySeat lets a member of a panel read, who has no other right to the file.
func (s *Service) bySeat(ctx context.Context, who Viewer, r row) error {
	if s.sits == nil || who.UserID == 0 {
		return errs.ErrNotFound
	}
	panels, err := s.sits(ctx, s.db, who.UserID)
	if err != nil {
		return err
	}
	if len(panels) == 0 {
		return errs.ErrNotFound
	}
	grantees := make([]string, 0, len(panels))
	for _, p := range panels {
		grantees = append(grantees, ToSeat(p))
	}
	var n int64
	err = s.db.Raw(`SELECT count(*) FROM file_grants WHERE file_id = ? AND grantee IN (?)`, r.ID, bun.List(grantees)).Scan(ctx, &n)
	if err == nil && n == 0 {
		err = errs.ErrNotFound
	}
	return err
}

// cleanName keeps the last path element without control and direction characters, at most 120 characters.
func cleanName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`<>:"|?*`, r) {
			return -1
		}
		return r
	}, name)
	runes := []rune(strings.Trim(name, ". "))
	if len(runes) > 120 {
		ext := []rune(filepath.Ext(string(runes)))
		runes = append(runes[:120-min(len(ext), 10)], ext[:min(len(ext), 10)]...)
	}
	if len(runes) == 0 {
		return "file"
	}
	return string(runes)
}
