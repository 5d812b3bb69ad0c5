package file

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/image/draw"

	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Widths are the sizes in which pictures can be had smaller, in pixels.
var Widths = []int{320, 640, 1280}

// smallDir keeps what was made; all of it can be made again.
const smallDir = "small"

// smallTypes are what smaller pictures are written as, by the ending of their name.
var smallTypes = []struct{ ending, mime string }{{".jpg", "image/jpeg"}, {".png", "image/png"}}

// Small opens a picture scaled down to a width, made at the first asking and kept.
// A picture that is not wider is opened as it is. Who may read is the same.
func (s *Service) Small(ctx context.Context, who Viewer, fileID id.ID, width int) (File, *os.File, error) {
	f, content, err := s.Open(ctx, who, fileID)
	if err != nil {
		return File{}, nil, err
	}
	if !slices.Contains(Widths, width) || !strings.HasPrefix(f.MIME, "image/") {
		return File{}, nil, errors.Join(errs.ErrNotFound, content.Close())
	}
	if f.Width <= width {
		return f, content, nil
	}
	defer content.Close() //nolint:errcheck // read only
	base := smallName(f.key, width)
	if found, small := s.smallest(base, f); found != nil {
		return small, found, nil
	}
	free, err := s.unpack(ctx)
	if err != nil {
		return File{}, nil, err
	}
	defer free()
	if found, small := s.smallest(base, f); found != nil { // somebody else made it meanwhile
		return small, found, nil
	}
	if err := s.shrink(content, base, width); err != nil {
		slog.WarnContext(ctx, "a picture could not be made smaller", "file", fileID, "width", width, "error", err)
		return s.Open(ctx, who, fileID)
	}
	found, small := s.smallest(base, f)
	if found == nil {
		return File{}, nil, fmt.Errorf("file %v: the small picture is gone", fileID)
	}
	return small, found, nil
}

func smallName(key string, width int) string {
	return fmt.Sprintf("%s/%s-%d", smallDir, strings.ReplaceAll(key, "/", ""), width)
}

// smallest finds a small picture that is kept; nil for none.
func (s *Service) smallest(base string, of File) (*os.File, File) {
	for _, t := range smallTypes {
		f, err := s.root.Open(base + t.ending)
		if err != nil {
			continue
		}
		of.MIME = t.mime
		return f, of
	}
	return nil, of
}

// shrink writes the picture at a width; the caller holds the place to decode.
func (s *Service) shrink(content io.ReadSeeker, base string, width int) error {
	img, err := decode(content)
	if err != nil {
		return err
	}
	for img.Bounds().Dx() > 2*width { // by halves: each pixel counts, and no great buffer is needed
		img = scaled(img, img.Bounds().Dx()/2)
	}
	out := scaled(img, width)
	tmp, err := os.CreateTemp(filepath.Join(s.dir, "tmp"), "small-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // gone after the rename
	defer tmp.Close()           //nolint:errcheck // closed below on success
	ending := smallTypes[0].ending
	if out.Opaque() {
		err = jpeg.Encode(tmp, out, &jpeg.Options{Quality: 85})
	} else {
		ending, err = smallTypes[1].ending, png.Encode(tmp, out)
	}
	if err := errors.Join(err, tmp.Close(), s.root.MkdirAll(smallDir, 0o700)); err != nil {
		return err
	}
	return s.root.Rename("tmp/"+filepath.Base(tmp.Name()), base+ending)
}

func scaled(img image.Image, width int) *image.NRGBA {
	b := img.Bounds()
	out := image.NewNRGBA(image.Rect(0, 0, width, max(1, b.Dy()*width/b.Dx())))
	draw.ApproxBiLinear.Scale(out, out.Rect, img, b, draw.Src, nil)
	return out
}

// forgetSmall removes what was made of a picture that is gone.
func (s *Service) forgetSmall(key string) {
	for _, width := range Widths {
		for _, t := range smallTypes {
			err := s.root.Remove(smallName(key, width) + t.ending)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				slog.Warn("a small picture could not be removed", "key", key, "error", err)
			}
		}
	}
}
