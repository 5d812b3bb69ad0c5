package httpapi

import (
	"bytes"
	"net/http"
	"sync"
)

// reference sends what is the same for everybody (code lists, the forms) compressed,
// and lets a browser that has it ask whether it still holds. Each text is packed once.
func reference(next http.Handler) http.Handler {
	var texts sync.Map // content → *asset; there are as many as lists and published forms
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		held := &heldAnswer{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(held, r)
		content := held.body.Bytes()
		if held.status != http.StatusOK {
			w.WriteHeader(held.status)
			_, _ = w.Write(content) //nolint:errcheck // the client has gone
			return
		}
		known, ok := texts.Load(string(content))
		if !ok {
			a := newAsset(content, "application/json")
			if err := a.pack(); err != nil {
				problemOf(r.Context(), err).write(w)
				return
			}
			known, _ = texts.LoadOrStore(string(content), a)
		}
		w.Header().Set("Cache-Control", "private, no-cache")
		known.(*asset).send(w, r)
	})
}

// heldAnswer keeps an answer until it is whole.
type heldAnswer struct {
	http.ResponseWriter

	status int
	body   bytes.Buffer
}

func (h *heldAnswer) WriteHeader(status int)         { h.status = status }
func (h *heldAnswer) Write(part []byte) (int, error) { return h.body.Write(part) }
