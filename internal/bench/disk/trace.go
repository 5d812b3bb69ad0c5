package disk

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
)

// Kind is what a process did.
type Kind int

// What a process does to its files, and what it says to others.
const (
	Create Kind = iota
	Remove
	Write
	Truncate
	Sync // of a file, or of a folder: its names
	Say  // to a socket
)

// Event is the beginning or the end of a call. What is written is under way from
// the one to the other; what is said may have left at the beginning.
type Event struct {
	Kind Kind
	Call int // the same at both ends
	End  bool
	Path string
	At   int64 // where it is written, or the new length
	Data []byte
}

// calls are those that change a file in a way that this package understands, and
// those that it must not overlook.
const calls = "?open,openat,?creat,write,writev,pwrite64,pwritev,?pwritev2,ftruncate,?truncate,fallocate," +
	"fsync,fdatasync,?unlink,unlinkat,?rename,renameat,?renameat2,?link,linkat,copy_file_range,sendfile"

// Tracer is the command line that runs a program and writes what it does to the
// file descriptor 3. The process that is started is the program itself.
func Tracer() ([]string, error) {
	if out, err := exec.Command("strace", "-D", "-f", "-o", "/dev/null", "true").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("strace is needed to see what the server writes and syncs (apt install strace), and must be allowed to trace here: %w %s", err, out)
	}
	return []string{"strace", "-D", "-f", "--seccomp-bpf", "-y", "-xx", "-s", "1048576", "-e", "trace=" + calls, "-e", "signal=none", "-o", "/dev/fd/3"}, nil
}

// Read understands a trace. Of files it keeps those that follow names.
func Read(r io.Reader, follow func(path string) bool) ([]Event, error) {
	t := trace{follow: follow, open: map[string]pending{}}
	lines := bufio.NewReaderSize(r, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			if err := t.line(bytes.TrimRight(line, "\n")); err != nil {
				return nil, fmt.Errorf("trace: %w: %.300s", err, line)
			}
		}
		if errors.Is(err, io.EOF) {
			return t.events, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

type pending struct {
	begun *Event // nil: not of interest
	name  string
	args  []byte
}

type trace struct {
	follow func(string) bool
	events []Event
	calls  int
	open   map[string]pending // by thread
}

func (t *trace) line(line []byte) error {
	thread, rest, _ := bytes.Cut(line, []byte(" "))
	rest = bytes.TrimLeft(rest, " ")
	switch {
	case len(rest) == 0, bytes.HasPrefix(rest, []byte("+++")), bytes.HasPrefix(rest, []byte("---")):
		return nil
	case bytes.HasPrefix(rest, []byte("<... ")):
		_, result, found := bytes.Cut(rest, []byte("resumed>"))
		p, known := t.open[string(thread)]
		if !found || !known {
			return errors.New("an end without its beginning")
		}
		delete(t.open, string(thread))
		return t.end(p, result)
	}
	name, args, found := bytes.Cut(rest, []byte("("))
	if !found {
		return errors.New("not a call")
	}
	if cut, unfinished := bytes.CutSuffix(args, []byte("<unfinished ...>")); unfinished {
		p, err := t.begin(string(name), cut)
		t.open[string(thread)] = p
		return err
	}
	at := bytes.LastIndex(args, []byte(") "))
	if at < 0 {
		return errors.New("a call without its end")
	}
	if ret, err := result(args[at:]); err != nil || ret < 0 {
		return err // it did nothing
	}
	p, err := t.begin(string(name), args[:at])
	if err != nil {
		return err
	}
	return t.end(p, args[at:])
}

// died is the result of a call in which the process was killed.
const died = -1 << 62

// result is the number that a call returned.
func result(tail []byte) (int64, error) {
	_, ret, found := bytes.Cut(tail, []byte("= "))
	if !found {
		return 0, errors.New("no result")
	}
	word := ret
	if n := bytes.IndexAny(ret, " <"); n >= 0 {
		word = ret[:n]
	}
	if string(word) == "?" {
		return died, nil
	}
	return strconv.ParseInt(string(word), 0, 64)
}

func (t *trace) begin(name string, args []byte) (pending, error) {
	p := pending{name: name, args: args}
	words := bytes.Split(args, []byte(", "))
	for i := range words {
		words[i] = bytes.TrimSpace(words[i])
	}
	e := Event{Call: t.calls}
	switch name {
	case "open", "openat", "creat", "rename", "renameat", "renameat2", "link", "linkat":
		return p, nil // by the result
	case "unlink", "unlinkat":
		word := words[0]
		if name == "unlinkat" {
			word = words[1]
		}
		path, err := text(word)
		if err != nil || !t.follow(string(path)) {
			return p, err
		}
		e.Kind, e.Path = Remove, string(path)
	default:
		path := target(words[0])
		if strings.HasPrefix(path, "socket:") || strings.HasPrefix(path, "TCP") {
			return t.say(p, e, words)
		}
		folder := (name == "fsync" || name == "fdatasync") && t.follow(path+"/")
		if !t.follow(path) && !folder {
			return p, nil
		}
		e.Path = path
		if err := e.of(name, words); err != nil {
			return p, err
		}
	}
	t.add(&p, e)
	return p, nil
}

// say keeps what is written to a socket in one piece.
func (t *trace) say(p pending, e Event, words [][]byte) (pending, error) {
	if p.name != "write" || len(words) < 2 {
		return p, nil
	}
	said, err := text(words[1])
	if err != nil {
		return p, err
	}
	e.Kind, e.Data = Say, said
	t.add(&p, e)
	return p, nil
}

func (t *trace) add(p *pending, e Event) {
	t.calls++
	t.events, p.begun = append(t.events, e), &e
}

// of reads what a call does to a file that is followed.
func (e *Event) of(name string, words [][]byte) (err error) {
	switch {
	case name == "pwrite64" && len(words) == 4:
		e.Kind = Write
		if e.Data, err = text(words[1]); err == nil {
			e.At, err = strconv.ParseInt(string(words[3]), 0, 64)
		}
	case name == "ftruncate" && len(words) == 2:
		e.Kind = Truncate
		e.At, err = strconv.ParseInt(string(words[1]), 0, 64)
	case name == "fsync" || name == "fdatasync":
		e.Kind = Sync
	default:
		return fmt.Errorf("%s of %s is not understood", name, e.Path)
	}
	return err
}

func (t *trace) end(p pending, tail []byte) error {
	ret, err := result(tail)
	if err != nil || ret == died {
		return err
	}
	if p.begun == nil {
		return t.opened(p, tail, ret)
	}
	e := *p.begun
	if e.Kind != Say && ret < 0 || e.Kind == Write && ret != int64(len(e.Data)) {
		return fmt.Errorf("%s of %s returned %d", p.name, e.Path, ret)
	}
	e.End, e.Data = true, nil
	t.events = append(t.events, e)
	return nil
}

// opened notes that a file is there from now on, when opening makes it.
func (t *trace) opened(p pending, tail []byte, ret int64) error {
	switch p.name {
	case "open", "openat", "creat":
		_, opened, _ := bytes.Cut(tail, []byte("= "))
		path := target(opened)
		if ret < 0 || !t.follow(path) || p.name != "creat" && !bytes.Contains(p.args, []byte("O_CREAT")) {
			return nil
		}
		if p.name == "creat" || bytes.Contains(p.args, []byte("O_TRUNC")) {
			return fmt.Errorf("%s empties %s: not understood", p.name, path)
		}
		e := Event{Kind: Create, Call: t.calls, Path: path}
		t.add(&p, e)
		e.End = true
		t.events = append(t.events, e)
	case "rename", "renameat", "renameat2", "link", "linkat":
		for _, word := range bytes.Split(p.args, []byte(", ")) {
			if path, err := text(bytes.TrimSpace(word)); err == nil && t.follow(string(path)) {
				return fmt.Errorf("%s of %s is not understood", p.name, path)
			}
		}
	}
	return nil
}

// target is the file behind a descriptor: `13<\x2f\x74>`.
func target(word []byte) string {
	_, path, found := bytes.Cut(word, []byte("<"))
	path, _, closed := bytes.Cut(path, []byte(">"))
	if !found || !closed {
		return ""
	}
	plain, err := unhex(path)
	if err != nil {
		return ""
	}
	return string(plain)
}

// text is what stands between quotation marks.
func text(word []byte) ([]byte, error) {
	if len(word) < 2 || word[0] != '"' || word[len(word)-1] != '"' {
		return nil, fmt.Errorf("%.40q is not a whole text", word)
	}
	return unhex(word[1 : len(word)-1])
}

func unhex(s []byte) ([]byte, error) {
	if !bytes.HasPrefix(s, []byte(`\x`)) {
		return s, nil
	}
	digits := make([]byte, 0, len(s)/2)
	for i := 0; i+3 < len(s); i += 4 {
		digits = append(digits, s[i+2], s[i+3])
	}
	out := make([]byte, len(digits)/2)
	_, err := hex.Decode(out, digits)
	return out, err
}
