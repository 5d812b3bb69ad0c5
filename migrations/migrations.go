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
	"regexp"
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

// Check compares the schema with the program. It only reads, so it also serves
// a database that was opened read-only.
func Check(ctx context.Context, d *db.DB) error {
	want, err := newest(string(d.Engine()))
	if err != nil {
		return err
	}
	have, err := applied(ctx, d)
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

// applied is the version that the database is at; 0 for an empty one.
func applied(ctx context.Context, d *db.DB) (version int64, err error) {
	exists := `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'`
	if d.Engine() == db.Postgres {
		exists = `SELECT count(*) FROM pg_tables WHERE schemaname = ANY (current_schemas(false)) AND tablename = 'goose_db_version'`
	}
	var n int64
	if err := d.Raw(exists).Scan(ctx, &n); err != nil || n == 0 {
		return 0, err
	}
	err = d.Raw(`SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(ctx, &version)
	return version, err
}

// newest is the highest number among the files.
func newest(engine string) (version int64, err error) {
	fsys, err := filesFor(engine)
	if err != nil {
		return 0, err
	}
	names, err := fs.Glob(fsys, "*.sql")
	for _, name := range names {
		v, err := goose.NumericComponent(name)
		if err != nil {
			return 0, err
		}
		version = max(version, v)
	}
	return version, err
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

var (
	bigKey    = regexp.MustCompile(`\bBIGINT(\s+PRIMARY KEY)`)
	forSQLite = regexp.MustCompile(`/\* sqlite: (.*?) \*/`)
)

// lean spares SQLite a second tree for each table: only INTEGER PRIMARY KEY is
// the number by which it keeps rows, under BIGINT it would keep an index beside.
// "/* sqlite: … */" in a file is for SQLite alone. Tables that were made before
// have the index, and are otherwise the same.
func lean(text []byte) []byte {
	return forSQLite.ReplaceAll(bigKey.ReplaceAll(text, []byte("INTEGER$1")), []byte("$1"))
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
		if engine == string(db.SQLite) {
			text = lean(text)
		}
		out[base+".sql"] = &fstest.MapFile{Data: text}
	}
	return out, nil
}
