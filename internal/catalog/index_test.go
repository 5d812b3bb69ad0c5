package catalog

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// scan ranks a text of one offering word by word, by reading it: 0 when it is not
// found. It is what the index must answer without reading.
func scan(e *entry, words []string, fields uint32) (rank int) {
	for _, w := range words {
		whole, best, pairs := 0, 0, map[gram]int{}
		letters := []rune(w)
		eachGram(w, func(g gram) { pairs[g]++ })
		here, all := map[gram]bool{}, 0
		for f := fieldCount - 1; f >= 0; f-- {
			if fields&(1<<f) == 0 {
				continue
			}
			if strings.Contains(e.fields[f], w) {
				whole += 4 * fieldWeight[f]
			}
			found := false
			eachGram(e.fields[f], func(g gram) {
				if pairs[g] > 0 {
					here[g], found = true, true
				}
			})
			if found {
				best = fieldWeight[f]
			}
		}
		for g := range here {
			all += pairs[g]
		}
		switch {
		case whole > 0:
			rank += whole
		case len(letters) > 4 && !strings.ContainsFunc(w, notHan) && all*2 >= len(letters)-1:
			rank += best
		default:
			return 0
		}
	}
	return rank
}

// Whatever is written, whatever has changed: the index finds what reading every
// text finds, in the order of rank, sales and so on.
func TestTheIndexFindsWhatReadingFinds(t *testing.T) {
	draw := rand.New(rand.NewPCG(5, 6))
	text := func(letters string, most int) string {
		from, out := []rune(letters), []rune{}
		for range draw.IntN(most + 1) {
			out = append(out, from[draw.IntN(len(from))])
		}
		return string(out)
	}
	for _, fewest := range []int{1, 40, fewestInSets} { // sets, both, lists
		x := newIndex()
		x.fewest = fewest
		all := map[id.ID]*entry{}
		for round := range 200 {
			for range 4 {
				e := &entry{Card: Card{ID: id.ID(1 + draw.IntN(200)), ProviderOrg: 1, Sales: draw.Int64N(4)}}
				e.fields = [fieldCount]string{text("排产追溯管", 7), text("排产追 ", 9), text("产溯a", 4), text("排产追溯管理。a𠀀", 40), text("pai zhan", 9)}
				all[e.ID] = e
				x.put(e)
			}
			if gone := id.ID(1 + draw.IntN(200)); round%5 == 0 {
				x.remove(gone)
				delete(all, gone)
			}
			asked := text("排产追溯管理𠀀 ", 8)
			if draw.IntN(4) == 0 {
				asked = text("paizhn", 5)
			}
			words := wordsOf(asked)
			if len(words) == 0 {
				continue
			}
			sort := [...]Sort{Best, Newest}[draw.IntN(2)]
			type ranked struct {
				e    *entry
				rank int
			}
			read := func(fields uint32) (hits []ranked) {
				for _, e := range all {
					if rank := scan(e, words, fields); rank > 0 {
						hits = append(hits, ranked{e, rank})
					}
				}
				return hits
			}
			hits := read(textFields)
			if len(hits) == 0 && !slices.ContainsFunc(words, notLatin) {
				hits = read(1 << fieldSounds)
			}
			slices.SortFunc(hits, func(a, b ranked) int {
				if a.rank != b.rank && sort == Best {
					return b.rank - a.rank
				}
				l, r := rowOf(&a.e.Card, 0), rowOf(&b.e.Card, 0)
				return sort.compare(&l, &r)
			})
			for _, p := range []page.Query{{Page: 1, Size: 100}, {Page: 2, Size: 7}} {
				want, got := []id.ID{}, []id.ID{}
				for _, h := range hits[min((p.Page-1)*p.Size, len(hits)):min(p.Page*p.Size, len(hits))] {
					want = append(want, h.e.ID)
				}
				found := x.search(Query{Text: asked, Sort: sort}, p)
				for _, c := range found.Items {
					got = append(got, c.ID)
				}
				if found.Total != int64(len(hits)) || fmt.Sprint(got) != fmt.Sprint(want) {
					t.Fatalf("%d, round %d, %q by %s, page %d: %d %v, want\n%d %v", fewest, round, asked, sort, p.Page, found.Total, got, len(hits), want)
				}
			}
		}
	}
}

// What has many hits is read once and kept: later changes must still be found.
func TestWhatIsKeptOfAWordFollowsChanges(t *testing.T) {
	x := newIndex()
	put := func(n int, name string) {
		x.put(&entry{Card: Card{ID: id.ID(n), Name: name}, fields: [fieldCount]string{name}})
	}
	for i := range 2000 {
		put(i+1, [...]string{"设备联网", "设备联、备联网"}[i%2])
	}
	ask := func(want int64) {
		t.Helper()
		if got := x.search(Query{Text: "设备联网"}, page.Query{}).Total; got != want {
			t.Errorf("%d, want %d", got, want)
		}
	}
	ask(1000)
	if len(x.phrases.known) != 1 {
		t.Errorf("%d words are kept", len(x.phrases.known))
	}
	put(5000, "设备联网")
	put(1, "设备管理")
	x.remove(3)
	ask(999)
	for i := range 3000 { // until the places of the index are others
		put(i%100*2+1, "设备联网")
	}
	ask(1001)
}

// A word that only begins in the middle of a letter is not there.
func TestAWordIsNotFoundInTheMiddleOfLetters(t *testing.T) {
	fields := [fieldCount]string{fieldTexts: "\u4e5e\u515e\u51ff 追溯𠀀 a"}
	texts := foldedOf(&fields)
	for word, want := range map[string]bool{"\u5e51": false, "\u5e51\u5e51": false, "\u515e": true, "追溯": true, "𠀀": true, "溯追": false} {
		if got := has(fieldTexts, word)(&texts); got != want {
			t.Errorf("%q: %t", word, got)
		}
	}
	if got := texts.fields(); got != fields {
		t.Errorf("%q", got)
	}
}
