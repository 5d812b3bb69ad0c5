package app

import (
	"testing"
	"time"

	"smedx/internal/config"
	"smedx/internal/reconcile"
)

// The data set passes every rule of the services it is played through, leaves
// the books right, and is not loaded twice.
func TestDemoLoadsOnceAndTheBooksAreRight(t *testing.T) {
	if testing.Short() {
		t.Skip("plays half a year")
	}
	cfg := config.Config{Data: t.TempDir(), Demo: true, OrderTTL: 30 * time.Minute, Node: -1}
	cfg.Fill()
	a, err := Open(t.Context(), cfg, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.DB.Close(); err != nil {
			t.Error(err)
		}
	})
	for range 2 {
		if err := a.LoadDemo(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	report, err := reconcile.Run(t.Context(), a.DB, a.DB)
	if err != nil || !report.OK {
		t.Error(err, report)
	}
	noPhones(t, a.DB)
	for what, want := range map[string]struct {
		query string
		least int64
	}{
		"offerings on sale":    {`SELECT count(*) FROM offerings WHERE status = 'listed'`, 40},
		"verified enterprises": {`SELECT count(*) FROM organizations WHERE kind = 'enterprise' AND verification = 'verified'`, 24},
		"states of orders":     {`SELECT count(DISTINCT status) FROM orders`, 7},
		"ratings":              {`SELECT count(*) FROM ratings`, 25},
		"open campaigns":       {`SELECT count(*) FROM campaigns WHERE status = 'open'`, 2},
		"orders with vouchers": {`SELECT count(*) FROM orders WHERE redeemed_fen > 0`, 10},
		"answers":              {`SELECT count(*) FROM survey_answers`, 20},
	} {
		var n int64
		if err := a.DB.Raw(want.query).Scan(t.Context(), &n); err != nil || n < want.least {
			t.Errorf("%s: %d, want at least %d (%v)", what, n, want.least, err)
		}
	}
	t.Run("T-AUTHZ-07", func(t *testing.T) { unverifiedIsRefused(t, a) })
}
