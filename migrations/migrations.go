// Package migrations holds the schema: numbered SQL files that are only ever
// added, one text for both engines. A file that must differ comes as a pair
// NNNNN_name.sqlite.sql and NNNNN_name.postgres.sql.
package migrations

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"

	"github.com/pressly/goose/v3"

	"smedx/internal/kit/db"
)

//go:embed *.sql
var files embed.FS

var (
	// ErrBehind says that the schema is older than the program.
	ErrBehind = errors.New("the database schema is older than this program; run \"smedx migrate\"")
	// ErrAhead says that the schema is newer than the program: use a newer smedx.
	ErrAhead = errors.New("the database schema is newer than this program")
)

// Up brings the schema to this program's version.
func Up(ctx context.Context, d *db.DB) error {
	p, err := provider(d)
	if err != nil {
		return err
	}
	if err := Check(ctx, d); errors.Is(err, ErrAhead) {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// Check compares the schema with the program.
func Check(ctx context.Context, d *db.DB) error {
	p, err := provider(d)
	if err != nil {
		return err
	}
	have, want, err := p.GetVersions(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("read the schema version: %w", err)
	case have < want:
		return ErrBehind
	case have > want:
		return ErrAhead
	}
	return nil
}

func provider(d *db.DB) (*goose.Provider, error) {
	dialect := goose.DialectSQLite3
	if d.Engine() == db.Postgres {
		dialect = goose.DialectPostgres
	}
	fsys, err := filesFor(string(d.Engine()))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, d.Migrator(), fsys)
}

// filesFor leaves out the other engine's files, because two files of one version are refused.
func filesFor(engine string) (fs.FS, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	out := fstest.MapFS{}
	for _, name := range names {
		base := strings.TrimSuffix(name, ".sql")
		if stem, other, paired := strings.Cut(base, "."); paired {
			if other != engine {
				continue
			}
			base = stem
		}
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		out[base+".sql"] = &fstest.MapFile{Data: text}
	}
	return out, nil
}
