package reconcile_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"smedx/internal/audit"
	"smedx/internal/books"
	"smedx/internal/kit/db"
	"smedx/internal/ledger"
	"smedx/internal/reconcile"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

// lived is a world in which everything that moves money has happened.
func lived(w *vouchertest.World) {
	w.Helper()
	c := w.Open(voucher.Rush, 10, nil, w.Kind(50000, vouchertest.AnyTerms()))
	for n := range int64(5) {
		w.Claim(n+1, c)
	}
	w.OK(w.ApproveChange(w.Asked(c, voucher.ChangeDraft{Reason: "报名踊跃", Quotas: []voucher.Quota{{VoucherID: c.Vouchers[0].ID, Quota: 12}}})))
	vouchers, _, err := w.Vouchers.OwnVouchers(w.Context(), 1, "", all)
	w.OK(err)
	held, err := w.Hold(1, 71, 10000, vouchers[0].ID)
	w.OK(err)
	_ = held
	_, err = w.Hold(1, 72, 12000, vouchers[0].ID)
	w.OK(err)
	w.OK(w.Do(w.Vouchers.Redeem, 72))
	_, err = w.Hold(1, 73, 5000, vouchers[0].ID)
	w.OK(err)
	w.OK(w.Do(w.Vouchers.Release, 73))
	_, err = w.Hold(1, 74, 6000, vouchers[0].ID)
	w.OK(err)
	w.OK(w.Do(w.Vouchers.Redeem, 74))
	w.OK(w.Do(w.Vouchers.Restore, 74))
	w.OK(books.FoldAll(w.Context(), w.DB))
	w.OK(ledger.SealAll(w.Context(), w.DB))
}

func run(w *vouchertest.World) reconcile.Report {
	w.Helper()
	report, err := reconcile.Run(w.Context(), w.DB, w.DB)
	w.OK(err)
	return report
}

func right(w *vouchertest.World) {
	w.Helper()
	if report := run(w); !report.OK {
		var text bytes.Buffer
		_ = report.Text(&text)
		w.Fatal(text.String())
	}
}

func TestBooksThatLivedAreRight(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		right(w)
		lived(w)
		right(w)
		w.Move(60 * 24 * time.Hour)
		w.OK(w.Vouchers.OpenAndCloseDue(w.Context()))
		w.OK(w.Vouchers.ExpireDue(w.Context()))
		w.OK(w.Do(w.Vouchers.Release, 71))
		w.OK(w.Vouchers.OpenAndCloseDue(w.Context()))
		right(w)
		var text, machine bytes.Buffer
		w.OK(run(w).Text(&text))
		w.OK(run(w).JSON(&machine))
		if !strings.Contains(text.String(), "The books are right.") || !strings.Contains(machine.String(), `"ok": true`) {
			w.Error(text.String(), machine.String())
		}
	})
}

// errUndo ends the transaction of a break, so that the next finds the books right.
var errUndo = errors.New("undone")

// speaks reports whether the check finds something after the statements, which are
// undone. The tables' append-only rules are out of the way, as they would be for
// somebody with the database in hand.
func speaks(t *testing.T, d *db.DB, check string, tables, statements []string) (found bool) {
	t.Helper()
	var off []string
	for _, table := range tables {
		for _, act := range []string{"update", "delete"} {
			q := "DROP TRIGGER " + table + "_no_" + act
			if d.Engine() == db.Postgres {
				q += " ON " + table
			}
			off = append(off, q)
		}
	}
	if d.Engine() == db.SQLite {
		off = append(off, "PRAGMA ignore_check_constraints = 1")
		statements = append(slices.Clone(statements), "PRAGMA ignore_check_constraints = 0")
	}
	err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for _, q := range append(off, statements...) {
			if _, err := tx.Exec(ctx, q); err != nil {
				return fmt.Errorf("%s: %w", q, err)
			}
		}
		res, err := reconcile.One(ctx, tx, d, check)
		if err != nil {
			return err
		}
		found = !res.OK
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		t.Fatal(err)
	}
	return found
}

// T-MON-26: whatever is changed behind the program's back is named by a check.
func TestEachBreakIsNamed(t *testing.T) {
	const first = `(SELECT MIN(id) FROM journal WHERE kind = 'grant')`
	cases := []struct {
		name   string
		check  string // that must speak
		off    []string
		breaks []string
		sqlite bool // PostgreSQL's own rules refuse it in any case
	}{
		{"one side of an entry is changed", "I1", []string{"postings"}, []string{`UPDATE postings SET amount_fen = amount_fen + 1 WHERE line = 1 AND entry_id = ` + first}, false},
		{"both sides of an entry are changed", "I24", []string{"postings"}, []string{`UPDATE postings SET amount_fen = amount_fen * 2 WHERE entry_id = ` + first}, false},
		{"an entry's account is changed", "I1.accounts", []string{"postings"}, []string{`UPDATE postings SET account = 'subsidy_paid:900' WHERE line = 2 AND entry_id = ` + first}, false},
		{"an entry's account becomes another voucher's", "I1.accounts", []string{"postings"}, []string{`UPDATE postings SET account = 'voucher_available:1' WHERE line = 2 AND entry_id = ` + first}, false},
		{"an entry's kind is changed", "I1.accounts", []string{"journal"}, []string{`UPDATE journal SET kind = 'expire' WHERE id = ` + first}, false},
		{"an entry's ledger is changed", "I1.accounts", []string{"journal"}, []string{`UPDATE journal SET ledger = 'C' WHERE id = ` + first}, false},
		{"an entry's time is changed", "I14.vouchers", []string{"journal"}, []string{`UPDATE journal SET at = at - 1 WHERE id = ` + first}, false},
		{"an entry's source is changed", "I14.vouchers", []string{"journal"}, []string{`UPDATE journal SET source_id = 77 WHERE id = ` + first}, false},
		{"a sealed entry's time is changed", "I13.seals", []string{"journal"}, []string{`UPDATE journal SET at = at - 1 WHERE kind = 'fund'`}, false},
		{"an entry is deleted", "I13.seals", []string{"journal", "postings"}, []string{`DELETE FROM postings WHERE entry_id = ` + first, `DELETE FROM journal WHERE id = ` + first}, false},
		{"an entry's posting is deleted", "I1", []string{"postings"}, []string{`DELETE FROM postings WHERE line = 1 AND entry_id = ` + first}, false},
		{"an audit entry is changed", "I13.seals", []string{"audit_entries"}, []string{`UPDATE audit_entries SET ip = '10.0.0.1' WHERE action = 'voucher.hold'`}, false},
		{"an audit entry is deleted", "I22", []string{"audit_entries"}, []string{`DELETE FROM audit_entries WHERE action = 'voucher.claim'`}, false},
		{"an entry is slipped in between sealed ones", "I13.seals", nil, []string{
			`INSERT INTO journal (id, ledger, at, kind, source_kind, source_id) SELECT MIN(id) + 1, 'V', 5, 'clawback', 'order', 5 FROM journal`,
			`INSERT INTO postings (entry_id, line, account, amount_fen)
				SELECT MIN(id) + 1, 1, 'treasury', -5 FROM journal UNION ALL SELECT MIN(id) + 1, 2, 'subsidy_paid:900', 5 FROM journal`}, false},
		{"a seal is changed", "I13.seals", []string{"seals"}, []string{`UPDATE seals SET hash = prev_hash WHERE book = 'journal'`}, false},
		{"a seal is deleted", "I13.seals", []string{"seals"}, []string{
			`INSERT INTO seals SELECT (SELECT MAX(id) + 1 FROM seals), book, 2, last_id + 1, last_id + 1, 1, hash, hash, at FROM seals WHERE book = 'journal'`,
			`DELETE FROM seals WHERE book = 'journal' AND seq = 1`}, false},
		{"a trigger is removed", "I13.rules", []string{"postings"}, nil, false},
		{"money moves between two amounts of a voucher", "I24", nil, []string{`UPDATE vouchers SET available_fen = available_fen - 1, returned_fen = returned_fen + 1 WHERE seq = 1`}, false},
		{"a voucher gains money", "I4", nil, []string{`UPDATE vouchers SET available_fen = available_fen + 1`}, true},
		{"a voucher with money is called exhausted", "I4.states", nil, []string{`UPDATE vouchers SET status = 'exhausted' WHERE org_id = 2`}, true},
		{"a voucher is frozen and nobody froze it", "I4.stops", nil, []string{`UPDATE vouchers SET status = 'frozen' WHERE status = 'active'`}, false},
		{"a freeze leaves a voucher in use", "I4.stops", nil, []string{`INSERT INTO voucher_measures (id, voucher_id, event, origin, cause, comment, by_user, by_name, at)
			SELECT 7, MIN(id), 'freeze', 'staff', 'staff', 'x', 5, 'x', 5 FROM vouchers WHERE status = 'active'`}, false},
		{"the stock grows back", "I5", nil, []string{`UPDATE campaign_vouchers SET remaining = remaining + 1`}, false},
		{"a company has one too many", "I5.limit", nil, []string{`UPDATE vouchers SET seq = 2 WHERE org_id = 2`}, false},
		{"a voucher's face differs from its kind", "I5.terms", nil, []string{`UPDATE campaign_vouchers SET face_value_fen = 49999`}, false},
		{"a hold's company is changed", "I10", nil, []string{`UPDATE voucher_holds SET org_id = 4 WHERE order_id = 71`}, false},
		{"a hold's line is changed", "I10", nil, []string{`UPDATE voucher_hold_lines SET amount_fen = 1`}, false},
		{"a held scope is changed", "I10.scope", nil, []string{`UPDATE voucher_holds SET terms = REPLACE(terms, '"tags":[]', '"tags":["else"]')`}, false},
		{"an open hold is called released", "I11", nil, []string{`UPDATE voucher_holds SET status = 'released', resolved_at = 5 WHERE order_id = 71`}, false},
		{"a redeemed hold is called released", "I11", nil, []string{`UPDATE voucher_holds SET status = 'released' WHERE order_id = 72`}, false},
		{"a hold's order is changed", "I24.escrow", nil, []string{`UPDATE voucher_holds SET order_id = 99 WHERE order_id = 72`}, false},
		{"a hold's time is changed", "I11", nil, []string{`UPDATE voucher_holds SET held_at = held_at + 1 WHERE order_id = 71`}, false},
		{"a budget forgets what it committed", "I3.budgets", nil, []string{`UPDATE budgets SET committed_fen = committed_fen - 1`}, false},
		{"a campaign claims more funding", "I3", nil, []string{`UPDATE campaigns SET funded_fen = funded_fen + 1`}, false},
		{"a campaign gets a larger quota without money", "I3.funding", nil, []string{`UPDATE campaign_vouchers SET quota = quota + 1, remaining = remaining + 1`}, false},
		{"a change claims more money than it was given", "I3.changes", nil, []string{`UPDATE campaign_changes SET extra_fen = extra_fen + 1`}, false},
		{"a change with money is called void", "I3.changes", nil, []string{`UPDATE campaign_changes SET status = 'void'`}, false},
		{"a change's money went to another campaign", "I3.changes", []string{"postings"}, []string{`UPDATE postings SET account = 'budget:5' WHERE line = 2 AND entry_id = (SELECT id FROM journal WHERE source_kind = 'campaign_change')`}, false},
		{"a change was approved by who asked for it", "I22.eyes", nil, []string{`UPDATE campaign_changes SET created_by = decided_by`}, true},
		{"a change's approval is not on record", "I22", []string{"audit_entries"}, []string{`DELETE FROM audit_entries WHERE action = 'campaign.change_apply'`}, false},
		{"a voucher was issued before the campaign", "I18", nil, []string{`UPDATE vouchers SET issued_at = 5 WHERE org_id = 3`}, false},
		{"a voucher went to a company that was not verified", "I19", nil, []string{`UPDATE vouchers SET company = REPLACE(company, 'true', 'false') WHERE org_id = 3`}, false},
		{"a counted month is changed", "I24.months", nil, []string{`UPDATE fund_months SET amount_fen = amount_fen + 1`}, false},
		{"a line is counted that is not there", "I15.days", nil, []string{`INSERT INTO payout_changes (order_id, provider_org, day, status, lines, voucher_fen, cash_fen) VALUES (1, 9, 20000, 'paid', 1, 1, 1)`}, false},
		{"the figures of all are not those of providers", "I15.days", nil, []string{`INSERT INTO payout_days (provider_org, name_id, day, status, lines, voucher_fen, cash_fen) VALUES (0, 0, 0, 'paid', 1, 1, 1)`}, false},
		{"a provider paid itself", "I20", nil, []string{`UPDATE voucher_holds SET provider_org = org_id`}, true},
		{"somebody approved their own campaign", "I22.eyes", nil, []string{`UPDATE campaigns SET created_by = approved_by`}, true},
	}
	vouchertest.Each(t, func(w *vouchertest.World) {
		lived(w)
		for _, c := range cases {
			w.Run(c.name, func(t *testing.T) {
				if c.sqlite && w.DB.Engine() != db.SQLite {
					t.Skip("the database refuses it")
				}
				if !speaks(t, w.DB, c.check, c.off, c.breaks) {
					t.Errorf("%s says nothing", c.check)
				}
			})
		}
		right(w) // each was told by its own break alone
	})
}

// What is not sealed yet is left alone, and sealing goes on where it stopped.
func TestSealsGrowWithTheBooks(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		lived(w)
		w.OK(ledger.SealDue(w.Context(), w.DB))
		w.OK(w.Write(func(ctx context.Context, tx *db.Tx) error {
			return audit.Write(ctx, tx, vouchertest.Operator.Actor(), audit.Entry{Action: "test.act", ObjectKind: "test"})
		}))
		before, breaks, err := ledger.Verify(w.Context(), w.DB)
		w.OK(err)
		if len(breaks) != 0 || before.Unsealed != 1 || before.Seals != 2 {
			w.Fatalf("%+v %v", before, breaks)
		}
		w.OK(ledger.SealDue(w.Context(), w.DB)) // too young
		w.OK(ledger.SealAll(w.Context(), w.DB))
		after, breaks, err := ledger.Verify(w.Context(), w.DB)
		w.OK(err)
		if len(breaks) != 0 || after.Seals != 3 || after.Rows != before.Rows+1 || after.Unsealed != 0 {
			w.Fatalf("%+v %v", after, breaks)
		}
	})
}

func TestAnAccountStatementRunsToItsBalance(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		lived(w)
		vouchers, _, err := w.Vouchers.OwnVouchers(w.Context(), 1, "", all)
		w.OK(err)
		account := ledger.Available(vouchers[0].ID)
		lines, err := ledger.Statement(w.Context(), w.DB, account, 0, 100)
		w.OK(err)
		if last := lines[len(lines)-1]; last.Balance != w.Balance(account) || len(lines) != 7 {
			w.Errorf("%+v", lines)
		}
		rest, err := ledger.Statement(w.Context(), w.DB, account, lines[2].EntryID, 100)
		w.OK(err)
		if len(rest) != 4 || rest[3] != lines[6] {
			w.Errorf("%+v", rest)
		}
		moves, err := w.Vouchers.Movements(w.Context(), vouchers[0])
		w.OK(err)
		if len(moves) != 9 || moves[8].Balance != w.Balance(account) || moves[1].OrderID != 71 {
			w.Errorf("%+v", moves)
		}
	})
}

// On PostgreSQL the database itself refuses postings of no entry, and an entry that
// is not whole; on SQLite the first, and the second is I1.
func TestPostingsOfAnEntryAreWhole(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		lived(w)
		fails := func(query string) bool {
			_, err := w.DB.Migrator().ExecContext(w.Context(), query)
			return err != nil
		}
		const postings = `INSERT INTO postings (entry_id, line, account, amount_fen) `
		if !fails(postings + `VALUES (5, 1, 'treasury', -5), (5, 2, 'subsidy_paid:9', 5)`) {
			w.Error("postings of no entry pass")
		}
		if fails(`INSERT INTO journal (id, ledger, at, kind, source_kind, source_id) VALUES (5, 'V', 5, 'clawback', 'order', 5)`) {
			w.Fatal("an entry is refused")
		}
		if w.DB.Engine() == db.Postgres && !fails(postings+`VALUES (5, 1, 'treasury', -5), (5, 2, 'subsidy_paid:9', 4)`) {
			w.Error("half an entry passes")
		}
		if fails(postings + `VALUES (5, 1, 'treasury', -5), (5, 2, 'subsidy_paid:9', 5)`) {
			w.Error("a whole entry is refused")
		}
	})
}
