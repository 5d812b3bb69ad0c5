package voucher

import (
	"cmp"
	"context"
	"slices"
	"time"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// Fit is a voucher beside the lines of a checkout: how much it would pay if it
// were used alone, or why it pays nothing.
type Fit struct {
	Voucher Voucher
	Max     money.Fen
	Why     Reason    // empty: it pays
	Fitting money.Fen // sum of the lines that it may pay for
	Apart   Scope     // for WhyRegion, WhySize and WhyScope: what of its scope is not met
}

// Reason says why a voucher cannot pay for what is bought.
type Reason string

// The reasons, those of the voucher itself first.
const (
	WhyFrozen  Reason = "frozen"
	WhyEnded   Reason = "ended"     // used up, expired or revoked
	WhyNotYet  Reason = "not_yet"   // its time has not begun
	WhyHeld    Reason = "held"      // unpaid orders hold its balance
	WhyRegion  Reason = "region"    // for companies elsewhere
	WhySize    Reason = "size"      // for companies of another size
	WhyScope   Reason = "scope"     // fits nothing of what is bought
	WhyMinimum Reason = "min_order" // what it fits is below its minimum
	WhyNothing Reason = "nothing"   // its share of what it fits is less than a fen
)

// idle answers why the voucher can pay for nothing at an instant.
func (v Voucher) idle(now time.Time) Reason {
	at := clock.At(now)
	switch {
	case v.Status == Frozen:
		return WhyFrozen
	case v.Status != Active, v.ExpiresAt <= at:
		return WhyEnded
	case v.ValidFrom > at:
		return WhyNotYet
	case v.Available == 0:
		return WhyHeld
	}
	return ""
}

// beside answers what the voucher would pay of the lines, or why nothing.
func (v Voucher) beside(lines []Line, now time.Time, buyer Company) Fit {
	f := Fit{Voucher: v, Fitting: v.Terms.fitting(lines), Why: v.idle(now)}
	if f.Why == "" {
		f.Why = v.Terms.Scope.refuses(buyer)
		switch f.Why {
		case WhyRegion:
			f.Apart.Regions = v.Terms.Scope.Regions
		case WhySize:
			f.Apart.Sizes = v.Terms.Scope.Sizes
		}
	}
	if f.Why != "" {
		return f
	}
	f.Max = sum(v.Terms.deduction(v.Available, lines, amounts(lines)))
	switch {
	case f.Max > 0:
	case f.Fitting == 0:
		f.Why, f.Apart = WhyScope, v.Terms.Scope.apart(lines)
	case f.Fitting < v.Terms.MinOrder:
		f.Why = WhyMinimum
	default:
		f.Why = WhyNothing
	}
	return f
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

// recent is how long a voucher that expired is still named beside a checkout.
const recent = clock.Instant(30 * 24 * 3600 * 1000)

// Fitting lists the company's vouchers beside these lines, earliest expiry first:
// those that would pay something, and the others with what keeps them from it.
// When the first is empty, no choice of vouchers is shown.
func (s *Service) Fitting(ctx context.Context, r db.Reader, orgID id.ID, lines []Line) (fits, others []Fit, err error) {
	var all []Voucher
	err = selectVouchers(r, &all).
		Where("v.org_id = ? AND (v.status IN (?) OR v.status = ? AND v.expires_at > ?)", orgID, in([]Status{Active, Frozen}), Expired, clock.At(r.Now())-recent).
		OrderExpr("CASE WHEN v.status = ? THEN 1 ELSE 0 END", Expired).Order("v.expires_at", "v.id").Limit(200).Scan(ctx)
	if err != nil {
		return nil, nil, err
	}
	buyer, err := s.buyer(ctx, r, orgID, all)
	if err != nil {
		return nil, nil, err
	}
	for _, v := range all {
		if f := v.beside(lines, r.Now(), buyer); f.Why == "" {
			fits = append(fits, f)
		} else {
			others = append(others, f)
		}
	}
	return fits, others, nil
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
	buyer, err := s.buyer(ctx, r, orgID, list)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(v Voucher) bool { return v.Terms.Scope.refuses(buyer) != "" }), nil
}

// Plan computes what the chosen vouchers pay of the lines, earliest expiry
// first, and refuses a choice that is not allowed. A voucher that finds nothing
// left to pay stands in the answer with amount 0. It writes nothing.
func (s *Service) Plan(ctx context.Context, r db.Reader, orgID id.ID, voucherIDs []id.ID, lines []Line) ([]Use, error) {
	chosen, err := s.choose(ctx, r, chosenVouchers, orgID, voucherIDs)
	if err != nil {
		return nil, err
	}
	return plan(chosen, lines)
}

var chosenVouchers = db.NewText(`
	SELECT v.*, cv.name, cv.description, cv.terms, c.name AS campaign_name
	FROM vouchers v JOIN campaign_vouchers cv ON cv.id = v.campaign_voucher_id JOIN campaigns c ON c.id = v.campaign_id
	WHERE v.org_id = ? AND v.id IN ? ORDER BY v.id`)

// lockedVouchers makes others who would change the vouchers wait, so that what is
// planned is what is left. The lowest id comes first, as in holdsOf: two callers
// never wait for each other.
var lockedVouchers = chosenVouchers.Locking("v")

// choose loads the chosen vouchers of the company, all usable here and now, those
// that expire first on top.
func (s *Service) choose(ctx context.Context, r db.Reader, how *db.Text, orgID id.ID, voucherIDs []id.ID) ([]Voucher, error) {
	ids := slices.Clone(voucherIDs)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) == 0 {
		return nil, nil
	}
	var chosen []Voucher
	if err := how.Scan(ctx, r, &chosen, orgID, ids); err != nil {
		return nil, err
	}
	slices.SortStableFunc(chosen, func(a, b Voucher) int { return cmp.Compare(a.ExpiresAt, b.ExpiresAt) })
	if len(chosen) != len(ids) {
		return nil, errs.ErrNotFound
	}
	buyer, err := s.buyer(ctx, r, orgID, chosen)
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
		case v.Terms.Scope.refuses(buyer) != "":
			return nil, ErrNotFitting.With("voucher", v.Name)
		}
	}
	return chosen, nil
}

// buyer asks for the company only when one of the vouchers minds who it is.
func (s *Service) buyer(ctx context.Context, r db.Reader, orgID id.ID, list []Voucher) (Company, error) {
	if !slices.ContainsFunc(list, func(v Voucher) bool { return v.Terms.Scope.minds() }) {
		return Company{}, nil
	}
	return s.company(ctx, r, orgID)
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
