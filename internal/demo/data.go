// Package demo holds the demonstration data set and loads it through the
// services, as real users would enter it. Companies, people and figures are
// invented; credit codes use division 99xxxx, which exists nowhere. It does not
// touch a table of its own accord and is never run without being asked for.
package demo

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

//go:embed data/*.yaml
var files embed.FS

// Provider is a company that sells solutions.
type Provider struct {
	Key            string   `yaml:"key"`
	Username       string   `yaml:"username"`
	Name           string   `yaml:"name"`
	Short          string   `yaml:"short"`
	USCC           string   `yaml:"uscc"`
	Region         []string `yaml:"region"` // province, city, district
	Address        string   `yaml:"address"`
	Legal          string   `yaml:"legal"`
	Contact        string   `yaml:"contact"`
	Position       string   `yaml:"position"`
	Phone          string   `yaml:"phone"`
	Email          string   `yaml:"email"`
	Hotline        string   `yaml:"hotline"`
	Established    string   `yaml:"established"` // yyyy-mm-dd
	Staff          int64    `yaml:"staff"`
	RDStaff        int64    `yaml:"rd_staff"`
	DeliveryStaff  int64    `yaml:"delivery_staff"`
	Type           string   `yaml:"type"`
	Scope          []string `yaml:"scope"`
	Scenarios      []string `yaml:"scenarios"`
	Industries     []string `yaml:"industries"`
	Qualifications []string `yaml:"qualifications"`
	Customers      int64    `yaml:"customers"`
	RevenueFen     []int64  `yaml:"revenue_fen"` // last year first
	Introduction   string   `yaml:"introduction"`
}

// Enterprise is a company that buys.
type Enterprise struct {
	Key            string   `yaml:"key"`
	Username       string   `yaml:"username"`
	Name           string   `yaml:"name"`
	USCC           string   `yaml:"uscc"`
	Region         []string `yaml:"region"`
	Address        string   `yaml:"address"`
	PostalCode     string   `yaml:"postal_code"`
	Industry       string   `yaml:"industry"` // GB/T 4754 division
	Chain          string   `yaml:"chain"`
	Nature         string   `yaml:"nature"`
	Cultivation    string   `yaml:"cultivation"`
	Staff          int64    `yaml:"staff"`
	InsuredStaff   int64    `yaml:"insured_staff"`
	RDStaff        int64    `yaml:"rd_staff"`
	RevenueFen     []int64  `yaml:"revenue_fen"`
	AssetsFen      int64    `yaml:"assets_fen"`
	Established    string   `yaml:"established"`
	Products       string   `yaml:"products"`
	Legal          string   `yaml:"legal"`
	Contact        string   `yaml:"contact"`
	Position       string   `yaml:"position"`
	Phone          string   `yaml:"phone"`
	Email          string   `yaml:"email"`
	DigitalRatio   int64    `yaml:"digital_ratio"`   // per cent of machines
	NetworkedRatio int64    `yaml:"networked_ratio"` // per cent of machines
	Profile        string   `yaml:"profile"`
	State          string   `yaml:"state"` // verified, pending, returned, draft
	// A lead of 风险线索 to try: the phone that the form states is that of another
	// company, and so is the device that the account was registered from.
	SharedWith string `yaml:"shared_with"` // key of an enterprise or provider
}

// Case is one of the three case studies of a solution.
type Case struct {
	Customer string `yaml:"customer"`
	Output   string `yaml:"output"` // 万元, two decimals
	Sale     string `yaml:"sale"`   // 万元, two decimals
	Months   string `yaml:"months"`
	Story    string `yaml:"story"`
}

// Plan is a way to buy a solution; a price that is absent is not offered.
type Plan struct {
	Name       string            `yaml:"name"`
	Attributes map[string]string `yaml:"attributes"`
	Free       bool              `yaml:"free"`
	YearFen    *int64            `yaml:"year_fen"`
	MonthFen   *int64            `yaml:"month_fen"`
	UnitFen    *int64            `yaml:"unit_fen"`
	Delivery   string            `yaml:"delivery"` // acceptance, instant
}

// Solution is an offering of a provider.
type Solution struct {
	Key          string   `yaml:"key"`
	Provider     string   `yaml:"provider"`
	Name         string   `yaml:"name"`
	Product      string   `yaml:"product"`
	Categories   []string `yaml:"categories"`
	Industries   []string `yaml:"industries"`
	Tags         []string `yaml:"tags"`
	PriceRange   []string `yaml:"price_range"` // lowest and highest band
	Cycle        string   `yaml:"cycle"`
	Effort       string   `yaml:"effort"`
	AgeDays      int      `yaml:"age_days"`
	Featured     bool     `yaml:"featured"`
	Like         string   `yaml:"like"`    // an own solution whose form this one begins with
	State        string   `yaml:"state"`   // empty means listed; draft, in_review, returned, rejected, withdrawn, delisted
	Stage        string   `yaml:"stage"`   // operator, experts, department: who has it, or who sent it back
	Opinion      string   `yaml:"opinion"` // what was said when it was sent back, or why it was delisted
	Marks        []string `yaml:"marks"`   // pointers to correct, where it was returned
	Next         *Version `yaml:"next"`
	Introduction string   `yaml:"introduction"`
	Highlights   []string `yaml:"highlights"`
	Description  string   `yaml:"description"`
	Cases        []Case   `yaml:"cases"`
	Plans        []Plan   `yaml:"plans"`
}

// Version is a new one of a solution that stays on sale meanwhile: dearer by some
// per cent, with one more highlight.
type Version struct {
	AgeDays   int      `yaml:"age_days"`
	State     string   `yaml:"state"`
	Stage     string   `yaml:"stage"`
	Opinion   string   `yaml:"opinion"`
	Marks     []string `yaml:"marks"`
	Raise     int64    `yaml:"raise"`
	Highlight string   `yaml:"highlight"`
}

// Category is what every solution of a class has in common on its page.
type Category struct {
	Content []string `yaml:"content"`
	Notes   []string `yaml:"notes"`
}

// Staff is an account of the centre, the department or the expert panel.
type Staff struct {
	Username      string `yaml:"username"`
	Name          string `yaml:"name"`
	Role          string `yaml:"role"`
	Phone         string `yaml:"phone"`
	Email         string `yaml:"email"`
	Position      string `yaml:"position"`
	Age           int64  `yaml:"age"`
	Gender        string `yaml:"gender"`
	Education     string `yaml:"education"`
	IIoTField     string `yaml:"iiot_field"`
	IndustryField string `yaml:"industry_field"`
	OpsField      string `yaml:"operation_field"`
	IIoTYears     int64  `yaml:"iiot_years"`
	IndustryYears int64  `yaml:"industry_years"`
	Achievements  string `yaml:"achievements"`
	Bio           string `yaml:"bio"`
	Provider      string `yaml:"provider"` // who entered this expert, who then has no account
	Declined      string `yaml:"declined"` // why the operator did not admit
}

// Scheme is the voucher side: budgets, voucher types and campaigns.
type Scheme struct {
	Budgets      []Budget      `yaml:"budgets"`
	VoucherTypes []VoucherType `yaml:"voucher_types"`
	Campaigns    []Campaign    `yaml:"campaigns"`
}

// Budget is public money that campaigns draw on.
type Budget struct {
	Key       string `yaml:"key"`
	Name      string `yaml:"name"`
	Source    string `yaml:"source"`
	AmountFen int64  `yaml:"amount_fen"`
}

// VoucherType is what a voucher is worth and where it may be used. An empty
// scope means no limit; Share is in 1/10000 of an eligible order.
type VoucherType struct {
	Key         string   `yaml:"key"`
	Name        string   `yaml:"name"`
	Budget      string   `yaml:"budget"`
	FaceFen     int64    `yaml:"face_fen"`
	MinSpendFen int64    `yaml:"min_spend_fen"`
	Share       int64    `yaml:"share"`
	ValidDays   int      `yaml:"valid_days"`
	Categories  []string `yaml:"categories"`
	Tags        []string `yaml:"tags"`
	Sizes       []string `yaml:"sizes"`
	Rules       string   `yaml:"rules"`
}

// Campaign opens and closes relative to the day of loading.
type Campaign struct {
	Key        string `yaml:"key"`
	Name       string `yaml:"name"`
	Mode       string `yaml:"mode"` // application, rush
	OpensDays  int    `yaml:"opens_days"`
	ClosesDays int    `yaml:"closes_days"`
	PerOrg     int64  `yaml:"per_org"`
	Intro      string `yaml:"intro"`
	Vouchers   []struct {
		Type  string `yaml:"type"`
		Quota int64  `yaml:"quota"`
		Claim int    `yaml:"claim"` // how many enterprises the loader lets claim
		Left  string `yaml:"left"`  // the enterprise that is left to claim by hand
	} `yaml:"vouchers"`
}

// Order is a purchase that the loader carries as far as Until says.
type Order struct {
	Buyer    string `yaml:"buyer"`
	Solution string `yaml:"solution"`
	Plan     int    `yaml:"plan"`
	Unit     string `yaml:"unit"` // year, month, unit
	Quantity int64  `yaml:"quantity"`
	DaysAgo  int    `yaml:"days_ago"`
	Pay      string `yaml:"pay"` // none, cash, voucher
	Until    string `yaml:"until"`
	Hasty    bool   `yaml:"hasty"` // accepted minutes after it was handed over: a lead to try
}

// Rating is a buyer's score (1 to 5) and text, of solutions of the classes in
// For, or of any.
type Rating struct {
	For   []string `yaml:"for"`
	Score int64    `yaml:"score"`
	Text  string   `yaml:"text"`
	Reply string   `yaml:"reply"`
}

// Notice is a publication on the portal, Days old.
type Notice struct {
	Key     string `yaml:"key"`
	Title   string `yaml:"title"`
	Issuer  string `yaml:"issuer"`
	Number  string `yaml:"number"`
	Topic   string `yaml:"topic"`
	Days    int    `yaml:"days"`
	Pinned  bool   `yaml:"pinned"`
	State   string `yaml:"state"`
	Survey  string `yaml:"survey"`
	Contact string `yaml:"contact"`
	Body    string `yaml:"body"`
}

// Announcement is shown in the workbench of its audience.
type Announcement struct {
	Title    string `yaml:"title"`
	Days     int    `yaml:"days"`
	Audience string `yaml:"audience"`
	Pinned   bool   `yaml:"pinned"`
	Body     string `yaml:"body"`
}

// Survey is a questionnaire; Questions keep the form of the survey module.
type Survey struct {
	Key       string     `yaml:"key"`
	Title     string     `yaml:"title"`
	Intro     string     `yaml:"intro"`
	Questions []Question `yaml:"questions"`
}

// Question is one question; Options are pairs of value and label.
type Question struct {
	Key        string      `yaml:"key"`
	Type       string      `yaml:"type"`
	Title      string      `yaml:"title"`
	Section    string      `yaml:"section"`
	Required   bool        `yaml:"required"`
	Options    [][2]string `yaml:"options"`
	Exclusive  string      `yaml:"exclusive"`
	MaxChoices int         `yaml:"max_choices"`
	MaxLength  int         `yaml:"max_length"`
	Min        int64       `yaml:"min"`
	Max        int64       `yaml:"max"`
	Unit       string      `yaml:"unit"`
	Levels     int         `yaml:"levels"`
	Low        string      `yaml:"low"`
	High       string      `yaml:"high"`
	Prefill    string      `yaml:"prefill"`
}

// Data is the whole set.
type Data struct {
	Providers     []Provider
	Enterprises   []Enterprise
	Solutions     []Solution
	Categories    map[string]Category
	Staff         []Staff
	Scheme        Scheme
	Orders        []Order
	Ratings       []Rating
	Notices       []Notice
	Announcements []Announcement
	Surveys       []Survey
}

// Read parses the embedded files; a key that no type knows is an error.
func Read() (Data, error) {
	var d Data
	var parts [4][]Solution
	for _, f := range []struct {
		name string
		into any
	}{
		{"providers", &d.Providers}, {"enterprises", &d.Enterprises},
		{"solutions-1", &parts[0]}, {"solutions-2", &parts[1]}, {"solutions-3", &parts[2]}, {"solutions-4", &parts[3]},
		{"categories", &d.Categories}, {"staff", &d.Staff}, {"campaigns", &d.Scheme},
		{"orders", &d.Orders}, {"ratings", &d.Ratings}, {"notices", &d.Notices},
		{"announcements", &d.Announcements}, {"surveys", &d.Surveys},
	} {
		raw, err := files.ReadFile("data/" + f.name + ".yaml")
		if err != nil {
			return d, err
		}
		dec := yaml.NewDecoder(bytes.NewReader(raw))
		dec.KnownFields(true)
		if err := dec.Decode(f.into); err != nil {
			return d, fmt.Errorf("demo data %s: %w", f.name, err)
		}
	}
	for _, p := range parts {
		d.Solutions = append(d.Solutions, p...)
	}
	for i, s := range d.Solutions {
		if at := slices.IndexFunc(d.Solutions, func(o Solution) bool { return o.Key == s.Like }); at >= 0 {
			d.Solutions[i] = s.begunAs(d.Solutions[at])
		} else if s.Like != "" {
			return d, fmt.Errorf("demo data: %s is like %s, which is nowhere", s.Key, s.Like)
		}
	}
	return d, nil
}

// begunAs fills what a solution leaves out with what another says.
func (s Solution) begunAs(o Solution) Solution {
	for _, list := range []struct{ to, from *[]string }{
		{&s.Categories, &o.Categories}, {&s.Industries, &o.Industries}, {&s.Tags, &o.Tags}, {&s.PriceRange, &o.PriceRange},
	} {
		if *list.to == nil {
			*list.to = *list.from
		}
	}
	s.Cycle, s.Effort = cmp.Or(s.Cycle, o.Cycle), cmp.Or(s.Effort, o.Effort)
	if s.Cases == nil {
		s.Cases = o.Cases
	}
	if s.Plans == nil {
		s.Plans = o.Plans
	}
	return s
}
