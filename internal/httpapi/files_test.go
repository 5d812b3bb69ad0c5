package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"testing"

	"smedx/internal/account"
	"smedx/internal/file"
	"smedx/internal/kit/dbtest"
)

// Catalogue rows T-UPL-01, 02, 05, 06 and 09 as they are seen over HTTP.

type desk struct {
	*testing.T
	api *API
}

func newDesk(t *testing.T) desk {
	d := dbtest.SQLite(t)
	files, err := file.New(d, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return desk{t, New(Services{DB: d, Files: files})}
}

var (
	clerk    = account.Principal{UserID: 1, OrgID: 10, Role: enterprise}
	stranger = account.Principal{UserID: 2, OrgID: 11, Role: enterprise}
)

func (d desk) ask(r *http.Request, who account.Principal) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h := securityHeaders(false, d.api.huma.Adapter())
	h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), keyCaller, who)))
	return w
}

func (d desk) get(path string, who account.Principal) *httptest.ResponseRecorder {
	return d.ask(httptest.NewRequestWithContext(d.Context(), http.MethodGet, path, nil), who)
}

// form is a multipart body with one file, as browsers send it.
func multipartForm(t *testing.T, name, declared string, content io.Reader) (contentType string, body io.Reader) {
	head := &bytes.Buffer{}
	m := multipart.NewWriter(head)
	part := textproto.MIMEHeader{}
	part.Set("Content-Disposition", mime.FormatMediaType("form-data", map[string]string{"name": "file", "filename": name}))
	part.Set("Content-Type", declared)
	if _, err := m.CreatePart(part); err != nil {
		t.Fatal(err)
	}
	return m.FormDataContentType(), io.MultiReader(head, content, strings.NewReader("\r\n--"+m.Boundary()+"--\r\n"))
}

func (d desk) upload(purpose, name, declared string, content io.Reader) *httptest.ResponseRecorder {
	contentType, body := multipartForm(d.T, name, declared, content)
	r := httptest.NewRequestWithContext(d.Context(), http.MethodPost, "/api/v1/files?purpose="+purpose, body)
	r.Header.Set("Content-Type", contentType)
	return d.ask(r, clerk)
}

func (d desk) uploaded(w *httptest.ResponseRecorder) FileView {
	d.Helper()
	var f FileView
	if err := json.Unmarshal(w.Body.Bytes(), &f); err != nil || w.Code != http.StatusCreated {
		d.Fatal(w.Code, w.Body, err)
	}
	return f
}

func dot(t *testing.T) *bytes.Buffer {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	return &b
}

// T-UPL-01: what a client declares counts for nothing, and what is served cannot run.
func TestFilesAreServedSoThatNothingRuns(t *testing.T) {
	d := newDesk(t)
	if w := d.upload("license", "a.png", "image/png", strings.NewReader("<script>alert(1)</script>")); w.Code != http.StatusUnprocessableEntity {
		t.Error("a page that claims to be a picture:", w.Code)
	}
	f := d.uploaded(d.upload("license", "执照.png", "text/html", dot(t)))
	h := d.get(f.URL, clerk).Header()
	for name, want := range map[string]string{
		"Content-Type": "image/png", "X-Content-Type-Options": "nosniff",
		"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox", "Cache-Control": "private, max-age=300",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	f = d.uploaded(d.upload("case_doc", "a.zip", "image/png", strings.NewReader("PK\x05\x06"+strings.Repeat("\x00", 18))))
	if got := d.get(f.URL, clerk).Header().Get("Content-Disposition"); !strings.HasPrefix(got, "attachment") {
		t.Error("an archive is shown:", got)
	}
}

type endless struct{ sent int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.sent += int64(len(p))
	clear(p)
	return len(p), nil
}

// T-UPL-02: a body without an end, or one that says less than it holds, is cut off.
func TestEndlessUploads(t *testing.T) {
	d := newDesk(t)
	endless := &endless{}
	if w := d.upload("license", "a.png", "image/png", endless); w.Code != http.StatusRequestEntityTooLarge || endless.sent > 110<<20 {
		t.Errorf("%d after %d MB: %s", w.Code, endless.sent>>20, w.Body)
	}
	if w := d.upload("license", "a.png", "image/png", io.LimitReader(endless, 10<<20+1)); w.Code != http.StatusRequestEntityTooLarge && w.Code != http.StatusUnprocessableEntity {
		t.Error("10 MB and a byte:", w.Code)
	}

	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.api.huma.Adapter().ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), keyCaller, clerk)))
	}))
	defer site.Close()
	for _, length := range []string{"5", "-1", "many"} {
		answer := raw(t, site.Listener.Addr().String(), fmt.Sprintf(
			"POST /api/v1/files?purpose=license HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: %s\r\n\r\n"+
				"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n%s\r\n--b--\r\n", length, dot(t)))
		if !strings.HasPrefix(answer, "HTTP/1.1 4") {
			t.Errorf("Content-Length %s: %.60s", length, answer)
		}
	}
}

// T-UPL-05: a name can neither break out of a header nor hide its ending.
func TestFileNamesInHeaders(t *testing.T) {
	d := newDesk(t)
	for given, want := range map[string]string{
		"../../x.png":                      "x.png",
		`a"b.png`:                          "ab.png",
		"con.png":                          "con.png",
		".htaccess.png":                    "htaccess.png",
		"执照\u202egnp.png":                  "执照gnp.png",
		strings.Repeat("长", 4096) + ".png": strings.Repeat("长", 116) + ".png",
	} {
		f := d.uploaded(d.upload("cover", given, "image/png", dot(t)))
		kind, params, err := mime.ParseMediaType(d.get(f.URL, clerk).Header().Get("Content-Disposition"))
		if err != nil || kind != "inline" || params["filename"] != want {
			t.Errorf("%.40q is served as %s %.40q, want %.40q (%v)", given, kind, params["filename"], want, err)
		}
	}
}

// T-UPL-06: an address that is no number of a file leads nowhere.
func TestPathsInFileAddresses(t *testing.T) {
	d := newDesk(t)
	for _, path := range []string{"..%2f..%2fetc%2fpasswd", "%2e%2e%5cx", "..", "1%00", "tmp", "0", "-1", "18446744073709551616"} {
		if w := d.get("/api/v1/files/"+path, clerk); w.Code < 300 || w.Code >= 500 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// T-UPL-09: the file of another company is not there, neither to read nor to turn.
func TestFilesOfOthers(t *testing.T) {
	d := newDesk(t)
	f := d.uploaded(d.upload("license", "a.png", "image/png", dot(t)))
	turn := func(who account.Principal) int {
		return d.ask(httptest.NewRequestWithContext(d.Context(), http.MethodPost, f.URL+"/turned", nil), who).Code
	}
	if read, turned := d.get(f.URL, stranger).Code, turn(stranger); read != http.StatusNotFound || turned != http.StatusNotFound {
		t.Error(read, turned)
	}
	if read, turned := d.get(f.URL, clerk).Code, turn(clerk); read != http.StatusOK || turned != http.StatusCreated {
		t.Error(read, turned)
	}
}

// raw sends a request as it is, and reads the answer.
func raw(t *testing.T, address, request string) string {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // a test
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}
