package org

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/org/edition"
	"smedx/internal/org/form"
	"smedx/internal/review"
)

// Submit hands the form in: every answer is checked at once, the state is frozen
// as a version and a review case opens. On a verified company it asks for a
// change; the certified data stay in force until that is approved.
func (s *Service) Submit(ctx context.Context, who account.Principal, values map[string]any, version int64) (Organization, error) {
	o, err := s.find(ctx, s.db, who.OrgID)
	if err != nil {
		return o, err
	}
	next, err := o.Verification.Next(Submit)
	if err != nil {
		return o, err
	}
	d, err := s.forms.Current(ctx, s.db, string(o.Kind))
	if err != nil {
		return o, err
	}
	correction, err := s.correcting(ctx, s.db, o, d)
	if err != nil {
		return o, err
	}
	values, locked := correction.hold(d, values)
	clean, refused := d.Check(values, today(s.db.Now()))
	refused = append(locked, refused...)
	if uscc := text(clean, "uscc"); uscc != "" {
		taken, err := codeTaken(ctx, s.db, o, uscc)
		if err != nil {
			return o, err
		}
		if taken {
			refused.Add("/uscc", CodeDuplicate)
		}
	}
	if err := under("/values", refused).Err(); err != nil {
		return o, err
	}
	p, err := s.pack(d, clean)
	if err != nil {
		return o, err
	}
	hash, err := contentHash(d, clean)
	if err != nil {
		return o, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.forms.StillCurrent(ctx, tx, d); err != nil {
			return err
		}
		if err := storeDraft(ctx, tx, o, d, p, version); err != nil {
			return err
		}
		return s.freeze(ctx, tx, who, &o, d, p, hash, next)
	})
	return o, err
}

// FormIs refuses a page that shows another version of the form than the one in
// force; a page that does not say is not asked.
func (s *Service) FormIs(ctx context.Context, who account.Principal, version string) error {
	if version == "" {
		return nil
	}
	o, err := s.find(ctx, s.db, who.OrgID)
	if err != nil {
		return err
	}
	d, err := s.forms.Current(ctx, s.db, string(o.Kind))
	if err == nil && d.Version != version {
		err = edition.ErrReplaced
	}
	return err
}

// freeze makes the version, claims its code and uploads, and opens the case.
func (s *Service) freeze(ctx context.Context, tx *db.Tx, who account.Principal, o *Organization, d *form.Definition, p packed, hash string, next Verification) error {
	var refused errs.Fields
	values := p.values
	mine, err := claimCode(ctx, tx, *o, text(values, "uscc"))
	if err != nil {
		return err
	}
	if !mine {
		refused.Add("/values/uscc", CodeDuplicate)
	}
	if err := s.claimUploads(ctx, tx, who, d, values, &refused); err != nil {
		return err
	}
	if err := refused.Err(); err != nil {
		return err
	}
	v, err := s.newVersion(ctx, tx, who, *o, d, p, hash)
	if err != nil {
		return err
	}
	if _, err := tx.Insert(&v).Exec(ctx); err != nil {
		return err
	}
	if err := s.mark(ctx, tx, v, values); err != nil {
		return err
	}
	before, err := lastBefore(ctx, tx, v)
	if err != nil {
		return err
	}
	c, err := s.reviews.Open(ctx, tx, who, review.Submission{
		Kind: o.Kind.caseKind(), SubjectID: v.ID, Title: v.Name, ContentHash: v.ContentHash, After: before,
	})
	if err != nil {
		return err
	}
	ok, err := tx.ExecOne(ctx, `
		UPDATE organizations SET verification = ?, pending_version = ?, case_id = ?, verdict = '', returned_version = 0
		WHERE id = ? AND verification = ?`, next, v.ID, c.ID, o.ID, o.Verification)
	if err == nil && !ok {
		err = errs.ErrStale
	}
	if err != nil {
		return err
	}
	from := o.Verification
	o.Verification, o.PendingVersion, o.CaseID, o.ReturnedVersion, o.Verdict = next, v.ID, c.ID, 0, ""
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{
		Action: "org.submit", ObjectKind: "organization", ObjectID: o.ID, SubjectOrg: o.ID,
		Detail: map[string]any{"from": from, "to": next, "version": v.ID, "hash": v.ContentHash},
	})
}

// claimUploads takes the uploads that the form check has let through and lets
// reviewers read them; one that is not the company's is refused at its field.
func (s *Service) claimUploads(ctx context.Context, tx *db.Tx, who account.Principal, d *form.Definition, values map[string]any, refused *errs.Fields) error {
	for _, u := range d.Uploads(values) {
		purpose := file.Qualification
		if u.Type == form.Image {
			purpose = file.License
		}
		uploadID, err := id.Parse(u.ID)
		if err != nil {
			return err
		}
		_, err = s.files.Claim(ctx, tx, who.OrgID, purpose, uploadID)
		if errors.Is(err, errs.ErrNotFound) {
			refused.Add("/values/"+u.Key, CodeFileMissing)
			continue
		}
		if err != nil {
			return err
		}
		if err := s.files.Grant(ctx, tx, uploadID, file.ToRight(string(account.VerificationReview))); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) newVersion(ctx context.Context, tx *db.Tx, who account.Principal, o Organization, d *form.Definition, p packed, hash string) (Version, error) {
	var seq int64
	if err := tx.Raw(`SELECT coalesce(max(seq), 0) FROM profile_versions WHERE org_id = ?`, o.ID).Scan(ctx, &seq); err != nil {
		return Version{}, err
	}
	values := p.values
	facts, err := json.Marshal(s.facts(o.Kind, values))
	return Version{
		ID: id.New(), OrgID: o.ID, Seq: seq + 1, Form: edition.Name(d), Year: int64(d.Year), Answers: p.plain, Sealed: p.sealed,
		Facts: string(facts), Name: text(values, "company_name"), USCC: text(values, "uscc"),
		RegionCode: text(values, "registered_region"), PhoneIndex: s.box.Index(indexPhone, text(values, "contact_phone")),
		ContentHash: hash, SubmittedBy: who.UserID, SubmittedAt: clock.At(tx.Now()),
	}, err
}

// contentHash names exactly what was handed in: the form, its year and every
// answer, in the order of their keys.
func contentHash(d *form.Definition, values map[string]any) (string, error) {
	raw, err := json.Marshal([]any{edition.Name(d), d.Year, values})
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), err
}
