package voucher_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
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
		voucher.EventFreeze, voucher.EventEase, voucher.EventUnfreeze, voucher.EventExpire, voucher.EventRevoke,
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
			voucher.EventUnfreeze: func() error { return w.Vouchers.Unfreeze(w.Context(), two, v.ID, voucher.CauseStaff, "已核实") },
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

		w.Refused(w.Vouchers.Unfreeze(w.Context(), vouchertest.Operator, v.ID, voucher.CauseStaff, "已核实"), voucher.ErrSecondPerson)
		w.Refused(w.Vouchers.Unfreeze(w.Context(), vouchertest.Approver, v.ID, voucher.CauseStaff, " "), voucher.ErrReasonMissing)
		w.OK(w.Vouchers.Unfreeze(w.Context(), vouchertest.Approver, v.ID, voucher.CauseStaff, "已核实"))
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

// desk hears what the staff are told.
type desk struct{ of []string }

func (d *desk) TellHolders(_ context.Context, _ *db.Tx, _ account.Permission, but id.ID, m notify.Message, _ ...account.Role) error {
	d.of = append(d.of, fmt.Sprint(m.Event, " to all but ", but))
	return nil
}

func (d *desk) TellUser(_ context.Context, _ *db.Tx, userID id.ID, m notify.Message) error {
	d.of = append(d.of, fmt.Sprint(m.Event, " to ", userID))
	return nil
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
		heard := &desk{}
		w.Vouchers.TellStaff(heard)
		waits := func(who account.Principal, want int64) {
			t.Helper()
			n, oldest, err := w.Vouchers.WaitingRevocations(w.Context(), who)
			w.OK(err)
			if n != want || (oldest != 0) != (want > 0) {
				t.Errorf("%d wait since %v, want %d", n, oldest, want)
			}
		}
		w.Refused(decide(vouchertest.Approver, voucher.ConfirmIt, ""), errs.ErrInvalidState)
		w.OK(w.Vouchers.ProposeRevocation(w.Context(), vouchertest.Operator, v.ID, ground))
		w.Refused(w.Vouchers.ProposeRevocation(w.Context(), vouchertest.Approver, v.ID, ground), voucher.ErrRevocationWaits)
		waits(vouchertest.Operator, 0) // he proposed it
		waits(vouchertest.Approver, 1)
		w.Refused(decide(vouchertest.Operator, voucher.ConfirmIt, ""), voucher.ErrSecondPerson)
		w.Refused(decide(vouchertest.Approver, voucher.DeclineIt, ""), voucher.ErrReasonMissing)
		w.OK(decide(vouchertest.Approver, voucher.DeclineIt, "证据不足"))
		waits(vouchertest.Approver, 0)
		want := []string{fmt.Sprint("revocation_waiting to all but ", vouchertest.Operator.UserID), fmt.Sprint("revocation_decided to ", vouchertest.Operator.UserID)}
		if !slices.Equal(heard.of, want) {
			t.Errorf("%v, want %v", heard.of, want)
		}
		if declined, err := w.Vouchers.DecidedRevocations(w.Context(), v.ID); err != nil || len(declined) != 1 || declined[0].Decision != "证据不足" {
			t.Errorf("%+v %v", declined, err)
		}
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
		w.Amounts(v)
		moves, err := w.Vouchers.Movements(w.Context(), read(w, v.ID))
		w.OK(err)
		if m := moves[len(moves)-1]; m.Over != voucher.Revoked || m.Returned != 10000 {
			t.Errorf("it is not said that the voucher was revoked: %+v", m)
		}
	})
}

// What people are told of a revocation is what it took and what orders still hold.
func TestARevocationNamesTheAmounts(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		var told, staff []string
		w.Vouchers.Tell(func(_ context.Context, _ *db.Tx, _ id.ID, m notify.Message) error {
			told = append(told, m.Body)
			return nil
		})
		w.Vouchers.TellStaff(bodies{&staff})
		c := w.Open(voucher.Rush, 5, nil, w.Kind(50000, vouchertest.AnyTerms()))
		for i, c := range []struct {
			v               voucher.Voucher
			hold, pay       money.Fen
			asked           string
			says, saysNever []string
		}{
			{w.Claim(1, c), 0, 0, "余额 500.00 元，订单占用 0.00 元", []string{"余额 500.00 元已收回活动。"}, []string{"订单占用", "已抵扣"}},
			{w.Claim(2, c), 10000, 0, "余额 400.00 元，订单占用 100.00 元", []string{"余额 400.00 元已收回活动。", "订单占用的 100.00 元尚未收回"}, []string{"已抵扣"}},
			{w.Claim(3, c), 50000, 0, "余额 0.00 元，订单占用 500.00 元", []string{"券上没有余额可收回。", "订单占用的 500.00 元尚未收回"}, []string{"已收回活动"}},
			{w.Claim(4, c), 10000, 20000, "余额 200.00 元，订单占用 100.00 元", []string{"余额 200.00 元已收回活动。", "已抵扣的 200.00 元不受影响"}, nil},
		} {
			for n, amount := range []money.Fen{c.pay, c.hold} {
				if amount == 0 {
					continue
				}
				order := id.ID(100 + 10*i + n)
				_, err := w.Hold(int64(c.v.OrgID), order, amount, c.v.ID)
				w.OK(err)
				if n == 0 {
					w.OK(w.Do(w.Vouchers.Redeem, order))
				}
			}
			told, staff = nil, nil
			w.OK(w.Vouchers.ProposeRevocation(w.Context(), vouchertest.Operator, c.v.ID, ground))
			w.OK(w.Vouchers.DecideRevocation(w.Context(), vouchertest.Approver, c.v.ID, voucher.ConfirmIt, ""))
			if len(told) != 1 || len(staff) != 2 || !strings.Contains(staff[0], c.asked) {
				w.Fatalf("%v, %v", told, staff)
			}
			for _, text := range []string{told[0], staff[1]} {
				for _, words := range c.says {
					if !strings.Contains(text, words) {
						w.Errorf("%s: not said: %s", text, words)
					}
				}
				for _, words := range c.saysNever {
					if strings.Contains(text, words) {
						w.Errorf("%s: said: %s", text, words)
					}
				}
				if strings.Contains(text, "。。") {
					w.Error(text)
				}
			}
		}
	})
}

// bodies keeps what the staff are told.
type bodies struct{ of *[]string }

func (b bodies) TellHolders(_ context.Context, _ *db.Tx, _ account.Permission, _ id.ID, m notify.Message, _ ...account.Role) error {
	*b.of = append(*b.of, m.Body)
	return nil
}

func (b bodies) TellUser(_ context.Context, _ *db.Tx, _ id.ID, m notify.Message) error {
	*b.of = append(*b.of, m.Body)
	return nil
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
		w.Refused(w.Vouchers.Unfreeze(w.Context(), vouchertest.Approver, plain.ID, voucher.CauseStanding, "已核实"), voucher.ErrCompanySuspended)
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
		if n := count(w, `SELECT count(*) FROM audit_entries WHERE action IN ('voucher.freeze', 'voucher.unfreeze')`); n != 6 {
			t.Errorf("%d rows in the trail", n)
		}
	})
}

// T-BIZ-07: a person, a suspension and a lead each freeze a voucher and let go of it
// by themselves; it can be used when nothing is left.
func TestWhatStopsAVoucherIsEndedOneByOne(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		heard := listen(w)
		v := w.Claim(1, w.Open(voucher.Rush, 5, nil, w.Kind(50000, vouchertest.AnyTerms())))
		lead := map[id.ID]string{}
		w.Vouchers.HoldSuspects(func(context.Context, db.Reader, ...id.ID) (map[id.ID]string, error) { return lead, nil })
		inTx := func(act func(ctx context.Context, tx *db.Tx) error) {
			t.Helper()
			w.OK(w.Write(act))
		}
		stands := func(as org.Verification) {
			t.Helper()
			inTx(func(ctx context.Context, tx *db.Tx) error { return w.Vouchers.FollowStanding(ctx, tx, 1, as) })
		}
		leads := func(why map[id.ID]string) {
			t.Helper()
			lead = why
			inTx(func(ctx context.Context, tx *db.Tx) error { return w.Vouchers.FollowLeads(ctx, tx, 1) })
		}
		is := func(status voucher.Status, origins ...voucher.Cause) {
			t.Helper()
			stops, err := voucher.Stops(w.Context(), w.DB, v.ID)
			w.OK(err)
			var have []voucher.Cause
			for _, m := range slices.Backward(stops[v.ID]) {
				have = append(have, m.Origin)
			}
			if now := read(w, v.ID); now.Status != status || !slices.Equal(have, origins) {
				t.Errorf("%s by %v, not %s by %v", now.Status, have, status, origins)
			}
		}
		thaw := func(who account.Principal, origin voucher.Cause) error {
			return w.Vouchers.Unfreeze(w.Context(), who, v.ID, origin, "已核实")
		}
		const staff, standing, ofLead = voucher.CauseStaff, voucher.CauseStanding, voucher.CauseLead

		stands(org.Suspended)
		w.OK(w.Vouchers.Freeze(w.Context(), vouchertest.Operator, v.ID, ground))
		w.Refused(w.Vouchers.Freeze(w.Context(), vouchertest.Approver, v.ID, ground), errs.ErrInvalidState)
		leads(map[id.ID]string{1: "系统发现需要核实的情况。"})
		is(voucher.Frozen, standing, staff, ofLead)
		_, err := w.Hold(1, 71, 10000, v.ID)
		w.Refused(err, voucher.ErrFrozen)
		if said, want := errs.Of(err).Params["reason"], "贵企业的认证已被暂停，恢复认证后自动解冻。 配合风险核查。配合核查领取情况。 系统发现需要核实的情况。请准备说明材料，联系运营管理员核实；核实无误后自动解冻。"; said != want {
			t.Errorf("the refusal says %v", said)
		}

		w.Refused(thaw(vouchertest.Approver, standing), voucher.ErrCompanySuspended)
		w.Refused(thaw(vouchertest.Operator, staff), voucher.ErrSecondPerson)
		w.OK(thaw(vouchertest.Approver, staff)) // while the company is suspended
		w.Refused(thaw(vouchertest.Approver, staff), errs.ErrInvalidState)
		is(voucher.Frozen, standing, ofLead)
		stands(org.Verified)
		is(voucher.Frozen, ofLead)
		w.OK(w.Vouchers.Freeze(w.Context(), vouchertest.Operator, v.ID, ground))
		leads(nil) // dismissed
		is(voucher.Frozen, staff)
		stands(org.Suspended)
		stands(org.Revoked)
		leads(map[id.ID]string{1: "再次发现需要核实的情况。"})
		w.OK(thaw(vouchertest.Operator, ofLead))
		leads(lead) // it does not come back
		stands(org.Verified)
		is(voucher.Frozen, staff)
		w.OK(thaw(vouchertest.Approver, staff))
		is(voucher.Active)
		_, err = w.Hold(1, 72, 50000, v.ID)
		w.OK(err)
		w.OK(w.Vouchers.Freeze(w.Context(), vouchertest.Operator, v.ID, ground))
		w.OK(w.Do(w.Vouchers.Redeem, 72))
		w.OK(thaw(vouchertest.Approver, staff))
		is(voucher.Exhausted) // used up meanwhile
		if stopped := len(slices.DeleteFunc(slices.Clone(*heard), func(e string) bool { return e != "voucher_stopped" })); stopped != 6 || len(*heard) != 11 {
			t.Errorf("the company heard %v", *heard)
		}
	})
}

// Of people who freeze or thaw one voucher at the same time one does, whether it can
// be used or is frozen by something else; the others are refused. The trail, the
// company and what stands have it once, and the money does not move.
func TestOneOfManyFreezesOrThawsAVoucherAtOnce(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		heard := listen(w)
		v := w.Claim(1, w.Open(voucher.Rush, 5, nil, w.Kind(50000, vouchertest.AnyTerms())))
		entries := count(w, `SELECT count(*) FROM journal`)
		people := make([]account.Principal, 4)
		for n := range people {
			people[n] = account.Principal{UserID: id.ID(31 + n), Role: account.RoleOperator, Username: "yunying" + strconv.Itoa(n)}
		}
		var done int64
		oneOf := func(people []account.Principal, act func(account.Principal) error) {
			w.Helper()
			refusals, begin := make([]error, len(people)), make(chan struct{})
			var all sync.WaitGroup
			for n, who := range people {
				all.Go(func() { <-begin; refusals[n] = act(who) })
			}
			close(begin)
			all.Wait()
			won := 0
			for _, err := range refusals {
				if err == nil {
					won++
				} else if !errors.Is(err, errs.ErrInvalidState) && !errors.Is(err, errs.ErrStale) {
					w.Error(err)
				}
			}
			done++
			if told := int64(len(*heard)); won != 1 || told != done {
				w.Fatalf("%d of %d won, the company heard %d times, not %d", won, len(people), told, done)
			}
		}
		freeze := func(who account.Principal) error { return w.Vouchers.Freeze(w.Context(), who, v.ID, ground) }
		thaw := func(who account.Principal) error {
			return w.Vouchers.Unfreeze(w.Context(), who, v.ID, voucher.CauseStaff, "已核实")
		}
		for round := range int64(6) {
			if round == 3 { // from here on something else stops it too
				w.OK(w.Write(func(ctx context.Context, tx *db.Tx) error {
					return w.Vouchers.FollowStanding(ctx, tx, 1, org.Suspended)
				}))
				done++
			}
			oneOf(people, freeze)
			stops, err := voucher.Stops(w.Context(), w.DB, v.ID)
			w.OK(err)
			m, stands := voucher.StopOf(stops[v.ID], voucher.CauseStaff)
			if !stands {
				w.Fatal("nothing stands")
			}
			oneOf(slices.DeleteFunc(slices.Clone(people), func(p account.Principal) bool { return p.UserID == m.ByUser }), thaw)
			for what, query := range map[string]string{
				"freezes":          `SELECT count(*) FROM voucher_measures WHERE event = 'freeze' AND origin = 'staff'`,
				"thaws":            `SELECT count(*) FROM voucher_measures WHERE event = 'unfreeze' AND origin = 'staff'`,
				"freezes in trail": `SELECT count(*) FROM audit_entries WHERE action = 'voucher.freeze' AND user_id <> 0`,
				"thaws in trail":   `SELECT count(*) FROM audit_entries WHERE action IN ('voucher.unfreeze', 'voucher.ease') AND user_id <> 0`,
			} {
				if n := count(w, query); n != round+1 {
					w.Errorf("%d %s after %d rounds", n, what, round+1)
				}
			}
		}
		if now := read(w, v.ID); now.Status != voucher.Frozen || w.Amounts(v)[0] != 50000 || count(w, `SELECT count(*) FROM journal`) != entries {
			w.Errorf("%+v", now)
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
