package catalog

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

func fen(n int64) *money.Fen { f := money.Fen(n); return &f }

// said writes changes in short, for tables.
func said(changes []Change) (out []string) {
	price := func(f *money.Fen) string {
		if f == nil {
			return "-"
		}
		return f.String()
	}
	for _, c := range changes {
		line := string(c.What) + " " + c.Pointer
		switch {
		case c.BeforeFen != nil || c.AfterFen != nil:
			line += " " + price(c.BeforeFen) + ">" + price(c.AfterFen)
		case c.BeforeFile != 0 || c.AfterFile != 0:
			line += fmt.Sprintf(" %d>%d", c.BeforeFile, c.AfterFile)
		}
		if c.What == Moved {
			line += " " + c.Name
		}
		out = append(out, line)
	}
	return out
}

func TestChangesNameEveryDifference(t *testing.T) {
	base := func() Content {
		return normal(Content{
			Name: "排产", Product: "排产软件", Section: "solution", CoverFile: 1, Tags: []string{"a"},
			Cases: []CaseStudy{{Customer: "甲", SalesFen: fen(100), Document: 11, Story: "上线三个月，交付及时率提高到百分之九十。"}, {}, {}},
			Page:  Page{Highlights: []string{"快", "准", "省"}, Media: []id.ID{5, 6}, Description: "<p>第一段</p><p>第二段说明服务内容</p>"},
			Plans: []Plan{
				{ID: 71, Name: "标准版", Pricing: Simple, Prices: []Price{{Year, fen(600000)}, {Unit, fen(200000)}}},
				{ID: 72, Name: "专业版", Pricing: Simple, Prices: []Price{{Year, fen(900000)}}},
			},
		})
	}
	for _, tc := range []struct {
		name string
		edit func(*Content)
		want []string
	}{
		{"nothing", func(*Content) {}, nil},
		{"a name", func(c *Content) { c.Name = "智能排产" }, []string{"changed /name"}},
		{"a field of this type alone", func(c *Content) { c.Own = map[string][]string{"courseWay": {"live", "centre"}} }, []string{"added /own/courseWay"}},
		{"a file", func(c *Content) { c.CoverFile, c.Cases[0].Document = 2, 12 }, []string{"replaced /coverFile 1>2", "replaced /cases/0/document 11>12"}},
		{"a sum of a case", func(c *Content) { c.Cases[0].SalesFen = fen(200) }, []string{"changed /cases/0/salesFen 1.00>2.00"}},
		{"a price", func(c *Content) { c.Plans[0].Prices[0].PriceFen = fen(800000) }, []string{"changed /plans/71/prices/year 6000.00>8000.00"}},
		{"the order of the plans", func(c *Content) { slices.Reverse(c.Plans) }, nil},
		{"a plan that went", func(c *Content) { c.Plans = c.Plans[:1] }, []string{"removed /plans/72", "removed /plans/72/prices/year 9000.00>-"}},
		{"a plan that came", func(c *Content) {
			c.Plans = append(c.Plans, Plan{ID: 73, Name: "试用", Pricing: Free, Prices: []Price{{Unit: Month}}})
		}, []string{"added /plans/73", "added /plans/73/prices/month ->0.00"}},
		{"a way to buy", func(c *Content) { c.Plans[0].Prices = c.Plans[0].Prices[:1] }, []string{"removed /plans/71/prices/unit 2000.00>-"}},
		{"free now", func(c *Content) { c.Plans[1].Pricing = Free }, []string{"changed /plans/72/pricing", "changed /plans/72/prices/year 9000.00>0.00"}},
		{"modules", func(c *Content) { c.Page.Modules = []string{"cases", "details", "support"} }, []string{"moved /page/modules 2 → 1"}},
		{"highlights", func(c *Content) { c.Page.Highlights = []string{"省", "快", "稳"} },
			[]string{"removed /page/highlights", "added /page/highlights", "moved /page/highlights 2 → 1"}},
		{"pictures", func(c *Content) { c.Page.Media = []id.ID{6, 7} }, []string{"removed /page/media 5>0", "added /page/media 0>7"}},
		{"a text that came", func(c *Content) { c.Page.Support.Hours = "工作日" }, []string{"added /page/support/hours"}},
	} {
		after := base()
		tc.edit(&after)
		if got := said(Changes(base(), after)); fmt.Sprint(got) != fmt.Sprint(tc.want) {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestLongTextsAreComparedPieceByPiece(t *testing.T) {
	before, after := Content{Page: Page{Description: "<p>交付 <b>三个月</b>，含培训。</p><p>质保一年。</p>"}}, Content{Page: Page{Description: "<p>交付两个月，含培训。</p><p>质保一年。</p>"}}
	got := Changes(before, after)
	if len(got) != 1 || got[0].Pointer != "/page/description" {
		t.Fatalf("%+v", got)
	}
	var was, now strings.Builder
	for _, r := range got[0].Runs {
		if r.Op != "new" {
			was.WriteString(r.Text)
		}
		if r.Op != "gone" {
			now.WriteString(r.Text)
		}
	}
	if was.String() != "交付 三个月，含培训。\n质保一年。" || now.String() != "交付两个月，含培训。\n质保一年。" || len(got[0].Runs) < 3 {
		t.Errorf("%+v", got[0].Runs)
	}
}
