package org

import (
	"context"
	"encoding/json"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/codelist"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Measure is what the operator does about a verification that was given.
type Measure struct {
	Verb    Verb   // suspend, restore, revoke
	Reason  string // code of the list discipline_reason
	Comment string // the company reads it in 我的企业
}

func (m Measure) check() error {
	var refused errs.Fields
	if m.Verb != Suspend && m.Verb != Restore && m.Verb != Revoke {
		refused.Add("/verb", "field.choice")
	}
	if l, ok := codelist.Get("discipline_reason"); !ok || !l.Has(m.Reason) {
		refused.Add("/reason", "field.choice")
	}
	if m.Comment == "" {
		refused.Add("/comment", "field.required")
	}
	return refused.Err()
}

var measureWords = map[Verb]string{Suspend: "已暂停", Restore: "已恢复", Revoke: "已取消"}

// Discipline suspends, restores or revokes a company's verification. A change
// that is under review ends with it.
func (s *Service) Discipline(ctx context.Context, who account.Principal, orgID id.ID, m Measure) (o Organization, err error) {
	if err := m.check(); err != nil {
		return o, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if o, err = s.find(ctx, tx, orgID); err != nil {
			return err
		}
		if o.Verification == ChangePending && m.Verb != Restore {
			if err := s.reviews.Stop(ctx, tx, who, o.CaseID, "企业认证"+measureWords[m.Verb]+"，变更申请终止。"); err != nil {
				return err
			}
			if o, err = s.find(ctx, tx, orgID); err != nil {
				return err
			}
		}
		return s.discipline(ctx, tx, who, &o, m)
	})
	return o, err
}

func (s *Service) discipline(ctx context.Context, tx *db.Tx, who account.Principal, o *Organization, m Measure) error {
	to, err := o.Verification.Next(m.Verb)
	if err != nil {
		return err
	}
	verdict, err := json.Marshal(LastVerdict{Verb: m.Verb, Reason: m.Reason, Comment: m.Comment, At: clock.At(tx.Now())})
	if err != nil {
		return err
	}
	ok, err := tx.ExecOne(ctx, `UPDATE organizations SET verification = ?, verdict = ?, returned_version = 0 WHERE id = ? AND verification = ?`,
		to, string(verdict), o.ID, o.Verification)
	if err == nil && !ok {
		err = errs.ErrStale
	}
	if err != nil {
		return err
	}
	from := o.Verification
	o.Verification, o.Verdict, o.ReturnedVersion = to, string(verdict), 0
	if m.Verb == Revoke {
		if err := releaseCodes(ctx, tx, o.ID); err != nil {
			return err
		}
	}
	if err := s.tellChanged(ctx, tx, o.ID); err != nil {
		return err
	}
	body := "原因：" + codelist.Label("discipline_reason", m.Reason) + "。" + m.Comment
	if err := s.tellCompany(ctx, tx, *o, measureWords[m.Verb], body); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{
		Action: "org." + string(m.Verb), ObjectKind: "organization", ObjectID: o.ID, SubjectOrg: o.ID,
		Detail: map[string]any{"from": from, "to": to, "reason": m.Reason, "comment": m.Comment},
	})
}
