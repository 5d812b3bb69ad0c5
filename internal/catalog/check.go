package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
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

// Limits that no form has to say.
const (
	maxWan   = 9_999_999_999 * 10_000 // 99,999,999.99 万元 in fen
	longMail = 100
)

var (
	mobile  = regexp.MustCompile(`^1\d{10}$`)
	hotline = regexp.MustCompile(`^[0-9+][0-9 \-()（）转,]{4,29}$`)
)

// checker collects everything that is wrong with a form, so that all is told at once.
type checker struct {
	errs.Fields
}

// Check answers whether the content may be handed in under a publishing type;
// the refusal names every field that is not right.
func (c Content) Check(kind Kind) errs.Fields {
	k := &checker{}
	form, ok := formOf(kind)
	if !ok {
		k.Add("/kind", "field.choice")
		return k.Fields
	}
	whole := treeOf(c)
	k.fields("", form.Basics, whole)
	if c.PriceLow != "" && c.PriceHigh != "" && c.PriceLow > c.PriceHigh { // p1 to p7
		k.Add("/priceHigh", "catalog.price_range_inverted")
	}
	for i, s := range c.Cases {
		if i < form.Cases.Min || s != (CaseStudy{}) {
			k.fields("/cases/"+itoa(i), form.Cases.Fields, whole)
		}
	}
	k.fields("", form.Contact, whole)
	if !c.Contact.ByPhone && !c.Contact.ByMail {
		k.Add("/contact/byPhone", "catalog.contact_way_missing")
	}
	k.fields("", form.Page, whole)
	k.plans(c.Plans, form.Plans)
	return k.Fields
}

// tree is a content as its pointers see it.
type tree map[string]any

func treeOf(c Content) tree {
	raw, err := json.Marshal(c)
	out := tree{}
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		err = d.Decode(&out)
	}
	if err != nil {
		panic(err) // plain values always go through
	}
	return out
}

// at finds the values of a pointer as texts: none, one, or the entries of a list.
func (t tree) at(pointer string) []string {
	var v any = map[string]any(t)
	for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		switch in := v.(type) {
		case map[string]any:
			v = in[step]
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n < 0 || n >= len(in) {
				return nil
			}
			v = in[n]
		default:
			return nil
		}
	}
	list, many := v.([]any)
	if !many {
		list = []any{v}
	}
	out := []string{}
	for _, e := range list {
		if text := fmt.Sprint(e); e != nil && text != "" && e != false {
			out = append(out, text)
		}
	}
	return out
}

// fields judges the fields of a part of the form.
func (k *checker) fields(base string, fields []Field, in tree) {
	for _, f := range fields {
		if f.When != "" && len(in.at(f.When)) == 0 {
			continue
		}
		pointer := base + f.At
		values := in.at(pointer)
		if f.Type == typeFile || f.Type == typeFiles {
			values = slices.DeleteFunc(values, func(s string) bool { return s == "0" })
		}
		if f.Type == typeRich && len(values) == 1 {
			values = nonEmpty([]string{plainText.Sanitize(values[0])})
		}
		if len(values) > 0 {
			k.judge(pointer, f, values)
		} else if f.Required {
			k.Add(pointer, "field.required")
		}
	}
}

// judge looks at what was filled in.
func (k *checker) judge(pointer string, f Field, values []string) {
	switch one := values[0]; f.Type {
	case typeText, typeLong, typeRich:
		k.optional(pointer, one, f.Max)
	case typePhone:
		k.match(pointer, one, mobile, "field.phone")
	case typeHotline:
		k.match(pointer, one, hotline, "field.hotline")
	case typeMail:
		k.mail(pointer, one)
	case typeNumber:
		if n, err := strconv.Atoi(one); err != nil || n < 1 || n > f.Max {
			k.Add(pointer, "field.out_of_range", "min", 1, "max", f.Max)
		}
	case typeWan:
		if fen, err := strconv.ParseInt(one, 10, 64); err != nil || fen < 0 || fen > maxWan || fen%10_000 != 0 { // two decimals of 万元
			k.Add(pointer, "catalog.wan_amount")
		}
	case typeMonths:
		if tenths, err := strconv.Atoi(one); err != nil || tenths < 0 || tenths > 10*f.Max {
			k.Add(pointer, "field.out_of_range", "min", 0, "max", f.Max)
		}
	case typeCode:
		k.code(pointer, f.List, one)
	case typeCodes, typeRows:
		k.most(pointer, f, values)
		for i, c := range values {
			k.code(pointer+"/"+itoa(i), f.List, c)
		}
	case typeLines:
		k.most(pointer, f, values)
		for i, line := range values {
			k.optional(pointer+"/"+itoa(i), line, f.Each)
		}
	case typeFiles:
		k.most(pointer, f, values)
	case typeFile, typeCheck:
	}
}

func (k *checker) most(pointer string, f Field, values []string) {
	if len(values) > f.Max {
		k.Add(pointer, "catalog.too_many", "max", f.Max)
	}
}

func (k *checker) plans(plans []Plan, most int) {
	if len(plans) == 0 {
		k.Add("/plans", "catalog.plan_missing")
	}
	if len(plans) > most {
		k.Add("/plans", "field.out_of_range", "min", 1, "max", most)
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
	if !re.MatchString(s) {
		k.Add(pointer, code)
	}
}

func (k *checker) mail(pointer, s string) {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > longMail || !strings.Contains(s[strings.LastIndex(s, "@"):], ".") {
		k.Add(pointer, "field.mail")
	}
}

func (k *checker) code(pointer, list, code string) {
	if !known(list, code) {
		k.Add(pointer, "field.choice")
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
