package voucher_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

// Whoever looks at the same moment is answered together, each with what is its own.
func TestManyLookAtCampaignsAtOnce(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		const companies = 30
		kind := w.Kind(50000, vouchertest.AnyTerms())
		hidden := w.Submitted(voucher.Rush, 5, nil, kind)
		asked := w.Campaign(voucher.ByRequest, 5, nil, kind)
		w.Companies.Set(3, voucher.Company{Verified: true, VersionID: 1, Size: "large"})
		rush := w.Open(voucher.Rush, companies, func(d *voucher.CampaignDraft) {
			d.PerOrg, d.Challenge, d.Rules = 2, true, voucher.Rules{Sizes: []string{"small"}}
		}, kind, w.Kind(60000, vouchertest.AnyTerms()))
		first := map[id.ID][]id.ID{} // of the company, in their order
		for n := int64(1); n <= companies; n += 2 {
			who := vouchertest.Company(n)
			w.OK(w.Vouchers.NoteSolved(w.Context(), who, rush.ID))
			for turn := int64(1); turn <= 2 && n != 3; turn++ {
				v, _, err := w.Vouchers.Claim(w.Context(), who, rush.Vouchers[1].ID, turn)
				w.OK(err)
				first[who.OrgID] = append(first[who.OrgID], v.ID)
			}
		}
		_, _, err := w.Vouchers.Apply(w.Context(), vouchertest.Company(2), asked.Vouchers[0].ID, "升级排产")
		w.OK(err)

		var group sync.WaitGroup
		for n := int64(1); n <= companies; n++ {
			who := vouchertest.Company(n)
			group.Go(func() {
				got, err := w.Vouchers.ListedCampaign(w.Context(), who, rush.ID)
				if err != nil {
					t.Error(err)
					return
				}
				var have []id.ID
				for _, v := range got.Mine[rush.Vouchers[1].ID].Vouchers {
					have = append(have, v.ID)
					if v.OrgID != who.OrgID || v.Name != kind.Name {
						t.Errorf("%+v", v)
					}
				}
				if !slices.Equal(have, first[who.OrgID]) || len(got.Mine[rush.Vouchers[0].ID].Vouchers) != 0 || got.Solved != (n%2 == 1) {
					t.Errorf("company %d sees %v, solved %v", n, have, got.Solved)
				}
				if met := !slices.ContainsFunc(got.Answers, func(a voucher.RuleAnswer) bool { return !a.Met }); len(got.Answers) != 2 || met != (n != 3) {
					t.Errorf("company %d: %+v", n, got.Answers)
				}
			})
			group.Go(func() {
				got, err := w.Vouchers.ListedCampaign(w.Context(), who, asked.ID)
				if applied := got.Mine[asked.Vouchers[0].ID].Application.ID != 0; err != nil || got.Campaign.ID != asked.ID || applied != (n == 2) {
					t.Error(n, applied, err)
				}
			})
			group.Go(func() {
				if _, err := w.Vouchers.ListedCampaign(w.Context(), who, hidden.ID); !errors.Is(err, errs.ErrNotFound) {
					t.Error(err)
				}
			})
			group.Go(func() {
				got, err := w.Vouchers.ListedCampaign(w.Context(), account.Principal{}, rush.ID)
				if err != nil || len(got.Answers)+len(got.Mine) != 0 || got.Solved || len(got.Campaign.Vouchers) != 2 {
					t.Errorf("a visitor: %+v, %v", got, err)
				}
			})
		}
		group.Wait()
	})
}

// A campaign that was announced and then canceled says so to whoever has its address;
// it is no more in the list, and nothing of it is to be had. A draft that is dropped
// was never there.
func TestACanceledCampaignSaysSoToWhomItWasAnnounced(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		kind := w.Kind(50000, vouchertest.AnyTerms())
		who := vouchertest.Company(1)
		draft := w.Submitted(voucher.Rush, 5, nil, kind)
		w.OK(w.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE campaigns SET status = 'draft' WHERE id = ?`, draft.ID)
			return err
		}))
		_, err := w.Vouchers.CancelCampaign(w.Context(), vouchertest.Operator, draft.ID, draft.Version, "不再需要")
		w.OK(err)
		_, err = w.Vouchers.ListedCampaign(w.Context(), who, draft.ID)
		w.Refused(err, errs.ErrNotFound)

		for _, mode := range []voucher.Mode{voucher.Rush, voucher.ByRequest} {
			c := w.Campaign(mode, 8, func(d *voucher.CampaignDraft) { d.Challenge = mode == voucher.Rush }, kind)
			c, err = w.Vouchers.CancelCampaign(w.Context(), vouchertest.Operator, c.ID, c.Version, "资金安排调整")
			w.OK(err)
			look, err := w.Vouchers.ListedCampaign(w.Context(), who, c.ID)
			w.OK(err)
			if look.Campaign.Status != voucher.Canceled || look.Campaign.Reason != "资金安排调整" {
				t.Errorf("%+v", look.Campaign)
			}
			w.Move(2 * time.Hour) // it would be open
			_, _, err = w.Vouchers.Claim(w.Context(), who, c.Vouchers[0].ID, 1)
			w.Refused(err, errs.ErrNotFound)
			_, _, err = w.Vouchers.Apply(w.Context(), who, c.Vouchers[0].ID, "升级排产")
			w.Refused(err, errs.ErrNotFound)
			_, err = w.Vouchers.Challenged(w.Context(), who, c.ID)
			w.Refused(err, errs.ErrNotFound)
			if f, err := w.Vouchers.FiguresOf(w.Context(), c); err != nil || f.Released != 8*50000 || f.Sum() != c.Funded {
				t.Errorf("where its money is: %+v, %v", f, err)
			}
			w.Move(0)
		}
		if list, n, err := w.Vouchers.ListedCampaigns(w.Context(), false, page.Query{}); err != nil || n != 0 {
			t.Errorf("listed: %+v, %v", list, err)
		}
	})
}

// What is done before somebody looks is always seen, however many look meanwhile.
func TestALookIsNeverOlderThanItsQuestion(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		const companies = 40
		c := w.Open(voucher.Rush, companies, nil, w.Kind(50000, vouchertest.AnyTerms()))
		var done atomic.Bool
		var others, group sync.WaitGroup
		for n := range int64(8) {
			others.Go(func() {
				for !done.Load() {
					if _, err := w.Vouchers.ListedCampaign(w.Context(), vouchertest.Company(1000+n), c.ID); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for n := int64(1); n <= companies; n++ {
			group.Go(func() {
				time.Sleep(time.Duration(n) * time.Millisecond)
				who := vouchertest.Company(n)
				v, _, err := w.Vouchers.Claim(w.Context(), who, c.Vouchers[0].ID, 1)
				if err != nil {
					t.Error(err)
					return
				}
				got, err := w.Vouchers.ListedCampaign(w.Context(), who, c.ID)
				mine := got.Mine[c.Vouchers[0].ID].Vouchers
				if err != nil || len(mine) != 1 || mine[0].ID != v.ID || got.Campaign.Vouchers[0].Remaining > companies-1 {
					t.Errorf("company %d has %d and sees %+v, %v", n, v.ID, mine, err)
				}
			})
		}
		group.Wait()
		done.Store(true)
		others.Wait()
	})
}

// Everybody reads of each pause, with its reason, and of its end.
func TestPausesAreAnnounced(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		c := w.Open(voucher.Rush, 5, nil, w.Kind(50000, vouchertest.AnyTerms()))
		pause := func(reason string) {
			w.Helper()
			_, err := w.Vouchers.PauseCampaign(w.Context(), vouchertest.Operator, c.ID, version(w, c.ID), reason)
			w.OK(err)
		}
		pause("核对名单")
		w.Move(3 * time.Hour)
		_, err := w.Vouchers.ResumeCampaign(w.Context(), vouchertest.Operator, c.ID, version(w, c.ID))
		w.OK(err)
		pause("系统维护")
		got, err := w.Vouchers.ListedCampaign(w.Context(), account.Principal{}, c.ID)
		w.OK(err)
		want := []voucher.Halt{{Event: voucher.Pause, Reason: "系统维护"}, {Event: voucher.Resume}, {Event: voucher.Pause, Reason: "核对名单"}}
		for i := range got.Halts {
			if got.Halts[i].At == 0 {
				w.Error("no time")
			}
			got.Halts[i].At = 0
		}
		if !slices.Equal(got.Halts, want) {
			w.Errorf("%+v", got.Halts)
		}
	})
}

// A campaign that is over is found again, so that anybody can check its draw.
func TestCampaignsThatAreOverAreListedApart(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		kind := w.Kind(50000, vouchertest.AnyTerms())
		w.Submitted(voucher.Rush, 5, nil, kind) // nobody has approved it
		canceled := w.Campaign(voucher.Rush, 5, nil, kind)
		_, err := w.Vouchers.CancelCampaign(w.Context(), vouchertest.Operator, canceled.ID, canceled.Version, "资金安排调整")
		w.OK(err)
		c := w.Open(voucher.Rush, 5, func(d *voucher.CampaignDraft) { d.ClosesAt += 1000 }, kind)
		listed := func(over bool) (found []id.ID) {
			w.Helper()
			list, total, err := w.Vouchers.ListedCampaigns(w.Context(), over, page.Query{Page: 1, Size: 20})
			w.OK(err)
			for _, c := range list {
				found = append(found, c.ID)
			}
			if int(total) != len(found) {
				w.Errorf("%d of %d", len(found), total)
			}
			return found
		}
		if running, over := listed(false), listed(true); !slices.Equal(running, []id.ID{c.ID}) || !slices.Equal(over, []id.ID{canceled.ID}) {
			w.Errorf("%v run, %v are over", running, over)
		}
		w.Move(26 * time.Hour) // no sweep has come by
		if running, over := listed(false), listed(true); len(running) != 0 || !slices.Equal(over, []id.ID{c.ID, canceled.ID}) {
			w.Errorf("%v run, %v are over", running, over)
		}
		w.OK(w.Vouchers.OpenAndCloseDue(w.Context()))
		if over := listed(true); !slices.Equal(over, []id.ID{c.ID, canceled.ID}) {
			w.Errorf("%v are over", over)
		}
	})
}
