package review

import (
	"context"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// SeatsOf lists the cases whose material an expert may read now: he sits on the
// panel and has declared to have no interest. It implements file.Seats.
func (s *Service) SeatsOf(ctx context.Context, r db.Reader, userID id.ID) ([]id.ID, error) {
	var cases []id.ID
	err := r.Raw(`SELECT DISTINCT case_id FROM review_seats WHERE user_id = ? AND state IN ('declared', 'voted') ORDER BY case_id`, userID).Scan(ctx, &cases)
	return cases, err
}

// vacate takes an expert off the panel; the messages about the case go with the seat.
func (s *Service) vacate(ctx context.Context, tx *db.Tx, c Case, seat Seat, to SeatState, cause, reason string) error {
	if err := moveSeat(ctx, tx, seat, to, cause, reason); err != nil {
		return err
	}
	return s.tell.Retract(ctx, tx, seat.UserID, link(c))
}
