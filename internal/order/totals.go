package order

import (
	"slices"
	"strings"

	"smedx/internal/catalog"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/voucher"
)

// maxLines is how many lines a cart or a checkout may have.
const maxLines = 100

// Want is what somebody wants to buy of one plan.
type Want struct {
	PlanID   id.ID               `json:"planId"`
	Unit     catalog.BillingUnit `json:"unit" enum:"year,month,unit"`
	Quantity int64               `json:"quantity" minimum:"1" maximum:"9999"`
}

func (w Want) ref() catalog.PlanRef { return catalog.PlanRef{PlanID: w.PlanID, Unit: w.Unit} }

// Priced is a wanted line with what it costs now.
type Priced struct {
	Item     catalog.SaleItem
	Quantity int64
	Price    money.Fen
	Redeemed money.Fen // what the chosen vouchers pay of it

	uses []lineUse
}

// lineUse is what one voucher pays of one line.
type lineUse struct {
	holdID, voucherID id.ID
	name              string
	amount            money.Fen
	balanceAfter      money.Fen
}

// Group is what becomes one order: the lines of one provider.
type Group struct {
	OrderID     id.ID // zero in a quote
	ProviderOrg id.ID
	Lines       []Priced
}

// Price is the sum of the lines.
func (g Group) Price() (sum money.Fen) {
	for _, l := range g.Lines {
		sum += l.Price
	}
	return sum
}

// Redeemed is what vouchers pay.
func (g Group) Redeemed() (sum money.Fen) {
	for _, l := range g.Lines {
		sum += l.Redeemed
	}
	return sum
}

// Payable is what is left to pay.
func (g Group) Payable() money.Fen { return g.Price() - g.Redeemed() }

// Instant reports whether everything in the group is usable as soon as it is paid.
func (g Group) Instant() bool {
	return !slices.ContainsFunc(g.Lines, func(l Priced) bool { return !l.Item.Instant })
}

// Title names what is bought, for lists and gateways.
func (g Group) Title() string {
	names := make([]string, len(g.Lines))
	for i, l := range g.Lines {
		names[i] = l.Item.Name
	}
	return strings.Join(slices.Compact(names), "、")
}

// voucherLines lists what vouchers may pay of a whole checkout. A voucher is
// planned over all lines, though each provider's become an order of their own.
func voucherLines(groups []Group) []voucher.Line {
	var lines []voucher.Line
	for _, g := range groups {
		for _, l := range g.Lines {
			lines = append(lines, voucher.Line{
				Key: len(lines) + 1, OrderID: g.OrderID, ProviderOrg: l.Item.ProviderOrg, OfferingID: l.Item.OfferingID,
				Categories: l.Item.Categories, Industries: l.Item.Industries, Tags: l.Item.Tags, Amount: l.Price,
			})
		}
	}
	return lines
}

// redeem lets the vouchers' parts arrive at the lines: ByLine of each use counts
// the lines of all groups.
func redeem(groups []Group, uses []voucher.Use) {
	n := 0
	for i := range groups {
		g := &groups[i]
		for j := range g.Lines {
			for _, u := range uses {
				if part := u.ByLine[n]; part > 0 {
					g.Lines[j].Redeemed += part
					g.Lines[j].uses = append(g.Lines[j].uses, lineUse{u.HoldID, u.VoucherID, u.Name, part, u.BalanceAfter})
				}
			}
			n++
		}
	}
}

// checkWants refuses what can be refused without asking anybody, and merges
// repeated plans into one line.
func checkWants(wants []Want) ([]Want, error) {
	if len(wants) == 0 {
		return nil, ErrNothingChosen
	}
	if len(wants) > maxLines {
		return nil, ErrTooMuch
	}
	var merged []Want
	for _, w := range wants {
		i := slices.IndexFunc(merged, func(m Want) bool { return m.ref() == w.ref() })
		if w.Quantity < 1 || w.Quantity > money.MaxQuantity {
			return nil, ErrQuantity
		}
		if i < 0 {
			merged = append(merged, w)
			continue
		}
		if merged[i].Quantity += w.Quantity; merged[i].Quantity > money.MaxQuantity {
			return nil, ErrQuantity
		}
	}
	return merged, nil
}

// group prices the wanted lines by what is for sale and sorts them by provider,
// in the sequence in which they were named.
func group(wants []Want, forSale map[catalog.PlanRef]catalog.SaleItem, buyer id.ID) ([]Group, error) {
	var groups []Group
	var total money.Fen
	for _, w := range wants {
		item, ok := forSale[w.ref()]
		switch {
		case !ok:
			return nil, ErrNotForSale
		case item.ProviderOrg == buyer:
			return nil, ErrOwnOffering
		}
		price, ok := item.UnitPrice.Times(w.Quantity)
		if total += price; !ok || total > money.MaxTotal {
			return nil, ErrTooMuch
		}
		i := slices.IndexFunc(groups, func(g Group) bool { return g.ProviderOrg == item.ProviderOrg })
		if i < 0 {
			i = len(groups)
			groups = append(groups, Group{ProviderOrg: item.ProviderOrg})
		}
		groups[i].Lines = append(groups[i].Lines, Priced{Item: item, Quantity: w.Quantity, Price: price})
	}
	return groups, nil
}

// Totals is what a buyer agrees to: price = redeemed + payable.
type Totals struct {
	Price    money.Fen
	Redeemed money.Fen
	Payable  money.Fen
}

func totals(groups []Group) (t Totals) {
	for _, g := range groups {
		t.Price += g.Price()
		t.Redeemed += g.Redeemed()
	}
	t.Payable = t.Price - t.Redeemed
	return t
}
