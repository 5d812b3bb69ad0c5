package bench

import (
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"smedx/internal/app"
	"smedx/internal/config"
	"smedx/internal/httpapi"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/id"
)

// T-CONC-01: 300 companies ask the API for 100 vouchers at once: 100 have one each,
// the others hear that all are gone, and nothing else is said.
func TestARushThroughTheAPIGivesTheQuotaOnce(t *testing.T) {
	dbtest.EveryAddress(t, func(t *testing.T, dsn string) {
		p := &place{config: config.Config{Data: t.TempDir(), DB: dsn, Node: -1, OrderTTL: time.Hour}}
		p.config.Fill()
		r := Rush{Claimants: 300, Stock: 100}
		s, err := r.prepare(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		a, err := app.Open(t.Context(), p.config, false)
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(httpapi.New(a.Services).Handler())
		c := &crowd{stage: s, won: map[int]id.ID{}, client: client(100)}
		f := c.claim(t.Context(), []string{server.URL}, Load{Connections: 100, Requests: r.Claimants, Limit: time.Minute})
		c.client.CloseIdleConnections()
		server.Close()
		if err := errors.Join(refusal(f), a.DB.Close()); err != nil {
			t.Fatal(err)
		}
		if f.Done != r.Claimants {
			t.Errorf("%d of %d were answered", f.Done, r.Claimants)
		}
		if _, err := r.verify(t.Context(), p, s, c, nil); err != nil {
			t.Error(err)
		}
	})
}
