package voucher

import (
	"context"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// ErrChallenge says that the campaign's challenge is to be solved before a claim.
var ErrChallenge = errs.New(errs.Conflict, "voucher.challenge_required")

type solvedRow struct {
	bun.BaseModel `bun:"table:campaign_challenges"`

	CampaignID id.ID `bun:",pk"`
	OrgID      id.ID `bun:",pk"`
	At         clock.Instant
}

// Challenged says whether a company needs to solve the challenge of a campaign no
// more. It may be solved before the opening.
func (s *Service) Challenged(ctx context.Context, who account.Principal, campaignID id.ID) (solved bool, err error) {
	c, err := findCampaign(ctx, s.db, campaignID)
	if err == nil && (c.hidden() || c.Status == Canceled) {
		err = errs.ErrNotFound
	}
	if err != nil {
		return false, err
	}
	return s.solved(ctx, c, who.OrgID)
}

// NoteSolved keeps that a company has solved the challenge of a campaign.
func (s *Service) NoteSolved(ctx context.Context, who account.Principal, campaignID id.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.InsertNew(ctx, &solvedRow{CampaignID: campaignID, OrgID: who.OrgID, At: clock.At(tx.Now())})
		return err
	})
}

func (s *Service) solved(ctx context.Context, c Campaign, orgID id.ID) (bool, error) {
	if !c.Challenge {
		return true, nil
	}
	return s.db.Select((*solvedRow)(nil)).Where("campaign_id = ? AND org_id = ?", c.ID, orgID).Exists(ctx)
}

// askChallenge refuses a claim of a company that has not solved it.
func (s *Service) askChallenge(ctx context.Context, c Campaign, orgID id.ID) error {
	ok, err := s.solved(ctx, c, orgID)
	if err == nil && !ok {
		err = ErrChallenge
	}
	return err
}
