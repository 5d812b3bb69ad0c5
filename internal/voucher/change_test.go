package voucher_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"smedx/internal/fund"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/ledger"
	"smedx/internal/notify"
	"smedx/internal/review"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

// Every state and event of a change: what the table does not list is refused and names the state.
func TestAChangeFollowsItsTable(t *testing.T) {
	events := []voucher.ChangeEvent{voucher.ApplyChange, voucher.RejectChange, voucher.WithdrawChange, voucher.LapseChange}
	for from, row := range voucher.ChangeFlow {
		if from != voucher.ChangePending && len(row) != 0 {
			t.Errorf("%s is not final", from)
		}
		for _, e := range events {
			to, err := from.Next(e)
			want, listed := row[e]
			switch {
			case listed && (err != nil || to != want):
				t.Errorf("%s %s: %s %v", from, e, to, err)
			case !listed && (!errors.Is(err, errs.ErrInvalidState) || errs.Of(err).State != string(from)):
				t.Errorf("%s %s is allowed", from, e)
			}
		}
	}
}

// more asks for a quota of the first voucher.
func more(c voucher.Campaign, quota int64) voucher.ChangeDraft {
	return voucher.ChangeDraft{Reason: "报名踊跃", Quotas: []voucher.Quota{{VoucherID: c.Vouchers[0].ID, Quota: quota}}}
}

func pointers(err error) (all []string) {
	for _, f := range errs.Of(err).Fields {
		all = append(all, f.Pointer+" "+f.Code)
	}
	return all
}

// T-BIZ-08, T-MON-21: what was approved can be changed by another approval only, and
// nothing of what has been issued changes with it.
func TestAnOpenCampaignChangesByApprovalOnly(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		kind := w.Kind(50000, vouchertest.AnyTerms())
		c := w.Open(voucher.Rush, 2, nil, kind)
		won := w.Claim(1, c)
		before, err := w.Vouchers.Voucher(w.Context(), won.ID)
		w.OK(err)

		_, err = w.Vouchers.UpdateCampaign(w.Context(), vouchertest.Operator, c.ID, c.Version, voucher.CampaignDraft{
			Name: "改", Mode: voucher.Rush, BudgetID: w.Budget, OpensAt: c.OpensAt, ClosesAt: c.ClosesAt, PerOrg: 5,
			Vouchers: []voucher.DraftVoucher{{TypeID: kind.ID, Quota: 9}},
		})
		w.Refused(err, errs.ErrInvalidState)
		terms := vouchertest.AnyTerms()
		terms.Share = 100
		_, err = w.Vouchers.UpdateType(w.Context(), vouchertest.Operator, kind.ID, kind.Version, voucher.TypeDraft{Name: "改", FaceValue: 1, Terms: terms})
		w.OK(err)

		in := more(c, 3)
		in.ClosesAt = c.ClosesAt.Add(24 * time.Hour)
		ch := w.Asked(c, in)
		_, err = w.Vouchers.RequestChange(w.Context(), vouchertest.Operator, c.ID, more(c, 9))
		w.Refused(err, voucher.ErrChangeOpen)
		got, err := w.Vouchers.Campaign(w.Context(), c.ID)
		w.OK(err)
		if got.ClosesAt != c.ClosesAt || got.Vouchers[0].Quota != 2 || got.Vouchers[0].FaceValue != 50000 {
			w.Fatalf("changed before the approval: %+v", got)
		}
		err = w.Write(func(ctx context.Context, tx *db.Tx) error {
			return w.Vouchers.Approved(ctx, tx, vouchertest.Operator, vouchertest.CaseOf(ch))
		})
		w.Refused(err, voucher.ErrFourEyes)
		other := ch
		other.ContentHash = strings.Repeat("0", 64)
		w.Refused(w.ApproveChange(other), errs.ErrStale)

		w.OK(w.ApproveChange(ch))
		w.Refused(w.ApproveChange(ch), errs.ErrInvalidState)
		got, err = w.Vouchers.Campaign(w.Context(), c.ID)
		w.OK(err)
		v := got.Vouchers[0]
		if got.ClosesAt != in.ClosesAt || v.ClosesAt != in.ClosesAt || v.Quota != 3 || v.Remaining != 2 || got.Funded != 150000 || got.PerOrg != 1 || v.Terms.Share != 10000 {
			w.Errorf("%+v", got)
		}
		if left := w.Balance(ledger.Budget(c.ID)); left != 100000 {
			w.Errorf("%v unissued", left)
		}
		if after, _ := w.Vouchers.Voucher(w.Context(), won.ID); after.ExpiresAt != before.ExpiresAt || after.FaceValue != before.FaceValue || after.Available != before.Available {
			w.Errorf("an issued voucher changed: %+v", after)
		}
		w.Move(25*time.Hour + time.Minute) // after the first end
		w.OK(w.Vouchers.OpenAndCloseDue(w.Context()))
		w.Claim(2, c)
		news, err := w.Vouchers.Changes(w.Context(), c.ID, voucher.ChangeApplied)
		w.OK(err)
		if len(news) != 1 || news[0].Reason != "报名踊跃" || !strings.Contains(news[0].Words(), "由 2 张增加至 3 张") {
			w.Errorf("%+v", news)
		}
	})
}

// T-MON-21: neither more than the budget nor less than there is; the refusal
// names the field and nothing changes.
func TestAChangeStaysWithinTheBudgetAndNeverTakesBack(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		half := vouchertest.Budgeted / 2
		c := w.Open(voucher.Rush, 1, nil, w.Kind(half, vouchertest.AnyTerms()))
		refused := func(in voucher.ChangeDraft, want ...string) {
			w.Helper()
			_, err := w.Vouchers.RequestChange(w.Context(), vouchertest.Operator, c.ID, in)
			if got := pointers(err); !slices.Equal(got, want) {
				w.Errorf("%v, want %v (%v)", got, want, err)
			}
		}
		refused(more(c, 3), "/quotas field.budget_short")
		refused(more(c, 0), "/quotas/0/quota field.only_more")
		refused(more(c, 1), "/closesAt field.no_change")
		refused(voucher.ChangeDraft{ClosesAt: c.ClosesAt - 1}, "/reason field.required", "/closesAt field.only_later")
		refused(voucher.ChangeDraft{Reason: "x", Quotas: []voucher.Quota{{VoucherID: 5, Quota: 5}}}, "/quotas/0/voucherId field.choice")

		// The budget was there when it was asked for, and is gone at the approval.
		ch := w.Asked(c, more(c, 2))
		w.Move(0)
		w.Campaign(voucher.Rush, 1, nil, w.Kind(half, vouchertest.AnyTerms()))
		w.Move(2 * time.Hour)
		w.Refused(w.ApproveChange(ch), fund.ErrExceeded)
		got, err := w.Vouchers.Campaign(w.Context(), c.ID)
		w.OK(err)
		list, err := w.Vouchers.Changes(w.Context(), c.ID, "")
		w.OK(err)
		if got.Vouchers[0].Quota != 1 || got.Funded != half || list[0].Status != voucher.ChangePending || w.Balance(ledger.Budget(c.ID)) != half {
			w.Errorf("something changed: %+v %+v", got, list)
		}
		// The database says it again.
		_, err = w.DB.Migrator().ExecContext(w.Context(), "UPDATE campaign_vouchers SET remaining = quota + 1")
		if err == nil {
			w.Error("more is left than there ever was")
		}
	})
}

// T-CONC-04: while companies rush, a pause and a raised quota come in between.
// What is sold out opens again, at once and in other processes too.
func TestAQuotaIsRaisedWhileCompaniesRush(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		const quota, asking = 5, 30
		c := w.Open(voucher.Rush, quota, nil, w.Kind(50000, vouchertest.AnyTerms()))
		elsewhere := voucher.New(w.DB, w.Companies, vouchertest.Desk{})
		ch := w.Asked(c, more(c, 2*quota))
		var mu sync.Mutex
		won := map[id.ID]bool{}
		rush := func() {
			var wg sync.WaitGroup
			for n := int64(1); n <= asking; n++ {
				wg.Go(func() {
					v, _, err := w.Vouchers.Claim(context.Background(), vouchertest.Company(n), c.Vouchers[0].ID, 1)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil:
						won[v.ID] = true
					case !errors.Is(err, voucher.ErrSoldOut):
						w.Error(err)
					}
				})
			}
			wg.Wait()
		}
		rush()
		_, _, err := elsewhere.Claim(w.Context(), vouchertest.Company(99), c.Vouchers[0].ID, 1)
		w.Refused(err, voucher.ErrSoldOut)
		if got, _ := w.Vouchers.Campaign(w.Context(), c.ID); got.Status != voucher.SoldOut || len(won) != quota {
			w.Fatalf("%s, %d won", got.Status, len(won))
		}
		var wg sync.WaitGroup
		wg.Go(rush)
		w.OK(w.ApproveChange(ch))
		wg.Wait()
		rush()
		got, err := w.Vouchers.Campaign(w.Context(), c.ID)
		w.OK(err)
		if len(won) != 2*quota || got.Vouchers[0].Remaining != 0 || got.Status != voucher.SoldOut {
			w.Errorf("%d won, %d left, %s", len(won), got.Vouchers[0].Remaining, got.Status)
		}

		// Once more, seen by the other process as soon as it reads again; a pause holds.
		ch = w.Asked(got, more(got, 2*quota+1))
		w.OK(w.ApproveChange(ch))
		got, err = w.Vouchers.Campaign(w.Context(), c.ID)
		w.OK(err)
		if got.Status != voucher.Open {
			w.Fatalf("sold out still: %s", got.Status)
		}
		w.Move(2*time.Hour + 2*time.Second)
		got, err = w.Vouchers.PauseCampaign(w.Context(), vouchertest.Operator, c.ID, got.Version, "核查")
		w.OK(err)
		_, _, err = elsewhere.Claim(w.Context(), vouchertest.Company(99), c.Vouchers[0].ID, 1)
		w.Refused(err, voucher.ErrPaused)
		_, err = w.Vouchers.ResumeCampaign(w.Context(), vouchertest.Operator, c.ID, got.Version)
		w.OK(err)
		w.Move(2*time.Hour + 4*time.Second)
		_, _, err = elsewhere.Claim(w.Context(), vouchertest.Company(99), c.Vouchers[0].ID, 1)
		w.OK(err)
	})
}

func TestAChangeIsVoidWhenTheCampaignIsOver(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		c := w.Open(voucher.Rush, 2, nil, w.Kind(50000, vouchertest.AnyTerms()))
		in := more(c, 2)
		in.ClosesAt = c.ClosesAt.Add(24 * time.Hour)
		ch := w.Asked(c, in)
		w.Move(25 * time.Hour)
		w.Refused(w.ApproveChange(ch), voucher.ErrEnded)
		_, err := w.Vouchers.RequestChange(w.Context(), vouchertest.Operator, c.ID, in)
		w.Refused(err, voucher.ErrEnded)
		w.OK(w.Vouchers.OpenAndCloseDue(w.Context()))
		list, err := w.Vouchers.Changes(w.Context(), c.ID, "")
		w.OK(err)
		if list[0].Status != voucher.ChangeVoid {
			w.Errorf("%+v", list[0])
		}
		w.Refused(w.ApproveChange(ch), errs.ErrInvalidState)

		w.Move(0)
		draft := w.Submitted(voucher.Rush, 1, nil, w.Kind(100, vouchertest.AnyTerms()))
		_, err = w.Vouchers.RequestChange(w.Context(), vouchertest.Operator, draft.ID, more(draft, 5))
		w.Refused(err, errs.ErrInvalidState)
	})
}

// A rejected change and a withdrawn one leave the campaign alone and make room for another.
func TestAChangeThatIsNotApprovedChangesNothing(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		c := w.Open(voucher.Rush, 2, nil, w.Kind(50000, vouchertest.AnyTerms()))
		ch := w.Asked(c, more(c, 5))
		w.OK(w.Write(func(ctx context.Context, tx *db.Tx) error {
			return w.Vouchers.Rejected(ctx, tx, vouchertest.Approver, vouchertest.CaseOf(ch), review.Verdict{Comment: "资金另有安排"})
		}))
		ch = w.Asked(c, more(c, 4))
		k := vouchertest.CaseOf(ch)
		k.Status = review.Withdrawn
		w.OK(w.Write(func(ctx context.Context, tx *db.Tx) error {
			return w.Vouchers.Withdrawn(ctx, tx, vouchertest.Operator, k)
		}))
		list, err := w.Vouchers.Changes(w.Context(), c.ID, "")
		w.OK(err)
		got, err := w.Vouchers.Campaign(w.Context(), c.ID)
		w.OK(err)
		if list[0].Status != voucher.ChangeWithdrawn || list[1].Status != voucher.ChangeRejected || list[1].Comment != "资金另有安排" || got.Vouchers[0].Quota != 2 || got.Status != voucher.Open {
			w.Errorf("%+v %+v", list, got)
		}
	})
}

func TestCompaniesThatWaitAreToldOfAChangeOnce(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		heard := map[id.ID]int{}
		w.Vouchers.Tell(func(_ context.Context, _ *db.Tx, orgID id.ID, m notify.Message) error {
			if m.Event == "campaign_changed" && strings.Contains(m.Body, "报名踊跃") {
				heard[orgID]++
			}
			return nil
		})
		c := w.Open(voucher.ByRequest, 2, func(d *voucher.CampaignDraft) { d.AutoGrant = false }, w.Kind(50000, vouchertest.AnyTerms()))
		for n := int64(1); n <= 3; n++ {
			a, _, err := w.Vouchers.Apply(w.Context(), vouchertest.Company(n), c.Vouchers[0].ID, "")
			w.OK(err)
			if n == 3 { // has its answer already
				_, err = w.Vouchers.DecideApplication(w.Context(), vouchertest.Operator, a.ID, voucher.RefuseIt, "材料不符")
				w.OK(err)
			}
		}
		const more250 = 250 // more than are told in one transaction
		w.OK(w.Write(func(ctx context.Context, tx *db.Tx) error {
			for n := int64(1000); n < 1000+more250; n++ {
				a := voucher.Application{ID: id.New(), CampaignID: c.ID, CampaignVoucherID: c.Vouchers[0].ID, OrgID: id.ID(n), Status: voucher.Applied, AppliedBy: 1, AppliedAt: 1}
				if _, err := tx.Insert(&a).Exec(ctx); err != nil {
					return err
				}
			}
			return nil
		}))
		w.OK(w.ApproveChange(w.Asked(c, more(c, 4))))
		w.OK(w.Vouchers.OpenAndCloseDue(w.Context()))
		w.OK(w.Vouchers.OpenAndCloseDue(w.Context()))
		if len(heard) != 2+more250 || heard[1] != 1 || heard[2] != 1 || heard[1249] != 1 {
			w.Error(heard)
		}
	})
}

// What waits for its beginning may be changed as well.
func TestAScheduledCampaignMayBeChanged(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		c := w.Campaign(voucher.Rush, 1, nil, w.Kind(50000, vouchertest.AnyTerms()))
		w.OK(w.ApproveChange(w.Asked(c, more(c, 2))))
		got, err := w.Vouchers.Campaign(w.Context(), c.ID)
		w.OK(err)
		_, err = w.Vouchers.CancelCampaign(w.Context(), vouchertest.Operator, c.ID, got.Version, "活动取消")
		w.OK(err)
		b, err := w.Funds.Get(w.Context(), w.Budget)
		w.OK(err)
		if got.Status != voucher.Scheduled || b.Committed != 0 || w.Balance(ledger.Treasury) != 0 {
			w.Errorf("%s, %v committed", got.Status, b.Committed)
		}
	})
}

// T-CONC-11: of two operators who save one draft of a campaign at once, one is told
// that it has changed, and the other's text stands.
func TestTwoOperatorsSaveOneCampaign(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		kind := w.Kind(50000, vouchertest.AnyTerms())
		draft := voucher.CampaignDraft{
			Name: "抢券", Mode: voucher.Rush, BudgetID: w.Budget, PerOrg: 1, Vouchers: []voucher.DraftVoucher{{TypeID: kind.ID, Quota: 2}},
			OpensAt: clock.At(w.Start.Add(time.Hour)), ClosesAt: clock.At(w.Start.Add(25 * time.Hour)),
		}
		c, err := w.Vouchers.CreateCampaign(w.Context(), vouchertest.Operator, draft)
		w.OK(err)
		names := []string{"甲改的", "乙改的"}
		results := make([]error, len(names))
		var wg sync.WaitGroup
		for i, name := range names {
			in := draft
			in.Name = name
			wg.Go(func() {
				_, results[i] = w.Vouchers.UpdateCampaign(w.Context(), vouchertest.Operator, c.ID, c.Version, in)
			})
		}
		wg.Wait()
		won := 0
		if results[0] != nil {
			won = 1
		}
		w.OK(results[won])
		w.Refused(results[1-won], errs.ErrStale)
		got, err := w.Vouchers.Campaign(w.Context(), c.ID)
		w.OK(err)
		if got.Name != names[won] {
			w.Errorf("%s stands, %s was saved", got.Name, names[won])
		}
	})
}
