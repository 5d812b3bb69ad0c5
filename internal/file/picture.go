package file

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"

	_ "golang.org/x/image/bmp" // decodes BMP

	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

const (
	maxPixels   = 50_000_000 // pictures of today's phones
	maxUnpacked = 320 << 20  // bytes that one picture may take while it is read
	maxScans    = 100        // of one JPEG; cameras and programs write about ten
	maxScanned  = 20 * maxPixels
)

// picture decodes a picture, turns it upright and writes it anew, which drops
// hidden parts such as places and authors. One picture unpacks at a time: that
// bounds memory and processor whatever is sent.
func (s *Service) picture(ctx context.Context, f *os.File, kind string) (inspected, error) {
	free, err := s.unpack(ctx)
	if err != nil {
		return inspected{}, err
	}
	defer free()
	orientation, err := measure(f, kind)
	if err != nil {
		return inspected{}, err
	}
	img, err := decode(f)
	if err != nil {
		return inspected{}, err
	}
	return encoded(turned(img, orientation), kind)
}

// measure refuses what would take too much to decode, before it is decoded.
func measure(f io.ReadSeeker, kind string) (orientation int, err error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	cfg, _, err := image.DecodeConfig(f)
	if err != nil || cfg.Width <= 0 || cfg.Height <= 0 {
		return 0, ErrBroken
	}
	if cfg.Width > maxPixels/cfg.Height {
		return 0, ErrPixels.With("megapixels", maxPixels/1_000_000)
	}
	pixels, each := cfg.Width*cfg.Height, bytesOf(cfg.ColorModel)
	orientation = upright
	if kind == "image/jpeg" {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return 0, err
		}
		facts, err := scanJPEG(f)
		if err != nil || facts.scans > maxScans || facts.scans*pixels > maxScanned {
			return 0, ErrBroken
		}
		if orientation = facts.orientation; facts.progressive {
			each += 4 * each // the coefficients of all scans
		}
	}
	if pixels*each > maxUnpacked {
		return 0, ErrPixels.With("megapixels", maxUnpacked/each/1_000_000)
	}
	return orientation, nil
}

// bytesOf is what one pixel takes when it is unpacked.
func bytesOf(m color.Model) int {
	switch m {
	case color.GrayModel:
		return 1
	case color.Gray16Model:
		return 2
	case color.YCbCrModel:
		return 3
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	}
	if _, ok := m.(color.Palette); ok {
		return 1
	}
	return 4
}

func decode(f io.ReadSeeker) (image.Image, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	img, _, err := image.Decode(f)
	if err != nil {
		return nil, ErrBroken
	}
	return img, nil
}

func encoded(img image.Image, kind string) (inspected, error) {
	var buf bytes.Buffer
	var err error
	if kind == "image/jpeg" {
		err = jpeg.Encode(&buf, img, &jpeg.Options{Quality: 90})
	} else {
		kind, err = "image/png", png.Encode(&buf, img)
	}
	b := img.Bounds()
	return inspected{mime: kind, width: int64(b.Dx()), height: int64(b.Dy()), clean: buf.Bytes()}, err
}

// Turn makes a copy of an own picture, turned by 90 degrees clockwise. The copy is
// an upload of its own: what is in use never changes.
func (s *Service) Turn(ctx context.Context, who Viewer, fileID id.ID) (File, error) {
	f, content, err := s.Open(ctx, who, fileID)
	if err != nil {
		return File{}, err
	}
	defer content.Close() //nolint:errcheck // read only
	switch {
	case f.OrgID != who.OrgID || who.OrgID == 0 && f.UserID != who.UserID:
		return File{}, errs.ErrNotFound
	case !strings.HasPrefix(f.MIME, "image/"):
		return File{}, ErrType.With("types", "jpeg、png")
	}
	copied, err := s.turnedCopy(ctx, content, f.MIME)
	if err != nil {
		return File{}, err
	}
	name := strings.TrimSuffix(f.Name, filepath.Ext(f.Name)) + "." + extensionsOf[f.MIME][0]
	return s.Save(ctx, who, f.Purpose, name, bytes.NewReader(copied))
}

func (s *Service) turnedCopy(ctx context.Context, content io.ReadSeeker, kind string) ([]byte, error) {
	free, err := s.unpack(ctx)
	if err != nil {
		return nil, err
	}
	defer free()
	img, err := decode(content)
	if err != nil {
		return nil, err
	}
	out, err := encoded(turned(img, quarterTurned), kind)
	return out.clean, err
}

// unpack waits for the one place to decode a picture; the answer gives it back.
func (s *Service) unpack(ctx context.Context) (free func(), err error) {
	select {
	case s.unpacking <- struct{}{}:
		return func() { <-s.unpacking }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
