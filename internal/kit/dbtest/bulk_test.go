package dbtest_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/id"
)

type thing struct {
	bun.BaseModel `bun:"table:things"`

	ID    id.ID `bun:",pk"`
	At    clock.Instant
	Name  string
	On    bool
	Parts []string
	Maybe string `bun:",nullzero"`
}

// What many rows at once leave behind is what one by one would: on both engines,
// with NULL, lists and quotes in them.
func TestManyRowsAreWrittenLikeOne(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		table(t, d)
		var want []thing
		for n := range 300 {
			one := thing{ID: id.ID(n + 1), At: clock.Instant(n), Name: `企业 "' \ {,} NULL`, On: n%2 == 0, Parts: []string{"a", `"b"`}}
			if n%3 == 0 {
				one.Maybe = "x"
			}
			want = append(want, one)
		}
		for round := range 3 { // prepared after the first
			part := want[round*100 : round*100+100]
			write(t, d, nil, func(ctx context.Context, tx *db.Tx) error {
				if round == 0 {
					if _, err := tx.Insert(&part[0]).Exec(ctx); err != nil {
						return err
					}
					part = part[1:]
				}
				if err := tx.InsertAll(ctx, part); err != nil {
					return err
				}
				var n int
				if err := tx.Raw(`SELECT count(*) FROM things`).Scan(ctx, &n); err != nil || n != round*100+100 {
					t.Error("a transaction does not read what it wrote:", n, err)
				}
				return nil
			})
		}
		var got []thing
		if err := d.Select(&got).Order("id").Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(got, want, func(a, b thing) bool {
			return a.ID == b.ID && a.At == b.At && a.Name == b.Name && a.On == b.On && slices.Equal(a.Parts, b.Parts) && a.Maybe == b.Maybe
		}) {
			t.Error("read back otherwise than written")
		}
		var null int
		if err := d.Raw(`SELECT count(*) FROM things WHERE maybe IS NULL`).Scan(t.Context(), &null); err != nil || null != 200 {
			t.Error(null, err)
		}
		var some []struct{ ID id.ID }
		text := db.NewText(`SELECT id FROM things WHERE id IN ? AND name = ? ORDER BY id`)
		if err := text.Scan(t.Context(), d, &some, []id.ID{3, 7, 9999}, want[0].Name); err != nil || len(some) != 2 || some[1].ID != 7 {
			t.Error(some, err)
		}
	})
}

// A write that waits fails its transaction, whatever comes after it.
func TestWhatIsWrittenLaterStillFailsTheTransaction(t *testing.T) {
	errTaken := errors.New("taken")
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		table(t, d)
		two := []thing{{ID: 1, Name: "one"}, {ID: 2, Name: "two"}}
		write(t, d, nil, func(ctx context.Context, tx *db.Tx) error { return tx.InsertAllNew(ctx, two, errTaken) })
		write(t, d, errTaken, func(ctx context.Context, tx *db.Tx) error {
			return tx.InsertAllNew(ctx, []thing{{ID: 2}, {ID: 3}}, errTaken)
		})
		write(t, d, errTaken, func(ctx context.Context, tx *db.Tx) error {
			if err := tx.InsertAll(ctx, []thing{{ID: 4}}); err != nil {
				return err
			}
			return tx.ExecLater(ctx, errTaken, `UPDATE things SET name = 'x' WHERE id = ?`, 99)
		})
		write(t, d, nil, func(ctx context.Context, tx *db.Tx) error { // any number is right
			if err := tx.ExecLater(ctx, nil, `UPDATE things SET at = at WHERE id IN (1, 2)`); err != nil {
				return err
			}
			return tx.ExecLater(ctx, nil, `UPDATE things SET at = at WHERE id = ?`, 99)
		})
		var after int64
		write(t, d, errTaken, func(ctx context.Context, tx *db.Tx) error {
			if err := tx.InsertAll(ctx, []thing{{ID: 5}}); err != nil {
				return err
			}
			return tx.ReadLater(ctx, &after, errTaken, `UPDATE things SET at = at + 1 WHERE id = ? RETURNING at`, 99)
		})
		write(t, d, nil, func(ctx context.Context, tx *db.Tx) error {
			return tx.ReadLater(ctx, &after, errTaken, `UPDATE things SET at = at + 7 WHERE id = ? RETURNING at`, 1)
		})
		var names []string
		if err := d.Raw(`SELECT name FROM things ORDER BY id`).Scan(t.Context(), &names); err != nil || !slices.Equal(names, []string{"one", "two"}) || after != 7 {
			t.Error(names, after, err)
		}
	})
}

func table(t *testing.T, d *db.DB) {
	t.Helper()
	write(t, d, nil, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `CREATE TABLE things (id BIGINT PRIMARY KEY, at BIGINT NOT NULL, name TEXT NOT NULL, "on" BOOLEAN NOT NULL, parts TEXT NOT NULL, maybe TEXT)`)
		return err
	})
}

func write(t *testing.T, d *db.DB, want error, fn db.Func) {
	t.Helper()
	if err := d.Write(t.Context(), fn); !errors.Is(err, want) {
		t.Error(err)
	}
}
