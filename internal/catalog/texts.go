package catalog

import (
	"strings"
	"unicode/utf16"
)

// folded are the texts of an offering, one behind the other. Most of the memory of
// the index is the long one, which is Chinese: it has two bytes for a letter.
type folded struct {
	text string
	ends [fieldCount]uint32
}

func foldedOf(fields *[fieldCount]string) folded {
	var out folded
	all := *fields
	all[fieldTexts] = wide(all[fieldTexts])
	out.text = strings.Join(all[:], "")
	end := 0
	for i, f := range all {
		end += len(f)
		out.ends[i] = uint32(end)
	}
	return out
}

// kept is a field as it is kept.
func (t *folded) kept(field int) string {
	if field == 0 {
		return t.text[:t.ends[0]]
	}
	return t.text[t.ends[field-1]:t.ends[field]]
}

// field is one text.
func (t *folded) field(i int) string {
	if i == fieldTexts {
		return fromWide(t.kept(i))
	}
	return t.kept(i)
}

func (t *folded) fields() (out [fieldCount]string) {
	for i := range out {
		out[i] = t.field(i)
	}
	return out
}

// has tells of a field whether a word is in it.
func has(field int, word string) func(t *folded) bool {
	if field != fieldTexts {
		return func(t *folded) bool { return strings.Contains(t.kept(field), word) }
	}
	word = wide(word)
	return func(t *folded) bool {
		text := t.kept(field)
		for from := 0; ; from++ {
			at := strings.Index(text[from:], word)
			if at < 0 {
				return false
			}
			if from += at; from%2 == 0 { // else from the middle of a letter
				return true
			}
		}
	}
}

// wide writes a text with two bytes for a letter (four for a rare one).
func wide(s string) string {
	var out strings.Builder
	out.Grow(len(s))
	put := func(r rune) {
		out.WriteByte(byte(r >> 8))
		out.WriteByte(byte(r))
	}
	for _, r := range s {
		if a, b := utf16.EncodeRune(r); a != '\uFFFD' {
			put(a)
			r = b
		}
		put(r)
	}
	return out.String()
}

// fromWide is the text that was written wide.
func fromWide(s string) string {
	units := make([]uint16, 0, len(s)/2)
	for i := 0; i+1 < len(s); i += 2 {
		units = append(units, uint16(s[i])<<8|uint16(s[i+1]))
	}
	return string(utf16.Decode(units))
}
