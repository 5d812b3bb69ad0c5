package file_test

import (
	"context"
	"errors"
	"image"
	"image/color"
	_ "image/jpeg"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"smedx/internal/file"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
)

// smallOf reads a picture at a width.
func smallOf(t *testing.T, s *file.Service, f file.File, width int) (kind string, img image.Image) {
	t.Helper()
	got, content, err := s.Small(t.Context(), alice, f.ID, width)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close() //nolint:errcheck // a test
	img, _, err = image.Decode(content)
	if err != nil {
		t.Fatal(err)
	}
	return got.MIME, img
}

func TestPicturesAreKeptSmallerToo(t *testing.T) {
	d, dir := dbtest.SQLite(t), t.TempDir()
	s, err := file.New(d, dir)
	if err != nil {
		t.Fatal(err)
	}
	f := save(t, s, file.Cover, "a.png", pngOf(t, 1500, 600)) // clear but for one point
	if kind, img := smallOf(t, s, f, 320); img.Bounds().Dx() != 320 || img.Bounds().Dy() != 128 || kind != "image/png" {
		t.Error("a clear picture:", kind, img.Bounds())
	}
	red := image.NewRGBA(image.Rect(0, 0, 700, 350))
	for i := range red.Pix {
		red.Pix[i] = 255
	}
	red.Set(1, 1, color.RGBA{200, 0, 0, 255})
	full := save(t, s, file.Cover, "b.png", encodePNG(t, red))
	kind, img := smallOf(t, s, full, 640)
	if r, g, b, _ := img.At(300, 150).RGBA(); img.Bounds().Dx() != 640 || kind != "image/jpeg" || r>>8 < 250 || g>>8 < 250 || b>>8 < 250 {
		t.Error("an opaque picture:", kind, img.Bounds(), r>>8, g>>8, b>>8)
	}
	if kind, img := smallOf(t, s, full, 1280); img.Bounds().Dx() != 700 || kind != "image/png" {
		t.Error("a picture grows:", kind, img.Bounds())
	}
	kept := func() int {
		all, _ := os.ReadDir(filepath.Join(dir, "small"))
		return len(all)
	}
	before := kept()
	smallOf(t, s, full, 640)
	if before != 2 || kept() != 2 {
		t.Errorf("%d, then %d small pictures are kept", before, kept())
	}
	stranger := file.Viewer{UserID: 7, OrgID: 99}
	_, _, err = s.Small(t.Context(), stranger, full.ID, 640)
	_, _, odd := s.Small(t.Context(), alice, full.ID, 333)
	if !errors.Is(err, errs.ErrNotFound) || !errors.Is(odd, errs.ErrNotFound) {
		t.Error("a stranger, an odd width:", err, odd)
	}
	if open, _ := s.IsPublic(t.Context(), full.ID); open {
		t.Error("open to everybody before anybody was let in")
	}
	if err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return s.Grant(ctx, tx, f.ID, file.Public)
	}); err != nil {
		t.Fatal(err)
	}
	if open, _ := s.IsPublic(t.Context(), f.ID); !open {
		t.Error("open to everybody, but not said so")
	}
	d.Clock().Shift(8 * 24 * time.Hour)
	if err := s.Purge(t.Context()); err != nil || kept() != 0 {
		t.Error("small pictures outlive the picture:", kept(), err)
	}
	_, _, err = s.Small(t.Context(), alice, full.ID, 640)
	if !errors.Is(err, errs.ErrNotFound) {
		t.Error(err)
	}
	doc := save(t, s, file.CaseDoc, "a.pdf", paper(100))
	if _, content, err := s.Small(t.Context(), alice, doc.ID, 320); !errors.Is(err, errs.ErrNotFound) {
		_, _ = io.Copy(io.Discard, content)
		t.Error("a paper has no small picture:", err)
	}
}
