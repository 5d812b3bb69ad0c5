package catalog

import (
	"context"
	"fmt"
	"slices"

	"smedx/internal/account"
	"smedx/internal/codelist"
	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/review"
)

// Submit hands the draft in (提交申请): everything is checked at once, the
// content is frozen under its hash, and a case opens. version is that of the
// draft that was read.
func (s *Service) Submit(ctx context.Context, who account.Principal, offeringID id.ID, version int64) (Offering, error) {
	var o Offering
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if o, err = own(ctx, tx, who, offeringID); err != nil {
			return err
		}
		return s.submit(ctx, tx, who, &o, version)
	})
	return o, err
}

func (s *Service) submit(ctx context.Context, tx *db.Tx, who account.Principal, o *Offering, version int64) error {
	to, err := o.at(Submit).Next(Submit)
	if err != nil {
		return err
	}
	r, c, err := s.submittable(ctx, tx, *o, version)
	if err != nil {
		return err
	}
	if err := s.claim(ctx, tx, *o, c); err != nil {
		return err
	}
	hash, err := c.hash()
	if err != nil {
		return err
	}
	opened, err := s.reviews.Open(ctx, tx, who, review.Submission{
		Kind: review.KindListing, SubjectID: o.ID, Title: c.Name, ContentHash: hash, Variant: string(o.Kind),
	})
	if err != nil {
		return err
	}
	ok, err := tx.ExecOne(ctx, `
		UPDATE revisions SET status = 'in_review', hash = ?, case_id = ?, submitted_at = ? WHERE id = ? AND version = ? AND status = 'draft'`,
		hash, opened.ID, clock.At(tx.Now()), r.ID, version)
	if err != nil {
		return err
	}
	if !ok {
		return errs.ErrStale
	}
	for _, use := range c.files() { // reviewers read what they judge
		err := s.files.Grant(ctx, tx, use.file, file.ToRight(string(account.ListingReview)),
			file.ToRight(string(account.ListingDecide)), file.ToSeat(opened.ID))
		if err != nil {
			return err
		}
	}
	if o.LiveRevision != 0 { // and what it is compared with
		_, before, err := s.revision(ctx, tx, o.LiveRevision)
		if err != nil {
			return err
		}
		for _, use := range before.files() {
			if err := s.files.Grant(ctx, tx, use.file, file.ToSeat(opened.ID)); err != nil {
				return err
			}
		}
	}
	o.Work, o.WorkNote, o.WorkFields = to, "", "[]"
	if o.LiveRevision == 0 {
		o.Status = to
	}
	if err := updateOffering(ctx, tx, o); err != nil {
		return err
	}
	return trail(ctx, tx, who, *o, "catalog.submit", map[string]any{"number": r.Number, "hash": hash})
}

// Approved puts the revision on sale in place of the one before. It is what the
// reviewers read: the hash is compared once more.
func (s *Service) Approved(ctx context.Context, tx *db.Tx, who account.Principal, c review.Case) error {
	o, r, content, err := s.reviewed(ctx, tx, c)
	if err != nil {
		return err
	}
	to, err := o.Work.Next(Approve)
	if err != nil {
		return err
	}
	hash, err := content.hash()
	if err != nil {
		return err
	}
	if hash != c.ContentHash || r.Hash != c.ContentHash {
		return fmt.Errorf("catalog: revision %d is not what was reviewed", r.ID)
	}
	now := clock.At(tx.Now())
	if _, err := tx.Exec(ctx, `UPDATE revisions SET status = 'archived' WHERE offering_id = ? AND status = 'live'`, o.ID); err != nil {
		return err
	}
	ok, err := tx.ExecOne(ctx, `UPDATE revisions SET status = 'live', approved_at = ? WHERE id = ? AND status = 'in_review'`, now, r.ID)
	if err != nil || !ok {
		return fmt.Errorf("catalog: publish revision %d: %v, %w", r.ID, ok, err)
	}
	o.Status, o.Work, o.WorkRevision, o.LiveRevision = to, "", 0, r.ID
	o.Name, o.CoverFile = content.Name, content.CoverFile
	o.DelistedAt, o.DelistedBy, o.DelistReason = 0, "", ""
	if o.ListedAt == 0 {
		o.ListedAt = now
	}
	if err := updateOffering(ctx, tx, &o); err != nil {
		return err
	}
	if err := putPlans(ctx, tx, o, r.ID, content.Plans); err != nil {
		return err
	}
	for _, use := range content.files() {
		if !use.public {
			continue
		}
		if err := s.files.Grant(ctx, tx, use.file, file.Public); err != nil {
			return err
		}
	}
	if err := s.changed(ctx, tx, o.ID); err != nil {
		return err
	}
	return trail(ctx, tx, who, o, "catalog.publish", map[string]any{"number": r.Number, "hash": hash})
}

// Rejected keeps what the reviewer said; the provider may revise.
func (s *Service) Rejected(ctx context.Context, tx *db.Tx, _ account.Principal, c review.Case, v review.Verdict) error {
	return s.refused(ctx, tx, c, Reject, RevRejected, v)
}

// Withdrawn puts the revision aside; the provider may revise.
func (s *Service) Withdrawn(ctx context.Context, tx *db.Tx, _ account.Principal, c review.Case) error {
	return s.refused(ctx, tx, c, Withdraw, RevWithdrawn, review.Verdict{})
}

// Returned opens a draft with the fields to correct; a return that names nothing
// to correct is none.
func (s *Service) Returned(ctx context.Context, tx *db.Tx, who account.Principal, c review.Case, v review.Verdict) error {
	if open := func(check review.Check) bool { return !check.OK }; len(v.Fields) == 0 && !slices.ContainsFunc(v.Checks, open) {
		var f errs.Fields
		f.Add("/fields", ErrNothingMarked.Code)
		return f.Err()
	}
	if err := s.refused(ctx, tx, c, Return, RevReturned, v); err != nil {
		return err
	}
	o, err := findOffering(ctx, tx, c.SubjectID)
	if err != nil {
		return err
	}
	_, content, err := s.revision(ctx, tx, o.WorkRevision)
	if err != nil {
		return err
	}
	return s.openDraft(ctx, tx, &o, content)
}

func (s *Service) refused(ctx context.Context, tx *db.Tx, c review.Case, a Action, ended RevisionStatus, v review.Verdict) error {
	o, r, _, err := s.reviewed(ctx, tx, c)
	if err != nil {
		return err
	}
	if o.Work, err = o.Work.Next(a); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE revisions SET status = ? WHERE id = ? AND status = 'in_review'`, ended, r.ID); err != nil {
		return err
	}
	o.WorkNote, o.WorkFields = v.Comment, toJSON(v.Fields)
	if o.LiveRevision == 0 {
		o.Status = o.Work
	}
	return updateOffering(ctx, tx, &o)
}

// Topics are the words of what a listing case is about, to find experts who
// know the field.
func (s *Service) Topics(ctx context.Context, r db.Reader, c review.Case) ([]string, error) {
	if c.Kind != review.KindListing {
		return nil, nil
	}
	_, _, content, err := s.reviewed(ctx, r, c)
	if err != nil {
		return nil, err
	}
	words := []string{content.Name}
	for _, code := range content.Categories {
		words = append(words, codelist.Label("solution_class", code))
	}
	for _, code := range content.Industries {
		words = append(words, codelist.Label(codelist.Industry, code))
	}
	return words, nil
}

// reviewed finds what a case is about.
func (s *Service) reviewed(ctx context.Context, r db.Reader, c review.Case) (Offering, Revision, Content, error) {
	o, err := findOffering(ctx, r, c.SubjectID)
	if err != nil {
		return Offering{}, Revision{}, Content{}, err
	}
	var rev Revision
	if err := r.Select(&rev).Where("offering_id = ? AND case_id = ?", o.ID, c.ID).Scan(ctx); err != nil {
		return Offering{}, Revision{}, Content{}, fmt.Errorf("catalog: revision of case %d: %w", c.ID, err)
	}
	content, err := s.open(rev)
	return o, rev, content, err
}
