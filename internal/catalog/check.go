package catalog

import (
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"smedx/internal/codelist"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/money"
)

// Limits of the form.
const (
	maxCategories = 5
	maxIndustries = 3
	maxPlans      = 20
	maxText       = 100
	maxWan        = 9_999_999_999 * 10_000 // 99,999,999.99 万元 in fen
	maxTenths     = 1200                   // 120 months
)

var (
	mobile  = regexp.MustCompile(`^1\d{10}$`)
	hotline = regexp.MustCompile(`^[0-9+][0-9 \-()（）转,]{4,29}$`)
)

// checker collects everything that is wrong with a form, so that all is told at once.
type checker struct {
	errs.Fields
}

// Check answers whether the content may be handed in; the refusal names every
// field that is not right.
func (c Content) Check() errs.Fields {
	k := &checker{}
	k.basics(c)
	for i, s := range c.Cases {
		k.caseStudy("/cases/"+itoa(i), s)
	}
	k.contact(c.Contact)
	k.page(c)
	k.plans(c.Plans)
	return k.Fields
}

func (k *checker) basics(c Content) {
	k.text("/name", c.Name, maxText)
	k.text("/product", c.Product, maxText)
	k.code("/section", "catalog", c.Section)
	k.codeList("/tags", "tag", c.Tags, 20)
	if c.CoverFile == 0 {
		k.Add("/coverFile", "field.required")
	}
	k.codeList("/categories", "solution_class", c.Categories, maxCategories)
	k.codeList("/industries", codelist.Industry, c.Industries, maxIndustries)
	k.code("/priceLow", "hist_price_range", c.PriceLow)
	k.code("/priceHigh", "hist_price_range", c.PriceHigh)
	if c.PriceLow != "" && c.PriceHigh != "" && c.PriceLow > c.PriceHigh { // p1 to p7
		k.Add("/priceHigh", "catalog.price_range_inverted")
	}
	k.code("/deliveryCycle", "delivery_cycle_range", c.DeliveryCycle)
	k.code("/deliveryEffort", "delivery_days_range", c.DeliveryEffort)
}

func (k *checker) caseStudy(at string, s CaseStudy) {
	k.text(at+"/customer", s.Customer, maxText)
	k.wan(at+"/outputFen", s.OutputFen)
	k.wan(at+"/salesFen", s.SalesFen)
	switch {
	case s.MonthTenths == nil:
		k.Add(at+"/monthTenths", "field.required")
	case *s.MonthTenths < 0 || *s.MonthTenths > maxTenths:
		k.Add(at+"/monthTenths", "field.out_of_range", "min", 0, "max", 120)
	}
	k.optional(at+"/contactName", s.ContactName, maxText)
	k.optional(at+"/contactPosition", s.ContactPosition, maxText)
	k.optional(at+"/contactWay", s.ContactWay, maxText)
	if s.Document == 0 {
		k.Add(at+"/document", "field.required")
	}
	k.text(at+"/story", s.Story, 2000)
	if s.Image == 0 {
		k.Add(at+"/image", "field.required")
	}
}

func (k *checker) contact(c Contact) {
	k.text("/contact/name", c.Name, maxText)
	if !c.ByPhone && !c.ByMail {
		k.Add("/contact/byPhone", "catalog.contact_way_missing")
	}
	if c.ByPhone {
		k.match("/contact/phone", c.Phone, mobile, "field.phone")
	}
	if c.ByMail {
		k.mail("/contact/mail", c.Mail)
	}
}

func (k *checker) page(c Content) {
	p := c.Page
	k.text("/page/banner/title", p.Banner.Title, 60)
	k.text("/page/banner/intro", p.Banner.Intro, 300)
	if p.Banner.Image == 0 {
		k.Add("/page/banner/image", "field.required")
	}
	if len(p.Highlights) == 0 {
		k.Add("/page/highlights", "field.required")
	}
	for i, h := range p.Highlights {
		k.text("/page/highlights/"+itoa(i), h, 100)
	}
	switch n := utf8.RuneCountInString(strings.TrimSpace(plainText.Sanitize(p.Description))); {
	case n == 0:
		k.Add("/page/description", "field.required")
	case n > 10_000:
		k.Add("/page/description", "field.too_long", "max", 10_000)
	}
	k.text("/page/casesTitle", p.CasesTitle, 30)
	k.text("/page/support/hours", p.Support.Hours, 100)
	k.text("/page/support/content", p.Support.Content, 1000)
	k.match("/page/support/hotline", p.Support.Hotline, hotline, "field.hotline")
	k.mail("/page/support/mail", p.Support.Mail)
}

func (k *checker) plans(plans []Plan) {
	if len(plans) == 0 {
		k.Add("/plans", "catalog.plan_missing")
	}
	if len(plans) > maxPlans {
		k.Add("/plans", "field.out_of_range", "min", 1, "max", maxPlans)
	}
	names := map[string]bool{}
	for i, p := range plans {
		at := "/plans/" + itoa(i)
		k.text(at+"/name", p.Name, 50)
		if p.Name != "" && names[p.Name] {
			k.Add(at+"/name", "catalog.plan_name_taken")
		}
		names[p.Name] = true
		for j, a := range p.Attributes {
			k.text(at+"/attributes/"+itoa(j)+"/name", a.Name, 30)
			k.text(at+"/attributes/"+itoa(j)+"/value", a.Value, 100)
		}
		k.prices(at, p)
	}
}

func (k *checker) prices(at string, p Plan) {
	if p.Pricing != Free && p.Pricing != Simple {
		k.Add(at+"/pricing", "field.required")
	}
	if len(p.Prices) == 0 {
		k.Add(at+"/prices", "field.required")
	}
	seen := map[BillingUnit]bool{}
	for j, price := range p.Prices {
		pointer := at + "/prices/" + itoa(j)
		if !slices.Contains(BillingUnits, price.Unit) || seen[price.Unit] {
			k.Add(pointer+"/unit", "field.choice")
		}
		seen[price.Unit] = true
		switch {
		case p.Pricing != Simple:
		case price.PriceFen == nil:
			k.Add(pointer+"/priceFen", "field.required")
		case *price.PriceFen <= 0 || *price.PriceFen > money.MaxUnitPrice:
			k.Add(pointer+"/priceFen", "field.out_of_range", "min", "0.01", "max", money.MaxUnitPrice.String())
		}
	}
}

func (k *checker) text(pointer, s string, limit int) {
	if s == "" {
		k.Add(pointer, "field.required")
		return
	}
	k.optional(pointer, s, limit)
}

func (k *checker) optional(pointer, s string, limit int) {
	if utf8.RuneCountInString(s) > limit {
		k.Add(pointer, "field.too_long", "max", limit)
	}
}

func (k *checker) match(pointer, s string, re *regexp.Regexp, code string) {
	switch {
	case s == "":
		k.Add(pointer, "field.required")
	case !re.MatchString(s):
		k.Add(pointer, code)
	}
}

func (k *checker) mail(pointer, s string) {
	if s == "" {
		k.Add(pointer, "field.required")
		return
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 100 || !strings.Contains(s[strings.LastIndex(s, "@"):], ".") {
		k.Add(pointer, "field.mail")
	}
}

func (k *checker) wan(pointer string, f *money.Fen) {
	switch {
	case f == nil:
		k.Add(pointer, "field.required")
	case *f < 0 || *f > maxWan || *f%10_000 != 0: // two decimals of 万元
		k.Add(pointer, "catalog.wan_amount")
	}
}

func (k *checker) code(pointer, list, code string) {
	switch {
	case code == "":
		k.Add(pointer, "field.required")
	case !known(list, code):
		k.Add(pointer, "field.choice")
	}
}

func (k *checker) codeList(pointer, list string, codes []string, limit int) {
	if len(codes) == 0 {
		k.Add(pointer, "field.required")
	}
	if len(codes) > limit {
		k.Add(pointer, "catalog.too_many", "max", limit)
	}
	for i, c := range codes {
		k.code(pointer+"/"+itoa(i), list, c)
	}
}

// known answers whether a code may be chosen from a list: groups may not.
func known(list, code string) bool {
	l, ok := codelist.Get(list)
	if !ok {
		return false
	}
	_, leaf := l.Depth(code)
	return leaf
}

func itoa(i int) string { return strconv.Itoa(i) }
