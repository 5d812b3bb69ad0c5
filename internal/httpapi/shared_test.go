package httpapi

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func keptOf(t *testing.T, version, text string) *kept {
	t.Helper()
	k, err := newKept(version, "application/json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeptAnswersAreOfOneVersion(t *testing.T) {
	s := newShared(1 << 20)
	made := 0
	ask := func(version string, keep bool) string {
		k, err := s.find("a", version, true, func() (*kept, bool, error) {
			made++
			return keptOf(t, version, fmt.Sprint(version, made)), keep, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return string(k.encoded[""])
	}
	for i, c := range []struct {
		version string
		keep    bool
		want    string
	}{
		{"1", true, "11"}, {"1", true, "11"}, {"2", false, "22"}, {"2", true, "23"}, {"2", true, "23"},
	} {
		if got := ask(c.version, c.keep); got != c.want {
			t.Errorf("ask %d: %s, want %s", i, got, c.want)
		}
	}
	if _, err := s.find("b", "1", true, func() (*kept, bool, error) { return nil, false, io.ErrUnexpectedEOF }); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a failure is kept: %v", err)
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	const most = 400_000
	s := newShared(most)
	size := func() (n int) {
		for _, m := range []map[string]*kept{s.recent, s.older} {
			for k, a := range m {
				n += a.weight(k)
			}
		}
		return n
	}
	text := strings.Repeat("x", 900)
	for i := range 3000 {
		s.put(fmt.Sprint(i), keptOf(t, "1", text))
		s.get("0", "1", true) // asked for all the time
		if n := size(); n > most {
			t.Fatalf("%d bytes after %d answers", n, i)
		}
	}
	if s.get("0", "1", true) == nil {
		t.Error("what is asked for all the time was let go")
	}
	if s.get("5", "1", true) != nil {
		t.Error("what nobody asks for is still there")
	}
	s.put("large", keptOf(t, "1", strings.Repeat("0123456789", most)))
	if s.get("large", "1", true) != nil {
		t.Error("one answer takes all the room")
	}
}

// Run with the race detector.
func TestManyWhoAskAtOnceWaitForOneAnswer(t *testing.T) {
	s := newShared(1 << 20)
	for round := range 500 { // some ask just when the answer is ready
		key := strconv.Itoa(round)
		var made atomic.Int64
		begin := make(chan struct{})
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				<-begin
				_, _ = s.find(key, "1", true, func() (*kept, bool, error) {
					made.Add(1)
					return keptOf(t, "1", "x"), true, nil
				})
			})
		}
		close(begin)
		group.Wait()
		if n := made.Load(); n != 1 {
			t.Fatalf("made %d times", n)
		}
	}
}

// A short answer is packed for the second who asks, a long one at once; whoever
// has it as it was sent first is told so all the same.
func TestShortAnswersArePackedWhenAskedForAgain(t *testing.T) {
	s := newShared(1 << 20)
	packs := true
	ask := func(text, known string) *httptest.ResponseRecorder {
		k, err := s.find(text[:1], "1", packs, func() (*kept, bool, error) { return keptOf(t, "1", text), true, nil })
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Encoding", "gzip")
		r.Header.Set("If-None-Match", known)
		w := httptest.NewRecorder()
		k.write(w, r)
		return w
	}
	short, long, tiny := strings.Repeat("a ", 1000), strings.Repeat("b ", 10_000), "c"
	first := ask(short, "")
	packs = false
	_ = ask(short, "")
	if k, _ := s.look("a", "1"); k == nil || !k.unpacked {
		t.Error("packed for one who does not take it")
	}
	packs = true
	second := ask(short, "")
	if first.Header().Get("Content-Encoding") != "" || first.Body.String() != short {
		t.Error("packed for the first")
	}
	if second.Header().Get("Content-Encoding") != "gzip" || second.Body.Len() >= len(short) {
		t.Error("not packed for the second")
	}
	if ask(long, "").Header().Get("Content-Encoding") != "gzip" {
		t.Error("a long answer travels unpacked")
	}
	if ask(tiny, ""); ask(tiny, "").Header().Get("Content-Encoding") != "" {
		t.Error("packed for nothing")
	}
	for _, have := range []*httptest.ResponseRecorder{first, second} {
		if w := ask(short, have.Header().Get("ETag")); w.Code != http.StatusNotModified {
			t.Errorf("%s: %d, though the text is the same", have.Header().Get("ETag"), w.Code)
		} else if got := w.Header().Get("ETag"); got != have.Header().Get("ETag") {
			t.Errorf("who has %s is told that it is %s", have.Header().Get("ETag"), got)
		}
	}
	weight := 0
	for key, k := range s.recent {
		weight += k.weight(key)
	}
	if weight != s.size {
		t.Errorf("%d bytes are counted, %d are kept", s.size, weight)
	}
}

func TestKeptAnswersArePackedAndKnownAgain(t *testing.T) {
	text := strings.Repeat("智能排产 ", 400)
	k, err := keptOf(t, "1", text).packed()
	if err != nil {
		t.Fatal(err)
	}
	ask := func(header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		k.write(w, r)
		return w
	}
	plain := ask()
	if plain.Body.String() != text || plain.Header().Get("Content-Encoding") != "" {
		t.Error("packed for somebody who did not ask for it")
	}
	packed := ask("Accept-Encoding", "br, gzip")
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || string(got) != text {
		t.Errorf("%.20s %v", got, err)
	}
	if v := packed.Header().Get("Vary"); v != "Accept-Encoding" {
		t.Errorf("Vary: %q", v)
	}
	tag, packedTag := plain.Header().Get("ETag"), packed.Header().Get("ETag")
	if tag == packedTag {
		t.Error("two texts with one name", tag)
	}
	for known, want := range map[string]int{tag: 304, "W/" + tag: 304, `"x", ` + tag: 304, "*": 304, packedTag: 200, `"x"`: 200} {
		if w := ask("If-None-Match", known); w.Code != want || w.Code == 304 && w.Body.Len() > 0 {
			t.Errorf("If-None-Match %s: %d, %d bytes", known, w.Code, w.Body.Len())
		}
	}
	if keptOf(t, "2", text).etag != k.etag {
		t.Error("the same text has another name in another version")
	}
}

// What is kept for everybody must be open to everybody.
func TestSharedOperationsArePublic(t *testing.T) {
	a := New(Services{})
	for _, pattern := range sharedOperations {
		method, path, _ := strings.Cut(pattern, " ")
		item := a.Contract().Paths[strings.TrimPrefix(path, "/api/v1")]
		if method != http.MethodGet || item == nil || item.Get == nil {
			t.Errorf("%s is no reading operation", pattern)
			continue
		}
		if r := access[item.Get.OperationID]; !r.Public || !r.whileExpired {
			t.Errorf("%s is not public", pattern)
		}
	}
}

func TestOnlyWhatAnOperationKnowsMakesAnotherAnswer(t *testing.T) {
	known := map[string]bool{"q": true, "page": true}
	for query, want := range map[string]string{
		"": "", "once=7": "", "q=%E6%8E%92&once=7": "q=%E6%8E%92", "q=a&page=2": "page=2&q=a", "page=2&q=a": "page=2&q=a", "q=%zz": "q=%zz",
	} {
		if got := canonical(query, known); got != want {
			t.Errorf("%q became %q", query, got)
		}
	}
	a := New(Services{})
	if known := a.parametersOf("GET /api/v1/offerings"); !known["q"] || !known["page"] || !known["industry"] || len(known) < 8 {
		t.Error(known)
	}
}
