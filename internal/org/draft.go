package org

import (
	"context"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/org/form"
)

// DraftState is a half-filled form with what a page needs to go on.
type DraftState struct {
	Org     Organization
	Form    *form.Definition
	Values  map[string]any
	SavedAt clock.Instant // 0: nothing was saved yet
	Version int64         // to be named by the next save
}

// Draft answers the draft of the caller's company. Without one it begins with
// the last submission, or empty.
func (s *Service) Draft(ctx context.Context, who account.Principal) (DraftState, error) {
	o, err := s.find(ctx, s.db, who.OrgID)
	if err != nil {
		return DraftState{}, err
	}
	d, err := form.Of(string(o.Kind), yearOf(s.db.Now()))
	if err != nil {
		return DraftState{}, err
	}
	st := DraftState{Org: o, Form: d, SavedAt: o.DraftAt, Version: o.DraftVersion}
	if o.DraftAt != 0 {
		st.Values, err = s.unpack(o.DraftValues, o.DraftSealed)
		return st, err
	}
	st.Values, err = s.lastSubmitted(ctx, o)
	return st, err
}

func (s *Service) lastSubmitted(ctx context.Context, o Organization) (map[string]any, error) {
	var versions []Version
	err := s.db.Select(&versions).Where("org_id = ?", o.ID).Order("seq DESC").Limit(1).Scan(ctx)
	if err != nil || len(versions) == 0 {
		return map[string]any{}, err
	}
	return s.unpack(versions[0].Answers, versions[0].Sealed)
}

// SaveDraft keeps what has been filled in so far. version is the one the page
// began from: of two pages that save, the later is told (version_conflict).
func (s *Service) SaveDraft(ctx context.Context, who account.Principal, values map[string]any, version int64) (DraftState, error) {
	o, err := s.find(ctx, s.db, who.OrgID)
	if err != nil {
		return DraftState{}, err
	}
	d, err := form.Of(string(o.Kind), yearOf(s.db.Now()))
	if err != nil {
		return DraftState{}, err
	}
	clean, refused := d.Draft(values)
	if err := under("/values", refused).Err(); err != nil {
		return DraftState{}, err
	}
	st := DraftState{Org: o, Form: d, Values: clean, Version: version + 1}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		st.SavedAt = clock.At(tx.Now())
		return s.storeDraft(ctx, tx, o, d, clean, version)
	})
	return st, err
}

func (s *Service) storeDraft(ctx context.Context, tx *db.Tx, o Organization, d *form.Definition, values map[string]any, version int64) error {
	if !o.Verification.Editable() {
		return errs.ErrInvalidState.In(string(o.Verification))
	}
	plain, sealed, err := s.pack(d, values)
	if err != nil {
		return err
	}
	name, uscc := o.Name, o.USCC
	if o.CurrentVersion == 0 {
		name, uscc = text(values, "company_name"), text(values, "uscc")
	}
	ok, err := tx.ExecOne(ctx, `
		UPDATE organizations SET draft_form = ?, draft_year = ?, draft_values = ?, draft_sealed = ?, draft_at = ?,
			draft_version = draft_version + 1, name = ?, uscc = ?
		WHERE id = ? AND draft_version = ? AND verification = ?`,
		formName(d), d.Year, plain, sealed, clock.At(tx.Now()), name, uscc, o.ID, version, o.Verification)
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

// uploadsOf reads the ids of uploads that the form check has let through.
func uploadsOf(d *form.Definition, values map[string]any) (licenses, documents []id.ID) {
	images, files := d.Uploads(values)
	return ids(images), ids(files)
}

func ids(texts []string) []id.ID {
	out := make([]id.ID, 0, len(texts))
	for _, t := range texts {
		if i, err := id.Parse(t); err == nil {
			out = append(out, i)
		}
	}
	return out
}
