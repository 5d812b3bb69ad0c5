// Package vouchertest sets a stage for tests of whatever uses vouchers: a budget,
// campaigns that are approved by hand, companies made up on the spot.
package vouchertest

import (
	"context"
	"errors"
	"maps"
	"slices"
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

// World is a platform with one budget, in which time stands in hand.
type World struct {
	*testing.T
	DB        *db.DB
	Funds     *fund.Service
	Vouchers  *voucher.Service
	Companies Companies
	Budget    id.ID
	Start     time.Time
}

// Companies answers verified small companies of Shenzhen, unless told otherwise.
type Companies struct {
	mu    *sync.Mutex
	facts map[id.ID]voucher.Company
}

// Companies implements voucher.Companies.
func (c Companies) Companies(_ context.Context, _ db.Reader, orgIDs ...id.ID) (map[id.ID]voucher.Company, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[id.ID]voucher.Company{}
	for _, orgID := range orgIDs {
		f, ok := c.facts[orgID]
		if !ok {
			f = voucher.Company{Verified: true, VersionID: 1, RegionCode: "440305", Size: "small", Industries: []string{"34"}}
		}
		out[orgID] = f
	}
	return out, nil
}

// VerifiedAfter answers the verified ones that were made up by Set.
func (c Companies) VerifiedAfter(_ context.Context, _ db.Reader, after id.ID, limit int) (some []voucher.Company, last id.ID, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, orgID := range slices.Sorted(maps.Keys(c.facts)) {
		if f := c.facts[orgID]; orgID > after && f.Verified && len(some) < limit {
			some, last = append(some, f), orgID
		}
	}
	return some, last, nil
}

// Set makes up the facts of one company.
func (c Companies) Set(orgID id.ID, f voucher.Company) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.facts[orgID] = f
}

// Desk opens cases; the tests decide on them by hand.
type Desk struct{}

// Open answers a case without keeping it.
func (Desk) Open(_ context.Context, _ *db.Tx, _ account.Principal, in review.Submission) (review.Case, error) {
	return review.Case{ID: id.New(), Kind: in.Kind, SubjectID: in.SubjectID, ContentHash: in.ContentHash}, nil
}

// Drop has nothing to drop.
func (Desk) Drop(context.Context, *db.Tx, review.Kind, id.ID) error { return nil }

// The staff of the world.
var (
	Operator = account.Principal{UserID: 11, Role: account.RoleOperator, Username: "yunying"}
	Creator  = account.Principal{UserID: 21, Role: account.RoleDepartment, Username: "gongxin1"}
	Approver = account.Principal{UserID: 22, Role: account.RoleDepartment, Username: "gongxin2"}
)

// Company is the n-th company's user.
func Company(n int64) account.Principal {
	return account.Principal{UserID: id.ID(1000 + n), OrgID: id.ID(n), Role: account.RoleEnterprise, Username: "qiye"}
}

// Budgeted is the approved budget of the world.
const Budgeted money.Fen = 100_000_000

// New makes a world with an approved budget.
func New(t *testing.T, d *db.DB) *World {
	t.Helper()
	w := &World{T: t, DB: d, Funds: fund.New(d), Companies: Companies{&sync.Mutex{}, map[id.ID]voucher.Company{}}}
	w.Vouchers = voucher.New(d, w.Companies, Desk{})
	w.Start = d.Now()
	b, err := w.Funds.Create(t.Context(), Creator, fund.Draft{Name: "2026 年创新服务券", Year: 2026, Amount: Budgeted})
	w.OK(err)
	_, err = w.Funds.Decide(t.Context(), Approver, b.ID, b.Version, fund.Approve, "")
	w.OK(err)
	w.Budget = b.ID
	return w
}

// OK ends the test on an error.
func (w *World) OK(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// Refused ends the test unless err is that refusal.
func (w *World) Refused(err error, want *errs.Error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Fatalf("got %v, want %s", err, want.Code)
	}
}

// Write runs a transaction.
func (w *World) Write(fn db.Func) error { return w.DB.Write(w.Context(), fn) }

// Move sets the clock to so long after the start of the test.
func (w *World) Move(d time.Duration) { w.DB.Clock().Set(w.Start.Add(d)) }

// AnyTerms fit everything, pay all and last 30 days.
func AnyTerms() voucher.Terms {
	return voucher.Terms{Share: 10000, Billing: voucher.BillingStandalone, Stackable: true, Validity: voucher.Validity{Days: 30}}
}

// Kind makes a voucher type.
func (w *World) Kind(face money.Fen, terms voucher.Terms) voucher.Type {
	w.Helper()
	t, err := w.Vouchers.CreateType(w.Context(), Operator, voucher.TypeDraft{Name: "创新服务券", FaceValue: face, Terms: terms})
	w.OK(err)
	return t
}

// Campaign makes an approved campaign that opens in an hour for a day.
func (w *World) Campaign(mode voucher.Mode, quota int64, change func(*voucher.CampaignDraft), types ...voucher.Type) voucher.Campaign {
	w.Helper()
	c := w.Submitted(mode, quota, change, types...)
	w.OK(w.Approve(Approver, c))
	c, err := w.Vouchers.Campaign(w.Context(), c.ID)
	w.OK(err)
	return c
}

// Submitted makes a campaign that waits for its approval.
func (w *World) Submitted(mode voucher.Mode, quota int64, change func(*voucher.CampaignDraft), types ...voucher.Type) voucher.Campaign {
	w.Helper()
	draft := voucher.CampaignDraft{
		Name: "创新服务券抢券", Mode: mode, AutoGrant: true, BudgetID: w.Budget, PerOrg: 1,
		OpensAt: clock.At(w.Start.Add(time.Hour)), ClosesAt: clock.At(w.Start.Add(25 * time.Hour)),
	}
	for _, t := range types {
		draft.Vouchers = append(draft.Vouchers, voucher.DraftVoucher{TypeID: t.ID, Quota: quota})
	}
	if change != nil {
		change(&draft)
	}
	c, err := w.Vouchers.CreateCampaign(w.Context(), Operator, draft)
	w.OK(err)
	c, err = w.Vouchers.SubmitCampaign(w.Context(), Operator, c.ID, c.Version)
	w.OK(err)
	return c
}

// Approve decides as the review module does.
func (w *World) Approve(who account.Principal, c voucher.Campaign) error {
	return w.Write(func(ctx context.Context, tx *db.Tx) error {
		return w.Vouchers.Approved(ctx, tx, who, review.Case{Kind: review.KindCampaign, SubjectID: c.ID, ContentHash: c.ContentHash})
	})
}

// Asked is a change that waits for its approval.
func (w *World) Asked(c voucher.Campaign, in voucher.ChangeDraft) voucher.Change {
	w.Helper()
	ch, err := w.Vouchers.RequestChange(w.Context(), Operator, c.ID, in)
	w.OK(err)
	return ch
}

// CaseOf is the case that decides on a change.
func CaseOf(ch voucher.Change) review.Case {
	return review.Case{ID: ch.CaseID, Kind: review.KindCampaign, Variant: voucher.VariantChange, SubjectID: ch.CampaignID, ContentHash: ch.ContentHash}
}

// ApproveChange decides as the review module does.
func (w *World) ApproveChange(ch voucher.Change) error {
	return w.Write(func(ctx context.Context, tx *db.Tx) error {
		return w.Vouchers.Approved(ctx, tx, Approver, CaseOf(ch))
	})
}

// Open is Campaign, with the clock set into its window.
func (w *World) Open(mode voucher.Mode, quota int64, change func(*voucher.CampaignDraft), types ...voucher.Type) voucher.Campaign {
	w.Helper()
	c := w.Campaign(mode, quota, change, types...)
	w.Move(2 * time.Hour)
	w.OK(w.Vouchers.OpenAndCloseDue(w.Context()))
	return c
}

// Claim is the n-th company's claim of the first voucher, which must succeed.
func (w *World) Claim(n int64, c voucher.Campaign) voucher.Voucher {
	w.Helper()
	v, _, err := w.Vouchers.Claim(w.Context(), Company(n), c.Vouchers[0].ID, 1)
	w.OK(err)
	return v
}

// Hold holds vouchers of the n-th company for an order of one line.
func (w *World) Hold(n int64, order id.ID, amount money.Fen, vouchers ...id.ID) ([]voucher.Use, error) {
	var uses []voucher.Use
	err := w.Write(func(ctx context.Context, tx *db.Tx) (err error) {
		uses, err = w.Vouchers.Hold(ctx, tx, Company(n), order, vouchers, []voucher.Line{{Key: 1, ProviderOrg: 900, OfferingID: 5, Amount: amount}})
		return err
	})
	return uses, err
}

// Verb is Redeem, Release or Restore of the service.
type Verb func(context.Context, *db.Tx, id.ID) error

// Do runs a verb for an order in a transaction of its own.
func (w *World) Do(v Verb, order id.ID) error {
	return w.Write(func(ctx context.Context, tx *db.Tx) error { return v(ctx, tx, order) })
}

// Amounts are a voucher's four amounts, checked against the books: the balance, and
// the movements that its page shows, which together are what the voucher says.
func (w *World) Amounts(v voucher.Voucher) [4]money.Fen {
	w.Helper()
	got, err := w.Vouchers.Voucher(w.Context(), v.ID)
	w.OK(err)
	inBooks, err := ledger.Balance(w.Context(), w.DB, ledger.Available(v.ID))
	w.OK(err)
	if inBooks != got.Available {
		w.Fatalf("the voucher says %v available, the books say %v", got.Available, inBooks)
	}
	amounts := [4]money.Fen{got.Available, got.Held, got.Redeemed, got.Returned}
	moves, err := w.Vouchers.Movements(w.Context(), got)
	w.OK(err)
	var sums [4]money.Fen
	for _, m := range moves {
		for i, change := range [4]money.Fen{m.Change, m.Held, m.Redeemed, m.Returned} {
			sums[i] += change
		}
		if m.Balance != sums[0] {
			w.Fatalf("after %+v the balance is %v", m, sums[0])
		}
	}
	if sums != amounts {
		w.Fatalf("the voucher says %v, its movements %v: %+v", amounts, sums, moves)
	}
	return amounts
}

// Balance is an account's balance in the books.
func (w *World) Balance(a ledger.Account) money.Fen {
	w.Helper()
	b, err := ledger.Balance(w.Context(), w.DB, a)
	w.OK(err)
	return b
}

// Each runs the test in a world of its own on each engine.
func Each(t *testing.T, test func(w *World)) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) { test(New(t, d)) })
}
