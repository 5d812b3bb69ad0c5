package voucher

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
)

// tellDecided tells the company how its application for a voucher ended.
func (s *Service) tellDecided(ctx context.Context, tx *db.Tx, a Application) error {
	c, cv, err := readOffer(ctx, tx, a.CampaignVoucherID)
	if err != nil {
		return err
	}
	m := notify.Message{Event: "voucher_refused", Link: "/workbench/campaigns/" + c.ID.String()}
	switch {
	case a.Status == Granted:
		m.Event, m.Link = "voucher_granted", "/workbench/vouchers/"+a.VoucherID.String()
		m.Title = "服务券已发放：" + cv.Name
		if c.Draw {
			m.Title = "已中签，" + m.Title
		}
		m.Body = fmt.Sprintf("活动“%s”：面值 %s 元的服务券已到账，可在“服务券查询”查看和使用。", c.Name, cv.FaceValue.Grouped())
	case a.Status == Lapsed:
		m.Title = "服务券申请已失效：" + cv.Name
		m.Body = fmt.Sprintf("活动“%s”已结束，您的申请在活动关闭前未获批准，不再发放服务券。可在“服务券活动”查看其他活动。", c.Name)
	case c.Draw:
		m.Title, m.Body = "未中签："+cv.Name, fmt.Sprintf("活动“%s”：%s", c.Name, a.Reason)
	default:
		m.Title, m.Body = "服务券申请未通过："+cv.Name, fmt.Sprintf("活动“%s”，原因：%s", c.Name, a.Reason)
	}
	return s.tell(ctx, tx, a.OrgID, m)
}

// tellProposed asks those who handle risks, but not who proposed it, to decide on a revocation.
func (s *Service) tellProposed(ctx context.Context, tx *db.Tx, who account.Principal, v Voucher, g Ground) error {
	if s.staff == nil {
		return nil
	}
	return s.staff.TellHolders(ctx, tx, account.RiskHandle, who.UserID, notify.Message{
		Event: "revocation_waiting", Title: "服务券作废待复核：" + v.Name,
		Body: fmt.Sprintf("%s 提议作废，余额 %s 元，订单占用 %s 元，原因：%s：%s", who.Username, v.Available.Grouped(), v.Held.Grouped(), g.label(), g.Comment), Link: managed(v),
	}, account.RoleOperator, account.RoleDepartment)
}

// tellRevocation tells who proposed a revocation what became of it.
func (s *Service) tellRevocation(ctx context.Context, tx *db.Tx, who account.Principal, v Voucher, r Revocation, e RevocationEvent, said string) error {
	if s.staff == nil || r.ProposedBy == who.UserID {
		return nil
	}
	title, body := "作废提议已通过："+v.Name, who.Username+" 同意作废。"+v.revoked()
	if e == DeclineIt {
		title, body = "作废提议未通过："+v.Name, who.Username+" 不同意作废，原因："+said
	}
	return s.staff.TellUser(ctx, tx, r.ProposedBy, notify.Message{Event: "revocation_decided", Title: title, Body: body, Link: managed(v)})
}

// managed is the page of a voucher for the staff.
func managed(v Voucher) string { return "/workbench/managed-vouchers/" + v.ID.String() }

// warnDays are how many days before its end a company is warned of a voucher
// that still has money on it, the nearest first.
var warnDays = []int64{1, 7, 30}

type warning struct {
	bun.BaseModel `bun:"table:voucher_warnings"`

	VoucherID id.ID
	Days      int64
	At        clock.Instant
}

// WarnDue is a sweep: it tells companies of vouchers that will expire soon, once
// for each of the days. Such a day is left out for a voucher that was issued on
// it or later.
func (s *Service) WarnDue(ctx context.Context) error {
	for _, days := range warnDays {
		ahead := time.Duration(days) * 24 * time.Hour
		now := clock.At(s.db.Now())
		var due []id.ID
		err := s.db.Raw(`
			SELECT v.id FROM vouchers v WHERE v.campaign_id IN (SELECT id FROM campaigns) AND v.status = ? AND v.expires_at > ? AND v.expires_at <= ? AND v.available_fen > 0
				AND v.issued_at < v.expires_at - ?
				AND NOT EXISTS (SELECT 1 FROM voucher_warnings w WHERE w.voucher_id = v.id AND w.days <= ?)
			ORDER BY v.id LIMIT 500`,
			Active, now, now.Add(ahead), (ahead+24*time.Hour).Milliseconds(), days).Scan(ctx, &due)
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
		mine, err := tx.InsertNew(ctx, &warning{VoucherID: voucherID, Days: days, At: clock.At(tx.Now())})
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
			Event: "voucher_expiring", Title: fmt.Sprintf("服务券 %d 天内到期：%s", days, cv.Name),
			Body: fmt.Sprintf("余额 %s 元，%s 到期，到期后余额收回，请尽快使用。", v.Available, last), Link: "/workbench/vouchers/" + v.ID.String(),
		})
	})
}

// tellExpired tells the company that a voucher ended of which orders hold something:
// that is not lost yet, and does not come back to it.
func (s *Service) tellExpired(ctx context.Context, tx *db.Tx, v Voucher) error {
	words := "券上没有余额可收回。"
	if v.Available > 0 {
		words = "余额 " + v.Available.Grouped() + " 元已收回活动。"
	}
	return s.tell(ctx, tx, v.OrgID, notify.Message{
		Event: "voucher_expired", Title: "服务券已过期：" + v.Name, Link: "/workbench/vouchers/" + v.ID.String(),
		Body: words + "订单占用的 " + v.Held.Grouped() + " 元仍可用于已提交的订单，请在订单的支付期限内完成支付；订单取消则收回活动，不再退回券上。",
	})
}
