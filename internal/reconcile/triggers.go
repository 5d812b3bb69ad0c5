package reconcile

import (
	"context"
	"strings"

	"smedx/internal/kit/db"
)

// appendOnly are the tables whose rows never change and never go.
var appendOnly = []string{"audit_entries", "journal", "postings", "seals"}

// triggers looks whether the rule stands in the database, and still refuses.
func triggers(ctx context.Context, r db.Reader, d *db.DB) ([]Violation, string, error) {
	have, err := sqliteTriggers(ctx, r, d)
	acts := []string{"update", "delete"}
	if d.Engine() == db.Postgres {
		have, err = postgresTriggers(ctx, r)
		acts = append(acts, "truncate")
	}
	if err != nil {
		return nil, "", err
	}
	var out []Violation
	for _, table := range appendOnly {
		for _, act := range acts {
			switch refuses, there := have[table+"."+act]; {
			case !there:
				out = append(out, Violation{Subject: "table " + table, What: "nothing refuses " + act})
			case !refuses:
				out = append(out, Violation{Subject: "table " + table, What: "the trigger against " + act + " does not refuse any more"})
			}
		}
	}
	return out, "", nil
}

// Both answer "table.act" → whether the trigger refuses.

func sqliteTriggers(ctx context.Context, r db.Reader, d *db.DB) (map[string]bool, error) {
	if d.Engine() != db.SQLite {
		return nil, nil
	}
	var rows []struct{ TblName, SQL string }
	if err := r.Raw(`SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger'`).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	have := map[string]bool{}
	for _, row := range rows {
		text := strings.Join(strings.Fields(strings.ToUpper(row.SQL)), " ")
		table := strings.ToUpper(row.TblName)
		for _, act := range []string{"update", "delete"} {
			// no WHEN and no column list: it refuses every row
			if strings.Contains(text, "BEFORE "+strings.ToUpper(act)+" ON "+table+" BEGIN SELECT RAISE(ABORT,") {
				have[row.TblName+"."+act] = true
			} else if strings.Contains(text, "BEFORE "+strings.ToUpper(act)) && !have[row.TblName+"."+act] {
				have[row.TblName+"."+act] = false
			}
		}
	}
	return have, nil
}

// Bits of pg_trigger.tgtype: 2 before, 8 delete, 16 update, 32 truncate.
func postgresTriggers(ctx context.Context, r db.Reader) (map[string]bool, error) {
	var rows []struct {
		Relname   string
		Tgtype    int64
		Tgenabled string
		Tgqual    bool
		Prosrc    string
	}
	err := r.Raw(`
		SELECT c.relname, t.tgtype, t.tgenabled::text AS tgenabled, t.tgqual IS NOT NULL OR t.tgattr <> '' AS tgqual, p.prosrc
		FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
		WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace`).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	have := map[string]bool{}
	for _, row := range rows {
		refuses := (row.Tgenabled == "O" || row.Tgenabled == "A") && !row.Tgqual && row.Tgtype&2 != 0 && strings.Contains(row.Prosrc, "RAISE EXCEPTION")
		for act, bit := range map[string]int64{"delete": 8, "update": 16, "truncate": 32} {
			if row.Tgtype&bit != 0 {
				have[row.Relname+"."+act] = have[row.Relname+"."+act] || refuses
			}
		}
	}
	return have, nil
}
