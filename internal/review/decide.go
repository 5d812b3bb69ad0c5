package review

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"smedx/internal/account"
	"smedx/internal/codelist"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Decision is what the person at the desk says. Version and ContentHash are those
// of the case that was read: anything newer answers errs.ErrStale.
type Decision struct {
	Action      Action
	Version     int64
	ContentHash string
	Verdict     Verdict
	Experts     []id.ID // approving a listing's initial review: the panel; none = drawn by lot
}

// check says what is missing, by field, and puts the findings in order. A refusal
// names a reason of the list and says it in words.
func (d *Decision) check(c Case) error {
	var f errs.Fields
	switch d.Action {
	case Approve, Reject, Return, SendBack:
	default:
		f.Add("/action", "field.choice")
	}
	if d.Action != Approve {
		if strings.TrimSpace(d.Verdict.Comment) == "" {
			f.Add("/comment", "field.required")
		}
		if d.Verdict.Reason == "" {
			f.Add("/reason", "field.required")
		}
	}
	if len([]rune(d.Verdict.Comment)) > 1000 {
		f.Add("/comment", "field.too_long", "max", 1000)
	}
	if !known("review_reason", d.Verdict.Reason) {
		f.Add("/reason", "field.choice")
	}
	for i, r := range d.Verdict.Remarks {
		at := "/remarks/" + strconv.Itoa(i)
		if !known("field_remark", r.Reason) {
			f.Add(at+"/reason", "field.choice")
		}
		if len([]rune(r.Comment)) > remarkMax {
			f.Add(at+"/comment", "field.too_long", "max", remarkMax)
		}
	}
	checks, wrong := c.checked(d.Action, d.Verdict.Checks)
	f = append(f, wrong...)
	d.Verdict.Checks = checks
	return f.Err()
}

const remarkMax = 300

// known reports whether a reason is of its list; none is.
func known(list, reason string) bool {
	if reason == "" {
		return true
	}
	l, ok := codelist.Get(list)
	return ok && l.Has(reason)
}

// normalize trims what was typed. A field with a remark is a field to correct.
func (v *Verdict) normalize() {
	v.Comment = strings.TrimSpace(v.Comment)
	for i := range v.Remarks {
		r := &v.Remarks[i]
		r.Comment = strings.TrimSpace(r.Comment)
		if !slices.Contains(v.Fields, r.Field) {
			v.Fields = append(v.Fields, r.Field)
		}
	}
}

// Decide moves a case on behalf of the person at the desk. Four eyes: not the
// submitter, not of the submitter's company, not who decided another stage.
func (s *Service) Decide(ctx context.Context, who account.Principal, caseID id.ID, in Decision) (Case, error) {
	var c Case
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if c, err = s.readable(ctx, tx, who, caseID); err != nil {
			return err
		}
		steps, err := findSteps(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if c.Status.Closed() {
			return ErrNotAllowed.In(c.state())
		}
		if in.Version != c.Version || in.ContentHash != c.ContentHash {
			return errs.ErrStale
		}
		if err := c.mayDecide(who, steps); err != nil {
			return err
		}
		if err := s.unhold(ctx, tx, &c); err != nil {
			return err
		}
		if c.HolderID != 0 && c.HolderID != who.UserID {
			return ErrHeld
		}
		if _, err := c.next(in.Action); err != nil && slices.Contains([]Action{Approve, Reject, Return, SendBack}, in.Action) {
			return err
		}
		if err := in.check(c); err != nil {
			return err
		}
		in.Verdict.normalize()
		if err := s.move(ctx, tx, who, &c, in.Action, in.Verdict); err != nil {
			return err
		}
		if c.Status == Pending && c.Stage == StageExperts {
			return s.draw(ctx, tx, who, c, in.Experts)
		}
		return nil
	})
	if err != nil {
		s.refused(ctx, who, caseID, string(in.Action), err)
		return Case{}, err
	}
	return c, nil
}
