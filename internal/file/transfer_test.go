package file_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smedx/internal/file"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
)

// paper is a PDF of so many bytes.
func paper(size int) []byte {
	raw := bytes.Repeat([]byte("0123456789abcdef"), size/16+1)[:size]
	copy(raw, "%PDF-1.4\n")
	return raw
}

func begin(t *testing.T, s *file.Service, name string, size int) file.Transfer {
	t.Helper()
	tr, err := s.Begin(t.Context(), alice, file.CaseDoc, name, int64(size))
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func TestUploadInPiecesGoesOnAfterARestart(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		ctx, dir, whole := t.Context(), t.TempDir(), paper(10_000)
		s, err := file.New(d, dir)
		if err != nil {
			t.Fatal(err)
		}
		tr := begin(t, s, "案例.pdf", len(whole))
		if got, err := s.Append(ctx, alice, tr.ID, 0, bytes.NewReader(whole[:4000])); err != nil || got.Offset != 4000 || got.File.ID != 0 {
			t.Fatal(got, err)
		}
		if s, err = file.New(d, dir); err != nil { // the server starts anew
			t.Fatal(err)
		}
		got, err := s.Progress(ctx, alice, tr.ID)
		if err != nil || got.Offset != 4000 || got.Size != 10_000 {
			t.Fatal(got, err)
		}
		if got, err = s.Append(ctx, alice, tr.ID, 4000, bytes.NewReader(whole[4000:])); err != nil || got.File.MIME != "application/pdf" || got.File.Name != "案例.pdf" {
			t.Fatal(got, err)
		}
		if !bytes.Equal(read(t, s, got.File.ID), whole) {
			t.Error("the pieces do not make the whole")
		}
		// The last answer may have been lost: it is told again, also for the last piece.
		again, err := s.Progress(ctx, alice, tr.ID)
		if err != nil || again.File.ID != got.File.ID || again.Offset != 10_000 {
			t.Error(again, err)
		}
		if again, err = s.Append(ctx, alice, tr.ID, 4000, bytes.NewReader(whole[4000:])); err != nil || again.File.ID != got.File.ID {
			t.Error("the last piece sent twice:", again, err)
		}
		if left, _ := os.ReadDir(filepath.Join(dir, "parts")); len(left) != 0 {
			t.Error("the pieces stay:", left)
		}
	})
}

func TestPiecesMustFollowEachOther(t *testing.T) {
	_, s := newService(t)
	ctx := t.Context()
	tr := begin(t, s, "a.pdf", 1000)
	whole := paper(1000)
	_, err := s.Append(ctx, alice, tr.ID, 10, bytes.NewReader(whole[10:]))
	if !errors.Is(err, file.ErrOffset) || errs.Of(err).State != "0" {
		t.Error("a piece after a hole:", err)
	}
	if _, err := s.Append(ctx, alice, tr.ID, 0, io.MultiReader(bytes.NewReader(whole), strings.NewReader("x"))); !errors.Is(err, file.ErrLength) {
		t.Error("more than was announced:", err)
	}
	if got, _ := s.Progress(ctx, alice, tr.ID); got.Offset != 0 {
		t.Error("the piece that was too long left", got.Offset)
	}
	if got, err := s.Append(ctx, alice, tr.ID, 0, io.MultiReader(bytes.NewReader(whole[:300]), broken{})); err == nil {
		t.Error("a broken line is no error:", got)
	}
	if got, _ := s.Progress(ctx, alice, tr.ID); got.Offset != 300 {
		t.Error("of a broken piece stays", got.Offset)
	}
	stranger := file.Viewer{UserID: 2, OrgID: alice.OrgID}
	_, err = s.Progress(ctx, stranger, tr.ID)
	_, err2 := s.Append(ctx, stranger, tr.ID, 300, bytes.NewReader(whole[300:]))
	if err3 := s.Abandon(ctx, stranger, tr.ID); !errors.Is(err, errs.ErrNotFound) || !errors.Is(err2, errs.ErrNotFound) || !errors.Is(err3, errs.ErrNotFound) {
		t.Error("somebody else's upload:", err, err2, err3)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// T-UPL-01, T-UPL-02: pieces are judged like any upload.
func TestPiecesAreJudgedLikeAnyUpload(t *testing.T) {
	_, s := newService(t)
	ctx := t.Context()
	for name, tc := range map[string]struct {
		file string
		size int64
		want error
	}{
		"a program": {"a.exe", 10, file.ErrType}, "nothing": {"a.pdf", 0, file.ErrEmpty}, "less than nothing": {"a.pdf", -1, file.ErrEmpty},
		"100 MB and a byte": {"a.pdf", 100<<20 + 1, file.ErrTooLarge},
	} {
		if _, err := s.Begin(ctx, alice, file.CaseDoc, tc.file, tc.size); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Begin(ctx, alice, "x", "a.pdf", 1); !errors.Is(err, file.ErrPurpose) {
		t.Error("a purpose nobody knows:", err)
	}
	program := append([]byte("MZ\x90\x00"), make([]byte, 996)...)
	tr := begin(t, s, "报告.pdf", len(program))
	if _, err := s.Append(ctx, alice, tr.ID, 0, bytes.NewReader(program)); !errors.Is(err, file.ErrType) {
		t.Error("a program called .pdf:", err)
	}
	if _, err := s.Progress(ctx, alice, tr.ID); !errors.Is(err, errs.ErrNotFound) {
		t.Error("what was refused waits to be sent again:", err)
	}
}

// T-UPL-07: an upload that never ends counts, and goes after some days.
func TestUploadsThatNeverEnd(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		ctx, dir := t.Context(), t.TempDir()
		s, err := file.New(d, dir)
		if err != nil {
			t.Fatal(err)
		}
		given := begin(t, s, "a.pdf", 100)
		if _, err := s.Append(ctx, alice, given.ID, 0, bytes.NewReader(paper(50))); err != nil {
			t.Fatal(err)
		}
		if err := s.Abandon(ctx, alice, given.ID); err != nil {
			t.Fatal(err)
		}
		rest := begin(t, s, "b.pdf", 100)
		if _, err := s.Append(ctx, alice, rest.ID, 0, bytes.NewReader(paper(50))); err != nil {
			t.Fatal(err)
		}
		if left, _ := os.ReadDir(filepath.Join(dir, "parts")); len(left) != 1 {
			t.Error("an abandoned upload leaves its pieces:", left)
		}
		n := 0
		for ; n < 30; n++ {
			if _, err = s.Begin(ctx, alice, file.CaseDoc, "c.pdf", 100<<20); err != nil {
				break
			}
		}
		if !errors.Is(err, file.ErrQuota) || n != 20 { // 2 GB that nothing uses
			t.Errorf("%d uploads of 100 MB may be announced: %v", n, err)
		}
		if _, err := s.Begin(ctx, file.Viewer{UserID: 9, OrgID: 11}, file.CaseDoc, "c.pdf", 1); err != nil {
			t.Error("another company has no room:", err)
		}
		d.Clock().Shift(2 * 24 * time.Hour)
		if err := s.Purge(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Progress(ctx, alice, rest.ID); err != nil {
			t.Error("gone within a weekend:", err)
		}
		d.Clock().Shift(4 * 24 * time.Hour)
		if err := s.Purge(ctx); err != nil {
			t.Fatal(err)
		}
		_, err = s.Progress(ctx, alice, rest.ID)
		left, _ := os.ReadDir(filepath.Join(dir, "parts"))
		if !errors.Is(err, errs.ErrNotFound) || len(left) != 0 {
			t.Error("an upload nobody goes on with stays:", err, left)
		}
	})
}
