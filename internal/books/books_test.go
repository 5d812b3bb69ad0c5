package books_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/books"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/ledger"
	"smedx/internal/order"
	"smedx/internal/order/ordertest"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

const (
	maker id.ID     = 900
	face  money.Fen = 50_000
)

// scene is a world in which each part of a budget has an amount of its own.
type scene struct {
	*ordertest.World

	campaign voucher.Campaign
	vouchers map[int64]voucher.Voucher // by company
	accepted order.Order
}

// each sets the scene: six companies have a voucher of 500.00 out of ten. 1 is
// left alone, 2 holds 100.00 for an order that is not paid, 3 paid 200.00, 4 paid
// 300.00 of an order that is accepted, 5 got 150.00 back, 6 is over.
func each(t *testing.T, test func(s *scene)) {
	ordertest.Each(t, func(w *ordertest.World) {
		s := &scene{World: w, vouchers: map[int64]voucher.Voucher{}}
		for n := range int64(6) {
			s.company(n+1, "enterprise", fmt.Sprint("企业", n+1), []string{"440305", "440106", "110101"}[n%3])
		}
		s.company(int64(maker), "provider", "软件公司", "440305")
		s.campaign = w.Open(voucher.Rush, 10, nil, w.Kind(face, vouchertest.AnyTerms()))
		for n := range int64(6) {
			s.vouchers[n+1] = w.Claim(n+1, s.campaign)
		}
		s.unpaid(2, 10_000)
		s.Bought(3, w.Shelf.Put(2, maker, 20_000, false), s.vouchers[3].ID)
		s.accepted = s.Bought(4, w.Shelf.Put(3, maker, 30_000, true), s.vouchers[4].ID).Order
		_, err := w.Orders.AcceptInstant(w.Context(), ordertest.Buyer(4), s.accepted.ID)
		w.OK(err)
		back := s.Bought(5, w.Shelf.Put(4, maker, 15_000, false), s.vouchers[5].ID)
		_, err = w.Orders.Refund(w.Context(), ordertest.Buyer(5), "back", back.ID, 0, "不再需要")
		w.OK(err)
		w.OK(s.revoke(s.vouchers[6]))
		test(s)
	})
}

// unpaid is an order that a voucher does not cover, so that it stays unpaid.
func (s *scene) unpaid(n int64, held money.Fen) {
	s.Helper()
	_, err := s.Hold(n, 7100+id.ID(n), held, s.vouchers[n].ID)
	s.OK(err)
}

// revoke takes a voucher back by hand, as the journal knows it.
func (s *scene) revoke(v voucher.Voucher) error {
	return s.Write(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE vouchers SET status = 'revoked', returned_fen = available_fen, available_fen = 0 WHERE id = ?`, v.ID)
		if err != nil {
			return err
		}
		_, err = ledger.Post(ctx, tx, ledger.Vouchers, ledger.Revoke, ledger.Source{Kind: "voucher", ID: v.ID},
			ledger.Move{From: ledger.Available(v.ID), To: ledger.Returned(v.CampaignID), Amount: v.Available})
		return err
	})
}

func (s *scene) company(n int64, kind, name, region string) {
	s.Helper()
	s.OK(s.Write(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO organizations (id, kind, name, region_code, created_at) VALUES (?, ?, ?, ?, 1)`, n, kind, name, region)
		return err
	}))
}

// want are the parts of the scene.
var want = books.Parts{
	Unissued: 4 * face, Available: face + (face - 10_000) + (face - 20_000) + (face - 30_000) + face, Held: 10_000, Escrow: 20_000, Payable: 30_000, Returned: face,
}

func (s *scene) look(in books.Scope) books.Overview {
	s.Helper()
	o, err := books.Look(s.Context(), s.DB, in)
	s.OK(err)
	return o
}

// T-MON-25: budget = unissued + available + held + escrow + payable + paid +
// returned, in total, by budget, by campaign and by voucher type; before and
// after the journal has been counted.
func TestEveryFenOfABudgetIsSomewhere(t *testing.T) {
	each(t, func(s *scene) {
		was := books.SetFoldRows(1)
		aged := books.SetSettledAge(-time.Hour)
		portions := s.look(books.Scope{})
		books.SetFoldRows(was)
		books.SetSettledAge(aged)
		if whole := s.look(books.Scope{}); !reflect.DeepEqual(portions.Rows, whole.Rows) || !reflect.DeepEqual(portions.Months, whole.Months) || !portions.Total.OK {
			s.Errorf("in portions %+v, whole %+v", portions, whole)
		}
		var before books.Overview
		for round := range 2 {
			all := s.look(books.Scope{})
			if !all.Total.OK || len(all.Problems) != 0 || all.Total.Parts != want || all.Total.AmountFen != vouchertest.Budgeted || all.Total.FreeFen != vouchertest.Budgeted-10*face {
				s.Fatalf("%+v", all)
			}
			if all.Total.FreeFen+all.Total.Sum() != all.Total.AmountFen || len(all.Rows) != 1 || all.RowsAre != "budget" {
				s.Errorf("%+v", all)
			}
			of := s.look(books.Scope{BudgetID: s.Budget})
			if len(of.Rows) != 1 || of.Rows[0].Parts != want || of.Rows[0].AmountFen != 10*face || of.Rows[0].Vouchers != 6 || !of.Rows[0].OK {
				s.Errorf("%+v", of.Rows)
			}
			one := s.look(books.Scope{CampaignID: s.campaign.ID})
			if one.BudgetID != s.Budget || len(one.Rows) != 1 || one.Rows[0].Parts != want || one.Rows[0].AmountFen != 6*face || one.Total.Sum() != 10*face {
				s.Errorf("%+v", one)
			}
			if len(one.Months) != 1 || one.Months[0].IssuedFen != 6*face || one.Months[0].UsedFen != 50_000 || one.Months[0].PaidFen != 0 {
				s.Errorf("%+v", one.Months)
			}
			if round == 1 && !reflect.DeepEqual(before.Rows, all.Rows) {
				s.Errorf("counted %+v, before %+v", all.Rows, before.Rows)
			}
			before = all
			s.OK(books.FoldAll(s.Context(), s.DB))
			s.OK(books.FoldAll(s.Context(), s.DB)) // again changes nothing
		}
		drifts, err := books.Drifts(s.Context(), s.DB)
		s.OK(err)
		if len(drifts) != 0 {
			s.Error(drifts)
		}
		_, err = books.Look(s.Context(), s.DB, books.Scope{CampaignID: 5})
		s.Refused(err, errs.ErrNotFound)
		s.lookWhileCounted(before)
	})
}

// beside is a reader beside whom something happens before each statement.
type beside struct {
	db.Reader

	happens func()
}

func (b beside) Raw(query string, args ...any) *bun.RawQuery {
	b.happens()
	return b.Reader.Raw(query, args...)
}

// lookWhileCounted reads overviews of a journal that the sweep counts beside them from
// its beginning, in portions of its own, between any two statements of a reader: each is
// what a plain sum over the journal says.
func (s *scene) lookWhileCounted(whole books.Overview) {
	s.Helper()
	aged := books.SetSettledAge(-time.Hour)
	defer books.SetSettledAge(aged)
	plain := func() books.Parts {
		var rows []struct {
			Account string
			Fen     money.Fen
		}
		s.OK(s.DB.Raw(`SELECT p.account, CAST(SUM(p.amount_fen) AS BIGINT) AS fen FROM postings p JOIN journal j ON j.id = p.entry_id WHERE j.ledger = 'V' GROUP BY p.account`).Scan(s.Context(), &rows))
		sums := map[string]money.Fen{}
		for _, r := range rows {
			part, _, _ := strings.Cut(r.Account, ":")
			sums[part] += r.Fen
		}
		return books.Parts{
			Unissued: sums["budget"], Available: sums["voucher_available"], Held: sums["voucher_held"], Escrow: sums["escrow_v"],
			Payable: sums["subsidy_payable"], Paid: sums["subsidy_paid"], Returned: sums["returned"], Clawback: sums["clawback_receivable"],
		}
	}
	for _, c := range []struct{ read, swept, every int64 }{{2, 2, 1}, {3, 2, 1}, {2, 3, 2}, {1, 4, 3}, {4, 1, 5}} {
		s.OK(s.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM fund_months`)
			if err == nil {
				_, err = tx.Exec(ctx, `UPDATE versions SET value = 0 WHERE name = 'fund_months'`)
			}
			return err
		}))
		was := books.SetFoldRows(c.read)
		more, asked, looks := true, int64(0), 0
		r := beside{s.DB, func() {
			if asked++; more && asked%c.every == 0 {
				books.SetFoldRows(c.swept)
				var err error
				more, err = books.FoldNext(s.Context(), s.DB)
				books.SetFoldRows(c.read)
				s.OK(err)
			}
		}}
		for ; more || looks < 2; looks++ {
			got, err := books.Look(s.Context(), r, books.Scope{})
			s.OK(err)
			if !got.Total.OK || got.Total.Parts != plain() || !reflect.DeepEqual(got.Rows, whole.Rows) || !reflect.DeepEqual(got.Months, whole.Months) {
				s.Fatalf("%+v, look %d: %+v, the journal says %+v", c, looks, got, plain())
			}
		}
		books.SetFoldRows(was)
	}
}

// A payout and its clawback are counted to the campaigns whose vouchers paid.
func TestPayoutsAreCountedToTheirCampaigns(t *testing.T) {
	each(t, func(s *scene) {
		s.OK(s.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := ledger.Post(ctx, tx, ledger.Vouchers, ledger.PayoutV, ledger.Source{Kind: "order", ID: s.accepted.ID},
				ledger.Move{From: ledger.SubsidyPayable(maker), To: ledger.SubsidyPaid(maker), Amount: 30_000})
			return err
		}))
		all := s.look(books.Scope{})
		if !all.Total.OK || all.Total.Paid != 30_000 || all.Total.Payable != 0 || all.Months[0].PaidFen != 30_000 {
			s.Errorf("%+v", all)
		}
		life, err := books.LifeOf(s.Context(), s.DB, s.vouchers[4].ID)
		s.OK(err)
		last := life.Lines[len(life.Lines)-1]
		if !life.OK || life.Parts.Paid != 30_000 || last.Word != "兑付服务商" || last.From != "待兑付" || last.To != "已兑付" || last.OrderID != s.accepted.ID {
			s.Errorf("%+v", life)
		}
	})
}

// T-MON-26: what somebody changes past the program turns the overview red, and
// it says where.
func TestTheOverviewShowsWhatDoesNotHold(t *testing.T) {
	each(t, func(s *scene) {
		s.OK(books.FoldAll(s.Context(), s.DB))
		do := func(q string) {
			s.Helper()
			_, err := s.DB.Migrator().ExecContext(s.Context(), q)
			s.OK(err)
		}
		for _, c := range []struct{ name, change, back, says string }{
			{"a voucher gains money", `UPDATE vouchers SET available_fen = available_fen + 1, face_value_fen = face_value_fen + 1 WHERE org_id = 1`,
				`UPDATE vouchers SET available_fen = available_fen - 1, face_value_fen = face_value_fen - 1 WHERE org_id = 1`, "券上可用"},
			{"a budget forgets what is taken", `UPDATE budgets SET committed_fen = committed_fen - 1`, `UPDATE budgets SET committed_fen = committed_fen + 1`, "占用"},
			{"a campaign says it got more", `UPDATE campaigns SET funded_fen = funded_fen + 1`, `UPDATE campaigns SET funded_fen = funded_fen - 1`, "注资"},
			{"a counted month is changed", `UPDATE fund_months SET amount_fen = amount_fen + 1 WHERE kind = 'grant' AND part = 'voucher_available'`,
				`UPDATE fund_months SET amount_fen = amount_fen - 1 WHERE kind = 'grant' AND part = 'voucher_available'`, "券上可用"},
			{"money names no campaign", `UPDATE fund_months SET campaign_id = 1 WHERE kind = 'grant'`,
				`UPDATE fund_months SET campaign_id = (SELECT MIN(id) FROM campaigns) WHERE kind = 'grant'`, "找不到所属活动"},
		} {
			do(c.change)
			all := s.look(books.Scope{})
			text := fmt.Sprint(all.Problems)
			if all.Total.OK || !strings.Contains(text, c.says) {
				s.Errorf("%s: %s", c.name, text)
			}
			do(c.back)
		}
		if all := s.look(books.Scope{}); !all.Total.OK {
			s.Error(all.Problems)
		}
	})
}

func TestALifeIsEveryMovement(t *testing.T) {
	each(t, func(s *scene) {
		for n, words := range map[int64]string{
			1: "发放服务券", 2: "发放服务券 下单占用", 3: "发放服务券 下单占用 支付抵扣", 4: "发放服务券 下单占用 支付抵扣 验收结算",
			5: "发放服务券 下单占用 支付抵扣 退款退回", 6: "发放服务券 作废收回",
		} {
			life, err := books.LifeOf(s.Context(), s.DB, s.vouchers[n].ID)
			s.OK(err)
			var got []string
			for _, l := range life.Lines {
				got = append(got, l.Word)
			}
			if strings.Join(got, " ") != words || !life.OK || life.Parts.Sum() != face {
				s.Errorf("%d: %v, %+v", n, got, life)
			}
		}
		s.OK(ledger.SealAll(s.Context(), s.DB))
		life, err := books.LifeOf(s.Context(), s.DB, s.vouchers[4].ID)
		s.OK(err)
		if l := life.Lines[0]; l.Seal != 1 || len(l.SealHash) != 64 || l.From != "活动未发放" || l.To != "券上可用" {
			s.Errorf("%+v", l)
		}
	})
}

func TestIssuedVouchersAreFound(t *testing.T) {
	each(t, func(s *scene) {
		for _, c := range []struct {
			f    books.Filter
			want int64
		}{
			{books.Filter{}, 6},
			{books.Filter{BudgetID: s.Budget}, 6},
			{books.Filter{BudgetID: 1}, 0},
			{books.Filter{CampaignID: s.campaign.ID, CampaignVoucherID: s.campaign.Vouchers[0].ID}, 6},
			{books.Filter{CampaignVoucherID: 1}, 0},
			{books.Filter{Status: voucher.Active}, 5},
			{books.Filter{Status: voucher.Revoked}, 1},
			{books.Filter{Company: "企业3"}, 1},
			{books.Filter{Company: "%"}, 0},
			{books.Filter{Region: "440000"}, 4},
			{books.Filter{Region: "440300"}, 2},
			{books.Filter{Region: "110101", Status: voucher.Revoked}, 1},
		} {
			got, err := books.Vouchers(s.Context(), s.DB, c.f, page.Query{Page: 1, Size: 2})
			s.OK(err)
			n := int64(0)
			s.OK(books.EachVoucher(s.Context(), s.DB, c.f, func(books.Issued) error { n++; return nil }))
			if got.Total != c.want || n != c.want || len(got.Items) != int(min(c.want, 2)) {
				s.Errorf("%+v: %d, exported %d", c.f, got.Total, n)
			}
		}
		s.Move(60 * 24 * time.Hour) // the sweep has not run
		got, err := books.Vouchers(s.Context(), s.DB, books.Filter{Status: voucher.Expired}, page.Query{Size: 10})
		s.OK(err)
		if got.Total != 5 || got.Items[0].Status != voucher.Expired {
			s.Errorf("%+v", got)
		}
	})
}

// The statements of companies and vouchers end with what the vouchers say, whatever
// became of what orders held of them; and so do their lines and sums.
func TestAStatementEndsWithWhatTheVouchersSay(t *testing.T) {
	each(t, func(s *scene) {
		check := func(of books.Kind, subject id.ID, own ...voucher.Voucher) {
			s.Helper()
			var want [4]money.Fen
			for _, v := range own {
				for i, amount := range s.Amounts(v) {
					want[i] += amount
				}
			}
			st, err := books.StatementOf(s.Context(), s.DB, of, subject, books.Period{}, page.Query{Size: 100})
			s.OK(err)
			var sums, lines books.Change
			for _, one := range st.Sums {
				sums = books.Change{FirstFen: sums.FirstFen + one.FirstFen, SecondFen: sums.SecondFen + one.SecondFen, ThirdFen: sums.ThirdFen + one.ThirdFen, FourthFen: sums.FourthFen + one.FourthFen}
			}
			for _, l := range st.Lines {
				lines = books.Change{FirstFen: l.BalanceFen, SecondFen: l.OtherFen, ThirdFen: l.ThirdAfter, FourthFen: l.LastAfter}
			}
			closing := books.Change{FirstFen: st.ClosingFen, SecondFen: st.OtherClosing, ThirdFen: st.ThirdClosing, FourthFen: st.LastClosing}
			if closing != (books.Change{FirstFen: want[0], SecondFen: want[1], ThirdFen: want[2], FourthFen: want[3]}) || closing != sums || closing != lines || st.TotalLines != int64(len(st.Lines)) {
				s.Errorf("%s ends with %+v, its sums are %+v, its last line says %+v, the vouchers say %v", of, closing, sums, lines, want)
			}
		}
		all := func() {
			s.Helper()
			for n, v := range s.vouchers {
				check(books.OfCompany, id.ID(n), v)
				check(books.OfVoucher, v.ID, v)
			}
		}
		all()
		paid := s.Bought(1, s.Shelf.Put(11, maker, 7_000, false), s.vouchers[1].ID)
		s.unpaid(1, 3_000)
		s.Move(40 * 24 * time.Hour)
		s.OK(s.Vouchers.ExpireDue(s.Context()))
		all()
		_, err := s.Orders.Refund(s.Context(), ordertest.Buyer(1), "late", paid.ID, 0, "不再需要")
		s.OK(err)
		s.OK(s.Do(s.Vouchers.Release, 7101))
		all()
		st, err := books.StatementOf(s.Context(), s.DB, books.OfCompany, 1, books.Period{}, page.Query{Size: 100})
		s.OK(err)
		var words []string
		for _, l := range st.Lines[len(st.Lines)-2:] {
			words = append(words, fmt.Sprint(l.Word, " ", l.AmountFen))
		}
		if got := strings.Join(words, "; "); got != "退款，收回活动 70.00; 取消订单，收回活动 30.00" {
			s.Error(got)
		}
	})
}

// A statement runs from its opening to its closing balance, on pages and in the
// export, and what is outside of the period is in the opening balance.
func TestAStatementRunsToItsBalance(t *testing.T) {
	defer books.SetExportRows(books.SetExportRows(2))
	each(t, func(s *scene) {
		day := func(d time.Duration) clock.Instant { return clock.At(s.Start.Add(d)) }
		s.Move(26 * time.Hour)
		s.Bought(4, s.Shelf.Put(9, maker, 5_000, false), s.vouchers[4].ID)
		for _, c := range []struct {
			of             books.Kind
			id             id.ID
			opens, ends    money.Fen
			other, otherTo money.Fen
			lines          int64 // of the period, which is the second day
			all            int64
		}{
			{books.OfVoucher, s.vouchers[4].ID, 20_000, 15_000, 0, 0, 2, 5},
			{books.OfCompany, 4, 20_000, 15_000, 0, 0, 2, 5},
			{books.OfCompany, 2, 40_000, 40_000, 10_000, 10_000, 0, 2},
			{books.OfProvider, maker, 20_000, 25_000, 30_000, 30_000, 1, 6},
			{books.OfCampaign, s.campaign.ID, 4 * face, 4 * face, face, face, 0, 8},
		} {
			st, err := books.StatementOf(s.Context(), s.DB, c.of, c.id, books.Period{From: day(25 * time.Hour), To: day(48 * time.Hour)}, page.Query{Size: 50})
			s.OK(err)
			if st.OpeningFen != c.opens || st.ClosingFen != c.ends || st.OtherOpening != c.other || st.OtherClosing != c.otherTo || st.TotalLines != c.lines {
				s.Errorf("%s: %+v", c.of, st)
			}
			var paged []books.Line
			for n := range int(c.all) {
				part, err := books.StatementOf(s.Context(), s.DB, c.of, c.id, books.Period{}, page.Query{Page: n + 1, Size: 1})
				s.OK(err)
				if part.TotalLines != c.all || part.OpeningFen != 0 {
					s.Fatalf("%s: %+v", c.of, part)
				}
				paged = append(paged, part.Lines...)
				st = part
			}
			var whole []books.Line
			s.OK(books.EachLine(s.Context(), s.DB, st, func(l books.Line) error { whole = append(whole, l); return nil }))
			if !reflect.DeepEqual(paged, whole) || whole[len(whole)-1].BalanceFen != c.ends || whole[len(whole)-1].OtherFen != c.otherTo || st.ClosingFen != c.ends {
				s.Errorf("%s: paged %+v, exported %+v", c.of, paged, whole)
			}
		}
		_, err := books.StatementOf(s.Context(), s.DB, books.OfCompany, maker, books.Period{}, page.Query{})
		s.Refused(err, errs.ErrNotFound)
	})
}
