package voucher

import (
	"context"
	"encoding/json"

	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
)

// Halt is a pause of a campaign, or its end, as everybody reads it.
type Halt struct {
	At     clock.Instant
	Event  CampaignEvent // Pause or Resume
	Reason string        // of a pause
}

var haltOf = map[string]CampaignEvent{"campaign.pause": Pause, "campaign.resume": Resume}

// Halts lists the pauses of a campaign and their ends, newest first, as the trail
// has them.
func (s *Service) Halts(ctx context.Context, campaignID id.ID) ([]Halt, error) {
	acts, err := audit.About(ctx, s.db, "campaign", campaignID, "campaign.pause", "campaign.resume")
	if err != nil {
		return nil, err
	}
	list := make([]Halt, 0, len(acts))
	for _, act := range acts {
		var detail struct{ Reason string }
		if err := json.Unmarshal([]byte(act.Detail), &detail); err != nil {
			return nil, err
		}
		list = append(list, Halt{act.At, haltOf[act.Action], detail.Reason})
	}
	return list, nil
}
