package firm

import (
	"testing"

	"smedx/internal/kit/money"
)

func TestSizeOf(t *testing.T) {
	const none = -1
	for _, c := range []struct {
		row                     string
		code                    string
		people, revenue, assets float64 // revenue and assets in 万元
		want                    Size
	}{
		{"工业", "34", 1000, 40000, none, Large},
		{"工业", "34", 999, 40000, none, Medium},
		{"工业", "34", 1000, 39999.99, none, Medium},
		{"工业", "34", 300, 2000, none, Medium},
		{"工业", "34", 300, 1999.99, none, Small},
		{"工业", "34", 299, 50000, none, Small},
		{"工业", "34", 20, 300, none, Small},
		{"工业", "34", 19, 90000, none, Micro},
		{"工业", "34", 5000, 299.99, none, Micro},
		{"农、林、牧、渔业", "01", none, 500, none, Medium},
		{"农、林、牧、渔业", "01", none, 20000, none, Large},
		{"农、林、牧、渔业", "01", none, 49.99, none, Micro},
		{"建筑业", "47", none, 80000, 80000, Large},
		{"建筑业", "47", none, 80000, 4999, Small},
		{"批发业", "51", 5, 1000, none, Small},
		{"批发业", "51", 200, 40000, none, Large},
		{"零售业", "52", 49, 500, none, Small},
		{"交通运输业", "54", 300, 3000, none, Medium},
		{"交通运输业", "591", 300, 3000, none, Medium},
		{"仓储业", "594", 100, 1000, none, Medium},
		{"邮政业", "60", 1000, 29999, none, Medium},
		{"住宿业", "61", 100, 2000, none, Medium},
		{"餐饮业", "62", 9, 9000, none, Micro},
		{"信息传输业", "63", 2000, 100000, none, Large},
		{"信息传输业", "64", 1999, 100000, none, Medium},
		{"软件和信息技术服务业", "65", 10, 50, none, Small},
		{"软件和信息技术服务业", "65", 300, 10000, none, Large},
		{"房地产开发经营", "701", none, 200000, 10000, Large},
		{"房地产开发经营", "701", none, 1000, 4999, Small},
		{"物业管理", "702", 300, 1000, none, Medium},
		{"物业管理", "702", 100, 499, none, Micro},
		{"租赁和商务服务业", "71", 100, none, 8000, Medium},
		{"租赁和商务服务业", "72", 300, none, 119999, Medium},
		{"其他未列明行业", "704", 100, none, none, Medium},
		{"其他未列明行业", "85", 9, none, none, Micro},
		{"", "84", none, none, none, NotClassified},
		{"", "53", none, none, none, NotClassified},
		{"", "66", none, none, none, NotClassified},
		{"", "59", none, none, none, NotClassified},
	} {
		var f Figures
		if c.people != none {
			n := int64(c.people)
			f.People = &n
		}
		fen := func(v float64) *money.Fen {
			if v == none {
				return nil
			}
			n := money.Fen(v*1e6 + 0.5)
			return &n
		}
		f.Revenue, f.Assets = fen(c.revenue), fen(c.assets)
		got, ok := SizeOf(c.code, f)
		if !ok || got != c.want || SizeRowName(c.code) != c.row {
			t.Errorf("%+v: %s %v, row %q", c, got, ok, SizeRowName(c.code))
		}
	}
}

func TestSizeNeedsItsFigures(t *testing.T) {
	people := int64(50)
	if got, ok := SizeOf("34", Figures{People: &people}); ok {
		t.Errorf("classified as %s without revenue", got)
	}
}
