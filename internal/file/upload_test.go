package file_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"smedx/internal/file"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Catalogue rows T-UPL-01 to T-UPL-10; what goes over HTTP is tested in httpapi,
// decoders in fuzz_test.go, a full disk in full_test.go.

func serviceOn(t *testing.T, d *db.DB) *file.Service {
	t.Helper()
	s, err := file.New(d, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func save(t *testing.T, s *file.Service, p file.Purpose, name string, content []byte) file.File {
	t.Helper()
	f, err := s.Save(t.Context(), alice, p, name, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func read(t *testing.T, s *file.Service, fileID id.ID) []byte {
	t.Helper()
	_, content, err := s.Open(t.Context(), alice, fileID)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close() //nolint:errcheck // a test
	raw, err := io.ReadAll(content)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// allocated is how many bytes f asked for, all together.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// T-UPL-01: neither the name nor what hides beside the picture gets a file in.
func TestNamesAndPolyglotsDoNotDeceive(t *testing.T) {
	_, s := newService(t)
	page := "<script>alert(1)</script>"
	picture := pngOf(t, 4, 4)
	for name, content := range map[string][]byte{
		"执照.png.":         picture,
		"执照.png ":         append([]byte("GIF89a"), picture...),
		"执照.png::$DATA":   picture,
		"执照.png\x00.html": picture,
		"执照.html":         picture,
		"执照.svg":          []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`),
		"执照.js":           []byte("alert(1)"),
		"执照.php.jpg":      []byte("<?php phpinfo();"),
		"gif.jpg":         []byte("GIF89a/*" + page + "*/=1;"),
	} {
		if _, err := s.Save(t.Context(), alice, file.License, name, bytes.NewReader(content)); !errors.Is(err, file.ErrType) {
			t.Errorf("%q: %v", name, err)
		}
	}
	polyglot := append(append([]byte{}, jpegOf(t)...), page...) // a page behind the end of the picture
	f := save(t, s, file.License, "执照.JPEG", polyglot)
	if f.MIME != "image/jpeg" || bytes.Contains(read(t, s, f.ID), []byte(page)) {
		t.Error("what stood behind the picture was kept")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// T-UPL-02: limits hold at the boundary, for an endless body too, and a large
// file passes through without being held in memory.
func TestLargeDocuments(t *testing.T) {
	_, s := newService(t)
	document := func(size int64) io.Reader {
		return io.LimitReader(io.MultiReader(strings.NewReader("%PDF-1.4\n"), zeros{}), size)
	}
	picture := func(size int64) io.Reader { // what stands behind a picture is cut off, and counts
		return io.LimitReader(io.MultiReader(bytes.NewReader(jpegOf(t)), zeros{}), size)
	}
	for _, tc := range []struct {
		purpose file.Purpose
		content io.Reader
		want    error
	}{
		{file.PagePicture, picture(2 << 20), nil},
		{file.PagePicture, picture(2<<20 + 1), file.ErrTooLarge},
		{file.CaseDoc, document(100 << 20), nil},
		{file.CaseDoc, document(100<<20 + 1), file.ErrTooLarge},
		{file.Qualification, document(20 << 20), nil},
		{file.Qualification, document(20<<20 + 1), file.ErrTooLarge},
		{file.CaseDoc, io.MultiReader(strings.NewReader("%PDF-1.4\n"), zeros{}), file.ErrTooLarge},
	} {
		var err error
		name := "a.pdf"
		if tc.purpose == file.PagePicture {
			name = "a.jpg"
		}
		took := allocated(func() { _, err = s.Save(t.Context(), alice, tc.purpose, name, tc.content) })
		if !errors.Is(err, tc.want) || took > 16<<20 {
			t.Errorf("%s: %v, took %d MB of memory", tc.purpose, err, took>>20)
		}
	}
}

func bmpOf(width, height uint32) []byte {
	b := make([]byte, 54)
	copy(b, "BM")
	for at, v := range map[int]uint32{2: 54, 10: 54, 14: 40, 18: width, 22: height} {
		binary.LittleEndian.PutUint32(b[at:], v)
	}
	binary.LittleEndian.PutUint16(b[26:], 1)
	binary.LittleEndian.PutUint16(b[28:], 24)
	return b
}

// scans is a JPEG that begins n scans.
func scans(t *testing.T, n int) []byte {
	raw := jpegOf(t)
	at := bytes.Index(raw, []byte{0xff, 0xda})
	length := int(binary.BigEndian.Uint16(raw[at+2:]))
	header := raw[at : at+2+length]
	return append(append(append([]byte{}, raw[:at]...), bytes.Repeat(append(header[:len(header):len(header)], 0), n)...), raw[at:]...)
}

// T-UPL-03: what unpacks to much more than it is, is refused before it unpacks.
func TestBombs(t *testing.T) {
	_, s := newService(t)
	var docx bytes.Buffer
	z := zip.NewWriter(&docx)
	for _, name := range []string{"[Content_Types].xml", "_rels/.rels", "word/document.xml"} {
		w, err := z.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, UncompressedSize64: 2 << 30, CompressedSize64: 2})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte{3, 0}); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, file string
		purpose    file.Purpose
		content    []byte
		want       error
	}{
		{"a PNG of 60000 x 60000", "a.png", file.License, giant(t), file.ErrPixels},
		{"a BMP of 65535 x 65535", "a.bmp", file.Cover, bmpOf(65535, 65535), file.ErrPixels},
		{"a JPEG of ten thousand scans", "a.jpg", file.License, scans(t, 10_000), file.ErrBroken},
		{"an archive of 10 GB", "a.zip", file.CaseDoc, bombZip(t), file.ErrBroken},
		{"a document of 6 GB", "a.docx", file.CaseDoc, docx.Bytes(), file.ErrBroken},
	} {
		var err error
		took := allocated(func() { _, err = s.Save(t.Context(), alice, tc.purpose, tc.file, bytes.NewReader(tc.content)) })
		if !errors.Is(err, tc.want) || took > 16<<20 {
			t.Errorf("%s: %v, took %d MB of memory", tc.name, err, took>>20)
		}
	}
}

// T-UPL-04: the names in an archive lead nowhere, and its list is read in bounds.
func TestNamesInArchives(t *testing.T) {
	_, s := newService(t)
	archive := func(names ...string) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, name := range names {
			h := &zip.FileHeader{Name: name}
			h.SetMode(os.ModeSymlink | 0o777)
			w, err := z.CreateHeader(h)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(w, "/etc/passwd"); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	raw := archive("../../x", "/etc/x", `..\..\x`, "twice", "twice")
	f := save(t, s, file.CaseDoc, "a.zip", raw)
	if !bytes.Equal(read(t, s, f.ID), raw) {
		t.Error("an archive is kept as it came")
	}
	names := make([]string, 100_000)
	for i := range names {
		names[i] = fmt.Sprint(i)
	}
	many := archive(names...)
	binary.LittleEndian.PutUint16(many[len(many)-14:], 1) // the end record claims one entry
	binary.LittleEndian.PutUint16(many[len(many)-12:], 1)
	var err error
	took := allocated(func() { _, err = s.Save(t.Context(), alice, file.CaseDoc, "a.zip", bytes.NewReader(many)) })
	if !errors.Is(err, file.ErrBroken) || took > 48<<20 {
		t.Errorf("a list of 100000 entries: %v, took %d MB of memory", err, took>>20)
	}
}

// T-UPL-05: on the disk no name of a user appears.
func TestStoreKeysAreRandom(t *testing.T) {
	d := dbtest.SQLite(t)
	dir := t.TempDir()
	s, err := file.New(d, dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"../../x.png", "con.png", ".htaccess.png", strings.Repeat("长", 4096) + ".png", "a\"\r\n.png"} {
		save(t, s, file.Cover, name, pngOf(t, 2, 2))
	}
	stored := 0
	err = filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			stored++
			if name := strings.TrimPrefix(path, dir); strings.Trim(name, "/0123456789abcdef") != "" {
				t.Errorf("stored as %s", name)
			}
		}
		return err
	})
	if err != nil || stored != 5 {
		t.Error(stored, err)
	}
}

// T-UPL-07: a company cannot fill the disk, one by one or all at once.
func TestQuota(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		s := serviceOn(t, d)
		fill := func(owner file.Viewer, n, size int64, used bool) {
			t.Helper()
			err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				for range n {
					at := int64(0)
					if used {
						at = tx.Now().UnixMilli()
					}
					_, err := tx.Exec(ctx, `INSERT INTO files (id, purpose, user_id, org_id, name, mime, size, sha256, store_key, created_at, used_at)
						VALUES (?, 'license', ?, ?, 'a.png', 'image/png', ?, '', ?, ?, ?)`,
						id.New(), owner.UserID, owner.OrgID, size, id.New().String(), tx.Now().UnixMilli(), at)
					if err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		try := func(who file.Viewer) error {
			_, err := s.Save(t.Context(), who, file.License, "a.png", bytes.NewReader(pngOf(t, 2, 2)))
			return err
		}
		colleague := file.Viewer{UserID: 2, OrgID: 10}
		fill(alice, 199, 1, false)
		if err := try(colleague); err != nil {
			t.Error("the 200th unused upload:", err)
		}
		if err := try(alice); !errors.Is(err, file.ErrQuota) {
			t.Error("the 201st unused upload:", err)
		}
		other := file.Viewer{UserID: 3, OrgID: 11}
		if err := try(other); err != nil {
			t.Error("another company is not concerned:", err)
		}
		fill(other, 1, 20<<30, true)
		if err := try(other); !errors.Is(err, file.ErrStored) || errs.Of(err).Kind != errs.TooLarge {
			t.Error("more than 20 GB:", err)
		}
	})
}

type gate struct {
	entered, open chan struct{}
	once          sync.Once
}

func (g *gate) Read([]byte) (int, error) {
	g.once.Do(func() { g.entered <- struct{}{} })
	<-g.open
	return 0, io.EOF
}

// T-UPL-07: of a hundred uploads at once, a few are on the way.
func TestUploadsAtOnce(t *testing.T) {
	_, s := newService(t)
	g := &gate{entered: make(chan struct{}), open: make(chan struct{})}
	var refused atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			content := &gate{entered: g.entered, open: g.open}
			if _, err := s.Save(t.Context(), alice, file.License, "a.png", content); !errors.Is(err, file.ErrEmpty) {
				t.Error(err)
			}
		})
		<-g.entered
	}
	for range 92 {
		all.Go(func() {
			_, err := s.Save(t.Context(), alice, file.License, "a.png", bytes.NewReader(pngOf(t, 2, 2)))
			if errors.Is(err, file.ErrParallel) && errs.Of(err).Kind == errs.TooMany {
				refused.Add(1)
			}
			if refused.Load() == 92 {
				close(g.open)
			}
		})
	}
	all.Wait()
	if refused.Load() != 92 {
		t.Error(refused.Load(), "were refused")
	}
	if _, err := s.Save(t.Context(), alice, file.License, "a.png", bytes.NewReader(pngOf(t, 2, 2))); err != nil {
		t.Error("afterwards there is room again:", err)
	}
}

// T-UPL-07: what nothing uses goes after a week, unless a draft still names it;
// what interrupted uploads left goes after a day.
func TestUnusedUploadsArePurged(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		dir := t.TempDir()
		s, err := file.New(d, dir)
		if err != nil {
			t.Fatal(err)
		}
		used, named, orphan := save(t, s, file.License, "a.png", pngOf(t, 2, 2)), save(t, s, file.License, "b.png", pngOf(t, 2, 2)), save(t, s, file.License, "c.png", pngOf(t, 2, 2))
		err = d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if _, err := s.Claim(ctx, tx, alice.OrgID, file.License, used.ID, used.ID); err != nil {
				return err
			}
			return s.Grant(ctx, tx, orphan.ID, file.Public)
		})
		if err != nil {
			t.Fatal(err)
		}
		s.KeptBy(func(_ context.Context, org id.ID) ([]id.ID, error) {
			if org != alice.OrgID {
				t.Error("asked for", org)
			}
			return []id.ID{named.ID}, nil
		})
		half := filepath.Join(dir, "tmp", "up-half")
		if err := os.WriteFile(half, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		there := func(want ...id.ID) {
			t.Helper()
			known, err := s.Describe(t.Context(), used.ID, named.ID, orphan.ID)
			if err != nil || len(known) != len(want) {
				t.Fatal(len(known), err)
			}
			for _, w := range want {
				if len(read(t, s, w)) == 0 {
					t.Error(w, "has no content")
				}
			}
		}
		sweep := func(later time.Duration) {
			t.Helper()
			d.Clock().Set(time.Now().Add(later))
			if err := s.Purge(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		sweep(7*24*time.Hour - time.Minute)
		there(used.ID, named.ID, orphan.ID)
		sweep(7*24*time.Hour + time.Minute)
		there(used.ID, named.ID)
		if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
			t.Error("the half of an upload is still there:", err)
		}
		err = d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := s.Claim(ctx, tx, alice.OrgID, file.License, named.ID, orphan.ID)
			return err
		})
		if !errors.Is(err, errs.ErrNotFound) {
			t.Error("what was dropped can be claimed:", err)
		}
	})
}

// exif is the part of a JPEG that says how the camera was held, and where.
func exif(orientation uint16, secret string) []byte {
	tiff := []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00")
	tiff = binary.LittleEndian.AppendUint16(tiff, orientation)
	tiff = append(append(tiff, 0, 0, 0, 0, 0, 0), secret...)
	return append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(tiff)+2)), tiff...)
}

// corners is a picture whose upper left is red, upper right green, lower left blue.
func corners(t *testing.T, w, h int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{255, 255, 255, 255}
			switch {
			case x < w/2 && y < h/2:
				c = color.RGBA{255, 0, 0, 255}
			case y < h/2:
				c = color.RGBA{0, 255, 0, 255}
			case x < w/2:
				c = color.RGBA{0, 0, 255, 255}
			}
			img.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// seen names the corners of a picture, row by row.
func seen(t *testing.T, raw []byte) string {
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	b, words := img.Bounds(), ""
	for _, p := range []image.Point{{2, 2}, {b.Dx() - 3, 2}, {2, b.Dy() - 3}, {b.Dx() - 3, b.Dy() - 3}} {
		r, g, bl, _ := img.At(p.X, p.Y).RGBA()
		switch {
		case r > 0x8000 && g > 0x8000:
			words += "w"
		case r > 0x8000:
			words += "r"
		case g > 0x8000:
			words += "g"
		case bl > 0x8000:
			words += "b"
		}
	}
	return fmt.Sprintf("%s %dx%d", words, b.Dx(), b.Dy())
}

// T-UPL-08: pictures of phones stand upright, and say no longer where they were taken.
func TestPhonePicturesStandUpright(t *testing.T) {
	_, s := newService(t)
	raw := corners(t, 41, 24)
	for orientation, want := range map[uint16]string{
		0: "rgbw 41x24", 1: "rgbw 41x24", 2: "grwb 41x24", 3: "wbgr 41x24", 4: "bwrg 41x24",
		5: "rbgw 24x41", 6: "brwg 24x41", 7: "wgbr 24x41", 8: "gwrb 24x41", 9: "rgbw 41x24",
	} {
		secret := "GPS 30.1,114.2"
		photo := append(append(append([]byte{}, raw[:2]...), exif(orientation, secret)...), raw[2:]...)
		f := save(t, s, file.License, "a.jpg", photo)
		kept := read(t, s, f.ID)
		if got := seen(t, kept); got != want || fmt.Sprintf("%dx%d", f.Width, f.Height) != want[5:] {
			t.Errorf("orientation %d: %s, want %s", orientation, got, want)
		}
		if bytes.Contains(kept, []byte("Exif")) || bytes.Contains(kept, []byte(secret)) {
			t.Error("EXIF was kept")
		}
	}
}

func TestTurn(t *testing.T) {
	_, s := newService(t)
	f := save(t, s, file.License, "执照.jpg", corners(t, 40, 24))
	g, err := s.Turn(t.Context(), alice, f.ID)
	if err != nil || g.ID == f.ID || g.Purpose != f.Purpose || g.Name != f.Name {
		t.Fatalf("%+v %v", g, err)
	}
	if was, is := seen(t, read(t, s, f.ID)), seen(t, read(t, s, g.ID)); was != "rgbw 40x24" || is != "brwg 24x40" {
		t.Error(was, is)
	}
	for _, stranger := range []file.Viewer{{UserID: 9, OrgID: 99}, {UserID: 9}, {}} {
		if _, err := s.Turn(t.Context(), stranger, f.ID); !errors.Is(err, errs.ErrNotFound) {
			t.Error("somebody else may turn it:", err)
		}
	}
}

// T-UPL-09: an upload belongs to its company and its purpose; of several, one that
// does not is enough to refuse all.
func TestForeignFilesAreNotThere(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		s := serviceOn(t, d)
		own := save(t, s, file.License, "a.png", pngOf(t, 2, 2))
		foreign, err := s.Save(t.Context(), file.Viewer{UserID: 2, OrgID: 11}, file.License, "b.png", bytes.NewReader(pngOf(t, 2, 2)))
		if err != nil {
			t.Fatal(err)
		}
		err = d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := s.Claim(ctx, tx, alice.OrgID, file.License, own.ID, foreign.ID)
			return err
		})
		if !errors.Is(err, errs.ErrNotFound) {
			t.Error(err)
		}
		if _, _, err := s.Open(t.Context(), alice, foreign.ID); !errors.Is(err, errs.ErrNotFound) {
			t.Error(err)
		}
	})
}

// T-UPL-10: a stored file never changes, whoever writes to the table.
func TestStoredFilesAreImmutable(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		s := serviceOn(t, d)
		f := save(t, s, file.License, "a.png", pngOf(t, 2, 2))
		for _, column := range []string{"sha256", "store_key", "mime", "purpose"} {
			err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, `UPDATE files SET `+column+` = 'other' WHERE id = ?`, f.ID)
				return err
			})
			if err == nil {
				t.Error(column, "could be changed")
			}
		}
	})
}
