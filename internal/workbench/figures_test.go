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

func TestAnEmptyPlatformHasNobodyToAdministrate(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		a, err := Administrate(t.Context(), d)
		if err != nil || len(a.Accounts) != 0 || a.SignIns+a.Online+a.Queued+a.Failed+a.Off != 0 {
			t.Error(a, err)
		}
	})
}
