package voucher

import (
	"slices"
	"testing"
	"time"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// T-MON-03: the table of the scheme's rule: deduction = min(balance, floor(eligible * share), cap).
func TestDeductionIsTheLeastOfBalanceShareAndCap(t *testing.T) {
	for _, c := range []struct {
		name    string
		lines   []money.Fen
		fits    []bool // nil: all
		balance money.Fen
		share   int64
		cap     money.Fen
		least   money.Fen
		want    []money.Fen
	}{
		{"a voucher worth more than the order covers all of it", []money.Fen{300}, nil, 50000, 10000, 0, 0, []money.Fen{300}},
		{"an empty voucher pays nothing", []money.Fen{23400}, nil, 0, 10000, 0, 0, []money.Fen{0}},
		{"the balance may be exactly the price", []money.Fen{23400}, nil, 23400, 10000, 0, 0, []money.Fen{23400}},
		{"a balance below the price is split by the lines' amounts", []money.Fen{100000, 50000}, nil, 60000, 10000, 0, 0, []money.Fen{40000, 20000}},
		{"a share of half leaves half to pay", []money.Fen{100000, 50000}, nil, 600000, 5000, 0, 0, []money.Fen{50000, 25000}},
		{"the cap bounds what the share allows", []money.Fen{100000, 50000}, nil, 600000, 5000, 30000, 0, []money.Fen{20000, 10000}},
		{"the fen that rounding leaves goes to the first of equal lines", []money.Fen{100, 100, 100}, nil, 100, 10000, 0, 0, []money.Fen{34, 33, 33}},
		{"no fen is lost between a large and a tiny line", []money.Fen{99999, 1}, nil, 50000, 3333, 0, 0, []money.Fen{33330, 0}},
		{"only fitting lines count", []money.Fen{100000, 50000}, []bool{false, true}, 60000, 10000, 0, 0, []money.Fen{0, 50000}},
		{"below the minimum it pays nothing", []money.Fen{9999}, nil, 5000, 10000, 0, 10000, []money.Fen{0}},
		{"the minimum counts fitting lines only", []money.Fen{100000, 9999}, []bool{false, true}, 5000, 10000, 0, 10000, []money.Fen{0, 0}},
		{"at the minimum it pays", []money.Fen{10000}, nil, 5000, 10000, 0, 10000, []money.Fen{5000}},
		{"the largest amounts do not overflow", []money.Fen{money.MaxTotal}, nil, money.MaxTotal, 9999, 0, 0, []money.Fen{money.MaxTotal / 10000 * 9999}},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines := make([]Line, len(c.lines))
			for i, amount := range c.lines {
				lines[i] = Line{Key: i, Amount: amount, Tags: []string{"other"}}
				if c.fits == nil || c.fits[i] {
					lines[i].Tags = []string{"fits"}
				}
			}
			terms := Terms{Share: c.share, Cap: c.cap, MinOrder: c.least, Scope: Scope{Tags: []string{"fits"}}}
			if got := terms.deduction(c.balance, lines, amounts(lines)); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// T-MON-03: several vouchers together pay each line once at most.
func TestSeveralVouchersNeverPayMoreThanTheLines(t *testing.T) {
	half := Terms{Share: 5000, Stackable: true}
	lines := []Line{{Key: 1, Amount: 10001}, {Key: 2, Amount: 7}}
	uses, err := plan([]Voucher{{Available: 4000, Terms: half}, {Available: 9999, Terms: half}, {Available: 9999, Terms: half}}, lines)
	if err != nil {
		t.Fatal(err)
	}
	left := amounts(lines)
	for _, u := range uses {
		for i, part := range u.ByLine {
			if left[i] -= part; left[i] < 0 {
				t.Errorf("line %d is paid %v too much", i, -left[i])
			}
		}
	}
	if uses[0].Amount != 4000 || uses[1].Amount != 5004 || uses[2].Amount != 1004 {
		t.Errorf("%v", uses)
	}
}

// T-MON-03: only what lies in the scope is paid.
func TestEachScopeListThatIsNotEmptyMustNameSomethingOfTheLine(t *testing.T) {
	line := Line{ProviderOrg: 7, Categories: []string{"erp", "mes"}, Industries: []string{"34"}, Tags: []string{"cloud"}}
	for _, c := range []struct {
		name  string
		scope Scope
		want  bool
	}{
		{"no list fits everything", Scope{}, true},
		{"one of two categories is enough", Scope{Categories: []string{"mes", "crm"}}, true},
		{"another category does not fit", Scope{Categories: []string{"crm"}}, false},
		{"lists are joined by and", Scope{Categories: []string{"erp"}, Industries: []string{"13"}}, false},
		{"an industry holds what lies in it", Scope{Industries: []string{"C"}}, true},
		{"a group of categories holds its own", Scope{Categories: []string{"g1"}}, false},
		{"the provider counts", Scope{Providers: ids(7)}, true},
		{"another provider does not fit", Scope{Providers: ids(8)}, false},
	} {
		if got := c.scope.Fits(line); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestRegionsHoldWhatLiesInThem(t *testing.T) {
	for _, c := range []struct {
		wanted string
		code   string
		want   bool
	}{
		{"440000", "440305", true}, {"440300", "440305", true}, {"440305", "440305", true},
		{"440300", "440100", false}, {"44", "440100", true}, {"440000", "", false}, {"110000", "440305", false},
	} {
		if got := inRegion([]string{c.wanted}, c.code); got != c.want {
			t.Errorf("%s in %s: %v", c.code, c.wanted, got)
		}
	}
	if !inRegion(nil, "") {
		t.Error("no region asks for none")
	}
}

func TestDaysEndAtMidnightInChina(t *testing.T) {
	issued := time.Date(2026, 11, 3, 23, 59, 0, 0, clock.Shanghai)
	_, until := Validity{Days: 7}.Of(issued)
	if want := clock.At(time.Date(2026, 11, 11, 0, 0, 0, 0, clock.Shanghai)); until != want {
		t.Errorf("%s, want %s", until.Local(), want.Local())
	}
}

func TestRulesExplainEachAnswer(t *testing.T) {
	rules := Rules{Sizes: []string{"micro", "small"}, Regions: []string{"440000"}, Industries: []string{"C"}}
	met := func(c Company) (all []bool) {
		for _, a := range rules.Explain(c) {
			all = append(all, a.Met)
		}
		return all
	}
	small := Company{Verified: true, Size: "small", RegionCode: "440305", Industries: []string{"34", "35"}}
	if got := met(small); !slices.Equal(got, []bool{true, true, true, true}) {
		t.Error(got)
	}
	elsewhere := small
	elsewhere.RegionCode = "110101"
	if got := met(elsewhere); !slices.Equal(got, []bool{true, true, false, true}) {
		t.Error(got)
	}
	for i, a := range rules.Explain(Company{Size: "small", RegionCode: "440305", Industries: []string{"34"}}) {
		if known := a.Rule == RuleVerified; a.Met || a.Known != known || (i == 0) != known || len(a.Have) > 0 {
			t.Errorf("of a company that is not verified nothing is known but that, and it comes first: %+v", a)
		}
	}
}

func TestAVoucherSaysWhyItCannotPay(t *testing.T) {
	now := time.Date(2026, 11, 3, 12, 0, 0, 0, clock.Shanghai)
	at := clock.At(now)
	good := Voucher{Status: Active, Available: 500, ValidFrom: at, ExpiresAt: at + 1, Terms: Terms{MinOrder: 1000, Share: WholeShare, Scope: Scope{Categories: []string{"mes"}, Regions: []string{"440000"}, Sizes: []string{"micro", "small"}}}}
	lines := []Line{{Categories: []string{"mes"}, Amount: 1000}, {Categories: []string{"erp"}, Amount: 9000}}
	for want, change := range map[Reason]func(*Voucher){
		"":         func(*Voucher) {},
		WhyFrozen:  func(v *Voucher) { v.Status = Frozen },
		WhyEnded:   func(v *Voucher) { v.ExpiresAt = at },
		WhyNotYet:  func(v *Voucher) { v.ValidFrom, v.ExpiresAt = at+1, at+2 },
		WhyHeld:    func(v *Voucher) { v.Available, v.Held = 0, 500 },
		WhyRegion:  func(v *Voucher) { v.Terms.Scope.Regions = []string{"110000"} },
		WhySize:    func(v *Voucher) { v.Terms.Scope.Sizes = []string{"micro", "medium"} },
		WhyScope:   func(v *Voucher) { v.Terms.Scope.Categories = []string{"plm"} },
		WhyMinimum: func(v *Voucher) { v.Terms.MinOrder = 1001 },
		WhyNothing: func(v *Voucher) {
			v.Terms.MinOrder, v.Terms.Share, v.Terms.Scope.Categories = 0, 1, []string{"mes"}
			lines[0].Amount = 1
		},
	} {
		lines[0].Amount = 1000
		v := good
		change(&v)
		f := v.beside(lines, now, Company{RegionCode: "440305", Size: "small"})
		if f.Why != want || (f.Max > 0) != (want == "") {
			t.Errorf("%q: says %q and would pay %v", want, f.Why, f.Max)
		}
	}
}

func ids(values ...int64) (out []id.ID) {
	for _, v := range values {
		out = append(out, id.ID(v))
	}
	return out
}

// What is said of a voucher that does not fit is what is not met, and nothing else.
func TestWhatOfAScopeIsNotMet(t *testing.T) {
	goods := []Line{
		{ProviderOrg: 1, Categories: []string{"mes"}, Industries: []string{"34"}, Tags: []string{"ai"}, Amount: 100},
		{ProviderOrg: 2, Categories: []string{"plm"}, Industries: []string{"13"}, Tags: []string{"5g"}, Amount: 100},
	}
	for name, c := range map[string]struct{ scope, want Scope }{
		"a category":       {Scope{Categories: []string{"erp"}, Tags: []string{"ai"}}, Scope{Categories: []string{"erp"}}},
		"a provider":       {Scope{Providers: []id.ID{3}, Industries: []string{"34"}}, Scope{Providers: []id.ID{3}}},
		"an industry, tag": {Scope{Industries: []string{"36"}, Tags: []string{"x"}}, Scope{Industries: []string{"36"}, Tags: []string{"x"}}},
		"no line has both": {Scope{Categories: []string{"mes"}, Providers: []id.ID{2}}, Scope{Categories: []string{"mes"}, Providers: []id.ID{2}}},
	} {
		got := c.scope.apart(goods)
		if !slices.Equal(got.Categories, c.want.Categories) || !slices.Equal(got.Industries, c.want.Industries) || !slices.Equal(got.Tags, c.want.Tags) || !slices.Equal(got.Providers, c.want.Providers) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	c := Campaign{Vouchers: []CampaignVoucher{
		{ID: 1}, {ID: 2, Terms: Terms{Scope: Scope{Regions: []string{"320000"}}}}, {ID: 3, Terms: Terms{Scope: Scope{Sizes: []string{"medium"}}}},
	}}
	small := Company{Verified: true, RegionCode: "330282", Size: "small"}
	if got := c.unfit(small); len(got) != 2 || got[2] != WhyRegion || got[3] != WhySize {
		t.Errorf("%v", got)
	}
	if got := c.unfit(Company{}); len(got) != 0 {
		t.Errorf("whoever is not verified reads that first: %v", got)
	}
}
