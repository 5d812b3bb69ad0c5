// Package dbtest gives a test a migrated database of its own, on each engine.
//
// SQLite always runs. PostgreSQL runs when SMEDX_TEST_PG names a server, which
// must be one that was started for tests (scripts/with-postgres): a server whose
// cluster_name is not SMEDX_TEST_PG_MARK is not touched. With
// SMEDX_TEST_REQUIRE_PG=1 a missing server is a failure instead of a skip.
package dbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"smedx/internal/kit/db"
	"smedx/migrations"
)

// EveryEngine runs the test once on each engine, with an empty migrated
// database that is gone afterwards.
func EveryEngine(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	EveryAddress(t, func(t *testing.T, dsn string) { test(t, open(t, dsn)) })
}

// EveryAddress is EveryEngine for tests that open the database themselves:
// twice, read-only, or from another process.
func EveryAddress(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, newSQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, newPostgres(t)) })
}

// EachEngine measures on each engine, with an empty migrated database; what it
// measures of PostgreSQL is a server that does not wait for the disk.
func EachEngine(b *testing.B, measure func(b *testing.B, d *db.DB)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { measure(b, open(b, newSQLite(b))) })
	b.Run("postgres", func(b *testing.B) { measure(b, open(b, newPostgres(b))) })
}

// SQLite opens one empty migrated database, for tests that ask nothing of the engine.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	return open(t, newSQLite(t))
}

func open(t testing.TB, dsn string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), dsn, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// shared answers what the first process of a test run has made for all of them;
// without a folder that they share (scripts/with-postgres) each makes its own.
func shared(name string, make func() ([]byte, error)) ([]byte, error) {
	dir := os.Getenv("SMEDX_TEST_SHARED")
	if dir == "" {
		return make()
	}
	path := filepath.Join(dir, name)
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return nil, err
	}
	made, err := os.ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return made, err
	}
	if made, err = make(); err != nil {
		return nil, err
	}
	return made, os.WriteFile(path, made, 0o600)
}

// sqliteTemplate is the content of a migrated, otherwise empty database file.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) { return shared("sqlite", makeSQLite) })

func makeSQLite() ([]byte, error) {
	dir, err := os.MkdirTemp("", "smedx-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	if err := migrate("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path) // closing the last connection has emptied the write-ahead log
}

func newSQLite(t testing.TB) string {
	t.Helper()
	content, err := sqliteTemplate()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "smedx.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// postgresTemplate names a migrated database on the test server that others are
// copied from; it lives as long as the server.
var postgresTemplate = sync.OnceValues(func() (string, error) {
	ctx := context.Background()
	server := os.Getenv("SMEDX_TEST_PG")
	if err := isOurs(ctx, server); err != nil {
		return "", err
	}
	name, err := shared("postgres", func() ([]byte, error) {
		name := newName("smedx_template")
		if err := onServer(ctx, server, "CREATE DATABASE "+name); err != nil {
			return nil, err
		}
		return []byte(name), migrate(withDatabase(server, name))
	})
	return string(name), err
})

func newPostgres(t testing.TB) string {
	t.Helper()
	server := os.Getenv("SMEDX_TEST_PG")
	switch {
	case server == "" && os.Getenv("SMEDX_TEST_REQUIRE_PG") == "1":
		t.Fatal("SMEDX_TEST_PG is not set, and PostgreSQL is required")
	case server == "":
		t.Skip("SMEDX_TEST_PG is not set")
	}
	template, err := postgresTemplate()
	if err != nil {
		t.Fatal(err)
	}
	name := newName("smedx_test")
	if err := onServer(t.Context(), server, "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := onServer(context.Background(), server, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return withDatabase(server, name)
}

func migrate(dsn string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	d, err := db.Open(ctx, dsn, db.Options{})
	if err != nil {
		return err
	}
	return errors.Join(migrations.Up(ctx, d), d.Close())
}

// isOurs makes sure that the server was started for this test run, so that no
// test can ever create or drop a database elsewhere.
func isOurs(ctx context.Context, server string) error {
	mark := os.Getenv("SMEDX_TEST_PG_MARK")
	if mark == "" {
		return errors.New("SMEDX_TEST_PG is set without SMEDX_TEST_PG_MARK; use scripts/with-postgres")
	}
	conn, err := sql.Open("pgx", server)
	if err != nil {
		return err
	}
	defer conn.Close()
	var name string
	if err := conn.QueryRowContext(ctx, "SHOW cluster_name").Scan(&name); err != nil {
		return err
	}
	if name != mark {
		return fmt.Errorf("SMEDX_TEST_PG leads to the server %q, not to %q", name, mark)
	}
	return nil
}

// Dump is every row of every table as text.
func Dump(t testing.TB, d *db.DB) string {
	t.Helper()
	var tables []string
	list := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	if d.Engine() != db.SQLite {
		list = `SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`
	}
	if err := d.Raw(list).Scan(t.Context(), &tables); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, table := range tables {
		var rows []map[string]any
		if err := d.Raw(`SELECT * FROM `+table).Scan(t.Context(), &rows); err != nil {
			t.Fatal(table, err)
		}
		for _, row := range rows {
			fmt.Fprintln(&out, table, row)
		}
	}
	return out.String()
}

func onServer(ctx context.Context, server, statement string) error {
	conn, err := sql.Open("pgx", server)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.ExecContext(ctx, statement)
	return err
}

func withDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic(err) // isOurs has connected with it
	}
	u.Path = "/" + name
	return u.String()
}

func newName(prefix string) string {
	return prefix + "_" + strings.ToLower(rand.Text())
}
