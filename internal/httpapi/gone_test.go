package httpapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
)

// logged is what f writes to the log.
func logged(t *testing.T, f func()) string {
	t.Helper()
	var out bytes.Buffer
	was := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo})))
	defer slog.SetDefault(was)
	f()
	return out.String()
}

// A browser that goes away while a picture or anything else is read for it is no fault of
// the server; a fault is one, also when nobody waits for the answer any more.
func TestARequestThatNobodyWaitsForIsNoFault(t *testing.T) {
	d := newDesk(t)
	f := d.uploaded(d.upload("license", "a.png", "image/png", dot(t)))
	auditor := account.Principal{UserID: 3, Role: admin, Permissions: []account.Permission{account.AuditRead}}
	gone, leave := context.WithCancel(t.Context())
	leave()
	for path, who := range map[string]account.Principal{f.URL: clerk, "/api/v1/audit": auditor} {
		var w *httptest.ResponseRecorder
		log := logged(t, func() {
			logRequests(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
				w = d.ask(r, who)
				out.WriteHeader(w.Code)
			})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(gone, http.MethodGet, path, nil))
		})
		if w.Code != clientGone || log != "" {
			t.Errorf("%s: %d, logged %q", path, w.Code, log)
		}
	}
	for name, c := range map[string]struct {
		ctx    context.Context
		err    error
		status int
	}{
		"who asked has gone":         {gone, fmt.Errorf("reading: %w", context.Canceled), clientGone},
		"a fault for one who has":    {gone, errors.New("malformed page"), http.StatusInternalServerError},
		"canceled for one who waits": {t.Context(), context.Canceled, http.StatusInternalServerError},
	} {
		var p *Problem
		log := logged(t, func() { p = problemOf(c.ctx, c.err) })
		if p.Status != c.status || strings.Contains(log, "request failed") != (c.status == http.StatusInternalServerError) {
			t.Errorf("%s: %d, logged %q", name, p.Status, log)
		}
	}
}

// Each engine breaks a statement off with an error of its own.
func TestAStatementThatIsBrokenOffIsNoFault(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		ctx, leave := context.WithCancel(t.Context())
		var err error
		done := make(chan struct{})
		begun := make(chan struct{})
		go func() {
			defer close(done)
			close(begun)
			var n int64
			err = d.Raw(`WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT COUNT(*) FROM n`).Scan(ctx, &n)
		}()
		<-begun
		leave()
		<-done
		if !db.IsCanceled(ctx, err) {
			t.Errorf("%v (%T)", err, err)
		}
	})
}
