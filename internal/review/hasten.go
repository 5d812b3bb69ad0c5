package review

import (
	"context"
	"time"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Refusals of asking for haste.
var (
	ErrTooEarly = errs.New(errs.Conflict, "review.hasten_too_early")
	ErrHastened = errs.New(errs.Conflict, "review.hastened_today")
)

// hastenEvery is how often an applicant may ask for haste.
const hastenEvery = 24 * time.Hour

// mayHasten answers whether the applicant may ask for haste (催办): once the
// usual time of the stage is over, and once a day.
func (c Case) mayHasten(at Standing, now clock.Instant) error {
	switch {
	case c.Status.Closed():
		return ErrNotAllowed.In(c.state())
	case now < at.UsualAt:
		return ErrTooEarly
	case c.HastenedAt != 0 && now < c.HastenedAt.Add(hastenEvery):
		return ErrHastened
	}
	return nil
}

// Hasten reminds whoever has the case on the desk, on behalf of its applicant.
func (s *Service) Hasten(ctx context.Context, who account.Principal, caseID id.ID) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := findCase(ctx, tx, caseID)
		if err != nil {
			return err
		}
		if !c.of(who) {
			return errs.ErrNotFound
		}
		standings, err := s.Standings(ctx, tx, c)
		if err != nil {
			return err
		}
		now := clock.At(tx.Now())
		if err := c.mayHasten(standings[c.ID], now); err != nil {
			return err
		}
		ok, err := tx.ExecOne(ctx, `UPDATE review_cases SET hastened_at = ? WHERE id = ? AND version = ? AND hastened_at = ?`,
			now, c.ID, c.Version, c.HastenedAt)
		if err != nil {
			return err
		}
		if !ok {
			return errs.ErrStale
		}
		if err := s.tellWaitedFor(ctx, tx, c, hastened(c)); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "review.hasten", ObjectKind: "review_case", ObjectID: c.ID, SubjectOrg: c.SubmitterOrg,
			Detail: map[string]any{"stage": c.Stage},
		})
	})
	if err != nil {
		s.refused(ctx, who, caseID, "hasten", err)
	}
	return err
}

// of reports whether the case is the caller's: handed in by them or their company.
func (c Case) of(who account.Principal) bool {
	return who.UserID == c.SubmitterID || (who.OrgID != 0 && who.OrgID == c.SubmitterOrg)
}
