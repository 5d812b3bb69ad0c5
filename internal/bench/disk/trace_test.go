package disk

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// hexed is a text as strace prints it.
func hexed(s string) string {
	var out strings.Builder
	for i := range len(s) {
		out.WriteString(`\x` + hex.EncodeToString([]byte{s[i]}))
	}
	return out.String()
}

func followed(path string) bool { return strings.HasPrefix(path, "/d/") }

func TestATraceIsReadInItsOrder(t *testing.T) {
	f, socket := hexed("/d/f"), hexed("socket:[77]")
	trace := fmt.Sprintf(`11  openat(AT_FDCWD<%s>, "%s", O_RDONLY|O_CLOEXEC) = -1 ENOENT (No such file or directory)
11  open("%s", O_RDWR|O_CREAT|O_CLOEXEC, 0644) = 9<%s>
12  pwrite64(9<%s>, "%s", 3, 4096 <unfinished ...>
11  write(4<%s>, "%s", 5) = 5
12  <... pwrite64 resumed>)           = 3
11  pwrite64(8<%s>, "%s", 3, 0) = 3
11  fsync(9<%s>)     = 0
11  fsync(10<%s>)    = 0
11  ftruncate(9<%s>, 16) = 0
11  unlink("%s")     = 0
11  fdatasync(9<%s> <unfinished ...>
11  <... fdatasync resumed>) = ?
11  +++ killed by SIGKILL +++
`, hexed("/"), f, f, f, f, hexed("a, b"[:3]), socket, hexed("hello"), hexed("/elsewhere"), hexed("xyz"), f, hexed("/d"), f, f, f)
	events, err := Read(strings.NewReader(trace), followed)
	if err != nil {
		t.Fatal(err)
	}
	both := func(e Event) []Event {
		end := e
		end.End, end.Data = true, nil
		return []Event{e, end}
	}
	want := both(Event{Kind: Create, Call: 0, Path: "/d/f"})
	wrote := both(Event{Kind: Write, Call: 1, Path: "/d/f", At: 4096, Data: []byte("a, ")})
	want = append(want, wrote[0])
	want = append(want, both(Event{Kind: Say, Call: 2, Data: []byte("hello")})...)
	want = append(want, wrote[1])
	want = append(want, both(Event{Kind: Sync, Call: 3, Path: "/d/f"})...)
	want = append(want, both(Event{Kind: Sync, Call: 4, Path: "/d"})...)
	want = append(want, both(Event{Kind: Truncate, Call: 5, Path: "/d/f", At: 16})...)
	want = append(want, both(Event{Kind: Remove, Call: 6, Path: "/d/f"})...)
	want = append(want, Event{Kind: Sync, Call: 7, Path: "/d/f"})
	for n := range max(len(events), len(want)) {
		if n >= len(events) || n >= len(want) || !reflect.DeepEqual(events[n], want[n]) {
			t.Fatalf("event %d of %d:\n%+v\nwant %+v", n, len(events), events, want)
		}
	}
}

// What changes a followed file unseen would make every image wrong.
func TestACallThatIsNotUnderstoodIsAFault(t *testing.T) {
	f := hexed("/d/f")
	for _, line := range []string{
		"1  write(9<" + f + `>, "` + f + `", 4) = 4`,
		"1  fallocate(9<" + f + ">, 0, 0, 4096) = 0",
		`1  rename("` + f + `", "` + hexed("/d/g") + `") = 0`,
		"1  pwrite64(9<" + f + `>, "` + f + `"..., 400, 0) = 400`, // cut short by strace
		"1  pwrite64(9<" + f + `>, "` + f + `", 4, 0) = 3`,        // a short write
		"1  <... fsync resumed>) = 0",
	} {
		if _, err := Read(strings.NewReader(line+"\n"), followed); err == nil {
			t.Error("passed:", line)
		}
	}
	if events, err := Read(strings.NewReader("1  write(9<"+hexed("/x")+`>, "`+f+"\", 4) = 4\n"), followed); err != nil || len(events) != 0 {
		t.Error(events, err)
	}
}
