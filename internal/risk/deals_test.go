package risk_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/order"
	"smedx/internal/order/ordertest"
	"smedx/internal/risk"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

// T-MON-22: buyer and provider share a phone, an account, a legal representative,
// or the provider has declared the buyer.
func TestDealsBetweenRelatedPartiesAreLeads(t *testing.T) {
	each(t, func(w *world) {
		w.states("legal_rep", "wang:4403", 1, provider)
		w.states("related", "U2", provider)
		w.bought(1)
		w.bought(2)
		w.bought(3)
		hits := w.found("related_party")
		if len(hits) != 2 {
			w.Fatalf("%d leads", len(hits))
		}
		for _, h := range hits {
			if len(h.Evidence.Lines) != 1 || h.Evidence.Lines[0].Object != "order" {
				w.Errorf("the evidence names the orders: %+v", h.Evidence)
			}
		}
	})
}

// T-BIZ-05: too fast, and from the provider's device.
func TestFastAndForeignAcceptanceIsALead(t *testing.T) {
	each(t, func(w *world) {
		w.bought(1, time.Hour, 48*time.Hour, 11*time.Minute)
		fast := w.bought(2, time.Hour, 48*time.Hour, 9*time.Minute)
		h := w.one("fast_acceptance", 2, provider)
		if l := h.Evidence.Lines[2]; l.ID != fast.ID || l.Note != "accepted" || l.To != 10 {
			w.Errorf("%+v", h.Evidence.Lines)
		}
		if hits := w.found("provider_for_client"); len(hits) != 0 {
			w.Fatalf("%d leads", len(hits))
		}
		w.signsIn("device", "x", provider, 3)
		w.DB.Clock().Set(w.DB.Now().Add(time.Minute))
		w.claims(3)
		w.one("provider_for_client", 3, provider)
	})
}

// T-BIZ-06: the buyer's own share comes from the provider's account, or from a stranger's.
func TestAnOwnSharePaidByAnotherIsALead(t *testing.T) {
	each(t, func(w *world) {
		buy := func(n int64, payer string) order.Detail {
			v := w.claims(n)
			w.Payer = payer
			return w.Bought(n, w.Shelf.Put(7, provider, 40000, false), v.ID)
		}
		own, silent := buy(1, "张三丰"), buy(2, "")
		if own.PaidBy != order.PaidByOther {
			w.Errorf("%+v", own.Order)
		}
		buyer := buy(3, own.BuyerName) // each company of the stage has a name of its own
		if buyer.BuyerName == own.BuyerName || buyer.PaidBy != order.PaidByOther {
			w.Errorf("%+v", buyer.Order)
		}
		fair := buy(4, "")
		w.Payer = fair.BuyerName
		paid := w.Bought(4, w.Shelf.Put(8, provider, 40000, false), w.claims(4).ID)
		if paid.PaidBy != order.PaidByBuyer || silent.PaidBy != order.PaidByUnknown {
			w.Errorf("%q %q", paid.PaidBy, silent.PaidBy)
		}
		back := buy(5, paid.ProviderName)
		if back.PaidBy != order.PaidByProvider {
			w.Errorf("%+v", back.Order)
		}
		var notes []string
		for _, h := range w.found("paid_by_other") {
			notes = append(notes, h.Subject+" "+h.Evidence.Lines[0].Note)
		}
		slices.Sort(notes)
		want := []string{"order:" + own.ID.String() + " paid_by_other", "order:" + buyer.ID.String() + " paid_by_other", "order:" + back.ID.String() + " paid_by_provider"}
		slices.Sort(want)
		if !slices.Equal(notes, want) {
			w.Errorf("%v, not %v", notes, want)
		}
		held, err := w.risks.InLeads(w.Context(), w.DB, own.ID, silent.ID, paid.ID, back.ID)
		w.OK(err)
		if len(held) != 2 || !held[own.ID] || !held[back.ID] {
			w.Errorf("payouts held: %v", held)
		}
		_, err = w.Orders.Refund(w.Context(), ordertest.Buyer(5), "back", back.ID, back.PayableFen, "不再需要")
		w.OK(err)
		w.exec(`DELETE FROM risk_hit_orgs`)
		w.exec(`DELETE FROM risk_hits`)
		if left := w.found("paid_by_other"); len(left) != 2 {
			w.Errorf("an order that was taken back is looked at: %d", len(left))
		}

		w.Payer = "张三丰"
		w.Bought(6, w.Shelf.Put(9, provider, 40000, false)) // without vouchers nothing is anybody's business
		if left := w.found("paid_by_other"); len(left) != 2 {
			w.Errorf("an order without vouchers is looked at: %d", len(left))
		}
		w.exec(`UPDATE orders SET paid_at = ?`, clock.At(w.DB.Now().Add(-91*24*time.Hour)))
		w.exec(`DELETE FROM risk_hit_orgs`)
		w.exec(`DELETE FROM risk_hits`)
		if left := w.found("paid_by_other"); len(left) != 0 {
			w.Errorf("what was paid three months ago is looked at: %d", len(left))
		}
	})
}

func TestPricesAreComparedWithCampaignsAndFaces(t *testing.T) {
	each(t, func(w *world) {
		w.exec(`INSERT INTO offerings (id, org_id, kind, status, work, work_revision, live_revision, version, created_by, created_at, updated_at) VALUES (70, ?, 'solution', 'listed', '', 0, 1, 1, 1, 1, 1)`, provider)
		w.exec(`INSERT INTO revisions (id, offering_id, number, status, content, personal, version, created_at, updated_at) VALUES (1, 70, 1, 'live', '{}', '', 1, 1, 1)`)
		w.exec(`INSERT INTO plans (id, offering_id, revision_id, position, name, attributes, instant, active) VALUES (7, 70, 1, 0, '标准版', '', ?, ?)`, false, true)
		changed := func(n id.ID, at clock.Instant, from, to int64) {
			w.exec(`INSERT INTO plan_price_changes (id, plan_id, unit, at, from_fen, to_fen) VALUES (?, 7, 'year', ?, ?, ?)`, n, at, from, to)
		}
		changed(1, w.sale.OpensAt.Add(-29*24*time.Hour), 20000, 30000)
		changed(2, w.sale.OpensAt.Add(-31*24*time.Hour), 10000, 20000) // long before
		changed(3, w.sale.OpensAt.Add(-2*24*time.Hour), 40000, 30000)  // down
		if hits := w.found("price_raised"); len(hits) != 0 {
			w.Fatalf("%d leads before anybody bought", len(hits))
		}
		w.bought(1)
		if hits := w.found("price_at_face"); len(hits) != 0 {
			w.Errorf("one order at face value is no lead")
		}
		h := w.one("price_raised", 1, provider)
		if l := h.Evidence.Lines[0]; l.Note != "priced" || l.From != 20000 || l.To != 30000 {
			w.Errorf("%+v", l)
		}
		w.bought(2)
		w.one("price_at_face", 1, 2, provider)
	})
}

// What a voucher paid stays with the order when the voucher is revoked; whoever pays the
// provider looks at it first, no matter how far the order is.
func TestAnOrderThatARevokedVoucherPaysIsALead(t *testing.T) {
	each(t, func(w *world) {
		ground := voucher.Ground{Reason: "check", Comment: "所购服务没有真实发生"}
		revoke := func(voucherID id.ID) {
			w.Helper()
			w.OK(w.Vouchers.ProposeRevocation(w.Context(), staff, voucherID, ground))
			w.OK(w.Vouchers.DecideRevocation(w.Context(), vouchertest.Approver, voucherID, voucher.ConfirmIt, ""))
		}
		payer := map[id.ID]id.ID{}
		buy := func(n int64, instant bool) order.Detail { // a voucher that is used up is not revoked
			v := w.claims(n)
			d := w.Bought(n, w.Shelf.Put(id.ID(n), provider, 20000, instant), v.ID)
			payer[d.ID] = v.ID
			return d
		}
		open, accepted, other, back := buy(1, false), buy(2, true), buy(3, false), buy(4, false)
		_, err := w.Orders.AcceptInstant(w.Context(), ordertest.Buyer(2), accepted.ID)
		w.OK(err)
		for _, d := range []order.Detail{open, accepted, back} {
			revoke(payer[d.ID])
		}
		revoke(w.claims(5).ID) // pays nothing
		_, err = w.Orders.Refund(w.Context(), ordertest.Buyer(4), "back", back.ID, back.PayableFen, "不再需要")
		w.OK(err)

		hits := w.found("revoked_voucher")
		if len(hits) != 2 {
			w.Fatalf("%d leads", len(hits))
		}
		about := map[string]risk.Hit{}
		for _, h := range hits {
			about[h.Subject] = h
		}
		h := about["order:"+accepted.ID.String()]
		if len(h.Evidence.Lines) != 2 || h.Evidence.Lines[0].ID != accepted.ID {
			w.Fatalf("%+v", h)
		}
		if l := h.Evidence.Lines[1]; l.Note != "revoked" || l.ID != payer[accepted.ID] || l.To != 20000 || l.At == 0 || !strings.HasSuffix(l.Why, "。"+ground.Comment) || strings.HasPrefix(l.Why, "check") {
			w.Errorf("%+v", l)
		}
		held := func(want ...id.ID) {
			w.Helper()
			got, err := w.risks.InLeads(w.Context(), w.DB, open.ID, accepted.ID, other.ID)
			w.OK(err)
			if !slices.Equal(slices.Sorted(maps.Keys(got)), slices.Sorted(slices.Values(want))) {
				w.Errorf("payouts of %v are held, not of %v", got, want)
			}
		}
		held(open.ID, accepted.ID)
		_, err = w.risks.Decide(w.Context(), staff, h.ID, risk.Dismiss, "与本单无关")
		w.OK(err)
		if left := w.found("revoked_voucher"); len(left) != 1 {
			w.Errorf("%d leads after one was dismissed", len(left))
		}
		held(open.ID)

		v, more := w.claims(6), w.claims(6) // a second voucher of an order is news, whatever was said of the first
		both := w.Bought(6, w.Shelf.Put(6, provider, 50000, false), v.ID, more.ID)
		for n, voucherID := range []id.ID{v.ID, more.ID} {
			w.exec(`INSERT INTO voucher_measures (id, voucher_id, event, origin, cause, comment, by_user, by_name, at) VALUES (?, ?, 'revoke', '', 'staff', 'x', 1, 'u', ?)`, n+1, voucherID, clock.At(w.DB.Now()))
			left := w.found("revoked_voucher")
			if len(left) != 2 || left[0].Subject != "order:"+both.ID.String() {
				w.Fatalf("after %d revocations: %+v", n+1, left)
			}
			_, err = w.risks.Decide(w.Context(), staff, left[0].ID, risk.Dismiss, "与本单无关")
			w.OK(err)
		}
		w.exec(`UPDATE voucher_measures SET at = ?`, clock.At(w.DB.Now().Add(-361*24*time.Hour)))
		w.exec(`DELETE FROM risk_hit_orgs`)
		w.exec(`DELETE FROM risk_hits`)
		if left := w.found("revoked_voucher"); len(left) != 0 {
			w.Errorf("what was revoked a year ago is looked at: %d", len(left))
		}
	})
}
