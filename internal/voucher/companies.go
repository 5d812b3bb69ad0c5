package voucher

import (
	"context"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/org"
)

// CompaniesOf asks the profiles of org.
func CompaniesOf(orgs *org.Service) Companies { return profiles{orgs} }

type profiles struct{ orgs *org.Service }

func (p profiles) Companies(ctx context.Context, r db.Reader, orgIDs ...id.ID) (map[id.ID]Company, error) {
	standings, err := p.orgs.Standings(ctx, r, orgIDs...)
	if err != nil {
		return nil, err
	}
	out := make(map[id.ID]Company, len(standings))
	for orgID, at := range standings {
		out[orgID] = companyOf(at)
	}
	return out, nil
}

func (p profiles) VerifiedAfter(ctx context.Context, r db.Reader, after id.ID, limit int) (some []Company, last id.ID, err error) {
	ids, standings, err := p.orgs.VerifiedAfter(ctx, r, org.KindEnterprise, after, limit)
	if err != nil || len(ids) == 0 {
		return nil, after, err
	}
	for _, orgID := range ids {
		some = append(some, companyOf(standings[orgID]))
	}
	return some, ids[len(ids)-1], nil
}

func companyOf(at org.Standing) Company {
	return Company{
		Verified: at.Verified, VersionID: at.VersionID,
		RegionCode: at.Facts.RegionCode, Size: at.Facts.Size, Industries: at.Facts.Industries,
	}
}
