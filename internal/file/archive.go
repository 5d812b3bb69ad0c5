package file

import (
	"archive/zip"
	"errors"
	"io"
	"os"
	"path"
	"strings"
)

const (
	maxEntries  = 10_000
	maxUnzipped = 4 << 30
	// maxListing bounds what is read of an archive's list of entries, so that a list
	// which says less than it holds takes no memory either.
	maxListing = 4 << 20
)

// checkArchive bounds what an archive claims to unpack to, and refuses documents
// with macros, whatever their name says (document). It is never unpacked here, and
// the names in it are never used.
func checkArchive(f *os.File, document bool) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	z, err := zip.NewReader(&budgeted{f, maxListing}, info.Size())
	if err != nil || len(z.File) > maxEntries {
		return ErrBroken
	}
	var total uint64
	for _, e := range z.File {
		if document && strings.EqualFold(path.Base(e.Name), "vbaProject.bin") {
			return ErrMacro
		}
		if e.UncompressedSize64 > maxUnzipped {
			return ErrBroken
		}
		if total += e.UncompressedSize64; total > maxUnzipped {
			return ErrBroken
		}
	}
	return nil
}

var errBudget = errors.New("file: the archive's list is too long")

type budgeted struct {
	in   io.ReaderAt
	left int
}

func (b *budgeted) ReadAt(p []byte, at int64) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errBudget
	}
	return b.in.ReadAt(p, at)
}
