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

func (p profiles) Company(ctx context.Context, r db.Reader, orgID id.ID) (Company, error) {
	verified, versionID, facts, err := p.orgs.Standing(ctx, r, orgID)
	return Company{Verified: verified, VersionID: versionID, RegionCode: facts.RegionCode, Size: facts.Size, Industries: facts.Industries}, err
}
