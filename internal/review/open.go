package review

import (
	"context"
	"fmt"
	"strings"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Submission asks for a case. ContentHash names exactly what is handed in: a
// decision must name it again.
type Submission struct {
	Kind        Kind
	SubjectID   id.ID
	Title       string // 申请名称
	ContentHash string
	Variant     string // of a listing: its publishing type; chooses items of the check-list
	After       id.ID  // the subject handed in before, whose reviewer is asked first; 0: none
}

// Open begins a case within tx. A subject has at most one pending case.
func (s *Service) Open(ctx context.Context, tx *db.Tx, who account.Principal, in Submission) (Case, error) {
	f, ok := flows[in.Kind]
	if !ok || in.SubjectID == 0 || in.ContentHash == "" || s.subjects[in.Kind] == nil {
		return Case{}, fmt.Errorf("review: cannot open %q for %d", in.Kind, in.SubjectID)
	}
	now := clock.At(tx.Now())
	c := Case{
		ID: id.New(), Kind: in.Kind, SubjectID: in.SubjectID, Title: strings.TrimSpace(in.Title),
		SubmitterID: who.UserID, SubmitterName: who.Username, SubmitterOrg: who.OrgID,
		Stage: f.first, Status: Pending, Version: 1, ContentHash: in.ContentHash,
		Variant: in.Variant, CreatedAt: now, StageAt: now,
	}
	due, err := s.dueAt(ctx, tx, c)
	if err != nil {
		return Case{}, err
	}
	c.DueAt = due
	if err := s.prefer(ctx, tx, &c, in.After); err != nil {
		return Case{}, err
	}
	fresh, err := tx.InsertNew(ctx, &c)
	if err != nil {
		return Case{}, err
	}
	if !fresh {
		return Case{}, ErrOpen
	}
	step := Step{
		ID: id.New(), CaseID: c.ID, Version: 0, Stage: c.Stage, Action: Submit, UserID: who.UserID,
		UserName: who.Username, Role: string(who.Role), At: now,
	}
	if err := insertStep(ctx, tx, step); err != nil {
		return Case{}, err
	}
	if err := s.announce(ctx, tx, c, Verdict{}); err != nil {
		return Case{}, err
	}
	return c, audit.Write(ctx, tx, who.Actor(), audit.Entry{
		Action: "review.submit", ObjectKind: "review_case", ObjectID: c.ID, SubjectOrg: c.SubmitterOrg,
		Detail: map[string]any{"kind": c.Kind, "subject": c.SubjectID, "hash": c.ContentHash},
	})
}

// Drop takes the pending case of a subject from its desk, because there is
// nothing left to decide: the platform itself withdraws it.
func (s *Service) Drop(ctx context.Context, tx *db.Tx, kind Kind, subjectID id.ID) error {
	var c Case
	err := tx.Select(&c).Where("kind = ? AND subject_id = ? AND status = ?", kind, subjectID, Pending).Scan(ctx)
	if db.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.move(ctx, tx, account.System, &c, Withdraw, Verdict{})
}

// Withdraw takes a pending case back. Only the submitter may; whoever else asks
// learns nothing about the case unless they could read it anyway.
func (s *Service) Withdraw(ctx context.Context, who account.Principal, caseID id.ID) (Case, error) {
	var c Case
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if c, err = findCase(ctx, tx, caseID); err != nil {
			return err
		}
		if c.SubmitterID != who.UserID {
			if who.OrgID != 0 && who.OrgID == c.SubmitterOrg {
				return ErrNotSubmitter
			}
			return errs.ErrNotFound
		}
		return s.move(ctx, tx, who, &c, Withdraw, Verdict{})
	})
	if err != nil {
		s.refused(ctx, who, caseID, "withdraw", err)
		return Case{}, err
	}
	return c, nil
}
