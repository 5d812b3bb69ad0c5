package review

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
	"smedx/internal/setting"
)

// Subject is what a case is about: the module that owns it is told of the
// outcome in the decision's transaction, and may still refuse.
type Subject interface {
	Approved(ctx context.Context, tx *db.Tx, who account.Principal, c Case) error
	Rejected(ctx context.Context, tx *db.Tx, who account.Principal, c Case, v Verdict) error
	Returned(ctx context.Context, tx *db.Tx, who account.Principal, c Case, v Verdict) error
	Withdrawn(ctx context.Context, tx *db.Tx, who account.Principal, c Case) error
}

// Panel knows the experts. Experts lists the whole committee in the order of
// preference, those who cannot sit with the reason. Conflict says why a user must
// not judge the case; "" means nothing is known against it.
type Panel interface {
	Experts(ctx context.Context, r db.Reader, c Case) ([]Candidate, error)
	Conflict(ctx context.Context, r db.Reader, c Case, userID id.ID) (string, error)
}

// Candidate is somebody of the committee as the draw sees them.
type Candidate struct {
	UserID id.ID
	Fits   []string // words of the case that the expert's fields share
	Load   int64    // open seats on other panels
	Before bool     // sat on the panel of the submission before this one
	Out    string   // why not to be asked: a conflict, or "on_leave"; "" for who may be
}

// numbers are the settings that an administrator may change.
type numbers interface {
	Number(ctx context.Context, r db.Reader, key setting.Key) (int64, error)
}

// people knows who has a right; teller leaves messages for them.
type people interface {
	Names(ctx context.Context, r db.Reader, users ...id.ID) (map[id.ID]string, error)
	UsersWith(ctx context.Context, r db.Reader, role account.Role, perm account.Permission) ([]id.ID, error)
}
type teller interface {
	Tell(ctx context.Context, tx *db.Tx, m notify.Message) error
	Retract(ctx context.Context, tx *db.Tx, userID id.ID, link string) error
}

// Service runs the cases.
type Service struct {
	db       *db.DB
	people   people
	tell     teller
	settings numbers
	subjects map[Kind]Subject
	panel    Panel
}

// New makes the service; Handle and Seat connect the other modules.
func New(d *db.DB, people people, tell teller, settings numbers) *Service {
	return &Service{db: d, people: people, tell: tell, settings: settings, subjects: map[Kind]Subject{}}
}

// Handle names the module that owns the subjects of a kind.
func (s *Service) Handle(kind Kind, subject Subject) { s.subjects[kind] = subject }

// Seat names the module that knows the experts.
func (s *Service) Seat(p Panel) { s.panel = p }

// move takes the case one step on: guarded by its version, with the step, the
// word to the subject, the notices and the audit row.
func (s *Service) move(ctx context.Context, tx *db.Tx, who account.Principal, c *Case, a Action, v Verdict) error {
	to, err := c.next(a)
	if err != nil {
		return err
	}
	before := *c
	now := clock.At(tx.Now())
	c.Stage, c.Status, c.Version, c.StageAt = to.Stage, to.Status, c.Version+1, now
	c.RemindedAt, c.WarnedAt, c.Prolonged, c.HolderID = 0, 0, 0, 0
	if c.Status.Closed() {
		c.DecidedAt, c.DueAt = now, 0
	} else if c.DueAt, err = s.dueAt(ctx, tx, *c); err != nil {
		return err
	}
	if c.Status == Pending && c.Stage == StageExperts {
		c.Round++
	}
	if err := updateCase(ctx, tx, *c, before.Version); err != nil {
		return err
	}
	step := Step{
		ID: id.New(), CaseID: c.ID, Version: before.Version, Stage: before.Stage, Action: a, UserID: who.UserID,
		UserName: who.Username, Role: string(who.Role), Reason: v.Reason, Comment: v.Comment, Fields: v.Fields, Remarks: v.Remarks, Checks: v.Checks, At: now,
	}
	if err := insertStep(ctx, tx, step); err != nil {
		return err
	}
	if err := s.closeSubject(ctx, tx, who, *c, v); err != nil {
		return err
	}
	if err := s.announce(ctx, tx, *c, v); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{
		Action: "review." + string(a), ObjectKind: "review_case", ObjectID: c.ID, SubjectOrg: c.SubmitterOrg,
		Detail: map[string]any{
			"kind": c.Kind, "subject": c.SubjectID, "from": before.state(), "to": c.state(),
			"version": before.Version, "hash": c.ContentHash, "reason": v.Reason,
		},
	})
}

func (s *Service) closeSubject(ctx context.Context, tx *db.Tx, who account.Principal, c Case, v Verdict) error {
	subject := s.subjects[c.Kind]
	if subject == nil {
		return errors.New("review: nobody handles " + string(c.Kind))
	}
	switch c.Status {
	case Approved:
		return subject.Approved(ctx, tx, who, c)
	case Rejected:
		return subject.Rejected(ctx, tx, who, c, v)
	case Returned:
		return subject.Returned(ctx, tx, who, c, v)
	case Withdrawn:
		return subject.Withdrawn(ctx, tx, who, c)
	}
	return nil
}

// announce tells whoever is next, or the submitter when the case is closed.
func (s *Service) announce(ctx context.Context, tx *db.Tx, c Case, v Verdict) error {
	switch {
	case c.Status == Withdrawn:
		return nil
	case c.Status.Closed():
		return s.tell.Tell(ctx, tx, decided(c, v))
	case c.Stage == StageExperts:
		return nil // the panel is told one by one, as it is drawn
	}
	if c.PreferredID != 0 && c.Version == 1 {
		m := arrived(c)
		m.UserIDs = []id.ID{c.PreferredID}
		return s.tell.Tell(ctx, tx, m)
	}
	return s.tellDesk(ctx, tx, c, arrived(c))
}

func (s *Service) tellDesk(ctx context.Context, tx *db.Tx, c Case, m notify.Message) error {
	users, err := s.atDesk(ctx, tx, c)
	if err != nil {
		return err
	}
	if slices.Contains(users, c.HolderID) {
		users = []id.ID{c.HolderID}
	}
	for _, u := range users {
		if u != c.SubmitterID {
			m.UserIDs = append(m.UserIDs, u)
		}
	}
	if len(m.UserIDs) == 0 {
		return nil
	}
	return s.tell.Tell(ctx, tx, m)
}

// atDesk lists who may decide at the stage at work.
func (s *Service) atDesk(ctx context.Context, r db.Reader, c Case) ([]id.ID, error) {
	d := desks[c.Kind][c.Stage]
	return s.people.UsersWith(ctx, r, d.role, d.perm)
}

// refused leaves a trace of an attempt that was not allowed, in a transaction of
// its own because the attempt's was rolled back.
func (s *Service) refused(ctx context.Context, who account.Principal, caseID id.ID, act string, cause error) {
	if k := errs.Of(cause).Kind; k != errs.Forbidden && k != errs.Conflict {
		return
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "review.refused", ObjectKind: "review_case", ObjectID: caseID,
			Detail: map[string]any{"act": act, "code": errs.Of(cause).Code},
		})
	})
	if err != nil {
		slog.ErrorContext(ctx, "a refused attempt was not recorded", "case", caseID, "error", err)
	}
}
