package workbench

import (
	"testing"

	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
)

func TestAnEmptyPlatformCountsNothing(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		f, err := Portal(t.Context(), d)
		if err != nil || f != (Figures{}) {
			t.Error(f, err)
		}
	})
}
