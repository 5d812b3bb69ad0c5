package review

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Handover is a task that was passed on (转办): append-only.
type Handover struct {
	bun.BaseModel `bun:"table:review_handovers"`

	ID       id.ID `bun:",pk"`
	CaseID   id.ID
	Version  int64
	Stage    Stage
	FromID   id.ID
	FromName string
	ToID     id.ID
	ToName   string
	Reason   string
	At       clock.Instant
}

// Colleague is somebody a task may be passed on to.
type Colleague struct {
	UserID id.ID  `json:"userId"`
	Name   string `json:"name"`
	Me     bool   `json:"me" doc:"The caller, who takes the task back"`
}

// Colleagues lists who may have the task: of the same desk, without those whom
// four eyes keep away, and without who has it now.
func (s *Service) Colleagues(ctx context.Context, who account.Principal, caseID id.ID) ([]Colleague, error) {
	c, err := s.readable(ctx, s.db, who, caseID)
	if err != nil {
		return nil, err
	}
	return s.colleagues(ctx, s.db, who, c)
}

func (s *Service) colleagues(ctx context.Context, r db.Reader, who account.Principal, c Case) ([]Colleague, error) {
	steps, err := findSteps(ctx, r, c.ID)
	if err != nil {
		return nil, err
	}
	if err := c.mayDecide(who, steps); err != nil {
		return nil, err
	}
	if err := s.unhold(ctx, r, &c); err != nil {
		return nil, err
	}
	atDesk, err := s.atDesk(ctx, r, c)
	if err != nil {
		return nil, err
	}
	names, err := s.people.Names(ctx, r, atDesk...)
	if err != nil {
		return nil, err
	}
	d := desks[c.Kind][c.Stage]
	out := []Colleague{}
	for _, u := range atDesk {
		them := account.Principal{UserID: u, Role: d.role, Permissions: []account.Permission{d.perm}}
		has := c.HolderID == u || c.HolderID == 0 && u == who.UserID
		if !has && c.mayDecide(them, steps) == nil {
			out = append(out, Colleague{u, names[u], u == who.UserID})
		}
	}
	return out, nil
}

// unhold forgets the holder of a task who no longer sits at the desk, because the
// account was disabled or lost the right: the task is everybody's again.
func (s *Service) unhold(ctx context.Context, r db.Reader, c *Case) error {
	if c.HolderID == 0 {
		return nil
	}
	atDesk, err := s.atDesk(ctx, r, *c)
	if err == nil && !slices.Contains(atDesk, c.HolderID) {
		c.HolderID = 0
	}
	return err
}

// unheld lists the cases whose holder no longer sits at the desk.
func (s *Service) unheld(ctx context.Context, r db.Reader) ([]id.ID, error) {
	var held []Case
	err := r.Select(&held).Column("id", "kind", "stage", "holder_id").Where("status = 'pending' AND holder_id <> 0").Scan(ctx)
	if err != nil {
		return nil, err
	}
	var out []id.ID
	for i := range held {
		if err := s.unhold(ctx, r, &held[i]); err != nil {
			return nil, err
		}
		if held[i].HolderID == 0 {
			out = append(out, held[i].ID)
		}
	}
	return out, nil
}

// Delegate passes the task on to a colleague of the same desk, with the reason.
// From then on only they decide, until the stage is over or somebody of the desk
// passes it on again or takes it back.
func (s *Service) Delegate(ctx context.Context, who account.Principal, caseID, to id.ID, version int64, reason string) error {
	reason = strings.TrimSpace(reason)
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := s.readable(ctx, tx, who, caseID)
		if err != nil {
			return err
		}
		if c.Status.Closed() {
			return ErrNotAllowed.In(c.state())
		}
		if c.Version != version {
			return errs.ErrStale
		}
		able, err := s.colleagues(ctx, tx, who, c)
		if err != nil {
			return err
		}
		var f errs.Fields
		switch n := len([]rune(reason)); {
		case n == 0:
			f.Add("/reason", "field.required")
		case n > delegateMax:
			f.Add("/reason", "field.too_long", "max", delegateMax)
		}
		if err := f.Err(); err != nil {
			return err
		}
		i := slices.IndexFunc(able, func(k Colleague) bool { return k.UserID == to })
		if i < 0 {
			return ErrNoColleague
		}
		ok, err := tx.ExecOne(ctx, `UPDATE review_cases SET holder_id = ? WHERE id = ? AND version = ? AND holder_id = ? AND status = 'pending'`,
			to, c.ID, c.Version, c.HolderID)
		if err != nil {
			return err
		}
		if !ok {
			return errs.ErrStale
		}
		h := Handover{
			ID: id.New(), CaseID: c.ID, Version: c.Version, Stage: c.Stage, FromID: who.UserID, FromName: who.Username,
			ToID: to, ToName: able[i].Name, Reason: reason, At: clock.At(tx.Now()),
		}
		if _, err := tx.Insert(&h).Exec(ctx); err != nil {
			return err
		}
		if to != who.UserID {
			if err := s.tell.Tell(ctx, tx, delegated(c, h)); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "review.delegate", ObjectKind: "review_case", ObjectID: c.ID, SubjectOrg: c.SubmitterOrg,
			Detail: map[string]any{"to": to, "stage": c.Stage, "reason": reason},
		})
	})
	if err != nil {
		s.refused(ctx, who, caseID, "delegate", err)
	}
	return err
}

const delegateMax = 200

func findHandovers(ctx context.Context, r db.Reader, caseID id.ID) (out []Handover, err error) {
	err = r.Select(&out).Where("case_id = ?", caseID).Order("id").Scan(ctx)
	return out, err
}
