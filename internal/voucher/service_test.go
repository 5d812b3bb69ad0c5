package voucher_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/fund"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/ledger"
	"smedx/internal/review"
	"smedx/internal/voucher"
)

// world is a platform with one budget, in which time stands in hand.
type world struct {
	*testing.T
	db        *db.DB
	funds     *fund.Service
	vouchers  *voucher.Service
	companies companies
	budget    id.ID
	start     time.Time
}

// companies answers verified small companies of Shenzhen, unless told otherwise.
type companies struct {
	mu    *sync.Mutex
	facts map[id.ID]voucher.Company
}

func (c companies) Company(_ context.Context, _ db.Reader, orgID id.ID) (voucher.Company, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, ok := c.facts[orgID]; ok {
		return f, nil
	}
	return voucher.Company{Verified: true, VersionID: 1, RegionCode: "440305", Size: "small", Industries: []string{"C34"}}, nil
}

func (c companies) set(orgID id.ID, f voucher.Company) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.facts[orgID] = f
}

// desk opens cases; the tests decide on them by hand.
type desk struct{}

func (desk) Open(_ context.Context, _ *db.Tx, _ account.Principal, in review.Submission) (review.Case, error) {
	return review.Case{ID: id.New(), Kind: in.Kind, SubjectID: in.SubjectID, ContentHash: in.ContentHash}, nil
}

var (
	operator = account.Principal{UserID: 11, Role: account.RoleOperator, Username: "yunying"}
	creator  = account.Principal{UserID: 21, Role: account.RoleDepartment, Username: "gongxin1"}
	approver = account.Principal{UserID: 22, Role: account.RoleDepartment, Username: "gongxin2"}
)

func company(n int64) account.Principal {
	return account.Principal{UserID: id.ID(1000 + n), OrgID: id.ID(n), Role: account.RoleEnterprise, Username: "qiye"}
}

const budgeted money.Fen = 100_000_000

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{T: t, db: d, funds: fund.New(d), companies: companies{&sync.Mutex{}, map[id.ID]voucher.Company{}}}
	w.vouchers = voucher.New(d, w.companies, desk{})
	w.start = d.Now()
	b, err := w.funds.Create(t.Context(), creator, fund.Draft{Name: "2026 年创新服务券", Year: 2026, Amount: budgeted})
	w.ok(err)
	_, err = w.funds.Decide(t.Context(), approver, b.ID, b.Version, fund.Approve, "")
	w.ok(err)
	w.budget = b.ID
	return w
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) refused(err error, want *errs.Error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Fatalf("got %v, want %s", err, want.Code)
	}
}

func (w *world) write(fn db.Func) error { return w.db.Write(w.Context(), fn) }

// move sets the clock to so long after the start of the test.
func (w *world) move(d time.Duration) { w.db.Clock().Set(w.start.Add(d)) }

func anyTerms() voucher.Terms {
	return voucher.Terms{Share: 10000, Billing: voucher.BillingStandalone, Stackable: true, Validity: voucher.Validity{Days: 30}}
}

// kind makes a voucher type.
func (w *world) kind(face money.Fen, terms voucher.Terms) voucher.Type {
	w.Helper()
	t, err := w.vouchers.CreateType(w.Context(), operator, voucher.TypeDraft{Name: "创新服务券", FaceValue: face, Terms: terms})
	w.ok(err)
	return t
}

// campaign makes an approved campaign that opens in an hour for a day.
func (w *world) campaign(mode voucher.Mode, quota int64, change func(*voucher.CampaignDraft), types ...voucher.Type) voucher.Campaign {
	w.Helper()
	c := w.submitted(mode, quota, change, types...)
	w.ok(w.approve(approver, c))
	c, err := w.vouchers.Campaign(w.Context(), c.ID)
	w.ok(err)
	return c
}

func (w *world) submitted(mode voucher.Mode, quota int64, change func(*voucher.CampaignDraft), types ...voucher.Type) voucher.Campaign {
	w.Helper()
	draft := voucher.CampaignDraft{
		Name: "创新服务券抢券", Mode: mode, AutoGrant: true, BudgetID: w.budget, PerOrg: 1,
		OpensAt: clock.At(w.start.Add(time.Hour)), ClosesAt: clock.At(w.start.Add(25 * time.Hour)),
	}
	for _, t := range types {
		draft.Vouchers = append(draft.Vouchers, voucher.DraftVoucher{TypeID: t.ID, Quota: quota})
	}
	if change != nil {
		change(&draft)
	}
	c, err := w.vouchers.CreateCampaign(w.Context(), operator, draft)
	w.ok(err)
	c, err = w.vouchers.SubmitCampaign(w.Context(), operator, c.ID, c.Version)
	w.ok(err)
	return c
}

func (w *world) approve(who account.Principal, c voucher.Campaign) error {
	return w.write(func(ctx context.Context, tx *db.Tx) error {
		return w.vouchers.Approved(ctx, tx, who, review.Case{Kind: review.KindCampaign, SubjectID: c.ID, ContentHash: c.ContentHash})
	})
}

// open is campaign, with the clock set into its window.
func (w *world) open(mode voucher.Mode, quota int64, change func(*voucher.CampaignDraft), types ...voucher.Type) voucher.Campaign {
	w.Helper()
	c := w.campaign(mode, quota, change, types...)
	w.move(2 * time.Hour)
	w.ok(w.vouchers.OpenAndCloseDue(w.Context()))
	return c
}

func (w *world) claim(n int64, c voucher.Campaign) voucher.Voucher {
	w.Helper()
	v, _, err := w.vouchers.Claim(w.Context(), company(n), c.Vouchers[0].ID, 1)
	w.ok(err)
	return v
}

func (w *world) hold(n int64, order id.ID, amount money.Fen, vouchers ...id.ID) ([]voucher.Use, error) {
	var uses []voucher.Use
	err := w.write(func(ctx context.Context, tx *db.Tx) (err error) {
		uses, err = w.vouchers.Hold(ctx, tx, company(n), order, vouchers, []voucher.Line{{Key: 1, ProviderOrg: 900, OfferingID: 5, Amount: amount}})
		return err
	})
	return uses, err
}

type verb func(context.Context, *db.Tx, id.ID) error

func (w *world) do(v verb, order id.ID) error {
	return w.write(func(ctx context.Context, tx *db.Tx) error { return v(ctx, tx, order) })
}

// amounts are a voucher's four amounts, checked against the books.
func (w *world) amounts(v voucher.Voucher) [4]money.Fen {
	w.Helper()
	got, err := w.vouchers.Voucher(w.Context(), v.ID)
	w.ok(err)
	inBooks, err := ledger.Balance(w.Context(), w.db, ledger.Available(v.ID))
	w.ok(err)
	if inBooks != got.Available {
		w.Fatalf("the voucher says %v available, the books say %v", got.Available, inBooks)
	}
	return [4]money.Fen{got.Available, got.Held, got.Redeemed, got.Returned}
}

func (w *world) balance(a ledger.Account) money.Fen {
	w.Helper()
	b, err := ledger.Balance(w.Context(), w.db, a)
	w.ok(err)
	return b
}

func each(t *testing.T, test func(w *world)) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) { test(newWorld(t, d)) })
}

func TestClaimFollowsTheWindowAndTheStock(t *testing.T) {
	each(t, func(w *world) {
		c := w.campaign(voucher.Rush, 1, nil, w.kind(50000, anyTerms()))
		cv := c.Vouchers[0].ID
		claim := func(at time.Duration, n int64) (voucher.Voucher, bool, error) {
			w.move(at)
			return w.vouchers.Claim(w.Context(), company(n), cv, 1)
		}
		_, _, err := claim(time.Hour-time.Second, 1)
		w.refused(err, voucher.ErrNotOpen)
		won, replayed, err := claim(time.Hour, 1) // opens without any sweep
		w.ok(err)
		if replayed || won.Available != 50000 {
			w.Errorf("%+v", won)
		}
		again, replayed, err := claim(time.Hour+time.Second, 1)
		w.ok(err)
		if !replayed || again.ID != won.ID {
			w.Error("asking again must give the same voucher")
		}
		_, _, err = claim(time.Hour+2*time.Second, 2)
		w.refused(err, voucher.ErrSoldOut)
		_, _, err = claim(25*time.Hour, 3) // closing time is exclusive
		w.refused(err, voucher.ErrEnded)
		again, _, err = claim(25*time.Hour, 1)
		w.ok(err)
		if again.ID != won.ID {
			w.Error("the winner can ask again after the end")
		}
		_, _, err = w.vouchers.Claim(w.Context(), company(1), cv, 2)
		w.refused(err, voucher.ErrLimit)
		if got := w.balance(ledger.Budget(c.ID)); got != 0 {
			w.Errorf("the campaign's budget still has %v", got)
		}
	})
}

func TestAFreshProcessGivesTheWinnerTheSameVoucher(t *testing.T) {
	each(t, func(w *world) {
		c := w.open(voucher.Rush, 1, nil, w.kind(50000, anyTerms()))
		won := w.claim(1, c)
		w.vouchers = voucher.New(w.db, w.companies, desk{}) // its memory is gone
		again, replayed, err := w.vouchers.Claim(w.Context(), company(1), c.Vouchers[0].ID, 1)
		w.ok(err)
		if !replayed || again.ID != won.ID {
			w.Errorf("%v is not %v", again.ID, won.ID)
		}
	})
}

func TestARushNeverIssuesMoreThanItsQuota(t *testing.T) {
	each(t, func(w *world) {
		const quota, asking = 20, 60
		c := w.open(voucher.Rush, quota, nil, w.kind(50000, anyTerms()))
		var mu sync.Mutex
		won, sold := map[id.ID]bool{}, 0
		var wg sync.WaitGroup
		for n := int64(1); n <= asking; n++ {
			for range 2 { // every company clicks twice
				wg.Go(func() {
					v, _, err := w.vouchers.Claim(context.Background(), company(n), c.Vouchers[0].ID, 1)
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
		got, err := w.vouchers.Campaign(w.Context(), c.ID)
		w.ok(err)
		if got.Vouchers[0].Remaining != 0 || got.Status != voucher.SoldOut {
			w.Errorf("%d left, %s", got.Vouchers[0].Remaining, got.Status)
		}
	})
}

func TestAPauseStopsClaimsUntilTheCampaignIsResumed(t *testing.T) {
	each(t, func(w *world) {
		c := w.open(voucher.Rush, 5, nil, w.kind(50000, anyTerms()))
		c, err := w.vouchers.Campaign(w.Context(), c.ID)
		w.ok(err)
		_, err = w.vouchers.PauseCampaign(w.Context(), operator, c.ID, c.Version, "")
		w.refused(err, voucher.ErrReasonMissing)
		c, err = w.vouchers.PauseCampaign(w.Context(), operator, c.ID, c.Version, "核查异常领取")
		w.ok(err)
		_, _, err = w.vouchers.Claim(w.Context(), company(1), c.Vouchers[0].ID, 1)
		w.refused(err, voucher.ErrPaused)
		c, err = w.vouchers.ResumeCampaign(w.Context(), operator, c.ID, c.Version)
		w.ok(err)
		w.claim(1, c)
	})
}

func TestRulesRefuseAndNameWhatIsMissed(t *testing.T) {
	each(t, func(w *world) {
		c := w.open(voucher.Rush, 5, func(d *voucher.CampaignDraft) {
			d.Rules = voucher.Rules{Sizes: []string{"micro"}, Regions: []string{"110000"}}
		}, w.kind(50000, anyTerms()))
		_, _, err := w.vouchers.Claim(w.Context(), company(1), c.Vouchers[0].ID, 1)
		w.refused(err, voucher.ErrNotEligible)
		w.companies.set(2, voucher.Company{})
		_, _, err = w.vouchers.Claim(w.Context(), company(2), c.Vouchers[0].ID, 1)
		w.refused(err, voucher.ErrUnverified)
		w.companies.set(1, voucher.Company{Verified: true, Size: "micro", RegionCode: "110105"})
		w.claim(1, c)
	})
}

func TestNobodyApprovesTheirOwnCampaignOrBudget(t *testing.T) {
	each(t, func(w *world) {
		c := w.submitted(voucher.Rush, 1, nil, w.kind(50000, anyTerms()))
		w.refused(w.approve(operator, c), voucher.ErrFourEyes)
		w.ok(w.approve(approver, c))
		if got := w.balance(ledger.Budget(c.ID)); got != 50000 {
			w.Errorf("funded with %v", got)
		}
		b, err := w.funds.Create(w.Context(), creator, fund.Draft{Name: "另一项预算", Year: 2026, Amount: 1})
		w.ok(err)
		_, err = w.funds.Decide(w.Context(), creator, b.ID, b.Version, fund.Approve, "")
		w.refused(err, fund.ErrFourEyes)
	})
}

func TestCampaignsTogetherCannotTakeMoreThanTheBudget(t *testing.T) {
	each(t, func(w *world) {
		kind := w.kind(budgeted/2, anyTerms())
		one, two, three := w.submitted(voucher.Rush, 1, nil, kind), w.submitted(voucher.Rush, 1, nil, kind), w.submitted(voucher.Rush, 1, nil, kind)
		w.ok(w.approve(approver, one))
		w.ok(w.approve(approver, two))
		w.refused(w.approve(approver, three), fund.ErrExceeded)
		got, err := w.vouchers.Campaign(w.Context(), one.ID)
		w.ok(err)
		_, err = w.vouchers.CancelCampaign(w.Context(), operator, one.ID, got.Version, "活动取消")
		w.ok(err)
		w.ok(w.approve(approver, three)) // the canceled campaign's money is free again
	})
}

func TestMoneyOfAnOrderGoesItsWayAndBack(t *testing.T) {
	each(t, func(w *world) {
		c := w.open(voucher.Rush, 5, nil, w.kind(50000, anyTerms()))
		v := w.claim(1, c)
		uses, err := w.hold(1, 71, 30000, v.ID)
		w.ok(err)
		if uses[0].Amount != 30000 || uses[0].BalanceAfter != 20000 || uses[0].HoldID == 0 {
			w.Errorf("%+v", uses)
		}
		if got := w.amounts(v); got != [4]money.Fen{20000, 30000, 0, 0} {
			w.Errorf("held: %v", got)
		}
		w.ok(w.do(w.vouchers.Release, 71))
		w.ok(w.do(w.vouchers.Release, 71)) // once is enough
		if got := w.amounts(v); got != [4]money.Fen{50000, 0, 0, 0} {
			w.Errorf("released: %v", got)
		}
		_, err = w.hold(1, 72, 50000, v.ID)
		w.ok(err)
		w.ok(w.do(w.vouchers.Redeem, 72))
		w.ok(w.do(w.vouchers.Redeem, 72))
		w.ok(w.do(w.vouchers.Release, 72)) // too late: nothing is held
		if got := w.amounts(v); got != [4]money.Fen{0, 0, 50000, 0} || w.balance(ledger.EscrowV(72)) != 50000 {
			w.Errorf("redeemed: %v", got)
		}
		if got, _ := w.vouchers.Voucher(w.Context(), v.ID); got.Status != voucher.Exhausted {
			w.Error(got.Status)
		}
		w.ok(w.do(w.vouchers.Restore, 72))
		w.ok(w.do(w.vouchers.Restore, 72))
		if got := w.amounts(v); got != [4]money.Fen{50000, 0, 0, 0} || w.balance(ledger.EscrowV(72)) != 0 {
			w.Errorf("restored: %v", got)
		}
		if got, _ := w.vouchers.Voucher(w.Context(), v.ID); got.Status != voucher.Active {
			w.Error(got.Status)
		}
	})
}

func TestMoneyThatComesBackToAnExpiredVoucherGoesToItsCampaign(t *testing.T) {
	each(t, func(w *world) {
		c := w.open(voucher.Rush, 5, nil, w.kind(50000, anyTerms()))
		v := w.claim(1, c)
		_, err := w.hold(1, 71, 10000, v.ID)
		w.ok(err)
		_, err = w.hold(1, 72, 15000, v.ID)
		w.ok(err)
		w.ok(w.do(w.vouchers.Redeem, 72))
		w.move(40 * 24 * time.Hour)
		w.ok(w.vouchers.ExpireDue(w.Context()))
		w.ok(w.vouchers.ExpireDue(w.Context()))
		if got := w.amounts(v); got != [4]money.Fen{0, 10000, 15000, 25000} {
			w.Errorf("expired: %v", got)
		}
		w.ok(w.do(w.vouchers.Release, 71))
		w.ok(w.do(w.vouchers.Restore, 72))
		if got := w.amounts(v); got != [4]money.Fen{0, 0, 0, 50000} || w.balance(ledger.Returned(c.ID)) != 50000 {
			w.Errorf("returned: %v", got)
		}
		_, err = w.hold(1, 73, 1, v.ID)
		w.refused(err, voucher.ErrNotUsable)
	})
}

func TestAnEndedCampaignClosesOnceNothingOfItMoves(t *testing.T) {
	each(t, func(w *world) {
		c := w.open(voucher.Rush, 3, nil, w.kind(50000, anyTerms()))
		v := w.claim(1, c)
		_, err := w.hold(1, 71, 20000, v.ID)
		w.ok(err)
		w.ok(w.do(w.vouchers.Redeem, 71))
		sweep := func(at time.Duration, want voucher.CampaignStatus) {
			w.Helper()
			w.move(at)
			w.ok(w.vouchers.ExpireDue(w.Context()))
			w.ok(w.vouchers.OpenAndCloseDue(w.Context()))
			if got, _ := w.vouchers.Campaign(w.Context(), c.ID); got.Status != want {
				w.Fatalf("%s, want %s", got.Status, want)
			}
		}
		sweep(26*time.Hour, voucher.Ended)
		sweep(27*time.Hour, voucher.Ended)    // the voucher lives
		sweep(40*24*time.Hour, voucher.Ended) // the order is not accepted
		w.ok(w.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := ledger.Post(ctx, tx, ledger.Vouchers, ledger.SettleV, ledger.Source{Kind: "order", ID: 71},
				ledger.Move{From: ledger.EscrowV(71), To: ledger.SubsidyPayable(900), Amount: 20000})
			return err
		}))
		sweep(41*24*time.Hour, voucher.Closed)
		b, err := w.funds.Get(w.Context(), w.budget)
		w.ok(err)
		if b.Committed != 20000 {
			w.Errorf("the budget has %v committed, want what was spent", b.Committed)
		}
		if got := w.balance(ledger.Returned(c.ID)); got != 130000 {
			w.Errorf("%v returned", got)
		}
	})
}

func TestOneVoucherInManyOrdersIsNeverHeldTwice(t *testing.T) {
	each(t, func(w *world) {
		c := w.open(voucher.Rush, 5, nil, w.kind(1000, anyTerms()))
		v := w.claim(1, c)
		var mu sync.Mutex
		var held money.Fen
		var wg sync.WaitGroup
		for order := id.ID(1); order <= 20; order++ {
			wg.Go(func() {
				uses, err := w.hold(1, order, 300, v.ID)
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
		if got := w.amounts(v); got[1] != held || held > 1000 {
			w.Errorf("%v held by the orders, %v", held, got)
		}
	})
}

func TestOnlyOwnUsableFittingVouchersAreOffered(t *testing.T) {
	each(t, func(w *world) {
		terms := anyTerms()
		terms.Scope.Categories = []string{"erp"}
		later := anyTerms()
		later.Validity.Days = 60
		alone := anyTerms()
		alone.Stackable = false
		c := w.open(voucher.Rush, 5, nil, w.kind(50000, later), w.kind(40000, terms), w.kind(30000, alone))
		var mine []voucher.Voucher
		for _, cv := range c.Vouchers {
			v, _, err := w.vouchers.Claim(w.Context(), company(1), cv.ID, 1)
			w.ok(err)
			mine = append(mine, v)
		}
		lines := []voucher.Line{{Key: 1, ProviderOrg: 900, Categories: []string{"mes"}, Amount: 20000}}
		fits, err := w.vouchers.Fitting(w.Context(), w.db, 1, lines)
		w.ok(err)
		if len(fits) != 2 || fits[0].Voucher.ID != mine[2].ID || fits[1].Max != 20000 {
			w.Errorf("%+v", fits)
		}
		none, err := w.vouchers.Fitting(w.Context(), w.db, 2, lines)
		w.ok(err)
		if len(none) != 0 {
			w.Error("another company's vouchers are offered")
		}
		plan := func(org id.ID, ids ...id.ID) error {
			_, err := w.vouchers.Plan(w.Context(), w.db, org, ids, lines)
			return err
		}
		w.ok(plan(1, mine[0].ID))
		w.refused(plan(2, mine[0].ID), errs.ErrNotFound)
		w.refused(plan(1, mine[1].ID), voucher.ErrNotFitting)
		w.refused(plan(1, mine[0].ID, mine[2].ID), voucher.ErrNotStackable)
	})
}

func TestACheckoutOfSeveralOrdersUsesItsVoucherAsPlanned(t *testing.T) {
	each(t, func(w *world) {
		terms := anyTerms()
		terms.Share, terms.Cap, terms.MinOrder = 3333, 40000, 90000
		c := w.open(voucher.Rush, 5, nil, w.kind(50000, terms))
		v := w.claim(1, c)
		lines := []voucher.Line{
			{Key: 1, OrderID: 71, ProviderOrg: 900, OfferingID: 5, Amount: 50000},
			{Key: 2, OrderID: 72, ProviderOrg: 901, OfferingID: 6, Amount: 49999},
		}
		planned, err := w.vouchers.Plan(w.Context(), w.db, 1, []id.ID{v.ID}, lines)
		w.ok(err)
		var uses []voucher.Use
		w.ok(w.write(func(ctx context.Context, tx *db.Tx) (err error) {
			uses, err = w.vouchers.HoldCheckout(ctx, tx, company(1), []id.ID{v.ID}, lines)
			return err
		}))
		if len(uses) != 2 || uses[0].Amount+uses[1].Amount != planned[0].Amount || uses[1].BalanceAfter != planned[0].BalanceAfter {
			w.Errorf("%+v, planned %+v", uses, planned)
		}
		w.ok(w.do(w.vouchers.Redeem, 71))
		w.ok(w.do(w.vouchers.Release, 72))
		if got := w.amounts(v); got[2] != uses[0].Amount || got[1] != 0 {
			w.Errorf("%v", got)
		}
	})
}

func TestAnApplicationIsGrantedAtOnceOrAfterReview(t *testing.T) {
	each(t, func(w *world) {
		at := w.open(voucher.ByRequest, 2, nil, w.kind(50000, anyTerms()))
		a, replayed, err := w.vouchers.Apply(w.Context(), company(1), at.Vouchers[0].ID, "")
		w.ok(err)
		if a.Status != voucher.Granted || a.VoucherID == 0 || replayed {
			w.Errorf("%+v", a)
		}
		again, replayed, err := w.vouchers.Apply(w.Context(), company(1), at.Vouchers[0].ID, "")
		w.ok(err)
		if !replayed || again.VoucherID != a.VoucherID {
			w.Error("asking again must give the same voucher")
		}
		_, _, err = w.vouchers.Claim(w.Context(), company(1), at.Vouchers[0].ID, 1)
		w.refused(err, voucher.ErrWrongMode)

		w.move(0)
		reviewed := w.open(voucher.ByRequest, 1, func(d *voucher.CampaignDraft) { d.AutoGrant = false }, w.kind(50000, anyTerms()))
		cv := reviewed.Vouchers[0].ID
		first, _, err := w.vouchers.Apply(w.Context(), company(1), cv, "采购 MES")
		w.ok(err)
		same, replayed, err := w.vouchers.Apply(w.Context(), company(1), cv, "采购 MES")
		w.ok(err)
		if first.Status != voucher.Applied || !replayed || same.ID != first.ID {
			w.Errorf("%+v", same)
		}
		second, _, err := w.vouchers.Apply(w.Context(), company(2), cv, "")
		w.ok(err)
		_, err = w.vouchers.DecideApplication(w.Context(), company(1), first.ID, voucher.GrantIt, "")
		w.refused(err, errs.ErrForbidden)
		got, err := w.vouchers.DecideApplication(w.Context(), operator, first.ID, voucher.GrantIt, "")
		w.ok(err)
		if got.Status != voucher.Granted {
			w.Error(got.Status)
		}
		_, err = w.vouchers.DecideApplication(w.Context(), operator, second.ID, voucher.GrantIt, "")
		w.refused(err, voucher.ErrSoldOut)
		_, err = w.vouchers.WithdrawApplication(w.Context(), company(1), second.ID)
		w.refused(err, errs.ErrNotFound)
		_, err = w.vouchers.WithdrawApplication(w.Context(), company(2), second.ID)
		w.ok(err)
	})
}
