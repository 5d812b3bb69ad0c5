package page_test

import (
	"context"
	"slices"
	"testing"

	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// Rows of which the newest three and the oldest thirty match: a walk from the newest on
// meets some of a page and gives up before the others. The page is whole all the same,
// with an index and without one, and after the last page there is nothing.
func TestAPageIsWholeWhereItsRowsLieFarApart(t *testing.T) {
	sorted := page.Sorted
	page.Sorted = 20
	defer func() { page.Sorted = sorted }()
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `CREATE TABLE things (id BIGINT PRIMARY KEY, rare BIGINT NOT NULL)`)
			if err == nil {
				_, err = tx.Exec(ctx, `INSERT INTO things (id, rare) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i, CASE WHEN i <= 30 OR i > 997 THEN 1 ELSE 0 END FROM n`)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		want := []id.ID{1000, 999, 998}
		for n := id.ID(30); n > 0; n-- {
			want = append(want, n)
		}
		list := page.Newest{Table: "things", Columns: "rare", Match: page.Cond{SQL: "v.rare = ?", Args: []any{1}}}
		for _, found := range []page.Cond{{}, {SQL: "SELECT v.id FROM things v WHERE v.rare = ?", Args: []any{1}}} {
			list.Found = found
			for at := 1; at <= 8; at++ {
				got, err := list.IDs(t.Context(), d, int64(len(want)), page.Query{Page: at, Size: 5})
				from := min((at-1)*5, len(want))
				if part := want[from:min(from+5, len(want))]; err != nil || !slices.Equal(got, part) {
					t.Errorf("page %d with %q: %v, want %v (%v)", at, found.SQL, got, part, err)
				}
			}
		}
	})
}
