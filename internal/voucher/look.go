package voucher

import (
	"cmp"
	"context"
	"slices"

	"smedx/internal/account"
	"smedx/internal/kit/batch"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Thousands of companies open a campaign's page in the minute in which it begins,
// and ask again every few seconds while it runs. Whoever looks while others are
// being answered is answered together with those who wait too: the campaign is read
// once for all of them, and never before the first of them asked.

const (
	looksTogether = 256
	looksWaiting  = 50_000
)

// Look is what one caller sees of a campaign. What is the same for all who looked
// at that moment is shared: nobody changes it.
type Look struct {
	Campaign Campaign
	News     []Change         // that apply, newest first
	Halts    []Halt           // newest first
	Answers  []RuleAnswer     // to 「我能领吗」, each rule explained; none for whoever is no enterprise
	Mine     map[id.ID]Mine   // by campaign voucher: what the caller's company has
	Unfit    map[id.ID]Reason // by campaign voucher: why the caller's company could use it nowhere
	Solved   bool             // the caller's company has solved the challenge
}

// Mine is what a company has of one campaign voucher.
type Mine struct {
	Vouchers    []Voucher
	Application Application // the open or latest one; zero when there is none
}

// looker is one who looks, and what came of it.
type looker struct {
	ctx      context.Context
	who      account.Principal
	campaign id.ID

	look Look
	err  error
}

func (l *looker) enterprise() bool { return l.who.Role == account.RoleEnterprise }

// ListedCampaign reads a campaign that companies may see, for the caller.
func (s *Service) ListedCampaign(ctx context.Context, who account.Principal, campaignID id.ID) (Look, error) {
	one := looker{ctx: context.WithoutCancel(ctx), who: who, campaign: campaignID}
	if !s.looking.Do(&one) {
		return Look{}, errs.ErrUnavailable.After(1)
	}
	return one.look, one.err
}

func (s *Service) openLooking() {
	s.looking = batch.New(looksTogether, looksWaiting, func(all []*looker) {
		at := map[id.ID][]*looker{}
		for _, one := range all {
			at[one.campaign] = append(at[one.campaign], one)
		}
		for campaign, some := range at {
			if err := s.look(some[0].ctx, campaign, some); err != nil {
				for _, one := range some {
					one.err = err
				}
			}
		}
	})
}

func (s *Service) look(ctx context.Context, campaignID id.ID, all []*looker) error {
	c, err := findCampaign(ctx, s.db, campaignID)
	if err == nil && c.hidden() {
		err = errs.ErrNotFound
	}
	if err != nil {
		return err
	}
	news, err := s.Changes(ctx, c.ID, ChangeApplied)
	if err != nil {
		return err
	}
	halts, err := s.Halts(ctx, c.ID)
	if err != nil {
		return err
	}
	var orgs []id.ID
	for _, one := range all {
		one.look = Look{Campaign: c, News: news, Halts: halts}
		if one.enterprise() {
			orgs = append(orgs, one.who.OrgID)
		}
	}
	if len(orgs) == 0 {
		return nil
	}
	slices.Sort(orgs)
	own, err := s.ownOf(ctx, c, slices.Compact(orgs))
	if err != nil {
		return err
	}
	for _, one := range all {
		if one.enterprise() {
			of := own[one.who.OrgID]
			one.look.Answers, one.look.Mine, one.look.Solved = c.Rules.Explain(of.facts), of.mine, of.solved
			one.look.Unfit = c.unfit(of.facts)
		}
	}
	return nil
}

// unfit are the campaign's vouchers that a verified company could use nowhere: they are
// for companies of other places or sizes.
func (c Campaign) unfit(company Company) map[id.ID]Reason {
	out := map[id.ID]Reason{}
	for _, cv := range c.Vouchers {
		if why := cv.Terms.Scope.refuses(company); why != "" && company.Verified {
			out[cv.ID] = why
		}
	}
	return out
}

// ofCompany is what concerns one company of a campaign.
type ofCompany struct {
	facts  Company
	mine   map[id.ID]Mine
	solved bool
}

// The campaign is compared as a sum, so that the engine looks the companies up
// instead of reading all applications to the campaign.
var (
	appliedBy = db.NewText(`SELECT a.* FROM voucher_applications a WHERE a.org_id IN ? AND a.campaign_id + 0 = ? ORDER BY a.id`)
	solvedBy  = db.NewText(`SELECT org_id FROM campaign_challenges WHERE campaign_id = ? AND org_id IN ?`)
)

func (s *Service) ownOf(ctx context.Context, c Campaign, orgs []id.ID) (map[id.ID]*ofCompany, error) {
	companies, err := s.companies.Companies(ctx, s.db, orgs...)
	if err != nil {
		return nil, err
	}
	out := make(map[id.ID]*ofCompany, len(orgs))
	for _, org := range orgs {
		out[org] = &ofCompany{facts: companies[org], mine: map[id.ID]Mine{}}
	}
	for _, cv := range c.Vouchers {
		had, err := findClaims(ctx, s.db, cv, c, orgs)
		if err != nil {
			return nil, err
		}
		for of, v := range had {
			m := out[of.org].mine[cv.ID]
			m.Vouchers = append(m.Vouchers, v)
			slices.SortFunc(m.Vouchers, func(a, b Voucher) int { return cmp.Compare(a.Seq, b.Seq) })
			out[of.org].mine[cv.ID] = m
		}
	}
	if c.Mode == ByRequest {
		var list []Application
		if err := appliedBy.Scan(ctx, s.db, &list, orgs, c.ID); err != nil {
			return nil, err
		}
		for _, a := range list {
			m := out[a.OrgID].mine[a.CampaignVoucherID]
			m.Application = a
			out[a.OrgID].mine[a.CampaignVoucherID] = m
		}
	}
	if c.Challenge {
		err = solvedBy.Each(ctx, s.db, func(columns func(...any) error) error {
			var org id.ID
			if err := columns(&org); err != nil {
				return err
			}
			out[org].solved = true
			return nil
		}, c.ID, orgs)
	}
	return out, err
}
