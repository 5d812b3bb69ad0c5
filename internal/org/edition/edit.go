package edition

import (
	"context"
	"strings"
	"unicode/utf8"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/org/form"
)

// Sheet is a version with its form, as an editor looks at it.
type Sheet struct {
	Version
	Source  *form.Definition  // as written, with year marks and what is retired
	Seen    *form.Definition  // as applicants see it this year
	Changes []string          // against the version before it
	Known   []string          // keys of the version before it: what answers may refer to
	Locked  map[string]string // keys that may not be retired, and whose rule reads them
}

// List answers the versions of a kind, newest first, the draft on top and the
// built-in one last.
func (b *Book) List(ctx context.Context, kind string) ([]Version, error) {
	if _, known := form.Builtin(kind); !known {
		return nil, errs.ErrNotFound
	}
	var rows []Version
	err := b.db.Select(&rows).ExcludeColumn("definition").Where("kind = ?", kind).Order("number DESC").Scan(ctx)
	return append(rows, first(kind)), err
}

// first is the built-in version, which has no row.
func first(kind string) Version { return Version{Kind: kind, Number: 1, State: Published} }

// Open answers one version.
func (b *Book) Open(ctx context.Context, kind string, number int64) (Sheet, error) {
	v := first(kind)
	if number != 1 {
		var err error
		if v, err = find(ctx, b.db, kind, number); err != nil {
			return Sheet{}, err
		}
	}
	return b.sheet(ctx, b.db, v)
}

func (b *Book) sheet(ctx context.Context, r db.Reader, v Version) (s Sheet, err error) {
	s.Version = v
	if v.State == Draft {
		s.Source, err = v.decode()
	} else {
		s.Source, err = b.read(ctx, r, key{v.Kind, v.Number, 0})
	}
	if err != nil {
		return s, err
	}
	s.Seen, s.Locked = s.Source.In(yearNow(r)), s.Source.Locked()
	s.Changes, s.Known = []string{}, []string{}
	if v.Number == 1 {
		s.Known = s.Source.Keys()
		return s, nil
	}
	before, err := b.read(ctx, r, key{v.Kind, v.Number - 1, 0})
	if err != nil {
		return s, err
	}
	s.Known = before.Keys()
	s.Changes = append(s.Changes, form.Changes(before.In(yearNow(r)), s.Seen)...)
	return s, nil
}

// Begin makes the draft of the next version from the one in force, or answers
// the draft that there is.
func (b *Book) Begin(ctx context.Context, who account.Principal, kind string) (s Sheet, err error) {
	if _, known := form.Builtin(kind); !known {
		return s, errs.ErrNotFound
	}
	err = b.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		number, err := inForce(ctx, tx, kind)
		if err != nil {
			return err
		}
		now := clock.At(tx.Now())
		v := Version{ID: id.New(), Kind: kind, Number: number + 1, State: Draft, Edits: 1, Editor: who.Username, CreatedAt: now, UpdatedAt: now}
		source, err := b.read(ctx, tx, key{kind, number, 0})
		if err != nil {
			return err
		}
		raw, err := source.Encode()
		if err != nil {
			return err
		}
		v.Definition = string(raw)
		fresh, err := tx.InsertNew(ctx, &v)
		if err != nil {
			return err
		}
		if !fresh {
			if v, err = find(ctx, tx, kind, v.Number); err != nil {
				return err
			}
		} else if err := trail(ctx, tx, who, v, "form.begin", nil); err != nil {
			return err
		}
		s, err = b.sheet(ctx, tx, v)
		return err
	})
	return s, err
}

// Save keeps the draft. edits is the count that the page began from: of two
// pages that save, the later is told (version_conflict).
func (b *Book) Save(ctx context.Context, who account.Principal, kind string, edits int64, sections []form.Section) (s Sheet, err error) {
	err = b.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		v, err := draft(ctx, tx, kind)
		if err != nil {
			return err
		}
		before, err := b.read(ctx, tx, key{kind, v.Number - 1, 0})
		if err != nil {
			return err
		}
		next, refused := before.Revise(sections)
		if err := refused.Err(); err != nil {
			return err
		}
		raw, err := next.Encode()
		if err != nil {
			return err
		}
		v.Definition, v.Editor, v.UpdatedAt, v.Edits = string(raw), who.Username, clock.At(tx.Now()), edits+1
		ok, err := tx.ExecOne(ctx, `
			UPDATE form_versions SET definition = ?, editor = ?, updated_at = ?, edits = edits + 1
			WHERE id = ? AND state = 'draft' AND edits = ?`, v.Definition, v.Editor, v.UpdatedAt, v.ID, edits)
		if err == nil && !ok {
			err = errs.ErrStale
		}
		if err != nil {
			return err
		}
		s, err = b.sheet(ctx, tx, v)
		return err
	})
	return s, err
}

// Publish puts the draft in force for every form that is filled in from now on.
// What was handed in before keeps its version.
func (b *Book) Publish(ctx context.Context, who account.Principal, kind string, edits int64, note string) (s Sheet, err error) {
	note = strings.TrimSpace(note)
	var refused errs.Fields
	switch n := utf8.RuneCountInString(note); {
	case n == 0:
		refused.Add("/note", form.CodeRequired)
	case n > 500:
		refused.Add("/note", form.CodeTooLong, "max", 500)
	}
	if err := refused.Err(); err != nil {
		return s, err
	}
	err = b.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		v, err := draft(ctx, tx, kind)
		if err != nil {
			return err
		}
		if s, err = b.sheet(ctx, tx, v); err != nil {
			return err
		}
		if len(s.Changes) == 0 {
			return ErrUnchanged
		}
		at := clock.At(tx.Now())
		ok, err := tx.ExecOne(ctx, `
			UPDATE form_versions SET state = 'published', note = ?, editor = ?, published_at = ?
			WHERE id = ? AND state = 'draft' AND edits = ?`, note, who.Username, at, v.ID, edits)
		if err == nil && !ok {
			err = errs.ErrStale
		}
		if err != nil {
			return err
		}
		s.State, s.Note, s.Editor, s.PublishedAt = Published, note, who.Username, at
		return trail(ctx, tx, who, v, "form.publish", map[string]any{"note": note, "changes": s.Changes})
	})
	return s, err
}

// Discard throws the draft away.
func (b *Book) Discard(ctx context.Context, who account.Principal, kind string, edits int64) error {
	return b.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		v, err := draft(ctx, tx, kind)
		if err != nil {
			return err
		}
		ok, err := tx.ExecOne(ctx, `DELETE FROM form_versions WHERE id = ? AND state = 'draft' AND edits = ?`, v.ID, edits)
		if err == nil && !ok {
			err = errs.ErrStale
		}
		if err != nil {
			return err
		}
		return trail(ctx, tx, who, v, "form.discard", nil)
	})
}

func find(ctx context.Context, r db.Reader, kind string, number int64) (v Version, err error) {
	err = r.Select(&v).Where("kind = ? AND number = ?", kind, number).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return v, err
}

func draft(ctx context.Context, r db.Reader, kind string) (v Version, err error) {
	err = r.Select(&v).Where("kind = ? AND state = ?", kind, Draft).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return v, err
}

func trail(ctx context.Context, tx *db.Tx, who account.Principal, v Version, action string, detail map[string]any) error {
	all := map[string]any{"kind": v.Kind, "number": v.Number}
	for k, d := range detail {
		all[k] = d
	}
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{Action: action, ObjectKind: "form", ObjectID: v.ID, Detail: all})
}
