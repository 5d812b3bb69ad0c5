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
// suspended or revoked, also those that something else stops, and ends that freeze
// when it is restored: what nothing else stops can be used again. It runs in the
// transaction that changes the verification.
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
	list, stops, err := vouchersIn(ctx, tx, []id.ID{orgID}, Active, Frozen)
	if err != nil {
		return err
	}
	fresh := 0
	for _, one := range list {
		if _, stands := StopOf(stops[one.ID], CauseStanding); stands {
			continue
		}
		if _, err := s.mark(ctx, tx, account.System, one, EventFreeze, CauseStanding, CauseStanding, Ground{Comment: words}); err != nil {
			return err
		}
		if one.Status == Active {
			fresh++
		}
	}
	if fresh == 0 {
		return nil
	}
	return s.tell(ctx, tx, orgID, notify.Message{
		Event: "voucher_stopped", Title: fmt.Sprintf("%d 张服务券已冻结", fresh), Body: words + "请在“我的企业”查看原因。", Link: "/workbench/vouchers",
	})
}

// thawAll ends the freeze of a suspension; the leads that there are by now have
// their say in the same transaction.
func (s *Service) thawAll(ctx context.Context, tx *db.Tx, orgID id.ID) error {
	list, stops, err := vouchersIn(ctx, tx, []id.ID{orgID}, Frozen)
	if err != nil || len(list) == 0 {
		return err
	}
	words := standingWords[org.Verified]
	var thawed []id.ID
	for _, one := range list {
		if _, stands := StopOf(stops[one.ID], CauseStanding); !stands {
			continue
		}
		to, err := s.mark(ctx, tx, account.System, one, EventUnfreeze, CauseStanding, CauseStanding, Ground{Comment: words})
		if err != nil {
			return err
		}
		if to == Active {
			thawed = append(thawed, one.ID)
		}
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

// vouchersIn lists the vouchers of some companies in some states, and what stops them.
func vouchersIn(ctx context.Context, r db.Reader, orgIDs []id.ID, states ...Status) (list []Voucher, stops map[id.ID][]Measure, err error) {
	if len(orgIDs) == 0 {
		return nil, nil, nil
	}
	if err = selectVouchers(r, &list).Where("v.org_id IN (?) AND v.status IN (?)", in(orgIDs), in(states)).Order("v.id").Scan(ctx); err != nil {
		return nil, nil, err
	}
	stops, err = Stops(ctx, r, numbers(list)...)
	return list, stops, err
}

// tellStopped tells the company what happened to its voucher, why, and what to do.
func (s *Service) tellStopped(ctx context.Context, tx *db.Tx, v Voucher, e Event, to Status, g Ground) error {
	m := notify.Message{Event: "voucher_stopped", Link: "/workbench/vouchers/" + v.ID.String()}
	switch {
	case e == EventFreeze && v.Status == Frozen:
		m.Title = "服务券又有一项冻结：" + v.Name
		m.Body = "原因：" + g.words() + " 该券已因其他原因冻结，各项冻结都解除后才能使用。如有异议，请联系运营管理员并提供说明材料。"
	case e == EventFreeze:
		m.Title = "服务券已冻结：" + v.Name
		m.Body = "原因：" + g.words() + " 冻结期间不能用于支付，已提交的订单不受影响。如有异议，请联系运营管理员并提供说明材料。"
	case e == EventRevoke:
		m.Title = "服务券已作废：" + v.Name
		m.Body = "原因：" + g.words() + " " + v.revoked() + "该券不能再使用。如有异议，请联系运营管理员。"
	case to == Frozen:
		m.Event, m.Title, m.Body = "voucher_thawed", "服务券的一项冻结已解除："+v.Name, g.words()+" 该券还因其他原因冻结，请在“服务券查询”查看。"
	case to == Exhausted:
		m.Event, m.Title, m.Body = "voucher_thawed", "服务券已解冻："+v.Name, g.words()+" 该券的余额已用完。"
	default:
		m.Event, m.Title, m.Body = "voucher_thawed", "服务券已解冻："+v.Name, g.words()+" 服务券可以继续使用。"
	}
	return s.tell(ctx, tx, v.OrgID, m)
}

// revoked says what a revocation does to the money of a voucher as it stands before it.
func (v Voucher) revoked() string {
	words := "券上没有余额可收回。"
	if v.Available > 0 {
		words = "余额 " + v.Available.Grouped() + " 元已收回活动。"
	}
	if v.Held > 0 {
		words += "订单占用的 " + v.Held.Grouped() + " 元尚未收回：占用的订单不能再付款，订单取消或逾期取消后收回活动；作废前已付的款项到账后仍用于抵扣。"
	}
	if v.Redeemed > 0 {
		words += "已抵扣的 " + v.Redeemed.Grouped() + " 元不受影响，如订单退款则收回活动。"
	}
	return words
}
