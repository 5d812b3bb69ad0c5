package org

import (
	"context"
	"encoding/json"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/review"
)

// Approved puts the submitted version in force.
func (s *Service) Approved(ctx context.Context, tx *db.Tx, who account.Principal, c review.Case) error {
	o, v, err := s.underReview(ctx, tx, c)
	if err != nil {
		return err
	}
	to, err := o.Verification.Next(Approve)
	if err != nil {
		return err
	}
	now := clock.At(tx.Now())
	ok, err := tx.ExecOne(ctx, `
		UPDATE organizations SET verification = ?, current_version = pending_version, pending_version = 0, verdict = '',
			name = ?, uscc = ?, region_code = ?, verified_at = ?, draft_at = 0, draft_values = '', draft_sealed = '',
			returned_version = 0, valid_until = ?, expiry_notice = 0
		WHERE id = ? AND verification = ? AND pending_version = ?`,
		to, v.Name, v.USCC, v.RegionCode, now, s.validUntil(now), o.ID, o.Verification, v.ID)
	if err == nil && !ok {
		err = errs.ErrStale
	}
	if err != nil {
		return err
	}
	if err := releaseCodes(ctx, tx, o.ID, v.USCC); err != nil {
		return err
	}
	if err := s.tellChanged(ctx, tx, o.ID); err != nil {
		return err
	}
	return s.closed(ctx, tx, who, o, v, Approve, to, "审核通过")
}

// Rejected refuses the version; the form may be corrected and handed in again.
func (s *Service) Rejected(ctx context.Context, tx *db.Tx, who account.Principal, c review.Case, v review.Verdict) error {
	return s.notApproved(ctx, tx, who, c, Reject, v, "未通过")
}

// Returned asks for corrections of the fields that the verdict names; only these
// may then be changed.
func (s *Service) Returned(ctx context.Context, tx *db.Tx, who account.Principal, c review.Case, v review.Verdict) error {
	submitted, err := s.version(ctx, tx, c.SubjectID)
	if err != nil {
		return err
	}
	d, err := s.forms.Named(ctx, tx, submitted.Form, int(submitted.Year))
	if err != nil {
		return err
	}
	if err := markable(d, v); err != nil {
		return err
	}
	return s.notApproved(ctx, tx, who, c, Return, v, "被退回补正")
}

// Withdrawn ends the review on the applicant's wish.
func (s *Service) Withdrawn(ctx context.Context, tx *db.Tx, who account.Principal, c review.Case) error {
	return s.notApproved(ctx, tx, who, c, Withdraw, review.Verdict{}, "")
}

// LastVerdict is why the last submission was not approved, as the page tells it.
type LastVerdict struct {
	Verb    Verb     `json:"verb"`
	Reason  string   `json:"reason,omitempty"`
	Comment string   `json:"comment,omitempty"`
	Fields  []string `json:"fields,omitempty"`

	Remarks []review.Remark `json:"remarks,omitempty"`

	At clock.Instant `json:"at"`
}

// Said reads the last verdict; nil when there is none.
func (o Organization) Said() *LastVerdict {
	if o.Verdict == "" {
		return nil
	}
	var v LastVerdict
	if json.Unmarshal([]byte(o.Verdict), &v) != nil {
		return nil
	}
	return &v
}

func (s *Service) notApproved(ctx context.Context, tx *db.Tx, who account.Principal, c review.Case, verb Verb, said review.Verdict, result string) error {
	o, v, err := s.underReview(ctx, tx, c)
	if err != nil {
		return err
	}
	to, err := o.Verification.Next(verb)
	if err != nil {
		return err
	}
	verdict, err := json.Marshal(LastVerdict{verb, said.Reason, said.Comment, said.Fields, said.Remarks, clock.At(tx.Now())})
	if err != nil {
		return err
	}
	returned := id.ID(0)
	if verb == Return {
		returned = v.ID
	}
	ok, err := tx.ExecOne(ctx, `
		UPDATE organizations SET verification = ?, pending_version = 0, verdict = ?, returned_version = ?
		WHERE id = ? AND verification = ? AND pending_version = ?`, to, string(verdict), returned, o.ID, o.Verification, v.ID)
	if err == nil && !ok {
		err = errs.ErrStale
	}
	if err != nil {
		return err
	}
	keep := []string{}
	if to.InForce() {
		keep = append(keep, o.USCC)
	}
	if err := releaseCodes(ctx, tx, o.ID, keep...); err != nil {
		return err
	}
	return s.closed(ctx, tx, who, o, v, verb, to, result)
}

// underReview finds what a case is about and makes sure that it is still that.
func (s *Service) underReview(ctx context.Context, tx *db.Tx, c review.Case) (Organization, Version, error) {
	v, err := s.version(ctx, tx, c.SubjectID)
	if err != nil {
		return Organization{}, v, err
	}
	o, err := s.find(ctx, tx, v.OrgID)
	if err != nil {
		return o, v, err
	}
	if o.PendingVersion != v.ID || v.ContentHash != c.ContentHash {
		return o, v, errs.ErrStale
	}
	return o, v, nil
}

func (s *Service) closed(ctx context.Context, tx *db.Tx, who account.Principal, o Organization, v Version, verb Verb, to Verification, result string) error {
	if result != "" {
		subject := "认证申请"
		if o.Verification == ChangePending {
			subject = "资料变更申请"
		}
		if err := s.sendOut(ctx, tx, v, subject, result); err != nil {
			return err
		}
	}
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{
		Action: "org." + string(verb), ObjectKind: "organization", ObjectID: o.ID, SubjectOrg: o.ID,
		Detail: map[string]any{"from": o.Verification, "to": to, "version": v.ID},
	})
}
