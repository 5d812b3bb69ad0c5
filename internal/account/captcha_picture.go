package account

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
)

// Size of a captcha's picture, twice what a page shows.
const (
	pictureWidth  = 300
	pictureHeight = 104
)

type point struct{ x, y float64 }

// strokes are the digits as lines in a box of one by one. Drawing them needs no
// font, and no two pictures of a digit are alike.
var strokes = [10][]point{
	{{.5, 0}, {.18, .1}, {.04, .5}, {.18, .9}, {.5, 1}, {.82, .9}, {.96, .5}, {.82, .1}, {.5, 0}},
	{{.22, .24}, {.56, 0}, {.56, 1}},
	{{.05, .25}, {.2, .05}, {.5, 0}, {.8, .06}, {.93, .28}, {.8, .52}, {.05, 1}, {.97, 1}},
	{{.08, .1}, {.4, 0}, {.8, .08}, {.9, .27}, {.72, .45}, {.4, .48}, {.78, .53}, {.95, .75}, {.8, .95}, {.4, 1}, {.05, .9}},
	{{.72, 1}, {.72, 0}, {.03, .7}, {.97, .7}},
	{{.9, 0}, {.2, 0}, {.12, .46}, {.5, .38}, {.85, .5}, {.95, .72}, {.8, .94}, {.4, 1}, {.05, .9}},
	{{.85, .08}, {.5, 0}, {.2, .15}, {.06, .5}, {.09, .8}, {.35, 1}, {.7, .98}, {.93, .8}, {.88, .56}, {.55, .43}, {.2, .52}, {.07, .72}},
	{{.03, 0}, {.97, 0}, {.4, 1}},
	{{.5, .47}, {.15, .3}, {.2, .08}, {.5, 0}, {.8, .08}, {.85, .3}, {.5, .47}, {.1, .68}, {.14, .92}, {.5, 1}, {.86, .92}, {.9, .68}, {.5, .47}},
	{{.15, .92}, {.5, 1}, {.8, .85}, {.94, .5}, {.91, .2}, {.65, 0}, {.3, .02}, {.07, .2}, {.12, .44}, {.45, .57}, {.8, .48}, {.93, .28}},
}

// drawDigits is a PNG picture of digits, turned, bent and crossed by lines.
func drawDigits(digits string) ([]byte, error) {
	img := image.NewNRGBA(image.Rect(0, 0, pictureWidth, pictureHeight))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	ink := color.NRGBA{R: uint8(20 + rand.IntN(60)), G: uint8(40 + rand.IntN(60)), B: uint8(90 + rand.IntN(80)), A: 255}
	step := float64(pictureWidth-30) / float64(len(digits))
	phase, bend := rand.Float64()*2*math.Pi, 3+rand.Float64()*4
	for i, d := range digits {
		w, h := 30+rand.Float64()*8, 56+rand.Float64()*10
		turn, lean := (rand.Float64()-.5)*.6, (rand.Float64()-.5)*.3
		center := point{15 + step*(float64(i)+.5) + (rand.Float64()-.5)*8, pictureHeight/2 + (rand.Float64()-.5)*16}
		var line []point
		for _, p := range strokes[d-'0'] {
			x, y := (p.x-.5)*w+(p.y-.5)*lean*h, (p.y-.5)*h
			x, y = x*math.Cos(turn)-y*math.Sin(turn), x*math.Sin(turn)+y*math.Cos(turn)
			line = append(line, point{center.x + x, center.y + y + bend*math.Sin((center.x+x)/38+phase)})
		}
		draw(img, line, 5.5+rand.Float64()*2, ink)
	}
	for range 4 {
		var line []point
		from, to := rand.Float64()*pictureHeight, rand.Float64()*pictureHeight
		wave, at := 4+rand.Float64()*12, rand.Float64()*6
		for x := 0.; x <= pictureWidth; x += 6 {
			line = append(line, point{x, from + (to-from)*x/pictureWidth + wave*math.Sin(x/30+at)})
		}
		draw(img, line, 2+rand.Float64()*1.5, ink)
	}
	var out bytes.Buffer
	err := png.Encode(&out, img)
	return out.Bytes(), err
}

// draw paints a line of some width with soft edges.
func draw(img *image.NRGBA, line []point, width float64, ink color.NRGBA) {
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		for y := int(min(a.y, b.y) - width); y <= int(max(a.y, b.y)+width); y++ {
			for x := int(min(a.x, b.x) - width); x <= int(max(a.x, b.x)+width); x++ {
				if !(image.Point{X: x, Y: y}).In(img.Rect) {
					continue
				}
				cover := min(1, max(0, width/2+.5-distance(point{float64(x), float64(y)}, a, b)))
				old := img.NRGBAAt(x, y)
				mix := func(from, to uint8) uint8 { return min(from, uint8(float64(from)+(float64(to)-float64(from))*cover)) }
				img.SetNRGBA(x, y, color.NRGBA{R: mix(old.R, ink.R), G: mix(old.G, ink.G), B: mix(old.B, ink.B), A: 255})
			}
		}
	}
}

// distance of p from the line between a and b.
func distance(p, a, b point) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	t := 0.
	if long := dx*dx + dy*dy; long > 0 {
		t = min(1, max(0, ((p.x-a.x)*dx+(p.y-a.y)*dy)/long))
	}
	return math.Hypot(p.x-a.x-t*dx, p.y-a.y-t*dy)
}
