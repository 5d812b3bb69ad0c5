package order

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/idem"
	"smedx/internal/kit/money"
	"smedx/internal/payment"
)

// Intent is what a buyer agreed to on the payment page. Totals that differ from
// what the server finds are ErrPriceChanged, and nothing happens.
type Intent struct {
	Lines           []Want    `json:"lines"`
	VoucherIDs      []id.ID   `json:"voucherIds"`
	ExpectedTotal   money.Fen `json:"expectedTotalFen"`
	ExpectedPayable money.Fen `json:"expectedPayableFen"`
}

// Receipt is what Place did: one order for each provider, below one checkout.
type Receipt struct {
	CheckoutID id.ID     `json:"checkoutId"`
	OrderIDs   []id.ID   `json:"orderIds"`
	Price      money.Fen `json:"priceFen"`
	Redeemed   money.Fen `json:"redeemedFen"`
	Payable    money.Fen `json:"payableFen" doc:"Left to pay; 0: done"`
}

// Checkout is one 确认支付: the orders below it are paid together.
type Checkout struct {
	bun.BaseModel `bun:"table:checkouts"`

	ID        id.ID `bun:",pk"`
	BuyerOrg  id.ID
	UserID    id.ID
	PriceFen  money.Fen
	PlacedAt  clock.Instant
	ExpiresAt clock.Instant
	Turns     int64
}

type scope struct {
	Categories []string `json:"categories"`
	Industries []string `json:"industries"`
	Tags       []string `json:"tags"`
}

// Place buys: it fixes prices, holds vouchers, and settles at once every order of
// which nothing is left to pay. The same key with the same intent returns the
// first receipt.
func (s *Service) Place(ctx context.Context, who account.Principal, key string, in Intent) (receipt Receipt, replayed bool, err error) {
	k := idem.Key{Scope: "org:" + who.OrgID.String(), Operation: "order.place", Value: key, RequestHash: idem.Hash(in)}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		receipt, replayed, err = idem.Once(ctx, tx, k, func() (Receipt, error) { return s.place(ctx, tx, who, in) })
		return err
	})
	return receipt, replayed, err
}

func (s *Service) place(ctx context.Context, tx *db.Tx, who account.Principal, in Intent) (Receipt, error) {
	if err := s.companies.RequireVerified(ctx, tx, who.OrgID); err != nil {
		return Receipt{}, err
	}
	wants, err := checkWants(in.Lines)
	if err != nil {
		return Receipt{}, err
	}
	groups, err := s.price(ctx, tx, who.OrgID, wants)
	if err != nil {
		return Receipt{}, err
	}
	for i := range groups {
		groups[i].OrderID = id.New()
	}
	names, err := s.companies.Names(ctx, tx, buyerAndProviders(who.OrgID, groups)...)
	if err != nil {
		return Receipt{}, err
	}
	uses, err := s.vouchers.HoldCheckout(ctx, tx, who, in.VoucherIDs, voucherLines(groups))
	if err != nil {
		return Receipt{}, err
	}
	redeem(groups, uses)
	t := totals(groups)
	switch {
	case t.Price != in.ExpectedTotal || t.Payable != in.ExpectedPayable:
		return Receipt{}, ErrPriceChanged.With("totalFen", t.Price).With("payableFen", t.Payable)
	case t.Payable > 0 && len(s.payments.Channels()) == 0:
		return Receipt{}, payment.ErrNoChannel
	}
	now := clock.At(tx.Now())
	c := Checkout{ID: id.New(), BuyerOrg: who.OrgID, UserID: who.UserID, PriceFen: t.Price, PlacedAt: now, ExpiresAt: now.Add(s.payWithin)}
	if err := tx.InsertAll(ctx, &c); err != nil {
		return Receipt{}, err
	}
	receipt := Receipt{CheckoutID: c.ID, Price: t.Price, Redeemed: t.Redeemed, Payable: t.Payable}
	for _, g := range groups {
		o := newOrder(c, who, g, names)
		if err := s.write(ctx, tx, who, o, g); err != nil {
			return Receipt{}, err
		}
		receipt.OrderIDs = append(receipt.OrderIDs, o.ID)
		if o.PayableFen == 0 {
			if err := s.settle(ctx, tx, who, o, ""); err != nil {
				return Receipt{}, err
			}
		}
	}
	return receipt, emptyCart(ctx, tx, who.OrgID, wants)
}

func newOrder(c Checkout, who account.Principal, g Group, names map[id.ID]string) Order {
	return Order{
		ID: g.OrderID, CheckoutID: c.ID, BuyerOrg: who.OrgID, BuyerUser: who.UserID,
		BuyerName: names[who.OrgID], BuyerLogin: who.Username,
		ProviderOrg: g.ProviderOrg, ProviderName: names[g.ProviderOrg], Title: g.Title(), Kind: "new",
		Status: Placed, Instant: g.Instant(), PriceFen: g.Price(), RedeemedFen: g.Redeemed(), PayableFen: g.Payable(),
		PlacedAt: c.PlacedAt, ExpiresAt: c.ExpiresAt, Version: 1,
	}
}

// write stores a new order with its lines and what vouchers pay of them.
func (s *Service) write(ctx context.Context, tx *db.Tx, who account.Principal, o Order, g Group) error {
	lines := make([]Line, len(g.Lines))
	for i, l := range g.Lines {
		fits, err := json.Marshal(scope{l.Item.Categories, l.Item.Industries, l.Item.Tags})
		if err != nil {
			return err
		}
		lines[i] = Line{
			ID: id.New(), OrderID: o.ID, LineNo: int64(i + 1), OfferingID: l.Item.OfferingID, RevisionID: l.Item.RevisionID, PlanID: l.Item.PlanID,
			Name: l.Item.Name, PlanName: l.Item.PlanName, Attributes: l.Item.Attributes, Unit: l.Item.Unit, CoverFile: l.Item.CoverFile,
			Instant: l.Item.Instant, Scope: string(fits), UnitPriceFen: l.Item.UnitPrice, Quantity: l.Quantity, PriceFen: l.Price, RedeemedFen: l.Redeemed,
		}
	}
	var redemptions []Redemption
	for i, l := range g.Lines {
		for _, u := range l.uses {
			redemptions = append(redemptions, Redemption{
				OrderID: o.ID, HoldID: u.holdID, LineNo: int64(i + 1), VoucherID: u.voucherID, Name: u.name,
				AmountFen: u.amount, BalanceAfterFen: u.balanceAfter,
			})
		}
	}
	if err := insertOrder(ctx, tx, o, lines, redemptions); err != nil {
		return err
	}
	if err := insertStep(ctx, tx, who, o.ID, "place", "", Placed, ""); err != nil {
		return err
	}
	return trail(ctx, tx, who, o, "place", map[string]any{
		"checkout": o.CheckoutID, "priceFen": o.PriceFen, "redeemedFen": o.RedeemedFen, "payableFen": o.PayableFen,
	})
}

func buyerAndProviders(buyer id.ID, groups []Group) []id.ID {
	ids := []id.ID{buyer}
	for _, g := range groups {
		ids = append(ids, g.ProviderOrg)
	}
	return ids
}
