package settlement_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
	"smedx/internal/settlement"
)

// post keeps what is told, each with whom it was told.
type post struct{ told []string }

func (p *post) keep(whom any, m notify.Message) error {
	p.told = append(p.told, fmt.Sprint(whom, "|", m.Title, "|", m.Body))
	return nil
}

func (p *post) TellHolders(_ context.Context, _ *db.Tx, perm account.Permission, but id.ID, m notify.Message, roles ...account.Role) error {
	return p.keep(fmt.Sprint(perm, " of ", roles[0], " but ", but), m)
}

func (p *post) TellUser(_ context.Context, _ *db.Tx, userID id.ID, m notify.Message) error {
	return p.keep(userID, m)
}

func (w *stage) listens() *post {
	p := &post{}
	w.s.Staff = p
	w.s.Company = func(_ context.Context, _ *db.Tx, orgID id.ID, m notify.Message) error { return p.keep(orgID, m) }
	return p
}

// hears fails unless the last messages are these, of which the batch is left out.
func (p *post) hears(w *stage, b settlement.Batch, want ...string) {
	w.Helper()
	if len(p.told) < len(want) {
		w.Fatalf("%v", p.told)
	}
	got := slices.Clone(p.told[len(p.told)-len(want):])
	for i := range got {
		got[i] = strings.ReplaceAll(got[i], b.ID.String(), "B")
	}
	if !slices.Equal(got, want) {
		w.Errorf("told\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A provider is told what was due, what was set off and what is paid, also when nothing is left to pay.
func TestASetOffIsToldToTheProvider(t *testing.T) {
	each(t, func(w *stage) {
		w.account("6222021001001234")
		first := w.accepted(1, 40_000)
		w.paid(first)
		p := w.listens()
		c, err := w.s.ProposeClawback(w.Context(), preparer, first, 35_000, "按比例追回。")
		w.OK(err)
		w.OK(w.s.DecideClawback(w.Context(), releaser, c.ID, 1, settlement.ClawApprove, ""))
		if !slices.Contains(p.told, "900|须退回已兑付款：350.00 元|原因：按比例追回。将从之后兑付的服务券款中抵扣，也可直接退回。") {
			w.Errorf("%v", p.told)
		}
		// The second order is set off in full and the third in part: the file has the third alone.
		second, third := w.accepted(2, 20_000), w.accepted(3, 60_000)
		if open, err := w.s.ToSetOff(w.Context(), maker, 901); err != nil || len(open) != 1 || open[maker] != 35_000 {
			w.Errorf("%v, %v", open, err)
		}
		w.OK(w.s.AskWaiver(w.Context(), releaser, c.ID, w.claw(c).Version, "企业困难"))
		if open, err := w.s.ToSetOff(w.Context(), maker); err != nil || open[maker] != 0 {
			w.Errorf("what may be written off is not set off: %v, %v", open, err)
		}
		w.OK(w.s.DecideWaiver(w.Context(), another, c.ID, w.claw(c).Version, false, "不同意"))
		b := w.sent(second, third)
		p.hears(w, b, "900|结算款已抵扣追回款：200.00 元|应付 200.00 元，抵扣追回款 200.00 元，实付 0.00 元。款项用于退回须追回的款，不经银行付款。")
		if open, err := w.s.ToSetOff(w.Context(), maker); err != nil || open[maker] != 0 {
			w.Errorf("%v, %v", open, err)
		}
		totals, err := w.s.TotalsOf(w.Context(), settlement.Filter{ProviderOrg: maker})
		w.OK(err)
		if totals.Sent.Lines != 1 || totals.Sent.VoucherFen+totals.Sent.CashFen-totals.SentOffsetFen != b.Pay() {
			w.Errorf("%+v, paid is %v", totals, b.Pay())
		}
		file, _, err := w.s.BankFile(w.Context(), releaser, b.ID) // a line that no bank pays does not end it
		w.OK(err)
		if n := strings.Count(string(file), "\r\n"); n != 2 {
			w.Errorf("%d rows: %s", n, file)
		}
		w.OK(w.s.Record(w.Context(), releaser, b.ID, []id.ID{third}, paid))
		p.hears(w, b, "900|结算款已兑付：450.00 元|应付 600.00 元，抵扣追回款 150.00 元，实付 450.00 元。银行流水号 2026112700001，付款日期 2026-01-01，请留意到账。")
		fourth := w.accepted(4, 10_000)
		b = w.paid(fourth)
		p.hears(w, b, "900|结算款已兑付：100.00 元|银行流水号 2026112700001，付款日期 2026-01-01，请留意到账。")
	})
}

// Whoever makes the next batch reads what the bank refused, and of a batch that is void whose it was.
func TestWhoPaysOutIsToldOfRefusals(t *testing.T) {
	each(t, func(w *stage) {
		w.account("6222021001001234")
		first, second := w.accepted(1, 20_000), w.accepted(2, 30_000)
		p := w.listens()
		b := w.sent(first, second)
		w.OK(w.s.Record(w.Context(), releaser, b.ID, []id.ID{first}, paid))
		w.OK(w.s.Record(w.Context(), releaser, b.ID, []id.ID{second}, settlement.Outcome{Reason: "户名不符。"}))
		const title, body = "|付款失败：企业 900 300.00 元|", "批次 B 有 1 笔付款失败，原因：户名不符。款项回到待结算，请与服务商核对收款账户后重新组批。"
		p.hears(w, b, "900|结算付款失败：300.00 元|原因：户名不符。款项回到待结算，请核对收款账户。",
			"settlement.prepare of operator but 41"+title+body, "settlement.release of department but 41"+title+body)
		answers, err := w.s.AnswersOf(w.Context(), b.ID)
		w.OK(err)
		if a := answers[b.ID]; a.PaidFen != 20_000 || a.FailedLines != 1 {
			w.Errorf("%+v", a)
		}

		b = w.batch(second)
		w.OK(w.s.SubmitBatch(w.Context(), preparer, b.ID, 1))
		w.OK(w.s.Decide(w.Context(), releaser, b.ID, 2, settlement.Reject, "请补充发票"))
		p.hears(w, b, "31|兑付批次未通过：企业 900 300.00 元|批次 B 未通过，原因：请补充发票。没有付款，明细回到待结算，可重新组批。")
		b = w.batch(second)
		w.account("6222021001005678")
		if !slices.ContainsFunc(p.told, func(s string) bool { return strings.HasPrefix(s, "31|兑付批次已失效：企业 900 300.00 元|") }) {
			w.Errorf("%v", p.told)
		}
	})
}
