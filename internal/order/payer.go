package order

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"smedx/internal/kit/db"
	"smedx/internal/kit/mask"
)

// PaidBy is whose account paid the cash of an order.
type PaidBy string

// Whose account it was, by the names as of placing. Where the provider pays the
// buyer's own share, the voucher pays everything.
const (
	PaidByUnknown  PaidBy = "" // the gateway does not say
	PaidByBuyer    PaidBy = "buyer"
	PaidByProvider PaidBy = "provider"
	PaidByOther    PaidBy = "other"
)

// paidBy compares the holder of an account with both sides of an order.
func paidBy(o Order, holder string) PaidBy {
	switch bare(holder) {
	case "":
		return PaidByUnknown
	case bare(o.BuyerName):
		return PaidByBuyer
	case bare(o.ProviderName):
		return PaidByProvider
	}
	return PaidByOther
}

// bare leaves of a name what banks and forms write alike: no width, case, spaces
// or brackets.
func bare(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, width.Fold.String(name))
}

// organizations are what their names end in or hold.
var organizations = []string{"公司", "厂", "店", "部", "中心", "社", "院", "所", "行", "站", "室", "企业", "集团", "协会", "学校", "大学"}

// shownHolder is the name of an organization as it is, that of a person masked:
// nobody here needs more of it.
func shownHolder(name string) string {
	name = strings.TrimSpace(name)
	if utf8.RuneCountInString(name) > 4 {
		for _, word := range organizations {
			if strings.Contains(name, word) {
				return name
			}
		}
	}
	return mask.Name(name)
}

func notePayer(ctx context.Context, tx *db.Tx, o Order, holder string) error {
	by := paidBy(o, holder)
	if by == PaidByUnknown {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE orders SET payer = ?, paid_by = ? WHERE id = ?`, shownHolder(holder), by, o.ID)
	return err
}
