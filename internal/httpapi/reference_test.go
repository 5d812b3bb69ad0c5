package httpapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestReferenceDataArePackedAndAskedForOnce(t *testing.T) {
	list := `{"items":"` + strings.Repeat("省市县", 500) + `"}`
	asked := 0
	h := reference(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.URL.Path != "/region" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write([]byte(list))
	}))
	ask := func(path string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	packed := ask("/region", "Accept-Encoding", "gzip")
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len() > len(list)/10 {
		t.Errorf("%d bytes of %d, %v", packed.Body.Len(), len(list), packed.Header())
	}
	if plain := ask("/region"); plain.Body.String() != list || plain.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%.40s %v", plain.Body, plain.Header())
	}
	again := ask("/region", "Accept-Encoding", "gzip", "If-None-Match", packed.Header().Get("ETag"))
	if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("%d, %d bytes", again.Code, again.Body.Len())
	}
	if missing := ask("/none", "Accept-Encoding", "gzip"); missing.Code != http.StatusNotFound || missing.Header().Get("ETag") != "" || missing.Body.String() != list {
		t.Errorf("%d %v", missing.Code, missing.Header())
	}
	if asked != 4 {
		t.Errorf("asked %d times", asked)
	}
}
