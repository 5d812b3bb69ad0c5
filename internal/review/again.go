package review

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Outcome is the last case about a subject with the last thing that was said.
type Outcome struct {
	Case Case
	Last Step
}

// Outcomes answers how the last case about each subject of a kind stands;
// subjects without one are missing from the map.
func (s *Service) Outcomes(ctx context.Context, r db.Reader, k Kind, subjects ...id.ID) (map[id.ID]Outcome, error) {
	out := map[id.ID]Outcome{}
	if len(subjects) == 0 {
		return out, nil
	}
	var cases []Case
	err := r.Select(&cases).Where("kind = ? AND subject_id IN (?)", k, bun.List(subjects)).Order("id").Scan(ctx)
	if err != nil || len(cases) == 0 {
		return out, err
	}
	about := map[id.ID]id.ID{}
	var last []id.ID
	for _, c := range cases {
		out[c.SubjectID] = Outcome{Case: c}
		about[c.ID] = c.SubjectID
		last = append(last, c.ID)
	}
	var steps []Step
	err = r.Select(&steps).Where("case_id IN (?)", bun.List(last)).Order("case_id", "version").Scan(ctx)
	for _, step := range steps {
		subject := about[step.CaseID]
		if o := out[subject]; o.Case.ID == step.CaseID {
			o.Last = step
			out[subject] = o
		}
	}
	return out, err
}

// prefer names who decided the submission before this one, so that the same
// person looks at what has changed. Whoever has left the desk is not named.
func (s *Service) prefer(ctx context.Context, tx *db.Tx, c *Case, after id.ID) error {
	if after == 0 {
		return nil
	}
	before, err := s.Outcomes(ctx, tx, c.Kind, after)
	if err != nil {
		return err
	}
	last := before[after].Last
	if last.Action != Return && last.Action != Reject {
		return nil
	}
	users, err := s.atDesk(ctx, tx, *c)
	if err == nil && slices.Contains(users, last.UserID) && last.UserID != c.SubmitterID {
		c.PreferredID = last.UserID
	}
	return err
}

// Stop ends a pending case on behalf of the platform, because its subject must
// not go on; the subject hears of it as of a withdrawal.
func (s *Service) Stop(ctx context.Context, tx *db.Tx, who account.Principal, caseID id.ID, why string) error {
	c, err := findCase(ctx, tx, caseID)
	if err != nil {
		return err
	}
	if !sits(who, c.Kind, c.Stage) {
		return errs.ErrForbidden
	}
	return s.move(ctx, tx, who, &c, Withdraw, Verdict{Comment: why})
}
