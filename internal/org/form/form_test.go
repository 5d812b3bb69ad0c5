package form

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"smedx/internal/codelist"
)

var today = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

func formOf(t *testing.T, kind string) *Definition {
	t.Helper()
	d, ok := Builtin(kind)
	if !ok {
		t.Fatal("no form for", kind)
	}
	return d.In(2026)
}

func enterprise() map[string]any {
	return map[string]any{
		"company_name": "厦门示例机械有限公司", "legal_rep_mobile": "13800001234", "contact_phone": "0592-1234567",
		"email": "Office@Example.com", "established_on": "2010-05-01", "business_license": "1", "registration_type": "173",
		"is_listed": "no", "industries": []any{"34"}, "key_industry_chain": "equipment", "legal_representative": "张三",
		"contact_person": "李四", "contact_position": "经理", "postal_code": "361000", "uscc": "91990100972281863j",
		"tax_credit_grade": "A", "core_products": []any{"减速机"}, "registered_region": "350203",
		"revenue_y1": float64(2_000_000_000), "total_assets": float64(1_000_000_000), "employees_total": float64(300),
	}
}

func provider() map[string]any {
	return map[string]any{
		"company_name": "厦门示例软件有限公司", "uscc": "91990203CP50L23D3J", "business_license": "2",
		"service_scope": []any{"software"}, "service_industries": []any{"34", "C"}, "industrial_customers": float64(12),
		"operating_since": "2015-01-01", "employees_total": float64(80), "revenue_y3": float64(1e10), "revenue_y2": float64(1e10),
		"revenue_y1": float64(1e10), "avg_sales_3y": float64(1e10), "avg_industrial_sales_3y": float64(5e9), "solution_share": "40.5",
		"industries": []any{"65"}, "registered_region": "350203", "contact_person": "王五", "contact_phone": "13900001234",
	}
}

func TestFormsHaveTheGuidesCounts(t *testing.T) {
	for kind, want := range map[string]string{
		"enterprise": "企业背景 43 运营 16 人员 15 信息数字化 12 固定资产 12 生产 5 供应链 5 客户服务 1 安全环保 3 融资条件 11 融资状况 14 创新研发 16",
		"provider":   "服务商背景 36",
	} {
		written, _ := Builtin(kind)
		var got []string
		for i, s := range formOf(t, kind).Sections {
			got = append(got, fmt.Sprintf("%s %d", s.Label, s.Count))
			if n := len(s.Fields); s.Count != n || written.Sections[i].Count != n {
				t.Errorf("%s %s says %d, is written as %d and has %d", kind, s.Label, s.Count, written.Sections[i].Count, n)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v", kind, got)
		}
	}
	if n := formOf(t, "enterprise").Count(); n != 153 {
		t.Error(n)
	}
}

// What the data files say must be something that the validator knows.
func TestFormsAreWellFormed(t *testing.T) {
	for _, kind := range []string{"enterprise", "provider"} {
		d := formOf(t, kind)
		seen := map[string]bool{}
		d.top(func(f *Field) {
			if seen[f.Key] {
				t.Errorf("%s: %s twice", kind, f.Key)
			}
			seen[f.Key] = true
		})
		known := func(where string, keys ...string) {
			for _, k := range keys {
				if k != "" && !seen[k] {
					t.Errorf("%s: %s names %s", kind, where, k)
				}
			}
		}
		d.each(func(f *Field) {
			if !slices.Contains(types, f.Type) || f.Label == "" || strings.Contains(f.Label, "{") {
				t.Errorf("%s: %s has type %q, label %q", kind, f.Key, f.Type, f.Label)
			}
			if name := f.listName(); name != "" {
				if _, ok := codelist.Get(name); !ok {
					t.Errorf("%s: %s has no list %s", kind, f.Key, name)
				}
			}
			for _, w := range []*Condition{f.VisibleWhen, f.RequiredWhen} {
				if w != nil {
					known(f.Key, w.Field)
				}
			}
			known(f.Key, f.AtMost, f.Equals)
			if f.Computed != nil {
				known(f.Key, f.Computed.PercentOf...)
				known(f.Key, f.Computed.SizeOf...)
			}
		})
	}
	if f, _ := formOf(t, "provider").Field("revenue_y3"); f.Label != "2023年收入（亿元）" {
		t.Error(f.Label)
	}
}

func TestCompleteAnswersPass(t *testing.T) {
	for kind, values := range map[string]map[string]any{"enterprise": enterprise(), "provider": provider()} {
		clean, refused := formOf(t, kind).Check(values, today)
		if len(refused) > 0 {
			t.Errorf("%s: %v", kind, refused)
		}
		if kind != "enterprise" {
			continue
		}
		for key, want := range map[string]any{
			"uscc": "91990100972281863J", "email": "office@example.com", "enterprise_scale": "medium", "revenue_y1": int64(2_000_000_000),
		} {
			if clean[key] != want {
				t.Errorf("%s is %v, want %v", key, clean[key], want)
			}
		}
		again, refused := formOf(t, kind).Check(clean, today)
		if len(refused) > 0 || !maps.EqualFunc(clean, again, func(a, b any) bool { return text(a) == text(b) }) {
			t.Errorf("clean answers do not pass as they are: %v", refused)
		}
	}
}

func text(v any) string {
	s, _ := decimalText(v)
	return s
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name, kind, key string
		value           any
		pointer, code   string
	}{
		{"nothing", "enterprise", "company_name", nil, "/company_name", CodeRequired},
		{"blanks are nothing", "enterprise", "company_name", "  ", "/company_name", CodeRequired},
		{"one character", "enterprise", "company_name", "厦", "/company_name", CodeTooShort},
		{"101 characters", "enterprise", "company_name", strings.Repeat("厦", 101), "/company_name", CodeTooLong},
		{"100 characters", "enterprise", "company_name", strings.Repeat("厦", 100), "", ""},
		{"a number for a text", "enterprise", "company_name", 5.0, "/company_name", CodeShape},
		{"mobile that begins with 2", "enterprise", "legal_rep_mobile", "23800001234", "/legal_rep_mobile", CodeMobile},
		{"mobile with blanks and +86", "enterprise", "legal_rep_mobile", "+86 138 0000 1234", "", ""},
		{"full-width mobile", "enterprise", "legal_rep_mobile", "１３８００００１２３４", "", ""},
		{"400 number", "enterprise", "contact_phone", "400-123-4567", "", ""},
		{"short phone", "enterprise", "contact_phone", "12345", "/contact_phone", CodePhone},
		{"mail without domain", "enterprise", "email", "a@b", "/email", CodeEmail},
		{"future date", "enterprise", "established_on", "2026-11-25", "/established_on", CodeDateRange},
		{"today", "enterprise", "established_on", "2026-11-24", "", ""},
		{"before 1949-10-01", "enterprise", "established_on", "1949-09-30", "/established_on", CodeDateRange},
		{"no such day", "enterprise", "established_on", "2023-02-29", "/established_on", CodeDate},
		{"unknown code", "enterprise", "is_listed", "maybe", "/is_listed", CodeChoice},
		{"industry section only", "enterprise", "industries", []any{"C"}, "/industries/0", CodeLevel},
		{"59 needs its group", "enterprise", "industries", []any{"59"}, "/industries/0", CodeLevel},
		{"group of 59", "enterprise", "industries", []any{"591"}, "", ""},
		{"four industries", "enterprise", "industries", []any{"34", "35", "36", "37"}, "/industries", CodeTooMany},
		{"an industry twice", "enterprise", "industries", []any{"34", "34"}, "/industries/1", CodeTwice},
		{"no industry", "enterprise", "industries", []any{}, "/industries", CodeRequired},
		{"postal code of 5", "enterprise", "postal_code", "36100", "/postal_code", CodePattern},
		{"wrong check", "enterprise", "uscc", "91990100123456788J", "/uscc", CodeUSCCCheck},
		{"letter I", "enterprise", "uscc", "91990100I23456788H", "/uscc", CodeUSCC},
		{"province only", "enterprise", "registered_region", "350000", "/registered_region", CodeLevel},
		{"Taiwan has no parts", "enterprise", "registered_region", "710000", "", ""},
		{"negative people", "enterprise", "employees_total", -1.0, "/employees_total", CodeRange},
		{"half a person", "enterprise", "employees_total", 1.5, "/employees_total", CodeShape},
		{"people as text", "enterprise", "employees_total", "5", "/employees_total", CodeShape},
		{"0.001 万元", "enterprise", "revenue_y1", 1000.0, "/revenue_y1", CodeDecimals},
		{"negative revenue", "enterprise", "revenue_y1", -1e6, "/revenue_y1", CodeRange},
		{"negative profit", "enterprise", "net_profit_y1", -1e6, "", ""},
		{"part above the whole", "enterprise", "rd_staff", 301.0, "/rd_staff", CodeNotAbove},
		{"part equal to the whole", "enterprise", "rd_staff", 300.0, "", ""},
		{"main revenue above revenue", "enterprise", "main_revenue_y1", 2_000_010_000.0, "/main_revenue_y1", CodeNotAbove},
		{"101 percent", "enterprise", "market_share", "101", "/market_share", CodeRange},
		{"three decimals", "enterprise", "market_share", "10.123", "/market_share", CodeDecimals},
		{"a number as percent", "enterprise", "market_share", 12.34, "", ""},
		{"exponent", "enterprise", "market_share", "1e1", "/market_share", CodeShape},
		{"unknown uploads", "enterprise", "business_license", "x", "/business_license", CodeShape},
		{"stock market of the listed", "enterprise", "is_listed", "yes", "/stock_market", CodeRequired},
		{"amount of those in need", "enterprise", "need_finance", "yes", "/need_amount", CodeRequired},
		{"line without a name", "enterprise", "main_equipment", []any{map[string]any{"qty": 2.0}}, "/main_equipment/0/name", CodeRequired},
		{"empty line", "enterprise", "main_equipment", []any{map[string]any{"name": " "}}, "", ""},
		{"proof of a qualification", "provider", "qualifications", []any{"cmmi"}, "/qualification_files", CodeRequired},
		{"industrial sales above sales", "provider", "avg_industrial_sales_3y", 1.1e10, "/avg_industrial_sales_3y", CodeNotAbove},
		{"whole country", "provider", "service_regions", []any{"100000", "350000"}, "", ""},
		{"account of another", "provider", "settlement_account",
			map[string]any{"account_name": "张三", "bank": "工行", "account_no": "12345678"}, "/settlement_account/account_name", CodeEqual},
		{"own account", "provider", "settlement_account",
			map[string]any{"account_name": "厦门示例软件有限公司", "bank": "工行", "account_no": "12345678"}, "", ""},
		{"credit code of a relation", "provider", "related_parties",
			[]any{map[string]any{"name": "甲", "code": "91990100123456788J", "relation": "parent"}}, "/related_parties/0/code", CodeUSCCCheck},
	} {
		t.Run(c.kind+" "+c.name, func(t *testing.T) {
			values := enterprise()
			if c.kind == "provider" {
				values = provider()
			}
			if values[c.key] = c.value; c.value == nil {
				delete(values, c.key)
			}
			_, refused := formOf(t, c.kind).Check(values, today)
			switch {
			case c.code == "" && len(refused) > 0:
				t.Errorf("refused: %v", refused)
			case c.code != "" && (len(refused) != 1 || refused[0].Pointer != c.pointer || refused[0].Code != c.code):
				t.Errorf("got %v, want %s %s", refused, c.pointer, c.code)
			}
		})
	}
}

func TestAllRefusalsAtOnce(t *testing.T) {
	_, refused := formOf(t, "enterprise").Check(map[string]any{}, today)
	if len(refused) != 21 {
		t.Errorf("an empty form has %d refusals: %v", len(refused), refused)
	}
}

func TestHiddenAndUnknownAnswersAreDropped(t *testing.T) {
	values := enterprise()
	values["stock_code"] = "600000" // not listed: hidden
	values["no_such"] = "x"
	values["enterprise_scale"] = "micro" // computed
	clean, refused := formOf(t, "enterprise").Check(values, today)
	if len(refused) > 0 || clean["stock_code"] != nil || clean["no_such"] != nil || clean["enterprise_scale"] != "medium" {
		t.Error(refused, clean["stock_code"], clean["no_such"], clean["enterprise_scale"])
	}
}

func TestLicenseMayShowAnotherCheckCharacter(t *testing.T) {
	values := enterprise()
	values["uscc"], values["uscc_as_printed"] = "91990100123456788J", true
	d := formOf(t, "enterprise")
	clean, refused := d.Check(values, today)
	if len(refused) > 0 {
		t.Fatal(refused)
	}
	if advice := d.Advice(clean); len(advice) != 1 || advice[0].Code != CodeUSCCCheck {
		t.Errorf("the reviewer is told %v", advice)
	}
}

func TestAdvice(t *testing.T) {
	d := formOf(t, "provider")
	if a := d.Advice(provider()); len(a) != 0 {
		t.Error(a)
	}
	values := provider()
	values["avg_sales_3y"] = 1.06e10
	if a := d.Advice(values); len(a) != 1 || a[0].Pointer != "/avg_sales_3y" {
		t.Error(a)
	}
}

func TestComputed(t *testing.T) {
	values := enterprise()
	values["total_liabilities"] = float64(333_330_000)
	values["equipment_count"], values["digital_equipment"] = 3.0, 1.0
	clean, refused := formOf(t, "enterprise").Check(values, today)
	if len(refused) > 0 || clean["debt_ratio"] != "33.33" || clean["equip_digital_ratio"] != "33.33" || clean["equip_network_ratio"] != nil {
		t.Error(refused, clean["debt_ratio"], clean["equip_digital_ratio"], clean["equip_network_ratio"])
	}
}

func TestDraftKeepsHalfAnswers(t *testing.T) {
	d := formOf(t, "enterprise")
	clean, refused := d.Draft(map[string]any{"legal_rep_mobile": "138", "is_listed": "yes", "core_products": []any{"a", ""}, "x": 1.0})
	if len(refused) > 0 || clean["legal_rep_mobile"] != "138" || clean["x"] != nil {
		t.Error(refused, clean)
	}
	if list, _ := clean["core_products"].([]any); len(list) != 2 {
		t.Error("the empty line is gone", clean)
	}
	if _, refused = d.Draft(map[string]any{"company_name": []any{}, "industries": "34"}); len(refused) != 2 {
		t.Error(refused)
	}
}

func TestSplitSealsWhatIsSensitive(t *testing.T) {
	values := provider()
	values["settlement_account"] = map[string]any{"account_no": "12345678"}
	values["registered_region_detail"] = "软件园二期"
	plain, sensitive := formOf(t, "provider").Split(values)
	for _, key := range []string{"contact_phone", "contact_person", "settlement_account", "revenue_y1", "business_license"} {
		if plain[key] != nil || sensitive[key] == nil {
			t.Errorf("%s lies open", key)
		}
	}
	for _, key := range []string{"company_name", "uscc", "registered_region_detail"} {
		if plain[key] == nil {
			t.Errorf("%s is sealed", key)
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("company_name", "厦门", 1.0)
	f.Fuzz(func(t *testing.T, key, s string, n float64) {
		d := formOf(t, "enterprise")
		for _, v := range []any{s, n, []any{s, n}, map[string]any{s: n}, []any{map[string]any{"name": s, "qty": n}}} {
			d.Check(map[string]any{key: v}, today)
			d.Draft(map[string]any{key: v})
		}
	})
}
