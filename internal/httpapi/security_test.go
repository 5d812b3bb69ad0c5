package httpapi

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
)

// T-AUTH-09: without a trusted proxy the socket's address counts, whatever a
// request claims. T-AUTH-10: behind one, the right-most hop that is not trusted.
func TestForwardedAddressesCountOnlyFromTrustedProxies(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		socket  string
		proxies []netip.Prefix
		forward []string
		want    string
	}{
		{"192.0.2.1:5000", nil, []string{"203.0.113.9"}, "192.0.2.1"},
		{"10.0.0.5:5000", nil, []string{"203.0.113.9"}, "10.0.0.5"},
		{"192.0.2.1:5000", proxies, []string{"203.0.113.9"}, "192.0.2.1"},
		{"[::ffff:192.0.2.1]:5000", nil, nil, "192.0.2.1"},
		{"[2001:db8::7]:5000", nil, nil, "2001:db8::7"},
		{"10.0.0.5:5000", proxies, []string{"203.0.113.9"}, "203.0.113.9"},
		{"[::ffff:10.0.0.5]:5000", proxies, []string{"203.0.113.9"}, "203.0.113.9"},
		{"10.0.0.5:5000", proxies, []string{"1.1.1.1, 203.0.113.9"}, "203.0.113.9"},
		{"10.0.0.5:5000", proxies, []string{"1.1.1.1", "203.0.113.9, 10.0.0.7"}, "203.0.113.9"},
		{"10.0.0.5:5000", proxies, []string{"10.9.9.9, 203.0.113.9"}, "203.0.113.9"},
		{"10.0.0.5:5000", proxies, []string{"1.1.1.1, unknown"}, "10.0.0.5"},
		{"10.0.0.5:5000", proxies, nil, "10.0.0.5"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.RemoteAddr = c.socket
		for _, h := range []string{"X-Real-IP", "Forwarded", "True-Client-IP", "CF-Connecting-IP"} {
			r.Header.Set(h, "198.51.100.1")
		}
		for _, f := range c.forward {
			r.Header.Add("X-Forwarded-For", f)
		}
		if got := clientIP(r, c.proxies); got != c.want {
			t.Errorf("%s, forwarded for %q: %s, want %s", c.socket, c.forward, got, c.want)
		}
	}
}

// T-SESS-06: no operation that changes something runs for another site, whatever
// kind of body a form can send. There are no services behind it here: whatever
// gets through makes the test panic.
func TestAnotherSiteChangesNothing(t *testing.T) {
	a := New(Services{})
	h := sameOrigin(a.huma.Adapter())
	variable := regexp.MustCompile(`\{[^}]+\}`)
	tried := 0
	for path, item := range a.Contract().Paths {
		for method, o := range operationsOf(item) {
			if method == http.MethodGet || o.OperationID == "paymentNotify" || strings.HasPrefix(path, "/payments/notify/") {
				continue
			}
			tried++
			for _, header := range []http.Header{
				{"Sec-Fetch-Site": {"cross-site"}},
				{"Sec-Fetch-Site": {"same-site"}},
				{"Origin": {"https://evil.example"}},
				{"Origin": {"null"}},
				{"Origin": {"https://example.com.evil.example"}},
			} {
				for _, kind := range []string{"application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "application/json"} {
					r := httptest.NewRequest(method, "https://example.com/api/v1"+variable.ReplaceAllString(path, "1"), strings.NewReader("{}"))
					for k, v := range header {
						r.Header[k] = v
					}
					r.Header.Set("Content-Type", kind)
					w := httptest.NewRecorder()
					h.ServeHTTP(w, r)
					if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "request.cross_site") {
						t.Errorf("%s %s as %s from %v: %d", method, path, kind, header, w.Code)
					}
				}
			}
		}
	}
	if tried < 50 {
		t.Errorf("only %d operations were tried", tried)
	}
}

// T-SESS-07: no other site may read an answer, with or without the visitor's cookie.
func TestAnotherSiteReadsNothing(t *testing.T) {
	h := securityHeaders(true, sameOrigin(New(Services{}).huma.Adapter()))
	for _, origin := range []string{"null", "https://evil.example", "https://example.com.evil.example", "https://evilexample.com", "https://example.com"} {
		for _, method := range []string{http.MethodOptions, http.MethodGet} {
			r := httptest.NewRequest(method, "https://example.com/api/v1/no-such-thing", nil)
			r.Header.Set("Origin", origin)
			r.Header.Set("Access-Control-Request-Method", http.MethodPost)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			for name := range w.Header() {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%s from %s: %s", method, origin, name)
				}
			}
			if got := w.Header().Get("Cross-Origin-Resource-Policy"); got != "same-origin" {
				t.Errorf("%s from %s: resource policy %q", method, origin, got)
			}
		}
	}
}

// T-SESS-08: no page can be laid under another site's.
func TestNoPageCanBeFramed(t *testing.T) {
	w := get(securityHeaders(true, testSite(t)), "/")
	if !strings.Contains(w.Header().Get("Content-Security-Policy"), "frame-ancestors 'none'") || w.Header().Get("X-Frame-Options") != "DENY" {
		t.Error(w.Header())
	}
}

// T-AUTH-26: ten megabytes of password are refused before anybody looks at them.
func TestHugePasswordsAreNotRead(t *testing.T) {
	h := New(Services{}).huma.Adapter()
	for size, want := range map[int]int{201: http.StatusUnprocessableEntity, 10 << 20: http.StatusRequestEntityTooLarge} {
		r := httptest.NewRequest(http.MethodPost, "/api/v1/session", strings.NewReader(`{"account":"zhang_san01","password":"`+strings.Repeat("a", size)+`"}`))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%d bytes: %d %s", size, w.Code, w.Body)
		}
	}
}
