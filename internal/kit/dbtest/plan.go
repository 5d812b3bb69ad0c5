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
	//lint:ignore SA1019 the handle is there already; a copy with the hook would not be what fn asks
	d.Raw(`SELECT 1`).DB().AddQueryHook(asked)
	fn()
	asked.mu.Lock()
	defer asked.mu.Unlock()
	for _, query := range asked.list {
		for _, step := range plan(t, d, query) {
			m := scanned.FindStringSubmatch(step)
			if m != nil && slices.Contains(tables, m[1]) && !strings.Contains(query, ` ORDER BY id DESC LIMIT `) {
				found = append(found, step+": "+query)
			}
		}
	}
	if len(asked.list) == 0 {
		t.Fatal("dbtest: nothing was asked")
	}
	return found
}

func plan(t *testing.T, d *db.DB, query string) (steps []string) {
	t.Helper()
	rows, err := d.Migrator().QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+query)
	if err != nil {
		t.Fatal(err, query)
	}
	defer rows.Close()
	for rows.Next() {
		var n, parent, unused int
		var step string
		if err := rows.Scan(&n, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}
