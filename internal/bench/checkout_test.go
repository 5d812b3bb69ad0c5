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

// Many buyers at once: each has one order, whose vouchers hold what it takes; the
// same key again gives the same order.
func TestCheckoutsAtOnceHoldTheirVouchers(t *testing.T) {
	dbtest.EveryAddress(t, func(t *testing.T, dsn string) {
		p := &place{config: config.Config{Data: t.TempDir(), DB: dsn, Node: -1, OrderTTL: time.Hour, TestHooks: true}}
		p.config.Fill()
		c := Checkout{Buyers: 60}
		s, shelf, err := c.prepare(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		a, err := app.Open(t.Context(), p.config, false)
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(httpapi.New(a.Services).Handler())
		b := &buyers{stage: s, url: server.URL, client: client(30), placed: make([]id.ID, c.Buyers), held: make([][]id.ID, c.Buyers)}
		l := Load{Connections: 30, Requests: c.Buyers, Limit: time.Minute}
		claimed := b.claim(t.Context(), Load{Connections: 30, Requests: c.Buyers * vouchersEach, Limit: time.Minute})
		err = errors.Join(refusal(claimed), b.choose(t.Context(), shelf[:20]))
		if err == nil {
			err = errors.Join(refusal(b.place(t.Context(), l)), refusal(b.place(t.Context(), l)))
		}
		b.client.CloseIdleConnections()
		server.Close()
		if err := errors.Join(err, a.DB.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := c.verify(t.Context(), p, b, nil); err != nil {
			t.Error(err)
		}
		lost := b.placed[0]
		b.placed[0] = 1
		if _, err := c.verify(t.Context(), p, b, nil); err == nil {
			t.Error("an order that is not there was not missed")
		}
		b.placed[0] = lost
		c.Buyers++
		if _, err := c.verify(t.Context(), p, b, nil); err == nil {
			t.Error("a buyer without an order was not missed")
		}
	})
}
