package voucher

import (
	"context"
	"fmt"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
	"smedx/internal/org"
)

// The words of measures that follow the company's verification.
var standingWords = map[org.Verification]string{
	org.Suspended: "贵企业的认证已被暂停，恢复认证后自动解冻。",
	org.Revoked:   "贵企业的认证已被取消。",
	org.Verified:  "贵企业的认证已恢复。",
}

// FollowStanding freezes the vouchers of a company whose verification is
// suspended or revoked, and thaws them when it is restored: only those that it
// froze itself. It runs in the transaction that changes the verification.
func (s *Service) FollowStanding(ctx context.Context, tx *db.Tx, orgID id.ID, v org.Verification) error {
	event, status := EventUnfreeze, Frozen
	switch {
	case v == org.Suspended || v == org.Revoked:
		event, status = EventFreeze, Active
	case !v.InForce():
		return nil
	}
	var list []Voucher
	if err := selectVouchers(tx, &list).Where("v.org_id = ? AND v.status = ?", orgID, status).Order("v.id").Scan(ctx); err != nil {
		return err
	}
	last := map[id.ID]Measure{}
	if event == EventUnfreeze {
		ids := make([]id.ID, len(list))
		for i, one := range list {
			ids[i] = one.ID
		}
		var err error
		if last, err = LastMeasures(ctx, tx, ids...); err != nil {
			return err
		}
	}
	g, moved := Ground{Comment: standingWords[v]}, 0
	if g.Comment == "" {
		g.Comment = standingWords[org.Verified]
	}
	for _, one := range list {
		if event == EventUnfreeze && last[one.ID].Cause != CauseStanding {
			continue
		}
		if err := s.mark(ctx, tx, account.System, one, event, CauseStanding, g); err != nil {
			return err
		}
		moved++
	}
	if moved == 0 {
		return nil
	}
	m := notify.Message{Event: "voucher_stopped", Title: fmt.Sprintf("%d 张服务券已冻结", moved), Body: g.Comment + "请在“我的企业”查看原因。", Link: "/workbench/vouchers"}
	if event == EventUnfreeze {
		m.Event, m.Title, m.Body = "voucher_thawed", fmt.Sprintf("%d 张服务券已解冻", moved), g.Comment+"服务券可以继续使用。"
	}
	return s.tell(ctx, tx, orgID, m)
}

// tellStopped tells the company what happened to its voucher, why, and what to do.
func (s *Service) tellStopped(ctx context.Context, tx *db.Tx, v Voucher, e Event, g Ground) error {
	m := notify.Message{Event: "voucher_stopped", Link: "/workbench/vouchers/" + v.ID.String()}
	switch e {
	case EventFreeze:
		m.Title = "服务券已冻结：" + v.Name
		m.Body = "原因：" + g.words() + " 冻结期间不能用于支付，已提交的订单不受影响。如有异议，请联系运营管理员并提供说明材料。"
	case EventRevoke:
		m.Title = "服务券已作废：" + v.Name
		m.Body = "原因：" + g.words() + " 余额已收回，不能再使用。如有异议，请联系运营管理员。"
	default:
		m.Event, m.Title, m.Body = "voucher_thawed", "服务券已解冻："+v.Name, g.words()+" 服务券可以继续使用。"
	}
	return s.tell(ctx, tx, v.OrgID, m)
}
