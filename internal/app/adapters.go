package app

import (
	"context"
	"errors"

	"smedx/internal/account"
	"smedx/internal/catalog"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
	"smedx/internal/org"
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

// PhoneIndexes implements expert.Companies: the people's phones and the company's own.
func (c companies) PhoneIndexes(ctx context.Context, r db.Reader, orgID id.ID) ([]string, error) {
	indexes, err := c.accounts.PhoneIndexes(ctx, r, orgID)
	if err != nil {
		return nil, err
	}
	f, err := c.orgs.Facts(ctx, r, orgID)
	if err == nil && f.PhoneIndex != "" {
		indexes = append(indexes, f.PhoneIndex)
	}
	return indexes, ignoreNotFound(err)
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
