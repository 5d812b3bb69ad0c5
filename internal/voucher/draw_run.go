package voucher

import (
	"context"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// drawAtOnce is how many applications are decided in one transaction, so that a
// large draw does not keep others from writing.
const drawAtOnce = 200

// The reasons of applications that a draw does not grant.
const (
	reasonNotDrawn = "未中签。抽签种子与结果已公布，可在活动页核验。"
	reasonLostFit  = "开奖时企业不再符合领取条件。"
)

// draw decides all applications of an ended campaign by lot, publishes the seed
// and may be run again after a crash: the order stands from the start, and what
// is decided already is passed over.
func (s *Service) draw(ctx context.Context, campaignID id.ID) error {
	c, err := findCampaign(ctx, s.db, campaignID)
	if err != nil {
		return err
	}
	for _, cv := range c.Vouchers {
		all, err := inTheDraw(ctx, s.db, cv.ID)
		if err != nil {
			return err
		}
		var next []Application
		for _, a := range all {
			if a.Status != Applied {
				continue
			}
			if next = append(next, a); len(next) == drawAtOnce {
				if err := s.decideLots(ctx, c, cv.ID, next); err != nil {
					return err
				}
				next = nil
			}
		}
		if err := s.decideLots(ctx, c, cv.ID, next); err != nil {
			return err
		}
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := findCampaign(ctx, tx, campaignID)
		if err != nil || !c.DrawnAt.IsZero() {
			return err
		}
		c.DrawnAt, c.UpdatedAt = clock.At(tx.Now()), clock.At(tx.Now())
		if err := s.store(ctx, tx, &c, c.Version, Ended); err != nil {
			return err
		}
		return trailCampaign(ctx, tx, account.System, c, "draw", map[string]any{"seed": c.DrawSeed})
	})
}

// inTheDraw reads the applications for a campaign voucher in the order of their tickets.
func inTheDraw(ctx context.Context, r db.Reader, campaignVoucherID id.ID) ([]Application, error) {
	var c Campaign
	err := r.Select(&c).Where("c.id = (SELECT campaign_id FROM campaign_vouchers WHERE id = ?)", campaignVoucherID).Scan(ctx)
	if err != nil {
		return nil, err
	}
	var all []Application
	if err := r.Select(&all).Where("a.campaign_voucher_id = ? AND a.status <> ?", campaignVoucherID, Withdrawn).Scan(ctx); err != nil {
		return nil, err
	}
	of, numbers := make(map[id.ID]Application, len(all)), make([]id.ID, 0, len(all))
	for _, a := range all {
		of[a.ID] = a
		numbers = append(numbers, a.ID)
	}
	all = all[:0]
	for _, l := range DrawLots(c.DrawSeed, numbers) {
		a := of[l.Number]
		a.Ticket = l.Ticket
		all = append(all, a)
	}
	return all, nil
}

// decideLots grants the next applications of the order while there is stock.
func (s *Service) decideLots(ctx context.Context, c Campaign, campaignVoucherID id.ID, next []Application) error {
	if len(next) == 0 {
		return nil
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		orgs := make([]id.ID, 0, len(next))
		for _, a := range next {
			orgs = append(orgs, a.OrgID)
		}
		companies, err := s.companies.Companies(ctx, tx, orgs...)
		if err != nil {
			return err
		}
		_, cv, err := readOffer(ctx, tx, campaignVoucherID)
		if err != nil {
			return err
		}
		var grants []grant
		for _, a := range next {
			a.DecidedAt = clock.At(tx.Now())
			to := ApplicationFlow[a.Status][RefuseIt]
			switch {
			case c.Rules.refusal(companies[a.OrgID]) != nil:
				a.Reason = reasonLostFit
			case int64(len(grants)) == cv.Remaining:
				a.Reason = reasonNotDrawn
			default:
				v := newVoucher(cv, a.OrgID, 1, companies[a.OrgID], tx)
				to, a.VoucherID = ApplicationFlow[a.Status][GrantIt], v.ID
				grants = append(grants, grant{account.System, v})
			}
			if err := moveApplication(ctx, tx, account.System, &a, to); err != nil {
				return err
			}
			if err := s.tellDecided(ctx, tx, a); err != nil {
				return err
			}
		}
		return s.watched(ctx, tx, grants, func() error { return issue(ctx, tx, cv.ID, "voucher.draw", grants) })
	})
}

// Drawn is the result of a draw that anyone may check.
type Drawn struct {
	Commitment string // published before; the hash of the seed
	Seed       string
	At         clock.Instant
	Lots       []DrawnLot // in the order of the tickets
}

// DrawnLot is one application in the published result.
type DrawnLot struct {
	Number  id.ID
	Ticket  string
	Granted bool
	Unfit   bool // passed over: the company did not meet the rules any more
	Mine    bool // of the caller's company
}

// DrawOf publishes the draw of a campaign voucher once it is done; the company's
// own application is marked.
func (s *Service) DrawOf(ctx context.Context, who account.Principal, campaignVoucherID id.ID) (d Drawn, err error) {
	c, cv, err := readOffer(ctx, s.db, campaignVoucherID)
	if err != nil {
		return d, err
	}
	if !c.Draw || c.DrawnAt.IsZero() {
		return d, errs.ErrNotFound
	}
	all, err := inTheDraw(ctx, s.db, cv.ID)
	if err != nil {
		return d, err
	}
	d = Drawn{Commitment: c.DrawCommitment, Seed: c.DrawSeed, At: c.DrawnAt}
	for _, a := range all {
		d.Lots = append(d.Lots, DrawnLot{a.ID, a.Ticket, a.Status == Granted, a.Reason == reasonLostFit, who.OrgID != 0 && a.OrgID == who.OrgID})
	}
	return d, nil
}
