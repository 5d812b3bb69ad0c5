package catalog

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// fold makes texts comparable: lower case, half width.
func fold(s string) string { return strings.Map(foldLetter, s) }

func foldLetter(r rune) rune {
	switch {
	case r >= 0x4e00 && r <= 0x9fff: // nearly all there is
		return r
	case r < 0x80:
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	if f := width.LookupRune(r).Folded(); f != 0 {
		r = f
	}
	return unicode.ToLower(r)
}

// maxWords of a query are looked at.
const maxWords = 8

// wordsOf splits what was typed at spaces and signs, and where Chinese meets
// other letters: MES系统 is also written MES 系统. Digits stay where they are.
func wordsOf(text string) []string {
	var words []string
	for _, w := range strings.FieldsFunc(fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
		from, last := 0, rune(0)
		for i, r := range w {
			if i > 0 && notHan(r) != notHan(last) && unicode.IsLetter(r) && unicode.IsLetter(last) {
				words, from = append(words, w[from:i]), i
			}
			last = r
		}
		words = append(words, w[from:])
	}
	return words[:min(len(words), maxWords)]
}

func notHan(r rune) bool { return !unicode.Is(unicode.Han, r) }

func notLatin(word string) bool {
	return len(word) < 2 || strings.ContainsFunc(word, func(r rune) bool { return r < 'a' || r > 'z' })
}

// gram is two neighbouring letters; a letter alone has a zero before it.
type gram uint64

const letterBits = 21 // of a rune

func gramOf(a, b rune) gram { return gram(a)<<letterBits | gram(b) }

func (g gram) letters() (a, b rune) { return rune(g >> letterBits), rune(g & (1<<letterBits - 1)) }

// eachGram walks the pairs of letters of a text.
func eachGram(s string, found func(gram)) {
	var last rune
	alone := false
	end := func() {
		if alone {
			found(gramOf(0, last))
		}
		last, alone = 0, false
	}
	for _, r := range s {
		if (r < 0x4e00 || r > 0x9fff) && !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			end()
			continue
		}
		if alone = last == 0; !alone {
			found(gramOf(last, r))
		}
		last = r
	}
	end()
}

// gramIn is a pair of letters and the fields that it stands in.
type gramIn struct {
	gram
	mask uint32
}

// gramsOf are the pairs of letters of all fields, each once, in order.
func gramsOf(fields *[fieldCount]string) []gramIn {
	var all []uint64
	for i, f := range fields {
		all = slices.Grow(all, len(f)/3)
		eachGram(f, func(g gram) { all = append(all, uint64(g)<<3|uint64(i)) })
	}
	slices.Sort(all)
	var out []gramIn
	for _, a := range slices.Compact(all) {
		g, bit := gram(a>>3), uint32(1)<<(a&7)
		if n := len(out); n > 0 && out[n-1].gram == g {
			out[n-1].mask |= bit
		} else {
			out = append(out, gramIn{g, bit})
		}
	}
	return out
}
