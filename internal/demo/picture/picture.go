// Package picture draws the licence-free pictures of the demonstration data:
// covers, banners, screens, case pages, portraits and licences. The same seed
// gives the same bytes; nothing is read from disk and no word of Chinese is set,
// because no font comes with the program.
package picture

import (
	"bytes"
	"image/color"
	"image/jpeg"
	"math"
)

// palette is the theme's chart order.
var palette = []color.NRGBA{hex(0x1D57C2), hex(0x1E9E8F), hex(0xE0932F), hex(0x7A5AC8), hex(0xC4411C), hex(0x6B7A90)}

var (
	white = hex(0xFFFFFF)
	ink   = hex(0x0F1E3D)
	paper = hex(0xF4F6FA)
	rule  = hex(0xD9DFE8)
)

// style is how a solution class looks: ground, contrast, and what is drawn.
type style struct {
	ground, accent int // indices into palette
	motif          func(*canvas, tone, float64, float64, float64)
}

// tone carries the colours of one picture.
type tone struct{ ground, deep, accent, second color.NRGBA }

var styles = map[string]style{
	"product_design":      {0, 2, cube},
	"process_design":      {1, 2, flow},
	"marketing":           {4, 2, funnel},
	"after_sales":         {2, 0, bubbles},
	"planning":            {0, 1, gantt},
	"production_control":  {1, 0, conveyor},
	"quality":             {0, 2, controlChart},
	"equipment":           {5, 2, gears},
	"safety":              {2, 4, shield},
	"energy":              {1, 2, bolt},
	"procurement":         {3, 2, network},
	"warehouse_logistics": {2, 1, shelves},
	"finance":             {3, 1, coins},
	"hr":                  {4, 1, people},
	"collaboration":       {3, 0, cards},
	"decision":            {0, 4, dashboard},
	"consulting":          {5, 1, radar},
	"security":            {5, 0, lock},
	"training":            {1, 4, steps},
}

// Cover is the 800x450 picture of a solution on cards.
func Cover(class, seed string) []byte {
	c := newCanvas(800, 450, "cover"+seed)
	s, t := toneOf(c, class)
	ground(c, t)
	s.motif(c, t, 400+c.between(-24, 24), 225+c.between(-8, 8), 1)
	return encode(c, 86)
}

// Banner is the 1200x400 picture on top of a product page; its left half stays
// calm because words stand on it.
func Banner(class, seed string) []byte {
	c := newCanvas(1200, 400, "banner"+seed)
	s, t := toneOf(c, class)
	ground(c, t)
	s.motif(c, t, 880+c.between(-20, 20), 205, .92)
	return encode(c, 86)
}

func toneOf(c *canvas, class string) (style, tone) {
	s, ok := styles[class]
	if !ok {
		s = styles["decision"]
	}
	g := palette[s.ground]
	second := palette[(s.ground+1+c.rng.IntN(4))%len(palette)]
	return s, tone{ground: g, deep: mix(g, ink, c.between(.55, .72)), accent: mix(palette[s.accent], white, .18), second: mix(second, white, .35)}
}

// ground lays the gradient and one of four quiet textures.
func ground(c *canvas, t tone) {
	c.gradient(t.deep, mix(t.ground, white, .04), c.between(-.9, .5))
	veil := faint(white, 13)
	x, y := c.between(.05, .95)*c.w(), c.between(0, 1)*c.h()
	switch c.rng.IntN(4) {
	case 0:
		for i := range 5 {
			c.ring(veil, x, y, 60+float64(i)*72, 26)
		}
	case 1:
		for i := range 9 {
			o := float64(i)*c.w()/7 - c.h()
			c.fill(veil, []point{{o, c.h()}, {o + c.h(), 0}, {o + c.h() + 46, 0}, {o + 46, c.h()}})
		}
	case 2:
		for gx := 24.0; gx < c.w(); gx += 34 {
			for gy := 24.0; gy < c.h(); gy += 34 {
				c.circle(faint(white, 26), gx, gy, 1.8)
			}
		}
	default:
		for i := range 14 {
			for j := range 8 {
				hx, hy := float64(i)*96+float64(j%2)*48, float64(j)*83
				if c.rng.IntN(3) == 0 {
					c.fill(veil, regular(hx, hy, 46, 6, math.Pi/6))
				}
			}
		}
	}
	c.circle(faint(t.accent, 34), c.w()*c.between(.78, .98), c.h()*c.between(.7, 1), c.between(90, 170))
	c.circle(faint(t.second, 26), c.w()*c.between(0, .2), c.h()*c.between(0, .3), c.between(70, 140))
}

func encode(c *canvas, quality int) []byte {
	var b bytes.Buffer
	// A bytes.Buffer never fails and the size is within JPEG's.
	_ = jpeg.Encode(&b, c.img, &jpeg.Options{Quality: quality})
	return b.Bytes()
}
