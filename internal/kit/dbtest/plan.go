package dbtest

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"smedx/internal/kit/db"
)

// reads notes what is asked of a database.
type reads struct {
	mu   sync.Mutex
	list []string
}

func (r *reads) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, e.Query)
	return ctx
}

func (r *reads) AfterQuery(context.Context, *bun.QueryEvent) {}

// scanned is a step of a plan that goes through a whole table and its rows. A walk
// that ends after some rows, which the statement says by a LIMIT within, is none.
var scanned = regexp.MustCompile(`^SCAN (\w+)(?: AS \w+)?(?: USING INDEX .*)?$`)

// Scans answers the statements among those that fn asks which read one of the tables
// from end to end, with the step that does. SQLite plans by the statement alone; what
// PostgreSQL does depends on how many rows there are, so that it is not asked.
func Scans(t *testing.T, d *db.DB, tables []string, fn func()) (found []string) {
	t.Helper()
	if d.Engine() != db.SQLite {
		t.Fatal("dbtest: plans are asked of SQLite")
	}
	asked := &reads{}
	d.Raw(`SELECT 1`).DB().AddQueryHook(asked)
	fn()
	asked.mu.Lock()
	defer asked.mu.Unlock()
	for _, query := range asked.list {
		rows, err := d.Migrator().QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+query)
		if err != nil {
			t.Fatal(err, query)
		}
		for rows.Next() {
			var n, parent, unused int
			var step string
			if err := rows.Scan(&n, &parent, &unused, &step); err != nil {
				t.Fatal(err)
			}
			m := scanned.FindStringSubmatch(step)
			if m == nil || !slices.Contains(tables, m[1]) || strings.Contains(query, ` ORDER BY id DESC LIMIT `) {
				continue
			}
			found = append(found, step+": "+query)
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(asked.list) == 0 {
		t.Fatal("dbtest: nothing was asked")
	}
	return found
}
