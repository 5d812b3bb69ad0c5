package file_test

import (
	"bytes"
	"sync/atomic"
	"testing"

	"smedx/internal/file"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// T-UPL-14: whatever is sent, the decoders answer a file or a refusal, never a
// panic or a fault.
func FuzzUploads(f *testing.F) {
	t := &testing.T{}
	for _, raw := range [][]byte{
		nil, pngOf(t, 3, 2), pngOf(t, 40, 40)[:60], giant(t), jpegOf(t), scans(t, 3), bmpOf(2, 2), bmpOf(65535, 65535), bombZip(t),
		append(append([]byte{0xff, 0xd8}, exif(6, "x")...), jpegOf(t)[2:]...),
		append(append([]byte{0xff, 0xd8}, exif(6, "x")[:20]...), jpegOf(t)[2:]...),
		[]byte("\xff\xd8\xff\xe1\x00\x00"), []byte("\xff\xd8\xff\xe1\x00\x14Exif\x00\x00II*\x00\xff\xff\xff\xff\x01\x00"),
		[]byte("PK\x05\x06\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00"),
		[]byte("%PDF-1.4\n"), []byte("GIF89a"), []byte("RIFF\x00\x00\x00\x00WEBP"),
	} {
		for _, name := range []string{"a.png", "a.jpg", "a.bmp", "a.zip", "a.docx"} {
			f.Add(name, raw)
		}
	}
	s, err := file.New(dbtest.SQLite(f), f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	var companies atomic.Int64 // each upload has a quota of its own
	f.Fuzz(func(t *testing.T, name string, raw []byte) {
		who := file.Viewer{UserID: 1, OrgID: id.ID(companies.Add(1))}
		_, err := s.Save(t.Context(), who, file.CaseDoc, name, bytes.NewReader(raw))
		if err != nil && errs.Of(err).Kind == errs.Internal {
			t.Error(err)
		}
	})
}
