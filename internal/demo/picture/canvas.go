package picture

import (
	"hash/fnv"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"

	"golang.org/x/image/vector"
)

type point struct{ x, y float64 }

// canvas fills polygons with soft edges. Everything else (circles, lines, round
// boxes) is turned into polygons first: one primitive is enough for covers.
type canvas struct {
	img *image.RGBA
	rng *rand.Rand
}

func newCanvas(w, h int, seed string) *canvas {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(seed))
	return &canvas{image.NewRGBA(image.Rect(0, 0, w/shrink, h/shrink)), rand.New(rand.NewPCG(sum.Sum64(), 20260901))}
}

func (c *canvas) w() float64 { return float64(c.img.Rect.Dx() * shrink) }
func (c *canvas) h() float64 { return float64(c.img.Rect.Dy() * shrink) }

// between is a seeded number in [lo, hi).
func (c *canvas) between(lo, hi float64) float64 { return lo + c.rng.Float64()*(hi-lo) }

// fill paints the polygons together, so that one drawn the other way round cuts
// a hole. Only their bounding box is rasterised.
func (c *canvas) fill(col color.Color, polygons ...[]point) {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, p := range polygons {
		for _, q := range p {
			x0, y0, x1, y1 = min(x0, q.x/shrink), min(y0, q.y/shrink), max(x1, q.x/shrink), max(y1, q.y/shrink)
		}
	}
	box := image.Rect(int(x0)-1, int(y0)-1, int(x1)+2, int(y1)+2).Intersect(c.img.Rect)
	if box.Empty() {
		return
	}
	r := vector.NewRasterizer(box.Dx(), box.Dy())
	r.DrawOp = draw.Over
	for _, p := range polygons {
		for i, q := range p {
			x, y := float32(q.x/shrink)-float32(box.Min.X), float32(q.y/shrink)-float32(box.Min.Y)
			if i == 0 {
				r.MoveTo(x, y)
			} else {
				r.LineTo(x, y)
			}
		}
		r.ClosePath()
	}
	r.Draw(c.img, box, image.NewUniform(col), image.Point{})
}

// gradient fills the whole picture from one colour to another along an angle.
// Both are opaque, and a table of shades saves the arithmetic for each pixel.
func (c *canvas) gradient(from, to color.NRGBA, angle float64) {
	var shades [1024][4]uint8
	for i := range shades {
		m := mix(from, to, float64(i)/float64(len(shades)-1))
		shades[i] = [4]uint8{m.R, m.G, m.B, 255}
	}
	dx, dy := math.Cos(angle), math.Sin(angle)
	span := math.Abs(dx)*c.w() + math.Abs(dy)*c.h()
	per := float64(len(shades)-1) / span * shrink
	for y := range c.img.Rect.Dy() {
		line := c.img.Pix[y*c.img.Stride:]
		at := ((-c.w()/2)*dx+(float64(y)*shrink-c.h()/2)*dy)*per/shrink + float64(len(shades)-1)/2
		for x := range c.img.Rect.Dx() {
			shade := shades[max(0, min(len(shades)-1, int(at)))]
			copy(line[4*x:4*x+4], shade[:])
			at += dx * per
		}
	}
}

func (c *canvas) circle(col color.Color, x, y, r float64) { c.fill(col, disc(x, y, r)) }

func (c *canvas) ring(col color.Color, x, y, r, width float64) {
	c.fill(col, disc(x, y, r+width/2), reversed(disc(x, y, r-width/2)))
}

func (c *canvas) line(col color.Color, width float64, pts ...point) {
	for i := 1; i < len(pts); i++ {
		a, b := pts[i-1], pts[i]
		l := math.Hypot(b.x-a.x, b.y-a.y)
		if l == 0 {
			continue
		}
		nx, ny := (a.y-b.y)/l*width/2, (b.x-a.x)/l*width/2
		c.fill(col, []point{{a.x + nx, a.y + ny}, {b.x + nx, b.y + ny}, {b.x - nx, b.y - ny}, {a.x - nx, a.y - ny}})
	}
}

// curve is a line with round joints, for opaque colours.
func (c *canvas) curve(col color.Color, width float64, pts ...point) {
	c.line(col, width, pts...)
	for _, p := range pts {
		c.circle(col, p.x, p.y, width/2)
	}
}

func (c *canvas) box(col color.Color, x, y, w, h, r float64) { c.fill(col, rounded(x, y, w, h, r)) }

func (c *canvas) frame(col color.Color, x, y, w, h, r, width float64) {
	c.fill(col, rounded(x, y, w, h, r), reversed(rounded(x+width, y+width, w-2*width, h-2*width, max(0, r-width))))
}

// sector is a part of a ring, angles in radians clockwise from the top.
func (c *canvas) sector(col color.Color, x, y, inner, outer, from, to float64) {
	var p []point
	n := 8 + int((to-from)*20)
	for i := range n + 1 {
		a := from + (to-from)*float64(i)/float64(n) - math.Pi/2
		p = append(p, point{x + outer*math.Cos(a), y + outer*math.Sin(a)})
	}
	for i := n; i >= 0; i-- {
		a := from + (to-from)*float64(i)/float64(n) - math.Pi/2
		p = append(p, point{x + inner*math.Cos(a), y + inner*math.Sin(a)})
	}
	c.fill(col, p)
}

func disc(x, y, r float64) []point {
	n := 24 + int(r/2)
	p := make([]point, n)
	for i := range p {
		a := 2 * math.Pi * float64(i) / float64(n)
		p[i] = point{x + r*math.Cos(a), y + r*math.Sin(a)}
	}
	return p
}

func regular(x, y, r float64, sides int, turn float64) []point {
	p := make([]point, sides)
	for i := range p {
		a := 2*math.Pi*float64(i)/float64(sides) + turn
		p[i] = point{x + r*math.Cos(a), y + r*math.Sin(a)}
	}
	return p
}

func rounded(x, y, w, h, r float64) []point {
	r = min(r, w/2, h/2)
	var p []point
	for corner, o := range []point{{x + w - r, y + r}, {x + w - r, y + h - r}, {x + r, y + h - r}, {x + r, y + r}} {
		for i := range 9 {
			a := -math.Pi/2 + float64(corner)*math.Pi/2 + float64(i)*math.Pi/16
			p = append(p, point{o.x + r*math.Cos(a), o.y + r*math.Sin(a)})
		}
	}
	return p
}

func reversed(p []point) []point {
	q := make([]point, len(p))
	for i := range p {
		q[len(p)-1-i] = p[i]
	}
	return q
}

func mix(a, b color.NRGBA, t float64) color.NRGBA {
	t = max(0, min(1, t))
	f := func(p, q uint8) uint8 { return uint8(float64(p) + (float64(q)-float64(p))*t + .5) }
	return color.NRGBA{f(a.R, b.R), f(a.G, b.G), f(a.B, b.B), f(a.A, b.A)}
}

func hex(v uint32) color.NRGBA {
	return color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255}
}

func faint(c color.NRGBA, alpha uint8) color.NRGBA { c.A = alpha; return c }
