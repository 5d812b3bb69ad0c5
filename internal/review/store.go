package review

import (
	"context"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

func findCase(ctx context.Context, r db.Reader, caseID id.ID) (c Case, err error) {
	err = r.Select(&c).Where("id = ?", caseID).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return c, err
}

// updateCase writes a step on; the version in the WHERE clause is the lock.
func updateCase(ctx context.Context, tx *db.Tx, c Case, version int64) error {
	ok, err := tx.ExecOne(ctx, `
		UPDATE review_cases SET stage = ?, status = ?, version = ?, round = ?, stage_at = ?, due_at = ?, decided_at = ?, reminded_at = 0, warned_at = 0, prolonged = 0, holder_id = 0
		WHERE id = ? AND version = ? AND status = 'pending'`,
		c.Stage, c.Status, c.Version, c.Round, c.StageAt, c.DueAt, c.DecidedAt, c.ID, version)
	if err == nil && !ok {
		err = errs.ErrStale
	}
	return err
}

// lockPanel holds the case's row until the transaction ends, so that acts of
// experts on one case come one after the other.
func lockPanel(ctx context.Context, tx *db.Tx, caseID id.ID) (Case, error) {
	ok, err := tx.ExecOne(ctx, `
		UPDATE review_cases SET round = round WHERE id = ? AND status = 'pending' AND stage = 'experts'`, caseID)
	if err != nil {
		return Case{}, err
	}
	c, err := findCase(ctx, tx, caseID)
	if err == nil && !ok {
		err = ErrNotAllowed.In(c.state())
	}
	return c, err
}

func insertStep(ctx context.Context, tx *db.Tx, s Step) error {
	if s.Fields == nil {
		s.Fields = []string{}
	}
	if s.Remarks == nil {
		s.Remarks = []Remark{}
	}
	if s.Checks == nil {
		s.Checks = []Check{}
	}
	_, err := tx.Insert(&s).Exec(ctx)
	return err
}

func findSteps(ctx context.Context, r db.Reader, caseID id.ID) (steps []Step, err error) {
	err = r.Select(&steps).Where("case_id = ?", caseID).Order("version", "id").Scan(ctx)
	return steps, err
}

func findSeats(ctx context.Context, r db.Reader, caseID id.ID) (seats []Seat, err error) {
	err = r.Select(&seats).Where("case_id = ?", caseID).Order("round", "asked_at", "user_id").Scan(ctx)
	return seats, err
}

func findSeat(ctx context.Context, r db.Reader, c Case, userID id.ID) (seat Seat, err error) {
	err = r.Select(&seat).Where("case_id = ? AND round = ? AND user_id = ?", c.ID, c.Round, userID).Scan(ctx)
	if db.IsNotFound(err) {
		err = ErrNotAssigned
	}
	return seat, err
}

func moveSeat(ctx context.Context, tx *db.Tx, seat Seat, to SeatState, cause, reason string) error {
	var ended clock.Instant
	if to != SeatDeclared {
		ended = clock.At(tx.Now())
	}
	ok, err := tx.ExecOne(ctx, `
		UPDATE review_seats SET state = ?, cause = ?, reason = ?, ended_at = ?
		WHERE case_id = ? AND round = ? AND user_id = ? AND state = ?`,
		to, cause, reason, ended, seat.CaseID, seat.Round, seat.UserID, seat.State)
	if err == nil && !ok {
		err = errs.ErrStale
	}
	return err
}

func findVotes(ctx context.Context, r db.Reader, caseID id.ID, round int64) (votes []Vote, err error) {
	q := r.Select(&votes).Where("case_id = ?", caseID).Order("round", "id")
	if round > 0 {
		q = q.Where("round = ?", round)
	}
	return votes, q.Scan(ctx)
}

// Load counts the open seats of each expert, for a fair draw.
func Load(ctx context.Context, r db.Reader) (map[id.ID]int64, error) {
	var rows []struct {
		UserID id.ID
		N      int64
	}
	err := r.Raw(`
		SELECT s.user_id, count(*) AS n FROM review_seats s JOIN review_cases c ON c.id = s.case_id AND c.round = s.round
		WHERE s.state IN ('asked', 'declared') AND c.status = 'pending' GROUP BY s.user_id`).Scan(ctx, &rows)
	out := map[id.ID]int64{}
	for _, row := range rows {
		out[row.UserID] = row.N
	}
	return out, err
}
