package notify

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestGatewayPostsSignedJSON(t *testing.T) {
	var got map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("X-Smedx-Signature") != Sign("a secret of sixteen", r.Header.Get("X-Smedx-Timestamp"), body) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_ = json.Unmarshal(body, &got)
	}))
	defer server.Close()
	m := Outgoing{ID: 9, Channel: SMS, Recipient: "13800001234", Template: "otp_login", Params: map[string]string{"code": "123456"}, Text: "验证码"}
	g := Gateway{URL: server.URL, Secret: "a secret of sixteen", Now: time.Now}
	if err := g.Send(t.Context(), m); err != nil || got["id"] != "9" || got["phone"] != "13800001234" || got["template"] != "otp_login" {
		t.Errorf("%v %v", got, err)
	}
	g.Secret = "another"
	if err := g.Send(t.Context(), m); !errors.Is(err, errPermanent) {
		t.Errorf("with a wrong secret: %v", err)
	}
}

// T-INP-13
func TestGatewayFollowsNoRedirectAndRetriesWhatMayPass(t *testing.T) {
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer inner.Close()
	for status, forGood := range map[int]bool{307: false, 503: false, 429: false, 400: true} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", inner.URL)
			w.WriteHeader(status)
		}))
		err := Gateway{URL: server.URL, Now: time.Now}.Send(t.Context(), Outgoing{})
		if err == nil || errors.Is(err, errPermanent) != forGood {
			t.Errorf("%d: %v", status, err)
		}
		server.Close()
	}
}
