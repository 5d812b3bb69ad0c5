package voucher

import (
	"errors"
	"testing"

	"smedx/internal/kit/errs"
)

// Every state and event: what the table does not list is refused and names the state.
func TestCampaignFlowRefusesWhatItDoesNotList(t *testing.T) {
	events := []CampaignEvent{Submit, Approve, Return, Start, SellOut, Pause, Resume, End, Close, Cancel, QuotaRaise}
	for from, row := range CampaignFlow {
		for _, e := range events {
			to, err := from.Next(e)
			want, listed := row[e]
			switch {
			case listed && (err != nil || to != want):
				t.Errorf("%s %s: %s %v", from, e, to, err)
			case !listed && (!errors.Is(err, errs.ErrInvalidState) || errs.Of(err).State != string(from)):
				t.Errorf("%s %s is allowed", from, e)
			}
		}
		for e, to := range row {
			if _, known := CampaignFlow[to]; !known {
				t.Errorf("%s %s leads to %s, which has no row", from, e, to)
			}
		}
	}
}

func TestFinalStatesHaveNoWayOut(t *testing.T) {
	for _, s := range []CampaignStatus{Closed, Canceled} {
		if len(CampaignFlow[s]) != 0 {
			t.Errorf("%s is not final", s)
		}
	}
	for _, s := range []ApplicationStatus{Granted, Refused, Withdrawn, Lapsed} {
		if len(ApplicationFlow[s]) != 0 {
			t.Errorf("%s is not final", s)
		}
	}
}
