// Package setting keeps what an administrator may change while the platform
// runs. Every setting is declared in one table with its default and limits;
// what an installation needs before it starts (addresses, keys) is config's.
package setting

import (
	"context"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Values of a switch.
const (
	On  = "on"
	Off = "off"
)

// Service reads and changes settings. It keeps no copy: a reading is one row by
// its key, so a change holds from the next request on, in every process.
type Service struct{ db *db.DB }

// New is called by the wiring.
func New(d *db.DB) *Service { return &Service{db: d} }

// Value is a setting with what it is now. Version is 0 while nobody has changed it.
type Value struct {
	Definition
	Value     string
	ChangedBy id.ID
	ChangedAt clock.Instant
	Version   int64
}

type row struct {
	bun.BaseModel `bun:"table:settings"`

	Key       Key `bun:",pk"`
	Value     string
	ChangedBy id.ID
	ChangedAt clock.Instant
	Version   int64
}

// On tells whether a switch is on.
func (s *Service) On(ctx context.Context, r db.Reader, key Key) (bool, error) {
	v, err := read(ctx, r, key)
	return v == On, err
}

var someValues = db.NewText(`SELECT key, value FROM settings WHERE key IN ?`)

// AllOn answers which of some switches are on, in one query.
func (s *Service) AllOn(ctx context.Context, r db.Reader, keys ...Key) ([]Key, error) {
	var rows []row
	if err := someValues.Scan(ctx, r, &rows, keys); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(keys), func(k Key) bool {
		i := slices.IndexFunc(rows, func(r row) bool { return r.Key == k })
		if i < 0 {
			return definition(k).Default != On
		}
		return rows[i].Value != On
	}), nil
}

// Number answers a number.
func (s *Service) Number(ctx context.Context, r db.Reader, key Key) (int64, error) {
	v, err := read(ctx, r, key)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(v, 10, 64)
}

func read(ctx context.Context, r db.Reader, key Key) (string, error) {
	d := definition(key)
	if d == nil {
		panic("setting: " + string(key) + " is not in the table")
	}
	var stored []row
	switch err := someValues.Scan(ctx, r, &stored, []Key{key}); {
	case err != nil:
		return "", err
	case len(stored) == 0, !d.allows(stored[0].Value):
		return d.Default, nil
	}
	return stored[0].Value, nil
}

// List answers every setting in the order of the table.
func (s *Service) List(ctx context.Context) ([]Value, error) {
	var rows []row
	if err := s.db.Select(&rows).Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Value, 0, len(table))
	for _, d := range table {
		v := Value{Definition: d, Value: d.Default}
		if i := slices.IndexFunc(rows, func(r row) bool { return r.Key == d.Key }); i >= 0 && d.allows(rows[i].Value) {
			v.Value, v.ChangedBy, v.ChangedAt, v.Version = rows[i].Value, rows[i].ChangedBy, rows[i].ChangedAt, rows[i].Version
		}
		out = append(out, v)
	}
	return out, nil
}

// Change gives a setting another value. version is what the page began from: of
// two administrators the later is told (version_conflict).
func (s *Service) Change(ctx context.Context, who audit.Actor, key Key, value string, version int64) error {
	d := definition(key)
	if d == nil {
		return errs.ErrNotFound
	}
	if err := d.check(value); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		before, err := read(ctx, tx, key)
		if err != nil {
			return err
		}
		ok, err := tx.ExecOne(ctx, `
			INSERT INTO settings (key, value, changed_by, changed_at, version) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_by = excluded.changed_by,
				changed_at = excluded.changed_at, version = excluded.version
			WHERE settings.version = ?`,
			key, value, who.UserID, clock.At(tx.Now()), version+1, version)
		if err == nil && !ok {
			err = errs.ErrStale
		}
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Entry{
			Action: "setting.change", ObjectKind: "setting", Detail: map[string]any{"key": key, "from": before, "to": value},
		})
	})
}

func definition(key Key) *Definition {
	i := slices.IndexFunc(table, func(d Definition) bool { return d.Key == key })
	if i < 0 {
		return nil
	}
	return &table[i]
}

func (d Definition) allows(value string) bool { return d.check(value) == nil }

// check refuses a value that the setting may not have.
func (d Definition) check(value string) error {
	var refused errs.Fields
	switch n, err := strconv.ParseInt(value, 10, 64); {
	case d.Kind == Switch && value != On && value != Off:
		refused.Add("/value", "field.choice")
	case d.Kind == Number && (err != nil || n < d.Min || n > d.Max):
		refused.Add("/value", "field.out_of_range", "min", d.Min, "max", d.Max)
	}
	return refused.Err()
}
