package file

import (
	"image"
	"image/draw"
)

// Orientations of EXIF that have a name here.
const (
	upright       = 1
	quarterTurned = 6 // must be turned by 90 degrees clockwise to be upright
)

// turned answers the picture as it is meant to be looked at.
func turned(img image.Image, orientation int) image.Image {
	if orientation == upright {
		return img
	}
	switch src := img.(type) {
	case *image.YCbCr:
		if out := turnedYCbCr(src, orientation); out != nil {
			return out
		}
	case *image.Gray:
		out := image.NewGray(turnedRect(src.Rect, orientation))
		turnPlane(out.Pix, out.Stride, src.Pix, src.Stride, 1, src.Rect.Dx(), src.Rect.Dy(), orientation)
		return out
	}
	b := img.Bounds()
	src := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(src, src.Rect, img, b.Min, draw.Src)
	out := image.NewNRGBA(turnedRect(b, orientation))
	turnPlane(out.Pix, out.Stride, src.Pix, src.Stride, 4, b.Dx(), b.Dy(), orientation)
	return out
}

func turnedRect(r image.Rectangle, orientation int) image.Rectangle {
	if orientation >= 5 {
		return image.Rect(0, 0, r.Dy(), r.Dx())
	}
	return image.Rect(0, 0, r.Dx(), r.Dy())
}

// turnedYCbCr turns brightness and color apart, as cameras store them; nil for
// the rare color layouts that have no turned counterpart.
func turnedYCbCr(src *image.YCbCr, orientation int) *image.YCbCr {
	ratio := src.SubsampleRatio
	if orientation >= 5 {
		counterpart, ok := map[image.YCbCrSubsampleRatio]image.YCbCrSubsampleRatio{
			image.YCbCrSubsampleRatio444: image.YCbCrSubsampleRatio444,
			image.YCbCrSubsampleRatio420: image.YCbCrSubsampleRatio420,
			image.YCbCrSubsampleRatio422: image.YCbCrSubsampleRatio440,
			image.YCbCrSubsampleRatio440: image.YCbCrSubsampleRatio422,
		}[ratio]
		if !ok {
			return nil
		}
		ratio = counterpart
	}
	out := image.NewYCbCr(turnedRect(src.Rect, orientation), ratio)
	w, h := out.CStride, len(out.Cb)/out.CStride // of the color planes, turned
	if orientation >= 5 {
		w, h = h, w
	}
	turnPlane(out.Y, out.YStride, src.Y, src.YStride, 1, src.Rect.Dx(), src.Rect.Dy(), orientation)
	turnPlane(out.Cb, out.CStride, src.Cb, src.CStride, 1, w, h, orientation)
	turnPlane(out.Cr, out.CStride, src.Cr, src.CStride, 1, w, h, orientation)
	return out
}

// turnPlane writes the w x h samples of src, each size bytes, to their turned places.
func turnPlane(dst []byte, dstStride int, src []byte, srcStride, size, w, h, orientation int) {
	dw, dh := w, h
	if orientation >= 5 {
		dw, dh = h, w
	}
	for y := range dh {
		row := dst[y*dstStride:]
		for x := range dw {
			sx, sy := x, y
			switch orientation {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case quarterTurned:
				sx, sy = y, h-1-x
			case 7:
				sx, sy = w-1-y, h-1-x
			case 8:
				sx, sy = w-1-y, x
			}
			if size == 1 {
				row[x] = src[sy*srcStride+sx]
				continue
			}
			copy(row[x*size:(x+1)*size], src[sy*srcStride+sx*size:])
		}
	}
}
