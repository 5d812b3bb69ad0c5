package httpapi

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"smedx/internal/kit/errs"
)

func testSite(t *testing.T) http.Handler {
	t.Helper()
	files := fstest.MapFS{
		"index.html":         {Data: []byte(`<html><head><!--head--></head><body><div id="app"><!--app--></div></body></html>`)},
		"assets/app-1a2b.js": {Data: []byte("export const a = 1\n" + strings.Repeat("// 中文\n", 400))},
		"favicon.svg":        {Data: []byte("<svg/>")},
	}
	s, err := newSite(files, "https://example.gov.cn", []pageRoute{
		{Path: "/", Title: siteName, Description: "服务券与数字化方案"},
		{Path: "/notices/:id", Title: "通知", first: firstContent{read: func(_ *http.Request, args []string) (firstPage, error) {
			if args[0] == "0" {
				return firstPage{}, errs.ErrNotFound
			}
			return firstPage{
				Title: "关于<b>服务券</b>的通知" + args[0], Image: "/a.png", Canonical: "/notices/" + args[0],
				Facts:   []any{facts{"name": "</script><script>alert(1)</script>"}},
				Answers: map[string]json.RawMessage{"/x?a=1": json.RawMessage(`{"t":"</script><b>"}`)},
				Lines:   []string{"第一段"}, Links: []pageLink{{Href: "javascript:alert(1)", Text: "附件"}},
			}, nil
		}}},
		{Path: "/notices/new", Title: "写通知", Private: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func get(h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPagesSayTheirTitleAndFirstContent(t *testing.T) {
	site := testSite(t)
	for _, c := range []struct {
		path   string
		status int
		has    []string
		hasNot []string
	}{
		{"/", 200, []string{"<title>" + siteName + "</title>", `content="服务券与数字化方案"`, `<h1>` + siteName}, []string{"noindex", "<!--"}},
		{"/notices/7", 200, []string{"<title>关于&lt;b&gt;服务券&lt;/b&gt;的通知7 - ", "<p>第一段</p>", `<div id="app"><div class="first-content">`}, []string{"<b>", "javascript:alert", "noindex"}},
		{"/notices/7/", 200, []string{
			"的通知7", `<link rel="canonical" href="https://example.gov.cn/notices/7">`, `property="og:image" content="https://example.gov.cn/a.png"`,
			`{"name":"\u003c/script\u003e\u003cscript\u003ealert(1)`, `id="first-answers">{"/x?a=1":{"t":"\u003c/script\u003e\u003cb\u003e"}}</script>`,
		}, []string{"<script>alert", "</script><b>"}},
		{"/notices/new", 200, []string{"<title>写通知 - ", "noindex", `<div id="app"></div>`}, nil},
		{"/notices/0", 404, []string{"noindex"}, nil},
		{"/nowhere", 404, []string{"<title>页面不存在 - ", "noindex"}, nil},
		{"/assets/missing.js", 404, []string{"文件不存在"}, []string{"<html"}},
	} {
		w := get(site, c.path)
		if w.Code != c.status {
			t.Errorf("%s: status %d, want %d", c.path, w.Code, c.status)
		}
		for _, text := range c.has {
			if !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s lacks %q:\n%s", c.path, text, w.Body)
			}
		}
		for _, text := range c.hasNot {
			if strings.Contains(w.Body.String(), text) {
				t.Errorf("%s has %q:\n%s", c.path, text, w.Body)
			}
		}
	}
}

// T-SESS-09: a browser keeps no page of somebody's own, and no answer of the API.
func TestPrivatePagesAreNotKept(t *testing.T) {
	site := testSite(t)
	for path, want := range map[string]string{"/": "no-cache", "/notices/new": "no-store"} {
		if got := get(site, path).Header().Get("Cache-Control"); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	api := securityHeaders(true, http.NotFoundHandler())
	if got := get(api, "/api/v1/me").Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("an answer of the API: %s", got)
	}
}

func TestFilesAreKeptByBrowsersAndPacked(t *testing.T) {
	site := testSite(t)
	w := get(site, "/assets/app-1a2b.js", "Accept-Encoding", "gzip, deflate, br")
	if got := w.Header().Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
		t.Errorf("Cache-Control: %s", got)
	}
	if got := w.Header().Get("Content-Encoding"); got != "gzip" {
		t.Fatalf("Content-Encoding: %q", got)
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil || !strings.HasPrefix(string(text), "export const") {
		t.Errorf("%.40q, %v", text, err)
	}
	if w := get(site, "/assets/app-1a2b.js", "Accept-Encoding", "gzip;q=0"); w.Header().Get("Content-Encoding") != "" {
		t.Error("packed for a client that refuses it")
	}
	etag := get(site, "/favicon.svg").Header().Get("ETag")
	if w := get(site, "/favicon.svg", "If-None-Match", etag); etag == "" || w.Code != http.StatusNotModified {
		t.Errorf("ETag %q: status %d", etag, w.Code)
	}
}

func TestPagesAreOnlyRead(t *testing.T) {
	w := httptest.NewRecorder()
	testSite(t).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("status %d", w.Code)
	}
}

// A page whose content has a version is made once for each; a refusal is made anew.
func TestPagesAreKeptByVersion(t *testing.T) {
	files := fstest.MapFS{"index.html": {Data: []byte(`<head><!--head--></head><div id="app"><!--app--></div>`)}}
	made, version, gone := 0, "1", false
	s, err := newSite(files, "https://example.gov.cn", []pageRoute{{Path: "/solutions", Title: "商品", first: firstContent{
		read: func(*http.Request, []string) (firstPage, error) {
			if made++; gone {
				return firstPage{}, errs.ErrNotFound
			}
			return firstPage{Title: "第" + strconv.Itoa(made) + "版"}, nil
		},
		version: func(context.Context) (string, error) { return version, nil },
	}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, version string
		gone          bool
		status        int
		has           string
	}{
		{"/solutions", "1", false, 200, "第1版"}, {"/solutions", "1", false, 200, "第1版"}, {"/solutions?q=a", "1", false, 200, "第2版"},
		{"/solutions", "2", false, 200, "第3版"}, {"/solutions", "3", true, 404, "noindex"}, {"/solutions", "3", false, 200, "第5版"},
	} {
		version, gone = c.version, c.gone
		w := get(s, c.path)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.has) {
			t.Errorf("%+v: %d %s", c, w.Code, w.Body)
		}
	}
	tag := get(s, "/solutions").Header().Get("ETag")
	if w := get(s, "/solutions", "If-None-Match", tag); tag == "" || w.Code != http.StatusNotModified {
		t.Errorf("ETag %q: %d", tag, w.Code)
	}
}
