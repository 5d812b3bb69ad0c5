package catalog

import (
	"html"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"

	"smedx/internal/codelist"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// ChangeKind is what happened to a part of the content.
type ChangeKind string

// The kinds of changes.
const (
	Changed  ChangeKind = "changed"
	Added    ChangeKind = "added"
	Removed  ChangeKind = "removed"
	Moved    ChangeKind = "moved"
	Replaced ChangeKind = "replaced" // a file by another
)

// Change is one difference between two contents, for who judges the later one.
// Codes are written out, so that it reads without lists.
type Change struct {
	Pointer    string     `json:"pointer" doc:"Field; of a plan /plans/ID"`
	What       ChangeKind `json:"what" enum:"changed,added,removed,moved,replaced"`
	Name       string     `json:"name,omitempty" doc:"Of a plan: its name; of a field that only this type has: its label"`
	Before     string     `json:"before,omitempty"`
	After      string     `json:"after,omitempty"`
	Runs       []Run      `json:"runs,omitempty" doc:"Of a longer text: what stayed, went and came, in order"`
	BeforeFile id.ID      `json:"beforeFile,omitzero"`
	AfterFile  id.ID      `json:"afterFile,omitzero"`
	Unit       string     `json:"unit,omitempty" enum:"year,month,unit" doc:"Of a price: what it is for"`
	BeforeFen  *money.Fen `json:"beforeFen,omitempty"`
	AfterFen   *money.Fen `json:"afterFen,omitempty"`
}

// Run is a piece of text that stayed, went or came.
type Run struct {
	Op   string `json:"op" enum:"same,gone,new"`
	Text string `json:"text"`
}

// longText is from how many characters on a text is compared piece by piece.
const longText = 12

// Changes names every difference from one content to the next, in the order of the form.
func Changes(before, after Content) []Change {
	c := changes{}
	c.basics(before, after)
	for i := range max(len(before.Cases), len(after.Cases)) {
		c.story(i, at(before.Cases, i), at(after.Cases, i))
	}
	c.text("/contact/name", before.Contact.Name, after.Contact.Name)
	c.text("/contact/phone", when(before.Contact.ByPhone, before.Contact.Phone), when(after.Contact.ByPhone, after.Contact.Phone))
	c.text("/contact/mail", when(before.Contact.ByMail, before.Contact.Mail), when(after.Contact.ByMail, after.Contact.Mail))
	c.page(before.Page, after.Page)
	c.plans(before.Plans, after.Plans)
	return c
}

type changes []Change

func (c *changes) add(one Change) { *c = append(*c, one) }

func (c *changes) basics(before, after Content) {
	labels := func(list string, codes []string) string {
		out := make([]string, 0, len(codes))
		for _, code := range codes {
			out = append(out, codelist.Label(list, code))
		}
		return strings.Join(out, "、")
	}
	code := func(pointer, list, from, to string) {
		c.text(pointer, labels(list, nonEmpty([]string{from})), labels(list, nonEmpty([]string{to})))
	}
	c.text("/name", before.Name, after.Name)
	c.text("/product", before.Product, after.Product)
	code("/section", "catalog", before.Section, after.Section)
	c.text("/tags", labels("tag", before.Tags), labels("tag", after.Tags))
	c.file("/coverFile", before.CoverFile, after.CoverFile)
	c.text("/categories", labels("solution_class", before.Categories), labels("solution_class", after.Categories))
	c.text("/industries", labels(codelist.Industry, before.Industries), labels(codelist.Industry, after.Industries))
	code("/priceLow", "hist_price_range", before.PriceLow, after.PriceLow)
	code("/priceHigh", "hist_price_range", before.PriceHigh, after.PriceHigh)
	code("/deliveryCycle", "delivery_cycle_range", before.DeliveryCycle, after.DeliveryCycle)
	code("/deliveryEffort", "delivery_days_range", before.DeliveryEffort, after.DeliveryEffort)
	c.own(before.Own, after.Own)
}

// own names what differs in the fields that only this publishing type has.
func (c *changes) own(before, after map[string][]string) {
	both := maps.Clone(before)
	if both == nil {
		both = map[string][]string{}
	}
	maps.Copy(both, after)
	for _, name := range slices.Sorted(maps.Keys(both)) {
		field, from := ownField(name), len(*c)
		c.text(field.At, field.words(before[name]), field.words(after[name]))
		for i := from; i < len(*c); i++ {
			(*c)[i].Name = field.Label
		}
	}
}

func (c *changes) story(i int, before, after CaseStudy) {
	p := "/cases/" + itoa(i)
	c.text(p+"/customer", before.Customer, after.Customer)
	c.fen(p+"/outputFen", "", "", before.OutputFen, after.OutputFen)
	c.fen(p+"/salesFen", "", "", before.SalesFen, after.SalesFen)
	c.text(p+"/monthTenths", months(before.MonthTenths), months(after.MonthTenths))
	contact := func(s CaseStudy) string {
		return strings.Join(nonEmpty([]string{s.ContactName, s.ContactPosition, s.ContactWay}), " · ")
	}
	c.text(p+"/contactName", contact(before), contact(after))
	c.file(p+"/document", before.Document, after.Document)
	c.text(p+"/story", before.Story, after.Story)
	c.file(p+"/image", before.Image, after.Image)
}

func (c *changes) page(before, after Page) {
	c.text("/page/banner/title", before.Banner.Title, after.Banner.Title)
	c.text("/page/banner/intro", before.Banner.Intro, after.Banner.Intro)
	c.file("/page/banner/image", before.Banner.Image, after.Banner.Image)
	list(c, "/page/modules", before.Modules, after.Modules, func(m string) Change { return Change{Before: m, After: m} })
	list(c, "/page/highlights", before.Highlights, after.Highlights, func(h string) Change { return Change{Before: h, After: h} })
	c.text("/page/description", linesOf(before.Description), linesOf(after.Description))
	list(c, "/page/media", before.Media, after.Media, func(f id.ID) Change { return Change{BeforeFile: f, AfterFile: f} })
	c.text("/page/casesTitle", before.CasesTitle, after.CasesTitle)
	c.text("/page/support/hours", before.Support.Hours, after.Support.Hours)
	c.text("/page/support/content", before.Support.Content, after.Support.Content)
	c.text("/page/support/hotline", before.Support.Hotline, after.Support.Hotline)
	c.text("/page/support/mail", before.Support.Mail, after.Support.Mail)
}

// plans compares by the plan's own id: its place in the list says nothing.
func (c *changes) plans(before, after []Plan) {
	byID := func(plans []Plan, p id.ID) int {
		return slices.IndexFunc(plans, func(x Plan) bool { return x.ID == p })
	}
	for _, now := range after {
		p := "/plans/" + now.ID.String()
		i := byID(before, now.ID)
		if i < 0 {
			c.add(Change{Pointer: p, What: Added, Name: now.Name, After: now.attributes()})
			c.prices(p, now.Name, Plan{}, now)
			continue
		}
		was := before[i]
		from := len(*c)
		c.text(p+"/name", was.Name, now.Name)
		c.text(p+"/attributes", was.attributes(), now.attributes())
		c.text(p+"/pricing", string(was.Pricing), string(now.Pricing))
		c.prices(p, now.Name, was, now)
		c.text(p+"/instant", strconv.FormatBool(was.Instant), strconv.FormatBool(now.Instant))
		for k := from; k < len(*c); k++ {
			(*c)[k].Name = now.Name
		}
	}
	for _, was := range before {
		if byID(after, was.ID) < 0 {
			p := "/plans/" + was.ID.String()
			c.add(Change{Pointer: p, What: Removed, Name: was.Name, Before: was.attributes()})
			c.prices(p, was.Name, was, Plan{})
		}
	}
}

func (c *changes) prices(pointer, name string, before, after Plan) {
	of := func(p Plan, unit BillingUnit) *money.Fen {
		for i, price := range p.Prices {
			if price.Unit == unit {
				fen := p.priceOf(i)
				return &fen
			}
		}
		return nil
	}
	for _, unit := range BillingUnits {
		c.fen(pointer+"/prices/"+string(unit), name, string(unit), of(before, unit), of(after, unit))
	}
}

// text compares two texts; longer ones piece by piece.
func (c *changes) text(pointer, before, after string) {
	if before == after {
		return
	}
	one := Change{Pointer: pointer, What: Changed, Before: before, After: after}
	switch {
	case before == "":
		one.What = Added
	case after == "":
		one.What = Removed
	case len([]rune(before)) >= longText || len([]rune(after)) >= longText:
		one.Runs = runs(before, after)
	}
	c.add(one)
}

func (c *changes) file(pointer string, before, after id.ID) {
	switch {
	case before == after:
	case before == 0:
		c.add(Change{Pointer: pointer, What: Added, AfterFile: after})
	case after == 0:
		c.add(Change{Pointer: pointer, What: Removed, BeforeFile: before})
	default:
		c.add(Change{Pointer: pointer, What: Replaced, BeforeFile: before, AfterFile: after})
	}
}

func (c *changes) fen(pointer, name, unit string, before, after *money.Fen) {
	if before == after || before != nil && after != nil && *before == *after {
		return
	}
	one := Change{Pointer: pointer, What: Changed, Name: name, Unit: unit, BeforeFen: before, AfterFen: after}
	if before == nil {
		one.What = Added
	} else if after == nil {
		one.What = Removed
	}
	c.add(one)
}

// list compares lists without doubles: what went, what came, and what stands at
// another place among those that stayed.
func list[T comparable](c *changes, pointer string, before, after []T, say func(T) Change) {
	tell := func(what ChangeKind, v T) {
		one := say(v)
		one.Pointer, one.What = pointer, what
		if what == Added {
			one.Before, one.BeforeFile = "", 0
		} else if what == Removed {
			one.After, one.AfterFile = "", 0
		}
		c.add(one)
	}
	kept := func(values, in []T) (out []T) {
		for _, v := range values {
			if slices.Contains(in, v) {
				out = append(out, v)
			}
		}
		return out
	}
	for _, v := range before {
		if !slices.Contains(after, v) {
			tell(Removed, v)
		}
	}
	for _, v := range after {
		if !slices.Contains(before, v) {
			tell(Added, v)
		}
	}
	was, now := kept(before, after), kept(after, before)
	stay := common(was, now)
	for i, v := range now {
		if !slices.Contains(stay, v) {
			tell(Moved, v)
			one := &(*c)[len(*c)-1]
			one.Name = itoa(slices.Index(was, v)+1) + " → " + itoa(i+1)
		}
	}
}

// common is the longest sequence that both lists have in this order.
func common[T comparable](a, b []T) []T {
	best := make([][][]T, len(a)+1)
	for i := range best {
		best[i] = make([][]T, len(b)+1)
	}
	for i, x := range a {
		for j, y := range b {
			switch {
			case x == y:
				best[i+1][j+1] = append(slices.Clone(best[i][j]), x)
			case len(best[i][j+1]) >= len(best[i+1][j]):
				best[i+1][j+1] = best[i][j+1]
			default:
				best[i+1][j+1] = best[i+1][j]
			}
		}
	}
	return best[len(a)][len(b)]
}

func runs(before, after string) []Run {
	d := diffmatchpatch.New()
	d.DiffTimeout = 0 // the same texts always read the same
	ops := map[diffmatchpatch.Operation]string{diffmatchpatch.DiffEqual: "same", diffmatchpatch.DiffDelete: "gone", diffmatchpatch.DiffInsert: "new"}
	out := []Run{}
	for _, piece := range d.DiffCleanupSemantic(d.DiffMainRunes([]rune(before), []rune(after), false)) {
		out = append(out, Run{ops[piece.Type], piece.Text})
	}
	return out
}

// linesOf is rich text without its elements, a line for each block.
func linesOf(rich string) string {
	lines := strings.NewReplacer("</p>", "\n", "<br>", "\n", "<br/>", "\n", "</li>", "\n", "</h3>", "\n", "</h4>", "\n", "</tr>", "\n", "</td>", " ", "</th>", " ")
	return strings.TrimSpace(html.UnescapeString(plainText.Sanitize(lines.Replace(rich))))
}

func months(tenths *int64) string {
	if tenths == nil {
		return ""
	}
	return strings.TrimSuffix(itoa(int(*tenths/10))+"."+itoa(int(*tenths%10)), ".0") + " 个月"
}

func when(ticked bool, s string) string {
	if ticked {
		return s
	}
	return ""
}

func at[T any](list []T, i int) (zero T) {
	if i < len(list) {
		return list[i]
	}
	return zero
}
