// Package access asks the running platform who may call what: every operation of
// its contract, by every kind of caller, on objects that are his and on objects
// that are not. What an operation does is tested in its module.
package access

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"smedx/internal/app"
	"smedx/internal/config"
	"smedx/internal/kit/db"
)

// run is the one platform of all tests here: demonstration data behind a real
// listener, one session for each caller, one object of each kind.
var run platform

type platform struct {
	*app.App

	url     string
	http    *http.Client
	ops     []operation
	callers map[string]caller
	objects map[string]object
}

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
	code, err := serve(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// serve starts the platform, lets the tests run, and stops it.
func serve(tests func() int) (code int, err error) {
	data, err := os.MkdirTemp("", "smedx-access-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(data) //nolint:errcheck // a leftover in the temporary folder
	cfg := config.Config{
		Data: data, Addr: "127.0.0.1:0", Demo: true, TestHooks: true, Environment: "development",
		OrderTTL: time.Hour, Drain: time.Second, Node: -1,
	}
	cfg.Fill()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	run = platform{http: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{MaxIdleConnsPerHost: 4, DisableCompression: true},
	}}
	if run.App, err = app.Open(ctx, cfg, true); err != nil {
		return 1, err
	}
	if err := run.LoadDemo(ctx); err != nil {
		return 1, err
	}
	addr, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- run.Serve(ctx, func(a string) { addr <- a }) }()
	select {
	case a := <-addr:
		run.url = "http://" + a
	case err := <-ended:
		return 1, err
	}
	if run.ops, err = readContract(); err != nil {
		return 1, err
	}
	if err := hire(ctx); err != nil {
		return 1, err
	}
	if err := collect(ctx); err != nil {
		return 1, err
	}
	code = tests()
	stop()
	if err := <-ended; err != nil {
		return 1, err
	}
	return code, run.Close()
}

// answer is what came back.
type answer struct {
	status   int
	body     string
	location string
}

// code is the stable word of a refusal, or nothing.
func (a answer) code() string {
	var p struct{ Code string }
	if json.Unmarshal([]byte(a.body), &p) != nil {
		return ""
	}
	return p.Code
}

// same is the answer without what differs from request to request.
func (a answer) same() string {
	var p map[string]any
	if json.Unmarshal([]byte(a.body), &p) != nil {
		return fmt.Sprint(a.status, " ", a.body)
	}
	delete(p, "requestId")
	text, err := json.Marshal(p)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(a.status, " ", string(text))
}

func (a answer) String() string {
	if len(a.body) > 300 {
		return fmt.Sprint(a.status, " ", a.body[:300], "…")
	}
	return fmt.Sprint(a.status, " ", strings.TrimSpace(a.body))
}

// ask sends a request as somebody; an empty body sends none.
func (p *platform) ask(who, method, path, body string) (answer, error) {
	req, err := http.NewRequest(method, p.url+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return answer{}, err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Idempotency-Key", "access-"+who)
	req.Header.Set("Upload-Offset", "0")
	if token := p.callers[who].token; token != "" {
		req.AddCookie(&http.Cookie{Name: "smedx_session", Value: token})
	}
	res, err := p.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close() //nolint:errcheck // read only
	text, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, string(text), res.Header.Get("Location")}, err
}

// asks is ask within a test; no answer of the platform may be a fault.
func asks(t *testing.T, who, method, path, body string) answer {
	t.Helper()
	a, err := run.ask(who, method, path, body)
	if err != nil {
		t.Fatal(err)
	}
	if a.status >= 500 {
		t.Errorf("%s %s as %s: a fault: %v", method, path, who, a)
	}
	return a
}

// row is a stored row as text, without the columns that timed work touches.
func row(t *testing.T, o object) string {
	t.Helper()
	if o.table == "" {
		return ""
	}
	var rows []map[string]any
	if err := run.DB.Raw(`SELECT * FROM `+o.table+` WHERE id = ?`, o.id).Scan(t.Context(), &rows); err != nil {
		t.Fatal(o.table, err)
	}
	for _, r := range rows {
		for _, timed := range []string{"check_at", "checks", "seen_at", "reminded_at"} {
			delete(r, timed)
		}
	}
	return fmt.Sprint(rows)
}

// first is one value of the database; none is an error that names the query.
func first(ctx context.Context, query string, args ...any) (string, error) {
	var v string
	err := run.DB.Raw(query, args...).Scan(ctx, &v)
	if db.IsNotFound(err) || err == nil && v == "" {
		return "", fmt.Errorf("the demonstration data have none of: %s", query)
	}
	return v, err
}
