package review

import (
	"context"
	"errors"
	"time"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/notify"
	"smedx/internal/setting"
)

const day = 24 * time.Hour

// stageDays is where each stage's time stands.
var stageDays = map[Stage]setting.Key{
	StageOperator: setting.OperatorDays, StageExperts: setting.ExpertDays, StageDepartment: setting.DepartmentDays,
}

// dueAt is when the stage that the case comes to now should be done.
func (s *Service) dueAt(ctx context.Context, tx *db.Tx, c Case) (clock.Instant, error) {
	days, err := s.settings.Number(ctx, tx, stageDays[c.Stage])
	return clock.At(tx.Now()).Add(time.Duration(days) * day), err
}

// Lateness says whether a pending case's stage is nearly due or overdue.
type Lateness string

// The marks of the inbox; most cases have none.
const (
	DueSoon Lateness = "soon" // within a day
	Late    Lateness = "late"
)

// Lateness is how the stage at work stands with its deadline.
func (c Case) Lateness(now clock.Instant) Lateness {
	switch {
	case c.Status.Closed():
		return ""
	case c.DueAt <= now:
		return Late
	case c.DueAt <= now.Add(day):
		return DueSoon
	}
	return ""
}

// RemindDue tells the people of stages that are nearly due or overdue, once each.
// A panel that is overdue is PanelsDue's.
func (s *Service) RemindDue(ctx context.Context) error {
	ahead, err := s.settings.Number(ctx, s.db, setting.RemindDays)
	if err != nil {
		return err
	}
	now := clock.At(s.db.Now())
	if ahead > 0 {
		// A stage that is shorter than the notice is reminded of by its deadline alone.
		err := s.each(ctx, func(ctx context.Context, tx *db.Tx, c Case) error {
			return s.once(ctx, tx, c, "warned_at", dueSoon(c))
		}, "due_at > ? AND due_at <= ? AND stage_at < due_at - ? AND warned_at = 0",
			now, now.Add(time.Duration(ahead)*day), (time.Duration(ahead) * day).Milliseconds())
		if err != nil {
			return err
		}
	}
	return s.each(ctx, func(ctx context.Context, tx *db.Tx, c Case) error {
		return s.once(ctx, tx, c, "reminded_at", overdue(c))
	}, "due_at <= ? AND stage <> 'experts' AND reminded_at = 0", now)
}

// once sends a reminder if nobody has done so for this stage.
func (s *Service) once(ctx context.Context, tx *db.Tx, c Case, column string, m notify.Message) error {
	ok, err := tx.ExecOne(ctx, `UPDATE review_cases SET `+column+` = ? WHERE id = ? AND version = ? AND `+column+` = 0`,
		clock.At(tx.Now()), c.ID, c.Version)
	if err != nil || !ok {
		return err
	}
	return s.tellWaitedFor(ctx, tx, c, m)
}

// each does something to every pending case of a condition, each in a transaction.
func (s *Service) each(ctx context.Context, do func(context.Context, *db.Tx, Case) error, where string, args ...any) error {
	var due []Case
	err := s.db.Select(&due).Where("status = 'pending'").Where(where, args...).Order("due_at").Limit(200).Scan(ctx)
	if err != nil {
		return err
	}
	var all error // one case that cannot be dealt with does not hold up the others
	for _, c := range due {
		all = errors.Join(all, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return do(ctx, tx, c) }))
	}
	return all
}

// PanelsDue closes panels whose time is over: with enough ballots they decide
// without the experts who are silent, otherwise they get as much time again.
func (s *Service) PanelsDue(ctx context.Context) error {
	return s.each(ctx, s.panelDue, "due_at <= ? AND stage = 'experts'", clock.At(s.db.Now()))
}

func (s *Service) panelDue(ctx context.Context, tx *db.Tx, was Case) error {
	c, err := lockPanel(ctx, tx, was.ID)
	if errors.Is(err, ErrNotAllowed) {
		return nil // the last ballot came first
	}
	if err != nil {
		return err
	}
	if c.DueAt != was.DueAt || c.Version != was.Version {
		return nil
	}
	seats, err := findSeats(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	votes, err := findVotes(ctx, tx, c.ID, c.Round)
	if err != nil {
		return err
	}
	if len(votes) >= Quorum {
		for _, seat := range seats {
			if seat.Round == c.Round && seat.open() {
				if err := s.release(ctx, tx, account.System, c, seat, textSilent); err != nil {
					return err
				}
			}
		}
		return s.settle(ctx, tx, c)
	}
	return s.prolong(ctx, tx, c, seats)
}

// prolong gives a panel without a quorum as much time again. Who has not even
// declared is replaced, the second time everybody who is silent; where nobody
// can step in, they stay and are reminded.
func (s *Service) prolong(ctx context.Context, tx *db.Tx, c Case, seats []Seat) error {
	due, err := s.dueAt(ctx, tx, c)
	if err != nil {
		return err
	}
	ok, err := tx.ExecOne(ctx, `UPDATE review_cases SET due_at = ?, prolonged = prolonged + 1, warned_at = 0 WHERE id = ? AND version = ? AND prolonged = ?`,
		due, c.ID, c.Version, c.Prolonged)
	if err != nil || !ok {
		return err
	}
	c.DueAt = due
	replaced, silent := 0, overdue(c)
	for _, seat := range seats {
		if seat.Round != c.Round || !seat.open() {
			continue
		}
		if seat.State == SeatAsked || c.Prolonged > 0 {
			next, err := s.candidates(ctx, tx, c, 1)
			if err != nil {
				return err
			}
			if len(next) > 0 {
				if err := s.release(ctx, tx, account.System, c, seat, textSilent); err != nil {
					return err
				}
				if err := s.seat(ctx, tx, account.System, c, users(next)); err != nil {
					return err
				}
				replaced++
				continue
			}
		}
		silent.UserIDs = append(silent.UserIDs, seat.UserID)
	}
	if len(silent.UserIDs) > 0 {
		if err := s.tell.Tell(ctx, tx, silent); err != nil {
			return err
		}
	}
	if err := s.tellOperators(ctx, tx, c, prolonged(c, replaced)); err != nil {
		return err
	}
	return s.auditSeat(ctx, tx, account.System, c, "review.prolong", map[string]any{"due": due, "replaced": replaced})
}

// tellOperators reaches those who look after the panels of a kind.
func (s *Service) tellOperators(ctx context.Context, tx *db.Tx, c Case, m notify.Message) error {
	d := desks[c.Kind][StageOperator]
	who, err := s.people.UsersWith(ctx, tx, d.role, d.perm)
	if err != nil || len(who) == 0 {
		return err
	}
	m.UserIDs = who
	return s.tell.Tell(ctx, tx, m)
}
