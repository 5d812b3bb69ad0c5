package file_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"testing"

	"smedx/internal/file"
	"smedx/internal/kit/clamd"
	"smedx/internal/kit/clamd/clamdtest"
)

// T-UPL-12: what a scanner finds is not stored, and nothing is stored that it could
// not look at; an upload in pieces goes on when it is back.
func TestInfectedAndUnseenUploadsAreNotStored(t *testing.T) {
	d, s := newService(t)
	scanner := func(where string) {
		c, err := clamd.At(where)
		if err != nil {
			t.Fatal(err)
		}
		s.ScannedBy(c)
	}
	stored := func() (n int) {
		if err := d.Raw("SELECT count(*) FROM files").Scan(t.Context(), &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	clean := []byte("%PDF-1.7\n" + "1 0 obj\n<<>>\nendobj\n%%EOF\n")
	infected := append(bytes.Clone(clean), clamdtest.Eicar...)
	save := func(content []byte) error {
		_, err := s.Save(t.Context(), alice, file.CaseDoc, "合同.pdf", bytes.NewReader(content))
		return err
	}
	scanner("tcp:127.0.0.1:1") // nobody is there
	if err := save(clean); !errors.Is(err, file.ErrNoScan) || stored() != 0 {
		t.Errorf("%v, %d stored", err, stored())
	}
	in, err := s.Begin(t.Context(), alice, file.CaseDoc, "合同.pdf", int64(len(clean)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(t.Context(), alice, in.ID, 0, bytes.NewReader(clean)); !errors.Is(err, file.ErrNoScan) {
		t.Error(err)
	}

	scanner(clamdtest.Fake(t))
	in, err = s.Append(t.Context(), alice, in.ID, int64(len(clean)), bytes.NewReader(nil))
	if err != nil || in.File.ID == 0 || stored() != 1 {
		t.Errorf("%+v %v", in, err)
	}
	if err := save(infected); !errors.Is(err, file.ErrInfected) || stored() != 1 {
		t.Errorf("%v, %d stored", err, stored())
	}
	if err := save(clean); err != nil || stored() != 2 {
		t.Errorf("%v, %d stored", err, stored())
	}
}

// T-UPL-12: a document with macros is refused, whatever its name says.
func TestDocumentsWithMacrosAreRefused(t *testing.T) {
	_, s := newService(t)
	document := func(parts ...string) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, name := range append([]string{"[Content_Types].xml", "word/document.xml"}, parts...) {
			w, err := z.Create(name)
			if err == nil {
				_, err = w.Write([]byte("<x/>"))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for name, part := range map[string][]string{"方案.docx": nil, "宏.docx": {"word/vbaProject.bin"}, "大写.docx": {"word/VBAPROJECT.BIN"}} {
		_, err := s.Save(t.Context(), alice, file.CaseDoc, name, bytes.NewReader(document(part...)))
		if want := part != nil; errors.Is(err, file.ErrMacro) != want || !want && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
