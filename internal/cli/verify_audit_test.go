package cli

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"smedx/internal/audit"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/ledger"
	"smedx/migrations"
)

// T-AUD-03: whoever changes, deletes, inserts or moves a sealed row in the file
// itself is found, and the first broken seal is named.
func TestVerifyAuditNamesTheFirstBrokenSeal(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.db")
	d, err := db.Open(t.Context(), "sqlite:"+whole, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := migrations.Up(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	for range 3 { // three seals over three rows each
		for range 3 {
			id.New() // leaves a number free between two entries of the same millisecond
			err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				return audit.Write(ctx, tx, audit.Actor{Name: "someone"}, audit.Entry{Action: "order.place", ObjectKind: "order"})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := ledger.SealAll(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}

	nth := func(n string) string { return `(SELECT id FROM audit_entries ORDER BY id LIMIT 1 OFFSET ` + n + `)` }
	for name, c := range map[string]struct{ tamper, named string }{
		"untouched":      {``, ``},
		"changed":        {`UPDATE audit_entries SET actor_name = 'other' WHERE id = ` + nth("4"), "seal 2 of audit"},
		"deleted":        {`DELETE FROM audit_entries WHERE id = ` + nth("1"), "seal 1 of audit"},
		"inserted":       {`INSERT INTO audit_entries (id, at, action, object_kind) VALUES (` + nth("0") + ` + 1, 1, 'order.place', 'order')`, "seal 1 of audit"},
		"reordered":      {`UPDATE audit_entries SET id = id + 1 WHERE id = ` + nth("7"), "seal 3 of audit"},
		"two broken":     {`DELETE FROM audit_entries WHERE id IN (` + nth("8") + `, ` + nth("3") + `)`, "seal 2 of audit"},
		"a seal is gone": {`DELETE FROM seals WHERE book = 'audit' AND seq = 2`, "seal 3 of audit"},
	} {
		t.Run(name, func(t *testing.T) {
			copied := filepath.Join(t.TempDir(), "smedx.db")
			if err := os.WriteFile(copied, content, 0o600); err != nil {
				t.Fatal(err)
			}
			tamper(t, copied, c.tamper)
			var out, errs bytes.Buffer
			code := Main([]string{"verify-audit", "--json", "--db", "sqlite:" + copied, "--data", t.TempDir()}, &out, &errs)
			var report struct {
				OK   bool
				Rows int
			}
			if err := json.Unmarshal(out.Bytes(), &report); err != nil {
				t.Fatal(err, out.String(), errs.String())
			}
			broken := c.named != ""
			if (code != 0) != broken || report.OK == broken || !strings.Contains(errs.String(), c.named) {
				t.Errorf("exit %d, ok %v, said %q; want %q", code, report.OK, errs.String(), c.named)
			}
		})
	}
}

// tamper goes around the append-only rule, as somebody with the file in hand could.
func tamper(t *testing.T, path, statement string) {
	t.Helper()
	if statement == "" {
		return
	}
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for _, s := range []string{
		`DROP TRIGGER audit_entries_no_update`, `DROP TRIGGER audit_entries_no_delete`, `DROP TRIGGER seals_no_delete`, statement,
	} {
		if _, err := raw.ExecContext(t.Context(), s); err != nil {
			t.Fatal(s, err)
		}
	}
}
