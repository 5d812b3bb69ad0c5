package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"

	"smedx/internal/file"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// CaseCount is how many case studies every offering shows.
const CaseCount = 3

// Content is everything the provider fills in, in the order of the form. In a
// draft any of it may be missing.
type Content struct {
	Name           string      `json:"name" doc:"方案名称"`
	Product        string      `json:"product" doc:"相关产品名称"`
	Section        string      `json:"section" doc:"目录"`
	Tags           []string    `json:"tags" maxItems:"20" doc:"标签"`
	CoverFile      id.ID       `json:"coverFile" doc:"展示图; 0 for none"`
	Categories     []string    `json:"categories" maxItems:"20" doc:"方案分类, 1 to 5"`
	Industries     []string    `json:"industries" maxItems:"20" doc:"适用行业, 1 to 3"`
	PriceLow       string      `json:"priceLow" doc:"销售历史最低价格, code of hist_price_range"`
	PriceHigh      string      `json:"priceHigh" doc:"销售历史最高价格, code of hist_price_range"`
	DeliveryCycle  string      `json:"deliveryCycle" doc:"交付平均周期"`
	DeliveryEffort string      `json:"deliveryEffort" doc:"交付人工数量（人天）"`
	Cases          []CaseStudy `json:"cases" maxItems:"3" doc:"案例说明, exactly 3"`
	Contact        Contact     `json:"contact"`
	Page           Page        `json:"page"`
	Plans          []Plan      `json:"plans" maxItems:"20" doc:"商品规格"`
	// Own is left out where there is none, so that what was hashed before it existed keeps its hash.
	Own map[string][]string `json:"own,omitempty" doc:"Answers to the fields that only this publishing type has"`
}

// CaseStudy is one of the three: facts for the reviewers, a story for the page.
type CaseStudy struct {
	Customer        string     `json:"customer" doc:"客户名称"`
	OutputFen       *money.Fen `json:"outputFen,omitempty" doc:"客户年产值"`
	SalesFen        *money.Fen `json:"salesFen,omitempty" doc:"方案销售额度"`
	MonthTenths     *int64     `json:"monthTenths,omitempty" doc:"交付周期 in tenths of a month"`
	ContactName     string     `json:"contactName,omitempty" doc:"客户联系人姓名"`
	ContactPosition string     `json:"contactPosition,omitempty" doc:"客户联系人职务"`
	ContactWay      string     `json:"contactWay,omitempty" doc:"客户联系人联系方式"`
	Document        id.ID      `json:"document" doc:"介绍文档; 0 for none"`
	Story           string     `json:"story" doc:"案例内容"`
	Image           id.ID      `json:"image" doc:"案例图片; 0 for none"`
}

// Contact is whom the platform asks about the offering. ByPhone and ByMail are
// the ticked ways.
type Contact struct {
	Name    string `json:"name"`
	ByPhone bool   `json:"byPhone" doc:"手机 is ticked"`
	Phone   string `json:"phone"`
	ByMail  bool   `json:"byMail" doc:"邮箱 is ticked"`
	Mail    string `json:"mail"`
}

// Page is the introduction page (介绍页).
type Page struct {
	Banner      Banner   `json:"banner"`
	Modules     []string `json:"modules" maxItems:"3" doc:"Order of details, cases, support"`
	Highlights  []string `json:"highlights" maxItems:"10" doc:"商品亮点"`
	Description string   `json:"description" doc:"商品说明, HTML cut to safe elements"`
	Media       []id.ID  `json:"media" maxItems:"9" doc:"商品截图: pictures and videos"`
	CasesTitle  string   `json:"casesTitle" doc:"标题 of 用户案例"`
	Support     Support  `json:"support"`
}

// Banner heads the page.
type Banner struct {
	Title string `json:"title"`
	Intro string `json:"intro"`
	Image id.ID  `json:"image"`
}

// Support is 服务支持.
type Support struct {
	Hours   string `json:"hours" doc:"售后服务时间"`
	Content string `json:"content" doc:"售后服务内容"`
	Hotline string `json:"hotline" doc:"服务热线"`
	Mail    string `json:"mail" doc:"服务邮箱"`
}

// modules of the page, in their first order.
var modules = []string{"details", "cases", "support"}

// Pricing says whether a plan costs money.
type Pricing string

// The pricing models.
const (
	Free   Pricing = "free"   // 免费
	Simple Pricing = "simple" // 简单模式
)

// BillingUnit is what a price is for.
type BillingUnit string

// The ways to buy.
const (
	Year  BillingUnit = "year"  // 按年
	Month BillingUnit = "month" // 按月
	Unit  BillingUnit = "unit"  // 按数量
)

// BillingUnits lists every way to buy.
var BillingUnits = []BillingUnit{Year, Month, Unit}

// Plan is one 规格: what is bought, how, for how much. Its id stays the same over
// revisions, so that a cart keeps its line when the price changes.
type Plan struct {
	ID         id.ID       `json:"id" doc:"0 for a new plan"`
	Name       string      `json:"name"`
	Attributes []Attribute `json:"attributes" maxItems:"20" doc:"规格属性"`
	Pricing    Pricing     `json:"pricing" enum:"free,simple,"`
	Prices     []Price     `json:"prices" maxItems:"3" doc:"One for each ticked way to buy"`
	Instant    bool        `json:"instant" doc:"即时开通: complete as soon as it is paid"`
}

// Attribute is a named property of a plan.
type Attribute struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Price is the price of one way to buy.
type Price struct {
	Unit     BillingUnit `json:"unit" enum:"year,month,unit"`
	PriceFen *money.Fen  `json:"priceFen,omitempty"`
}

// attributes writes a plan's properties in one line, for orders.
func (p Plan) attributes() string {
	parts := make([]string, 0, len(p.Attributes))
	for _, a := range p.Attributes {
		parts = append(parts, a.Name+"："+a.Value)
	}
	return strings.Join(parts, "；")
}

// priceOf is the price of a way to buy; 0 in the free model.
func (p Plan) priceOf(i int) money.Fen {
	if p.Pricing == Free || p.Prices[i].PriceFen == nil {
		return 0
	}
	return *p.Prices[i].PriceFen
}

// All are the prices of the plan's ways to buy.
func (p Plan) All() []money.Fen {
	out := make([]money.Fen, 0, len(p.Prices))
	for i := range p.Prices {
		out = append(out, p.priceOf(i))
	}
	return out
}

// emptyContent is what a new draft holds.
func emptyContent(f Form) Content {
	return normal(Content{Section: f.Section})
}

// normal trims texts, cleans the rich text and gives every list its place, so
// that equal content always has equal JSON.
func normal(c Content) Content {
	for _, s := range []*string{
		&c.Name, &c.Product, &c.Contact.Name, &c.Contact.Phone, &c.Contact.Mail, &c.Page.Banner.Title, &c.Page.Banner.Intro,
		&c.Page.CasesTitle, &c.Page.Support.Hours, &c.Page.Support.Content, &c.Page.Support.Hotline, &c.Page.Support.Mail,
	} {
		*s = strings.TrimSpace(*s)
	}
	c.Tags, c.Categories, c.Industries = unique(c.Tags), unique(c.Categories), unique(c.Industries)
	c.Cases = append(slices.Clone(c.Cases), make([]CaseStudy, CaseCount)...)[:CaseCount]
	for i := range c.Cases {
		s := &c.Cases[i]
		for _, t := range []*string{&s.Customer, &s.ContactName, &s.ContactPosition, &s.ContactWay, &s.Story} {
			*t = strings.TrimSpace(*t)
		}
	}
	c.Page.Modules = order(c.Page.Modules)
	if c.Page.CasesTitle == "" {
		c.Page.CasesTitle = "用户案例"
	}
	c.Page.Highlights = nonEmpty(c.Page.Highlights)
	c.Page.Description = cleanRich(c.Page.Description)
	c.Page.Media = append([]id.ID{}, c.Page.Media...)
	c.Plans = append([]Plan{}, c.Plans...)
	for i := range c.Plans {
		p := &c.Plans[i]
		p.Name = strings.TrimSpace(p.Name)
		p.Attributes = append([]Attribute{}, p.Attributes...)
		p.Prices = append([]Price{}, p.Prices...)
	}
	return c
}

// richElements may stand in a description, without any attributes.
var richElements = []string{
	"p", "br", "h3", "h4", "strong", "b", "em", "i", "u", "s", "ul", "ol", "li", "blockquote", "hr",
	"table", "thead", "tbody", "tr", "th", "td",
}

// richText is what a description may be made of. Pictures come from our own
// files only, links leave without a word about where they came from.
var richText = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements(richElements...)
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	return p
}()

// cleanRich is richText's answer, at once where there is plainly nothing to clean:
// every reader of a page asks it again, since the policy may have grown since.
func cleanRich(s string) string {
	if plainlyClean(s) {
		return s
	}
	return richText.Sanitize(s)
}

// plainlyClean says that a text is made of nothing but bare tags of richElements
// and of letters that need no escaping. It may say no to what is clean.
func plainlyClean(s string) bool {
	for s != "" {
		at := strings.IndexFunc(s, func(r rune) bool {
			return r < ' ' && r != '\n' || r == '<' || r == '>' || r == '&' || r == '"' || r == '\'' || r == utf8.RuneError
		})
		if at < 0 {
			return true
		}
		if s[at] != '<' {
			return false
		}
		name, rest, closed := strings.Cut(s[at+1:], ">")
		if !closed || !slices.Contains(richElements, strings.TrimPrefix(name, "/")) {
			return false
		}
		s = rest
	}
	return true
}

var plainText = bluemonday.StrictPolicy()

// textOf is plainText's answer, at once where there are only bare tags to take out.
func textOf(s string) string {
	if !plainlyClean(s) {
		return plainText.Sanitize(s)
	}
	var out strings.Builder
	for s != "" {
		text, tag, _ := strings.Cut(s, "<")
		out.WriteString(text)
		_, s, _ = strings.Cut(tag, ">")
	}
	return out.String()
}

// order gives the three modules in the order asked for, each once.
func order(asked []string) []string {
	out := make([]string, 0, len(modules))
	for _, m := range append(slices.Clone(asked), modules...) {
		if slices.Contains(modules, m) && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

func unique(in []string) []string {
	out := []string{}
	for _, s := range in {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func nonEmpty(in []string) []string {
	out := []string{}
	for _, s := range in {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// personal is the part of the content that names people; it is stored sealed.
type personal struct {
	Contact Contact       `json:"contact"`
	Cases   []caseContact `json:"cases"`
}

type caseContact struct {
	Name     string `json:"name"`
	Position string `json:"position"`
	Way      string `json:"way"`
}

// withoutPeople is the content as buyers and experts may see it.
func (c Content) withoutPeople() Content {
	c.Contact = Contact{}
	c.Cases = slices.Clone(c.Cases)
	for i := range c.Cases {
		c.Cases[i].ContactName, c.Cases[i].ContactPosition, c.Cases[i].ContactWay = "", "", ""
	}
	return c
}

func (c Content) people() personal {
	p := personal{Contact: c.Contact}
	for _, s := range c.Cases {
		p.Cases = append(p.Cases, caseContact{s.ContactName, s.ContactPosition, s.ContactWay})
	}
	return p
}

func (c *Content) addPeople(p personal) {
	c.Contact = p.Contact
	for i := range min(len(p.Cases), len(c.Cases)) {
		c.Cases[i].ContactName, c.Cases[i].ContactPosition, c.Cases[i].ContactWay = p.Cases[i].Name, p.Cases[i].Position, p.Cases[i].Way
	}
}

// hash names the content exactly; reviewers decide on a hash.
func (c Content) hash() (string, error) {
	raw, err := json.Marshal(c)
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), err
}

// fileUse is one file that the content points to.
type fileUse struct {
	pointer string
	purpose file.Purpose
	file    id.ID
	public  bool // buyers see it
	picture bool // and nothing but a picture will do
}

// FilesOf lists the files that a content names.
func FilesOf(c Content) []id.ID {
	out := []id.ID{}
	for _, use := range c.files() {
		out = append(out, use.file)
	}
	return out
}

// files lists every file of the content with its place in the form.
func (c Content) files() []fileUse {
	var out []fileUse
	add := func(pointer string, purpose file.Purpose, f id.ID, public, picture bool) {
		if f != 0 {
			out = append(out, fileUse{pointer, purpose, f, public, picture})
		}
	}
	add("/coverFile", file.Cover, c.CoverFile, true, true)
	add("/page/banner/image", file.PagePicture, c.Page.Banner.Image, true, true)
	for i, f := range c.Page.Media {
		add("/page/media/"+itoa(i), file.ProductMedia, f, true, false)
	}
	for i, s := range c.Cases {
		add("/cases/"+itoa(i)+"/document", file.CaseDoc, s.Document, false, false)
		add("/cases/"+itoa(i)+"/image", file.PagePicture, s.Image, true, true)
	}
	return out
}
