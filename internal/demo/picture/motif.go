package picture

import (
	"image/color"
	"math"
)

// Each motif draws around (x, y) at scale k; at 1 it fits a box of 460 by 320.

func panel(c *canvas, x, y, w, h float64) {
	c.box(faint(ink, 60), x+6, y+10, w, h, 14)
	c.box(white, x, y, w, h, 14)
}

func bars(c *canvas, t tone, x, y, w, h float64, n int) {
	gap := w / float64(n)
	for i := range n {
		v := h * (.3 + .6*float64(i)/float64(n) + c.between(-.12, .12))
		col := mix(t.ground, white, .45)
		if i == n-1 {
			col = t.accent
		}
		c.box(col, x+float64(i)*gap, y-v, gap*.62, v, 4)
	}
}

func cube(c *canvas, t tone, x, y, k float64) {
	iso := func(cx, cy, s float64, top, left, right color.NRGBA) {
		dx, dy := s*.866, s*.5
		c.fill(top, []point{{cx, cy - s}, {cx + dx, cy - dy}, {cx, cy}, {cx - dx, cy - dy}})
		c.fill(left, []point{{cx - dx, cy - dy}, {cx, cy}, {cx, cy + s}, {cx - dx, cy + dy}})
		c.fill(right, []point{{cx + dx, cy - dy}, {cx, cy}, {cx, cy + s}, {cx + dx, cy + dy}})
	}
	for i := range 9 {
		o := (float64(i) - 4) * 46 * k
		c.line(faint(white, 30), 1.2, point{x + o, y - 170*k}, point{x + o, y + 170*k})
		c.line(faint(white, 30), 1.2, point{x - 220*k, y + o*.8}, point{x + 220*k, y + o*.8})
	}
	s := 86 * k
	iso(x-s*.9, y+s*.62, s*.74, mix(t.second, white, .5), mix(t.second, ink, .1), mix(t.second, ink, .3))
	iso(x+s*.75, y+s*.55, s*.86, mix(t.accent, white, .45), t.accent, mix(t.accent, ink, .28))
	iso(x, y-s*.28, s, white, mix(t.ground, white, .72), mix(t.ground, white, .5))
	for _, d := range []float64{-1, 1} {
		c.line(faint(white, 190), 2, point{x + d*s*.87, y - s*1.5}, point{x + d*s*.87, y - s*1.1})
	}
	c.line(faint(white, 190), 2, point{x - s*.87, y - s*1.34}, point{x + s*.87, y - s*1.34})
	c.circle(white, x-s*.87, y-s*1.34, 4)
	c.circle(white, x+s*.87, y-s*1.34, 4)
}

func flow(c *canvas, t tone, x, y, k float64) {
	nodes := []point{{-190, -70}, {-60, -96}, {-60, 40}, {80, -30}, {196, -86}, {196, 58}}
	for _, e := range [][2]int{{0, 1}, {0, 2}, {1, 3}, {2, 3}, {3, 4}, {3, 5}} {
		a, b := nodes[e[0]], nodes[e[1]]
		m := (a.x + b.x) / 2
		c.curve(faint(white, 255), 4*k, point{x + a.x*k, y + a.y*k}, point{x + m*k, y + a.y*k}, point{x + m*k, y + b.y*k}, point{x + b.x*k, y + b.y*k})
	}
	for i, n := range nodes {
		w, h := 86*k, 58*k
		col := white
		if i == 3 {
			col = t.accent
		}
		c.box(faint(ink, 60), x+n.x*k-w/2+4, y+n.y*k-h/2+6, w, h, 12)
		c.box(col, x+n.x*k-w/2, y+n.y*k-h/2, w, h, 12)
		bar := mix(t.ground, white, .55)
		if i == 3 {
			bar = white
		}
		c.box(bar, x+n.x*k-w*.3, y+n.y*k-9*k, w*.6, 6*k, 3)
		c.box(faint(bar, 150), x+n.x*k-w*.3, y+n.y*k+5*k, w*.38, 6*k, 3)
	}
	for i := range 4 {
		c.circle(mix(t.second, white, float64(i)*.2), x+(-66+float64(i)*44)*k, y+140*k, 9*k)
	}
}

func funnel(c *canvas, t tone, x, y, k float64) {
	cols := []color.NRGBA{white, mix(t.accent, white, .6), mix(t.accent, white, .25), t.accent}
	for i, col := range cols {
		top, bottom := (200-float64(i)*44)*k, (200-float64(i+1)*44+8)*k
		y0 := y + (-140+float64(i)*64)*k
		c.fill(col, []point{{x - 70*k - top*.62, y0}, {x - 70*k + top*.62, y0}, {x - 70*k + bottom*.62, y0 + 54*k}, {x - 70*k - bottom*.62, y0 + 54*k}})
	}
	c.circle(white, x-70*k, y+142*k, 20*k)
	c.circle(t.accent, x-70*k, y+142*k, 11*k)
	for i := range 5 {
		h := (46 + float64(i)*34 + c.between(-10, 10)) * k
		c.box(faint(white, uint8(110+i*32)), x+(96+float64(i)*32)*k, y+130*k-h, 20*k, h, 5)
	}
	c.curve(t.second, 5*k, point{x + 92*k, y + 40*k}, point{x + 140*k, y + 4*k}, point{x + 176*k, y + 14*k}, point{x + 244*k, y - 84*k})
	c.fill(t.second, regular(x+246*k, y-88*k, 15*k, 3, -.5))
}

func bubbles(c *canvas, t tone, x, y, k float64) {
	c.box(faint(ink, 60), x-206*k, y-120*k, 270*k, 150*k, 22*k)
	c.box(white, x-212*k, y-130*k, 270*k, 150*k, 22*k)
	c.fill(white, []point{{x - 170*k, y + 10*k}, {x - 120*k, y + 10*k}, {x - 180*k, y + 56*k}})
	for i, w := range []float64{190, 150, 96} {
		c.box(mix(t.ground, white, .55+.1*float64(i)), x-180*k, y+(-100+float64(i)*36)*k, w*k, 14*k, 7*k)
	}
	c.box(faint(ink, 60), x-4*k, y+4*k, 230*k, 124*k, 22*k)
	c.box(t.accent, x-10*k, y-6*k, 230*k, 124*k, 22*k)
	c.fill(t.accent, []point{{x + 150*k, y + 110*k}, {x + 196*k, y + 110*k}, {x + 206*k, y + 154*k}})
	for i := range 5 {
		star(c, white, x+(26+float64(i)*40)*k, y+54*k, 16*k)
	}
}

func star(c *canvas, col color.NRGBA, x, y, r float64) {
	var p []point
	for i := range 10 {
		d := r
		if i%2 == 1 {
			d = r * .42
		}
		a := float64(i)*math.Pi/5 - math.Pi/2
		p = append(p, point{x + d*math.Cos(a), y + d*math.Sin(a)})
	}
	c.fill(col, p)
}

func gantt(c *canvas, t tone, x, y, k float64) {
	panel(c, x-225*k, y-145*k, 450*k, 290*k)
	for i := range 8 {
		c.line(rule, 1, point{x + (-130+float64(i)*46)*k, y - 118*k}, point{x + (-130+float64(i)*46)*k, y + 122*k})
	}
	cols := []color.NRGBA{t.ground, t.accent, mix(t.ground, white, .45), mix(t.second, ink, .1), t.ground, mix(t.accent, white, .4)}
	at := -120.0
	for i, col := range cols {
		w := c.between(70, 130)
		row := y + (-112+float64(i)*38)*k
		c.box(rule, x-205*k, row+5*k, 56*k, 10*k, 5)
		c.box(col, x+at*k, row, w*k, 21*k, 8*k)
		if i == 2 {
			c.box(mix(t.second, ink, .15), x+(at+w+18)*k, row, 54*k, 21*k, 8*k)
		}
		at += w * .52
		at = min(at, 90)
	}
	c.line(palette[4], 2.5, point{x + 32*k, y - 130*k}, point{x + 32*k, y + 128*k})
	c.circle(palette[4], x+32*k, y-130*k, 6*k)
}

func conveyor(c *canvas, t tone, x, y, k float64) {
	gear(c, faint(white, 60), x+120*k, y-70*k, 92*k, 12, .2)
	gear(c, faint(white, 90), x-6*k, y-96*k, 56*k, 10, 0)
	for i := range 4 {
		w := 70 * k
		bx := x + (-210+float64(i)*110)*k
		col := white
		if i == 2 {
			col = t.accent
		}
		c.box(faint(ink, 50), bx+5, y-2*k, w, w, 8)
		c.box(col, bx, y-8*k, w, w, 8)
		c.box(faint(t.ground, 150), bx+w*.38, y-8*k, w*.24, w*.36, 2)
	}
	c.box(mix(t.deep, ink, .3), x-235*k, y+66*k, 470*k, 34*k, 17*k)
	for i := range 9 {
		c.circle(mix(t.ground, white, .6), x+(-212+float64(i)*53)*k, y+83*k, 10*k)
	}
	for i := range 3 {
		c.box(faint(white, uint8(60+i*50)), x+(-200+float64(i)*24)*k, y+124*k, 14*k, 12*k, 3)
	}
	c.curve(white, 5*k, point{x - 60*k, y + 132*k}, point{x + 150*k, y + 132*k})
	c.fill(white, regular(x+164*k, y+132*k, 13*k, 3, 0))
}

func gear(c *canvas, col color.NRGBA, x, y, r float64, teeth int, turn float64) {
	var p []point
	n := teeth * 4
	for i := range n {
		d := r
		if i%4 < 2 {
			d = r * .8
		}
		a := (float64(i)+.5)*2*math.Pi/float64(n) + turn
		p = append(p, point{x + d*math.Cos(a), y + d*math.Sin(a)})
	}
	c.fill(col, p, reversed(disc(x, y, r*.36)))
}

func controlChart(c *canvas, t tone, x, y, k float64) {
	panel(c, x-225*k, y-140*k, 450*k, 280*k)
	for _, o := range []float64{-84, 0, 84} {
		col := rule
		if o != 0 {
			col = faint(palette[4], 130)
		}
		for i := range 22 {
			c.line(col, 2, point{x + (-200+float64(i)*18.6)*k, y + o*k}, point{x + (-190+float64(i)*18.6)*k, y + o*k})
		}
	}
	var pts []point
	for i := range 12 {
		v := 46*math.Sin(float64(i)*.9+c.between(0, .8)) + c.between(-18, 18)
		if i == 8 {
			v = -104
		}
		pts = append(pts, point{x + (-194+float64(i)*33)*k, y + v*k})
	}
	c.curve(t.ground, 4*k, pts...)
	for i, p := range pts {
		if i == 8 {
			c.circle(faint(palette[4], 60), p.x, p.y, 22*k)
			c.circle(palette[4], p.x, p.y, 10*k)
			continue
		}
		c.circle(white, p.x, p.y, 8*k)
		c.ring(t.ground, p.x, p.y, 7*k, 3*k)
	}
	c.circle(t.accent, x+196*k, y+118*k, 44*k)
	c.curve(white, 9*k, point{x + 176*k, y + 118*k}, point{x + 191*k, y + 134*k}, point{x + 218*k, y + 102*k})
}

func gears(c *canvas, t tone, x, y, k float64) {
	turn := c.between(0, .5)
	gear(c, white, x-66*k, y+10*k, 132*k, 14, turn)
	gear(c, t.accent, x+120*k, y-58*k, 80*k, 10, turn+.3)
	gear(c, mix(t.second, white, .3), x+122*k, y+98*k, 56*k, 9, turn)
	c.ring(mix(t.ground, white, .4), x-66*k, y+10*k, 74*k, 7*k)
	p := func(a, b float64) point { return point{x + a*k, y + b*k} }
	c.curve(mix(t.accent, white, .2), 6*k, p(-236, 142), p(-150, 142), p(-128, 110), p(-104, 166), p(-78, 84), p(-52, 142), p(40, 142))
}

func shield(c *canvas, t tone, x, y, k float64) {
	outline := func(s float64) []point {
		var p []point
		for i := range 13 {
			a := float64(i) / 12
			p = append(p, point{x + (-112+224*a)*s*k, y + (-140-18*math.Sin(a*math.Pi))*s*k})
		}
		for i := range 21 {
			a := float64(i) / 20 * math.Pi / 2
			p = append(p, point{x + 112*math.Cos(a)*s*k, y + (-40+190*math.Sin(a))*s*k})
		}
		for i := 20; i >= 0; i-- {
			a := float64(i) / 20 * math.Pi / 2
			p = append(p, point{x - 112*math.Cos(a)*s*k, y + (-40+190*math.Sin(a))*s*k})
		}
		return p
	}
	for i := range 3 {
		c.ring(faint(white, uint8(46-i*12)), x, y, (190+float64(i)*44)*k, 3)
	}
	c.fill(white, outline(1))
	c.fill(mix(t.ground, white, .1), outline(.84))
	c.fill(mix(t.ground, white, .3), append(outline(.84)[:13:13], point{x, y + 20*k}))
	c.curve(white, 20*k, point{x - 50*k, y + 4*k}, point{x - 10*k, y + 44*k}, point{x + 58*k, y - 40*k})
	for i := range 6 {
		a := float64(i)*math.Pi/3 + .4
		c.circle(mix(t.accent, white, .3), x+212*k*math.Cos(a), y+150*k*math.Sin(a), 9*k)
	}
}

func bolt(c *canvas, t tone, x, y, k float64) {
	for i := range 24 {
		a := float64(i) * math.Pi / 12
		col := faint(white, 120)
		if i < 15 {
			col = t.accent
		}
		c.line(col, 6*k, point{x - 70*k + 118*k*math.Cos(a), y + 118*k*math.Sin(a)}, point{x - 70*k + 140*k*math.Cos(a), y + 140*k*math.Sin(a)})
	}
	c.circle(white, x-70*k, y, 98*k)
	p := func(a, b float64) point { return point{x + (a-70)*k, y + b*k} }
	c.fill(t.ground, []point{p(14, -66), p(-44, 14), p(-6, 14), p(-16, 68), p(44, -16), p(6, -16)})
	for i := range 6 {
		h := (130 - float64(i)*14 + c.between(-12, 12)) * k
		col := faint(white, 170)
		if i == 5 {
			col = t.accent
		}
		c.box(col, x+(96+float64(i)*26)*k, y+118*k-h, 16*k, h, 5)
	}
	c.line(faint(white, 150), 2, point{x + 86*k, y + 120*k}, point{x + 256*k, y + 120*k})
}

func network(c *canvas, t tone, x, y, k float64) {
	turn := c.between(0, 1)
	for i := range 8 {
		a := float64(i)*math.Pi/4 + turn
		d := (126 + float64(i%2)*34) * k
		px, py := x+d*1.25*math.Cos(a), y+d*.84*math.Sin(a)
		c.line(faint(white, 170), 3*k, point{x, y}, point{px, py})
		b := float64(i+1)*math.Pi/4 + turn
		e := (126 + float64((i+1)%2)*34) * k
		c.line(faint(white, 70), 2*k, point{px, py}, point{x + e*1.25*math.Cos(b), y + e*.84*math.Sin(b)})
		col := white
		if i%3 == 1 {
			col = t.accent
		}
		c.circle(faint(ink, 50), px+3, py+5, 25*k)
		c.circle(col, px, py, 25*k)
		c.box(mix(t.ground, white, .35), px-9*k, py-9*k, 18*k, 18*k, 4)
	}
	c.circle(faint(white, 60), x, y, 74*k)
	c.circle(white, x, y, 56*k)
	c.fill(t.ground, regular(x, y, 34*k, 6, 0))
	c.circle(white, x, y, 13*k)
}

func shelves(c *canvas, t tone, x, y, k float64) {
	frame := mix(t.deep, ink, .2)
	for row := range 3 {
		fy := y + (-62+float64(row)*92)*k
		at := -208.0
		for at < 170 {
			w, h := c.between(44, 76), c.between(42, 70)
			col := white
			switch c.rng.IntN(5) {
			case 0:
				col = t.accent
			case 1:
				col = mix(t.ground, white, .55)
			case 2:
				col = mix(t.ground, white, .8)
			}
			c.box(col, x+at*k, fy-h*k, w*k, h*k, 5)
			c.box(faint(ink, 40), x+(at+w*.4)*k, fy-h*k, w*.2*k, h*.34*k, 1)
			at += w + 12
		}
		c.box(frame, x-228*k, fy, 456*k, 11*k, 3)
	}
	for _, o := range []float64{-228, 217} {
		c.box(frame, x+o*k, y-150*k, 11*k, 290*k, 3)
	}
	c.frame(faint(white, 220), x-64*k, y-46*k, 128*k, 92*k, 10, 4)
	c.line(palette[4], 3, point{x - 76*k, y}, point{x + 76*k, y})
}

func coins(c *canvas, t tone, x, y, k float64) {
	panel(c, x-212*k, y-130*k, 270*k, 260*k)
	for i := range 5 {
		ly := y + (-96+float64(i)*44)*k
		c.box(mix(t.ground, white, .7), x-188*k, ly, 84*k, 12*k, 6)
		c.box(mix(t.ground, white, .35), x+(-10-float64(i%3)*16)*k, ly, (44+float64(i%3)*16)*k, 12*k, 6)
		c.line(rule, 1, point{x - 188*k, ly + 28*k}, point{x + 34*k, ly + 28*k})
	}
	for col := range 3 {
		n := 3 + col*2
		for i := range n {
			cx, cy := x+(102+float64(col)*62)*k, y+(118-float64(i)*24)*k
			body := t.accent
			if i%2 == 1 {
				body = mix(t.accent, white, .35)
			}
			c.box(body, cx-28*k, cy-9*k, 56*k, 20*k, 10*k)
			if i == n-1 {
				c.box(mix(t.accent, white, .65), cx-28*k, cy-14*k, 56*k, 14*k, 7*k)
			}
		}
	}
}

func people(c *canvas, t tone, x, y, k float64) {
	person := func(px, py, s float64, col color.NRGBA) {
		c.circle(col, px, py-44*s, 30*s)
		var p []point
		for i := range 25 {
			a := math.Pi + float64(i)*math.Pi/24
			p = append(p, point{px + 58*s*math.Cos(a), py + 56*s + 66*s*math.Sin(a)})
		}
		c.fill(col, p)
	}
	person(x-150*k, y+20*k, .95*k, faint(white, 150))
	person(x+150*k, y+20*k, .95*k, faint(white, 150))
	person(x-78*k, y+10*k, 1.15*k, mix(t.second, white, .35))
	person(x+78*k, y+10*k, 1.15*k, mix(t.accent, white, .2))
	person(x, y, 1.5*k, white)
	for i := range 5 {
		c.box(faint(white, uint8(90+30*i)), x+(-190+float64(i)*78)*k, y+116*k, 64*k, 12*k, 6)
	}
	c.ring(faint(white, 120), x, y-66*k, 62*k, 3)
}

func cards(c *canvas, t tone, x, y, k float64) {
	card := func(ox, oy float64, head color.NRGBA) {
		panel(c, x+ox*k, y+oy*k, 230*k, 160*k)
		c.box(head, x+(ox+18)*k, y+(oy+20)*k, 40*k, 40*k, 12)
		c.box(mix(t.ground, white, .45), x+(ox+72)*k, y+(oy+24)*k, 110*k, 11*k, 5)
		c.box(mix(t.ground, white, .72), x+(ox+72)*k, y+(oy+44)*k, 70*k, 11*k, 5)
		c.box(mix(t.ground, white, .86), x+(ox+18)*k, y+(oy+82)*k, 194*k, 12*k, 6)
		c.box(mix(t.ground, white, .86), x+(ox+18)*k, y+(oy+104)*k, 150*k, 12*k, 6)
		c.box(head, x+(ox+150)*k, y+(oy+128)*k, 62*k, 18*k, 9)
	}
	card(-226, -146, t.second)
	card(-24, -76, t.accent)
	card(-150, 0, t.ground)
}

func dashboard(c *canvas, t tone, x, y, k float64) {
	panel(c, x-230*k, y-148*k, 460*k, 296*k)
	for i := range 3 {
		bx := x + (-210+float64(i)*142)*k
		c.box(paper, bx, y-128*k, 132*k, 62*k, 8)
		c.box(mix(t.ground, white, .6), bx+14*k, y-114*k, 44*k, 9*k, 4)
		c.box([]color.NRGBA{t.ground, t.accent, palette[1]}[i], bx+14*k, y-94*k, (60+float64(i)*16)*k, 15*k, 5)
	}
	share := c.between(2.4, 4.4)
	c.sector(t.ground, x-140*k, y+46*k, 38*k, 70*k, 0, share)
	c.sector(t.accent, x-140*k, y+46*k, 38*k, 70*k, share+.05, share+1)
	c.sector(mix(t.ground, white, .75), x-140*k, y+46*k, 38*k, 70*k, share+1.05, 2*math.Pi-.05)
	bars(c, t, x-30*k, y+122*k, 240*k, 150*k, 8)
	c.line(rule, 1.5, point{x - 36*k, y + 123*k}, point{x + 212*k, y + 123*k})
}

func radar(c *canvas, t tone, x, y, k float64) {
	for i := range 4 {
		p := regular(x, y, (44+float64(i)*34)*k, 6, -math.Pi/2)
		c.fill(faint(white, 20), p)
		c.line(faint(white, 150), 1.6, append(p, p[0])...)
	}
	shape := func(col color.NRGBA, alpha uint8, lo, hi float64) {
		p := regular(x, y, 1, 6, -math.Pi/2)
		for i := range p {
			d := c.between(lo, hi) * k
			p[i] = point{x + (p[i].x-x)*d, y + (p[i].y-y)*d}
		}
		c.fill(faint(col, alpha), p)
		c.curve(col, 3.5*k, append(p, p[0])...)
		for _, q := range p {
			c.circle(white, q.x, q.y, 6*k)
		}
	}
	shape(t.second, 90, 50, 96)
	shape(t.accent, 120, 84, 142)
	for i := range 4 {
		c.box(faint(white, 200), x+190*k, y+(-64+float64(i)*38)*k, (40+c.between(0, 50))*k, 12*k, 6)
		c.circle([]color.NRGBA{t.accent, t.second, white, t.accent}[i], x+172*k, y+(-58+float64(i)*38)*k, 7*k)
	}
}

func lock(c *canvas, t tone, x, y, k float64) {
	for i := range 7 {
		for j := range 5 {
			hx, hy := x+(-230+float64(i)*76+float64(j%2)*38)*k, y+(-132+float64(j)*66)*k
			p := regular(hx, hy, 38*k, 6, math.Pi/6)
			if c.rng.IntN(4) == 0 {
				c.fill(faint(t.accent, 120), p)
			}
			c.line(faint(white, 60), 1.4, append(p, p[0])...)
		}
	}
	c.ring(white, x, y-48*k, 58*k, 22*k)
	c.box(faint(ink, 70), x-86*k+6, y-34*k+8, 172*k, 142*k, 22*k)
	c.box(white, x-86*k, y-34*k, 172*k, 142*k, 22*k)
	c.circle(t.accent, x, y+26*k, 22*k)
	c.box(t.accent, x-8*k, y+30*k, 16*k, 44*k, 6)
}

func steps(c *canvas, t tone, x, y, k float64) {
	for i := range 5 {
		h := (48 + float64(i)*46) * k
		col := mix(t.ground, white, .35+.15*float64(i))
		if i == 4 {
			col = white
		}
		c.box(col, x+(-222+float64(i)*90)*k, y+136*k-h, 82*k, h, 8)
		c.circle(mix(t.accent, white, .1), x+(-181+float64(i)*90)*k, y+136*k-h+24*k, 9*k)
	}
	c.line(white, 5*k, point{x + 180*k, y - 96*k}, point{x + 180*k, y - 172*k})
	c.fill(t.accent, []point{{x + 182*k, y - 172*k}, {x + 238*k, y - 152*k}, {x + 182*k, y - 130*k}})
	p := func(a, b float64) point { return point{x + a*k, y + b*k} }
	c.curve(mix(t.accent, white, .5), 5*k, p(-214, 60), p(-120, 16), p(-30, -34), p(62, -84), p(140, -122))
}
