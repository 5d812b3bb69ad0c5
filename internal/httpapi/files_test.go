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
	"smedx/internal/kit/db"
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

// with asks for a file with headers.
func (d desk) with(url string, who account.Principal, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(d.Context(), http.MethodGet, url, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return d.ask(r, who)
}

// film is an MP4 of 1000 bytes, as far as its beginning tells.
func film() []byte {
	return append([]byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"), bytes.Repeat([]byte("0123456789"), 98)...)[:1000]
}

// T-UPL-11: a video is sent in parts; what asks for no sensible part gets the whole or a refusal.
func TestPartsOfAVideo(t *testing.T) {
	d := newDesk(t)
	f := d.uploaded(d.upload("product_media", "a.mp4", "video/mp4", bytes.NewReader(film())))
	whole := d.get(f.URL, clerk)
	tag := whole.Header().Get("ETag")
	if whole.Code != http.StatusOK || whole.Header().Get("Accept-Ranges") != "bytes" || tag == "" || whole.Body.Len() != 1000 {
		t.Fatal(whole.Code, whole.Header(), whole.Body.Len())
	}
	for name, tc := range map[string]struct {
		headers []string
		status  int
		length  int
		span    string
	}{
		"the first hundred":          {[]string{"Range", "bytes=0-99"}, 206, 100, "bytes 0-99/1000"},
		"the rest":                   {[]string{"Range", "bytes=900-"}, 206, 100, "bytes 900-999/1000"},
		"the last byte":              {[]string{"Range", "bytes=-1"}, 206, 1, "bytes 999-999/1000"},
		"beyond the end":             {[]string{"Range", "bytes=1000-"}, 416, -1, "bytes */1000"},
		"backwards":                  {[]string{"Range", "bytes=9-5"}, 416, -1, ""},
		"less than nothing":          {[]string{"Range", "bytes=--5"}, 416, -1, ""},
		"more than there is":         {[]string{"Range", "bytes=-5000"}, 206, 1000, "bytes 0-999/1000"},
		"a thousand parts":           {[]string{"Range", "bytes=" + strings.Repeat("0-0,", 999) + "0-0"}, 200, 1000, ""},
		"overlapping parts":          {[]string{"Range", "bytes=0-999,0-999,0-999"}, 200, 1000, ""},
		"going on with the same":     {[]string{"Range", "bytes=10-19", "If-Range", tag}, 206, 10, "bytes 10-19/1000"},
		"going on with another":      {[]string{"Range", "bytes=10-19", "If-Range", `"other"`}, 200, 1000, ""},
		"what the browser still has": {[]string{"If-None-Match", tag}, 304, 0, ""},
	} {
		w := d.with(f.URL, clerk, tc.headers...)
		if w.Code != tc.status || tc.length >= 0 && w.Body.Len() != tc.length || w.Header().Get("Content-Range") != tc.span && tc.span != "" {
			t.Errorf("%s: %d, %d bytes, %q", name, w.Code, w.Body.Len(), w.Header().Get("Content-Range"))
		}
	}
}

func TestWhatEverybodyReadsMayBeKept(t *testing.T) {
	d := newDesk(t)
	f := d.uploaded(d.upload("cover", "a.png", "image/png", dot(t)))
	small := f.URL + "/widths/320"
	if got := d.get(small, clerk); got.Code != http.StatusOK || got.Header().Get("Cache-Control") != "private, max-age=300" {
		t.Error("before it is open:", got.Code, got.Header())
	}
	if got := d.get(small, stranger).Code; got != http.StatusNotFound {
		t.Error("a stranger:", got)
	}
	err := d.api.DB.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return d.api.Files.Grant(ctx, tx, f.ID, file.Public)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{f.URL, small} {
		if got := d.get(url, account.Principal{}); got.Code != http.StatusOK || got.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Error(url, got.Code, got.Header())
		}
	}
	if a, b := d.get(f.URL, clerk).Header().Get("ETag"), d.get(small, clerk).Header().Get("ETag"); a == b {
		t.Error("a picture and its smaller edition are one to the browser:", a)
	}
	if got := d.get(f.URL+"/widths/333", clerk).Code; got != http.StatusUnprocessableEntity {
		t.Error("an odd width:", got)
	}
}

func TestAnUploadGoesOnWhereItBroke(t *testing.T) {
	d := newDesk(t)
	send := func(method, path, offset string, who account.Principal, body []byte) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), method, "/api/v1"+path, bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/offset+octet-stream")
		if method == http.MethodPost {
			r.Header.Set("Content-Type", "application/json")
		}
		if offset != "" {
			r.Header.Set("Upload-Offset", offset)
		}
		return d.ask(r, who)
	}
	view := func(w *httptest.ResponseRecorder) (v TransferView) {
		t.Helper()
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code >= 300 {
			t.Fatal(w.Code, w.Body)
		}
		return v
	}
	begun := view(send(http.MethodPost, "/uploads", "", clerk, []byte(`{"purpose":"product_media","name":"演示.mp4","size":1000}`)))
	path := "/uploads/" + begun.ID.String()
	if got := view(send(http.MethodPatch, path, "0", clerk, film()[:400])); got.Offset != 400 || got.File != nil {
		t.Fatalf("%+v", got)
	}
	head := send(http.MethodHead, path, "", clerk, nil)
	if head.Code != http.StatusOK || head.Header().Get("Upload-Offset") != "400" || head.Header().Get("Upload-Length") != "1000" {
		t.Error("HEAD:", head.Code, head.Header())
	}
	wrong := send(http.MethodPatch, path, "0", clerk, film())
	if wrong.Code != http.StatusConflict || !strings.Contains(wrong.Body.String(), `"state":"400"`) {
		t.Error("a piece twice:", wrong.Code, wrong.Body)
	}
	for _, method := range []string{http.MethodGet, http.MethodPatch, http.MethodDelete} {
		if got := send(method, path, "400", stranger, film()[400:]).Code; got != http.StatusNotFound {
			t.Error(method, "by a stranger:", got)
		}
	}
	if got := send(http.MethodPatch, path, "400", clerk, make([]byte, file.MaxPiece+1)).Code; got != http.StatusRequestEntityTooLarge {
		t.Error("too much at once:", got)
	}
	if got := send(http.MethodPatch, path, "400", clerk, make([]byte, file.MaxPiece)); !strings.Contains(got.Body.String(), "file.more_than_declared") {
		t.Error("a full piece is not looked at:", got.Code, got.Body)
	}
	whole := view(send(http.MethodPatch, path, "400", clerk, film()[400:]))
	if whole.File == nil || whole.File.MIME != "video/mp4" || d.get(whole.File.URL, clerk).Body.Len() != 1000 {
		t.Errorf("%+v", whole)
	}
	if got := view(send(http.MethodPost, "/uploads", "", clerk, []byte(`{"purpose":"product_media","name":"b.mp4","size":1000}`))); send(http.MethodDelete, "/uploads/"+got.ID.String(), "", clerk, nil).Code != http.StatusNoContent {
		t.Error("it cannot be given up")
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
