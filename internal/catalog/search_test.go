package catalog

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/width"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
)

func TestSearchFindsChineseWords(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		scheduling := whole("智能排产系统")
		quality := whole("ＭＥＳ质量追溯")
		quality.Product, quality.Categories, quality.Tags = "质检宝", []string{"quality"}, []string{"saas"}
		quality.Page.Highlights, quality.Page.Banner.Intro = []string{"一物一码"}, "不良品当天找到原因"
		quality.Plans[0].Pricing, quality.Plans[0].Prices = Free, []Price{{Unit, nil}}
		w.listed(t, provider, scheduling)
		w.listed(t, stranger, quality)
		for _, tc := range []struct {
			name string
			q    Query
			want string
		}{
			{"everything, the newest first", Query{}, "[ＭＥＳ质量追溯 智能排产系统]"},
			{"two characters", Query{Text: "排产"}, "[智能排产系统]"},
			{"one character", Query{Text: "码"}, "[ＭＥＳ质量追溯]"},
			{"letters in another width and case", Query{Text: "mes"}, "[ＭＥＳ质量追溯]"},
			{"two words, both needed", Query{Text: "质量 排产"}, "[]"},
			{"a group of categories by its name", Query{Text: "计划排程"}, "[智能排产系统]"},
			{"a long word that is there in part", Query{Text: "智能排产管理系统"}, "[智能排产系统]"},
			{"the provider's name", Query{Text: "智造200"}, "[ＭＥＳ质量追溯]"},
			{"signs that mean something elsewhere", Query{Text: `' OR 1=1 --`}, "[]"},
			{"nothing like it", Query{Text: "区块链"}, "[]"},
			{"a tag", Query{Codes: map[Facet][]string{ByTag: {"ai"}}}, "[智能排产系统]"},
			{"one tag or the other", Query{Codes: map[Facet][]string{ByTag: {"ai", "saas"}}}, "[ＭＥＳ质量追溯 智能排产系统]"},
			{"a group of categories", Query{Codes: map[Facet][]string{ByCategory: {"g2"}}}, "[ＭＥＳ质量追溯 智能排产系统]"},
			{"one category", Query{Codes: map[Facet][]string{ByCategory: {"planning"}}}, "[智能排产系统]"},
			{"a province", Query{Codes: map[Facet][]string{ByRegion: {"330000"}}}, "[ＭＥＳ质量追溯 智能排产系统]"},
			{"free ones", Query{Codes: map[Facet][]string{ByPrice: {"free"}}}, "[ＭＥＳ质量追溯]"},
			{"of one provider", Query{Provider: 100}, "[智能排产系统]"},
			{"dear ones first", Query{Sort: PriceDown}, "[智能排产系统 ＭＥＳ质量追溯]"},
		} {
			r, err := w.Search(t.Context(), tc.q, page.Query{})
			names := []string{}
			for _, c := range r.Items {
				names = append(names, c.Name)
			}
			if got := fmt.Sprint(names); err != nil || got != tc.want {
				t.Errorf("%s: %s %v, want %s", tc.name, got, err, tc.want)
			}
		}
		r, _ := w.Search(t.Context(), Query{Codes: map[Facet][]string{ByTag: {"ai"}}}, page.Query{})
		if got := fmt.Sprint(r.Facets[ByTag]); got != "[{ai 1} {saas 1}]" {
			t.Errorf("the chosen facet still shows its alternatives: %s", got)
		}
		if got := fmt.Sprint(r.Facets[ByPrice]); got != "[{r2 1}]" {
			t.Errorf("other facets count what is left: %s", got)
		}
		late := newWorld(t, w.db)
		late.atOnce = 1 // reads on until nothing is left
		if n, err := late.Count(t.Context()); err != nil || n.Offerings != 2 {
			t.Errorf("a process that begins later sees %+v %v", n, err)
		}
	})
}

// Another process sees a change through the version row.
func TestIndexFollowsOtherProcesses(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		other := newWorld(t, w.db)
		if r, err := other.Search(t.Context(), Query{}, page.Query{}); err != nil || r.Total != 0 {
			t.Fatal(r, err)
		}
		w.listed(t, provider, whole("智能排产"))
		w.db.Clock().Shift(2 * syncEvery)
		if r, err := other.Search(t.Context(), Query{}, page.Query{}); err != nil || r.Total != 1 {
			t.Errorf("got %+v %v", r, err)
		}
	})
}

func TestIndexReplacesAndCompacts(t *testing.T) {
	x := newIndex()
	for round := range 5 {
		for i := range 100 {
			x.put(&entry{Card: Card{ID: id.ID(i + 1), PriceFrom: money.Fen(round)}, fields: [fieldCount]string{fmt.Sprintf("排产%d号", i)}})
		}
	}
	if len(x.docs) > 250 {
		t.Errorf("%d places for 100 offerings", len(x.docs))
	}
	if got := x.search(Query{Text: "排产7号"}, page.Query{Size: 1}).Items; len(got) != 1 || got[0].ID != 8 || got[0].PriceFrom != 4 {
		t.Errorf("got %+v", got)
	}
	x.remove(8)
	if got := x.find([]string{"排产"}).all.size(); got != 99 {
		t.Errorf("%d left", got)
	}
}

func TestWordsAreSplitWhereChineseMeetsOtherLetters(t *testing.T) {
	for text, want := range map[string]string{
		"MES系统":               "[mes 系统]",
		"５Ｇ专网 / 云":            "[5g 专网 云]",
		"排产7号":                "[排产7号]",
		"质量-追溯":               "[质量 追溯]",
		"  ":                  "[]",
		"a b c d e f g h i j": "[a b c d e f g h]",
	} {
		if got := fmt.Sprint(wordsOf(text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestFoldingIsThatOfTheLibraries(t *testing.T) {
	for r := rune(1); r < 0x20000; r++ {
		if got, want := fold(string(r)), strings.ToLower(width.Fold.String(string(r))); got != want {
			t.Fatalf("%q: %q, want %q", r, got, want)
		}
	}
}

// names searches an index that is made of these names alone, with one text.
func shelfOf(names ...string) *index {
	x := newIndex()
	for i, name := range names {
		x.put(&entry{
			Card:   Card{ID: id.ID(i + 1), Name: name, Provider: "杭州衡准软件有限公司", ProviderOrg: 7},
			fields: [fieldCount]string{fold(name), "saas", "杭州衡准软件有限公司", "帮助企业减少库存占用", sounds(name) + " " + sounds("杭州衡准软件有限公司")},
		})
	}
	return x
}

func TestWhatIsTypedInLatinLettersIsHeard(t *testing.T) {
	x := shelfOf("智能排产系统", "质量追溯平台", "SAP 接口")
	for typed, want := range map[string]string{
		"paichan": "[智能排产系统] [排产]",
		"znpc":    "[智能排产系统] [智能排产]",
		"sap":     "[SAP 接口] [sap]",
		"xxyy":    "[] [xxyy]",
		"p":       "[SAP 接口] [p]", // a single letter is not a sound
	} {
		r := x.search(Query{Text: typed}, page.Query{})
		names := []string{}
		for _, c := range r.Items {
			names = append(names, c.Name)
		}
		if got := fmt.Sprint(names, r.Marks); got != want {
			t.Errorf("%s: %s, want %s", typed, got, want)
		}
	}
	if r := x.search(Query{Text: "hengzhun"}, page.Query{}); r.Total != 3 || fmt.Sprint(r.Marks) != "[衡准]" {
		t.Errorf("the provider is not heard: %d %v", r.Total, r.Marks)
	}
}

func TestTextsThatSayItAreQuoted(t *testing.T) {
	x := shelfOf("智能排产系统", "库存管家")
	r := x.search(Query{Text: "库存"}, page.Query{})
	if r.Items[0].Name != "库存管家" || r.Snippets[2] != "" || r.Snippets[1] != "帮助企业减少库存占用" {
		t.Errorf("%v %v", r.Items, r.Snippets)
	}
}

func TestPagesOfEqualHitsDoNotOverlap(t *testing.T) {
	x := sample(500)
	for _, s := range []Sort{Best, Newest, Sales, Score, PriceUp, PriceDown} {
		seen := map[id.ID]bool{}
		var last *Card
		for n := range 13 { // below and above what is kept one by one
			for _, c := range x.search(Query{Sort: s}, page.Query{Page: n + 1, Size: 40}).Items {
				if seen[c.ID] {
					t.Fatalf("%s: %d stands on two pages", s, c.ID)
				}
				seen[c.ID] = true
				if last != nil && s == PriceUp && c.PriceFrom < last.PriceFrom {
					t.Errorf("%s: %s after %s", s, c.PriceFrom, last.PriceFrom)
				}
				last = &c
			}
		}
		if len(seen) != 500 {
			t.Errorf("%s: %d of 500", s, len(seen))
		}
	}
}

func TestFitsAnyOfTheScopes(t *testing.T) {
	x := newIndex()
	put := func(n int, org id.ID, facets map[Facet][]string) {
		x.put(&entry{Card: Card{ID: id.ID(n), ProviderOrg: org, Name: fmt.Sprint(n)}, facets: facets})
	}
	put(1, 7, map[Facet][]string{ByCategory: {"g2", "planning"}, ByTag: {"ai"}})
	put(2, 8, map[Facet][]string{ByCategory: {"g2", "quality"}, ByTag: {"saas"}})
	put(3, 9, map[Facet][]string{ByCategory: {"g3"}, ByTag: {"saas"}})
	for _, tc := range []struct {
		name   string
		scopes []Scope
		want   int64
	}{
		{"no vouchers", nil, 0},
		{"one without limits", []Scope{{}}, 3},
		{"a group of categories", []Scope{{Categories: []string{"g2"}}}, 2},
		{"category and tag, both needed", []Scope{{Categories: []string{"g2"}, Tags: []string{"ai"}}}, 1},
		{"one or the other", []Scope{{Tags: []string{"ai"}}, {Providers: []id.ID{9}}}, 2},
		{"something that is not on sale", []Scope{{Tags: []string{"lowcode"}}}, 0},
	} {
		if got := x.search(Query{Scopes: &tc.scopes}, page.Query{}).Total; got != tc.want {
			t.Errorf("%s: %d, want %d", tc.name, got, tc.want)
		}
	}
}

func TestSuggestions(t *testing.T) {
	x := shelfOf("智能排产系统", "排产看板", "质量追溯平台")
	x.put(&entry{Card: Card{ID: 9, Name: "能耗监测", Provider: "排产云科技", ProviderOrg: 8}, fields: [fieldCount]string{"能耗监测", "", "排产云科技", "", ""},
		facets: map[Facet][]string{ByTag: {"saas"}}})
	told := func(text string) string {
		list, marks := x.suggest(wordsOf(text))
		out := ""
		for _, s := range list {
			out += fmt.Sprintf("%s:%s(%d) ", s.Kind, s.Text, s.Count)
		}
		return out + fmt.Sprint(marks)
	}
	for text, want := range map[string]string{
		"排产":       "offering:排产看板(1) offering:智能排产系统(1) provider:排产云科技(1) [排产]",
		"衡准":       "provider:杭州衡准软件有限公司(3) [衡准]",
		"zhiliang": "offering:质量追溯平台(1) [质量]",
		"区块链":      "[区块链]",
	} {
		if got := told(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// Other processes learn of sales in the sweep, and only then.
func TestSalesAreShared(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		o := w.listed(t, provider, whole("智能排产"))
		before, _ := w.Version(t.Context())
		err := w.db.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error { return w.RecordSale(ctx, tx, o.ID, 3) })
		if v, _ := w.Version(t.Context()); err != nil || v != before {
			t.Fatal("a sale waits for the version row", err)
		}
		for range 2 { // the second finds nothing to tell
			if err := w.ShareSales(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if v, _ := w.Version(t.Context()); v != before+1 {
			t.Errorf("version %d after %d", v, before)
		}
		other := newWorld(t, w.db)
		if cards, err := other.Cards(t.Context(), o.ID); err != nil || len(cards) != 1 || cards[0].Sales != 3 {
			t.Errorf("%+v %v", cards, err)
		}
	})
}
