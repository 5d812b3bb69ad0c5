package voucher

import (
	"context"
	"slices"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// Fit is a voucher that could pay for some of the lines, and how much it would
// pay if it were used alone.
type Fit struct {
	Voucher Voucher
	Max     money.Fen
}

// Use is what one voucher pays of the lines of a quote or an order.
type Use struct {
	HoldID       id.ID // zero in a quote
	OrderID      id.ID // zero in a quote
	VoucherID    id.ID
	Name         string
	Amount       money.Fen
	ByLine       []money.Fen // as many as lines were given
	BalanceAfter money.Fen
}

// Fitting lists the company's usable vouchers that would pay something of these
// lines, earliest expiry first. When it is empty, no choice of vouchers is shown.
func (s *Service) Fitting(ctx context.Context, r db.Reader, orgID id.ID, lines []Line) ([]Fit, error) {
	list, err := s.usable(ctx, r, orgID)
	if err != nil {
		return nil, err
	}
	var fits []Fit
	for _, v := range list {
		if most := sum(v.Terms.deduction(v.Available, lines, amounts(lines))); most > 0 {
			fits = append(fits, Fit{v, most})
		}
	}
	return fits, nil
}

// usable lists the company's vouchers that can pay something today, earliest
// expiry first.
func (s *Service) usable(ctx context.Context, r db.Reader, orgID id.ID) ([]Voucher, error) {
	now := clock.At(r.Now())
	var list []Voucher
	err := selectVouchers(r, &list).
		Where("v.org_id = ? AND v.status = ? AND v.available_fen > 0", orgID, Active).
		Where("v.valid_from <= ? AND v.expires_at > ?", now, now).
		Order("v.expires_at", "v.id").Limit(200).Scan(ctx)
	if err != nil {
		return nil, err
	}
	here, err := s.regionOf(ctx, r, orgID, list)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(v Voucher) bool { return !inRegion(v.Terms.Scope.Regions, here) }), nil
}

// Plan computes what the chosen vouchers pay of the lines, earliest expiry
// first, and refuses a choice that is not allowed. A voucher that finds nothing
// left to pay stands in the answer with amount 0. It writes nothing.
func (s *Service) Plan(ctx context.Context, r db.Reader, orgID id.ID, voucherIDs []id.ID, lines []Line) ([]Use, error) {
	chosen, err := s.choose(ctx, r, orgID, voucherIDs)
	if err != nil {
		return nil, err
	}
	return plan(chosen, lines)
}

// choose loads the chosen vouchers of the company, all usable here and now.
func (s *Service) choose(ctx context.Context, r db.Reader, orgID id.ID, voucherIDs []id.ID) ([]Voucher, error) {
	ids := slices.Clone(voucherIDs)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) == 0 {
		return nil, nil
	}
	var chosen []Voucher
	err := selectVouchers(r, &chosen).Where("v.org_id = ? AND v.id IN (?)", orgID, in(ids)).
		Order("v.expires_at", "v.id").Scan(ctx)
	if err != nil {
		return nil, err
	}
	if len(chosen) != len(ids) {
		return nil, errs.ErrNotFound
	}
	here, err := s.regionOf(ctx, r, orgID, chosen)
	if err != nil {
		return nil, err
	}
	for _, v := range chosen {
		switch {
		case v.Status == Frozen, v.Status == Revoked:
			return nil, stopped(ctx, r, v)
		case !v.Usable(r.Now()):
			return nil, ErrNotUsable.In(string(v.Status)).With("voucher", v.Name)
		case len(chosen) > 1 && !v.Terms.Stackable:
			return nil, ErrNotStackable.With("voucher", v.Name)
		case !inRegion(v.Terms.Scope.Regions, here):
			return nil, ErrNotFitting.With("voucher", v.Name)
		}
	}
	return chosen, nil
}

// regionOf asks for the company only when one of the vouchers minds where it sits.
func (s *Service) regionOf(ctx context.Context, r db.Reader, orgID id.ID, list []Voucher) (string, error) {
	if !slices.ContainsFunc(list, func(v Voucher) bool { return len(v.Terms.Scope.Regions) > 0 }) {
		return "", nil
	}
	c, err := s.company(ctx, r, orgID)
	return c.RegionCode, err
}

// plan is the calculation of Plan: pure.
func plan(chosen []Voucher, lines []Line) ([]Use, error) {
	left := amounts(lines)
	uses := make([]Use, 0, len(chosen))
	for _, v := range chosen {
		if sum(v.Terms.deduction(v.Available, lines, amounts(lines))) == 0 {
			return nil, ErrNotFitting.With("voucher", v.Name)
		}
		byLine := v.Terms.deduction(v.Available, lines, left)
		use := Use{VoucherID: v.ID, Name: v.Name, Amount: sum(byLine), ByLine: byLine}
		use.BalanceAfter = v.Available - use.Amount
		for i, part := range byLine {
			left[i] -= part
		}
		uses = append(uses, use)
	}
	return uses, nil
}

func amounts(lines []Line) []money.Fen {
	out := make([]money.Fen, len(lines))
	for i, l := range lines {
		out[i] = l.Amount
	}
	return out
}

func sum(parts []money.Fen) (total money.Fen) {
	for _, p := range parts {
		total += p
	}
	return total
}
