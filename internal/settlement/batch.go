package settlement

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/notify"
	"smedx/internal/order"
	"smedx/internal/setting"
)

// Batch is what is paid to one provider together.
type Batch struct {
	bun.BaseModel `bun:"table:payout_batches,alias:b"`

	ID             id.ID `bun:",pk"`
	ProviderOrg    id.ID
	Status         State
	Lines          int64
	VoucherFen     money.Fen
	CashFen        money.Fen
	OffsetFen      money.Fen
	AccountVersion int64
	Hash           string
	CreatedBy      id.ID
	CreatedName    string
	CreatedAt      clock.Instant
	SubmittedAt    clock.Instant
	DecidedBy      id.ID
	DecidedName    string
	DecidedAt      clock.Instant
	Reason         string
	FileHash       string
	Exports        int64
	SentAt         clock.Instant
	SentName       string
	ClosedAt       clock.Instant
	Version        int64
}

// Pay is what goes through the bank.
func (b Batch) Pay() money.Fen { return b.VoucherFen + b.CashFen - b.OffsetFen }

// Part is a line in a batch.
type Part struct {
	bun.BaseModel `bun:"table:payout_batch_lines,alias:p"`

	BatchID   id.ID `bun:",pk"`
	OrderID   id.ID `bun:",pk"`
	PayFen    money.Fen
	OffsetFen money.Fen
	Status    PartStatus
	Reference string
	PaidOn    string
	ProofFile id.ID
	Reason    string
	ByName    string
	At        clock.Instant
}

// PartStatus is what has become of a line in a batch.
type PartStatus string

// The states of a line in a batch.
const (
	Live       PartStatus = "live"
	PartPaid   PartStatus = "paid"
	PartFailed PartStatus = "failed"
	Freed      PartStatus = "freed"
)

type offset struct {
	bun.BaseModel `bun:"table:payout_offsets"`

	BatchID    id.ID `bun:",pk"`
	OrderID    id.ID `bun:",pk"`
	ClawbackID id.ID `bun:",pk"`
	AmountFen  money.Fen
}

// mostLines is how many lines one request may batch.
const mostLines = 500

// CreateBatches makes a batch for each provider of the chosen lines, or none at
// all. What a provider has to give back is taken off its voucher money.
func (s *Service) CreateBatches(ctx context.Context, who account.Principal, orderIDs []id.ID) ([]Batch, error) {
	orderIDs = slices.Compact(slices.Sorted(slices.Values(orderIDs)))
	if len(orderIDs) == 0 || len(orderIDs) > mostLines {
		return nil, ErrNothing.With("max", mostLines)
	}
	var made []Batch
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		made = nil
		var orders []order.Order
		err := tx.Select(&orders).Where("id IN (?) AND accepted_at > 0 AND redeemed_fen + payable_fen > 0", bun.List(orderIDs)).
			Order("provider_org", "accepted_at", "id").Scan(ctx)
		if err != nil {
			return err
		}
		if len(orders) != len(orderIDs) {
			return errs.ErrNotFound
		}
		for i := 0; i < len(orders); {
			n := i
			for n < len(orders) && orders[n].ProviderOrg == orders[i].ProviderOrg {
				n++
			}
			b, err := s.createBatch(ctx, tx, who, orders[i:n])
			if err != nil {
				return err
			}
			made = append(made, b)
			i = n
		}
		return nil
	})
	return made, err
}

func (s *Service) createBatch(ctx context.Context, tx *db.Tx, who account.Principal, orders []order.Order) (Batch, error) {
	provider := orders[0].ProviderOrg
	if err := turn(ctx, tx, provider); err != nil {
		return Batch{}, err
	}
	if err := s.Firms.RequireVerified(ctx, tx, provider); err != nil {
		return Batch{}, err
	}
	names, err := s.Firms.Names(ctx, tx, provider)
	if err != nil {
		return Batch{}, err
	}
	a, err := accountOf(ctx, tx, provider)
	if err != nil {
		return Batch{}, err
	}
	if a.Version == 0 {
		return Batch{}, ErrNoAccount.With("provider", names[provider])
	}
	b := Batch{
		ID: id.New(), ProviderOrg: provider, Status: Batched, Lines: int64(len(orders)), AccountVersion: a.Version,
		CreatedBy: who.UserID, CreatedName: who.Username, CreatedAt: clock.At(tx.Now()), Version: 1,
	}
	lines := make([]Line, 0, len(orders))
	for _, o := range orders {
		l, err := touch(ctx, tx, o)
		if err == nil {
			err = s.ready(ctx, tx, l, o)
		}
		if err != nil {
			return b, err
		}
		lines = append(lines, l)
		b.VoucherFen += l.VoucherFen
		b.CashFen += l.CashFen
	}
	if err := s.withinCeiling(ctx, tx, b, names[provider]); err != nil {
		return b, err
	}
	parts, offsets, err := s.net(ctx, tx, &b, lines)
	if err != nil {
		return b, err
	}
	if b.Hash, err = digest(ctx, tx, b, parts); err != nil {
		return b, err
	}
	if _, err := tx.Insert(&b).Exec(ctx); err != nil {
		return b, err
	}
	for i := range lines {
		lines[i].BatchID, lines[i].Reason = b.ID, ""
		if err := moveLine(ctx, tx, &lines[i], AddToBatch); err != nil {
			return b, err
		}
	}
	err = tx.InsertAllNew(ctx, parts, ErrTaken)
	if err == nil && len(offsets) > 0 {
		_, err = tx.Insert(&offsets).Exec(ctx)
	}
	if err != nil {
		return b, err
	}
	return b, note(ctx, tx, who, didBatch, "payout_batch", b.ID, provider, map[string]any{"lines": b.Lines, "voucherFen": b.VoucherFen, "cashFen": b.CashFen, "offsetFen": b.OffsetFen})
}

// ready refuses a line that may not be paid yet.
func (s *Service) ready(ctx context.Context, r db.Reader, l Line, o order.Order) error {
	if l.Status != Accrued {
		return ErrTaken.In(string(l.Status)).With("order", o.Title)
	}
	days, err := s.Settings.Number(ctx, r, setting.RetentionDays)
	if err != nil {
		return err
	}
	if from := l.AcceptedAt.Add(time.Duration(days) * 24 * time.Hour); clock.At(r.Now()) < from {
		return ErrNotReady.With("order", o.Title).With("from", from.Local())
	}
	must, err := s.Settings.On(ctx, r, setting.InvoiceRequired)
	if err == nil && must && l.InvoiceNo == "" {
		err = ErrNoInvoice.With("order", o.Title)
	}
	if err != nil || s.Leads == nil {
		return err
	}
	if must, err = s.Settings.On(ctx, r, setting.PayoutWithoutLeads); err != nil || !must {
		return err
	}
	if leads, err := s.Leads(ctx, r, o.ID); err != nil || len(leads) == 0 {
		return err
	}
	return ErrLead.With("order", o.Title)
}

// withinCeiling refuses a batch that takes a provider's voucher money of the year
// over the limit. What is on its way counts.
func (s *Service) withinCeiling(ctx context.Context, r db.Reader, b Batch, name string) error {
	yuan, err := s.Settings.Number(ctx, r, setting.YearlyCeiling)
	if err != nil || yuan == 0 {
		return err
	}
	year := r.Now().In(clock.Shanghai).Year()
	from := clock.At(time.Date(year, 1, 1, 0, 0, 0, 0, clock.Shanghai))
	var used money.Fen
	err = r.Raw(`
		SELECT CAST(COALESCE(SUM(voucher_fen), 0) AS BIGINT) FROM payout_lines
		WHERE provider_org = ? AND (status IN (?, ?, ?, ?) OR paid_at >= ?)`,
		b.ProviderOrg, Batched, PendingApproval, Approved, Sent, from).Scan(ctx, &used)
	if limit := money.Fen(yuan * 100); err == nil && used+b.VoucherFen > limit {
		err = ErrCeiling.With("provider", name).With("limit", limit.String()).With("used", used.String()).With("wanted", b.VoucherFen.String())
	}
	return err
}

// net takes what the provider owes off the voucher money of its lines.
func (s *Service) net(ctx context.Context, tx *db.Tx, b *Batch, lines []Line) (parts []Part, offsets []offset, err error) {
	var due []Clawback
	err = tx.Select(&due).Where("c.provider_org = ? AND c.status = ? AND c.waiver_by = 0", b.ProviderOrg, ClawDue).Order("c.id").Scan(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, l := range lines {
		p := Part{BatchID: b.ID, OrderID: l.OrderID, PayFen: l.Total(), Status: Live}
		left := l.VoucherFen
		for i := range due {
			take := min(left, due[i].Open())
			if take == 0 {
				continue
			}
			left -= take
			due[i].ReservedFen += take
			p.OffsetFen += take
			p.PayFen -= take
			offsets = append(offsets, offset{BatchID: b.ID, OrderID: l.OrderID, ClawbackID: due[i].ID, AmountFen: take})
			if err := reserve(ctx, tx, due[i].ID, take); err != nil {
				return nil, nil, err
			}
		}
		b.OffsetFen += p.OffsetFen
		parts = append(parts, p)
	}
	return parts, offsets, nil
}

// reserve keeps a part of a claw-back for a batch; a negative one gives it back.
func reserve(ctx context.Context, tx *db.Tx, clawID id.ID, amount money.Fen) error {
	ok, err := tx.ExecOne(ctx, `
		UPDATE clawbacks SET reserved_fen = reserved_fen + ?, version = version + 1
		WHERE id = ? AND reserved_fen + ? >= 0 AND reserved_fen + recovered_fen + written_fen + ? <= amount_fen`, amount, clawID, amount, amount)
	if err == nil && !ok {
		err = fmt.Errorf("settlement: %v of claw-back %v cannot be reserved", amount, clawID)
	}
	return err
}

// digest is the hash of everything that an approval is given for: the account and
// the lines as the tables have them now.
func digest(ctx context.Context, r db.Reader, b Batch, parts []Part) (string, error) {
	a, err := accountOf(ctx, r, b.ProviderOrg)
	if err != nil {
		return "", err
	}
	ids := make([]id.ID, len(parts))
	for i, p := range parts {
		ids[i] = p.OrderID
	}
	var lines []Line
	if err := r.Select(&lines).Where("l.order_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return "", err
	}
	at := map[id.ID]Line{}
	for _, l := range lines {
		at[l.OrderID] = l
	}
	parts = slices.SortedFunc(slices.Values(parts), func(a, b Part) int { return cmp.Compare(a.OrderID, b.OrderID) })
	var text strings.Builder
	fmt.Fprintf(&text, "%v|%d|%s|%s|%s|%s\n", b.ProviderOrg, a.Version, a.Holder, a.Bank, a.BankCode, a.Number)
	for _, p := range parts {
		l := at[p.OrderID]
		fmt.Fprintf(&text, "%v|%d|%d|%d|%d|%s|%v\n", p.OrderID, l.VoucherFen, l.CashFen, p.OffsetFen, p.PayFen, l.InvoiceNo, l.InvoiceFile)
	}
	sum := sha256.Sum256([]byte(text.String()))
	return hex.EncodeToString(sum[:]), nil
}

func findBatch(ctx context.Context, r db.Reader, batchID id.ID) (b Batch, err error) {
	err = r.Select(&b).Where("b.id = ?", batchID).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return b, err
}

// takeBatch takes the turn of a batch's provider and reads the batch, in the
// version that the page shows.
func takeBatch(ctx context.Context, tx *db.Tx, batchID id.ID, version int64, e Event) (Batch, error) {
	b, err := findBatch(ctx, tx, batchID)
	if err != nil {
		return b, err
	}
	if err := turn(ctx, tx, b.ProviderOrg); err != nil {
		return b, err
	}
	if b, err = findBatch(ctx, tx, batchID); err != nil {
		return b, err
	}
	if _, err := batchNext(b.Status, e); err != nil {
		return b, err
	}
	if b.Version != version {
		return b, errs.ErrStale
	}
	return b, nil
}

func partsOf(ctx context.Context, r db.Reader, batchID id.ID) (list []Part, err error) {
	err = r.Select(&list).Where("p.batch_id = ?", batchID).Order("p.order_id").Scan(ctx)
	return list, err
}

// moveBatch takes a batch and all its lines through the state machine.
func moveBatch(ctx context.Context, tx *db.Tx, b *Batch, e Event) error {
	if err := stepBatch(ctx, tx, b, e); err != nil {
		return err
	}
	parts, err := partsOf(ctx, tx, b.ID)
	if err != nil {
		return err
	}
	for _, p := range parts {
		l, err := findLine(ctx, tx, p.OrderID)
		if err != nil {
			return err
		}
		if err := moveLine(ctx, tx, &l, e); err != nil {
			return err
		}
	}
	return nil
}

func stepBatch(ctx context.Context, tx *db.Tx, b *Batch, e Event) error {
	to, err := batchNext(b.Status, e)
	if err != nil {
		return err
	}
	from := b.Status
	b.Status = to
	ok, err := tx.ExecOne(ctx, `
		UPDATE payout_batches SET status = ?, submitted_at = ?, decided_by = ?, decided_name = ?, decided_at = ?, reason = ?,
			file_hash = ?, sent_at = ?, sent_name = ?, closed_at = ?, version = version + 1
		WHERE id = ? AND status = ? AND version = ?`,
		to, b.SubmittedAt, b.DecidedBy, b.DecidedName, b.DecidedAt, b.Reason, b.FileHash, b.SentAt, b.SentName, b.ClosedAt, b.ID, from, b.Version)
	if err == nil && !ok {
		err = errs.ErrStale
	}
	b.Version++
	return err
}

// void gives a batch up that is not with the bank: its lines are due again.
func (s *Service) void(ctx context.Context, tx *db.Tx, who account.Principal, b *Batch, e Event, reason string) error {
	from := b.Status
	b.Reason, b.ClosedAt = reason, clock.At(tx.Now())
	if err := moveBatch(ctx, tx, b, e); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE payout_batch_lines SET status = ? WHERE batch_id = ? AND status = ?`, Freed, b.ID, Live); err != nil {
		return err
	}
	var kept []offset
	if err := tx.Select(&kept).Where("batch_id = ?", b.ID).Order("order_id", "clawback_id").Scan(ctx); err != nil {
		return err
	}
	for _, o := range kept {
		if err := reserve(ctx, tx, o.ClawbackID, -o.AmountFen); err != nil {
			return err
		}
	}
	if who.UserID != b.CreatedBy {
		err := s.tellOne(ctx, tx, b.CreatedBy, notify.Message{Event: "payout_decided", Title: "兑付批次未通过", Body: reason, Link: batchLink(b.ID)})
		if err != nil {
			return err
		}
	}
	return note(ctx, tx, who, Verb("batch_"+string(e)), "payout_batch", b.ID, b.ProviderOrg, map[string]any{"from": from, "to": b.Status, "reason": reason})
}

func batchLink(batchID id.ID) string { return "/workbench/payout-batches/" + batchID.String() }

// SubmitBatch hands a batch to those who release money.
func (s *Service) SubmitBatch(ctx context.Context, who account.Principal, batchID id.ID, version int64) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		b, err := takeBatch(ctx, tx, batchID, version, Submit)
		if err != nil {
			return err
		}
		if err := s.unchanged(ctx, tx, b); err != nil {
			return err
		}
		b.SubmittedAt = clock.At(tx.Now())
		if err := moveBatch(ctx, tx, &b, Submit); err != nil {
			return err
		}
		err = s.tellStaff(ctx, tx, account.RoleDepartment, account.SettlementRelease, b.CreatedBy, notify.Message{
			Event: "payout_waiting", Title: "兑付批次待复核：" + b.Pay().String() + " 元", Body: b.CreatedName + " 提交了兑付批次，共 " + fmt.Sprint(b.Lines) + " 笔，请复核。", Link: batchLink(b.ID),
		})
		if err != nil {
			return err
		}
		return note(ctx, tx, who, didBatchSubmit, "payout_batch", b.ID, b.ProviderOrg, map[string]any{"from": Batched, "to": b.Status})
	})
}

// DiscardBatch takes a batch apart that was not submitted.
func (s *Service) DiscardBatch(ctx context.Context, who account.Principal, batchID id.ID, version int64) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		b, err := takeBatch(ctx, tx, batchID, version, Discard)
		if err != nil {
			return err
		}
		return s.void(ctx, tx, who, &b, Discard, who.Username+" 撤销了批次")
	})
}

// unchanged refuses when the account or a line is not what the batch was made of.
func (s *Service) unchanged(ctx context.Context, tx *db.Tx, b Batch) error {
	a, err := accountOf(ctx, tx, b.ProviderOrg)
	if err != nil {
		return err
	}
	if a.Version != b.AccountVersion {
		return ErrAccountChanged
	}
	parts, err := partsOf(ctx, tx, b.ID)
	if err != nil {
		return err
	}
	now, err := digest(ctx, tx, b, parts)
	if err == nil && now != b.Hash {
		err = ErrChanged
	}
	return err
}

// Decide approves or rejects another person's batch.
func (s *Service) Decide(ctx context.Context, who account.Principal, batchID id.ID, version int64, e Event, reason string) error {
	switch e {
	case Reject:
		if err := reasoned(&reason, "/reason"); err != nil {
			return err
		}
	case Approve:
		reason = strings.TrimSpace(reason)
	default:
		return errors.New("settlement: " + string(e) + " is not a decision")
	}
	return s.write(ctx, who, "payout_batch", batchID, func(ctx context.Context, tx *db.Tx) error {
		b, err := takeBatch(ctx, tx, batchID, version, e)
		if err != nil {
			return err
		}
		if b.CreatedBy == who.UserID {
			return ErrFourEyes
		}
		b.DecidedBy, b.DecidedName, b.DecidedAt = who.UserID, who.Username, clock.At(tx.Now())
		if e == Reject {
			return s.void(ctx, tx, who, &b, Reject, reason)
		}
		if err := s.unchanged(ctx, tx, b); err != nil {
			return err
		}
		b.Reason = reason
		if err := moveBatch(ctx, tx, &b, Approve); err != nil {
			return err
		}
		err = s.tellOne(ctx, tx, b.CreatedBy, notify.Message{Event: "payout_decided", Title: "兑付批次已通过复核", Body: "共 " + b.Pay().String() + " 元，待导出付款文件。", Link: batchLink(b.ID)})
		if err != nil {
			return err
		}
		return note(ctx, tx, who, didBatchApprove, "payout_batch", b.ID, b.ProviderOrg, map[string]any{"from": PendingApproval, "to": b.Status, "reason": reason})
	})
}
