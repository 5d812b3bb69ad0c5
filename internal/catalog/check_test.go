package catalog

import (
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

func of[T any](v T) *T { return &v }

// whole is a content that may be handed in.
func whole(name string) Content {
	c := Content{
		Name: name, Product: "排产大师", Section: "solution", Tags: []string{"ai"}, CoverFile: 1,
		Categories: []string{"planning"}, Industries: []string{"35"}, PriceLow: "p1", PriceHigh: "p2",
		DeliveryCycle: "c1", DeliveryEffort: "d1",
		Contact: Contact{Name: "李工", ByPhone: true, Phone: "13800000001"},
		Page: Page{
			Banner: Banner{"智能排产", "让每张工单按时交付", 2}, Highlights: []string{"三天上线"},
			Description: "<p>服务<script>alert(1)</script>特点</p>", Media: []id.ID{3},
			Support: Support{"工作日 9:00-18:00", "远程支持", "400-800-1234", "help@example.com"},
		},
		Plans: []Plan{{Name: "标准版", Attributes: []Attribute{{"用户数", "20"}}, Pricing: Simple, Prices: []Price{
			{Year, of(money.Fen(1_200_000))}, {Month, of(money.Fen(120_000))},
		}}},
	}
	for i := range CaseCount {
		c.Cases = append(c.Cases, CaseStudy{
			Customer: "某机械厂", OutputFen: of(money.Fen(1_234_560_000)), SalesFen: of(money.Fen(0)), MonthTenths: of(int64(25)),
			ContactName: "王经理", ContactWay: "13900000002", Document: id.ID(10 + i), Story: "上线后交期准时率升至 96%", Image: id.ID(20 + i),
		})
	}
	return normal(c)
}

func TestCheckTellsEveryField(t *testing.T) {
	if f := whole("智能排产").Check(Solution); len(f) != 0 {
		t.Errorf("a whole content is refused: %+v", f)
	}
	if f := emptyContent(forms[0]).Check(Solution); len(f) < 40 {
		t.Errorf("an empty content is refused in %d fields only", len(f))
	}
	for _, tc := range []struct {
		name    string
		change  func(*Content)
		pointer string // "" = accepted
		code    string
	}{
		{"a name of 100 characters", func(c *Content) { c.Name = strings.Repeat("排", 100) }, "", ""},
		{"a name of 101", func(c *Content) { c.Name = strings.Repeat("排", 101) }, "/name", "field.too_long"},
		{"five categories", func(c *Content) { c.Categories = []string{"planning", "quality", "safety", "energy", "finance"} }, "", ""},
		{"six categories", func(c *Content) { c.Categories = []string{"planning", "quality", "safety", "energy", "finance", "hr"} }, "/categories", "catalog.too_many"},
		{"three industries", func(c *Content) { c.Industries = []string{"35", "36", "37"} }, "", ""},
		{"four industries", func(c *Content) { c.Industries = []string{"35", "36", "37", "38"} }, "/industries", "catalog.too_many"},
		{"a tag nobody keeps", func(c *Content) { c.Tags = []string{"x"} }, "/tags/0", "field.choice"},
		{"a group instead of a category", func(c *Content) { c.Categories = []string{"g2"} }, "/categories/0", "field.choice"},
		{"lowest price above the highest", func(c *Content) { c.PriceLow, c.PriceHigh = "p2", "p1" }, "/priceHigh", "catalog.price_range_inverted"},
		{"an output with three decimals of 万元", func(c *Content) { c.Cases[1].OutputFen = of(money.Fen(1_234_561_000)) }, "/cases/1/outputFen", "catalog.wan_amount"},
		{"a negative amount", func(c *Content) { c.Cases[0].SalesFen = of(money.Fen(-10_000)) }, "/cases/0/salesFen", "catalog.wan_amount"},
		{"no document in the third case", func(c *Content) { c.Cases[2].Document = 0 }, "/cases/2/document", "field.required"},
		{"no way of contact ticked", func(c *Content) { c.Contact.ByPhone = false }, "/contact/byPhone", "catalog.contact_way_missing"},
		{"phone ticked, not given", func(c *Content) { c.Contact.Phone = "" }, "/contact/phone", "field.required"},
		{"mail ticked, wrong", func(c *Content) { c.Contact.ByMail, c.Contact.Mail = true, "a@b" }, "/contact/mail", "field.mail"},
		{"a phone that is not ticked does not matter", func(c *Content) { c.Contact = Contact{Name: "李", ByMail: true, Mail: "a@b.cn", Phone: "x"} }, "", ""},
		{"a description of tags only", func(c *Content) { c.Page.Description = "<p> </p>" }, "/page/description", "field.required"},
		{"no plan", func(c *Content) { c.Plans = nil }, "/plans", "catalog.plan_missing"},
		{"a plan without a way to buy", func(c *Content) { c.Plans[0].Prices = nil }, "/plans/0/prices", "field.required"},
		{"a price of zero", func(c *Content) { c.Plans[0].Prices[0].PriceFen = of(money.Fen(0)) }, "/plans/0/prices/0/priceFen", "field.out_of_range"},
		{"a free plan needs no price", func(c *Content) { c.Plans[0].Pricing = Free; c.Plans[0].Prices = []Price{{Unit, nil}} }, "", ""},
		{"two plans of one name", func(c *Content) { c.Plans = append(c.Plans, c.Plans[0]) }, "/plans/1/name", "catalog.plan_name_taken"},
	} {
		c := whole("智能排产")
		tc.change(&c)
		f := c.Check(Solution)
		switch {
		case tc.pointer == "" && len(f) > 0:
			t.Errorf("%s: refused %+v", tc.name, f)
		case tc.pointer != "" && (len(f) != 1 || f[0].Pointer != tc.pointer || f[0].Code != tc.code):
			t.Errorf("%s: got %+v, want %s %s", tc.name, f, tc.pointer, tc.code)
		}
	}
}

func TestRichTextIsCutToWhatIsSafe(t *testing.T) {
	c := normal(Content{Page: Page{Description: `<p onclick="x()">好<img src=x onerror=alert(1)><a href="javascript:alert(1)">a</a><a href="https://e.cn">b</a></p><iframe src="//e"></iframe><style>p{}</style>`}})
	for _, bad := range []string{"onclick", "onerror", "javascript", "iframe", "style", "<img"} {
		if strings.Contains(c.Page.Description, bad) {
			t.Errorf("%q is left in %s", bad, c.Page.Description)
		}
	}
	if !strings.Contains(c.Page.Description, `href="https://e.cn"`) || !strings.Contains(c.Page.Description, "nofollow") {
		t.Errorf("the link is gone: %s", c.Page.Description)
	}
}

func TestPeopleAreKeptApart(t *testing.T) {
	c := whole("智能排产")
	open := c.withoutPeople()
	if open.Contact.Phone != "" || open.Cases[0].ContactName != "" || c.Cases[0].ContactName == "" {
		t.Error("people are left in the open part, or gone from the whole")
	}
	open.addPeople(c.people())
	a, _ := open.hash()
	b, _ := c.hash()
	if a != b {
		t.Error("the parts do not make the whole")
	}
}

// T-INP-03: what gets through is made of the allowed elements, whatever was tried,
// and stays the same when it is cleaned again.
func TestRichTextOfTheBypassCorpus(t *testing.T) {
	for _, tried := range []string{
		`<svg><style><img src=x onerror=alert(1)></style></svg>`,
		`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
		`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
		"<a href=\"java\tscript:alert(1)\">a</a>", `<a href="&#106;avascript:alert(1)">a</a>`, `<a href=" javascript:alert(1)">a</a>`,
		`<a href="data:text/html,<script>alert(1)</script>">a</a>`, `<a href="vbscript:x">a</a>`,
		`<p style="background:url(javascript:alert(1))">x</p>`, `<p class=x id=y onmouseover=alert(1)>x</p>`,
		`<form action="//evil"><input name=password></form>`, `<object data="x.swf"></object><embed src=x>`,
		`<img src="//tracker/pixel.png">`, `<video src=x onerror=alert(1)></video>`, `<base href="//evil/">`, `<meta http-equiv=refresh content="0;url=//evil">`,
		`<template><script>alert(1)</script></template>`, `<scr<script>ipt>alert(1)</scr</script>ipt>`, `<title><img src=x onerror=alert(1)></title>`,
		`<xmp><p title="</xmp><svg/onload=alert(1)>"></xmp>`, "<p>\x00<script\x00>alert(1)</script></p>", `<table><td background="javascript:alert(1)">x</td></table>`,
	} {
		once := richText.Sanitize(tried)
		root, err := html.ParseFragment(strings.NewReader(once), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range root {
			for e := range n.Descendants() {
				judgeElement(t, tried, e)
			}
			judgeElement(t, tried, n)
		}
		if again := richText.Sanitize(once); again != once {
			t.Errorf("%q changes when it is cleaned again: %q, %q", tried, once, again)
		}
	}
}

// T-INP-03: what passes for plainly clean is what the policy leaves as it is.
func TestPlainlyCleanTextIsLeftByThePolicy(t *testing.T) {
	parts := []string{
		"<", ">", "/", "p", "<p>", "</p>", "<br>", "<br/>", "<p >", "<P>", "<li>", "</td>", "<a>", "</a>", "<a href=x>", "<script>", "</script>",
		"<style>", "<!--", "-->", "<!", "<?", "&", "&amp;", "&#60;", "\"", "'", "\x00", "\r", "\n", "\t", "\xff", "\ufeff", "\u2028", "排产", "x", " ", "<>", "</>",
		"<title>", "<textarea>", "<plaintext>", "<//p>", "<p/>", "<h3>", "<table>", "=", "`",
	}
	draw, clean := rand.New(rand.NewPCG(3, 4)), 0
	for range 200_000 {
		var s strings.Builder
		for range 1 + draw.IntN(6) {
			s.WriteString(parts[draw.IntN(len(parts))])
		}
		if !plainlyClean(s.String()) {
			if draw.IntN(100) > 0 {
				continue // the policy is slow
			}
		} else {
			clean++
			if want := richText.Sanitize(s.String()); want != s.String() {
				t.Fatalf("%q passes for clean, the policy makes it %q", s.String(), want)
			}
		}
		if got, want := textOf(s.String()), plainText.Sanitize(s.String()); got != want {
			t.Fatalf("%q is %q without tags, want %q", s.String(), got, want)
		}
	}
	if clean < 1000 || !plainlyClean("<p>帮助企业排产。</p><ul><li>一</li></ul>") {
		t.Errorf("%d of the texts passed: the look is of no use", clean)
	}
}

func judgeElement(t *testing.T, tried string, n *html.Node) {
	t.Helper()
	if n.Type != html.ElementNode {
		return
	}
	if !strings.Contains(" p br h3 h4 strong b em i u s ul ol li blockquote hr table thead tbody tr th td a ", " "+n.Data+" ") {
		t.Errorf("%q leaves <%s>", tried, n.Data)
	}
	for _, a := range n.Attr {
		safe := n.Data == "a" && (a.Key == "rel" || a.Key == "target" || a.Key == "href" && (strings.HasPrefix(a.Val, "http") || strings.HasPrefix(a.Val, "mailto:")))
		if !safe {
			t.Errorf("%q leaves <%s %s=%q>", tried, n.Data, a.Key, a.Val)
		}
	}
}
