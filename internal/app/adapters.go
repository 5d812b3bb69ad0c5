package app

import (
	"context"
	"errors"

	"smedx/internal/account"
	"smedx/internal/catalog"
	"smedx/internal/expert"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
	"smedx/internal/order"
	"smedx/internal/org"
	"smedx/internal/review"
	"smedx/internal/voucher"
)

// companies answers what other modules ask of a company, each in its own words.
type companies struct {
	orgs     *org.Service
	accounts *account.Service
}

// Companies implements catalog.Companies.
func (c companies) Companies(ctx context.Context, r db.Reader, ids ...id.ID) (map[id.ID]catalog.Company, error) {
	briefs, err := c.orgs.Briefs(ctx, r, ids...)
	out := make(map[id.ID]catalog.Company, len(briefs))
	for i, b := range briefs {
		out[i] = catalog.Company{
			Name: b.Name, City: b.City, RegionCode: b.RegionCode, Verified: org.Verification(b.Verification).InForce(),
		}
	}
	return out, err
}

// ties implements expert.Companies: what links people to a case.
type ties struct {
	companies
	orders *order.Service
}

func (t ties) Ties(ctx context.Context, r db.Reader, c review.Case) (out expert.Ties, err error) {
	var buyers []id.ID
	if c.Kind == review.KindListing {
		if buyers, err = t.orders.Buyers(ctx, r, c.SubjectID); err != nil {
			return out, err
		}
	}
	names, err := t.orgs.Briefs(ctx, r, append([]id.ID{c.SubmitterOrg}, buyers...)...)
	if err != nil {
		return out, err
	}
	out.Company = names[c.SubmitterOrg].Name
	for _, b := range buyers {
		out.Buyers = append(out.Buyers, names[b].Name)
	}
	if out.BuyerPhones, err = t.accounts.PhoneIndexes(ctx, r, buyers...); err != nil {
		return out, err
	}
	if out.Phones, err = t.accounts.PhoneIndexes(ctx, r, c.SubmitterOrg); err != nil {
		return out, err
	}
	f, err := t.orgs.Facts(ctx, r, c.SubmitterOrg)
	if err == nil && f.PhoneIndex != "" {
		out.Phones = append(out.Phones, f.PhoneIndex)
	}
	return out, ignoreNotFound(err)
}

func ignoreNotFound(err error) error {
	if errors.Is(err, errs.ErrNotFound) {
		return nil
	}
	return err
}

// tellCompany sends an in-app message to everybody of a company.
func tellCompany(accounts *account.Service, messages *notify.Service) notify.ToCompany {
	return func(ctx context.Context, tx *db.Tx, orgID id.ID, m notify.Message) error {
		users, err := accounts.UsersOf(ctx, tx, orgID)
		if err != nil {
			return err
		}
		m.UserIDs = users
		return messages.Tell(ctx, tx, m)
	}
}

// followed lets what others keep of a company follow its name and standing.
func followed(orgs *org.Service, offerings *catalog.Service, vouchers *voucher.Service) org.Changed {
	return func(ctx context.Context, tx *db.Tx, orgID id.ID) error {
		if err := offerings.Refresh(ctx, tx, orgID); err != nil {
			return err
		}
		o, err := orgs.Look(ctx, tx, orgID)
		if err != nil {
			return err
		}
		return vouchers.FollowStanding(ctx, tx, orgID, o.Verification)
	}
}
