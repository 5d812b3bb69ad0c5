package disk

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
)

// deed is what a process does from begin to end.
func deed(d *Disk, e Event) {
	d.Take(e)
	e.End, e.Data = true, nil
	d.Take(e)
}

func write(call int, at int64, text string) Event {
	return Event{Kind: Write, Call: call, Path: "/d/f", At: at, Data: []byte(text)}
}

// contents is what a file may hold after the power is cut, over many chances.
func contents(d *Disk, path string) map[string]bool {
	out := map[string]bool{}
	for seed := range uint64(300) {
		content, there := d.Cut(rand.New(rand.NewPCG(seed, 1))).Files[path]
		if !there {
			content = []byte("missing")
		}
		out[string(content)] = true
	}
	return out
}

func holds(t *testing.T, d *Disk, path string, want ...string) {
	t.Helper()
	seen, wanted := contents(d, path), map[string]bool{}
	for _, w := range want {
		wanted[w] = true
	}
	if !maps.Equal(seen, wanted) {
		t.Errorf("%s may hold %v, want %q", path, seen, want)
	}
}

func TestWhatWasSyncedStaysAndTheRestMayBeMissing(t *testing.T) {
	d := Holding(map[string][]byte{"/d/f": []byte("old")})
	deed(d, write(1, 0, "one"))
	holds(t, d, "/d/f", "old", "one")
	deed(d, Event{Kind: Sync, Call: 2, Path: "/d/f"})
	holds(t, d, "/d/f", "one")
	deed(d, Event{Kind: Truncate, Call: 3, Path: "/d/f", At: 1})
	holds(t, d, "/d/f", "one", "o")
}

func TestASyncCoversOnlyWhatWasWrittenBeforeItBegan(t *testing.T) {
	d := Holding(map[string][]byte{"/d/f": []byte("....")})
	deed(d, write(1, 0, "a"))
	d.Take(write(2, 1, "b")) // under way when the sync begins
	d.Take(Event{Kind: Sync, Call: 3, Path: "/d/f"})
	deed(d, write(4, 2, "c")) // begun later
	holds(t, d, "/d/f", "....", "a...", "ab..", "a.c.", "abc.", ".b..", "..c.", ".bc.")
	d.Take(Event{Kind: Write, Call: 2, Path: "/d/f", End: true})
	d.Take(Event{Kind: Sync, Call: 3, Path: "/d/f", End: true})
	holds(t, d, "/d/f", "a...", "ab..", "a.c.", "abc.")
}

func TestAWriteIsTornWhereSectorsEnd(t *testing.T) {
	d := Holding(map[string][]byte{"/d/f": bytes.Repeat([]byte("-"), 1024)})
	deed(d, write(1, 500, strings.Repeat("+", 100))) // 12 bytes of the first sector, 88 of the second
	first, second := strings.Repeat("+", 12), strings.Repeat("+", 88)
	line := func(a, b string) string { return strings.Repeat("-", 500) + a + b + strings.Repeat("-", 424) }
	gone := func(s string) string { return strings.Repeat("-", len(s)) }
	holds(t, d, "/d/f", line(gone(first), gone(second)), line(first, gone(second)), line(gone(first), second), line(first, second))
}

func TestANameIsSafeOnceItsFolderIsSynced(t *testing.T) {
	d := Holding(nil)
	deed(d, Event{Kind: Create, Call: 1, Path: "/d/f"})
	deed(d, write(2, 0, "x"))
	deed(d, Event{Kind: Sync, Call: 3, Path: "/d/f"})
	holds(t, d, "/d/f", "missing", "x")
	deed(d, Event{Kind: Sync, Call: 4, Path: "/d"})
	holds(t, d, "/d/f", "x")
	deed(d, Event{Kind: Remove, Call: 5, Path: "/d/f"})
	holds(t, d, "/d/f", "missing", "x")
}

func TestADeafDiskKeepsNoPromise(t *testing.T) {
	d := Holding(map[string][]byte{"/d/f": nil})
	d.Deaf = func(string) bool { return true }
	deed(d, write(1, 0, "x"))
	deed(d, Event{Kind: Sync, Call: 2, Path: "/d/f"})
	if !contents(d, "/d/f")[""] {
		t.Error("nothing is ever lost")
	}
}

func TestASeedTearsTheSameWay(t *testing.T) {
	d := Holding(map[string][]byte{"/d/f": nil, "/d/g": nil})
	for call := range 40 {
		e := write(call, int64(call)*3000, strings.Repeat("x", 3000))
		if call%2 == 0 {
			e.Path = "/d/g"
		}
		deed(d, e)
	}
	for seed := range uint64(30) {
		one, two := d.Cut(rand.New(rand.NewPCG(seed, 1))), d.Cut(rand.New(rand.NewPCG(seed, 1)))
		if !maps.EqualFunc(one.Files, two.Files, bytes.Equal) || one.Lost != two.Lost || one.Open != 40 {
			t.Fatalf("seed %d: %d and %d of %d lost", seed, one.Lost, two.Lost, one.Open)
		}
	}
}
