package bench

import (
	"smedx/internal/codelist"
	"smedx/internal/org/firm"
	"smedx/internal/org/form"
)

// answers fills in every question of a form that can be answered without a
// document, in a way that no rule refuses: all numbers are alike, so that no part
// is above its whole.
func answers(d *form.Definition) map[string]any {
	values := map[string]any{}
	for i := range d.Sections {
		for j := range d.Sections[i].Fields {
			f := &d.Sections[i].Fields[j]
			if v := answer(f); v != nil && f.Computed == nil {
				values[f.Key] = v
			}
		}
	}
	values["postal_code"], values["is_listed"], values["stock_code"] = "361000", "yes", "600000"
	return values
}

func answer(f *form.Field) any {
	v := single(f)
	if f.Repeat != nil && v != nil {
		return []any{v}
	}
	return v
}

func single(f *form.Field) any {
	switch f.Type {
	case form.Text, form.Textarea:
		return "示例内容"
	case form.Phone:
		return "13800001234"
	case form.Email:
		return "office@example.com"
	case form.USCC:
		return creditCode(0)
	case form.Date:
		return "2015-06-01"
	case form.Month:
		return "2020-06"
	case form.Integer:
		return 1
	case form.Money:
		return 10_000_000_000 // 100 万元, 1 亿元: whole in every unit
	case form.Decimal, form.Percent:
		return "1"
	case form.Region:
		return many(f, "350203")
	case form.Cascade:
		return many(f, "34")
	case form.Select, form.MultiSelect:
		return many(f, entry(f))
	case form.Group:
		parts := map[string]any{}
		for i := range f.Fields {
			if v := answer(&f.Fields[i]); v != nil {
				parts[f.Fields[i].Key] = v
			}
		}
		return parts
	default: // pictures and documents
		return nil
	}
}

func entry(f *form.Field) string {
	if l, ok := codelist.Get(f.CodeList); ok {
		return l.Items[len(l.Items)-1].Value
	}
	return f.Extra[0].Value
}

func many(f *form.Field, code string) any {
	if f.Type == form.MultiSelect || f.MaxItems > 0 {
		return []any{code}
	}
	return code
}

const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// creditCode is the n-th credit code of a registration office that does not exist.
func creditCode(n int) string {
	body := []byte("91990100M00000000")
	for i := 15; i > 8; i-- {
		body[i] = alphabet[n%10]
		n /= 10
	}
	for _, inner := range alphabet {
		body[16] = byte(inner)
		for _, last := range alphabet {
			if code := string(body) + string(last); firm.CheckUSCC(code) == nil {
				return code
			}
		}
	}
	return ""
}
