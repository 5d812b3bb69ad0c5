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
	"smedx/internal/ledger"
	"smedx/internal/notify"
)

// Clawback is voucher money that was paid out and must come back: it is netted
// with the provider's next payouts, repaid, or written off.
type Clawback struct {
	bun.BaseModel `bun:"table:clawbacks,alias:c"`

	ID           id.ID `bun:",pk"`
	OrderID      id.ID
	ProviderOrg  id.ID
	AmountFen    money.Fen
	Status       ClawStatus
	Reason       string
	ProposedBy   id.ID
	ProposedName string
	ProposedAt   clock.Instant
	DecidedBy    id.ID
	DecidedName  string
	DecidedAt    clock.Instant
	Comment      string
	ReservedFen  money.Fen
	RecoveredFen money.Fen
	WrittenFen   money.Fen
	WaiverBy     id.ID
	WaiverName   string
	WaiverReason string
	WaivedBy     id.ID
	WaivedName   string
	ClosedAt     clock.Instant
	Version      int64
}

// Owed is what has not come back and is not written off.
func (c Clawback) Owed() money.Fen {
	if c.Status != ClawDue {
		return 0
	}
	return c.AmountFen - c.RecoveredFen - c.WrittenFen
}

// Open is what no batch has taken yet.
func (c Clawback) Open() money.Fen { return c.Owed() - c.ReservedFen }

// A Move is one movement of a claw-back, of what one voucher paid.
type Move struct {
	bun.BaseModel `bun:"table:clawback_moves,alias:m"`

	ID         id.ID `bun:",pk"`
	ClawbackID id.ID
	HoldID     id.ID
	Kind       string
	AmountFen  money.Fen
	At         clock.Instant
	Reference  string
}

// The kinds of moves.
const (
	moveOwed      = "owed"
	moveRecovered = "recovered"
	moveWritten   = "written_off"
)

func findClawback(ctx context.Context, r db.Reader, clawID id.ID) (c Clawback, err error) {
	err = r.Select(&c).Where("c.id = ?", clawID).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return c, err
}

// takeClawback takes the turn of a claw-back's provider and reads it.
func takeClawback(ctx context.Context, tx *db.Tx, clawID id.ID, version int64) (Clawback, error) {
	c, err := findClawback(ctx, tx, clawID)
	if err != nil {
		return c, err
	}
	if err := turn(ctx, tx, c.ProviderOrg); err != nil {
		return c, err
	}
	if c, err = findClawback(ctx, tx, clawID); err == nil && c.Version != version {
		err = errs.ErrStale
		if c.ClosedAt != 0 {
			err = errs.ErrInvalidState.In(string(c.Status))
		}
	}
	return c, err
}

func storeClawback(ctx context.Context, tx *db.Tx, c *Clawback) error {
	version := c.Version
	c.Version++
	res, err := tx.Update(c).WherePK().Where("version = ?", version).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errs.ErrStale
	}
	return nil
}

// Clawable is how much of a line's voucher money may still be asked back.
func clawable(ctx context.Context, r db.Reader, l Line) (money.Fen, error) {
	var asked money.Fen
	err := r.Raw(`SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) FROM clawbacks WHERE order_id = ? AND status <> ?`, l.OrderID, ClawRejected).Scan(ctx, &asked)
	if _, no := l.Status.Next(Claw); no != nil {
		return 0, err
	}
	return l.VoucherFen - asked, err
}

// ProposeClawback asks for voucher money back that was paid out for an order.
func (s *Service) ProposeClawback(ctx context.Context, who account.Principal, orderID id.ID, amount money.Fen, reason string) (Clawback, error) {
	var bad errs.Fields
	required(&bad, &reason, "/reason", maxText)
	if amount <= 0 {
		bad.Add("/amountFen", "field.required")
	}
	if err := bad.Err(); err != nil {
		return Clawback{}, err
	}
	var c Clawback
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		l, err := takeLine(ctx, tx, orderID)
		if err != nil {
			return err
		}
		var open int64
		if err := tx.Raw(`SELECT COUNT(*) FROM clawbacks WHERE order_id = ? AND status IN (?, ?)`, orderID, ClawProposed, ClawDue).Scan(ctx, &open); err != nil {
			return err
		}
		if open > 0 {
			return ErrClawOpen
		}
		if _, err := l.Status.Next(Claw); err != nil {
			return err
		}
		most, err := clawable(ctx, tx, l)
		if err != nil {
			return err
		}
		if amount > most {
			bad.Add("/amountFen", "field.money_range", "min", money.Fen(1), "max", most)
			return bad.Err()
		}
		c = Clawback{
			ID: id.New(), OrderID: orderID, ProviderOrg: l.ProviderOrg, AmountFen: amount, Status: ClawProposed, Reason: reason,
			ProposedBy: who.UserID, ProposedName: who.Username, ProposedAt: clock.At(tx.Now()), Version: 1,
		}
		if _, err := tx.Insert(&c).Exec(ctx); err != nil {
			return err
		}
		err = s.tellStaff(ctx, tx, account.RoleDepartment, account.SettlementRelease, who.UserID, notify.Message{
			Event: "clawback_waiting", Title: "追回待复核：" + amount.Grouped() + " 元", Body: who.Username + " 提议追回，原因：" + reason, Link: lineLink(orderID),
		})
		if err != nil {
			return err
		}
		return note(ctx, tx, who, didClawbackPropose, "order", orderID, l.ProviderOrg, map[string]any{"amountFen": amount, "reason": reason})
	})
	return c, err
}

func lineLink(orderID id.ID) string { return "/workbench/payout-lines/" + orderID.String() }

// DecideClawback approves or rejects what another person proposed (V9).
func (s *Service) DecideClawback(ctx context.Context, who account.Principal, clawID id.ID, version int64, e ClawEvent, comment string) error {
	if e == ClawReject {
		if err := reasoned(&comment, "/comment"); err != nil {
			return err
		}
	}
	return s.write(ctx, who, "clawback", clawID, func(ctx context.Context, tx *db.Tx) error {
		c, err := takeClawback(ctx, tx, clawID, version)
		if err != nil {
			return err
		}
		if e != ClawApprove && e != ClawReject {
			return errs.ErrInvalidState.In(string(c.Status))
		}
		to, err := c.Status.Next(e)
		if err != nil {
			return err
		}
		if c.ProposedBy == who.UserID {
			return ErrFourEyes
		}
		c.Status, c.DecidedBy, c.DecidedName, c.DecidedAt, c.Comment = to, who.UserID, who.Username, clock.At(tx.Now()), comment
		if e == ClawReject {
			c.ClosedAt = c.DecidedAt
		} else if err := s.claw(ctx, tx, c); err != nil {
			return err
		}
		if err := storeClawback(ctx, tx, &c); err != nil {
			return err
		}
		err = s.tellOne(ctx, tx, c.ProposedBy, notify.Message{Event: "payout_decided", Title: map[ClawEvent]string{ClawApprove: "追回已通过复核", ClawReject: "追回未通过复核"}[e], Body: comment, Link: lineLink(c.OrderID)})
		if err != nil {
			return err
		}
		return note(ctx, tx, who, Verb("clawback_"+string(e)), "order", c.OrderID, c.ProviderOrg, map[string]any{"amountFen": c.AmountFen, "comment": comment})
	})
}

// claw makes a claw-back due: the line says so, and every voucher that paid has
// its share of it.
func (s *Service) claw(ctx context.Context, tx *db.Tx, c Clawback) error {
	l, err := findLine(ctx, tx, c.OrderID)
	if err != nil {
		return err
	}
	if err := moveLine(ctx, tx, &l, Claw); err != nil {
		return err
	}
	var holds []share
	err = tx.Raw(`
		SELECT h.id AS hold_id, CAST(h.amount_fen - h.restored_fen - COALESCE((SELECT SUM(m.amount_fen) FROM clawback_moves m WHERE m.hold_id = h.id AND m.kind = ?), 0) AS BIGINT) AS left_fen
		FROM voucher_holds h WHERE h.order_id = ? AND h.status = 'redeemed' ORDER BY h.id`, moveOwed, c.OrderID).Scan(ctx, &holds)
	if err != nil {
		return err
	}
	if err := s.spread(ctx, tx, c, holds, c.AmountFen, moveOwed, ""); err != nil {
		return err
	}
	return s.tellProvider(ctx, tx, c.ProviderOrg, "clawback_due", "须退回已兑付款："+c.AmountFen.Grouped()+" 元", "原因："+ended(c.Reason)+"将从之后兑付的服务券款中抵扣，也可直接退回。")
}

type share struct {
	HoldID  id.ID
	LeftFen money.Fen
}

// spread moves an amount, voucher by voucher.
func (s *Service) spread(ctx context.Context, tx *db.Tx, c Clawback, over []share, amount money.Fen, kind, reference string) error {
	weights := make([]money.Fen, len(over))
	for i, o := range over {
		weights[i] = o.LeftFen
	}
	for i, part := range money.Split(amount, weights) {
		if part == 0 {
			continue
		}
		m := Move{ID: id.New(), ClawbackID: c.ID, HoldID: over[i].HoldID, Kind: kind, AmountFen: part, At: clock.At(tx.Now()), Reference: reference}
		paid, receivable := ledger.SubsidyPaid(c.ProviderOrg), ledger.ClawbackReceivable(c.ProviderOrg)
		step := ledger.Move{From: paid, To: receivable, Amount: part}
		switch kind {
		case moveRecovered:
			campaign, err := s.Vouchers.Reclaim(ctx, tx, m.HoldID, part)
			if err != nil {
				return err
			}
			step = ledger.Move{From: receivable, To: ledger.Returned(campaign), Amount: part}
		case moveWritten:
			step = ledger.Move{From: receivable, To: paid, Amount: part}
		}
		if _, err := tx.Insert(&m).Exec(ctx); err != nil {
			return err
		}
		if _, err := ledger.Post(ctx, tx, ledger.Vouchers, ledger.Clawback, ledger.Source{Kind: "clawback", ID: m.ID}, step); err != nil {
			return err
		}
	}
	return nil
}

// rest is what each voucher's share of a claw-back still has open.
func rest(ctx context.Context, r db.Reader, c Clawback) (list []share, err error) {
	err = r.Raw(`
		SELECT hold_id, CAST(SUM(CASE WHEN kind = ? THEN amount_fen ELSE -amount_fen END) AS BIGINT) AS left_fen
		FROM clawback_moves WHERE clawback_id = ? GROUP BY hold_id ORDER BY hold_id`, moveOwed, c.ID).Scan(ctx, &list)
	return list, err
}

// recover takes in a part of a claw-back, and ends it with the last one.
func (s *Service) recover(ctx context.Context, tx *db.Tx, who account.Principal, c *Clawback, amount money.Fen, reference string) error {
	open, err := rest(ctx, tx, *c)
	if err != nil {
		return err
	}
	if err := s.spread(ctx, tx, *c, open, amount, moveRecovered, reference); err != nil {
		return err
	}
	c.RecoveredFen += amount
	if c.RecoveredFen == c.AmountFen {
		if err := s.end(ctx, tx, c, ClawRecover, Recovered); err != nil {
			return err
		}
	}
	if err := storeClawback(ctx, tx, c); err != nil {
		return err
	}
	return note(ctx, tx, who, didClawbackRecover, "order", c.OrderID, c.ProviderOrg, map[string]any{"amountFen": amount, "reference": reference})
}

func (s *Service) end(ctx context.Context, tx *db.Tx, c *Clawback, ce ClawEvent, e Event) error {
	to, err := c.Status.Next(ce)
	if err != nil {
		return err
	}
	c.Status, c.ClosedAt = to, clock.At(tx.Now())
	l, err := findLine(ctx, tx, c.OrderID)
	if err != nil {
		return err
	}
	return moveLine(ctx, tx, &l, e)
}

// Repay writes down that the provider has paid a part of a claw-back back.
func (s *Service) Repay(ctx context.Context, who account.Principal, clawID id.ID, version int64, amount money.Fen, reference, paidOn string) error {
	var bad errs.Fields
	required(&bad, &reference, "/reference", 60)
	if !dated(paidOn, s.db.Now()) {
		bad.Add("/paidOn", "settlement.date")
	}
	if amount <= 0 {
		bad.Add("/amountFen", "field.required")
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := takeClawback(ctx, tx, clawID, version)
		if err != nil {
			return err
		}
		if c.Status != ClawDue {
			return errs.ErrInvalidState.In(string(c.Status))
		}
		if amount > c.Open() {
			bad.Add("/amountFen", "field.money_range", "min", money.Fen(1), "max", c.Open())
			return bad.Err()
		}
		if err := s.recover(ctx, tx, who, &c, amount, reference+"，"+paidOn); err != nil {
			return err
		}
		return s.tellProvider(ctx, tx, c.ProviderOrg, "clawback_due", "退回款已登记："+amount.Grouped()+" 元", "银行流水号 "+reference+"。")
	})
}

// AskWaiver asks to write the rest of a claw-back off.
func (s *Service) AskWaiver(ctx context.Context, who account.Principal, clawID id.ID, version int64, reason string) error {
	if err := reasoned(&reason, "/reason"); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := takeClawback(ctx, tx, clawID, version)
		if err != nil {
			return err
		}
		if _, err := c.Status.Next(ClawWriteOff); err != nil {
			return err
		}
		if c.WaiverBy != 0 {
			return ErrClawOpen
		}
		c.WaiverBy, c.WaiverName, c.WaiverReason = who.UserID, who.Username, reason
		if err := storeClawback(ctx, tx, &c); err != nil {
			return err
		}
		err = s.tellStaff(ctx, tx, account.RoleDepartment, account.SettlementRelease, who.UserID, notify.Message{
			Event: "clawback_waiting", Title: "核销待复核：" + c.Owed().Grouped() + " 元", Body: who.Username + " 提议核销，原因：" + reason, Link: lineLink(c.OrderID),
		})
		if err != nil {
			return err
		}
		return note(ctx, tx, who, didWaiverPropose, "order", c.OrderID, c.ProviderOrg, map[string]any{"amountFen": c.Owed(), "reason": reason})
	})
}

// DecideWaiver writes the rest off, or not; whoever asked cannot.
func (s *Service) DecideWaiver(ctx context.Context, who account.Principal, clawID id.ID, version int64, approve bool, comment string) error {
	return s.write(ctx, who, "clawback", clawID, func(ctx context.Context, tx *db.Tx) error {
		c, err := takeClawback(ctx, tx, clawID, version)
		if err != nil {
			return err
		}
		switch {
		case c.Status != ClawDue || c.WaiverBy == 0:
			return errs.ErrInvalidState.In(string(c.Status))
		case c.WaiverBy == who.UserID:
			return ErrFourEyes
		case approve && c.ReservedFen > 0:
			return ErrReserved
		}
		verb, amount := didWaiverReject, c.Owed()
		if approve {
			verb = didWaiverApprove
			open, err := rest(ctx, tx, c)
			if err != nil {
				return err
			}
			if err := s.spread(ctx, tx, c, open, amount, moveWritten, ""); err != nil {
				return err
			}
			c.WrittenFen += amount
			c.WaivedBy, c.WaivedName = who.UserID, who.Username
			if err := s.end(ctx, tx, &c, ClawWriteOff, WriteOff); err != nil {
				return err
			}
			if err := s.tellProvider(ctx, tx, c.ProviderOrg, "clawback_due", "追回款已核销："+amount.Grouped()+" 元", c.WaiverReason); err != nil {
				return err
			}
		} else {
			c.WaiverBy, c.WaiverName, c.WaiverReason = 0, "", ""
		}
		if err := storeClawback(ctx, tx, &c); err != nil {
			return err
		}
		return note(ctx, tx, who, verb, "order", c.OrderID, c.ProviderOrg, map[string]any{"amountFen": amount, "comment": comment})
	})
}
