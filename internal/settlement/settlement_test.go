package settlement_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/books"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/ledger"
	"smedx/internal/order/ordertest"
	"smedx/internal/reconcile"
	"smedx/internal/setting"
	"smedx/internal/settlement"
)

func TestEveryCellOfTheFlow(t *testing.T) {
	want := map[settlement.State]string{
		settlement.Accrued: "hold>on_hold add_to_batch>batched", settlement.OnHold: "unhold>accrued",
		settlement.Batched:         "submit>pending_approval discard>accrued line_changed>accrued account_changed>accrued",
		settlement.PendingApproval: "approve_first>pending_approval approve>approved reject>accrued line_changed>accrued account_changed>accrued",
		settlement.Approved:        "export>sent line_changed>accrued account_changed>accrued", settlement.Sent: "bank_ok>paid bank_fail>failed",
		settlement.Paid: "clawback>clawback_due", settlement.Failed: "reopen>accrued",
		settlement.ClawbackDue: "recovered>clawed_back write_off>written_off", settlement.ClawedBack: "clawback>clawback_due", settlement.WrittenOff: "",
	}
	for _, from := range settlement.States {
		for _, e := range settlement.Events {
			to, err := from.Next(e)
			cell := ""
			for _, c := range strings.Fields(want[from]) {
				if on, leads, _ := strings.Cut(c, ">"); on == string(e) {
					cell = leads
				}
			}
			if string(to) != cell || (err != nil) != (cell == "") {
				t.Errorf("%s of %s leads to %q, %v", e, from, to, err)
			}
			if cell == "" && errs.Of(err).State != string(from) {
				t.Errorf("the refusal of %s does not name %s", e, from)
			}
		}
	}
	claws := map[settlement.ClawStatus]int{settlement.ClawProposed: 2, settlement.ClawDue: 2}
	for _, from := range []settlement.ClawStatus{settlement.ClawProposed, settlement.ClawRejected, settlement.ClawDue, settlement.ClawSettled, settlement.ClawWrittenOff} {
		n := 0
		for _, e := range []settlement.ClawEvent{settlement.ClawApprove, settlement.ClawReject, settlement.ClawRecover, settlement.ClawWriteOff} {
			if _, err := from.Next(e); err == nil {
				n++
			}
		}
		if n != claws[from] {
			t.Errorf("%s has %d ways on", from, n)
		}
	}
}

// T-MON-23: no payout before the acceptance, none twice, none to an account that
// was changed in between, none of another sum, none approved by who made it.
func TestAPayoutGoesOnceToTheAccountThatWasApproved(t *testing.T) {
	each(t, func(w *stage) {
		ctx := w.Context()
		early := w.bought(1, 20_000)
		_, err := w.s.CreateBatches(ctx, preparer, []id.ID{early})
		w.Refused(err, errs.ErrNotFound)
		_, err = w.Orders.AcceptInstant(ctx, ordertest.Buyer(1), early)
		w.OK(err)
		_, err = w.s.CreateBatches(ctx, preparer, []id.ID{early})
		w.Refused(err, settlement.ErrNoAccount)
		a := w.account("6222 0210 0100 1234")
		if shown, err := w.s.Shown(a); err != nil || shown != "622****1234" || strings.Contains(a.Number, "0210") {
			t := fmt.Sprint(shown, a.Number)
			w.Error(t)
		}

		second := w.accepted(2, 70_000) // 500.00 by voucher, 200.00 in cash
		b := w.batch(early, second)
		if b.VoucherFen != 70_000 || b.CashFen != 20_000 || b.Pay() != 90_000 || b.Lines != 2 {
			w.Errorf("%+v", b)
		}
		_, err = w.s.CreateBatches(ctx, preparer, []id.ID{second})
		w.Refused(err, settlement.ErrTaken)
		w.Refused(w.s.Decide(ctx, releaser, b.ID, 1, settlement.Approve, ""), errs.ErrInvalidState)
		w.OK(w.s.SubmitBatch(ctx, preparer, b.ID, 1))
		w.Refused(w.s.Decide(ctx, preparer, b.ID, 2, settlement.Approve, ""), settlement.ErrFourEyes)
		refused, err := audit.About(ctx, w.DB, "payout_batch", b.ID, "settlement.refused")
		w.OK(err)
		if len(refused) != 1 {
			w.Error("the attempt left no trace")
		}
		w.Refused(w.s.Decide(ctx, releaser, b.ID, 1, settlement.Approve, ""), errs.ErrStale)
		w.OK(w.s.Decide(ctx, releaser, b.ID, 2, settlement.Approve, ""))

		w.account("6222021001005678")
		w.is(early, settlement.Accrued)
		if got := w.now(b); got.Status != settlement.Void || !strings.Contains(got.Reason, "收款账户") {
			w.Errorf("after the change of the account: %+v", got)
		}
		w.Refused(w.s.Export(ctx, releaser, b.ID, 4), errs.ErrInvalidState)

		// A line that is changed past the program voids the approval as well.
		b = w.batch(early, second)
		by := func(q string) {
			w.Helper()
			_, err := w.DB.Migrator().ExecContext(ctx, q)
			w.OK(err)
		}
		by(`UPDATE payout_lines SET voucher_fen = voucher_fen + 1 WHERE order_id = ` + early.String())
		w.Refused(w.s.SubmitBatch(ctx, preparer, b.ID, 1), settlement.ErrChanged)
		by(`UPDATE payout_lines SET voucher_fen = voucher_fen - 1 WHERE order_id = ` + early.String())
		w.OK(w.s.SubmitBatch(ctx, preparer, b.ID, 1))
		by(`UPDATE payout_lines SET voucher_fen = voucher_fen + 1 WHERE order_id = ` + early.String())
		w.Refused(w.s.Decide(ctx, releaser, b.ID, 2, settlement.Approve, ""), settlement.ErrChanged)
		by(`UPDATE payout_lines SET voucher_fen = voucher_fen - 1 WHERE order_id = ` + early.String())
		w.Refused(w.s.Decide(ctx, releaser, b.ID, 2, settlement.Reject, " "), errs.ErrInvalid)
		w.OK(w.s.Decide(ctx, releaser, b.ID, 2, settlement.Reject, "请补充发票"))
		w.is(second, settlement.Accrued)

		b = w.batch(early, second)
		w.OK(w.s.SubmitBatch(ctx, preparer, b.ID, 1))
		w.OK(w.s.Decide(ctx, releaser, b.ID, 2, settlement.Approve, ""))
		by(`UPDATE payout_lines SET cash_fen = cash_fen + 1 WHERE order_id = ` + second.String())
		w.Refused(w.s.Export(ctx, releaser, b.ID, 3), settlement.ErrChanged)
		by(`UPDATE payout_lines SET cash_fen = cash_fen - 1 WHERE order_id = ` + second.String())
		w.OK(w.s.Export(ctx, releaser, b.ID, 3))
		b = w.now(b)
		file, before, err := w.s.BankFile(ctx, releaser, b.ID)
		w.OK(err)
		if text := string(file); before != 0 || !strings.Contains(text, "6222021001005678") || !strings.Contains(text, ",200.00,") || !strings.Contains(text, ",700.00,") {
			w.Error(before, text)
		}
		if _, before, err = w.s.BankFile(ctx, releaser, b.ID); err != nil || before != 1 {
			w.Error("a second file is not a repeat", before, err)
		}
		w.Refused(w.s.Export(ctx, releaser, b.ID, b.Version), errs.ErrInvalidState)
		w.Refused(w.s.Record(ctx, preparer, b.ID, []id.ID{early}, paid), settlement.ErrFourEyes)
		w.OK(w.s.Record(ctx, releaser, b.ID, []id.ID{early}, paid))
		_, _, err = w.s.BankFile(ctx, releaser, b.ID) // which would pay the first again
		w.Refused(err, settlement.ErrRecorded)
		w.Refused(w.s.Record(ctx, releaser, b.ID, []id.ID{early}, paid), errs.ErrInvalidState)
		w.OK(w.s.Record(ctx, releaser, b.ID, []id.ID{second}, settlement.Outcome{Reason: "户名不符"}))
		if d := w.is(second, settlement.Accrued); d.Reason != "户名不符" || len(d.Parts) != 3 {
			w.Errorf("%+v", d)
		}
		if got := w.now(b); got.Status != settlement.Done {
			w.Errorf("%+v", got)
		}
		_, _, err = w.s.BankFile(ctx, releaser, b.ID)
		w.Refused(err, settlement.ErrRecorded)
		if got := w.now(b); got.Exports != 2 {
			w.Errorf("a refused file counts: %d", got.Exports)
		}
		w.paid(second)
		for a, want := range map[ledger.Account]money.Fen{
			ledger.SubsidyPayable(maker): 0, ledger.SubsidyPaid(maker): 70_000, ledger.PayableC(maker): 0, ledger.PaidC(maker): 20_000,
		} {
			if got := w.Balance(a); got != want {
				w.Errorf("%s is %v, want %v", a, got, want)
			}
		}
		totals, err := w.s.TotalsOf(ctx, settlement.Filter{ProviderOrg: maker})
		w.OK(err)
		if totals.Paid != (settlement.Sum{Lines: 2, VoucherFen: 70_000, CashFen: 20_000}) || totals.Accrued.Lines != 0 {
			w.Errorf("%+v", totals)
		}
		all, err := books.Look(ctx, w.DB, books.Scope{})
		w.OK(err)
		if all.Total.Paid != 70_000 || !all.Total.OK {
			w.Errorf("%+v", all.Total)
		}
	})
}

// T-CONC-07, T-CONC-15: of callers that do the same at once one wins, and the
// money moves once.
func TestOneOfManyWins(t *testing.T) {
	each(t, func(w *stage) {
		ctx := w.Context()
		w.account("6222021001001234")
		orderID := w.bought(1, 30_000)
		race := func(what string, acts ...func() error) {
			w.Helper()
			var g sync.WaitGroup
			got := make([]error, len(acts))
			for i, act := range acts {
				g.Go(func() { got[i] = act() })
			}
			g.Wait()
			won := 0
			for _, err := range got {
				if err == nil {
					won++
				} else if errs.Of(err).Kind == errs.Internal {
					w.Error(what, err)
				}
			}
			if won != 1 {
				w.Errorf("%s: %d won; %v", what, won, got)
			}
		}
		times := func(n int, act func() error) []func() error {
			out := make([]func() error, n)
			for i := range out {
				out[i] = act
			}
			return out
		}
		// Accepting while it is batched: in a batch it is only if it was accepted before.
		var g sync.WaitGroup
		g.Go(func() {
			_, err := w.Orders.AcceptInstant(ctx, ordertest.Buyer(1), orderID)
			w.OK(err)
		})
		var early []settlement.Batch
		g.Go(func() { early, _ = w.s.CreateBatches(ctx, preparer, []id.ID{orderID}) })
		g.Wait()
		w.right()
		for _, b := range early {
			w.OK(w.s.DiscardBatch(ctx, preparer, b.ID, 1))
		}
		race("batching", times(4, func() error {
			_, err := w.s.CreateBatches(ctx, preparer, []id.ID{orderID})
			return err
		})...)
		list, _, err := w.s.Batches(ctx, settlement.Batched, 0, page.Query{})
		w.OK(err)
		b := list[0]
		race("submitting", times(3, func() error { return w.s.SubmitBatch(ctx, preparer, b.ID, 1) })...)
		race("approving and rejecting",
			func() error { return w.s.Decide(ctx, releaser, b.ID, 2, settlement.Approve, "") },
			func() error { return w.s.Decide(ctx, another, b.ID, 2, settlement.Approve, "") },
			func() error { return w.s.Decide(ctx, another, b.ID, 2, settlement.Reject, "不同意") })
		if b = w.now(b); b.Status == settlement.Void {
			b = w.batch(orderID)
			w.OK(w.s.SubmitBatch(ctx, preparer, b.ID, 1))
			w.OK(w.s.Decide(ctx, releaser, b.ID, 2, settlement.Approve, ""))
		}
		race("exporting", times(3, func() error { return w.s.Export(ctx, releaser, b.ID, 3) })...)
		race("paying", append(times(3, func() error { return w.s.Record(ctx, releaser, b.ID, []id.ID{orderID}, paid) }),
			func() error {
				return w.s.Record(ctx, releaser, b.ID, []id.ID{orderID}, settlement.Outcome{Reason: "账号不存在"})
			})...)
		if w.now(b).Status != settlement.Done {
			w.Errorf("%+v", w.now(b))
		}
	})
}

// Counts and sums are taken from other rows than the lines that they are about.
func TestCountsAndSumsAgreeWithTheLines(t *testing.T) {
	staged(t, func(w *stage) {
		ctx := w.Context()
		w.account("6222021001001234")
		orders := make([]id.ID, 7)
		var middle clock.Instant
		for i := range orders {
			if w.DB.Clock().Set(w.DB.Now().Add(time.Minute)); i == 4 {
				middle = clock.At(w.DB.Now())
			}
			orders[i] = w.accepted(int64(i+1), 60_000)
		}
		w.paid(orders[0], orders[1])
		w.clawed(orders[0], 20_000)
		w.sent(orders[2])
		w.OK(w.s.SubmitBatch(ctx, preparer, w.batch(orders[3]).ID, 1))
		w.OK(w.s.PutOnHold(ctx, preparer, orders[4], "核查"))
		w.batch(orders[5])
		w.OK(w.settings.Change(ctx, audit.Actor{UserID: 9}, setting.RetentionDays, "1", 0))
		w.DB.Clock().Set(middle.Time().Add(24 * time.Hour))
		filters := []settlement.Filter{
			{}, {Ready: true}, {ProviderOrg: maker}, {ProviderOrg: 901}, {From: middle}, {To: middle}, {ProviderOrg: maker, From: middle},
			{Words: "没有"}, {Words: "企业 900"}, {States: []settlement.State{settlement.Accrued}},
			{States: []settlement.State{settlement.Paid}}, {States: []settlement.State{settlement.Sent, settlement.OnHold}, From: middle},
			{States: []settlement.State{settlement.Accrued, settlement.Batched}, ProviderOrg: maker},
			{Words: "企业", To: middle + 1}, {Ready: true, From: middle - 5*3_600_000}, {From: middle - 30*24*3_600_000, To: middle - 3_600_000},
		}
		for i, f := range slices.Concat(filters, filters) {
			if i == len(filters) { // from what has changed, and then from what was added up
				w.OK(w.s.Fold(ctx))
			}
			all, _, err := w.s.List(ctx, f, page.Query{})
			w.OK(err)
			first, total, err := w.s.List(ctx, f, page.Query{Page: 1, Size: 2})
			w.OK(err)
			for n := range (len(all) + 1) / 2 {
				part, _, err := w.s.List(ctx, f, page.Query{Page: n + 1, Size: 2})
				w.OK(err)
				if !slices.Equal(part, all[2*n:min(2*n+2, len(all))]) {
					w.Errorf("%+v: page %d has %+v", f, n+1, part)
				}
			}
			if total != int64(len(all)) || len(first) != min(2, len(all)) || len(first) > 0 && first[0] != all[0] {
				w.Errorf("%+v: %d lines, counted %d", f, len(all), total)
			}
			for _, l := range all {
				if len(f.States) > 0 && !slices.Contains(f.States, l.Status) {
					w.Errorf("%+v lets %s through", f, l.Status)
				}
			}
			got, err := w.s.TotalsOf(ctx, f)
			w.OK(err)
			f.States, f.Ready = nil, false
			all, _, err = w.s.List(ctx, f, page.Query{})
			w.OK(err)
			var want settlement.Totals
			for _, l := range all {
				to := map[settlement.State]*settlement.Sum{
					settlement.Accrued: &want.Accrued, settlement.Batched: &want.Accrued, settlement.OnHold: &want.Held,
					settlement.PendingApproval: &want.Waiting, settlement.Sent: &want.Sent, settlement.Paid: &want.Paid, settlement.ClawbackDue: &want.Paid,
				}[l.Status]
				to.Lines, to.VoucherFen, to.CashFen = to.Lines+1, to.VoucherFen+l.VoucherFen-l.OwedFen, to.CashFen+l.CashFen
				want.OwedFen += l.OwedFen
				if l.Status == settlement.Sent {
					d, err := w.s.Get(ctx, 0, l.OrderID)
					w.OK(err)
					want.SentOffsetFen += d.Parts[0].OffsetFen
				}
			}
			if got != want {
				w.Errorf("%+v:\n%+v, want\n%+v", f, got, want)
			}
		}
	})
}

func TestWhatKeepsALineFromBeingPaid(t *testing.T) {
	each(t, func(w *stage) {
		ctx, admin := w.Context(), audit.Actor{UserID: 9}
		w.account("6222021001001234")
		first, second := w.accepted(1, 30_000), w.accepted(2, 30_000)
		seller := ordertest.Seller(maker)

		w.OK(w.settings.Change(ctx, admin, setting.RetentionDays, "3", 0))
		_, err := w.s.CreateBatches(ctx, preparer, []id.ID{first})
		w.Refused(err, settlement.ErrNotReady)
		if list, n, err := w.s.List(ctx, settlement.Filter{Ready: true}, page.Query{Page: 1, Size: 20}); err != nil || n != 0 || len(list) != 0 {
			w.Error(list, n, err)
		}
		w.OK(w.settings.Change(ctx, admin, setting.RetentionDays, "0", 1))

		w.OK(w.settings.Change(ctx, admin, setting.InvoiceRequired, setting.On, 0))
		_, err = w.s.CreateBatches(ctx, preparer, []id.ID{first})
		w.Refused(err, settlement.ErrNoInvoice)
		w.Refused(w.s.Invoice(ctx, ordertest.Seller(901), first, "24440000000000000001", 0), errs.ErrNotFound)
		w.OK(w.s.Invoice(ctx, seller, first, " 2444 0000000000000001", 0))
		err = w.s.Invoice(ctx, seller, second, "24440000000000000001", 0)
		if f := errs.Of(err).Fields; len(f) != 1 || f[0].Code != "settlement.invoice_used" {
			w.Error(err)
		}
		w.OK(w.s.Invoice(ctx, seller, first, "24440000000000000002", 0))
		w.OK(w.s.Invoice(ctx, seller, second, "24440000000000000001", 0))

		w.suspected = first // T-BIZ-05
		w.OK(w.settings.Change(ctx, admin, setting.PayoutWithoutLeads, setting.On, 0))
		_, err = w.s.CreateBatches(ctx, preparer, []id.ID{first})
		w.Refused(err, settlement.ErrLead)
		w.suspected = 0

		w.OK(w.settings.Change(ctx, admin, setting.YearlyCeiling, "500", 0))
		_, err = w.s.CreateBatches(ctx, preparer, []id.ID{first, second})
		w.Refused(err, settlement.ErrCeiling)
		w.paid(first)
		_, err = w.s.CreateBatches(ctx, preparer, []id.ID{second})
		w.Refused(err, settlement.ErrCeiling)
		if p := errs.Of(err).Params; p["used"] != "300.00" || p["limit"] != "500.00" {
			w.Error(p)
		}
		w.Refused(w.s.Invoice(ctx, seller, first, "24440000000000000003", 0), errs.ErrInvalidState)
		w.OK(w.settings.Change(ctx, admin, setting.YearlyCeiling, "0", 1))

		// A hold takes the line out of a batch that is not with the bank; another person lets it go.
		b := w.batch(second)
		w.OK(w.s.SubmitBatch(ctx, preparer, b.ID, 1))
		w.OK(w.s.PutOnHold(ctx, preparer, second, "抽查中"))
		if w.is(second, settlement.OnHold); w.now(b).Status != settlement.Void {
			w.Errorf("%+v", w.now(b))
		}
		w.Refused(w.s.Unhold(ctx, preparer, second, "无问题"), settlement.ErrFourEyes)
		w.OK(w.s.Unhold(ctx, releaser, second, "抽查无问题"))
		b = w.sent(second)
		w.Refused(w.s.PutOnHold(ctx, preparer, second, "已送银行"), errs.ErrInvalidState)
		w.OK(w.s.Record(ctx, releaser, b.ID, []id.ID{second}, paid))

		_, err = w.s.ChangeAccount(ctx, seller, 1, settlement.AccountDraft{Bank: " ", BankCode: "12", Number: "abc"})
		if f := errs.Of(err).Fields; len(f) != 3 {
			w.Error(err)
		}
		_, err = w.s.ChangeAccount(ctx, seller, 0, settlement.AccountDraft{Bank: "建设银行", Number: "6222021001009999"})
		w.Refused(err, errs.ErrStale)
	})
}

// Whatever is changed behind the program's back is named by a check.
func TestEachBreakOfAPayoutIsNamed(t *testing.T) {
	staged(t, func(w *stage) {
		w.account("6222021001001234")
		first, second, third := w.accepted(1, 40_000), w.accepted(2, 60_000), w.accepted(3, 10_000)
		w.paid(first)
		c := w.clawed(first, 20_000)
		w.OK(w.s.Repay(w.Context(), releaser, c.ID, c.Version, 1_000, "r", "2026-01-01"))
		w.paid(second)
		w.batch(third)
		w.right()
		do := func(q string) {
			w.Helper()
			_, err := w.DB.Migrator().ExecContext(w.Context(), q)
			w.OK(err)
		}
		for _, b := range []struct{ check, change, back string }{
			{"I15.lines", `UPDATE payout_lines SET cash_fen = cash_fen + 1 WHERE order_id = ` + third.String(), `UPDATE payout_lines SET cash_fen = cash_fen - 1 WHERE order_id = ` + third.String()},
			{"I15.lines", `UPDATE payout_batch_lines SET status = 'freed' WHERE status = 'live'`, `UPDATE payout_batch_lines SET status = 'live' WHERE status = 'freed'`},
			{"I15.batches", `UPDATE payout_batches SET cash_fen = cash_fen + 1`, `UPDATE payout_batches SET cash_fen = cash_fen - 1`},
			{"I15.batches", `UPDATE payout_batches SET decided_by = decided_by + 1 WHERE status = 'done'`, `UPDATE payout_batches SET decided_by = decided_by - 1 WHERE status = 'done'`},
			{"I15.batches", `UPDATE payout_batches SET first_by = 77 WHERE status = 'done'`, `UPDATE payout_batches SET first_by = 0`},
			{"I15.payouts", `UPDATE payout_lines SET paid_at = paid_at + 1 WHERE paid_at > 0`, `UPDATE payout_lines SET paid_at = paid_at - 1 WHERE paid_at > 0`},
			{"I15.totals", `UPDATE clawbacks SET recovered_fen = recovered_fen - 1, amount_fen = amount_fen - 1`, `UPDATE clawbacks SET amount_fen = amount_fen + 1, recovered_fen = recovered_fen + 1`},
			{"I15.clawbacks", `UPDATE clawback_moves SET amount_fen = amount_fen + 1`, `UPDATE clawback_moves SET amount_fen = amount_fen - 1`},
			{"I15.clawbacks", `UPDATE voucher_holds SET reclaimed_fen = reclaimed_fen + 1`, `UPDATE voucher_holds SET reclaimed_fen = reclaimed_fen - 1`},
			{"I16.payouts", `UPDATE order_events SET at = at + 86400000 WHERE event = 'accept'`, `UPDATE order_events SET at = at - 86400000 WHERE event = 'accept'`},
		} {
			do(b.change)
			report, err := reconcile.Run(w.Context(), w.DB, w.DB)
			w.OK(err)
			spoken := map[string]bool{}
			for _, v := range report.Violations() {
				spoken[v.Check] = true
			}
			if !spoken[b.check] {
				w.Errorf("%s says nothing of %s; only %v", b.check, b.change, spoken)
			}
			do(b.back)
		}
		w.right()
	})
}

// T-MON-23: above the sum of the settings two persons beside the maker approve, one
// after the other; either may still reject, and what comes with an approval fails with it.
func TestALargePayoutTakesTwoApprovals(t *testing.T) {
	each(t, func(w *stage) {
		ctx, approve := w.Context(), func(who account.Principal, b settlement.Batch, with ...db.Func) error {
			return w.s.Decide(w.Context(), who, b.ID, b.Version, settlement.Approve, "核对无误", with...)
		}
		submitted := func(orders ...id.ID) settlement.Batch {
			w.Helper()
			b := w.batch(orders...)
			w.OK(w.s.SubmitBatch(ctx, preparer, b.ID, 1))
			return w.now(b)
		}
		w.account("6222021001001234")
		small, large := w.accepted(1, 29_999), w.accepted(2, 30_000)
		w.OK(w.settings.Change(ctx, audit.Actor{UserID: 9}, setting.SecondRelease, "300", 0))
		b := submitted(small)
		w.OK(approve(releaser, b))
		if got := w.now(b); got.Status != settlement.Approved || got.FirstBy != 0 {
			w.Errorf("below the sum: %+v", got)
		}

		b = submitted(large)
		w.Refused(approve(preparer, b), settlement.ErrFourEyes)
		w.Refused(approve(releaser, b, func(context.Context, *db.Tx) error { return errs.ErrForbidden }), errs.ErrForbidden)
		w.OK(approve(releaser, b))
		b = w.now(b)
		if b.Status != settlement.PendingApproval || b.FirstBy != releaser.UserID || b.FirstReason != "核对无误" || b.DecidedBy != 0 {
			w.Errorf("after the first: %+v", b)
		}
		w.is(large, settlement.PendingApproval)
		w.Refused(approve(releaser, b), settlement.ErrFourEyes)
		w.Refused(w.s.Export(ctx, releaser, b.ID, b.Version), errs.ErrInvalidState)
		w.OK(w.s.Decide(ctx, releaser, b.ID, b.Version, settlement.Reject, "看错了发票"))
		w.is(large, settlement.Accrued)

		b = submitted(large)
		w.OK(approve(another, b))
		w.right()
		w.OK(approve(releaser, w.now(b)))
		b = w.now(b)
		if b.Status != settlement.Approved || b.FirstBy != another.UserID || b.DecidedBy != releaser.UserID {
			w.Errorf("after the second: %+v", b)
		}
		w.is(large, settlement.Approved)
		_, err := w.DB.Migrator().ExecContext(ctx, `UPDATE payout_batches SET first_by = decided_by WHERE id = `+b.ID.String())
		if err == nil {
			w.Error("the table takes one person for two")
		}
	})
}
