package dbtest_test

import (
	"context"
	"sync"
	"testing"

	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
)

// T-CONC-12: of two transactions that wait for each other the database ends one,
// which is run again, so that both callers are served. SQLite has one writer.
func TestADeadlockIsRunAgain(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		if d.Engine() == db.SQLite {
			t.Skip("one writer waits for nobody")
		}
		table(t, d)
		write(t, d, nil, func(ctx context.Context, tx *db.Tx) error {
			return tx.InsertAll(ctx, []thing{{ID: 1, Name: "one"}, {ID: 2, Name: "two"}})
		})
		var met, callers sync.WaitGroup
		met.Add(2)
		var runs [2]int
		for n, ids := range [2][2]int{{1, 2}, {2, 1}} {
			callers.Go(func() {
				err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
					runs[n]++
					if _, err := tx.Exec(ctx, `SET LOCAL deadlock_timeout = '20ms'`); err != nil {
						return err
					}
					for i, thing := range ids {
						if _, err := tx.Exec(ctx, `UPDATE things SET at = at + 1 WHERE id = ?`, thing); err != nil {
							return err
						}
						if i == 0 && runs[n] == 1 { // each has one and wants the other's
							met.Done()
							met.Wait()
						}
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		callers.Wait()
		var sum int
		if err := d.Raw(`SELECT sum(at) FROM things`).Scan(t.Context(), &sum); err != nil || sum != 4 || runs[0]+runs[1] != 3 {
			t.Errorf("%d changes of 4 in %v runs (%v)", sum, runs, err)
		}
	})
}
