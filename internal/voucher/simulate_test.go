package voucher_test

import (
	"slices"
	"testing"
	"time"

	"smedx/internal/fund"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

// The funnel counts each company at the first rule that it misses, by the rules
// that judge claims: who is counted as qualified can claim, nobody else.
func TestASimulationAgreesWithTheClaims(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		for n, f := range []voucher.Company{
			{Verified: true, VersionID: 1, Size: "small", RegionCode: "440305", Industries: []string{"34"}},
			{Verified: true, VersionID: 1, Size: "micro", RegionCode: "440306", Industries: []string{"34"}},
			{Verified: true, VersionID: 1, Size: "large", RegionCode: "440305", Industries: []string{"34"}},
			{Verified: true, VersionID: 1, Size: "small", RegionCode: "110105", Industries: []string{"34"}},
			{Verified: true, VersionID: 1, Size: "large", RegionCode: "110105"},
			{Size: "small", RegionCode: "440305"}, // not verified: not among them
		} {
			w.Companies.Set(id.ID(n+1), f)
		}
		rules := voucher.Rules{Sizes: []string{"micro", "small"}, Regions: []string{"440300"}}
		got, err := w.Vouchers.Simulate(w.Context(), voucher.Outline{
			PerOrg: 2, Rules: rules, Vouchers: []voucher.OutlineVoucher{{FaceValue: 50000, Quota: 10}, {FaceValue: 1000, Quota: 3}},
		})
		w.OK(err)
		if got.Companies != 5 || got.Qualified != 2 || got.Quota != 13 || got.Issuable != 7 || got.Spend != 4*50000+3*1000 {
			w.Errorf("%+v", got)
		}
		if want := []voucher.RuleStep{{voucher.RuleVerified, 0, 5}, {voucher.RuleSize, 2, 3}, {voucher.RuleRegion, 1, 2}}; !slices.Equal(got.Funnel, want) {
			w.Errorf("%+v", got.Funnel)
		}
		if want := []voucher.Share{{"440300", 3, 2}, {"110100", 2, 0}}; !slices.Equal(got.Regions, want) {
			w.Errorf("%+v", got.Regions)
		}
		if want := []voucher.Share{{"micro", 1, 1}, {"small", 2, 1}, {"large", 2, 0}}; !slices.Equal(got.Sizes, want) {
			w.Errorf("%+v", got.Sizes)
		}
		c := w.Open(voucher.Rush, 10, func(d *voucher.CampaignDraft) { d.Rules = rules }, w.Kind(50000, vouchertest.AnyTerms()))
		var can int64
		for n := int64(1); n <= 6; n++ {
			if _, _, err := w.Vouchers.Claim(w.Context(), vouchertest.Company(n), c.Vouchers[0].ID, 1); err == nil {
				can++
			}
		}
		if can != got.Qualified {
			w.Errorf("%d could claim, %d were foretold", can, got.Qualified)
		}
		_, err = w.Vouchers.Simulate(w.Context(), voucher.Outline{PerOrg: 0})
		w.Refused(err, errs.ErrInvalid)
	})
}

// What companies have already is left out of what a running campaign may still give.
func TestASimulationOfARunningCampaignCountsWhatIsLeft(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		for n := range id.ID(3) {
			w.Companies.Set(n+1, voucher.Company{Verified: true, VersionID: 1, Size: "small", RegionCode: "440305"})
		}
		c := w.Open(voucher.Rush, 10, func(d *voucher.CampaignDraft) { d.PerOrg = 2 }, w.Kind(50000, vouchertest.AnyTerms()))
		w.Claim(1, c)
		w.Claim(3, c)
		w.Companies.Set(3, voucher.Company{Size: "small", RegionCode: "440305"}) // may claim no more
		outline := func(quota int64) voucher.Simulation {
			w.Helper()
			got, err := w.Vouchers.Simulate(w.Context(), voucher.Outline{
				PerOrg: 2, Vouchers: []voucher.OutlineVoucher{{ID: c.Vouchers[0].ID, FaceValue: 50000, Quota: quota}},
			})
			w.OK(err)
			return got
		}
		if got := outline(10); got.Qualified != 2 || got.Issued != 2 || got.Issuable != 3 || got.Spend != 3*50000 {
			w.Errorf("%+v", got)
		}
		if got := outline(4); got.Issuable != 2 {
			w.Errorf("the stock ends it: %+v", got)
		}
	})
}

// What is left of the budget agrees with what an approval takes, before and after it.
func TestASimulationShowsWhatIsLeftOfTheBudget(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		c := w.Submitted(voucher.Rush, 10, nil, w.Kind(50000, vouchertest.AnyTerms()))
		rest := func(quota int64) voucher.Rest {
			w.Helper()
			got, err := w.Vouchers.Simulate(w.Context(), voucher.Outline{
				Budget: c.BudgetID, PerOrg: 1, Vouchers: []voucher.OutlineVoucher{{ID: c.Vouchers[0].ID, FaceValue: 50000, Quota: quota}},
			})
			w.OK(err)
			return *got.Budget
		}
		b, err := fund.Find(w.Context(), w.DB, c.BudgetID)
		w.OK(err)
		if got, want := rest(10), (voucher.Rest{b.Name, b.Available(), 500_000, b.Available() - 500_000}); got != want {
			w.Errorf("before the approval: %+v, not %+v", got, want)
		}
		if got := rest(int64(b.Available()/50000) + 1); got.After >= 0 {
			w.Errorf("a campaign that is too large: %+v", got)
		}
		w.OK(w.Approve(vouchertest.Approver, c))
		left := b.Available() - 500_000
		if got, want := rest(10), (voucher.Rest{b.Name, left, 0, left}); got != want {
			w.Errorf("after it: %+v, not %+v", got, want)
		}
		if got := rest(13); got.Takes != 150_000 {
			w.Errorf("a change by three: %+v", got)
		}
	})
}

// A program does not claim in the name of a company that has not solved the challenge;
// it is solved once, also before the opening.
func TestACampaignMayAskAChallengeBeforeTheClaim(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		c := w.Open(voucher.Rush, 10, func(d *voucher.CampaignDraft) { d.Challenge, d.PerOrg = true, 2 }, w.Kind(50000, vouchertest.AnyTerms()))
		who := vouchertest.Company(1)
		_, _, err := w.Vouchers.Claim(w.Context(), who, c.Vouchers[0].ID, 1)
		w.Refused(err, voucher.ErrChallenge)
		w.OK(w.Vouchers.NoteSolved(w.Context(), who, c.ID))
		w.OK(w.Vouchers.NoteSolved(w.Context(), who, c.ID))
		for n := range int64(2) {
			_, _, err = w.Vouchers.Claim(w.Context(), who, c.Vouchers[0].ID, n+1)
			w.OK(err)
		}
		_, _, err = w.Vouchers.Claim(w.Context(), vouchertest.Company(2), c.Vouchers[0].ID, 1)
		w.Refused(err, voucher.ErrChallenge)
		plain := w.Open(voucher.Rush, 10, nil, w.Kind(50000, vouchertest.AnyTerms()))
		w.Claim(2, plain)
	})
}

// A program that asks for a company is told to wait; others are not, and
// nobody loses what he has.
func TestACompanyThatAsksTooFastIsToldToWait(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		c := w.Open(voucher.Rush, 5, nil, w.Kind(50000, vouchertest.AnyTerms()))
		won := w.Claim(1, c)
		var err error
		asked := 0
		for ; err == nil && asked < 100; asked++ {
			_, _, err = w.Vouchers.Claim(w.Context(), vouchertest.Company(1), c.Vouchers[0].ID, 1)
		}
		w.Refused(err, voucher.ErrTooFast)
		if wait := errs.Of(err).RetryAfter; wait != 1 || asked < 10 {
			w.Errorf("after %d times, %d seconds", asked, wait)
		}
		w.Claim(2, c)
		w.Move(2*time.Hour + time.Second)
		again := w.Claim(1, c)
		if again.ID != won.ID {
			w.Error("the voucher is another one")
		}
	})
}
