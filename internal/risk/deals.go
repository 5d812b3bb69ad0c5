package risk

import (
	"context"
	"fmt"
	"time"

	"smedx/internal/codelist"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

const (
	raisedBefore = 30 * 24 * time.Hour // a price may not rise so shortly before a campaign
	tooFast      = 10 * time.Minute    // nothing is delivered, and nothing is tried out, within that
	dealsBack    = 90 * 24 * time.Hour // older deals were looked at before
)

// priceRaised finds prices that went up shortly before or during a campaign whose
// vouchers then paid them.
func priceRaised(ctx context.Context, r db.Reader, now clock.Instant) ([]finding, error) {
	var rows []struct {
		ID, OfferingID, OrgID, OrderID, BuyerOrg, CampaignID id.ID
		At, PlacedAt                                         clock.Instant
		FromFen, ToFen                                       int64
	}
	err := r.Raw(`
		SELECT DISTINCT pc.id, pc.at, pc.from_fen, pc.to_fen, p.offering_id, f.org_id, c.id AS campaign_id, o.id AS order_id, o.buyer_org, o.placed_at
		FROM plan_price_changes pc JOIN plans p ON p.id = pc.plan_id JOIN offerings f ON f.id = p.offering_id
		JOIN order_lines l ON l.offering_id = p.offering_id AND l.plan_id = pc.plan_id AND l.unit = pc.unit AND l.redeemed_fen > 0
		JOIN orders o ON o.id = l.order_id AND o.placed_at >= pc.at AND o.status <> 'canceled'
		JOIN order_redemptions rd ON rd.order_id = o.id AND rd.line_no = l.line_no
		JOIN vouchers v ON v.id = rd.voucher_id JOIN campaigns c ON c.id = v.campaign_id
		WHERE pc.at > ? AND pc.to_fen > pc.from_fen AND pc.at BETWEEN c.opens_at - ? AND c.closes_at
		ORDER BY pc.id, o.id LIMIT ?`, now.Add(-4*dealsBack), raisedBefore.Milliseconds(), rowsAtOnce).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	var out []finding
	for _, row := range rows {
		subject := "change:" + row.ID.String()
		if n := len(out); n == 0 || out[n-1].subject != subject {
			f := finding{subject: subject, Evidence: Evidence{Basis: []string{subject}}}
			f.with(row.OrgID)
			f.line(Line{Note: "priced", Object: "offering", ID: row.OfferingID, OrgID: row.OrgID, At: row.At, From: row.FromFen, To: row.ToFen})
			f.line(Line{Note: "campaign", Object: "campaign", ID: row.CampaignID})
			out = append(out, f)
		}
		f := &out[len(out)-1]
		f.with(row.BuyerOrg)
		f.line(Line{Note: "placed", Object: "order", ID: row.OrderID, OrgID: row.BuyerOrg, At: row.PlacedAt})
	}
	return out, nil
}

// priceAtFace finds plans that cost exactly what a voucher is worth, bought at least
// twice with nothing left to pay.
func priceAtFace(ctx context.Context, r db.Reader, now clock.Instant) ([]finding, error) {
	var rows []struct {
		OfferingID, PlanID, OrderID, BuyerOrg, ProviderOrg id.ID
		Face                                               int64
		PlacedAt                                           clock.Instant
	}
	err := r.Raw(`
		SELECT l.offering_id, l.plan_id, v.face_value_fen AS face, o.id AS order_id, o.buyer_org, o.provider_org, o.placed_at
		FROM orders o JOIN order_redemptions rd ON rd.order_id = o.id JOIN vouchers v ON v.id = rd.voucher_id
		JOIN order_lines l ON l.order_id = o.id AND l.line_no = rd.line_no
		WHERE o.redeemed_fen > 0 AND o.placed_at > ? AND o.status <> 'canceled' AND rd.amount_fen = v.face_value_fen AND l.price_fen = v.face_value_fen
		ORDER BY l.plan_id, v.face_value_fen, o.id LIMIT ?`, now.Add(-dealsBack), rowsAtOnce).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	var all []finding
	for _, row := range rows {
		subject := fmt.Sprintf("plan:%v:%d", row.PlanID, row.Face)
		if n := len(all); n == 0 || all[n-1].subject != subject {
			f := finding{subject: subject, Evidence: Evidence{Basis: []string{subject}}}
			f.with(row.ProviderOrg)
			f.line(Line{Note: "face", Object: "offering", ID: row.OfferingID, OrgID: row.ProviderOrg, To: row.Face})
			all = append(all, f)
		}
		f := &all[len(all)-1]
		f.with(row.BuyerOrg)
		f.line(Line{Note: "placed", Object: "order", ID: row.OrderID, OrgID: row.BuyerOrg, At: row.PlacedAt})
		f.deals++
	}
	out := all[:0]
	for _, f := range all {
		if f.deals > 1 {
			out = append(out, f)
		}
	}
	return out, nil
}

// fastAcceptance finds orders that were delivered or accepted faster than anybody
// can work.
func fastAcceptance(ctx context.Context, r db.Reader, now clock.Instant) ([]finding, error) {
	var rows []struct {
		ID, BuyerOrg, ProviderOrg       id.ID
		PaidAt, DeliveredAt, AcceptedAt clock.Instant
	}
	fast := tooFast.Milliseconds()
	err := r.Raw(`
		SELECT id, buyer_org, provider_org, paid_at, delivered_at, accepted_at FROM orders
		WHERE accepted_at > ? AND redeemed_fen > 0 AND NOT instant AND delivered_at > 0
			AND (accepted_at - delivered_at < ? OR delivered_at - paid_at < ?)
		ORDER BY id LIMIT ?`, max(now.Add(-dealsBack), 1), fast, fast, rowsAtOnce).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	out := make([]finding, 0, len(rows))
	for _, row := range rows {
		f := aboutOrder(row.ID, row.BuyerOrg, row.ProviderOrg)
		f.line(Line{Note: "paid", Object: "order", ID: row.ID, OrgID: row.BuyerOrg, At: row.PaidAt})
		f.line(Line{Note: "delivered", Object: "order", ID: row.ID, OrgID: row.ProviderOrg, At: row.DeliveredAt, To: minutes(row.PaidAt, row.DeliveredAt)})
		f.line(Line{Note: "accepted", Object: "order", ID: row.ID, OrgID: row.BuyerOrg, At: row.AcceptedAt, To: minutes(row.DeliveredAt, row.AcceptedAt)})
		out = append(out, f)
	}
	return out, nil
}

// paidByOthers finds orders with vouchers whose cash came from another account than
// the buyer's: who pays a buyer's own share lets the voucher pay everything.
func paidByOthers(ctx context.Context, r db.Reader, now clock.Instant) ([]finding, error) {
	var rows []struct {
		ID, BuyerOrg, ProviderOrg id.ID
		PaidAt                    clock.Instant
		PaidBy                    string
		PayableFen                int64
	}
	err := r.Raw(`
		SELECT id, buyer_org, provider_org, paid_at, paid_by, payable_fen FROM orders
		WHERE paid_by IN ('provider', 'other') AND paid_at > ? AND redeemed_fen > 0 AND status NOT IN ('refunding', 'refunded')
		ORDER BY id LIMIT ?`, now.Add(-dealsBack), rowsAtOnce).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	out := make([]finding, 0, len(rows))
	for _, row := range rows {
		f := aboutOrder(row.ID, row.BuyerOrg, row.ProviderOrg)
		paid := Line{Note: "paid_by_other", Object: "order", ID: row.ID, OrgID: row.BuyerOrg, At: row.PaidAt, To: row.PayableFen}
		if row.PaidBy == "provider" {
			paid.Note, paid.OrgID = "paid_by_provider", row.ProviderOrg
		}
		f.line(paid)
		out = append(out, f)
	}
	return out, nil
}

// revokedVouchers finds orders that a voucher pays which was revoked, whatever became of
// the order since, unless it was taken back: what the voucher paid stays with the order.
func revokedVouchers(ctx context.Context, r db.Reader, now clock.Instant) ([]finding, error) {
	var rows []struct {
		ID, BuyerOrg, ProviderOrg, VoucherID id.ID
		PlacedAt, At                         clock.Instant
		Reason, Comment                      string
		AmountFen                            int64
	}
	err := r.Raw(`
		SELECT o.id, o.buyer_org, o.provider_org, o.placed_at, m.voucher_id, m.at, m.reason, m.comment, h.amount_fen - h.restored_fen AS amount_fen
		FROM voucher_measures m JOIN voucher_holds h ON h.voucher_id = m.voucher_id AND h.status = 'redeemed' AND h.restored_fen < h.amount_fen
		JOIN orders o ON o.id = h.order_id
		WHERE m.event = 'revoke' AND m.at > ? AND o.status NOT IN ('canceled', 'refunding', 'refunded')
		ORDER BY o.id, h.id LIMIT ?`, now.Add(-4*dealsBack), rowsAtOnce).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	var out []finding
	for _, row := range rows {
		if n := len(out); n == 0 || out[n-1].subject != "order:"+row.ID.String() {
			f := aboutOrder(row.ID, row.BuyerOrg, row.ProviderOrg)
			f.line(Line{Note: "placed", Object: "order", ID: row.ID, OrgID: row.BuyerOrg, At: row.PlacedAt})
			out = append(out, f)
		}
		f := &out[len(out)-1]
		f.Basis = append(f.Basis, "voucher:"+row.VoucherID.String()) // another one of the same order is news
		why := row.Comment
		if row.Reason != "" {
			why = codelist.Label("voucher_measure_reason", row.Reason) + "。" + why
		}
		f.line(Line{Note: "revoked", Object: "voucher", ID: row.VoucherID, OrgID: row.BuyerOrg, At: row.At, To: row.AmountFen, Why: why})
	}
	return out, nil
}

// aboutOrder begins a finding about one order of two companies.
func aboutOrder(orderID, buyer, provider id.ID) finding {
	f := finding{subject: "order:" + orderID.String()}
	f.Basis = []string{f.subject}
	f.with(buyer)
	f.with(provider)
	return f
}

// minutes is how long something took, begun ones included.
func minutes(from, to clock.Instant) int64 {
	return int64(to-from)/time.Minute.Milliseconds() + 1
}
