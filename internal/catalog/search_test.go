package catalog

import (
	"fmt"
	"testing"

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
			x.put(&entry{Card: Card{ID: id.ID(i + 1), PriceFrom: money.Fen(round)}, fields: [4]string{fmt.Sprintf("排产%d号", i)}})
		}
	}
	if len(x.docs) > 250 {
		t.Errorf("%d places for 100 offerings", len(x.docs))
	}
	if got := x.find("排产7号"); len(got) != 1 || got[0].PriceFrom != 4 {
		t.Errorf("got %+v", got)
	}
	x.remove(8)
	if got := x.find("排产"); len(got) != 99 {
		t.Errorf("%d left", len(got))
	}
}

func BenchmarkSearch(b *testing.B) {
	x := newIndex()
	for i := range 10_000 {
		x.put(&entry{Card: Card{ID: id.ID(i + 1)}, fields: [4]string{
			fmt.Sprintf("智能方案%d", i), "生产执行数字化 计划排程", "杭州智造有限公司", "帮助中小企业提升交付准时率与设备利用率，支持远程部署",
		}})
	}
	x.put(&entry{Card: Card{ID: 20_000}, fields: [4]string{"热处理工艺专家系统"}})
	for b.Loop() {
		if len(x.find("工艺")) != 1 {
			b.Fatal("not found")
		}
	}
}
