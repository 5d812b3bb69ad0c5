package voucher_test

import (
	"context"
	"slices"
	"testing"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/ledger"
	"smedx/internal/notify"
	"smedx/internal/org"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

var ground = voucher.Ground{Reason: "check", Comment: "配合核查领取情况。"}

// Every state and event of the one table: what it does not list is refused, names
// the state and changes nothing.
func TestVoucherFlowRefusesWhatItDoesNotList(t *testing.T) {
	events := []voucher.Event{
		voucher.EventHold, voucher.EventRedeem, voucher.EventExhaust, voucher.EventRelease, voucher.EventRestore,
		voucher.EventFreeze, voucher.EventUnfreeze, voucher.EventExpire, voucher.EventRevoke,
	}
	for from, row := range voucher.Flow {
		for _, e := range events {
			to, err := from.Next(e)
			want, listed := row[e]
			if listed && (err != nil || to != want) {
				t.Errorf("%s %s: %s %v", from, e, to, err)
			}
			if !listed && (err == nil || errs.Of(err).State != string(from)) {
				t.Errorf("%s %s is allowed", from, e)
			}
		}
	}
}

func TestStaffStopAVoucherOnlyWhereTheTableAllowsIt(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		v := w.Claim(1, w.Open(voucher.Rush, 5, nil, w.Kind(50000, vouchertest.AnyTerms())))
		two := vouchertest.Approver
		acts := map[voucher.Event]func() error{
			voucher.EventFreeze:   func() error { return w.Vouchers.Freeze(w.Context(), two, v.ID, ground) },
			voucher.EventUnfreeze: func() error { return w.Vouchers.Unfreeze(w.Context(), two, v.ID, "已核实") },
			voucher.EventRevoke:   func() error { return w.Vouchers.ProposeRevocation(w.Context(), two, v.ID, ground) },
		}
		for from, row := range voucher.Flow {
			for e, act := range acts {
				w.OK(w.Write(func(ctx context.Context, tx *db.Tx) error {
					_, err := tx.Exec(ctx, `UPDATE vouchers SET status = ?, available_fen = ?, returned_fen = ? WHERE id = ?`, from, pick(from), 50000-pick(from), v.ID)
					return err
				}))
				if _, listed := row[e]; listed {
					continue // walked in the other tests
				}
				w.Refused(act(), errs.ErrInvalidState)
				if now := read(w, v.ID); now.Status != from {
					t.Errorf("%s %s left %s", from, e, now.Status)
				}
			}
		}
		if n := count(w, `SELECT count(*) FROM voucher_measures`); n != 0 {
			t.Errorf("%d measures of refused acts", n)
		}
	})
}

func TestAFrozenVoucherKeepsItsHoldsAndTakesNoNewOnes(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		heard := listen(w)
		v := w.Claim(1, w.Open(voucher.Rush, 5, nil, w.Kind(50000, vouchertest.AnyTerms())))
		_, err := w.Hold(1, 71, 10000, v.ID)
		w.OK(err)
		w.Refused(w.Vouchers.Freeze(w.Context(), vouchertest.Operator, v.ID, voucher.Ground{Reason: "guess"}), errs.ErrInvalid)
		w.OK(w.Vouchers.Freeze(w.Context(), vouchertest.Operator, v.ID, ground))
		if got := w.Amounts(v); got != [4]money.Fen{40000, 10000, 0, 0} {
			t.Errorf("a freeze moves no money: %v", got)
		}
		_, err = w.Hold(1, 72, 10000, v.ID)
		w.Refused(err, voucher.ErrFrozen)
		if said := errs.Of(err).Params["reason"]; said != "配合风险核查。配合核查领取情况。" {
			t.Errorf("the refusal says %v", said)
		}
		w.OK(w.Do(w.Vouchers.Redeem, 71)) // what was held may be paid

		w.Refused(w.Vouchers.Unfreeze(w.Context(), vouchertest.Operator, v.ID, "已核实"), voucher.ErrSecondPerson)
		w.Refused(w.Vouchers.Unfreeze(w.Context(), vouchertest.Approver, v.ID, " "), voucher.ErrReasonMissing)
		w.OK(w.Vouchers.Unfreeze(w.Context(), vouchertest.Approver, v.ID, "已核实"))
		_, err = w.Hold(1, 73, 40000, v.ID)
		w.OK(err)
		if want := []string{"voucher_stopped", "voucher_thawed"}; !slices.Equal(*heard, want) {
			t.Errorf("the company heard %v", *heard)
		}
		if n := count(w, `SELECT count(*) FROM audit_entries WHERE action IN ('voucher.freeze', 'voucher.unfreeze')`); n != 2 {
			t.Errorf("%d rows in the trail", n)
		}
	})
}

func TestARevocationTakesTwoPersonsAndReturnsWhatIsLeft(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		c := w.Open(voucher.Rush, 5, nil, w.Kind(50000, vouchertest.AnyTerms()))
		v := w.Claim(1, c)
		_, err := w.Hold(1, 71, 10000, v.ID)
		w.OK(err)
		decide := func(who account.Principal, e voucher.RevocationEvent, said string) error {
			return w.Vouchers.DecideRevocation(w.Context(), who, v.ID, e, said)
		}
		w.Refused(decide(vouchertest.Approver, voucher.ConfirmIt, ""), errs.ErrInvalidState)
		w.OK(w.Vouchers.ProposeRevocation(w.Context(), vouchertest.Operator, v.ID, ground))
		w.Refused(w.Vouchers.ProposeRevocation(w.Context(), vouchertest.Approver, v.ID, ground), voucher.ErrRevocationWaits)
		w.Refused(decide(vouchertest.Operator, voucher.ConfirmIt, ""), voucher.ErrSecondPerson)
		w.Refused(decide(vouchertest.Approver, voucher.DeclineIt, ""), voucher.ErrReasonMissing)
		w.OK(decide(vouchertest.Approver, voucher.DeclineIt, "证据不足"))
		if now := read(w, v.ID); now.Status != voucher.Active {
			t.Fatalf("declining left %s", now.Status)
		}
		w.Refused(decide(vouchertest.Approver, voucher.ConfirmIt, ""), errs.ErrInvalidState)

		w.OK(w.Vouchers.ProposeRevocation(w.Context(), vouchertest.Operator, v.ID, ground))
		waiting, n, err := w.Vouchers.All(w.Context(), voucher.Filter{Waiting: true}, page.Query{})
		w.OK(err)
		if n != 1 || waiting[0].ID != v.ID {
			t.Errorf("%d wait", n)
		}
		w.OK(decide(vouchertest.Approver, voucher.ConfirmIt, "同意"))
		if got := w.Amounts(v); got != [4]money.Fen{0, 10000, 0, 40000} {
			t.Errorf("after the revocation: %v", got)
		}
		if back := w.Balance(ledger.Returned(c.ID)); back != 40000 {
			t.Errorf("%v went back to the campaign", back)
		}
		var manual []id.ID
		w.OK(voucher.StoppedOrders(w.DB).Scan(w.Context(), &manual))
		if !slices.Equal(manual, []id.ID{71}) {
			t.Errorf("for staff to look at: %v", manual)
		}
		_, err = w.Hold(1, 72, 1, v.ID)
		w.Refused(err, voucher.ErrRevoked)
		w.OK(w.Do(w.Vouchers.Release, 71))
		if back := w.Balance(ledger.Returned(c.ID)); back != 50000 {
			t.Errorf("a released hold of a revoked voucher goes to the campaign: %v", back)
		}
	})
}

// T-BIZ-07: what a suspension froze thaws with the verification, and nothing else does.
func TestVouchersFollowTheStandingOfTheirCompany(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		heard := listen(w)
		c := w.Open(voucher.Rush, 5, func(d *voucher.CampaignDraft) { d.PerOrg = 2 }, w.Kind(50000, vouchertest.AnyTerms()))
		checked := w.Claim(1, c)
		plain, _, err := w.Vouchers.Claim(w.Context(), vouchertest.Company(1), c.Vouchers[0].ID, 2)
		w.OK(err)
		others := w.Claim(2, c)
		w.OK(w.Vouchers.Freeze(w.Context(), vouchertest.Operator, checked.ID, ground))
		follow := func(v org.Verification) {
			t.Helper()
			w.OK(w.Write(func(ctx context.Context, tx *db.Tx) error { return w.Vouchers.FollowStanding(ctx, tx, 1, v) }))
		}
		states := func() [3]voucher.Status {
			return [3]voucher.Status{read(w, checked.ID).Status, read(w, plain.ID).Status, read(w, others.ID).Status}
		}
		follow(org.ChangePending) // a changed profile moves nothing
		follow(org.Suspended)
		if got := states(); got != [3]voucher.Status{voucher.Frozen, voucher.Frozen, voucher.Active} {
			t.Errorf("suspended: %v", got)
		}
		w.Refused(w.Vouchers.Unfreeze(w.Context(), vouchertest.Approver, plain.ID, "已核实"), voucher.ErrCompanySuspended)
		follow(org.Suspended) // again: nothing
		follow(org.Verified)
		if got := states(); got != [3]voucher.Status{voucher.Frozen, voucher.Active, voucher.Active} {
			t.Errorf("restored: %v", got)
		}
		follow(org.Revoked)
		if got := states(); got != [3]voucher.Status{voucher.Frozen, voucher.Frozen, voucher.Active} {
			t.Errorf("revoked: %v", got)
		}
		if want := []string{"voucher_stopped", "voucher_stopped", "voucher_thawed", "voucher_stopped"}; !slices.Equal(*heard, want) {
			t.Errorf("the company heard %v", *heard)
		}
		if n := count(w, `SELECT count(*) FROM audit_entries WHERE action IN ('voucher.freeze', 'voucher.unfreeze')`); n != 4 {
			t.Errorf("%d rows in the trail", n)
		}
	})
}

func pick(s voucher.Status) money.Fen {
	if s == voucher.Active || s == voucher.Frozen {
		return 50000
	}
	return 0
}

func read(w *vouchertest.World, voucherID id.ID) voucher.Voucher {
	w.Helper()
	v, err := w.Vouchers.Voucher(w.Context(), voucherID)
	w.OK(err)
	return v
}

func count(w *vouchertest.World, query string) (n int64) {
	w.Helper()
	w.OK(w.DB.Raw(query).Scan(w.Context(), &n))
	return n
}

func listen(w *vouchertest.World) *[]string {
	heard := &[]string{}
	w.Vouchers.Tell(func(_ context.Context, _ *db.Tx, _ id.ID, m notify.Message) error {
		*heard = append(*heard, m.Event)
		return nil
	})
	return heard
}
