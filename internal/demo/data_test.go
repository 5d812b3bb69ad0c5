package demo

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTheDataSetHoldsTogether(t *testing.T) {
	d, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Providers) < 12 || len(d.Enterprises) < 30 || len(d.Solutions) < 40 || len(d.Ratings) < 25 || len(d.Notices) < 8 {
		t.Fatalf("too little: %d providers, %d enterprises, %d solutions", len(d.Providers), len(d.Enterprises), len(d.Solutions))
	}
	providers, solutions, buyers := map[string]bool{}, map[string]Solution{}, map[string]bool{}
	unique := map[string]string{}
	once := func(kind, value, by string) {
		if other, ok := unique[kind+value]; ok {
			t.Errorf("%s %s is used by %s and %s", kind, value, other, by)
		}
		unique[kind+value] = by
	}
	company := func(key, uscc, phone, username string, region []string) {
		once("code", uscc, key)
		once("phone", phone, key)
		once("user", username, key)
		if !regexp.MustCompile(`^9199`).MatchString(uscc) || !validUSCC(uscc) {
			t.Errorf("%s: code %s", key, uscc)
		}
		if !regexp.MustCompile(`^1380000\d{4}$`).MatchString(phone) {
			t.Errorf("%s: phone %s", key, phone)
		}
		if !regexp.MustCompile(`^[A-Za-z0-9_]{6,30}$`).MatchString(username) {
			t.Errorf("%s: user name %s", key, username)
		}
		if len(region) != 3 || region[0][:2] != region[1][:2] || region[1][:2] != region[2][:2] {
			t.Errorf("%s: region %v", key, region)
		}
	}
	for _, p := range d.Providers {
		providers[p.Key] = true
		company(p.Key, p.USCC, p.Phone, p.Username, p.Region)
	}
	for _, e := range d.Enterprises {
		buyers[e.Key] = e.State == "verified"
		company(e.Key, e.USCC, e.Phone, e.Username, e.Region)
	}
	for _, s := range d.Solutions {
		once("solution", s.Key, s.Name)
		solutions[s.Key] = s
		if n := utf8.RuneCountInString(s.Introduction); n < 60 || n > 150 {
			t.Errorf("%s: introduction of %d characters", s.Key, n)
		}
		if s.State == "draft" {
			continue // may be half filled in
		}
		if !providers[s.Provider] || len(s.Cases) != 3 || len(s.Plans) == 0 || len(s.PriceRange) != 2 ||
			s.PriceRange[0] > s.PriceRange[1] || len(s.Categories) > 5 || len(s.Industries) > 3 {
			t.Errorf("%s breaks a rule of the listing form", s.Key)
		}
		for _, c := range s.Categories {
			if _, ok := d.Categories[c]; !ok {
				t.Errorf("%s: unknown class %s", s.Key, c)
			}
		}
		for _, p := range s.Plans {
			if p.YearFen == nil && p.MonthFen == nil && p.UnitFen == nil {
				t.Errorf("%s: plan %s has no price", s.Key, p.Name)
			}
		}
	}
	for _, o := range d.Orders {
		s, ok := solutions[o.Solution]
		if !ok || !buyers[o.Buyer] || s.State != "" || o.Plan >= len(s.Plans) || o.DaysAgo >= s.AgeDays {
			t.Errorf("order of %s for %s cannot have happened", o.Buyer, o.Solution)
			continue
		}
		p := s.Plans[o.Plan]
		if map[string]*int64{"year": p.YearFen, "month": p.MonthFen, "unit": p.UnitFen}[o.Unit] == nil {
			t.Errorf("order of %s for %s: no price by %s", o.Buyer, o.Solution, o.Unit)
		}
	}
	types := map[string]bool{}
	for _, v := range d.Scheme.VoucherTypes {
		types[v.Key] = true
	}
	for _, c := range d.Scheme.Campaigns {
		for _, v := range c.Vouchers {
			if !types[v.Type] || int64(v.Claim) > v.Quota || c.OpensDays >= c.ClosesDays {
				t.Errorf("campaign %s", c.Key)
			}
		}
	}
}

func TestTheSurveyBeginsAsTheGuidePrintsIt(t *testing.T) {
	d, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	s := d.Surveys[0]
	if s.Title != "推荐试点企业需求调研表" {
		t.Fatal(s.Title)
	}
	for i, title := range []string{"企业名称", "所在市", "企业类型"} {
		if s.Questions[i].Title != title || !s.Questions[i].Required {
			t.Errorf("question %d: %+v", i+1, s.Questions[i])
		}
	}
	var labels []string
	for _, o := range s.Questions[2].Options {
		labels = append(labels, o[1])
	}
	want := []string{"私营企业", "外资企业", "集体所有制企业", "国有企业", "股份制企业", "港、澳、台企业", "合资企业"}
	if !slices.Equal(labels, want) {
		t.Errorf("options %v", labels)
	}
}

// validUSCC is the check sum of GB 32100, written again here so that the data
// are not judged by the code they exercise.
func validUSCC(code string) bool {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	if len(code) != 18 {
		return false
	}
	sum, weight := 0, 1
	for _, c := range code[:17] {
		i := strings.IndexRune(alphabet, c)
		if i < 0 {
			return false
		}
		sum += i * weight
		weight = weight * 3 % 31
	}
	return code[17] == alphabet[(31-sum%31)%31]
}
