package settlement_test

import (
	"context"
	"slices"
	"testing"

	"smedx/internal/books"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/ledger"
	"smedx/internal/settlement"
)

// T-MON-24: a claw-back after the payout is netted with the next one, which is
// never negative; the rest is repaid or written off, and what came back is the
// campaign's.
func TestAClawbackIsNettedAndNeverMakesAPayoutNegative(t *testing.T) {
	each(t, func(w *stage) {
		ctx := w.Context()
		w.account("6222021001001234")
		first := w.accepted(1, 40_000)
		_, err := w.s.ProposeClawback(ctx, preparer, first, 1, "未兑付")
		w.Refused(err, errs.ErrInvalidState)
		w.paid(first)
		_, err = w.s.ProposeClawback(ctx, preparer, first, 40_001, "过多")
		w.Refused(err, errs.ErrInvalid)
		c, err := w.s.ProposeClawback(ctx, releaser, first, 35_000, "抽查不合格")
		w.OK(err)
		_, err = w.s.ProposeClawback(ctx, preparer, first, 1, "又一次")
		w.Refused(err, settlement.ErrClawOpen)
		w.Refused(w.s.DecideClawback(ctx, releaser, c.ID, 1, settlement.ClawApprove, ""), settlement.ErrFourEyes)
		w.OK(w.s.DecideClawback(ctx, another, c.ID, 1, settlement.ClawApprove, "属实"))
		w.is(first, settlement.ClawbackDue)
		if got := w.Balance(ledger.ClawbackReceivable(maker)); got != 35_000 {
			w.Error("receivable is", got)
		}
		w.right()

		// The next payout is smaller than what is owed: it is set off in full, cash is not.
		second := w.accepted(2, 20_000)
		third := w.accepted(3, 60_000) // 100.00 of it in cash
		b := w.batch(second)
		if b.Pay() != 0 || b.OffsetFen != 20_000 {
			w.Errorf("%+v", b)
		}
		w.Refused(w.s.Repay(ctx, releaser, c.ID, w.claw(c).Version, 15_001, "r1", "2026-01-01"), errs.ErrInvalid)
		w.OK(w.s.DiscardBatch(ctx, preparer, b.ID, 1))
		w.right()
		if b = w.sent(second); b.Status != settlement.Done {
			w.Errorf("nothing goes through the bank: %+v", b)
		}
		w.is(second, settlement.Paid)
		b = w.sent(third)
		if b.Pay() != 45_000 || b.OffsetFen != 15_000 {
			w.Errorf("%+v", b)
		}
		w.OK(w.s.Record(ctx, releaser, b.ID, []id.ID{third}, settlement.Outcome{Reason: "账号不存在"}))
		if got := w.claw(c); got.Owed() != 15_000 || got.Open() != 15_000 {
			w.Errorf("%+v", got)
		}
		w.right()
		w.OK(w.s.Repay(ctx, releaser, c.ID, w.claw(c).Version, 5_000, "r1", "2026-01-01"))
		w.paid(third)
		w.is(first, settlement.ClawedBack)
		if got := w.claw(c); got.Status != settlement.ClawSettled || got.RecoveredFen != 35_000 {
			w.Errorf("%+v", got)
		}
		w.right()

		// The rest of the first order, and a write-off by a second person.
		rest := w.clawed(first, 5_000)
		w.OK(w.s.Repay(ctx, releaser, rest.ID, rest.Version, 2_000, "r2", "2026-01-01"))
		w.OK(w.s.AskWaiver(ctx, releaser, rest.ID, w.claw(rest).Version, "企业已注销"))
		w.Refused(w.s.DecideWaiver(ctx, releaser, rest.ID, w.claw(rest).Version, true, ""), settlement.ErrFourEyes)
		w.OK(w.s.DecideWaiver(ctx, another, rest.ID, w.claw(rest).Version, true, ""))
		w.is(first, settlement.WrittenOff)
		for a, want := range map[ledger.Account]money.Fen{
			ledger.ClawbackReceivable(maker): 0, ledger.SubsidyPaid(maker): 110_000 - 37_000, ledger.Returned(w.campaign.ID): 37_000, ledger.PaidC(maker): 10_000,
		} {
			if got := w.Balance(a); got != want {
				w.Errorf("%s is %v, want %v", a, got, want)
			}
		}
		all, err := books.Look(ctx, w.DB, books.Scope{})
		w.OK(err)
		if !all.Total.OK || all.Total.Paid != 73_000 || all.Total.Returned != 37_000 || all.Total.Clawback != 0 {
			w.Errorf("%+v", all)
		}
		w.OK(w.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO organizations (id, kind, name, created_at) VALUES (?, 'provider', '软件公司', 1)`, maker)
			return err
		}))
		st, err := books.StatementOf(ctx, w.DB, books.OfProvider, maker, books.Period{}, page.Query{Page: 1, Size: 50})
		w.OK(err)
		totals, err := w.s.TotalsOf(ctx, settlement.Filter{ProviderOrg: maker})
		w.OK(err)
		if st.Third != "已兑付" || st.ThirdClosing != 73_000 || st.ThirdClosing != totals.Paid.VoucherFen || st.LastClosing != 0 || st.LastClosing != totals.OwedFen {
			w.Errorf("the statement ends with %v and %v, the page says %+v", st.ThirdClosing, st.LastClosing, totals)
		}
		sums := map[string]money.Fen{}
		for _, s := range st.Sums {
			sums[s.Word] = s.AmountFen
		}
		for word, want := range map[string]money.Fen{"兑付服务商": 110_000, "追回": 40_000, "抵扣追回款": 30_000, "退回追回款": 7_000, "核销追回款": 3_000} {
			if sums[word] != want {
				w.Errorf("%s is %v, want %v", word, sums[word], want)
			}
		}
		if l := st.Lines[len(st.Lines)-1]; l.Word != "核销追回款" || l.ThirdFen != 3_000 || l.FourthFen != -3_000 || l.ThirdAfter != st.ThirdClosing || l.LastAfter != 0 || l.OrderID != first {
			w.Errorf("%+v", l)
		}
		var tail []books.Line
		for n := range st.TotalLines {
			one, err := books.StatementOf(ctx, w.DB, books.OfProvider, maker, books.Period{}, page.Query{Page: int(n) + 1, Size: 1})
			w.OK(err)
			tail = append(tail, one.Lines...)
		}
		if !slices.Equal(tail, st.Lines) {
			w.Errorf("line by line %+v, together %+v", tail, st.Lines)
		}
		v, _, err := w.Vouchers.OwnVouchers(ctx, 1, "", page.Query{})
		w.OK(err)
		life, err := books.LifeOf(ctx, w.DB, v[0].ID)
		w.OK(err)
		if !life.OK || life.Parts.Paid != 3_000 || life.Parts.Returned != 37_000 {
			w.Errorf("%+v", life)
		}
	})
}
