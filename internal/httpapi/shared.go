package httpapi

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/singleflight"

	"smedx/internal/account"
)

// shared keeps answers that are the same for everybody: written once, packed
// once, sent as they are until what they show has changed. Short ones are packed
// when they are asked for again: most of what is asked for rarely never is. The memory for them
// is bounded; what was not asked for lately goes first.
type shared struct {
	mu     sync.RWMutex
	recent map[string]*kept // asked for since the last turn
	older  map[string]*kept
	size   int // of recent
	turn   int // recent grows to this, then becomes older
	making singleflight.Group
}

// kept is a finished answer. It is never changed.
type kept struct {
	*asset

	version  string // of what it shows
	unpacked bool   // yet: asked for but once
}

// sharedBytes bounds what is kept; halves of it take turns.
const sharedBytes = 48 << 20

func newShared(most int) *shared {
	return &shared{recent: map[string]*kept{}, older: map[string]*kept{}, turn: most / 2}
}

// What is shorter than leastPacked is never worth packing; what is shorter than
// firstFlight reaches a browser in as many round trips without it (ten segments of
// TCP), so that it is packed only for the second who asks.
const (
	leastPacked = 1000
	firstFlight = 14_000
)

// newKept finishes a body.
func newKept(version, mimeType string, content []byte) (*kept, error) {
	k := &kept{newAsset(content, mimeType), version, len(content) >= leastPacked}
	if len(content) < firstFlight {
		return k, nil
	}
	return k.packed()
}

// packed is the same answer with a packed copy.
func (k *kept) packed() (*kept, error) {
	content := k.encoded[""]
	var out bytes.Buffer
	z, _ := packers.Get().(*gzip.Writer) //nolint:errcheck // holds nothing else
	defer packers.Put(z)
	z.Reset(&out)
	_, err := z.Write(content)
	err = errors.Join(err, z.Close())
	whole := &asset{mime: k.mime, etag: k.etag, encoded: map[string][]byte{"": content, "gzip": out.Bytes()}}
	return &kept{whole, k.version, false}, err
}

// packers are costly to make. They pack fast rather than well: many answers are
// sent but a few times.
var packers = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed+1)
	if err != nil {
		panic(err) // the level is right
	}
	return z
}}

// weight is about how much memory an answer takes.
func (k *kept) weight(key string) int {
	n := 256 + 2*len(key) // with the maps
	for _, content := range k.encoded {
		n += len(content)
	}
	return n
}

// write sends the answer; readers ask again each time, and are told in short
// that theirs is still right.
func (k *kept) write(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	content, etag := k.prepare(w, r)
	if same := k.sameFor(r, etag); same != "" {
		w.Header().Set("ETag", same)
		w.Header().Del("Content-Type")
		w.Header().Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(content) //nolint:errcheck // the client has gone
	}
}

// sameFor is the name by which the reader has this text already, or nothing. A
// browser that takes packed copies may have one of either kind: which of them it
// was given depends on when it asked.
func (k *kept) sameFor(r *http.Request, etag string) string {
	have := r.Header.Get("If-None-Match")
	if have == "*" {
		return etag
	}
	names := []string{etag}
	if accepts(r, "gzip") {
		names = append(names, `"`+k.etag+`"`, `"`+k.etag+`-gzip"`)
	}
	for _, name := range names {
		if strings.Contains(have, name) {
			return name
		}
	}
	return ""
}

// get finds an answer of this version. It is packed when it is asked for again by
// one who takes packed copies.
func (s *shared) get(key, version string, packs bool) *kept {
	a, recent := s.look(key, version)
	switch {
	case a == nil:
		return nil
	case a.unpacked && packs:
		return s.pack(key, a)
	case !recent:
		s.put(key, a)
	}
	return a
}

func (s *shared) look(key, version string) (a *kept, recent bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	a, recent = s.recent[key], true
	if a == nil {
		a, recent = s.older[key], false
	}
	if a == nil || a.version != version {
		return nil, false
	}
	return a, recent
}

// pack keeps an answer with a packed copy; of many who ask at once, one packs.
func (s *shared) pack(key string, a *kept) *kept {
	made, err, _ := s.making.Do("pack "+a.version+" "+key, func() (any, error) {
		if now, _ := s.look(key, a.version); now != nil && !now.unpacked { // between the look and the turn
			return now, nil
		}
		packed, err := a.packed()
		if err == nil {
			s.put(key, packed)
		}
		return packed, err
	})
	if packed, ok := made.(*kept); ok && err == nil {
		return packed
	}
	return a
}

func (s *shared) put(key string, a *kept) {
	weight := a.weight(key)
	if weight > s.turn/4 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.recent[key]; old != nil {
		s.size -= old.weight(key)
	}
	if s.size+weight > s.turn {
		s.older, s.recent, s.size = s.recent, map[string]*kept{}, 0
	}
	s.recent[key] = a
	s.size += weight
}

// find finds or makes an answer; many who ask at once wait for one making.
// Only what make declares good (keep) is kept. Packs says that the reader takes
// packed copies.
func (s *shared) find(key, version string, packs bool, make func() (a *kept, keep bool, err error)) (*kept, error) {
	if a := s.get(key, version, packs); a != nil {
		return a, nil
	}
	made, err, _ := s.making.Do(version+" "+key, func() (any, error) {
		if a := s.get(key, version, packs); a != nil { // made between the look and the turn
			return a, nil
		}
		a, keep, err := make()
		if err == nil && keep {
			s.put(key, a)
		}
		return a, err
	})
	a, _ := made.(*kept)
	return a, err
}

// sharedOperations are the reading operations whose answers are kept. All are
// public, and made for nobody: see forNobody.
var sharedOperations = []string{
	"GET /api/v1/offerings", "GET /api/v1/offerings/featured", "GET /api/v1/offerings/suggestions",
	"GET /api/v1/offerings/{id}", "GET /api/v1/providers/{id}",
}

// keep serves the shared operations from the kept answers.
func (a *API) keep(mux *http.ServeMux) {
	for _, pattern := range sharedOperations {
		known := a.parametersOf(pattern)
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			found, rec, err := a.sharedAnswer(r.Context(), r.URL.Path, canonical(r.URL.RawQuery, known), accepts(r, "gzip"))
			switch {
			case err != nil:
				problemOf(r.Context(), err).write(w)
			case rec != nil:
				rec.send(w, r)
			default:
				found.write(w, r)
			}
		})
	}
}

// parametersOf are the query parameters that an operation knows, by its contract.
func (a *API) parametersOf(pattern string) map[string]bool {
	known := map[string]bool{}
	_, path, _ := strings.Cut(pattern, " ")
	if item := a.Contract().Paths[strings.TrimPrefix(path, "/api/v1")]; item != nil && item.Get != nil {
		for _, p := range item.Get.Parameters {
			if p.In == "query" {
				known[p.Name] = true
			}
		}
	}
	return known
}

// canonical is the query with what the operation knows, in order: addresses that
// ask the same share an answer, and nobody makes a new one by an unknown word.
func canonical(query string, known map[string]bool) string {
	if query == "" {
		return ""
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return query // to be refused by the operation
	}
	for name := range values {
		if !known[name] {
			delete(values, name)
		}
	}
	return values.Encode()
}

// sharedAnswer finds or makes what an operation answers to everybody: the kept
// answer, or as a recording what is not kept, such as a refusal.
func (a *API) sharedAnswer(ctx context.Context, path, query string, packs bool) (*kept, *recording, error) {
	n, err := a.Catalog.Version(ctx)
	if err != nil {
		return nil, nil, err
	}
	version := strconv.FormatInt(n, 10)
	found, err := a.answers.find("api "+path+"?"+query, version, packs, func() (*kept, bool, error) {
		rec := &recording{header: http.Header{}, status: http.StatusOK}
		r, err := forNobody(ctx, path, query)
		if err != nil {
			return nil, false, err
		}
		a.huma.Adapter().ServeHTTP(rec, r)
		if rec.status != http.StatusOK {
			return nil, false, &notKept{rec}
		}
		made, err := newKept(version, rec.header.Get("Content-Type"), rec.body.Bytes())
		return made, true, err
	})
	if refused := refusedIn(err); refused != nil {
		return nil, refused, nil
	}
	return found, nil, err
}

// forNobody is the request of a visitor without any particulars, so that nothing
// of the one who happens to ask first can get into what others read. It outlives
// that one, too: others may wait for the same answer.
func forNobody(ctx context.Context, path, query string) (*http.Request, error) {
	ctx = context.WithValue(context.WithoutCancel(ctx), keyCaller, account.Principal{})
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, path, http.NoBody)
	if err == nil {
		r.URL.RawQuery = query
	}
	return r, err
}

// notKept carries an answer that is not good for others.
type notKept struct{ recording *recording }

// refusedIn is the answer in an error of find, or nil.
func refusedIn(err error) *recording {
	var no *notKept
	if errors.As(err, &no) {
		return no.recording
	}
	return nil
}

func (n *notKept) Error() string { return "answered " + strconv.Itoa(n.recording.status) }

// recording takes down what a handler answers.
type recording struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header is the answer's.
func (c *recording) Header() http.Header { return c.header }

// WriteHeader takes the status.
func (c *recording) WriteHeader(status int) { c.status = status }

// Write takes a part of the body.
func (c *recording) Write(b []byte) (int, error) { return c.body.Write(b) }

func (c *recording) send(w http.ResponseWriter, r *http.Request) {
	for name, values := range c.header {
		w.Header()[name] = values
	}
	w.WriteHeader(c.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(c.body.Bytes()) //nolint:errcheck // the client has gone
	}
}
