package catalog

import (
	"context"
	"errors"
	"strings"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Working is the working copy as its editor needs it.
type Working struct {
	Offering Offering
	Revision Revision
	Content  Content
	Company  string // 企业名称, filled in by the platform
}

// Create begins an offering with an empty draft. Only verified providers may.
func (s *Service) Create(ctx context.Context, who account.Principal, kind Kind) (Working, error) {
	form, ok := formOf(kind)
	if !ok {
		var f errs.Fields
		f.Add("/kind", "field.choice")
		return Working{}, f.Err()
	}
	var o Offering
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.requireVerified(ctx, tx, who.OrgID); err != nil {
			return err
		}
		now := clock.At(tx.Now())
		o = Offering{
			ID: id.New(), OrgID: who.OrgID, Kind: kind, Status: Draft, Work: Draft, WorkFields: "[]",
			Version: 1, CreatedBy: who.UserID, CreatedAt: now, UpdatedAt: now,
		}
		if _, err := tx.Insert(&o).Exec(ctx); err != nil {
			return err
		}
		return s.openDraft(ctx, tx, &o, emptyContent(form))
	})
	if err != nil {
		return Working{}, err
	}
	return s.Working(ctx, who, o.ID)
}

// openDraft adds a draft revision and makes it the working copy.
func (s *Service) openDraft(ctx context.Context, tx *db.Tx, o *Offering, c Content) error {
	now := clock.At(tx.Now())
	o.LastNumber++
	r := Revision{ID: id.New(), OfferingID: o.ID, Number: o.LastNumber, Status: RevDraft, Version: 1, CreatedAt: now, UpdatedAt: now}
	if err := s.write(&r, c); err != nil {
		return err
	}
	if _, err := tx.Insert(&r).Exec(ctx); err != nil {
		return err
	}
	o.Work, o.WorkRevision = Draft, r.ID
	if o.LiveRevision == 0 {
		o.Status = Draft
	}
	return updateOffering(ctx, tx, o)
}

// Working opens the working copy for its company, or the newest version when
// there is none.
func (s *Service) Working(ctx context.Context, who account.Principal, offeringID id.ID) (Working, error) {
	o, err := own(ctx, s.db, who, offeringID)
	if err != nil {
		return Working{}, err
	}
	w := Working{Offering: o}
	if w.Revision, w.Content, err = s.revision(ctx, s.db, o.newest()); err != nil {
		return Working{}, err
	}
	w.Content.Page.Description = cleanRich(w.Content.Page.Description)
	found, err := s.companies.Companies(ctx, s.db, o.OrgID)
	w.Company = found[o.OrgID].Name
	return w, err
}

// Saved is the answer to a save: what the next one must name.
type Saved struct {
	Version int64         `json:"version"`
	SavedAt clock.Instant `json:"savedAt"`
	Plans   []id.ID       `json:"plans" doc:"Ids of the plans, in order: new ones have theirs now"`
	// Description goes back, so that the editor shows what is kept and nothing else.
	Description string `json:"description" doc:"商品说明, cut to safe elements"`
}

// SaveDraft keeps what is typed so far; nothing needs to be complete. version is
// that of the draft that was read: a draft saved elsewhere meanwhile is not
// overwritten.
func (s *Service) SaveDraft(ctx context.Context, who account.Principal, offeringID id.ID, version int64, c Content) (Saved, error) {
	var out Saved
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		o, err := own(ctx, tx, who, offeringID)
		if err != nil {
			return err
		}
		if _, err := o.at(Save).Next(Save); err != nil {
			return err
		}
		form, _ := formOf(o.Kind)
		c = normal(c)
		c.Own = form.ownOnly(c.Own)
		if err := s.nameplans(ctx, tx, o, c.Plans); err != nil {
			return err
		}
		if err := s.claim(ctx, tx, o, c); err != nil {
			return err
		}
		r := Revision{ID: o.WorkRevision, Version: version, UpdatedAt: clock.At(tx.Now())}
		if err := s.write(&r, c); err != nil {
			return err
		}
		if err := saveRevision(ctx, tx, r); err != nil {
			return err
		}
		if o.LiveRevision == 0 {
			o.Name, o.CoverFile = c.Name, c.CoverFile
		}
		out = Saved{Version: version + 1, SavedAt: r.UpdatedAt, Plans: []id.ID{}, Description: c.Page.Description}
		for _, p := range c.Plans {
			out.Plans = append(out.Plans, p.ID)
		}
		_, err = tx.Exec(ctx, `UPDATE offerings SET name = ?, cover_file = ?, updated_at = ? WHERE id = ?`, o.Name, o.CoverFile, r.UpdatedAt, o.ID)
		return err
	})
	return out, err
}

// nameplans gives new plans an id. An id that the offering never had is not
// taken from outside, because carts and orders go by it.
func (s *Service) nameplans(ctx context.Context, tx *db.Tx, o Offering, plans []Plan) error {
	known := map[id.ID]bool{}
	var rows []Revision
	if err := tx.Select(&rows).Where("offering_id = ?", o.ID).Scan(ctx); err != nil {
		return err
	}
	for _, r := range rows {
		c, err := decode(r)
		if err != nil {
			return err
		}
		for _, p := range c.Plans {
			known[p.ID] = true
		}
	}
	for i := range plans {
		if !known[plans[i].ID] || plans[i].ID == 0 {
			plans[i].ID = id.New()
		}
		delete(known, plans[i].ID)
	}
	return nil
}

// claim marks the content's files as used; a file that is not the company's is
// refused at its field.
func (s *Service) claim(ctx context.Context, tx *db.Tx, o Offering, c Content) error {
	var f errs.Fields
	for _, use := range c.files() {
		found, err := s.files.Claim(ctx, tx, o.OrgID, use.purpose, use.file)
		if use.purpose == file.PagePicture && errors.Is(err, errs.ErrNotFound) { // a screenshot may stand there too, if it is no larger
			found, err = s.files.Claim(ctx, tx, o.OrgID, file.ProductMedia, use.file)
		}
		rule, _ := file.RuleOf(use.purpose)
		switch {
		case err == nil && use.picture && !strings.HasPrefix(found[0].MIME, "image/"):
			f.Add(use.pointer, ErrNoPicture.Code)
		case err == nil && use.picture && found[0].Size > rule.Max && found[0].Purpose != use.purpose:
			f.Add(use.pointer, ErrLargePicture.Code)
		case errors.Is(err, errs.ErrNotFound):
			f.Add(use.pointer, ErrFileMissing.Code)
		case err != nil:
			return err
		}
	}
	return f.Err()
}

// Complete answers whether the draft could be handed in as it is; nothing changes.
func (s *Service) Complete(ctx context.Context, who account.Principal, offeringID id.ID, version int64) error {
	o, err := own(ctx, s.db, who, offeringID)
	if err != nil {
		return err
	}
	_, _, err = s.submittable(ctx, s.db, o, version)
	return err
}

// submittable finds what would be handed in, and says everything that is wrong with it.
func (s *Service) submittable(ctx context.Context, r db.Reader, o Offering, version int64) (Revision, Content, error) {
	if _, err := o.at(Submit).Next(Submit); err != nil {
		return Revision{}, Content{}, err
	}
	if err := s.requireVerified(ctx, r, o.OrgID); err != nil {
		return Revision{}, Content{}, err
	}
	rev, c, err := s.revision(ctx, r, o.WorkRevision)
	if err != nil {
		return Revision{}, Content{}, err
	}
	if rev.Version != version {
		return Revision{}, Content{}, errs.ErrStale
	}
	return rev, c, c.Check(o.Kind).Err()
}

// Revise opens a draft with the content that was handed in last: again after a
// refusal, or as a new version of what is on sale, which stays as it is.
func (s *Service) Revise(ctx context.Context, who account.Principal, offeringID id.ID) (Working, error) {
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		o, err := own(ctx, tx, who, offeringID)
		if err != nil {
			return err
		}
		return s.revise(ctx, tx, who, &o)
	})
	if err != nil {
		return Working{}, err
	}
	return s.Working(ctx, who, offeringID)
}

func (s *Service) revise(ctx context.Context, tx *db.Tx, who account.Principal, o *Offering) error {
	if _, err := o.at(Revise).Next(Revise); err != nil {
		return err
	}
	_, c, err := s.revision(ctx, tx, o.newest())
	if err != nil {
		return err
	}
	if err := s.openDraft(ctx, tx, o, c); err != nil {
		return err
	}
	return trail(ctx, tx, who, *o, "catalog.revise", map[string]any{"number": o.LastNumber})
}

// DiscardDraft drops the draft. What was handed in or listed before stands
// again; an offering that was only ever a draft is gone.
func (s *Service) DiscardDraft(ctx context.Context, who account.Principal, offeringID id.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		o, err := own(ctx, tx, who, offeringID)
		if err != nil {
			return err
		}
		if _, err := o.at(Discard).Next(Discard); err != nil {
			return err
		}
		if ok, err := tx.ExecOne(ctx, `DELETE FROM revisions WHERE id = ? AND status = 'draft'`, o.WorkRevision); err != nil || !ok {
			return errors.Join(err, errs.ErrStale)
		}
		last, err := lastRevision(ctx, tx, o.ID)
		if err != nil {
			return err
		}
		if err := trail(ctx, tx, who, o, "catalog.discard", nil); err != nil {
			return err
		}
		o.Work, o.WorkRevision = "", 0
		switch last.Status {
		case "":
			_, err := tx.Exec(ctx, `DELETE FROM offerings WHERE id = ? AND live_revision = 0`, o.ID)
			return err
		case RevRejected, RevReturned:
			o.Work, o.WorkRevision = Rejected, last.ID
		case RevWithdrawn:
			o.Work, o.WorkRevision = Withdrawn, last.ID
		}
		if o.LiveRevision == 0 {
			o.Status = o.Work
		}
		return updateOffering(ctx, tx, &o)
	})
}

func trail(ctx context.Context, tx *db.Tx, who account.Principal, o Offering, action string, detail map[string]any) error {
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{
		Action: action, ObjectKind: "offering", ObjectID: o.ID, SubjectOrg: o.OrgID, Detail: detail,
	})
}
