package settlement

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"smedx/internal/account"
	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/sheet"
	"smedx/internal/ledger"
	"smedx/internal/notify"
)

// bankFile writes the orders for the bank, a row for each line that needs one.
// It is made of pinned rows only, so it is the same whenever it is made.
func (s *Service) bankFile(ctx context.Context, r db.Reader, b Batch, parts []Part) ([]byte, error) {
	var a Account
	err := r.Select(&a).Where("a.org_id = ? AND a.version = ?", b.ProviderOrg, b.AccountVersion).Scan(ctx)
	if err != nil {
		return nil, err
	}
	number, err := s.Box.Open(a.Number)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString("\ufeff") // so that Excel reads UTF-8
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	rows := [][]string{{"批次号", "序号", "收款户名", "收款账号", "开户银行", "开户行联行号", "金额（元）", "用途"}}
	for _, p := range parts {
		if p.PayFen > 0 {
			rows = append(rows, []string{
				b.ID.String(), fmt.Sprint(len(rows)), a.Holder, number, a.Bank, a.BankCode, p.PayFen.String(), "服务券兑付 订单" + p.OrderID.String(),
			})
		}
	}
	for _, row := range rows {
		for i := range row {
			row[i] = sheet.Safe(row[i])
		}
		if err := w.Write(row); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// Export makes the bank file of an approved batch, once, and writes its hash
// down; from here on the batch is with the bank. Lines that are set off in full
// need no bank and are paid at once.
func (s *Service) Export(ctx context.Context, who account.Principal, batchID id.ID, version int64) error {
	return s.write(ctx, who, "payout_batch", batchID, func(ctx context.Context, tx *db.Tx) error {
		b, err := takeBatch(ctx, tx, batchID, version, Export)
		if err != nil {
			return err
		}
		if b.CreatedBy == who.UserID {
			return ErrFourEyes
		}
		if err := s.unchanged(ctx, tx, b); err != nil {
			return err
		}
		parts, err := partsOf(ctx, tx, b.ID)
		if err != nil {
			return err
		}
		content, err := s.bankFile(ctx, tx, b, parts)
		if err != nil {
			return err
		}
		b.FileHash, b.SentAt, b.SentName = hashOf(content), clock.At(tx.Now()), who.Username
		if err := moveBatch(ctx, tx, &b, Export); err != nil {
			return err
		}
		err = note(ctx, tx, who, didBatchExport, "payout_batch", b.ID, b.ProviderOrg, map[string]any{"from": Approved, "to": b.Status, "hash": b.FileHash})
		if err != nil {
			return err
		}
		var done []Part
		for _, p := range parts {
			if p.PayFen == 0 {
				err := s.record(ctx, tx, who, b, p, Outcome{Paid: true, Reference: "抵扣", PaidOn: today(tx.Now())})
				if err != nil {
					return err
				}
				done = append(done, p)
			}
		}
		if due := dueOf(done); due.OffsetFen > 0 {
			err := s.tellProvider(ctx, tx, b.ProviderOrg, "payout_paid", "结算款已抵扣追回款："+due.OffsetFen.Grouped()+" 元",
				due.sentence()+"款项用于退回须追回的款，不经银行付款。")
			if err != nil {
				return err
			}
		}
		return s.close(ctx, tx, who, &b)
	})
}

func today(t time.Time) string { return t.In(clock.Shanghai).Format(time.DateOnly) }

// payable tells whether the bank file of a batch may still be paid: once a result is
// written down it names orders that are paid, or that another batch may pay.
func payable(b Batch, parts []Part) bool {
	return b.Status == Sent && !slices.ContainsFunc(parts, func(p Part) bool { return p.PayFen > 0 && p.Status != Live })
}

// BankFile answers the file of a batch that was exported, until its first result is
// written down, and how often it was taken before: a later one is a repeat.
func (s *Service) BankFile(ctx context.Context, who account.Principal, batchID id.ID) (content []byte, before int64, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		b, err := findBatch(ctx, tx, batchID)
		if err != nil {
			return err
		}
		if b.FileHash == "" {
			return errs.ErrInvalidState.In(string(b.Status))
		}
		parts, err := partsOf(ctx, tx, b.ID)
		if err != nil {
			return err
		}
		if !payable(b, parts) {
			return ErrRecorded
		}
		if content, err = s.bankFile(ctx, tx, b, parts); err != nil {
			return err
		}
		if hashOf(content) != b.FileHash {
			return errors.New("settlement: the bank file of batch " + b.ID.String() + " is not what was exported")
		}
		err = tx.Raw(`UPDATE payout_batches SET exports = exports + 1 WHERE id = ? RETURNING exports - 1`, b.ID).Scan(ctx, &before)
		if err != nil {
			return err
		}
		return note(ctx, tx, who, didBankFile, "payout_batch", b.ID, b.ProviderOrg, map[string]any{"hash": b.FileHash, "before": before})
	})
	return content, before, err
}

// Outcome is what the bank says of a line.
type Outcome struct {
	Paid      bool
	Reference string // of the bank, when paid
	PaidOn    string // the date
	ProofID   id.ID  // a file, optional
	Reason    string // why it failed
}

func (o *Outcome) check(now time.Time) error {
	var bad errs.Fields
	if !o.Paid {
		required(&bad, &o.Reason, "/reason", maxText)
		return bad.Err()
	}
	required(&bad, &o.Reference, "/reference", 60)
	if !dated(o.PaidOn, now) {
		bad.Add("/paidOn", "settlement.date")
	}
	return bad.Err()
}

func dated(on string, now time.Time) bool {
	day := clock.Day(on)
	return day != 0 && day <= clock.At(now)
}

// Record writes down what the bank did with lines of a batch. A payment is in the
// books in the same transaction, and once.
func (s *Service) Record(ctx context.Context, who account.Principal, batchID id.ID, orderIDs []id.ID, o Outcome) error {
	if err := o.check(s.db.Now()); err != nil {
		return err
	}
	if len(orderIDs) == 0 {
		return ErrNothing.With("max", mostLines)
	}
	return s.write(ctx, who, "payout_batch", batchID, func(ctx context.Context, tx *db.Tx) error {
		b, err := findBatch(ctx, tx, batchID)
		if err != nil {
			return err
		}
		if err := turn(ctx, tx, b.ProviderOrg); err != nil {
			return err
		}
		if b, err = findBatch(ctx, tx, batchID); err != nil {
			return err
		}
		if b.Status != Sent {
			return errs.ErrInvalidState.In(string(b.Status))
		}
		if b.CreatedBy == who.UserID {
			return ErrFourEyes
		}
		if o.ProofID != 0 {
			if err := s.claimProof(ctx, tx, who, b, o.ProofID); err != nil {
				return err
			}
		}
		parts, err := partsOf(ctx, tx, b.ID)
		if err != nil {
			return err
		}
		at := map[id.ID]Part{}
		for _, p := range parts {
			at[p.OrderID] = p
		}
		told := make([]Part, 0, len(orderIDs))
		for _, orderID := range orderIDs {
			p, ok := at[orderID]
			if !ok {
				return errs.ErrNotFound
			}
			if err := s.record(ctx, tx, who, b, p, o); err != nil {
				return err
			}
			told = append(told, p)
		}
		if err := s.tellOutcome(ctx, tx, who, b, told, o); err != nil {
			return err
		}
		return s.close(ctx, tx, who, &b)
	})
}

// dueOf adds parts up.
func dueOf(parts []Part) (sum Part) {
	for _, p := range parts {
		sum.PayFen += p.PayFen
		sum.OffsetFen += p.OffsetFen
	}
	return sum
}

// sentence says what was due, what was set off and what is paid; nothing where nothing
// was set off.
func (p Part) sentence() string {
	if p.OffsetFen == 0 {
		return ""
	}
	return "应付 " + (p.PayFen + p.OffsetFen).Grouped() + " 元，抵扣追回款 " + p.OffsetFen.Grouped() + " 元，实付 " + p.PayFen.Grouped() + " 元。"
}

// tellOutcome tells the provider what the bank did, and those who pay out what it did not do.
func (s *Service) tellOutcome(ctx context.Context, tx *db.Tx, who account.Principal, b Batch, parts []Part, o Outcome) error {
	sum := dueOf(parts)
	if o.Paid {
		return s.tellProvider(ctx, tx, b.ProviderOrg, "payout_paid", "结算款已兑付："+sum.PayFen.Grouped()+" 元",
			sum.sentence()+"银行流水号 "+o.Reference+"，付款日期 "+o.PaidOn+"，请留意到账。")
	}
	why := "原因：" + ended(o.Reason)
	err := s.tellProvider(ctx, tx, b.ProviderOrg, "payout_failed", "结算付款失败："+sum.PayFen.Grouped()+" 元", why+"款项回到待结算，请核对收款账户。")
	if err != nil {
		return err
	}
	names, err := s.Firms.Names(ctx, tx, b.ProviderOrg)
	if err != nil {
		return err
	}
	m := notify.Message{
		Event: "payout_refused", Title: "付款失败：" + names[b.ProviderOrg] + " " + sum.PayFen.Grouped() + " 元", Link: batchLink(b.ID),
		Body: "批次 " + b.ID.String() + " 有 " + strconv.Itoa(len(parts)) + " 笔付款失败，" + why + "款项回到待结算，请与服务商核对收款账户后重新组批。",
	}
	if err := s.tellStaff(ctx, tx, account.RoleOperator, account.SettlementPrepare, who.UserID, m); err != nil {
		return err
	}
	return s.tellStaff(ctx, tx, account.RoleDepartment, account.SettlementRelease, who.UserID, m)
}

func (s *Service) claimProof(ctx context.Context, tx *db.Tx, who account.Principal, b Batch, fileID id.ID) error {
	if _, err := s.Files.Claim(ctx, tx, who.OrgID, file.PayoutProof, fileID); err != nil {
		return err
	}
	return s.Files.Grant(ctx, tx, fileID, file.ToOrg(b.ProviderOrg), file.ToRight(string(account.SettlementPrepare)), file.ToRight(string(account.SettlementRelease)))
}

// record ends one line of a batch.
func (s *Service) record(ctx context.Context, tx *db.Tx, who account.Principal, b Batch, p Part, o Outcome) error {
	l, err := findLine(ctx, tx, p.OrderID)
	if err != nil {
		return err
	}
	to, event := PartPaid, BankOK
	if !o.Paid {
		to, event = PartFailed, BankFail
	}
	ok, err := tx.ExecOne(ctx, `
		UPDATE payout_batch_lines SET status = ?, reference = ?, paid_on = ?, proof_file = ?, reason = ?, by_name = ?, at = ?
		WHERE batch_id = ? AND order_id = ? AND status = ?`,
		to, o.Reference, o.PaidOn, o.ProofID, o.Reason, who.Username, clock.At(tx.Now()), b.ID, p.OrderID, Live)
	if err == nil && !ok {
		err = errs.ErrInvalidState.In(string(l.Status))
	}
	if err != nil {
		return err
	}
	var offsets []offset
	if err := tx.Select(&offsets).Where("batch_id = ? AND order_id = ?", b.ID, p.OrderID).Order("clawback_id").Scan(ctx); err != nil {
		return err
	}
	l.Reason = o.Reason
	if err := moveLine(ctx, tx, &l, event); err != nil {
		return err
	}
	for _, off := range offsets {
		if err := reserve(ctx, tx, off.ClawbackID, -off.AmountFen); err != nil {
			return err
		}
	}
	if !o.Paid {
		if err := moveLine(ctx, tx, &l, Reopen); err != nil {
			return err
		}
		return note(ctx, tx, who, didFailed, "order", l.OrderID, l.ProviderOrg, map[string]any{"batch": b.ID, "reason": o.Reason})
	}
	if err := post(ctx, tx, l); err != nil {
		return err
	}
	for _, off := range offsets {
		c, err := findClawback(ctx, tx, off.ClawbackID)
		if err != nil {
			return err
		}
		if err := s.recover(ctx, tx, who, &c, off.AmountFen, "批次 "+b.ID.String()); err != nil {
			return err
		}
	}
	return note(ctx, tx, who, didPaid, "order", l.OrderID, l.ProviderOrg, map[string]any{"batch": b.ID, "amountFen": p.PayFen, "offsetFen": p.OffsetFen, "reference": o.Reference})
}

// post is V7 and C7: what was owed is paid. What is set off counts as paid; the
// set-off itself is an entry of the claw-back.
func post(ctx context.Context, tx *db.Tx, l Line) error {
	source := ledger.Source{Kind: "order", ID: l.OrderID}
	if l.VoucherFen > 0 {
		_, err := ledger.Post(ctx, tx, ledger.Vouchers, ledger.PayoutV, source,
			ledger.Move{From: ledger.SubsidyPayable(l.ProviderOrg), To: ledger.SubsidyPaid(l.ProviderOrg), Amount: l.VoucherFen})
		if err != nil {
			return err
		}
	}
	if l.CashFen > 0 {
		_, err := ledger.Post(ctx, tx, ledger.Cash, ledger.PayoutC, source,
			ledger.Move{From: ledger.PayableC(l.ProviderOrg), To: ledger.PaidC(l.ProviderOrg), Amount: l.CashFen})
		return err
	}
	return nil
}

// close ends a batch of which no line waits for the bank any more.
func (s *Service) close(ctx context.Context, tx *db.Tx, who account.Principal, b *Batch) error {
	var live int64
	err := tx.Raw(`SELECT COUNT(*) FROM payout_batch_lines WHERE batch_id = ? AND status = ?`, b.ID, Live).Scan(ctx, &live)
	if err != nil || live > 0 {
		return err
	}
	b.ClosedAt = clock.At(tx.Now())
	if err := stepBatch(ctx, tx, b, BankOK); err != nil {
		return err
	}
	return note(ctx, tx, who, didBatchDone, "payout_batch", b.ID, b.ProviderOrg, map[string]any{"from": Sent, "to": b.Status})
}
