package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smedx/internal/config"
	"smedx/internal/httpapi"
	"smedx/internal/kit/dbtest"
)

// Texts that are entered in this test and must be found nowhere in clear.
const (
	canaryPhone    = "13912345670"
	canaryOffice   = "13712345671"
	canaryMail     = "kanari.vogel@example.com"
	canaryPassword = "Kanari#vogel2026"
	canaryPerson   = "金丝雀某某"
)

// T-PRIV-01, T-PRIV-03: what a person enters lies nowhere in clear: not in the
// database, the log, the trail or the bodies of errors.
func TestWhatIsEnteredLiesNowhereInClear(t *testing.T) {
	dbtest.EveryAddress(t, func(t *testing.T, dsn string) {
		var logged bytes.Buffer
		before := slog.Default()
		slog.SetDefault(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
		t.Cleanup(func() { slog.SetDefault(before) })
		cfg := config.Config{Data: t.TempDir(), DB: dsn, TestHooks: true, OrderTTL: 30 * time.Minute, Node: -1}
		cfg.Fill()
		a, err := Open(t.Context(), cfg, false)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := a.DB.Close(); err != nil {
				t.Error(err)
			}
		})
		h := httpapi.New(a.Services).Handler()
		var cookie, answers string
		ask := client(h, &cookie, &answers)
		register := fmt.Sprintf(`{"role":"enterprise","username":"kanari_one","phone":%q,"password":%q,"passwordConfirm":%q,"agreed":true}`, canaryPhone, canaryPassword, canaryPassword)
		if code, body := ask("POST", "/registrations", register); code != http.StatusCreated {
			t.Fatal(code, body)
		}
		token := cookie[strings.Index(cookie, "=")+1:]
		draft := fmt.Sprintf(`{"version":0,"values":{"company_name":"可见的公司","contact_phone":%q,"email":%q,"contact_person":%q,"legal_rep_mobile":%q}}`,
			canaryOffice, canaryMail, canaryPerson, canaryPhone)
		if code, body := ask("PUT", "/org/draft", draft); code != http.StatusOK {
			t.Fatal(code, body)
		}
		ask("POST", "/org/submissions", strings.Replace(draft, `"version":0`, `"version":1`, 1)) // refused: fields are missing
		ask("POST", "/session", fmt.Sprintf(`{"account":"kanari_one","password":"%sx"}`, canaryPassword))
		ask("POST", "/codes", fmt.Sprintf(`{"phone":%q,"purpose":"login"}`, canaryPhone))
		ask("POST", "/session/code", fmt.Sprintf(`{"phone":%q,"code":"000000"}`, canaryPhone))
		ask("POST", "/registrations", strings.Replace(register, canaryPassword, "short", 1))
		sent, err := a.Services.Notify.Recent(context.Background(), 10)
		if err != nil {
			t.Fatal(err)
		}
		secrets := []string{canaryPhone, canaryOffice, canaryMail, canaryPassword, canaryPerson, token}
		for _, m := range sent {
			if code := m.Params["code"]; code != "" {
				secrets = append(secrets, `"`+code+`"`, ":"+code+" ")
			}
		}
		if len(sent) == 0 || logged.Len() == 0 && answers == "" {
			t.Fatal("nothing was sent or refused: the test does not see what it should")
		}
		texts := map[string]string{"database": dbtest.Dump(t, a.DB), "log": logged.String(), "errors": answers}
		if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
			for _, name := range []string{path, path + "-wal"} {
				raw, err := os.ReadFile(name)
				if err == nil {
					texts[filepath.Base(name)] = string(raw)
				}
			}
		}
		if !strings.Contains(texts["database"], "可见的公司") || !strings.Contains(texts["database"], "kanari_one") {
			t.Fatal("the dump does not hold what may be seen: it is no dump")
		}
		for where, text := range texts {
			for _, secret := range secrets {
				if strings.Contains(text, secret) {
					t.Errorf("%s holds %q in clear", where, secret)
				}
			}
		}
		meHasNoSecret(t, ask)
	})
}

// T-AUTHZ-06: who is signed in learns nothing that only the server needs.
func meHasNoSecret(t *testing.T, ask func(method, path, body string) (int, string)) {
	t.Helper()
	for _, path := range []string{"/me", "/me/data"} {
		code, body := ask("GET", path, "")
		if code != http.StatusOK || !json.Valid([]byte(body)) {
			t.Fatal(path, code, body)
		}
		for _, word := range []string{"hash", "argon2", "token", "index", "sealed", "password"} {
			if strings.Contains(strings.ToLower(body), word) {
				t.Errorf("%s answers %q: %s", path, word, body)
			}
		}
		if path == "/me" && strings.Contains(body, canaryPhone) {
			t.Errorf("/me answers the phone in full: %s", body)
		}
	}
}

// client asks the API and keeps the session's cookie and what errors said.
func client(h http.Handler, cookie, answers *string) func(method, path, body string) (int, string) {
	return func(method, path, body string) (int, string) {
		r := httptest.NewRequest(method, "http://localhost/api/v1"+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Cookie", *cookie)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		for _, c := range w.Result().Cookies() {
			if c.Value != "" {
				*cookie = c.Name + "=" + c.Value
			}
		}
		if w.Code >= 400 {
			*answers += w.Body.String()
		}
		return w.Code, w.Body.String()
	}
}

// T-PRIV-05: who closes the account leaves no phone, mail or password behind; the
// user name stays on what was done and is not given again, the phone is.
func TestAClosedAccountIsNobodys(t *testing.T) {
	dbtest.EveryAddress(t, func(t *testing.T, dsn string) {
		cfg := config.Config{Data: t.TempDir(), DB: dsn, TestHooks: true, OrderTTL: 30 * time.Minute, Node: -1}
		cfg.Fill()
		a, err := Open(t.Context(), cfg, false)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := a.DB.Close(); err != nil {
				t.Error(err)
			}
		})
		var cookie, answers string
		ask := client(httpapi.New(a.Services).Handler(), &cookie, &answers)
		register := fmt.Sprintf(`{"role":"enterprise","username":"kanari_one","phone":%q,"password":%q,"passwordConfirm":%q,"agreed":true}`, canaryPhone, canaryPassword, canaryPassword)
		want := func(status int, method, path, body string) string {
			t.Helper()
			code, said := ask(method, path, body)
			if code != status {
				t.Fatalf("%s %s: %d, want %d: %s", method, path, code, status, said)
			}
			return said
		}
		want(201, "POST", "/registrations", register)
		if said := want(200, "GET", "/me/data", ""); !strings.Contains(said, canaryPhone) || !strings.Contains(said, `"consents":[{`) {
			t.Errorf("the owner does not see what is kept of him: %s", said)
		}
		for range 3 {
			want(200, "GET", "/me/data.zip", "")
		}
		want(429, "GET", "/me/data.zip", "")
		want(422, "POST", "/me/closing", `{"password":"not it"}`)
		code, said := ask("POST", "/me/closing", fmt.Sprintf(`{"password":%q}`, canaryPassword))
		if code >= 300 {
			t.Fatal(code, said)
		}
		if said := want(200, "GET", "/me", ""); !strings.Contains(said, `"signedIn":false`) {
			t.Error("still signed in")
		}
		want(401, "POST", "/session", fmt.Sprintf(`{"account":"kanari_one","password":%q}`, canaryPassword))
		want(422, "POST", "/registrations", register)
		want(422, "POST", "/registrations", strings.Replace(register, "kanari_one", "KANARI_one", 1))
		want(201, "POST", "/registrations", strings.Replace(register, "kanari_one", "kanari_two", 1))

		var left struct{ Username, Phone, PhoneIndex, Email, PasswordHash string }
		err = a.DB.Raw(`SELECT username, phone, phone_index, email, password_hash FROM users WHERE username_key = 'kanari_one'`).Scan(t.Context(), &left)
		if err != nil || left.Username != "kanari_one" || left.Phone+left.PhoneIndex+left.Email+left.PasswordHash != "" {
			t.Errorf("left behind: %+v, %v", left, err)
		}
		var named int64
		err = a.DB.Raw(`SELECT count(*) FROM audit_entries WHERE actor_name = 'kanari_one' AND action IN ('account.register', 'account.export_own', 'account.close', 'org.close')`).Scan(t.Context(), &named)
		if err != nil || named != 6 {
			t.Errorf("%d entries of the trail name the closed account, want 6 (%v)", named, err)
		}
	})
}
