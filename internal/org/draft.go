package org

import (
	"context"
	"errors"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/org/edition"
	"smedx/internal/org/form"
)

// DraftState is a half-filled form with what a page needs to go on.
type DraftState struct {
	Org     Organization
	Form    *form.Definition
	Values  map[string]any
	SavedAt clock.Instant // 0: nothing was saved yet
	Version int64         // to be named by the next save
	Changes []string      // how the form has changed since the answers were begun

	Correction *Correction // what to mend; nil: the whole form is open
}

// Draft answers the draft of the caller's company. Without one it begins with
// the certified profile, the last submission, or empty.
func (s *Service) Draft(ctx context.Context, who account.Principal) (DraftState, error) {
	o, err := s.find(ctx, s.db, who.OrgID)
	if err != nil {
		return DraftState{}, err
	}
	d, err := s.forms.Current(ctx, s.db, string(o.Kind))
	if err != nil {
		return DraftState{}, err
	}
	st := DraftState{Org: o, Form: d, SavedAt: o.DraftAt, Version: o.DraftVersion}
	if st.Correction, err = s.correcting(ctx, s.db, o, d); err != nil {
		return st, err
	}
	begun := o.DraftForm
	if o.DraftAt != 0 {
		st.Values, err = s.unpack(o.DraftValues, o.DraftSealed)
	} else {
		begun, st.Values, err = s.lastSubmitted(ctx, o)
	}
	if err != nil {
		return st, err
	}
	st.Changes, err = s.formChanges(ctx, begun, d)
	return st, err
}

func (s *Service) lastSubmitted(ctx context.Context, o Organization) (form string, values map[string]any, err error) {
	var versions []Version
	q := s.db.Select(&versions).Where("org_id = ?", o.ID)
	if o.CurrentVersion != 0 && o.ReturnedVersion == 0 {
		q = q.Where("id = ?", o.CurrentVersion)
	}
	err = q.Order("seq DESC").Limit(1).Scan(ctx)
	if err != nil || len(versions) == 0 {
		return "", map[string]any{}, err
	}
	values, err = s.unpack(versions[0].Answers, versions[0].Sealed)
	return versions[0].Form, values, err
}

// formChanges tells how a form reads differently from the one of this name; none for no name.
func (s *Service) formChanges(ctx context.Context, was string, now *form.Definition) ([]string, error) {
	if was == "" || was == edition.Name(now) {
		return nil, nil
	}
	before, err := s.forms.Named(ctx, s.db, was, now.Year)
	if err != nil {
		return nil, err
	}
	return form.Changes(before, now), nil
}

// DropChange forgets a change of certified data that was begun, returned or
// taken back: the form begins again with what is in force.
func (s *Service) DropChange(ctx context.Context, who account.Principal) (o Organization, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if o, err = s.find(ctx, tx, who.OrgID); err != nil {
			return err
		}
		if o.Verification != Verified {
			return errs.ErrInvalidState.In(string(o.Verification))
		}
		ok, err := tx.ExecOne(ctx, `
			UPDATE organizations SET draft_at = 0, draft_values = '', draft_sealed = '', draft_version = draft_version + 1,
				returned_version = 0, verdict = ''
			WHERE id = ? AND verification = ?`, o.ID, o.Verification)
		if err == nil && !ok {
			err = errs.ErrStale
		}
		if err != nil {
			return err
		}
		o.DraftAt, o.ReturnedVersion, o.Verdict = 0, 0, ""
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "org.drop_change", ObjectKind: "organization", ObjectID: o.ID, SubjectOrg: o.ID,
		})
	})
	return o, err
}

// SaveDraft keeps what has been filled in so far. version is the one the page
// began from: of two pages that save, the later is told (version_conflict).
func (s *Service) SaveDraft(ctx context.Context, who account.Principal, values map[string]any, version int64) (DraftState, error) {
	o, err := s.find(ctx, s.db, who.OrgID)
	if err != nil {
		return DraftState{}, err
	}
	d, err := s.forms.Current(ctx, s.db, string(o.Kind))
	if err != nil {
		return DraftState{}, err
	}
	correction, err := s.correcting(ctx, s.db, o, d)
	if err != nil {
		return DraftState{}, err
	}
	values, locked := correction.hold(d, values)
	clean, refused := d.Draft(values)
	refused = append(locked, refused...)
	if err := under("/values", refused).Err(); err != nil {
		return DraftState{}, err
	}
	st := DraftState{Org: o, Form: d, Values: clean, Version: version + 1, Correction: correction}
	if st.Changes, err = s.formChanges(ctx, o.DraftForm, d); err != nil {
		return st, err
	}
	p, err := s.pack(d, clean)
	if err != nil {
		return st, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		st.SavedAt = clock.At(tx.Now())
		return storeDraft(ctx, tx, o, d, p, version)
	})
	return st, err
}

func storeDraft(ctx context.Context, tx *db.Tx, o Organization, d *form.Definition, p packed, version int64) error {
	if !o.Verification.Editable() {
		return errs.ErrInvalidState.In(string(o.Verification))
	}
	name, uscc := o.Name, o.USCC
	if o.CurrentVersion == 0 {
		name, uscc = text(p.values, "company_name"), text(p.values, "uscc")
	}
	ok, err := tx.ExecOne(ctx, `
		UPDATE organizations SET draft_form = ?, draft_year = ?, draft_values = ?, draft_sealed = ?, draft_at = ?,
			draft_version = draft_version + 1, name = ?, uscc = ?
		WHERE id = ? AND draft_version = ? AND verification = ?`,
		edition.Name(d), d.Year, p.plain, p.sealed, clock.At(tx.Now()), name, uscc, o.ID, version, o.Verification)
	if err == nil && !ok {
		err = errs.ErrStale
	}
	return err
}

// under moves refusals to where their values stand in the request.
func under(prefix string, refused errs.Fields) errs.Fields {
	out := make(errs.Fields, 0, len(refused))
	for _, f := range refused {
		f.Pointer = prefix + f.Pointer
		out = append(out, f)
	}
	return out
}

// DraftUploads names the uploads of a company's draft, which stay while it does.
func (s *Service) DraftUploads(ctx context.Context, orgID id.ID) (kept []id.ID, err error) {
	o, err := s.find(ctx, s.db, orgID)
	if errors.Is(err, errs.ErrNotFound) || err == nil && o.DraftAt == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d, err := s.forms.Current(ctx, s.db, string(o.Kind))
	if err != nil {
		return nil, err
	}
	values, err := s.unpack(o.DraftValues, o.DraftSealed)
	for _, u := range d.Uploads(values) {
		uploadID, bad := id.Parse(u.ID)
		if bad == nil {
			kept = append(kept, uploadID)
		}
	}
	return kept, err
}
