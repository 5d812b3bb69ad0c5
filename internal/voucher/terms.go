package voucher

import (
	"slices"
	"strings"
	"time"

	"smedx/internal/codelist"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// Billing says which kind of price a voucher pays for.
type Billing string

// BillingStandalone (单独计价): offerings that carry a price of their own.
const BillingStandalone Billing = "standalone"

// WholeShare is a share of 100 %: shares count in ten-thousandths.
const WholeShare int64 = 10_000

// Terms are the rules of a voucher. They are frozen when its campaign is submitted.
type Terms struct {
	MinOrder  money.Fen `json:"minOrderFen" doc:"Least sum of the lines that fit"`
	Share     int64     `json:"share" doc:"Of the lines that fit, in 1/10000"`
	Cap       money.Fen `json:"capFen" doc:"Most for one checkout; 0 means no cap"`
	Scope     Scope     `json:"scope"`
	Validity  Validity  `json:"validity"`
	Billing   Billing   `json:"billing" enum:"standalone" doc:"standalone: 单独计价"`
	Stackable bool      `json:"stackable" doc:"May be used beside other vouchers"`
}

// Scope says what a voucher fits. An empty list means "any"; a line fits when
// each list that is not empty names something of it.
type Scope struct {
	Categories []string `json:"categories"`
	Industries []string `json:"industries"`
	Tags       []string `json:"tags"`
	Providers  []id.ID  `json:"providers"`
	Regions    []string `json:"regions" doc:"Where the buying company must sit"`
	Sizes      []string `json:"sizes,omitempty" doc:"Of which size it must be: micro, small, medium, large"` // absent, not empty: what was approved before there were sizes keeps its hash
}

// Validity is a fixed period [From, Until) or a number of days from the issue.
// Days end at midnight in China: issued at any time of the 3rd for 7 days, a
// voucher is good through the 10th.
type Validity struct {
	From  clock.Instant `json:"from,omitzero"`
	Until clock.Instant `json:"until,omitzero" doc:"Exclusive"`
	Days  int64         `json:"days" doc:"From the issue; 0 means a fixed period"`
}

// Of answers the period of a voucher that is issued now.
func (v Validity) Of(now time.Time) (from, until clock.Instant) {
	if v.Days == 0 {
		return v.From, v.Until
	}
	local := now.In(clock.Shanghai)
	end := time.Date(local.Year(), local.Month(), local.Day()+int(v.Days)+1, 0, 0, 0, 0, clock.Shanghai)
	return clock.At(now), clock.At(end)
}

// Line is one line of a checkout as a voucher sees it. Key is the caller's own
// number of the line; OrderID is zero in a quote.
type Line struct {
	Key                          int
	OrderID                      id.ID
	ProviderOrg, OfferingID      id.ID
	Categories, Industries, Tags []string
	Amount                       money.Fen
}

// Fits reports whether the voucher may pay for the line at all.
func (s Scope) Fits(l Line) bool {
	return within(categoryList, s.Categories, l.Categories) && within(codelist.Industry, s.Industries, l.Industries) && overlap(s.Tags, l.Tags) &&
		(len(s.Providers) == 0 || slices.Contains(s.Providers, l.ProviderOrg))
}

// apart is what of the scope none of the lines meets; where each is met by some line, but
// no line meets all, it is the whole scope of goods.
func (s Scope) apart(lines []Line) (out Scope) {
	if !slices.ContainsFunc(lines, func(l Line) bool { return within(categoryList, s.Categories, l.Categories) }) {
		out.Categories = s.Categories
	}
	if !slices.ContainsFunc(lines, func(l Line) bool { return within(codelist.Industry, s.Industries, l.Industries) }) {
		out.Industries = s.Industries
	}
	if !slices.ContainsFunc(lines, func(l Line) bool { return overlap(s.Tags, l.Tags) }) {
		out.Tags = s.Tags
	}
	if len(s.Providers) > 0 && !slices.ContainsFunc(lines, func(l Line) bool { return slices.Contains(s.Providers, l.ProviderOrg) }) {
		out.Providers = s.Providers
	}
	if len(out.Categories)+len(out.Industries)+len(out.Tags)+len(out.Providers) == 0 {
		return Scope{Categories: s.Categories, Industries: s.Industries, Tags: s.Tags, Providers: s.Providers}
	}
	return out
}

func overlap(wanted, have []string) bool {
	return len(wanted) == 0 || slices.ContainsFunc(wanted, func(w string) bool { return slices.Contains(have, w) })
}

const categoryList = "solution_class"

// within is overlap for lists that are trees: what is asked holds what lies below it.
func within(list string, wanted, have []string) bool {
	if overlap(wanted, have) {
		return true
	}
	tree, ok := codelist.Get(list)
	return ok && slices.ContainsFunc(have, func(code string) bool {
		return slices.ContainsFunc(tree.Path(code), func(above codelist.Item) bool { return slices.Contains(wanted, above.Value) })
	})
}

// minds reports whether it matters who buys.
func (s Scope) minds() bool { return len(s.Regions)+len(s.Sizes) > 0 }

// refuses answers why a company may not use the voucher anywhere, or "".
func (s Scope) refuses(c Company) Reason {
	switch {
	case !inRegion(s.Regions, c.RegionCode):
		return WhyRegion
	case len(s.Sizes) > 0 && !slices.Contains(s.Sizes, c.Size):
		return WhySize
	}
	return ""
}

// inRegion reports whether a region code lies in one of the wanted ones; codes
// are hierarchical, two digits a level: 440000 holds 440300 and 440305.
func inRegion(wanted []string, code string) bool {
	return len(wanted) == 0 || code != "" && slices.ContainsFunc(wanted, func(w string) bool {
		for strings.HasSuffix(w, "00") {
			w = strings.TrimSuffix(w, "00")
		}
		return strings.HasPrefix(code, w)
	})
}

// pays reports whether the voucher may pay something of the line.
func (t Terms) pays(l Line) bool { return l.Amount > 0 && t.Scope.Fits(l) }

// fitting sums the lines that the voucher may pay for.
func (t Terms) fitting(lines []Line) (sum money.Fen) {
	for _, l := range lines {
		if t.pays(l) {
			sum += l.Amount
		}
	}
	return sum
}

// deduction answers what a balance pays of the lines: min(balance, share of the
// fitting lines, cap), never more than is left of them, split over them without
// losing a fen. Share and minimum count on the lines' full amounts, so that what
// other vouchers paid before changes only what is left to pay.
func (t Terms) deduction(balance money.Fen, lines []Line, left []money.Fen) []money.Fen {
	var open money.Fen
	weights := make([]money.Fen, len(lines))
	for i, l := range lines {
		if t.pays(l) {
			open += left[i]
			weights[i] = left[i]
		}
	}
	fitting := t.fitting(lines)
	if fitting < t.MinOrder {
		return make([]money.Fen, len(lines))
	}
	total := min(balance, fitting.Share(t.Share, WholeShare), open)
	if t.Cap > 0 {
		total = min(total, t.Cap)
	}
	return money.Split(total, weights)
}

func (t *Terms) check(face money.Fen, bad *errs.Fields) {
	if t.MinOrder < 0 || t.MinOrder > money.MaxTotal {
		bad.Add("/terms/minOrderFen", "field.money_range", "min", money.Fen(0), "max", money.MaxTotal)
	}
	if t.Share < 1 || t.Share > WholeShare {
		bad.Add("/terms/share", "field.out_of_range", "min", int64(1), "max", WholeShare)
	}
	if t.Cap < 0 || t.Cap > face {
		bad.Add("/terms/capFen", "field.money_range", "min", money.Fen(0), "max", face)
	}
	if t.Billing != BillingStandalone {
		bad.Add("/terms/billing", "field.choice")
	}
	switch v := t.Validity; {
	case v.Days < 0 || v.Days > 1830:
		bad.Add("/terms/validity/days", "field.out_of_range", "min", int64(1), "max", int64(1830))
	case v.Days == 0 && (v.From.IsZero() || v.Until <= v.From):
		bad.Add("/terms/validity/until", "field.period_empty")
	case v.Days > 0 && (!v.From.IsZero() || !v.Until.IsZero()):
		bad.Add("/terms/validity/days", "field.period_or_days")
	}
	for pointer, list := range map[string]*[]string{
		"/terms/scope/categories": &t.Scope.Categories, "/terms/scope/industries": &t.Scope.Industries,
		"/terms/scope/tags": &t.Scope.Tags, "/terms/scope/regions": &t.Scope.Regions,
	} {
		tidyCodes(pointer, list, bad)
	}
	tidySizes("/terms/scope/sizes", &t.Scope.Sizes, bad)
	if t.Scope.Providers == nil {
		t.Scope.Providers = []id.ID{}
	}
	if len(t.Scope.Providers) > maxCodes {
		bad.Add("/terms/scope/providers", "field.too_many", "max", maxCodes)
	}
}

const maxCodes = 200

// tidySizes is tidyCodes for sizes of companies, which must be known ones.
func tidySizes(pointer string, list *[]string, bad *errs.Fields) {
	tidyCodes(pointer, list, bad)
	if slices.ContainsFunc(*list, func(s string) bool { return !slices.Contains(sizes, s) }) {
		bad.Add(pointer, "field.choice")
	}
}

// tidyCodes trims, sorts and de-duplicates a list of codes, so that equal rules are equal text.
func tidyCodes(pointer string, list *[]string, bad *errs.Fields) {
	tidy := make([]string, 0, len(*list))
	for _, c := range *list {
		if c = strings.TrimSpace(c); c != "" {
			tidy = append(tidy, c)
		}
	}
	slices.Sort(tidy)
	*list = slices.Compact(tidy)
	if len(*list) > maxCodes {
		bad.Add(pointer, "field.too_many", "max", maxCodes)
	}
}
