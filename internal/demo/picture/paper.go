package picture

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// License is a 1000x700 sheet that stands for a business licence: frame, round
// emblem, lines for text and the credit code in Latin letters. It says DEMO so
// that nobody takes it for a paper.
func License(code string) []byte {
	c := newCanvas(1000, 700, "license"+code)
	c.gradient(hex(0xFFFDF6), hex(0xF7F1DF), .9)
	gold, blue := hex(0xB08A3C), palette[0]
	for i := range 9 {
		o := float64(i) * 120
		c.ring(faint(gold, 22), o, 350+120*math.Sin(float64(i)*.7), 90, 1.4)
	}
	c.frame(gold, 24, 24, 952, 652, 10, 6)
	c.frame(faint(gold, 150), 40, 40, 920, 620, 6, 2)
	for _, p := range []point{{40, 40}, {960, 40}, {40, 660}, {960, 660}} {
		c.fill(gold, regular(p.x, p.y, 15, 4, 0))
	}
	c.circle(blue, 500, 116, 52)
	c.ring(hex(0xE9C46A), 500, 116, 44, 4)
	gear(c, hex(0xE9C46A), 500, 116, 28, 12, 0)
	text(c, "DEMO LICENCE", 500, 226, 40, ink)
	text(c, code, 500, 274, 24, mix(ink, white, .25))
	for i := range 6 {
		y := 330 + float64(i)*46
		c.box(faint(ink, 110), 110, y, 86, 13, 3)
		c.box(faint(ink, 48), 220, y, c.between(180, 300), 13, 3)
		if i < 4 {
			c.box(faint(ink, 110), 560, y, 86, 13, 3)
			c.box(faint(ink, 48), 670, y, c.between(120, 220), 13, 3)
		}
	}
	seal := mix(palette[4], white, .2)
	c.ring(seal, 800, 560, 68, 6)
	text(c, "DEMO", 800, 570, 32, seal)
	for y := range 9 {
		for x := range 9 {
			if c.rng.IntN(2) == 0 || (x < 3 && y < 3) || (x > 5 && y < 3) {
				c.box(ink, 868+float64(x)*7, 66+float64(y)*7, 7, 7, 0)
			}
		}
	}
	return encode(c, 74)
}

// CasePage is a 720x960 page that stands for a case document: title bar,
// paragraphs, a chart before and after.
func CasePage(class, seed string) []byte {
	c := newCanvas(720, 960, "case"+seed)
	s, t := toneOf(c, class)
	c.gradient(white, white, 0)
	c.box(t.deep, 0, 0, 720, 210, 0)
	c.fill(t.ground, []point{{420, 0}, {720, 0}, {720, 210}, {320, 210}})
	s.motif(c, t, 586, 106, .42)
	c.box(white, 56, 64, 230, 24, 6)
	c.box(faint(white, 160), 56, 108, 170, 13, 6)
	c.box(faint(white, 160), 56, 132, 120, 13, 6)
	y := 254.0
	for range 3 {
		c.box(t.ground, 56, y, 6, 22, 2)
		c.box(mix(ink, white, .3), 74, y+3, c.between(110, 190), 16, 4)
		y += 38
		for i := range 4 {
			w := c.between(540, 608)
			if i == 3 {
				w = c.between(180, 420)
			}
			c.box(rule, 56, y, w, 10, 4)
			y += 22
		}
		y += 20
	}
	for i, v := range []float64{c.between(.3, .45), c.between(.75, .95), c.between(.6, .8), c.between(.25, .4)} {
		col := []color.NRGBA{rule, t.ground, rule, t.accent}[i]
		c.box(col, 80+float64(i)*66+float64(i/2)*40, 900-200*v, 48, 200*v, 5)
	}
	c.line(rule, 2, point{60, 900}, point{400, 900})
	c.ring(rule, 552, 800, 68, 26)
	c.sector(t.ground, 552, 800, 55, 81, 0, c.between(3.4, 5.4))
	return encode(c, 82)
}

// Screen is a 960x600 picture that stands for a screenshot of the product.
func Screen(class, seed string) []byte {
	c := newCanvas(960, 600, "screen"+seed)
	_, t := toneOf(c, class)
	c.gradient(paper, paper, 0)
	c.box(t.deep, 0, 0, 960, 52, 0)
	c.circle(t.accent, 34, 26, 11)
	c.box(white, 56, 20, 120, 12, 5)
	c.box(white, 0, 52, 168, 548, 0)
	for i := range 8 {
		col := rule
		if i == 1 {
			c.box(mix(t.ground, white, .88), 0, 78+float64(i)*44, 168, 40, 0)
			col = t.ground
		}
		c.box(col, 28, 92+float64(i)*44, 12, 12, 3)
		c.box(col, 52, 92+float64(i)*44, c.between(54, 90), 12, 5)
	}
	for i := range 4 {
		x := 192 + float64(i)*188
		c.box(white, x, 76, 172, 84, 8)
		c.box(rule, x+16, 94, 60, 10, 5)
		c.box([]color.NRGBA{t.ground, t.accent, palette[1], palette[3]}[i], x+16, 120, c.between(70, 120), 20, 5)
	}
	c.box(white, 192, 178, 456, 190, 8)
	var line []point
	for i := range 12 {
		line = append(line, point{218 + float64(i)*36, 310 - 60*math.Sin(float64(i)*.5+c.between(0, .5)) - float64(i)*3})
	}
	for i := range 4 {
		c.line(rule, 1, point{212, 220 + float64(i)*40}, point{628, 220 + float64(i)*40})
	}
	c.curve(t.ground, 4, line...)
	c.box(white, 664, 178, 272, 190, 8)
	share := c.between(2.6, 4.2)
	c.sector(t.ground, 760, 274, 36, 66, 0, share)
	c.sector(t.accent, 760, 274, 36, 66, share+.05, share+.9)
	c.sector(rule, 760, 274, 36, 66, share+.95, 6.23)
	c.box(white, 192, 384, 744, 196, 8)
	for i := range 5 {
		y := 404 + float64(i)*34
		for j := range 5 {
			c.box(rule, 212+float64(j)*136, y, c.between(50, 104), 11, 5)
		}
		c.box(faint([]color.NRGBA{palette[1], t.accent, t.ground, palette[1], palette[4]}[i], 200), 872, y-3, 46, 17, 8)
	}
	return encode(c, 84)
}

// Portrait is a 480x600 picture that stands for an expert's photograph.
func Portrait(seed string) []byte {
	c := newCanvas(480, 600, "portrait"+seed)
	g := palette[c.rng.IntN(len(palette))]
	c.gradient(mix(g, white, .78), mix(g, white, .5), 1.2)
	skin := mix(hex(0xEBC7A4), hex(0xC99A72), c.between(0, .6))
	hair := mix(hex(0x1B1B22), hex(0x6B6B72), c.between(0, .7))
	suit := mix(g, ink, .62)
	c.fill(suit, rounded(70, 430, 340, 240, 110))
	c.fill(white, []point{{190, 432}, {290, 432}, {240, 540}})
	c.fill(palette[c.rng.IntN(4)], []point{{230, 452}, {250, 452}, {258, 560}, {240, 580}, {222, 560}})
	c.box(mix(skin, ink, .12), 206, 368, 68, 84, 30)
	c.circle(hair, 240, 250, 122)
	c.fill(skin, rounded(142, 190, 196, 216, 96))
	c.sector(hair, 240, 268, 78, 124, -1.25, 1.25)
	if c.rng.IntN(2) == 0 {
		c.ring(ink, 200, 288, 30, 4)
		c.ring(ink, 280, 288, 30, 4)
		c.line(ink, 4, point{230, 288}, point{250, 288})
	}
	c.circle(ink, 200, 290, 6)
	c.circle(ink, 280, 290, 6)
	c.curve(mix(skin, ink, .45), 5, point{216, 352}, point{240, 360}, point{264, 352})
	return encode(c, 84)
}

// text sets a line of Latin letters centred on x with its baseline at y.
func text(c *canvas, s string, x, y, size float64, col color.NRGBA) {
	f, err := opentype.Parse(gomonobold.TTF)
	if err != nil {
		return // the font is part of the program; a broken one costs only the words
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size / shrink, DPI: 72})
	if err != nil {
		return
	}
	d := font.Drawer{Dst: c.img, Src: image.NewUniform(col), Face: face}
	d.Dot = fixed.Point26_6{X: fixed.Int26_6(x/shrink*64) - d.MeasureString(s)/2, Y: fixed.Int26_6(y / shrink * 64)}
	d.DrawString(s)
}
