package org

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
)

const day = 24 * time.Hour

// The days before its end at which a company is reminded.
const (
	firstNotice = 30
	lastNotice  = 7
)

// ValidFor sets how long a verification lasts; 0, the default, is for ever.
func (s *Service) ValidFor(d time.Duration) { s.valid = d }

func (s *Service) validUntil(from clock.Instant) clock.Instant {
	if s.valid <= 0 {
		return 0
	}
	return from.Add(s.valid)
}

// ExpireDue reminds companies of the end of their verification and ends it. Who
// was verified before verifications had an end keeps at least the time of the
// first reminder.
func (s *Service) ExpireDue(ctx context.Context) error {
	if s.valid <= 0 {
		return nil
	}
	now := clock.At(s.db.Now())
	var due []Organization
	err := s.db.Select(&due).Where("verification IN ('verified', 'change_pending')").
		Where("(valid_until <= ? OR valid_until <= ? AND expiry_notice <> ? OR valid_until <= ? AND expiry_notice = 0)",
			now, now.Add(lastNotice*day), lastNotice, now.Add(firstNotice*day)).
		Order("id").Limit(200).Scan(ctx)
	if err != nil {
		return err
	}
	for _, o := range due {
		err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return s.age(ctx, tx, o) })
		if err != nil {
			return err
		}
	}
	return nil
}

// age takes the next step towards the end of one verification.
func (s *Service) age(ctx context.Context, tx *db.Tx, o Organization) error {
	now := clock.At(tx.Now())
	if o.ValidUntil == 0 {
		until := max(s.validUntil(o.VerifiedAt), now.Add(firstNotice*day))
		_, err := tx.ExecOne(ctx, `UPDATE organizations SET valid_until = ? WHERE id = ? AND valid_until = 0`, until, o.ID)
		return err
	}
	if o.ValidUntil <= now {
		return s.expire(ctx, tx, o)
	}
	notice := int64(firstNotice)
	if o.ValidUntil <= now.Add(lastNotice*day) {
		notice = lastNotice
	}
	ok, err := tx.ExecOne(ctx, `UPDATE organizations SET expiry_notice = ? WHERE id = ? AND expiry_notice = ? AND valid_until = ?`,
		notice, o.ID, o.ExpiryNotice, o.ValidUntil)
	if err != nil || !ok {
		return err
	}
	return s.tellCompany(ctx, tx, o, fmt.Sprintf("将在 %d 天内到期", notice), fmt.Sprintf(
		"贵企业的认证有效期至 %s。请在“我的企业”点击“变更资料”，核对后提交，审核通过即延长有效期；到期后将不能办理业务。", o.ValidUntil.Local()))
}

func (s *Service) expire(ctx context.Context, tx *db.Tx, o Organization) error {
	to, err := o.Verification.Next(Expire)
	if err != nil {
		return err
	}
	verdict, err := json.Marshal(LastVerdict{Verb: Expire, At: clock.At(tx.Now())})
	if err != nil {
		return err
	}
	ok, err := tx.ExecOne(ctx, `
		UPDATE organizations SET verification = ?, verdict = ?, returned_version = 0, expiry_notice = 0
		WHERE id = ? AND verification = ? AND valid_until = ?`, to, string(verdict), o.ID, o.Verification, o.ValidUntil)
	if err != nil || !ok {
		return err
	}
	if to == Expired {
		if err := releaseCodes(ctx, tx, o.ID); err != nil {
			return err
		}
	}
	if err := s.tellChanged(ctx, tx, o.ID); err != nil {
		return err
	}
	if err := s.tellCompany(ctx, tx, o, "已过期", "请在“我的企业”核对并更新资料，重新提交认证；审核通过后恢复办理业务。"); err != nil {
		return err
	}
	return audit.Write(ctx, tx, account.System.Actor(), audit.Entry{
		Action: "org." + string(Expire), ObjectKind: "organization", ObjectID: o.ID, SubjectOrg: o.ID,
		Detail: map[string]any{"from": o.Verification, "to": to},
	})
}
