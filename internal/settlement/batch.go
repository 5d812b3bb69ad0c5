package settlement

import (
	"context"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/notify"
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
	FirstBy        id.ID // who approved first, where two must
	FirstName      string
	FirstAt        clock.Instant
	FirstReason    string
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
		UPDATE payout_batches SET status = ?, submitted_at = ?, first_by = ?, first_name = ?, first_at = ?, first_reason = ?, decided_by = ?, decided_name = ?, decided_at = ?, reason = ?,
			file_hash = ?, sent_at = ?, sent_name = ?, closed_at = ?, version = version + 1
		WHERE id = ? AND status = ? AND version = ?`,
		to, b.SubmittedAt, b.FirstBy, b.FirstName, b.FirstAt, b.FirstReason, b.DecidedBy, b.DecidedName, b.DecidedAt, b.Reason, b.FileHash, b.SentAt, b.SentName, b.ClosedAt, b.ID, from, b.Version)
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
		names, err := s.Firms.Names(ctx, tx, b.ProviderOrg)
		if err != nil {
			return err
		}
		what := "已失效"
		if e == Reject {
			what = "未通过"
		}
		err = s.tellOne(ctx, tx, b.CreatedBy, notify.Message{
			Event: "payout_decided", Title: "兑付批次" + what + "：" + names[b.ProviderOrg] + " " + b.Pay().Grouped() + " 元", Link: batchLink(b.ID),
			Body: "批次 " + b.ID.String() + " " + what + "，原因：" + ended(reason) + "没有付款，明细回到待结算，可重新组批。",
		})
		if err != nil {
			return err
		}
	}
	return note(ctx, tx, who, Verb("batch_"+string(e)), "payout_batch", b.ID, b.ProviderOrg, map[string]any{"from": from, "to": b.Status, "reason": reason})
}

func batchLink(batchID id.ID) string { return "/workbench/payout-batches/" + batchID.String() }
