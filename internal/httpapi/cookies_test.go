package httpapi

import (
	"net/http"
	"testing"
)

// T-SESS-05: what a cookie of ours promises to the browser.
func TestCookiesKeepTokensToThemselves(t *testing.T) {
	for _, c := range []struct {
		secure         bool
		session, steps string
	}{{true, "__Host-smedx", "__Host-smedx-step"}, {false, "smedx_session", "smedx_step"}} {
		for _, got := range []http.Cookie{sessionCookie(c.secure, "token"), stepCookie(c.secure, "token")} {
			if !got.HttpOnly || got.Secure != c.secure || got.SameSite != http.SameSiteLaxMode || got.Path != "/" || got.Domain != "" || got.MaxAge != 0 {
				t.Errorf("%+v", got)
			}
		}
		if a, b := sessionCookie(c.secure, "token").Name, stepCookie(c.secure, "token").Name; a != c.session || b != c.steps {
			t.Errorf("secure %v: %s, %s", c.secure, a, b)
		}
		if sessionCookie(c.secure, "").MaxAge >= 0 || stepCookie(c.secure, "").MaxAge >= 0 {
			t.Error("a cookie without a token stays in the browser")
		}
	}
}
