package file_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"smedx/internal/file"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
)

// T-UPL-13: an upload that the disk does not take is refused as such, and leaves
// neither a row nor a temporary file. A limit on the size of files stands for the
// full disk: the write fails half-way in the same place.
func TestFullDisk(t *testing.T) {
	d := dbtest.SQLite(t)
	dir := t.TempDir()
	s, err := file.New(d, dir)
	if err != nil {
		t.Fatal(err)
	}
	document := make([]byte, 8<<20)
	for i := range document {
		document[i] = byte(rand.Uint32())
	}
	copy(document, "%PDF-1.4\n")

	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 4 << 20, Max: was.Max}); err != nil {
		t.Fatal(err)
	}
	_, err = s.Save(t.Context(), alice, file.CaseDoc, "a.pdf", bytes.NewReader(document))
	if reset := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); reset != nil {
		t.Fatal(reset)
	}
	if !errors.Is(err, errs.ErrStorageFull) || errs.Of(err).RetryAfter == 0 {
		t.Error(err)
	}
	left, listed := os.ReadDir(filepath.Join(dir, "tmp"))
	var rows int
	counted := d.Raw(`SELECT count(*) FROM files`).Scan(t.Context(), &rows)
	if listed != nil || counted != nil || len(left) != 0 || rows != 0 {
		t.Error(len(left), "temporary files,", rows, "rows", listed, counted)
	}
	if _, err := s.Save(t.Context(), alice, file.CaseDoc, "a.pdf", bytes.NewReader(document)); err != nil {
		t.Error("with room again:", err)
	}
}
