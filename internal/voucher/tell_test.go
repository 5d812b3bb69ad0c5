package voucher_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/notify"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

func TestAVoucherThatLastsLongIsWarnedOfThreeTimes(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		var heard []string
		w.Vouchers.Tell(func(_ context.Context, _ *db.Tx, _ id.ID, m notify.Message) error {
			heard = append(heard, m.Title)
			return nil
		})
		terms := vouchertest.AnyTerms()
		terms.Validity.Days = 60
		won := w.Claim(1, w.Open(voucher.Rush, 1, nil, w.Kind(50000, terms)))
		for _, step := range []struct{ days, want int }{{31, 0}, {30, 1}, {8, 1}, {7, 2}, {2, 2}, {1, 3}} {
			w.DB.Clock().Set(won.ExpiresAt.Time().AddDate(0, 0, -step.days))
			w.OK(w.Vouchers.WarnDue(w.Context()))
			if len(heard) != step.want {
				w.Fatalf("%d days before the end: %v", step.days, heard)
			}
		}
		for i, days := range []string{"30", "7", "1"} {
			if !strings.Contains(heard[i], " "+days+" 天") {
				w.Errorf("it is not said that %s days are left: %s", days, heard[i])
			}
		}
	})
}

func TestACompanyIsWarnedOfItsVoucherOnceForEachDay(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		var heard []string
		w.Vouchers.Tell(func(_ context.Context, _ *db.Tx, orgID id.ID, m notify.Message) error {
			if orgID == 1 {
				heard = append(heard, m.Event)
			}
			return nil
		})
		c := w.Open(voucher.Rush, 1, nil, w.Kind(50000, vouchertest.AnyTerms())) // lasts 30 days, so that day is left out
		won := w.Claim(1, c)
		for _, step := range []struct {
			left time.Duration
			want int
		}{{29 * 24, 0}, {7*24 + 1, 0}, {7 * 24, 1}, {6 * 24, 1}, {24, 2}, {1, 2}} {
			w.DB.Clock().Set(won.ExpiresAt.Time().Add(-step.left * time.Hour))
			for range 2 {
				w.OK(w.Vouchers.WarnDue(w.Context()))
			}
			if len(heard) != step.want {
				w.Fatalf("%d hours before the end: %v", step.left, heard)
			}
		}
		if slices.ContainsFunc(heard, func(e string) bool { return e != "voucher_expiring" }) {
			w.Error(heard)
		}
	})
}

// Whoever has an unpaid order when the voucher ends is told what is left of it, once;
// of a voucher that no order holds nothing more is said.
func TestACompanyIsToldOfAVoucherThatEndsUnderItsOrder(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		heard := map[id.ID][]string{}
		w.Vouchers.Tell(func(_ context.Context, _ *db.Tx, orgID id.ID, m notify.Message) error {
			heard[orgID] = append(heard[orgID], m.Event+": "+m.Body)
			return nil
		})
		c := w.Open(voucher.Rush, 3, nil, w.Kind(50000, vouchertest.AnyTerms()))
		for n, amount := range map[int64]money.Fen{1: 10000, 2: 50000, 3: 0} {
			v := w.Claim(n, c)
			if amount > 0 {
				_, err := w.Hold(n, id.ID(70+n), amount, v.ID)
				w.OK(err)
			}
		}
		w.Move(40 * 24 * time.Hour)
		for range 2 {
			w.OK(w.Vouchers.ExpireDue(w.Context()))
		}
		for n, words := range map[id.ID][]string{1: {"余额 400.00 元已收回活动。", "订单占用的 100.00 元"}, 2: {"没有余额可收回", "订单占用的 500.00 元"}} {
			if len(heard[n]) != 1 || !strings.HasPrefix(heard[n][0], "voucher_expired: ") {
				w.Fatalf("%d heard %v", n, heard[n])
			}
			for _, said := range words {
				if !strings.Contains(heard[n][0], said) {
					w.Errorf("%s: not said: %s", heard[n][0], said)
				}
			}
		}
		if len(heard[3]) != 0 {
			w.Error(heard[3])
		}
	})
}

// What became of an application names its campaign and leads to it, and a lottery is
// spoken of as one.
func TestACompanyReadsWhatBecameOfItsApplicationAndWhere(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		heard := map[id.ID][]notify.Message{}
		w.Vouchers.Tell(func(_ context.Context, _ *db.Tx, orgID id.ID, m notify.Message) error {
			heard[orgID] = append(heard[orgID], m)
			return nil
		})
		said := func(orgID id.ID, event, title, link, body string) {
			w.Helper()
			if len(heard[orgID]) != 1 {
				w.Fatalf("%v heard %+v", orgID, heard[orgID])
			}
			if m := heard[orgID][0]; m.Event != event || !strings.HasPrefix(m.Title, title) || m.Link != link || !strings.Contains(m.Body, body) {
				w.Errorf("%v heard %+v", orgID, m)
			}
		}
		apply := func(n int64, c voucher.Campaign) voucher.Application {
			a, _, err := w.Vouchers.Apply(w.Context(), vouchertest.Company(n), c.Vouchers[0].ID, "")
			w.OK(err)
			return a
		}
		reviewed := w.Open(voucher.ByRequest, 5, func(d *voucher.CampaignDraft) { d.Name, d.AutoGrant = "秋季申领", false }, w.Kind(500000, vouchertest.AnyTerms()))
		_, err := w.Vouchers.DecideApplication(w.Context(), vouchertest.Operator, apply(1, reviewed).ID, voucher.RefuseIt, "材料不全")
		w.OK(err)
		said(1, "voucher_refused", "服务券申请未通过：", "/workbench/campaigns/"+reviewed.ID.String(), "活动“秋季申领”，原因：材料不全")
		got, err := w.Vouchers.DecideApplication(w.Context(), vouchertest.Operator, apply(2, reviewed).ID, voucher.GrantIt, "")
		w.OK(err)
		said(2, "voucher_granted", "服务券已发放：", "/workbench/vouchers/"+got.VoucherID.String(), "活动“秋季申领”：面值 5,000.00 元")

		w.Move(0)
		lots := w.Open(voucher.ByRequest, 1, func(d *voucher.CampaignDraft) { d.Name, d.Draw, d.AutoGrant = "秋季抽签", true, false }, w.Kind(50000, vouchertest.AnyTerms()))
		both := []voucher.Application{apply(3, lots), apply(4, lots)}
		w.Move(26 * time.Hour)
		for range 2 {
			w.OK(w.Vouchers.OpenAndCloseDue(w.Context()))
		}
		won := voucher.DrawLots(lots.DrawSeed, []id.ID{both[0].ID, both[1].ID})[0].Number
		for _, a := range both {
			if a.ID != won {
				said(a.OrgID, "voucher_refused", "未中签：", "/workbench/campaigns/"+lots.ID.String(), "活动“秋季抽签”：未中签。")
			} else if m := heard[a.OrgID]; len(m) != 1 || !strings.HasPrefix(m[0].Title, "已中签，服务券已发放：") {
				w.Errorf("%+v", m)
			}
		}
	})
}

// An ended campaign waits for the decision on what was applied for in time, whether it
// has granted anything or not. What nobody can grant any more lapses, and each
// company is told so once, also where there are more than fit into one transaction.
func TestApplicationsOfAnEndedCampaignAreDecidedOrLapseAloud(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		var heard []notify.Message
		w.Vouchers.Tell(func(_ context.Context, _ *db.Tx, _ id.ID, m notify.Message) error {
			heard = append(heard, m)
			return nil
		})
		reviewed := func(d *voucher.CampaignDraft) { d.AutoGrant = false }
		sweeps := func(c voucher.Campaign, want voucher.CampaignStatus) {
			w.Helper()
			for range 2 {
				w.OK(w.Vouchers.OpenAndCloseDue(w.Context()))
			}
			if got, err := w.Vouchers.Campaign(w.Context(), c.ID); err != nil || got.Status != want {
				w.Fatalf("%s, want %s (%v)", got.Status, want, err)
			}
		}
		fixed := vouchertest.AnyTerms()
		fixed.Validity = voucher.Validity{From: clock.At(w.Start), Until: clock.At(w.Start.Add(72 * time.Hour))}
		lasting := w.Open(voucher.ByRequest, 5, reviewed, w.Kind(100, vouchertest.AnyTerms()))
		w.Move(0)
		over := w.Open(voucher.ByRequest, 5, reviewed, w.Kind(100, fixed))
		const many = 201
		for n := int64(1); n <= many; n++ {
			_, _, err := w.Vouchers.Apply(w.Context(), vouchertest.Company(n), over.Vouchers[0].ID, "")
			w.OK(err)
		}
		a, _, err := w.Vouchers.Apply(w.Context(), vouchertest.Company(1), lasting.Vouchers[0].ID, "")
		w.OK(err)
		w.Move(26 * time.Hour)
		sweeps(lasting, voucher.Ended)
		sweeps(over, voucher.Ended)
		if wait, err := w.Vouchers.WaitingApplications(w.Context()); err != nil || len(wait) != 2 || len(heard) != 0 {
			w.Fatalf("%+v wait, %v; heard %v", wait, err, heard)
		}
		w.Move(73 * time.Hour) // its vouchers would be over
		sweeps(over, voucher.Closed)
		sweeps(lasting, voucher.Ended)
		if len(heard) != many {
			w.Fatalf("%d were told, want %d", len(heard), many)
		}
		if m := heard[0]; m.Event != "voucher_refused" || !strings.HasPrefix(m.Title, "服务券申请已失效：") ||
			!strings.Contains(m.Body, over.Name) || m.Link != "/workbench/campaigns/"+over.ID.String() {
			w.Errorf("%+v", m)
		}
		_, lapsed, err := w.Vouchers.Applications(w.Context(), over.ID, voucher.Lapsed, page.Query{})
		w.OK(err)
		if lapsed != many {
			w.Errorf("%d lapsed", lapsed)
		}
		_, err = w.Vouchers.DecideApplication(w.Context(), vouchertest.Operator, a.ID, voucher.RefuseIt, "不符合用途")
		w.OK(err)
		sweeps(lasting, voucher.Closed)
	})
}
