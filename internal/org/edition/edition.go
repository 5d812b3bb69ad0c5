// Package edition owns the versions of the company forms: which one is in force,
// the draft of the next, its publication. What a version may change belongs to
// form, what companies answered to org.
package edition

import (
	"context"
	"strconv"
	"strings"
	"sync"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/org/form"
)

// State of a version.
type State string

// The states. A published version never changes; the one with the highest number is in force.
const (
	Draft     State = "draft"
	Published State = "published"
)

// Version is one version of a kind's form.
type Version struct {
	bun.BaseModel `bun:"table:form_versions"`

	ID          id.ID `bun:",pk"`
	Kind        string
	Number      int64
	State       State
	Definition  string
	Note        string
	Edits       int64
	Editor      string
	CreatedAt   clock.Instant
	UpdatedAt   clock.Instant
	PublishedAt clock.Instant
}

// Refusals of this package.
var (
	ErrUnchanged = errs.New(errs.Conflict, "form.unchanged")
	ErrReplaced  = errs.New(errs.Conflict, "form.replaced")
)

// Book answers forms by version. Published versions are kept in memory, which
// version is in force is asked of the database each time, so that several
// processes agree.
type Book struct {
	db *db.DB

	mu    sync.RWMutex
	forms map[key]*form.Definition // published ones, as written (year 0) and as they read in a year
}

type key struct {
	kind   string
	number int64
	year   int
}

// New opens the book on a database.
func New(d *db.DB) *Book { return &Book{db: d, forms: map[key]*form.Definition{}} }

// Current is the form in force as it reads this year.
func (b *Book) Current(ctx context.Context, r db.Reader, kind string) (*form.Definition, error) {
	number, err := inForce(ctx, r, kind)
	if err != nil {
		return nil, err
	}
	return b.read(ctx, r, key{kind, number, yearNow(r)})
}

// Named is a published version by the name that submissions keep, "enterprise/2",
// as it reads in a year.
func (b *Book) Named(ctx context.Context, r db.Reader, name string, year int) (*form.Definition, error) {
	kind, version, _ := strings.Cut(name, "/")
	first, known := form.Builtin(kind)
	if !known {
		return nil, errs.ErrNotFound
	}
	number := int64(1)
	if version != first.Version {
		var err error
		if number, err = strconv.ParseInt(version, 10, 64); err != nil {
			return nil, errs.ErrNotFound
		}
	}
	return b.read(ctx, r, key{kind, number, year})
}

// Name is how submissions remember a form.
func Name(d *form.Definition) string { return d.Kind + "/" + d.Version }

// StillCurrent refuses when another version than d has come into force meanwhile.
func (b *Book) StillCurrent(ctx context.Context, r db.Reader, d *form.Definition) error {
	now, err := b.Current(ctx, r, d.Kind)
	if err == nil && now.Version != d.Version {
		err = ErrReplaced
	}
	return err
}

// InForce is the number of the version in force.
func (b *Book) InForce(ctx context.Context, kind string) (int64, error) {
	return inForce(ctx, b.db, kind)
}

func yearNow(r db.Reader) int { return r.Now().In(clock.Shanghai).Year() }

func inForce(ctx context.Context, r db.Reader, kind string) (number int64, err error) {
	err = r.Raw(`SELECT coalesce(max(number), 1) FROM form_versions WHERE kind = ? AND state = 'published'`, kind).Scan(ctx, &number)
	return number, err
}

// read answers a published version as written (year 0) or as it reads in a year.
func (b *Book) read(ctx context.Context, r db.Reader, k key) (*form.Definition, error) {
	b.mu.RLock()
	d, known := b.forms[k]
	b.mu.RUnlock()
	if known {
		return d, nil
	}
	d, err := b.load(ctx, r, k)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forms[k] = d
	return d, nil
}

func (b *Book) load(ctx context.Context, r db.Reader, k key) (*form.Definition, error) {
	if k.year != 0 {
		source, err := b.read(ctx, r, key{k.kind, k.number, 0})
		if err != nil {
			return nil, err
		}
		return source.In(k.year), nil
	}
	if k.number == 1 {
		if d, ok := form.Builtin(k.kind); ok {
			return d, nil
		}
		return nil, errs.ErrNotFound
	}
	var v Version
	err := r.Select(&v).Where("kind = ? AND number = ? AND state = ?", k.kind, k.number, Published).Scan(ctx)
	if db.IsNotFound(err) {
		return nil, errs.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return v.decode()
}

func (v Version) decode() (*form.Definition, error) {
	d, err := form.Decode([]byte(v.Definition))
	if err != nil {
		return nil, err
	}
	d.Version = strconv.FormatInt(v.Number, 10)
	return d, nil
}
