package catalog

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
)

// sample is an index of so many offerings whose texts differ as real ones do.
func sample(n int) *index {
	draw := rand.New(rand.NewPCG(1, 2)) // the same offerings each time
	pick := func(from []string) string { return from[draw.IntN(len(from))] }
	objects := []string{"排产", "质量追溯", "设备联网", "仓储物流", "能耗", "工艺", "模具", "刀具", "采购协同", "客户服务", "财务", "人事", "安全生产", "供应链"}
	kinds := []string{"管理系统", "云平台", "一体机", "诊断服务", "培训", "专家系统", "看板", "小程序"}
	places := []string{"杭州", "宁波", "温州", "嘉兴", "绍兴", "金华", "台州", "湖州", "苏州", "厦门"}
	texts := []string{"帮助中小企业提升交付准时率", "与既有设备无缝对接，支持远程部署", "按工序采集数据，异常及时提醒", "一物一码，正反追溯", "用手机即可报工", "减少库存占用，缩短交付周期"}
	tags := []string{"saas", "ai", "local", "mobile", "lowcode"}
	x := newIndex()
	for i := range n {
		object, company := pick(objects), fmt.Sprintf("%s智造%d科技有限公司", pick(places), i%(n/20+1))
		name := fmt.Sprintf("%s%s%d型", object, pick(kinds), i)
		x.put(&entry{
			Card: Card{
				ID: id.ID(i + 1), Name: name, Provider: company, ProviderOrg: id.ID(i%(n/20+1) + 1), Sales: int64(draw.IntN(500)),
				PriceFrom: money.Fen(draw.IntN(10_000_000)), ListedAt: clock.Instant(i), ScoreSum: int64(draw.IntN(50)), ScoreCount: 10,
			},
			facets: map[Facet][]string{
				ByTag: {pick(tags)}, ByCategory: {"g" + fmt.Sprint(draw.IntN(4)), fmt.Sprint("c", draw.IntN(40))}, ByIndustry: {"C", fmt.Sprint(13 + draw.IntN(30))},
				ByRegion: {"330000", fmt.Sprint(330100 + 100*draw.IntN(10))}, ByPrice: {fmt.Sprint("r", draw.IntN(6))}, ByWay: {"year"}, ByKind: {"solution"},
			},
			fields: [fieldCount]string{name, object + " 生产执行数字化", company, pick(texts) + "。" + pick(texts) + "。" + pick(texts), sounds(name) + " " + sounds(company)},
		})
	}
	return x
}

// What buyers ask when no answer is kept.
func BenchmarkSearch(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		x := sample(n)
		for _, q := range []struct {
			name  string
			query Query
		}{
			{"everything", Query{}},
			{"filters", Query{Codes: map[Facet][]string{ByTag: {"ai"}, ByIndustry: {"13", "14"}}}},
			{"two characters in few", Query{Text: "刀具"}},
			{"two characters in half", Query{Text: "追溯"}},
			{"one character", Query{Text: "码"}},
			{"three words", Query{Text: "杭州 追溯 系统"}},
			{"long word in part", Query{Text: "智能排产管理系统"}},
			{"word in nearly all", Query{Text: "科技有限公司"}},
			{"nothing", Query{Text: "区块链"}},
			{"by sound", Query{Text: "paichan"}},
		} {
			each(b, fmt.Sprintf("%d/%s", n, q.name), func() { x.search(q.query, page.Query{Page: 1, Size: 20}) })
		}
		each(b, fmt.Sprintf("%d/page in the middle", n), func() { x.search(Query{Text: "追溯"}, page.Query{Page: n / 400, Size: 20}) })
		each(b, fmt.Sprintf("%d/word for the first time", n), func() {
			x.phrases.forget()
			x.search(Query{Text: "小企业提升"}, page.Query{Page: 1, Size: 20})
		})
		each(b, fmt.Sprintf("%d/sound for the first time", n), func() {
			x.phrases.forget()
			x.search(Query{Text: "hangzhou"}, page.Query{Page: 1, Size: 20})
		})
		each(b, fmt.Sprintf("%d/everything after a sale", n), func() {
			x.sold(50, 1)
			x.search(Query{}, page.Query{Page: 1, Size: 20})
		})
		each(b, fmt.Sprintf("%d/suggestions", n), func() { x.suggest([]string{"追溯"}) })
		each(b, fmt.Sprintf("%d/suggestions by sound", n), func() { x.suggest([]string{"zhui"}) })
	}
}

// each measures every turn, for the slowest of a hundred.
func each(b *testing.B, name string, turn func()) {
	b.Run(name, func(b *testing.B) {
		var took []time.Duration
		turn() // what has to be made once is made at the start of a process, too
		for b.Loop() {
			begun := time.Now()
			turn()
			took = append(took, time.Since(begun))
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	})
}

func BenchmarkIndex(b *testing.B) {
	for b.Loop() {
		sample(10_000)
	}
}
