package order

import (
	"context"
	"slices"

	"smedx/internal/account"
	"smedx/internal/catalog"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/voucher"
)

// Choice is a voucher that fits what is bought. Redeem and BalanceAfter are what
// it pays in this quote when it is chosen, and what it could pay alone when not.
type Choice struct {
	VoucherID    id.ID
	Name         string
	FaceValue    money.Fen
	Balance      money.Fen
	ExpiresAt    clock.Instant
	Stackable    bool // may be used beside others
	Chosen       bool
	Redeem       money.Fen
	BalanceAfter money.Fen
}

// Quote is what a purchase costs at this moment, with the chosen vouchers.
type Quote struct {
	Groups    []Group
	Providers map[id.ID]string // names
	Choices   []Choice         // earliest expiry first; empty: there is nothing to choose
	Others    []voucher.Fit    // vouchers that cannot pay for this, each with why
	Totals    Totals
	Channels  []string // how the rest can be paid; empty: not at all
}

// Quote prices wanted lines. It promises nothing: Place asks again.
func (s *Service) Quote(ctx context.Context, who account.Principal, wants []Want, voucherIDs []id.ID) (Quote, error) {
	if err := s.companies.RequireVerified(ctx, s.db, who.OrgID); err != nil {
		return Quote{}, err
	}
	wants, err := checkWants(wants)
	if err != nil {
		return Quote{}, err
	}
	groups, err := s.price(ctx, s.db, who.OrgID, wants)
	if err != nil {
		return Quote{}, err
	}
	lines := voucherLines(groups)
	fits, others, err := s.vouchers.Fitting(ctx, s.db, who.OrgID, lines)
	if err != nil {
		return Quote{}, err
	}
	choices := choicesOf(fits)
	uses, err := s.vouchers.Plan(ctx, s.db, who.OrgID, voucherIDs, lines)
	if err != nil {
		return Quote{}, err
	}
	redeem(groups, uses)
	for i, c := range choices {
		n := slices.IndexFunc(uses, func(u voucher.Use) bool { return u.VoucherID == c.VoucherID })
		if choices[i].Chosen = n >= 0; choices[i].Chosen {
			choices[i].Redeem = uses[n].Amount
		}
		choices[i].BalanceAfter = c.Balance - choices[i].Redeem
	}
	providers, err := s.providers(ctx, s.db, groups)
	return Quote{Groups: groups, Providers: providers, Choices: choices, Others: others, Totals: totals(groups), Channels: s.payments.Channels()}, err
}

// price asks the catalog what the lines cost now.
func (s *Service) price(ctx context.Context, r db.Reader, buyer id.ID, wants []Want) ([]Group, error) {
	refs := make([]catalog.PlanRef, len(wants))
	for i, w := range wants {
		refs[i] = w.ref()
	}
	forSale, err := s.goods.SaleItems(ctx, r, refs...)
	if err != nil {
		return nil, err
	}
	return group(wants, forSale, buyer)
}

func choicesOf(fits []voucher.Fit) []Choice {
	list := make([]Choice, len(fits))
	for i, f := range fits {
		v := f.Voucher
		list[i] = Choice{
			VoucherID: v.ID, Name: v.Name, FaceValue: v.FaceValue, Balance: v.Available, ExpiresAt: v.ExpiresAt,
			Stackable: v.Terms.Stackable, Redeem: f.Max,
		}
	}
	return list
}

func (s *Service) providers(ctx context.Context, r db.Reader, groups []Group) (map[id.ID]string, error) {
	ids := make([]id.ID, len(groups))
	for i, g := range groups {
		ids[i] = g.ProviderOrg
	}
	return s.companies.Names(ctx, r, ids...)
}
