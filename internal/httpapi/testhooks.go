package httpapi

import (
	"encoding/json"
	"net/http"
	"time"
)

// testHooks opens the outbox, the clock and the sweeps to automated tests. They
// exist only with --test-hooks, which production refuses.
func (a *API) testHooks(mux *http.ServeMux) {
	mux.HandleFunc("GET /_test/outbox", func(w http.ResponseWriter, r *http.Request) {
		sent, err := a.Notify.Recent(r.Context(), 200)
		if err != nil {
			problemOf(r.Context(), err).write(w)
			return
		}
		items := []outboxItem{}
		for _, m := range sent {
			items = append(items, outboxItemOf(m))
		}
		answer(w, map[string]any{"items": items})
	})
	mux.HandleFunc("POST /_test/clock", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Now           *time.Time `json:"now"`
			OffsetSeconds *int64     `json:"offsetSeconds"`
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			plain(w, http.StatusBadRequest, "send {\"now\": RFC 3339} or {\"offsetSeconds\": n}")
			return
		}
		switch {
		case in.Now != nil:
			a.DB.Clock().Set(*in.Now)
		case in.OffsetSeconds != nil:
			a.DB.Clock().Shift(time.Duration(*in.OffsetSeconds) * time.Second)
		}
		answer(w, map[string]any{"now": a.DB.Now()})
	})
	mux.HandleFunc("POST /_test/sweep", func(w http.ResponseWriter, r *http.Request) {
		if err := a.Sweep(r.Context()); err != nil {
			problemOf(r.Context(), err).write(w)
			return
		}
		answer(w, map[string]any{"now": a.DB.Now()})
	})
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) //nolint:errcheck // the client has gone
}
