package setting

import (
	"errors"
	"testing"

	"smedx/internal/audit"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
)

func TestTheTableIsSound(t *testing.T) {
	seen := map[Key]bool{}
	for _, d := range table {
		if seen[d.Key] {
			t.Errorf("%s stands twice", d.Key)
		}
		seen[d.Key] = true
		if !d.allows(d.Default) {
			t.Errorf("%s: its default %q is not allowed", d.Key, d.Default)
		}
		if d.Group == "" || d.Label == "" || d.Help == "" {
			t.Errorf("%s lacks words", d.Key)
		}
	}
}

func TestNumbersKeepTheirLimits(t *testing.T) {
	d := Definition{Kind: Number, Min: 3, Max: 9}
	for value, fine := range map[string]bool{"3": true, "9": true, "2": false, "10": false, "": false, "3.5": false, "on": false} {
		if d.allows(value) != fine {
			t.Errorf("%q: allowed is %v", value, !fine)
		}
	}
}

func TestSettingsChange(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		s, ctx := New(d), t.Context()
		is := func(want bool) {
			t.Helper()
			if on, err := s.On(ctx, d, StaffSecondFactor); err != nil || on != want {
				t.Errorf("on is %v, %v", on, err)
			}
		}
		is(false)
		if err := s.Change(ctx, audit.Actor{UserID: 7}, StaffSecondFactor, On, 0); err != nil {
			t.Fatal(err)
		}
		is(true)
		if err := s.Change(ctx, audit.Actor{UserID: 8}, StaffSecondFactor, Off, 0); !errors.Is(err, errs.ErrStale) {
			t.Errorf("a change from an old page: %v", err)
		}
		if err := s.Change(ctx, audit.Actor{UserID: 8}, StaffSecondFactor, "maybe", 1); errs.Of(err).Kind != errs.Invalid {
			t.Errorf("a value that is neither on nor off: %v", err)
		}
		if err := s.Change(ctx, audit.Actor{UserID: 8}, "no.such", On, 0); !errors.Is(err, errs.ErrNotFound) {
			t.Errorf("an unknown setting: %v", err)
		}
		is(true)
		all, err := s.List(ctx)
		if err != nil || len(all) != len(table) {
			t.Fatalf("%d settings, %v", len(all), err)
		}
		for _, v := range all {
			if v.Key == StaffSecondFactor && (v.Value != On || v.ChangedBy != 7 || v.Version != 1) {
				t.Errorf("%+v", v)
			}
		}
	})
}
