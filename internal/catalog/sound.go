package catalog

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/mozillazg/go-pinyin"
)

// spoken keeps how a letter sounds, which is costly to ask.
var spoken sync.Map

// syllables are how each Chinese character of a text sounds; other letters stand
// for themselves.
func syllables(text string) []string {
	var out []string
	for _, r := range fold(text) {
		said, ok := spoken.Load(r)
		if !ok {
			said = string(r)
			if all := pinyin.SinglePinyin(r, pinyin.NewArgs()); len(all) > 0 {
				said = all[0]
			}
			if !notHan(r) {
				spoken.Store(r, said)
			}
		}
		out = append(out, said.(string))
	}
	return out
}

// sounds is a name as it is typed in Latin letters: whole, and by initials.
// 智能排产 is "zhinengpaichan znpc".
func sounds(text string) string {
	var whole, initials strings.Builder
	for _, s := range syllables(text) {
		whole.WriteString(s)
		r, _ := utf8.DecodeRuneInString(s)
		initials.WriteRune(r)
	}
	return whole.String() + " " + initials.String()
}

// heard is the part of a name that sounds like the word; "" when none does.
func heard(name, word string) string {
	letters, said := []rune(name), syllables(name)
	for from := range letters {
		whole, initials := word, word // what is left of it
		for to := from; to < len(letters) && (whole != "" || initials != ""); to++ {
			s := said[to]
			if initials == s[:1] || whole != "" && strings.HasPrefix(s, whole) {
				return string(letters[from : to+1])
			}
			whole = after(whole, s)
			initials = after(initials, s[:1])
		}
	}
	return ""
}

// after is what follows a beginning; nothing when it begins otherwise.
func after(word, beginning string) string {
	rest, ok := strings.CutPrefix(word, beginning)
	if !ok {
		return ""
	}
	return rest
}
