package httpapi

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
)

// site serves the built pages: the files as they are, and for every page of the
// router the one HTML file, with the page's own title, description and first
// content in it, so that search engines and slow connections have something to
// read before the scripts have run.
type site struct {
	files  fs.FS
	routes []pageRoute
	before string // index.html up to <!--head-->, between the marks, and after <!--app-->
	middle string
	after  string
	assets sync.Map // path → func() (*asset, error)
	url    string   // under which people reach the site, for addresses that leave it
	pages  *shared  // finished public pages
}

// pageRoute is one page of the router.
type pageRoute struct {
	Path        string `json:"path"` // segments; ":id" stands for any one
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Private     bool   `json:"private,omitempty"` // behind the sign-in: not for search engines

	first firstContent
}

// firstContent is what a page shows first. read makes it; args are the values of
// the path's variables in order. Where version says what it depends on, it is made
// once for each version.
type firstContent struct {
	read    func(r *http.Request, args []string) (firstPage, error)
	version func(ctx context.Context) (string, error)
}

// firstPage is what the server itself says on a page. Empty fields are taken from the route.
type firstPage struct {
	Title       string
	Description string
	Type        string // of Open Graph; website when nothing is said
	Image       string // path of a picture for previews
	Canonical   string // path that stands for this page and its variants
	Hidden      bool   // not for search engines
	Lines       []string
	Body        template.HTML // sanitised text of the page
	Links       []pageLink
	Facts       []any // what the page is about, for machines (schema.org)
	// what the page's scripts will ask the API first, with the answers, which go along
	Answers map[string]json.RawMessage
}

type pageLink struct{ Href, Text, Note string }

// newSite prepares index.html. It fails when the build left out a mark.
func newSite(files fs.FS, url string, routes []pageRoute) (*site, error) {
	index, err := fs.ReadFile(files, "index.html")
	if err != nil {
		return nil, err
	}
	before, rest, head := strings.Cut(string(index), "<!--head-->")
	middle, after, app := strings.Cut(rest, "<!--app-->")
	if !head || !app {
		return nil, errors.New("index.html of the pages lacks <!--head--> or <!--app-->")
	}
	return &site{files: files, url: url, routes: routes, before: before, middle: middle, after: after, pages: newShared(pageBytes)}, nil
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		plain(w, http.StatusMethodNotAllowed, "只能读取页面")
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if name != "" && name != "index.html" && path.Ext(name) != "" {
		s.serveFile(w, r, name)
		return
	}
	s.servePage(w, r)
}

// ---- pages ----

// pageBytes bounds the finished pages that are kept.
const pageBytes = 16 << 20

var headTemplate = template.Must(template.New("head").Parse(
	`<title>{{.Title}}</title>
{{- with .Description}}
<meta name="description" content="{{.}}">
<meta property="og:description" content="{{.}}">
{{- end}}
<meta property="og:title" content="{{.Heading}}">
<meta property="og:site_name" content="{{.Site}}">
<meta property="og:locale" content="zh_CN">
<meta property="og:type" content="{{.Type}}">
{{- with .Image}}
<meta property="og:image" content="{{.}}">
<meta name="twitter:card" content="summary_large_image">
{{- end}}
{{- if .Hidden}}
<meta name="robots" content="noindex">
{{- else}}
<link rel="canonical" href="{{.Canonical}}">
<meta property="og:url" content="{{.Canonical}}">
{{- end}}
{{- range .Facts}}
<script type="application/ld+json">{{.}}</script>
{{- end}}`))

var appTemplate = template.Must(template.New("app").Parse(
	`<div class="first-content">
<nav><a href="/"><strong>{{.Site}}</strong></a> <a href="/solutions">解决方案与产品</a> <a href="/campaigns">服务券活动</a> <a href="/notices">通知</a> <a href="/help">帮助</a></nav>
<main>
<h1>{{.Heading}}</h1>
{{- range .Lines}}
<p>{{.}}</p>
{{- end}}
{{- with .Body}}
<div>{{.}}</div>
{{- end}}
{{- with .Links}}
<ul>
{{- range .}}
<li><a href="{{.Href}}">{{.Text}}</a>{{with .Note}} <span>{{.}}</span>{{end}}</li>
{{- end}}
</ul>
{{- end}}
</main>
</div>`))

const siteName = "中小企业数字化转型公共服务平台"

// servePage sends a page of the router: a kept one, or a new one.
func (s *site) servePage(w http.ResponseWriter, r *http.Request) {
	route, args, known := s.match(r.URL.Path)
	if !known || route.Private || route.first.version == nil {
		status, html := s.page(r, route, args, known)
		h := w.Header()
		h.Set("Content-Type", htmlType)
		h.Set("Cache-Control", "no-cache")
		if route.Private { // so that no browser keeps the page of somebody who has signed out
			h.Set("Cache-Control", "no-store")
		}
		h.Set("Content-Length", strconv.Itoa(len(html)))
		w.WriteHeader(status)
		if r.Method == http.MethodGet {
			_, _ = w.Write(html) //nolint:errcheck // the client has gone
		}
		return
	}
	version, err := route.first.version(r.Context())
	if err != nil {
		problemOf(r.Context(), err).write(w)
		return
	}
	done, err := s.pages.find(r.URL.Path+"?"+r.URL.RawQuery, version, accepts(r, "gzip"), func() (*kept, bool, error) {
		status, html := s.page(r.WithContext(context.WithoutCancel(r.Context())), route, args, known)
		if status != http.StatusOK {
			rec := &recording{header: http.Header{"Content-Type": {htmlType}, "Cache-Control": {"no-cache"}}, status: status}
			rec.body.Write(html)
			return nil, false, &notKept{rec}
		}
		made, err := newKept(version, htmlType, html)
		return made, true, err
	})
	if failed := refusedIn(err); failed != nil {
		failed.send(w, r)
		return
	}
	if err != nil {
		problemOf(r.Context(), err).write(w)
		return
	}
	done.write(w, r)
}

const htmlType = "text/html; charset=utf-8"

// page writes the HTML of a page, and the status it is sent with.
func (s *site) page(r *http.Request, route pageRoute, args []string, known bool) (status int, html []byte) {
	status = http.StatusOK
	var page firstPage
	if !known {
		status, route = http.StatusNotFound, pageRoute{Title: "页面不存在", Private: true}
	} else if route.first.read != nil {
		var err error
		if page, err = route.first.read(r, args); err != nil {
			p := problemOf(r.Context(), err)
			status, page = p.Status, firstPage{Title: p.Detail}
		}
	}
	view := struct {
		firstPage
		Heading, Site string
	}{firstPage: page, Heading: cmp.Or(page.Title, route.Title), Site: siteName}
	view.Hidden = view.Hidden || route.Private || status != http.StatusOK
	view.Description = cmp.Or(page.Description, route.Description)
	view.Type = cmp.Or(page.Type, "website")
	view.Canonical = s.url + cmp.Or(page.Canonical, r.URL.Path)
	if view.Image != "" {
		view.Image = s.url + view.Image
	}
	view.Title = siteName
	if view.Heading != siteName {
		view.Title = view.Heading + " - " + siteName
	}

	var out bytes.Buffer
	out.WriteString(s.before)
	err := headTemplate.Execute(&out, view)
	out.WriteString(s.middle)
	if !route.Private || status != http.StatusOK {
		err = errors.Join(err, appTemplate.Execute(&out, view))
	}
	before, after, _ := strings.Cut(s.after, "</div>")
	out.WriteString(before + "</div>")
	if len(page.Answers) > 0 {
		answers, failed := json.Marshal(page.Answers) // writes < as \u003c, also in what is given as JSON
		err = errors.Join(err, failed)
		out.WriteString(`<script type="application/json" id="first-answers">`)
		out.Write(answers)
		out.WriteString(`</script>`)
	}
	out.WriteString(after)
	if err != nil {
		return problemOf(r.Context(), fmt.Errorf("page %s: %w", route.Path, err)).Status, nil
	}
	return status, out.Bytes()
}

// match finds the route of a path. A fixed segment wins over a variable one.
func (s *site) match(at string) (route pageRoute, args []string, ok bool) {
	segments := split(at)
	best := -1
	for _, candidate := range s.routes {
		values, fixed, matches := matchSegments(split(candidate.Path), segments)
		if matches && fixed > best {
			route, args, ok, best = candidate, values, true, fixed
		}
	}
	return route, args, ok
}

func matchSegments(pattern, segments []string) (values []string, fixed int, ok bool) {
	if len(pattern) != len(segments) {
		return nil, 0, false
	}
	for i, want := range pattern {
		switch {
		case strings.HasPrefix(want, ":"):
			values = append(values, segments[i])
		case want != segments[i]:
			return nil, 0, false
		default:
			fixed++
		}
	}
	return values, fixed, true
}

func split(at string) []string {
	return strings.FieldsFunc(at, func(c rune) bool { return c == '/' })
}

// ---- files ----

// asset is a file ready to be sent, once for each encoding it is kept in.
type asset struct {
	mime, etag string
	encoded    map[string][]byte // "" is the file itself
}

func (s *site) serveFile(w http.ResponseWriter, r *http.Request, name string) {
	load, _ := s.assets.LoadOrStore(name, sync.OnceValues(func() (*asset, error) { return s.load(name) }))
	a, err := load.(func() (*asset, error))()
	if err != nil {
		s.assets.Delete(name) // names that do not exist are not kept
		plain(w, http.StatusNotFound, "文件不存在")
		return
	}
	h := w.Header()
	// The build puts a hash of the content into the names below assets/.
	if strings.HasPrefix(name, "assets/") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "public, max-age=3600")
	}
	a.send(w, r)
}

// send answers with the smallest copy that the browser takes, or that it has it already.
func (a *asset) send(w http.ResponseWriter, r *http.Request) {
	content, _ := a.prepare(w, r)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// prepare chooses the copy and writes the header that tells of it.
func (a *asset) prepare(w http.ResponseWriter, r *http.Request) (content []byte, etag string) {
	h := w.Header()
	h.Set("Content-Type", a.mime)
	h.Add("Vary", "Accept-Encoding")
	content, etag = a.encoded[""], a.etag
	for _, encoding := range []string{"br", "gzip"} {
		if packed := a.encoded[encoding]; packed != nil && accepts(r, encoding) {
			h.Set("Content-Encoding", encoding)
			content, etag = packed, a.etag+"-"+encoding
			break
		}
	}
	etag = `"` + etag + `"`
	h.Set("ETag", etag)
	return content, etag
}

// load reads a file with the packed copies the build has made of it; text
// without one is packed here, once.
func (s *site) load(name string) (*asset, error) {
	content, err := fs.ReadFile(s.files, name)
	if err != nil {
		return nil, err
	}
	a := newAsset(content, cmp.Or(mime.TypeByExtension(path.Ext(name)), "application/octet-stream"))
	for encoding, suffix := range map[string]string{"br": ".br", "gzip": ".gz"} {
		if packed, err := fs.ReadFile(s.files, name+suffix); err == nil {
			a.encoded[encoding] = packed
		}
	}
	return a, a.pack()
}

func newAsset(content []byte, mimeType string) *asset {
	etag := strconv.FormatUint(xxhash.Sum64(content), 16) // names contents, and guards nothing
	return &asset{mime: mimeType, etag: etag, encoded: map[string][]byte{"": content}}
}

// pack compresses text that came without a packed copy.
func (a *asset) pack() (err error) {
	content := a.encoded[""]
	if a.encoded["gzip"] == nil && isText(a.mime) && len(content) > 1000 {
		a.encoded["gzip"], err = gzipped(content)
	}
	return err
}

func gzipped(content []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = z.Write(content)
	if err := errors.Join(err, z.Close()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func isText(mimeType string) bool {
	return strings.HasPrefix(mimeType, "text/") || strings.Contains(mimeType, "javascript") ||
		strings.Contains(mimeType, "json") || strings.Contains(mimeType, "svg")
}

// accepts reads Accept-Encoding; a weight of zero refuses.
func accepts(r *http.Request, encoding string) bool {
	for offer := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(offer), ";")
		if name == encoding {
			q := strings.TrimPrefix(strings.TrimSpace(weight), "q=")
			value, err := strconv.ParseFloat(q, 64)
			return q == "" || err == nil && value > 0
		}
	}
	return false
}
