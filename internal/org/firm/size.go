package firm

import "smedx/internal/kit/money"

// Size is the class of a company by its people, revenue and assets.
type Size string

// The classes, and "not classified" for industries outside the rule.
const (
	Micro         Size = "micro"
	Small         Size = "small"
	Medium        Size = "medium"
	Large         Size = "large"
	NotClassified Size = "na"
)

// SizeRule names the rule that SizeOf follows; results are kept with it.
const SizeRule = "工信部联企业〔2011〕300号"

var tiers = [...]Size{Micro, Small, Medium, Large}

// Figures are the inputs of the rule; nil is "not answered".
type Figures struct {
	People  *int64
	Revenue *money.Fen // of the year before
	Assets  *money.Fen
}

const wan money.Fen = 10_000 * 100 // 万元 in fen

// bounds are the lower bounds of small, medium and large; zero means that the
// row does not look at the indicator.
type bounds [3]int64

type sizeRow struct {
	name                    string
	people, revenue, assets bounds // revenue and assets in 万元
}

var (
	agriculture  = sizeRow{"农、林、牧、渔业", bounds{}, bounds{50, 500, 20000}, bounds{}}
	industry     = sizeRow{"工业", bounds{20, 300, 1000}, bounds{300, 2000, 40000}, bounds{}}
	construction = sizeRow{"建筑业", bounds{}, bounds{300, 6000, 80000}, bounds{300, 5000, 80000}}
	wholesale    = sizeRow{"批发业", bounds{5, 20, 200}, bounds{1000, 5000, 40000}, bounds{}}
	retail       = sizeRow{"零售业", bounds{10, 50, 300}, bounds{100, 500, 20000}, bounds{}}
	transport    = sizeRow{"交通运输业", bounds{20, 300, 1000}, bounds{200, 3000, 30000}, bounds{}}
	storage      = sizeRow{"仓储业", bounds{20, 100, 200}, bounds{100, 1000, 30000}, bounds{}}
	post         = sizeRow{"邮政业", bounds{20, 300, 1000}, bounds{100, 2000, 30000}, bounds{}}
	hotels       = sizeRow{"住宿业", bounds{10, 100, 300}, bounds{100, 2000, 10000}, bounds{}}
	restaurants  = sizeRow{"餐饮业", bounds{10, 100, 300}, bounds{100, 2000, 10000}, bounds{}}
	transmission = sizeRow{"信息传输业", bounds{10, 100, 2000}, bounds{100, 1000, 100000}, bounds{}}
	software     = sizeRow{"软件和信息技术服务业", bounds{10, 100, 300}, bounds{50, 1000, 10000}, bounds{}}
	realEstate   = sizeRow{"房地产开发经营", bounds{}, bounds{100, 1000, 200000}, bounds{2000, 5000, 10000}}
	property     = sizeRow{"物业管理", bounds{100, 300, 1000}, bounds{500, 1000, 5000}, bounds{}}
	leasing      = sizeRow{"租赁和商务服务业", bounds{10, 100, 300}, bounds{}, bounds{100, 8000, 120000}}
	others       = sizeRow{"其他未列明行业", bounds{10, 100, 300}, bounds{}, bounds{}}
)

// rowOf maps codes of GB/T 4754-2017 to the rows of the rule: the longest prefix
// that is listed counts. An industry without a row is outside the rule.
var rowOf = func() map[string]*sizeRow {
	m := map[string]*sizeRow{}
	set := func(row *sizeRow, codes ...string) {
		for _, c := range codes {
			m[c] = row
		}
	}
	span := func(row *sizeRow, from, to int) {
		for n := from; n <= to; n++ {
			m[string([]byte{byte('0' + n/10), byte('0' + n%10)})] = row
		}
	}
	span(&agriculture, 1, 5)
	span(&industry, 6, 46) // sections B, C, D
	span(&construction, 47, 50)
	set(&wholesale, "51")
	set(&retail, "52")
	span(&transport, 54, 58)
	set(&transport, "591")
	set(&storage, "592", "593", "594", "595", "596", "599")
	set(&post, "60")
	set(&hotels, "61")
	set(&restaurants, "62")
	set(&transmission, "63", "64")
	set(&software, "65")
	set(&realEstate, "701")
	set(&property, "702")
	set(&others, "703", "704", "709")
	set(&leasing, "71", "72")
	span(&others, 73, 82) // sections M, N, O
	set(&others, "85", "86", "87", "88", "89", "90")
	return m
}()

func findRow(industryCode string) *sizeRow {
	for n := len(industryCode); n >= 2; n-- {
		if row := rowOf[industryCode[:n]]; row != nil {
			return row
		}
	}
	return nil
}

// SizeRowName is the row of the rule that an industry code falls under; "" when none does.
func SizeRowName(industryCode string) string {
	if row := findRow(industryCode); row != nil {
		return row.name
	}
	return ""
}

// SizeOf classifies a company: a class needs the lower bound of every indicator
// that its row looks at, so the weakest indicator decides. ok is false when a
// figure is missing that the row needs.
func SizeOf(industryCode string, f Figures) (size Size, ok bool) {
	row := findRow(industryCode)
	if row == nil {
		return NotClassified, true
	}
	tier, ok := len(tiers)-1, true
	look := func(b bounds, have bool, reached func(bound int64) bool) {
		if b == (bounds{}) {
			return
		}
		if !have {
			ok = false
			return
		}
		n := 0
		for n < len(b) && reached(b[n]) {
			n++
		}
		tier = min(tier, n)
	}
	look(row.people, f.People != nil, func(b int64) bool { return *f.People >= b })
	look(row.revenue, f.Revenue != nil, func(b int64) bool { return *f.Revenue >= money.Fen(b)*wan })
	look(row.assets, f.Assets != nil, func(b int64) bool { return *f.Assets >= money.Fen(b)*wan })
	if !ok {
		return "", false
	}
	return tiers[tier], true
}
