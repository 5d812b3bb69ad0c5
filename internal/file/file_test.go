package file_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"

	"smedx/internal/file"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

var alice = file.Viewer{UserID: 1, OrgID: 10}

func newService(t *testing.T) (*db.DB, *file.Service) {
	t.Helper()
	d := dbtest.SQLite(t)
	s, err := file.New(d, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return d, s
}

func pngOf(t *testing.T, w, h int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	img.Set(0, 0, color.RGBA{200, 0, 0, 255})
	return encodePNG(t, img)
}

func encodePNG(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// giant is a small PNG that claims 60000 x 60000 pixels.
func giant(t *testing.T) []byte {
	raw := pngOf(t, 1, 1)
	binary.BigEndian.PutUint32(raw[16:], 60000)
	binary.BigEndian.PutUint32(raw[20:], 60000)
	binary.BigEndian.PutUint32(raw[29:], crc32.ChecksumIEEE(raw[12:29]))
	return raw
}

func bombZip(t *testing.T) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{Name: "a", Method: zip.Deflate, UncompressedSize64: 10 << 30, CompressedSize64: 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte{3, 0}); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSaveJudgesByContent(t *testing.T) {
	_, s := newService(t)
	pdf := []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
	for _, tc := range []struct {
		name    string
		purpose file.Purpose
		file    string
		content []byte
		want    error
	}{
		{"a PNG licence", file.License, "执照.PNG", pngOf(t, 4, 4), nil},
		{"a JPEG licence", file.License, "执照.jpeg", jpegOf(t), nil},
		{"a GIF is not listed", file.License, "a.gif", []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), file.ErrType},
		{"a program called PDF", file.CaseDoc, "a.pdf", []byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff"), file.ErrType},
		{"a page called PNG", file.Cover, "a.png", []byte("<html><script>alert(1)</script></html>"), file.ErrType},
		{"an SVG called JPG", file.Cover, "a.jpg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), file.ErrType},
		{"a PNG called JPG", file.Cover, "a.jpg", pngOf(t, 4, 4), file.ErrType},
		{"a picture that does not decode", file.Cover, "a.png", pngOf(t, 40, 40)[:60], file.ErrBroken},
		{"a picture with too many pixels", file.Cover, "a.png", giant(t), file.ErrPixels},
		{"an archive that unpacks to 10 GB", file.CaseDoc, "a.zip", bombZip(t), file.ErrBroken},
		{"a PDF", file.CaseDoc, "案例.pdf", pdf, nil},
		{"nothing", file.Cover, "a.png", nil, file.ErrEmpty},
		{"an unknown purpose", "other", "a.png", pngOf(t, 4, 4), file.ErrPurpose},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f, err := s.Save(t.Context(), alice, tc.purpose, tc.file, bytes.NewReader(tc.content))
			if !errors.Is(err, tc.want) || (err == nil) != (tc.want == nil) {
				t.Fatalf("%v, want %v", err, tc.want)
			}
			if err == nil && (f.Name != tc.file || f.Size == 0) {
				t.Errorf("%+v", f)
			}
		})
	}
}

func TestSizeLimits(t *testing.T) {
	_, s := newService(t)
	pad := func(n int) io.Reader {
		head := jpegOf(t)
		return io.MultiReader(bytes.NewReader(head), bytes.NewReader(make([]byte, n-len(head))))
	}
	for _, tc := range []struct {
		purpose file.Purpose
		size    int
		ok      bool
	}{
		{file.Cover, 2 << 20, true},
		{file.Cover, 2<<20 + 1, false},
		{file.License, 10 << 20, true},
		{file.License, 10<<20 + 1, false},
		{file.ExpertPhoto, 2048<<10 - 1, true},
		{file.ExpertPhoto, 2048 << 10, false}, // "smaller than 2048kb"
	} {
		_, err := s.Save(t.Context(), alice, tc.purpose, "a.jpg", pad(tc.size))
		if (err == nil) != tc.ok || err != nil && !errors.Is(err, file.ErrTooLarge) {
			t.Errorf("%s of %d bytes: %v", tc.purpose, tc.size, err)
		}
	}
}

func TestHiddenPartsOfPicturesAreDropped(t *testing.T) {
	_, s := newService(t)
	raw := jpegOf(t)
	secret := "GPS 30.1,114.2"
	comment := append([]byte{0xff, 0xfe, 0, byte(len(secret) + 2)}, secret...)
	raw = append(append(append([]byte{}, raw[:2]...), comment...), raw[2:]...)
	f, err := s.Save(t.Context(), alice, file.License, "a.jpg", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	_, content, err := s.Open(t.Context(), alice, f.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close() //nolint:errcheck // a test
	kept, err := io.ReadAll(content)
	if err != nil || bytes.Contains(kept, []byte(secret)) {
		t.Error("the comment is still there", err)
	}
}

func TestWhoMayRead(t *testing.T) {
	d, s := newService(t)
	f, err := s.Save(t.Context(), alice, file.License, "a.png", bytes.NewReader(pngOf(t, 2, 2)))
	if err != nil {
		t.Fatal(err)
	}
	can := func(v file.Viewer) bool {
		_, content, err := s.Open(t.Context(), v, f.ID)
		if err == nil {
			return content.Close() == nil
		}
		if !errors.Is(err, errs.ErrNotFound) {
			t.Error(err)
		}
		return false
	}
	colleague, stranger := file.Viewer{UserID: 2, OrgID: 10}, file.Viewer{UserID: 3, OrgID: 11}
	reviewer, visitor := file.Viewer{UserID: 4, Rights: []string{"verification.review"}}, file.Viewer{}
	if !can(alice) || !can(colleague) || can(stranger) || can(reviewer) || can(visitor) {
		t.Error("only the company may read before a grant")
	}
	grant := func(to string) {
		t.Helper()
		err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error { return s.Grant(ctx, tx, f.ID, to) })
		if err != nil {
			t.Fatal(err)
		}
	}
	grant(file.ToRight("verification.review"))
	if !can(reviewer) || can(stranger) || can(visitor) {
		t.Error("a grant to a permission opens to those alone who hold it")
	}
	expert, panels := file.Viewer{UserID: 5}, []id.ID{70}
	s.SeatedBy(func(_ context.Context, _ db.Reader, user id.ID) ([]id.ID, error) {
		if user != expert.UserID {
			return nil, nil
		}
		return panels, nil
	})
	grant(file.ToSeat(71))
	if can(expert) || can(stranger) {
		t.Error("a seat on another panel opens the file")
	}
	if panels = []id.ID{70, 71}; !can(expert) || can(stranger) {
		t.Error("a seat opens the file to whoever sits, and to nobody else")
	}
	if panels = nil; can(expert) {
		t.Error("the file is open to somebody who has left the panel")
	}
	grant(file.Public)
	if !can(visitor) || !can(stranger) {
		t.Error("public is for everybody")
	}
}

func TestClaimTakesOwnFilesOfThePurposeOnly(t *testing.T) {
	d, s := newService(t)
	f, err := s.Save(t.Context(), alice, file.Cover, "a.png", bytes.NewReader(pngOf(t, 2, 2)))
	if err != nil {
		t.Fatal(err)
	}
	claim := func(org id.ID, p file.Purpose) error {
		return d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := s.Claim(ctx, tx, org, p, f.ID)
			return err
		})
	}
	if err := claim(11, file.Cover); !errors.Is(err, errs.ErrNotFound) {
		t.Error("another company's file:", err)
	}
	if err := claim(10, file.License); !errors.Is(err, errs.ErrNotFound) {
		t.Error("another purpose:", err)
	}
	if err := claim(10, file.Cover); err != nil {
		t.Error(err)
	}
}

func TestNamesAreCleaned(t *testing.T) {
	_, s := newService(t)
	for given, want := range map[string]string{
		"../../etc/a.png":                 "a.png",
		`C:\x\b.png`:                      "b.png",
		"a\u202egnp.png":                  "agnp.png",
		"a\r\nSet-Cookie.png":             "aSet-Cookie.png",
		strings.Repeat("长", 300) + ".png": strings.Repeat("长", 116) + ".png",
	} {
		f, err := s.Save(t.Context(), alice, file.Cover, given, bytes.NewReader(pngOf(t, 2, 2)))
		if err != nil || f.Name != want {
			t.Errorf("%q became %q, want %q (%v)", given, f.Name, want, err)
		}
	}
}
