package voucher_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"smedx/internal/fund"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/ledger"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

func TestClaimFollowsTheWindowAndTheStock(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		c := w.Campaign(voucher.Rush, 1, nil, w.Kind(50000, vouchertest.AnyTerms()))
		cv := c.Vouchers[0].ID
		claim := func(at time.Duration, n int64) (voucher.Voucher, bool, error) {
			w.Move(at)
			return w.Vouchers.Claim(w.Context(), vouchertest.Company(n), cv, 1)
		}
		_, _, err := claim(time.Hour-time.Second, 1)
		w.Refused(err, voucher.ErrNotOpen)
		won, replayed, err := claim(time.Hour, 1) // opens without any sweep
		w.OK(err)
		if replayed || won.Available != 50000 {
			w.Errorf("%+v", won)
		}
		again, replayed, err := claim(time.Hour+time.Second, 1)
		w.OK(err)
		if !replayed || again.ID != won.ID {
			w.Error("asking again must give the same voucher")
		}
		_, _, err = claim(time.Hour+2*time.Second, 2)
		w.Refused(err, voucher.ErrSoldOut)
		_, _, err = claim(25*time.Hour, 3) // closing time is exclusive
		w.Refused(err, voucher.ErrEnded)
		again, _, err = claim(25*time.Hour, 1)
		w.OK(err)
		if again.ID != won.ID {
			w.Error("the winner can ask again after the end")
		}
		_, _, err = w.Vouchers.Claim(w.Context(), vouchertest.Company(1), cv, 2)
		w.Refused(err, voucher.ErrLimit)
		if got := w.Balance(ledger.Budget(c.ID)); got != 0 {
			w.Errorf("the campaign's budget still has %v", got)
		}
	})
}

func TestAFreshProcessGivesTheWinnerTheSameVoucher(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		c := w.Open(voucher.Rush, 1, nil, w.Kind(50000, vouchertest.AnyTerms()))
		won := w.Claim(1, c)
		w.Vouchers = voucher.New(w.DB, w.Companies, vouchertest.Desk{}) // its memory is gone
		again, replayed, err := w.Vouchers.Claim(w.Context(), vouchertest.Company(1), c.Vouchers[0].ID, 1)
		w.OK(err)
		if !replayed || again.ID != won.ID {
			w.Errorf("%v is not %v", again.ID, won.ID)
		}
	})
}

// T-CONC-01: more companies than vouchers, all at once: the quota is given and the rest
// hear that it is sold out.
func TestARushNeverIssuesMoreThanItsQuota(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		const quota, asking = 20, 60
		c := w.Open(voucher.Rush, quota, nil, w.Kind(50000, vouchertest.AnyTerms()))
		var mu sync.Mutex
		won, sold := map[id.ID]bool{}, 0
		var wg sync.WaitGroup
		for n := int64(1); n <= asking; n++ {
			for range 2 { // every company clicks twice
				wg.Go(func() {
					v, _, err := w.Vouchers.Claim(context.Background(), vouchertest.Company(n), c.Vouchers[0].ID, 1)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil:
						won[v.ID] = true
					case errors.Is(err, voucher.ErrSoldOut):
						sold++
					default:
						w.Error(err)
					}
				})
			}
		}
		wg.Wait()
		if len(won) != quota {
			w.Errorf("%d vouchers for a quota of %d", len(won), quota)
		}
		got, err := w.Vouchers.Campaign(w.Context(), c.ID)
		w.OK(err)
		if got.Vouchers[0].Remaining != 0 || got.Status != voucher.SoldOut {
			w.Errorf("%d left, %s", got.Vouchers[0].Remaining, got.Status)
		}
	})
}

// T-CONC-02: ten users of one company, ten claims each, and a limit of one: one
// voucher is given, and who did not click too fast is shown it.
func TestUsersOfOneCompanyClaimOnceTogether(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		const quota = 5
		c := w.Open(voucher.Rush, quota, nil, w.Kind(50000, vouchertest.AnyTerms()))
		var mu sync.Mutex
		given, fresh := map[id.ID]bool{}, 0
		var wg sync.WaitGroup
		for user := range id.ID(10) {
			who := vouchertest.Company(1)
			who.UserID += user
			for range 10 {
				wg.Go(func() {
					v, replayed, err := w.Vouchers.Claim(context.Background(), who, c.Vouchers[0].ID, 1)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil:
						given[v.ID] = true
						if !replayed {
							fresh++
						}
					case !errors.Is(err, voucher.ErrTooFast):
						w.Error(err)
					}
				})
			}
		}
		wg.Wait()
		got, err := w.Vouchers.Campaign(w.Context(), c.ID)
		w.OK(err)
		if len(given) != 1 || fresh != 1 || got.Vouchers[0].Remaining != quota-1 {
			w.Errorf("%d vouchers, %d claims counted, %d left", len(given), fresh, got.Vouchers[0].Remaining)
		}
	})
}

func TestAPauseStopsClaimsUntilTheCampaignIsResumed(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		c := w.Open(voucher.Rush, 5, nil, w.Kind(50000, vouchertest.AnyTerms()))
		c, err := w.Vouchers.Campaign(w.Context(), c.ID)
		w.OK(err)
		_, err = w.Vouchers.PauseCampaign(w.Context(), vouchertest.Operator, c.ID, c.Version, "")
		w.Refused(err, voucher.ErrReasonMissing)
		c, err = w.Vouchers.PauseCampaign(w.Context(), vouchertest.Operator, c.ID, c.Version, "核查异常领取")
		w.OK(err)
		_, _, err = w.Vouchers.Claim(w.Context(), vouchertest.Company(1), c.Vouchers[0].ID, 1)
		w.Refused(err, voucher.ErrPaused)
		c, err = w.Vouchers.ResumeCampaign(w.Context(), vouchertest.Operator, c.ID, c.Version)
		w.OK(err)
		w.Claim(1, c)
	})
}

func TestRulesRefuseAndNameWhatIsMissed(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		c := w.Open(voucher.Rush, 5, func(d *voucher.CampaignDraft) {
			d.Rules = voucher.Rules{Sizes: []string{"micro"}, Regions: []string{"110000"}}
		}, w.Kind(50000, vouchertest.AnyTerms()))
		_, _, err := w.Vouchers.Claim(w.Context(), vouchertest.Company(1), c.Vouchers[0].ID, 1)
		w.Refused(err, voucher.ErrNotEligible)
		w.Companies.Set(2, voucher.Company{})
		_, _, err = w.Vouchers.Claim(w.Context(), vouchertest.Company(2), c.Vouchers[0].ID, 1)
		w.Refused(err, voucher.ErrUnverified)
		w.Companies.Set(1, voucher.Company{Verified: true, Size: "micro", RegionCode: "110105"})
		w.Claim(1, c)
	})
}

func TestNobodyApprovesTheirOwnCampaignOrBudget(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		c := w.Submitted(voucher.Rush, 1, nil, w.Kind(50000, vouchertest.AnyTerms()))
		w.Refused(w.Approve(vouchertest.Operator, c), voucher.ErrFourEyes)
		w.OK(w.Approve(vouchertest.Approver, c))
		if got := w.Balance(ledger.Budget(c.ID)); got != 50000 {
			w.Errorf("funded with %v", got)
		}
		b, err := w.Funds.Create(w.Context(), vouchertest.Creator, fund.Draft{Name: "另一项预算", Year: 2026, Amount: 1})
		w.OK(err)
		_, err = w.Funds.Decide(w.Context(), vouchertest.Creator, b.ID, b.Version, fund.Approve, "")
		w.Refused(err, fund.ErrFourEyes)
	})
}

// T-MON-21: no campaign is approved beyond its budget.
func TestCampaignsTogetherCannotTakeMoreThanTheBudget(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		kind := w.Kind(vouchertest.Budgeted/2, vouchertest.AnyTerms())
		one, two, three := w.Submitted(voucher.Rush, 1, nil, kind), w.Submitted(voucher.Rush, 1, nil, kind), w.Submitted(voucher.Rush, 1, nil, kind)
		w.OK(w.Approve(vouchertest.Approver, one))
		w.OK(w.Approve(vouchertest.Approver, two))
		w.Refused(w.Approve(vouchertest.Approver, three), fund.ErrExceeded)
		got, err := w.Vouchers.Campaign(w.Context(), one.ID)
		w.OK(err)
		_, err = w.Vouchers.CancelCampaign(w.Context(), vouchertest.Operator, one.ID, got.Version, "活动取消")
		w.OK(err)
		w.OK(w.Approve(vouchertest.Approver, three)) // the canceled campaign's money is free again
	})
}

func TestMoneyOfAnOrderGoesItsWayAndBack(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		c := w.Open(voucher.Rush, 5, nil, w.Kind(50000, vouchertest.AnyTerms()))
		v := w.Claim(1, c)
		uses, err := w.Hold(1, 71, 30000, v.ID)
		w.OK(err)
		if uses[0].Amount != 30000 || uses[0].BalanceAfter != 20000 || uses[0].HoldID == 0 {
			w.Errorf("%+v", uses)
		}
		if got := w.Amounts(v); got != [4]money.Fen{20000, 30000, 0, 0} {
			w.Errorf("held: %v", got)
		}
		w.OK(w.Do(w.Vouchers.Release, 71))
		w.OK(w.Do(w.Vouchers.Release, 71)) // once is enough
		if got := w.Amounts(v); got != [4]money.Fen{50000, 0, 0, 0} {
			w.Errorf("released: %v", got)
		}
		_, err = w.Hold(1, 72, 50000, v.ID)
		w.OK(err)
		w.OK(w.Do(w.Vouchers.Redeem, 72))
		w.OK(w.Do(w.Vouchers.Redeem, 72))
		w.OK(w.Do(w.Vouchers.Release, 72)) // too late: nothing is held
		if got := w.Amounts(v); got != [4]money.Fen{0, 0, 50000, 0} || w.Balance(ledger.EscrowV(72)) != 50000 {
			w.Errorf("redeemed: %v", got)
		}
		if got, _ := w.Vouchers.Voucher(w.Context(), v.ID); got.Status != voucher.Exhausted {
			w.Error(got.Status)
		}
		w.OK(w.Do(w.Vouchers.Restore, 72))
		w.OK(w.Do(w.Vouchers.Restore, 72))
		hold, err := w.Vouchers.Voucher(w.Context(), v.ID)
		w.OK(err)
		used, _, err := w.Vouchers.RedeemedWith(w.Context(), 900, page.Query{Size: 10})
		w.OK(err)
		if len(used) != 1 || used[0].VoucherID != hold.ID || used[0].Used != 50000 || used[0].Restored != 50000 {
			w.Errorf("the provider reads what was used, and that it went back: %+v", used)
		}
		if got := w.Amounts(v); got != [4]money.Fen{50000, 0, 0, 0} || w.Balance(ledger.EscrowV(72)) != 0 {
			w.Errorf("restored: %v", got)
		}
		if got, _ := w.Vouchers.Voucher(w.Context(), v.ID); got.Status != voucher.Active {
			w.Error(got.Status)
		}
	})
}

// T-MON-10: after the end of a voucher, money goes to the campaign and not to the company.
func TestMoneyThatComesBackToAnExpiredVoucherGoesToItsCampaign(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		c := w.Open(voucher.Rush, 5, nil, w.Kind(50000, vouchertest.AnyTerms()))
		v := w.Claim(1, c)
		_, err := w.Hold(1, 71, 10000, v.ID)
		w.OK(err)
		_, err = w.Hold(1, 72, 15000, v.ID)
		w.OK(err)
		w.OK(w.Do(w.Vouchers.Redeem, 72))
		w.Move(40 * 24 * time.Hour)
		w.OK(w.Vouchers.ExpireDue(w.Context()))
		w.OK(w.Vouchers.ExpireDue(w.Context()))
		if got := w.Amounts(v); got != [4]money.Fen{0, 10000, 15000, 25000} {
			w.Errorf("expired: %v", got)
		}
		w.OK(w.Do(w.Vouchers.Release, 71))
		w.OK(w.Do(w.Vouchers.Restore, 72))
		if got := w.Amounts(v); got != [4]money.Fen{0, 0, 0, 50000} || w.Balance(ledger.Returned(c.ID)) != 50000 {
			w.Errorf("returned: %v", got)
		}
		moves, err := w.Vouchers.Movements(w.Context(), v)
		w.OK(err)
		for _, m := range moves[len(moves)-2:] {
			if m.Over != voucher.Expired || m.Returned != m.Amount || m.Change != 0 {
				w.Errorf("it is not said that the voucher was over: %+v", m)
			}
		}
		_, err = w.Hold(1, 73, 1, v.ID)
		w.Refused(err, voucher.ErrNotUsable)
	})
}

func TestAnEndedCampaignClosesOnceNothingOfItMoves(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		c := w.Open(voucher.Rush, 3, nil, w.Kind(50000, vouchertest.AnyTerms()))
		v := w.Claim(1, c)
		_, err := w.Hold(1, 71, 20000, v.ID)
		w.OK(err)
		w.OK(w.Do(w.Vouchers.Redeem, 71))
		sweep := func(at time.Duration, want voucher.CampaignStatus) {
			w.Helper()
			w.Move(at)
			w.OK(w.Vouchers.ExpireDue(w.Context()))
			w.OK(w.Vouchers.OpenAndCloseDue(w.Context()))
			if got, _ := w.Vouchers.Campaign(w.Context(), c.ID); got.Status != want {
				w.Fatalf("%s, want %s", got.Status, want)
			}
		}
		sweep(26*time.Hour, voucher.Ended)
		sweep(27*time.Hour, voucher.Ended)    // the voucher lives
		sweep(40*24*time.Hour, voucher.Ended) // the order is not accepted
		w.OK(w.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := ledger.Post(ctx, tx, ledger.Vouchers, ledger.SettleV, ledger.Source{Kind: "order", ID: 71},
				ledger.Move{From: ledger.EscrowV(71), To: ledger.SubsidyPayable(900), Amount: 20000})
			return err
		}))
		sweep(41*24*time.Hour, voucher.Closed)
		b, err := w.Funds.Get(w.Context(), w.Budget)
		w.OK(err)
		if b.Committed != 20000 {
			w.Errorf("the budget has %v committed, want what was spent", b.Committed)
		}
		if got := w.Balance(ledger.Returned(c.ID)); got != 130000 {
			w.Errorf("%v returned", got)
		}
	})
}

// T-CONC-05: what twenty orders hold at once is never more than the voucher.
func TestOneVoucherInManyOrdersIsNeverHeldTwice(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		c := w.Open(voucher.Rush, 5, nil, w.Kind(1000, vouchertest.AnyTerms()))
		v := w.Claim(1, c)
		var mu sync.Mutex
		var held money.Fen
		var wg sync.WaitGroup
		for order := id.ID(1); order <= 20; order++ {
			wg.Go(func() {
				uses, err := w.Hold(1, order, 300, v.ID)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					held += uses[0].Amount
				case !errors.Is(err, voucher.ErrInsufficient) && !errors.Is(err, voucher.ErrNotUsable):
					w.Error(err)
				}
			})
		}
		wg.Wait()
		if got := w.Amounts(v); got[1] != held || held > 1000 {
			w.Errorf("%v held by the orders, %v", held, got)
		}
	})
}

// T-MON-03, T-MON-20: what fits neither the lines, nor the company's region or size, nor
// another voucher beside it is not offered, and refused when it is chosen.
func TestOnlyOwnUsableFittingVouchersAreOffered(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		terms := vouchertest.AnyTerms()
		terms.Scope.Categories = []string{"erp"}
		later := vouchertest.AnyTerms()
		later.Validity.Days = 60
		alone := vouchertest.AnyTerms()
		alone.Stackable = false
		small := vouchertest.AnyTerms()
		small.Scope.Sizes = []string{"small", "micro"}
		elsewhere := vouchertest.AnyTerms()
		elsewhere.Scope.Regions = []string{"110000"} // the company sits in 440305
		c := w.Open(voucher.Rush, 5, nil, w.Kind(50000, later), w.Kind(40000, terms), w.Kind(30000, alone), w.Kind(20000, elsewhere), w.Kind(10000, small))
		var mine []voucher.Voucher
		for _, cv := range c.Vouchers {
			v, _, err := w.Vouchers.Claim(w.Context(), vouchertest.Company(1), cv.ID, 1)
			w.OK(err)
			mine = append(mine, v)
		}
		lines := []voucher.Line{{Key: 1, ProviderOrg: 900, Categories: []string{"mes"}, Amount: 20000}}
		fits, others, err := w.Vouchers.Fitting(w.Context(), w.DB, 1, lines)
		w.OK(err)
		if len(fits) != 3 || fits[0].Voucher.ID != mine[2].ID || fits[1].Voucher.ID != mine[4].ID || fits[2].Max != 20000 {
			w.Errorf("%+v", fits)
		}
		if len(others) != 2 || others[0].Why != voucher.WhyScope || others[1].Why != voucher.WhyRegion {
			w.Errorf("the others say why not: %+v", others)
		}
		none, other, err := w.Vouchers.Fitting(w.Context(), w.DB, 2, lines)
		w.OK(err)
		if len(none)+len(other) != 0 {
			w.Error("another company's vouchers are offered")
		}
		plan := func(org id.ID, ids ...id.ID) error {
			_, err := w.Vouchers.Plan(w.Context(), w.DB, org, ids, lines)
			return err
		}
		w.OK(plan(1, mine[0].ID))
		w.OK(plan(1, mine[4].ID))
		w.Refused(plan(2, mine[0].ID), errs.ErrNotFound)
		w.Refused(plan(1, mine[1].ID), voucher.ErrNotFitting)
		w.Refused(plan(1, mine[3].ID), voucher.ErrNotFitting)
		w.Refused(plan(1, mine[0].ID, mine[2].ID), voucher.ErrNotStackable)
		if voucher.ErrNotStackable.Kind != errs.Conflict {
			w.Error("not a conflict")
		}
		w.Companies.Set(1, voucher.Company{Verified: true, VersionID: 2, RegionCode: "110105"}) // it has moved
		w.OK(plan(1, mine[3].ID))
		w.Refused(plan(1, mine[4].ID), voucher.ErrNotFitting) // and its size is not known any more

		ended := func(days, want int) {
			t.Helper()
			w.DB.Clock().Set(mine[2].ExpiresAt.Time().AddDate(0, 0, days).Add(time.Minute))
			w.OK(w.Vouchers.ExpireDue(w.Context()))
			_, others, err := w.Vouchers.Fitting(w.Context(), w.DB, 1, lines)
			w.OK(err)
			n := 0
			for _, f := range others {
				if f.Voucher.ExpiresAt == mine[2].ExpiresAt && f.Why == voucher.WhyEnded {
					n++
				}
			}
			if n != want {
				w.Errorf("%d days after their end %d vouchers are named, want %d", days, n, want)
			}
		}
		ended(29, 4)
		ended(31, 0) // nobody misses them any more
	})
}

// T-MON-03: the parts of all lines sum to what the vouchers pay.
func TestACheckoutOfSeveralOrdersUsesItsVoucherAsPlanned(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		terms := vouchertest.AnyTerms()
		terms.Share, terms.Cap, terms.MinOrder = 3333, 40000, 90000
		c := w.Open(voucher.Rush, 5, nil, w.Kind(50000, terms))
		v := w.Claim(1, c)
		lines := []voucher.Line{
			{Key: 1, OrderID: 71, ProviderOrg: 900, OfferingID: 5, Amount: 50000},
			{Key: 2, OrderID: 72, ProviderOrg: 901, OfferingID: 6, Amount: 49999},
		}
		planned, err := w.Vouchers.Plan(w.Context(), w.DB, 1, []id.ID{v.ID}, lines)
		w.OK(err)
		var uses []voucher.Use
		w.OK(w.Write(func(ctx context.Context, tx *db.Tx) (err error) {
			uses, err = w.Vouchers.HoldCheckout(ctx, tx, vouchertest.Company(1), []id.ID{v.ID}, lines)
			return err
		}))
		if len(uses) != 2 || uses[0].Amount+uses[1].Amount != planned[0].Amount || uses[1].BalanceAfter != planned[0].BalanceAfter {
			w.Errorf("%+v, planned %+v", uses, planned)
		}
		w.OK(w.Do(w.Vouchers.Redeem, 71))
		w.OK(w.Do(w.Vouchers.Release, 72))
		if got := w.Amounts(v); got[2] != uses[0].Amount || got[1] != 0 {
			w.Errorf("%v", got)
		}
	})
}

func TestAnApplicationIsGrantedAtOnceOrAfterReview(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		at := w.Open(voucher.ByRequest, 2, nil, w.Kind(50000, vouchertest.AnyTerms()))
		a, replayed, err := w.Vouchers.Apply(w.Context(), vouchertest.Company(1), at.Vouchers[0].ID, "")
		w.OK(err)
		if a.Status != voucher.Granted || a.VoucherID == 0 || replayed {
			w.Errorf("%+v", a)
		}
		again, replayed, err := w.Vouchers.Apply(w.Context(), vouchertest.Company(1), at.Vouchers[0].ID, "")
		w.OK(err)
		if !replayed || again.VoucherID != a.VoucherID {
			w.Error("asking again must give the same voucher")
		}
		_, _, err = w.Vouchers.Claim(w.Context(), vouchertest.Company(1), at.Vouchers[0].ID, 1)
		w.Refused(err, voucher.ErrWrongMode)

		w.Move(0)
		reviewed := w.Open(voucher.ByRequest, 1, func(d *voucher.CampaignDraft) { d.AutoGrant = false }, w.Kind(50000, vouchertest.AnyTerms()))
		cv := reviewed.Vouchers[0].ID
		first, _, err := w.Vouchers.Apply(w.Context(), vouchertest.Company(1), cv, "采购 MES")
		w.OK(err)
		same, replayed, err := w.Vouchers.Apply(w.Context(), vouchertest.Company(1), cv, "采购 MES")
		w.OK(err)
		if first.Status != voucher.Applied || !replayed || same.ID != first.ID {
			w.Errorf("%+v", same)
		}
		second, _, err := w.Vouchers.Apply(w.Context(), vouchertest.Company(2), cv, "")
		w.OK(err)
		w.Move(0)
		lots := w.Open(voucher.ByRequest, 1, func(d *voucher.CampaignDraft) { d.Draw, d.AutoGrant = true, false }, w.Kind(50000, vouchertest.AnyTerms()))
		_, _, err = w.Vouchers.Apply(w.Context(), vouchertest.Company(3), lots.Vouchers[0].ID, "")
		w.OK(err)
		wait, err := w.Vouchers.WaitingApplications(w.Context()) // lots are drawn, not decided
		w.OK(err)
		if len(wait) != 1 || wait[0].CampaignID != reviewed.ID || wait[0].Count != 2 || wait[0].Oldest != first.AppliedAt {
			w.Errorf("%+v", wait)
		}
		_, err = w.Vouchers.DecideApplication(w.Context(), vouchertest.Company(1), first.ID, voucher.GrantIt, "")
		w.Refused(err, errs.ErrForbidden)
		got, err := w.Vouchers.DecideApplication(w.Context(), vouchertest.Operator, first.ID, voucher.GrantIt, "")
		w.OK(err)
		if got.Status != voucher.Granted {
			w.Error(got.Status)
		}
		_, err = w.Vouchers.DecideApplication(w.Context(), vouchertest.Operator, second.ID, voucher.GrantIt, "")
		w.Refused(err, voucher.ErrQuotaUsed)
		_, err = w.Vouchers.WithdrawApplication(w.Context(), vouchertest.Company(1), second.ID)
		w.Refused(err, errs.ErrNotFound)
		_, err = w.Vouchers.WithdrawApplication(w.Context(), vouchertest.Company(2), second.ID)
		w.OK(err)
	})
}

// Whoever decides hears what can be done where the quota is used up: raise it, as long as that goes.
func TestWhoDecidesIsToldWhetherTheQuotaCanBeRaised(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		c := w.Open(voucher.ByRequest, 1, func(d *voucher.CampaignDraft) { d.AutoGrant = false }, w.Kind(100, vouchertest.AnyTerms()))
		var asked []voucher.Application
		for n := int64(1); n <= 2; n++ {
			a, _, err := w.Vouchers.Apply(w.Context(), vouchertest.Company(n), c.Vouchers[0].ID, "")
			w.OK(err)
			asked = append(asked, a)
		}
		grant := func(a voucher.Application) error {
			_, err := w.Vouchers.DecideApplication(w.Context(), vouchertest.Operator, a.ID, voucher.GrantIt, "")
			return err
		}
		w.OK(grant(asked[0]))
		w.Refused(grant(asked[1]), voucher.ErrQuotaUsed)
		w.Move(26 * time.Hour)
		w.Refused(grant(asked[1]), voucher.ErrQuotaFinal)
	})
}
