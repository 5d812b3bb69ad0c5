package voucher_test

import (
	"slices"
	"testing"
	"time"

	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/ledger"
	"smedx/internal/reconcile"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

// The vector was computed with sha256sum by the words of DrawLots.
func TestTheDrawCanBeComputedByAnyone(t *testing.T) {
	const seed = "00112233"
	lots := voucher.DrawLots(seed, []id.ID{3, 1, 2})
	got := make([]id.ID, 0, 3)
	for _, l := range lots {
		got = append(got, l.Number)
	}
	if !slices.Equal(got, []id.ID{2, 3, 1}) || lots[0].Ticket != "026a44c7f676457e08db7ca23f83196f61dba94cfdc2ee618fb6e38139657e2e" {
		t.Errorf("%v %+v", got, lots)
	}
	again := voucher.DrawLots(seed, []id.ID{1, 2, 3})
	if !slices.Equal(lots, again) {
		t.Error("the order of the applications must not matter")
	}
	if voucher.Commitment(seed) != "32b4f576fc607b3ed0a1516e772567e52f31093263c548b9c716725877238b94" {
		t.Error(voucher.Commitment(seed))
	}
}

func TestADrawGrantsTheStockByLotAndPublishesItsSeed(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		byLot := func(d *voucher.CampaignDraft) { d.Draw, d.AutoGrant = true, false }
		c := w.Open(voucher.ByRequest, 3, byLot, w.Kind(50000, vouchertest.AnyTerms()))
		cv := c.Vouchers[0].ID
		if c.DrawCommitment == "" || c.DrawCommitment != voucher.Commitment(c.DrawSeed) {
			t.Fatal("nothing was committed to:", c.DrawCommitment)
		}
		var mine []voucher.Application
		for n := int64(1); n <= 8; n++ {
			a, _, err := w.Vouchers.Apply(w.Context(), vouchertest.Company(n), cv, "")
			w.OK(err)
			if a.Status != voucher.Applied {
				w.Errorf("decided at once: %s", a.Status)
			}
			mine = append(mine, a)
		}
		_, err := w.Vouchers.WithdrawApplication(w.Context(), vouchertest.Company(8), mine[7].ID)
		w.OK(err)
		_, err = w.Vouchers.DecideApplication(w.Context(), vouchertest.Operator, mine[0].ID, voucher.GrantIt, "")
		w.Refused(err, voucher.ErrDrawn)
		_, err = w.Vouchers.DrawOf(w.Context(), vouchertest.Company(1), cv)
		if err == nil {
			w.Fatal("the seed is out before the draw")
		}

		w.Move(26 * time.Hour)
		numbers := make([]id.ID, 0, 7)
		for _, a := range mine[:7] {
			numbers = append(numbers, a.ID)
		}
		first := voucher.DrawLots(c.DrawSeed, numbers)[0].Number
		at := slices.IndexFunc(mine, func(a voucher.Application) bool { return a.ID == first })
		w.Companies.Set(mine[at].OrgID, voucher.Company{}) // would win, but is not verified any more
		w.OK(w.Vouchers.OpenAndCloseDue(w.Context()))      // ends
		_, err = w.Vouchers.WithdrawApplication(w.Context(), vouchertest.Company(1), mine[0].ID)
		w.Refused(err, voucher.ErrEnded)
		w.OK(w.Vouchers.OpenAndCloseDue(w.Context())) // draws
		w.OK(w.Vouchers.OpenAndCloseDue(w.Context())) // nothing is drawn twice

		d, err := w.Vouchers.DrawOf(w.Context(), vouchertest.Company(1), cv)
		w.OK(err)
		if voucher.Commitment(d.Seed) != d.Commitment || d.Commitment != c.DrawCommitment || len(d.Lots) != 7 {
			w.Fatalf("%+v", d)
		}
		won := 0
		for i, l := range voucher.DrawLots(d.Seed, numbers) {
			shown := d.Lots[i]
			unfit := l.Number == first
			want := !unfit && won < 3
			if want {
				won++
			}
			if shown.Number != l.Number || shown.Ticket != l.Ticket || shown.Granted != want || shown.Unfit != unfit || shown.Mine != (l.Number == mine[0].ID) {
				w.Errorf("place %d: %+v, want granted %v", i+1, shown, want)
			}
		}
		if got := w.Balance(ledger.Budget(c.ID)); won != 3 || got != 0 {
			w.Errorf("%d won, %v is left of the budget", won, got)
		}
		if report, err := reconcile.Run(w.Context(), w.DB, w.DB); err != nil || !report.OK {
			w.Errorf("%v %+v", err, report.Violations())
		}
		_, refused, err := w.Vouchers.Applications(w.Context(), c.ID, voucher.Refused, page.Query{})
		w.OK(err)
		if refused != 4 {
			w.Errorf("%d were told that they did not win, want 4", refused)
		}
	})
}

func TestADrawIsOfOneVoucherACompanyAndNeverARush(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		draft := voucher.CampaignDraft{
			Name: "抽签", Mode: voucher.Rush, Draw: true, BudgetID: w.Budget, PerOrg: 2, OpensAt: 1, ClosesAt: 2,
			Vouchers: []voucher.DraftVoucher{{TypeID: w.Kind(100, vouchertest.AnyTerms()).ID, Quota: 1}},
		}
		_, err := w.Vouchers.CreateCampaign(w.Context(), vouchertest.Operator, draft)
		var pointers []string
		for _, f := range errs.Of(err).Fields {
			pointers = append(pointers, f.Pointer)
		}
		if !slices.Equal(pointers, []string{"/draw", "/perOrg"}) {
			w.Error(pointers, err)
		}
	})
}
