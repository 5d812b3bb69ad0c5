package voucher

import (
	"context"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// Reclaim writes down that an amount which a hold redeemed, and which was paid
// out, has come back to the campaign. The caller posts the entry; the answer is
// the campaign. The voucher itself does not get it again.
func (s *Service) Reclaim(ctx context.Context, tx *db.Tx, holdID id.ID, amount money.Fen) (campaignID id.ID, err error) {
	var h Hold
	if err := tx.Select(&h).Where("h.id = ?", holdID).Scan(ctx); err != nil {
		return 0, err
	}
	ok, err := tx.ExecOne(ctx, `
		UPDATE voucher_holds SET reclaimed_fen = reclaimed_fen + ? WHERE id = ? AND status = ? AND amount_fen - restored_fen - reclaimed_fen >= ?`,
		amount, h.ID, HoldRedeemed, amount)
	if err := must(ok, err, h); err != nil {
		return 0, err
	}
	ok, err = tx.ExecOne(ctx, `UPDATE vouchers SET redeemed_fen = redeemed_fen - ?, returned_fen = returned_fen + ? WHERE id = ? AND redeemed_fen >= ?`,
		amount, amount, h.VoucherID, amount)
	if err := must(ok, err, h); err != nil {
		return 0, err
	}
	if err := tx.Raw(`SELECT campaign_id FROM vouchers WHERE id = ?`, h.VoucherID).Scan(ctx, &campaignID); err != nil {
		return 0, err
	}
	return campaignID, trail(ctx, tx, "voucher.reclaim", h, amount, "returned")
}
