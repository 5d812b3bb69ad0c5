package settlement

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/order"
	"smedx/internal/setting"
)

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
	if err := s.inForce(ctx, tx, provider); err != nil {
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

// inForce refuses a provider whose verification is not in force: nothing is paid to
// it before that is restored.
func (s *Service) inForce(ctx context.Context, r db.Reader, provider id.ID) error {
	err := s.Firms.RequireVerified(ctx, r, provider)
	if err == nil || errs.Of(err).Kind == errs.Internal {
		return err
	}
	names, err := s.Firms.Names(ctx, r, provider)
	if err != nil {
		return err
	}
	return ErrProviderStopped.With("provider", names[provider])
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
