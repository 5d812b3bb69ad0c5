package program

import (
	"bytes"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
)

// T-AUTH-06: a fresh installation has no account that anybody could know; the
// first is made by hand, with a password that is printed once and must be changed.
func TestNoAccountBeforeTheFirst(t *testing.T) {
	data := t.TempDir()
	s := start(t, data).ready(t)
	signIn := func(account, password string) (status int, body string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/api/v1/session",
			strings.NewReader(`{"account":"`+account+`","password":"`+password+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(text)
	}
	for _, name := range []string{"admin", "root", "demo", "admin_demo", "operator_demo", "administrator"} {
		for _, password := range []string{name, "Demo#2026smedx"} {
			if status, body := signIn(name, password); status != http.StatusUnauthorized {
				t.Errorf("%s/%s: %d %s", name, password, status, body)
			}
		}
	}
	path, err := binary()
	if err != nil {
		t.Fatal(path, err)
	}
	var printed bytes.Buffer
	create := exec.Command(path, "admin", "create", "--data", data, "--username", "first_admin")
	create.Stdin, create.Stdout, create.Stderr = strings.NewReader(""), &printed, &printed
	if err := create.Run(); err != nil {
		t.Fatal(err, printed.String())
	}
	_, password, found := strings.Cut(strings.TrimSpace(printed.String()), "for three days: ")
	if !found {
		t.Fatal(printed.String())
	}
	if status, body := signIn("first_admin", password); status != http.StatusOK || !strings.Contains(body, `"mustChange":true`) {
		t.Errorf("the first sign-in: %d %s", status, body)
	}
}
