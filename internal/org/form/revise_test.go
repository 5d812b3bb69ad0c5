package form

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"smedx/internal/codelist"
)

// draftOf is a copy of a form in force that a test may change, as a page sends it.
func draftOf(t *testing.T, kind string) (*Definition, []Section) {
	t.Helper()
	d, ok := Builtin(kind)
	if !ok {
		t.Fatal("no form for", kind)
	}
	sections := slices.Clone(d.Sections)
	for i := range sections {
		sections[i].Fields = slices.Clone(sections[i].Fields)
	}
	return d, sections
}

func fieldIn(sections []Section, key string) *Field {
	for i := range sections {
		for j := range sections[i].Fields {
			if sections[i].Fields[j].Key == key {
				return &sections[i].Fields[j]
			}
		}
	}
	return nil
}

func TestAnUntouchedDraftIsTheFormInForce(t *testing.T) {
	for _, kind := range Kinds {
		d, sections := draftOf(t, kind)
		next, refused := d.Revise(sections)
		if len(refused) > 0 {
			t.Fatal(refused)
		}
		raw, err := next.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Decode(raw)
		if err != nil || !reflect.DeepEqual(again.In(2026), d.In(2026)) {
			t.Errorf("%s is another form after it was written and read: %v %v", kind, Changes(d.In(2026), again.In(2026)), err)
		}
		if !reflect.DeepEqual(again.Locked(), d.Locked()) {
			t.Error("rules that applicants do not see are lost")
		}
	}
}

func TestWhatAnEditorMayNotDo(t *testing.T) {
	for _, c := range []struct {
		name, kind string
		change     func([]Section) []Section
		at, code   string
	}{
		{"retire a key of the platform's rules", "enterprise", func(s []Section) []Section { fieldIn(s, "uscc").Retired = true; return s }, "/sections/0/fields/14", CodeFixed},
		{"make such a key optional", "enterprise", func(s []Section) []Section { fieldIn(s, "company_name").Required = false; return s }, "/sections/0/fields/0", CodeFixed},
		{"bound such a key anew", "enterprise", func(s []Section) []Section { fieldIn(s, "employees_total").Max = "5"; return s }, "", CodeFixed},
		{"retype a field", "enterprise", func(s []Section) []Section { fieldIn(s, "postal_code").Type = Integer; return s }, "/sections/0/fields/13/type", CodeRetyped},
		{"ask once what was asked several times", "enterprise", func(s []Section) []Section { fieldIn(s, "core_products").Repeat = nil; return s }, "", CodeRetyped},
		{"delete a field", "enterprise", func(s []Section) []Section { s[0].Fields = slices.Delete(s[0].Fields, 13, 14); return s }, "/sections", CodeMissing},
		{"delete a part of a group", "provider", func(s []Section) []Section {
			f := fieldIn(s, "typical_customers")
			f.Fields = f.Fields[1:]
			return s
		}, "", CodeMissing},
		{"retire what another field's rule reads", "enterprise", func(s []Section) []Section { fieldIn(s, "is_listed").Retired = true; return s }, "/sections/0/fields/7", CodeHeld},
		{"take a key twice", "enterprise", func(s []Section) []Section {
			s[1].Fields = append(s[1].Fields, Field{Key: "company_name", Type: Text, Label: "企业名称"})
			return s
		}, "/sections/1/fields/16/key", CodeKey},
		{"take a key of a companion", "enterprise", func(s []Section) []Section {
			s[1].Fields = append(s[1].Fields, Field{Key: "registered_region_detail", Type: Text, Label: "地址"})
			return s
		}, "", CodeKey},
		{"a choice of one", "enterprise", func(s []Section) []Section {
			s[1].Fields = append(s[1].Fields, Field{Key: "own", Type: Select, Label: "选择", Extra: []codelist.Item{{Value: "a", Label: "甲"}}})
			return s
		}, "/sections/1/fields/16/extra", CodeOptions},
		{"a lower limit above the upper", "enterprise", func(s []Section) []Section {
			s[1].Fields = append(s[1].Fields, Field{Key: "own", Type: Integer, Label: "数", Min: "9", Max: "1"})
			return s
		}, "/sections/1/fields/16/max", CodeMinAbove},
		{"money in tons", "enterprise", func(s []Section) []Section {
			s[1].Fields = append(s[1].Fields, Field{Key: "own", Type: Money, Label: "款", Unit: "吨"})
			return s
		}, "/sections/1/fields/16/unit", CodeUnit},
		{"a brace that is no year", "enterprise", func(s []Section) []Section { fieldIn(s, "postal_code").Label = "{邮编}"; return s }, "/sections/0/fields/13/label", CodeYearMark},
		{"no words", "enterprise", func(s []Section) []Section { fieldIn(s, "postal_code").Label = " "; return s }, "/sections/0/fields/13/label", CodeRequired},
		{"a group without parts", "enterprise", func(s []Section) []Section {
			s[1].Fields = append(s[1].Fields, Field{Key: "own", Type: Group, Label: "组"})
			return s
		}, "/sections/1/fields/16/fields", CodeNoParts},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, sections := draftOf(t, c.kind)
			_, refused := d.Revise(c.change(sections))
			if len(refused) != 1 || refused[0].Code != c.code || c.at != "" && refused[0].Pointer != c.at {
				t.Errorf("got %v, want %s %s", refused, c.at, c.code)
			}
		})
	}
}

func TestWhatAnEditorMayDo(t *testing.T) {
	d, s := draftOf(t, "enterprise")
	fieldIn(s, "company_name").Label = "单位名称"
	postal := fieldIn(s, "postal_code")
	postal.Retired, postal.Pattern, postal.Fixed = true, "", true // rules are not the page's to change
	fieldIn(s, "established_on").Required = false
	fieldIn(s, "registered_address").MaxLength = 80
	s[1].Fields = append([]Field{{
		Key: "power_use", Type: Decimal, Label: "{Y-1}年用电量", Unit: "万千瓦时", Required: true, Min: "0", Decimals: 2, Sensitive: "commercial",
	}}, s[1].Fields...)
	s[1].Fields = append(s[1].Fields, Field{Key: "shift", Type: Select, Label: "班制", Extra: []codelist.Item{{Value: "one", Label: "单班"}, {Value: "two", Label: "两班"}}})
	next, refused := d.Revise(s)
	if len(refused) > 0 {
		t.Fatal(refused)
	}
	was, now := d.In(2026), next.In(2026)
	want := []string{
		"企业背景：“单位名称”原名“企业名称”",
		"企业背景：“注册成立时间”由必填改为选填",
		"企业背景：“注册地址”字数由“0 至 200”改为“0 至 80”",
		"运营：新增必填“2025年用电量”（小数，单位 万千瓦时）",
		"运营：新增选填“班制”（单选）",
		"企业背景：停用“邮编”",
	}
	if got := Changes(was, now); !slices.Equal(got, want) {
		t.Errorf("told as\n%s", strings.Join(got, "\n"))
	}
	if n := now.Sections[1].Count; n != 18 || now.Sections[0].Count != 42 {
		t.Error("headers count", now.Sections[0].Count, n)
	}
	if again, refused := next.Revise(next.Sections); len(refused) > 0 || len(Changes(now, again.In(2026))) > 0 {
		t.Error("the next version cannot be the base of another:", refused)
	}

	answers := enterprise()
	delete(answers, "postal_code")
	if _, refused := now.Check(answers, today); len(refused) != 1 || refused[0].Pointer != "/power_use" || refused[0].Code != CodeRequired {
		t.Error("a new required field is not asked for:", refused)
	}
	answers["power_use"], answers["shift"] = "12.5", "two"
	clean, refused := now.Check(answers, today)
	if len(refused) > 0 || clean["power_use"] != "12.5" || clean["shift"] != "two" {
		t.Error(refused, clean["power_use"], clean["shift"])
	}
	if _, sealed := now.Split(clean); sealed["power_use"] != "12.5" {
		t.Error("a sensitive new answer lies open")
	}
	answers["shift"] = "three"
	if _, refused := now.Check(answers, today); len(refused) != 1 || refused[0].Code != CodeChoice {
		t.Error("an option that is none passes:", refused)
	}
}

func TestOrderAndPlaceAreTold(t *testing.T) {
	d, s := draftOf(t, "enterprise")
	moved := s[0].Fields[13]
	s[0].Fields = slices.Delete(s[0].Fields, 13, 14)
	s[2].Fields = append(s[2].Fields, moved)
	s[1].Fields[0], s[1].Fields[1] = s[1].Fields[1], s[1].Fields[0]
	s[3], s[4] = s[4], s[3]
	s = append(s, Section{Key: "green", Label: "绿色低碳"})
	next, refused := d.Revise(s)
	if len(refused) > 0 {
		t.Fatal(refused)
	}
	want := []string{"“邮编”移到“人员”", "各部分的先后顺序有调整", "运营：字段的先后顺序有调整"}
	if got := Changes(d.In(2026), next.In(2026)); !slices.Equal(got, want) {
		t.Error(got)
	}
}
