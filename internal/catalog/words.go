package catalog

import (
	"slices"
	"strings"
	"sync"
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

// gramTable finds the pairs of letters of a text that were seen before.
type gramTable struct {
	at   []int32 // place in seen, from 1 on
	seen []gramIn
}

var gramTables = sync.Pool{New: func() any { return &gramTable{at: make([]int32, 1<<10)} }}

// gramsOf are the pairs of letters of all fields, each once.
func gramsOf(fields *[fieldCount]string) []gramIn {
	t, _ := gramTables.Get().(*gramTable) //nolint:errcheck // holds nothing else
	defer gramTables.Put(t)
	clear(t.at)
	t.seen = t.seen[:0]
	for i, f := range fields {
		eachGram(f, func(g gram) { t.add(g, 1<<i) })
	}
	return slices.Clone(t.seen)
}

func (t *gramTable) add(g gram, mask uint32) {
	if len(t.seen)*2 >= len(t.at) {
		t.at = make([]int32, 2*len(t.at))
		for i, s := range t.seen {
			t.at[t.find(s.gram)] = int32(i) + 1
		}
	}
	n := t.find(g)
	if t.at[n] == 0 {
		t.seen = append(t.seen, gramIn{gram: g})
		t.at[n] = int32(len(t.seen))
	}
	t.seen[t.at[n]-1].mask |= mask
}

// find is where a pair of letters is in the table, or would be.
func (t *gramTable) find(g gram) int {
	last := len(t.at) - 1
	n := int(uint64(g)*0x9e3779b97f4a7c15>>32) & last
	for t.at[n] != 0 && t.seen[t.at[n]-1].gram != g {
		n = (n + 1) & last
	}
	return n
}
