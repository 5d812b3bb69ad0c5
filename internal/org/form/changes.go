package form

import (
	"fmt"
	"slices"
	"strings"

	"smedx/internal/codelist"
)

var typeWords = map[Type]string{
	Text: "单行文字", Textarea: "多行文字", Integer: "整数", Decimal: "小数", Money: "金额", Percent: "百分比", Date: "日期", Month: "年月",
	Select: "单选", MultiSelect: "多选", Cascade: "行业分类", Region: "省市县", Phone: "电话", Email: "邮箱", USCC: "统一社会信用代码",
	Image: "图片", File: "附件", Group: "一组内容",
}

// Changes tells in plain words how the form reads differently from an earlier
// version, both as applicants see them.
func Changes(before, after *Definition) []string {
	out := sectionChanges(before, after)
	type place struct {
		section string
		field   *Field
	}
	old := map[string]place{}
	for i := range before.Sections {
		for j := range before.Sections[i].Fields {
			f := &before.Sections[i].Fields[j]
			old[f.Key] = place{before.Sections[i].Key, f}
		}
	}
	for i := range after.Sections {
		s := &after.Sections[i]
		for j := range s.Fields {
			f := &s.Fields[j]
			was, known := old[f.Key]
			if !known {
				out = append(out, fmt.Sprintf("%s：新增%s“%s”（%s）", s.Label, requiredWord(f), f.Label, typeAndUnit(f)))
				continue
			}
			if was.section != s.Key {
				out = append(out, fmt.Sprintf("“%s”移到“%s”", f.Label, s.Label))
			}
			for _, words := range fieldChanges(was.field, f) {
				out = append(out, fmt.Sprintf("%s：“%s”%s", s.Label, f.Label, words))
			}
		}
	}
	for _, s := range before.Sections {
		for i := range s.Fields {
			if _, still := after.Field(s.Fields[i].Key); !still {
				out = append(out, fmt.Sprintf("%s：停用“%s”", s.Label, s.Fields[i].Label))
			}
		}
	}
	return append(out, orderChanges(before, after)...)
}

func sectionChanges(before, after *Definition) (out []string) {
	was := map[string]string{}
	for _, s := range before.Sections {
		was[s.Key] = s.Label
	}
	for _, s := range after.Sections {
		switch label, known := was[s.Key]; {
		case !known:
			out = append(out, fmt.Sprintf("新增部分“%s”", s.Label))
		case label != s.Label:
			out = append(out, fmt.Sprintf("部分“%s”改名为“%s”", label, s.Label))
		}
		delete(was, s.Key)
	}
	for _, s := range before.Sections {
		if _, gone := was[s.Key]; gone {
			out = append(out, fmt.Sprintf("去掉部分“%s”", s.Label))
		}
	}
	return out
}

// orderChanges names where fields or sections that stay follow each other in another order.
func orderChanges(before, after *Definition) (out []string) {
	sections := func(d *Definition) (keys []string) {
		for _, s := range d.Sections {
			keys = append(keys, s.Key)
		}
		return keys
	}
	if reordered(sections(before), sections(after)) {
		out = append(out, "各部分的先后顺序有调整")
	}
	fields := func(s *Section) (keys []string) {
		for i := range s.Fields {
			keys = append(keys, s.Fields[i].Key)
		}
		return keys
	}
	for i := range after.Sections {
		s := &after.Sections[i]
		j := slices.IndexFunc(before.Sections, func(b Section) bool { return b.Key == s.Key })
		if j >= 0 && reordered(fields(&before.Sections[j]), fields(s)) {
			out = append(out, s.Label+"：字段的先后顺序有调整")
		}
	}
	return out
}

func reordered(a, b []string) bool {
	common := func(x, y []string) []string {
		return slices.DeleteFunc(slices.Clone(x), func(k string) bool { return !slices.Contains(y, k) })
	}
	return !slices.Equal(common(a, b), common(b, a))
}

func fieldChanges(was, now *Field) (out []string) {
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if was.Label != now.Label {
		say("原名“%s”", was.Label)
	}
	if was.Required != now.Required {
		say("由%s改为%s", requiredWord(was), requiredWord(now))
	}
	for _, t := range []struct{ what, was, now string }{
		{"填写说明", was.Help, now.Help}, {"输入提示", was.Placeholder, now.Placeholder}, {"单位", was.Unit, now.Unit},
		{"取值范围", rangeWords(was), rangeWords(now)}, {"字数", lengthWords(was), lengthWords(now)},
		{"小数位数", number(was.Decimals), number(now.Decimals)}, {"最多项数", number(was.MaxItems), number(now.MaxItems)},
		{"可填次数", repeatWords(was), repeatWords(now)}, {"文件大小上限（MB）", number(was.MaxSizeMB), number(now.MaxSizeMB)},
		{"选项", optionWords(was.Extra), optionWords(now.Extra)},
	} {
		switch {
		case t.was == t.now:
		case t.was == "":
			say("加上%s“%s”", t.what, t.now)
		case t.now == "":
			say("去掉%s“%s”", t.what, t.was)
		default:
			say("%s由“%s”改为“%s”", t.what, t.was, t.now)
		}
	}
	return append(out, partChanges(was, now)...)
}

func partChanges(was, now *Field) (out []string) {
	find := func(list []Field, key string) *Field {
		for i := range list {
			if list[i].Key == key {
				return &list[i]
			}
		}
		return nil
	}
	for i := range now.Fields {
		part := &now.Fields[i]
		before := find(was.Fields, part.Key)
		if before == nil {
			out = append(out, fmt.Sprintf("中新增%s“%s”（%s）", requiredWord(part), part.Label, typeAndUnit(part)))
			continue
		}
		for _, words := range fieldChanges(before, part) {
			out = append(out, fmt.Sprintf("中的“%s”%s", part.Label, words))
		}
	}
	for i := range was.Fields {
		if find(now.Fields, was.Fields[i].Key) == nil {
			out = append(out, fmt.Sprintf("中停用“%s”", was.Fields[i].Label))
		}
	}
	return out
}

func requiredWord(f *Field) string {
	if f.Required {
		return "必填"
	}
	return "选填"
}

func typeAndUnit(f *Field) string {
	if f.Unit != "" {
		return typeWords[f.Type] + "，单位 " + f.Unit
	}
	return typeWords[f.Type]
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func rangeWords(f *Field) string {
	if f.Min == "" && f.Max == "" {
		return ""
	}
	words := strings.NewReplacer("today", "当天")
	return words.Replace(orDash(f.Min)) + " 至 " + words.Replace(orDash(f.Max))
}

func lengthWords(f *Field) string {
	if f.MinLength == 0 && f.MaxLength == 0 {
		return ""
	}
	if f.MaxLength == 0 {
		return fmt.Sprintf("至少 %d", f.MinLength)
	}
	return fmt.Sprintf("%d 至 %d", f.MinLength, f.MaxLength)
}

func repeatWords(f *Field) string {
	if f.Repeat == nil {
		return ""
	}
	return fmt.Sprintf("%d 至 %d", f.Repeat.Min, f.Repeat.Max)
}

func optionWords(list []codelist.Item) string {
	labels := make([]string, 0, len(list))
	for _, o := range list {
		labels = append(labels, o.Label)
	}
	return strings.Join(labels, "、")
}
