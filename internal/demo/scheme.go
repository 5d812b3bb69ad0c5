package demo

import (
	"errors"

	"smedx/internal/fund"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/review"
	"smedx/internal/voucher"
)

// scheme puts budgets, voucher types, campaigns and claims on the agenda.
func (l *loader) scheme() {
	for _, b := range l.data.Scheme.Budgets {
		l.on(192, "budget "+b.Key, func() error { return l.budget(b) })
	}
	l.on(188, "voucher types", func() error {
		for _, t := range l.data.Scheme.VoucherTypes {
			made, err := l.Vouchers.CreateType(l.ctx, l.operator(), draftOf(t))
			if err != nil {
				return err
			}
			l.types[t.Key] = made
		}
		return nil
	})
	for i, c := range l.data.Scheme.Campaigns {
		l.on(max(float64(8-c.OpensDays), 9-float64(i)), "campaign "+c.Key, func() error { return l.campaign(c) })
	}
}

func (l *loader) budget(b Budget) error {
	made, err := l.Funds.Create(l.ctx, l.staff["department_demo"], fund.Draft{
		Name: b.Name, Year: int64(l.DB.Now().In(clock.Shanghai).Year()), Purpose: b.Source, Amount: money.Fen(b.AmountFen),
	})
	if err != nil {
		return err
	}
	l.budgets[b.Key] = made
	l.after(l.later(26), "approve "+b.Key, func() error {
		_, err := l.Funds.Decide(l.ctx, l.staff["department_two"], made.ID, made.Version, fund.Approve, "资金来源已核实，同意。")
		return err
	})
	return nil
}

func draftOf(t VoucherType) voucher.TypeDraft {
	return voucher.TypeDraft{
		Name: t.Name, Description: t.Rules, FaceValue: money.Fen(t.FaceFen),
		Terms: voucher.Terms{
			MinOrder: money.Fen(t.MinSpendFen), Share: t.Share, Billing: voucher.BillingStandalone, Stackable: true,
			Validity: voucher.Validity{Days: int64(t.ValidDays)},
			Scope:    voucher.Scope{Categories: t.Categories, Tags: t.Tags, Industries: []string{}, Regions: []string{}, Providers: []id.ID{}},
		},
	}
}

// campaign drafts, submits and gets approved; enterprises claim once it is open.
func (l *loader) campaign(c Campaign) error {
	in := voucher.CampaignDraft{
		Name: c.Name, Description: c.Intro, Mode: voucher.Mode(c.Mode), AutoGrant: true, PerOrg: c.PerOrg,
		OpensAt: l.dayAt(c.OpensDays, 9), ClosesAt: l.dayAt(c.ClosesDays, 24),
		Rules: voucher.Rules{Sizes: []string{}, Regions: []string{}, Industries: []string{}},
	}
	for _, v := range c.Vouchers {
		t := l.typeOf(v.Type)
		in.BudgetID = l.budgets[t.Budget].ID
		in.Rules.Sizes = t.Sizes
		in.Vouchers = append(in.Vouchers, voucher.DraftVoucher{TypeID: l.types[v.Type].ID, Quota: v.Quota})
	}
	made, err := l.Vouchers.CreateCampaign(l.ctx, l.operator(), in)
	if err != nil {
		return err
	}
	if made, err = l.Vouchers.SubmitCampaign(l.ctx, l.operator(), made.ID, made.Version); err != nil {
		return err
	}
	l.after(l.later(20), "approve "+c.Key, func() error {
		caseID, err := l.caseOf(review.KindCampaign, made.ID)
		if err != nil {
			return err
		}
		if err := l.decide(l.staff["department_demo"], caseID, review.Decision{
			Action: review.Approve, Verdict: review.Verdict{Comment: "活动方案与预算相符，同意发布。"},
		}); err != nil {
			return err
		}
		l.campaigns[c.Key], err = l.Vouchers.Campaign(l.ctx, made.ID)
		return err
	})
	l.after(in.OpensAt.Time().Add(1e9), "open "+c.Key, func() error {
		if l.now.Before(in.OpensAt.Time()) {
			return nil // it opens after today
		}
		if err := l.Vouchers.OpenAndCloseDue(l.ctx); err != nil {
			return err
		}
		return l.claims(c, in)
	})
	if closes := in.ClosesAt.Time(); closes.Before(l.now) {
		l.after(closes.Add(1e9), "close "+c.Key, func() error { return l.Vouchers.OpenAndCloseDue(l.ctx) })
	}
	return nil
}

// claims spreads the claims of a campaign's vouchers over its first days; a rush
// is over within minutes.
func (l *loader) claims(c Campaign, in voucher.CampaignDraft) error {
	open := l.campaigns[c.Key]
	for vi, v := range c.Vouchers {
		step := 5.0
		if c.Mode == "rush" {
			step = .02
		}
		given := 0
		for i, e := range l.data.Enterprises {
			if e.State != "verified" || e.Key == v.Left || i%4 == 3 && v.Claim < 10 {
				continue
			}
			l.after(l.later(step*float64(i+1)), "claim of "+e.Key, func() error {
				if given >= v.Claim || !l.DB.Now().Before(in.ClosesAt.Time()) {
					return nil
				}
				who := l.companies[e.Key]
				var err error
				if c.Mode == "rush" {
					_, _, err = l.Vouchers.Claim(l.ctx, who, open.Vouchers[vi].ID, 1)
				} else {
					_, _, err = l.Vouchers.Apply(l.ctx, who, open.Vouchers[vi].ID, "")
				}
				switch {
				case err == nil:
					given++
				case errors.Is(err, voucher.ErrNotEligible), errors.Is(err, voucher.ErrSoldOut), l.Orgs.RequireVerified(l.ctx, l.DB, who.OrgID) != nil:
					err = nil // not for this company, not any more, or not yet
				}
				return err
			})
		}
	}
	return nil
}

func (l *loader) typeOf(key string) VoucherType {
	for _, t := range l.data.Scheme.VoucherTypes {
		if t.Key == key {
			return t
		}
	}
	return VoucherType{}
}

// dayAt is an hour in China, days from the day of loading.
func (l *loader) dayAt(days, hour int) clock.Instant {
	y, m, d := l.now.In(clock.Shanghai).AddDate(0, 0, days).Date()
	return clock.At(dateIn(y, m, d, hour))
}
