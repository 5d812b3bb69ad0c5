package voucher

import (
	"context"
	"strings"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/ledger"
)

// Way is where that goes, or went, what a voucher pays of an order that is taken
// back: to the voucher, or to its campaign when the voucher is over.
type Way struct {
	OrderID   id.ID
	VoucherID id.ID
	Name      string
	Amount    money.Fen
	Lost      Status // Expired or Revoked: to the campaign, and why; "": to the voucher
}

// WaysBack lists the ways of everything that vouchers pay of some orders, those
// that expire first on top. What has gone back already went as the books say.
func (s *Service) WaysBack(ctx context.Context, r db.Reader, orderIDs ...id.ID) ([]Way, error) {
	if len(orderIDs) == 0 {
		return nil, nil
	}
	var rows []struct {
		OrderID   id.ID
		VoucherID id.ID
		Name      string
		AmountFen money.Fen
		Status    Status
		ExpiresAt clock.Instant
		Went      string
	}
	err := r.Raw(`
		SELECT h.order_id, h.voucher_id, cv.name, h.amount_fen, v.status, v.expires_at, COALESCE((
			SELECT p.account FROM journal j JOIN postings p ON p.entry_id = j.id AND p.amount_fen > 0
			WHERE j.kind IN (?, ?) AND j.source_kind = 'hold' AND j.source_id = h.id), '') AS went
		FROM voucher_holds h JOIN vouchers v ON v.id = h.voucher_id JOIN campaign_vouchers cv ON cv.id = v.campaign_voucher_id
		WHERE h.order_id IN (?) ORDER BY v.expires_at, h.id`,
		ledger.Release, ledger.Restore, in(orderIDs)).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	ways := make([]Way, 0, len(rows))
	for _, h := range rows {
		w := Way{OrderID: h.OrderID, VoucherID: h.VoucherID, Name: h.Name, Amount: h.AmountFen}
		living := (h.Status == Active || h.Status == Exhausted || h.Status == Frozen) && h.ExpiresAt > clock.At(r.Now())
		if h.Went != "" {
			living = !strings.HasPrefix(h.Went, "returned:")
		}
		switch {
		case living:
		case h.Status == Revoked:
			w.Lost = Revoked
		default:
			w.Lost = Expired
		}
		ways = append(ways, w)
	}
	return ways, nil
}

// WayWords say in one sentence what became of what an order held or was paid with;
// "" when no voucher paid anything.
func WayWords(ways []Way) string {
	if len(ways) == 0 {
		return ""
	}
	back := false
	var lost strings.Builder
	for _, w := range ways {
		switch w.Lost {
		case Revoked:
			lost.WriteString("服务券“" + w.Name + "”已作废，抵扣的 " + w.Amount.Grouped() + " 元收回活动，不退回企业。")
		case Expired:
			lost.WriteString("服务券“" + w.Name + "”已过期，抵扣的 " + w.Amount.Grouped() + " 元收回活动，不退回企业。")
		default:
			back = true
		}
	}
	switch {
	case lost.Len() == 0:
		return "抵扣的服务券金额已退回原券。"
	case back:
		return lost.String() + "其他服务券的金额已退回原券。"
	}
	return lost.String()
}
