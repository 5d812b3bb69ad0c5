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
// froze itself, and not where a lead holds them. It runs in the transaction that
// changes the verification.
func (s *Service) FollowStanding(ctx context.Context, tx *db.Tx, orgID id.ID, v org.Verification) error {
	switch {
	case v == org.Suspended || v == org.Revoked:
		return s.stopAll(ctx, tx, orgID, standingWords[v])
	case v.InForce():
		return s.thawAll(ctx, tx, orgID)
	}
	return nil
}

func (s *Service) stopAll(ctx context.Context, tx *db.Tx, orgID id.ID, words string) error {
	list, err := vouchersIn(ctx, tx, orgID, Active)
	if err != nil || len(list) == 0 {
		return err
	}
	for _, one := range list {
		if err := s.mark(ctx, tx, account.System, one, EventFreeze, CauseStanding, Ground{Comment: words}); err != nil {
			return err
		}
	}
	return s.tell(ctx, tx, orgID, notify.Message{
		Event: "voucher_stopped", Title: fmt.Sprintf("%d 张服务券已冻结", len(list)), Body: words + "请在“我的企业”查看原因。", Link: "/workbench/vouchers",
	})
}

// thawAll thaws what a suspension froze; the leads that there are by now have their
// say in the same transaction.
func (s *Service) thawAll(ctx context.Context, tx *db.Tx, orgID id.ID) error {
	list, err := vouchersIn(ctx, tx, orgID, Frozen)
	if err != nil || len(list) == 0 {
		return err
	}
	last, err := LastMeasures(ctx, tx, numbers(list)...)
	if err != nil {
		return err
	}
	words := standingWords[org.Verified]
	var thawed []id.ID
	for _, one := range list {
		if last[one.ID].Cause != CauseStanding {
			continue
		}
		if err := s.mark(ctx, tx, account.System, one, EventUnfreeze, CauseStanding, Ground{Comment: words}); err != nil {
			return err
		}
		thawed = append(thawed, one.ID)
	}
	if err := s.FollowLeads(ctx, tx, orgID); err != nil || len(thawed) == 0 {
		return err
	}
	var free int
	err = tx.Raw(`SELECT COUNT(*) FROM vouchers WHERE id IN (?) AND status = ?`, in(thawed), Active).Scan(ctx, &free)
	if err != nil || free == 0 {
		return err
	}
	return s.tell(ctx, tx, orgID, notify.Message{
		Event: "voucher_thawed", Title: fmt.Sprintf("%d 张服务券已解冻", free), Body: words + "服务券可以继续使用。", Link: "/workbench/vouchers",
	})
}

func vouchersIn(ctx context.Context, tx *db.Tx, orgID id.ID, status Status) (list []Voucher, err error) {
	err = selectVouchers(tx, &list).Where("v.org_id = ? AND v.status = ?", orgID, status).Order("v.id").Scan(ctx)
	return list, err
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
