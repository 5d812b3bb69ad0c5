package order

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/catalog"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// CartLine is a plan that a company means to buy. The cart belongs to the
// company: whoever may buy for it sees the same one.
type CartLine struct {
	bun.BaseModel `bun:"table:cart_lines"`

	ID         id.ID `bun:",pk"`
	OrgID      id.ID
	OfferingID id.ID
	PlanID     id.ID
	Unit       catalog.BillingUnit
	Quantity   int64
	Selected   bool
	AddedAt    clock.Instant
}

// CartItem is a cart line with what it is and costs now. An invalid one is not
// for sale any more; Item then holds its name and cover only.
type CartItem struct {
	CartLine

	Valid    bool
	Item     catalog.SaleItem
	Provider string
	Price    money.Fen
}

// Cart lists the caller's cart, newest first.
func (s *Service) Cart(ctx context.Context, who account.Principal) ([]CartItem, error) {
	lines, err := cartOf(ctx, s.db, who.OrgID)
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	refs := make([]catalog.PlanRef, len(lines))
	offerings := make([]id.ID, len(lines))
	for i, l := range lines {
		refs[i], offerings[i] = catalog.PlanRef{PlanID: l.PlanID, Unit: l.Unit}, l.OfferingID
	}
	forSale, err := s.goods.SaleItems(ctx, s.db, refs...)
	if err != nil {
		return nil, err
	}
	heads, err := s.goods.Headline(ctx, s.db, offerings...)
	if err != nil {
		return nil, err
	}
	items := make([]CartItem, len(lines))
	providers := make([]id.ID, 0, len(lines))
	for i, l := range lines {
		item, valid := forSale[refs[i]]
		if !valid {
			h := heads[l.OfferingID]
			item = catalog.SaleItem{OfferingID: l.OfferingID, PlanID: l.PlanID, Unit: l.Unit, Name: h.Name, CoverFile: h.CoverFile}
		}
		price, _ := item.UnitPrice.Times(l.Quantity)
		items[i] = CartItem{CartLine: l, Valid: valid, Item: item, Price: price}
		providers = append(providers, item.ProviderOrg)
	}
	names, err := s.companies.Names(ctx, s.db, providers...)
	for i := range items {
		items[i].Provider = names[items[i].Item.ProviderOrg]
	}
	return items, err
}

// CartCount is the number of lines, for the top bar.
func (s *Service) CartCount(ctx context.Context, who account.Principal) (int64, error) {
	return s.db.Select((*CartLine)(nil)).Where("org_id = ?", who.OrgID).Count(ctx)
}

// AddToCart puts a plan into the cart; what is there already becomes more.
func (s *Service) AddToCart(ctx context.Context, who account.Principal, w Want) (CartLine, error) {
	var line CartLine
	if w.Quantity < 1 || w.Quantity > money.MaxQuantity {
		return line, ErrQuantity
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.companies.RequireVerified(ctx, tx, who.OrgID); err != nil {
			return err
		}
		forSale, err := s.goods.SaleItems(ctx, tx, w.ref())
		if err != nil {
			return err
		}
		item, ok := forSale[w.ref()]
		switch {
		case !ok:
			return ErrNotForSale
		case item.ProviderOrg == who.OrgID:
			return ErrOwnOffering
		}
		n, err := tx.Select((*CartLine)(nil)).Where("org_id = ?", who.OrgID).Count(ctx)
		if err != nil {
			return err
		}
		line = CartLine{
			ID: id.New(), OrgID: who.OrgID, OfferingID: item.OfferingID, PlanID: w.PlanID, Unit: w.Unit,
			Quantity: w.Quantity, Selected: true, AddedAt: clock.At(tx.Now()),
		}
		fresh, err := tx.InsertNew(ctx, &line)
		switch {
		case err != nil:
			return err
		case fresh && n >= maxLines:
			return ErrCartFull
		case fresh:
			return nil
		}
		more, err := tx.ExecOne(ctx, `
			UPDATE cart_lines SET quantity = quantity + ?, selected = TRUE
			WHERE org_id = ? AND plan_id = ? AND unit = ? AND quantity + ? <= ?`,
			w.Quantity, who.OrgID, w.PlanID, w.Unit, w.Quantity, money.MaxQuantity)
		if err == nil && !more {
			err = ErrQuantity
		}
		if err != nil {
			return err
		}
		return tx.Select(&line).Where("org_id = ? AND plan_id = ? AND unit = ?", who.OrgID, w.PlanID, w.Unit).Scan(ctx)
	})
	return line, err
}

// CartChange changes a line; nil leaves a value as it is.
type CartChange struct {
	Quantity *int64
	Selected *bool
}

// ChangeCart changes one line.
func (s *Service) ChangeCart(ctx context.Context, who account.Principal, lineID id.ID, c CartChange) error {
	if c.Quantity != nil && (*c.Quantity < 1 || *c.Quantity > money.MaxQuantity) {
		return ErrQuantity
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		ok, err := tx.ExecOne(ctx, `
			UPDATE cart_lines SET quantity = COALESCE(?, quantity), selected = COALESCE(?, selected)
			WHERE id = ? AND org_id = ?`, c.Quantity, c.Selected, lineID, who.OrgID)
		if err == nil && !ok {
			err = errs.ErrNotFound
		}
		return err
	})
}

// SelectCart ticks or unticks every line.
func (s *Service) SelectCart(ctx context.Context, who account.Principal, selected bool) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE cart_lines SET selected = ? WHERE org_id = ?`, selected, who.OrgID)
		return err
	})
}

// RemoveFromCart removes lines of the caller's cart: all of them, or none when one
// is not there.
func (s *Service) RemoveFromCart(ctx context.Context, who account.Principal, lineIDs ...id.ID) error {
	if len(lineIDs) == 0 {
		return nil
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		distinct := slices.Compact(slices.Sorted(slices.Values(lineIDs)))
		n, err := tx.Exec(ctx, `DELETE FROM cart_lines WHERE org_id = ? AND id IN (?)`, who.OrgID, bun.List(distinct))
		if err == nil && n != int64(len(distinct)) {
			err = errs.ErrNotFound
		}
		return err
	})
}

func cartOf(ctx context.Context, r db.Reader, orgID id.ID) (lines []CartLine, err error) {
	err = r.Select(&lines).Where("org_id = ?", orgID).OrderExpr("id DESC").Scan(ctx)
	return lines, err
}

// emptyCart takes what was bought out of the cart.
func emptyCart(ctx context.Context, tx *db.Tx, orgID id.ID, bought []Want) error {
	for _, w := range bought {
		if err := tx.ExecLater(ctx, nil, `DELETE FROM cart_lines WHERE org_id = ? AND plan_id = ? AND unit = ?`, orgID, w.PlanID, w.Unit); err != nil {
			return err
		}
	}
	return nil
}
