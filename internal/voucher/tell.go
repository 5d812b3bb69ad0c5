package voucher

import (
	"context"
	"fmt"
	"time"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
)

// tellDecided tells the company how its application for a voucher ended.
func (s *Service) tellDecided(ctx context.Context, tx *db.Tx, a Application) error {
	_, cv, err := readOffer(ctx, tx, a.CampaignVoucherID)
	if err != nil {
		return err
	}
	if a.Status == Granted {
		return s.tell(ctx, tx, a.OrgID, notify.Message{
			Event: "voucher_granted", Title: "服务券已发放：" + cv.Name,
			Body: fmt.Sprintf("面值 %s 元的服务券已到账，可在“服务券查询”查看和使用。", cv.FaceValue), Link: "/workbench/vouchers/" + a.VoucherID.String(),
		})
	}
	return s.tell(ctx, tx, a.OrgID, notify.Message{
		Event: "voucher_refused", Title: "服务券申请未通过：" + cv.Name, Body: "原因：" + a.Reason, Link: "/workbench/campaigns",
	})
}

// warnDays are how many days before its end a company is warned of a voucher
// that still has money on it, the nearest first.
var warnDays = []int64{1, 7, 30}

// WarnDue is a sweep: it tells companies of vouchers that will expire soon, once
// for each of the days. A voucher that was issued later than such a day is not
// warned of on it.
func (s *Service) WarnDue(ctx context.Context) error {
	for _, days := range warnDays {
		ahead := time.Duration(days) * 24 * time.Hour
		now := clock.At(s.db.Now())
		var due []id.ID
		err := s.db.Raw(`
			SELECT id FROM vouchers WHERE status = ? AND expires_at > ? AND expires_at <= ? AND available_fen > 0
				AND issued_at < expires_at - ? AND (warned_days = 0 OR warned_days > ?) ORDER BY id LIMIT 500`,
			Active, now, now.Add(ahead), ahead.Milliseconds(), days).Scan(ctx, &due)
		if err != nil {
			return err
		}
		for _, voucherID := range due {
			if err := s.warn(ctx, voucherID, days); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) warn(ctx context.Context, voucherID id.ID, days int64) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		mine, err := tx.ExecOne(ctx, `UPDATE vouchers SET warned_days = ? WHERE id = ? AND status = ? AND (warned_days = 0 OR warned_days > ?)`,
			days, voucherID, Active, days)
		if err != nil || !mine {
			return err
		}
		v, err := findVoucher(ctx, tx, voucherID)
		if err != nil {
			return err
		}
		_, cv, err := readOffer(ctx, tx, v.CampaignVoucherID)
		if err != nil {
			return err
		}
		last := v.ExpiresAt.Add(-time.Second).Local()
		return s.tell(ctx, tx, v.OrgID, notify.Message{
			Event: "voucher_expiring", Title: "服务券即将到期：" + cv.Name,
			Body: fmt.Sprintf("余额 %s 元，%s 到期，到期后余额收回，请尽快使用。", v.Available, last), Link: "/workbench/vouchers/" + v.ID.String(),
		})
	})
}
