package db_test

import (
	"database/sql/driver"
	"testing"
)

// A commit is on the disk before it is answered: every connection that writes says
// FULL in WAL mode, also one that takes the place of a connection that broke.
func TestEveryConnectionThatWritesSyncsItsCommits(t *testing.T) {
	d := open(t)
	check := func(which string) {
		t.Helper()
		var mode string
		var level, keys int
		for query, into := range map[string]any{"PRAGMA journal_mode": &mode, "PRAGMA synchronous": &level, "PRAGMA foreign_keys": &keys} {
			if err := d.Migrator().QueryRowContext(t.Context(), query).Scan(into); err != nil {
				t.Fatal(err)
			}
		}
		const full = 2
		if mode != "wal" || level != full || keys != 1 {
			t.Errorf("%s: journal_mode %s, synchronous %d, foreign_keys %d", which, mode, level, keys)
		}
	}
	check("the first")
	conn, err := d.Migrator().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var first any
	err = conn.Raw(func(c any) error { first = c; return driver.ErrBadConn })
	if err == nil {
		t.Fatal("it did not break")
	}
	_ = conn.Close()
	check("after a break")
	if conn, err = d.Migrator().Conn(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // back to the pool
	if err := conn.Raw(func(c any) error {
		if c == first {
			t.Error("it is the same connection")
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	if open := d.Migrator().Stats().MaxOpenConnections; open != 1 {
		t.Errorf("%d connections may write", open)
	}
}
