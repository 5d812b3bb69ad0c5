package dbtest_test

import (
	"context"
	"testing"

	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/migrations"
)

func TestEachTestHasAMigratedDatabaseOfItsOwn(t *testing.T) {
	for range 2 { // the second must not see what the first wrote
		dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
			if err := migrations.Check(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, "CREATE TABLE mine (id BIGINT PRIMARY KEY)")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
