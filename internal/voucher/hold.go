package voucher

import (
	"context"
	"fmt"
	"slices"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/ledger"
)

// Hold takes what the chosen vouchers pay of one order's lines: V3 for each
// hold. See HoldCheckout for a checkout of several orders.
func (s *Service) Hold(ctx context.Context, tx *db.Tx, who account.Principal, orderID id.ID, voucherIDs []id.ID, lines []Line) ([]Use, error) {
	lines = slices.Clone(lines)
	for i := range lines {
		lines[i].OrderID = orderID
	}
	return s.HoldCheckout(ctx, tx, who, voucherIDs, lines)
}

// HoldCheckout plans the chosen vouchers over all lines of a checkout, exactly
// as Plan did for the quote, and takes the amounts: one hold for each voucher and
// order (Line.OrderID). ByLine of each use still counts all given lines. A
// voucher with nothing left to pay is not held.
func (s *Service) HoldCheckout(ctx context.Context, tx *db.Tx, who account.Principal, voucherIDs []id.ID, lines []Line) ([]Use, error) {
	if len(voucherIDs) == 0 {
		return nil, nil
	}
	company, err := s.company(ctx, tx, who.OrgID)
	if err != nil {
		return nil, err
	}
	if !company.Verified {
		return nil, ErrUnverified
	}
	chosen, err := s.choose(ctx, tx, lockedVouchers, who.OrgID, voucherIDs)
	if err != nil {
		return nil, err
	}
	planned, err := plan(chosen, lines)
	if err != nil {
		return nil, err
	}
	var uses []Use
	var all holds
	for i, whole := range planned {
		for _, use := range byOrder(whole, lines) {
			use.HoldID = id.New()
			uses = append(uses, use)
			if err := take(ctx, tx, chosen[i], use); err != nil {
				return nil, err
			}
			if err := all.add(who, chosen[i], use, lines, clock.At(tx.Now())); err != nil {
				return nil, err
			}
		}
	}
	return uses, all.write(ctx, tx)
}

// byOrder splits a use into one for each order that it pays something of.
func byOrder(whole Use, lines []Line) []Use {
	var uses []Use
	balance := whole.BalanceAfter + whole.Amount
	at := map[id.ID]int{}
	for i, part := range whole.ByLine {
		if part == 0 {
			continue
		}
		order := lines[i].OrderID
		n, seen := at[order]
		if !seen {
			n = len(uses)
			at[order] = n
			uses = append(uses, Use{OrderID: order, VoucherID: whole.VoucherID, Name: whole.Name, ByLine: make([]money.Fen, len(lines))})
		}
		uses[n].ByLine[i] = part
		uses[n].Amount += part
	}
	for i := range uses {
		balance -= uses[i].Amount
		uses[i].BalanceAfter = balance
	}
	return uses
}

// holds are the rows that a checkout's uses of vouchers write, each kind at once.
type holds struct {
	holds  []Hold
	parts  []holdLine
	events []ledger.Event
	acts   []audit.Act
}

func (all *holds) add(who account.Principal, v Voucher, use Use, lines []Line, now clock.Instant) error {
	h := Hold{
		ID: use.HoldID, VoucherID: v.ID, OrderID: use.OrderID, OrgID: v.OrgID, Amount: use.Amount,
		Status: HoldOpen, Terms: v.Terms, HeldAt: now,
	}
	for i, part := range use.ByLine {
		if part == 0 {
			continue
		}
		l := lines[i]
		if h.ProviderOrg != 0 && h.ProviderOrg != l.ProviderOrg {
			return fmt.Errorf("voucher: order %v has lines of two providers", use.OrderID)
		}
		h.ProviderOrg = l.ProviderOrg
		all.parts = append(all.parts, holdLine{
			HoldID: h.ID, LineKey: int64(l.Key), OfferingID: l.OfferingID, Categories: list(l.Categories),
			Industries: list(l.Industries), Tags: list(l.Tags), Eligible: l.Amount, Amount: part,
		})
	}
	all.holds = append(all.holds, h)
	all.events = append(all.events, ledger.Event{Source: source(h), Moves: []ledger.Move{{From: ledger.Available(v.ID), To: ledger.Held(h.ID), Amount: h.Amount}}})
	all.acts = append(all.acts, audit.Act{Actor: who.Actor(), Entry: audit.Entry{
		Action: "voucher.hold", ObjectKind: "voucher", ObjectID: v.ID, SubjectOrg: v.OrgID,
		Detail: map[string]any{"order": h.OrderID, "hold": h.ID, "amountFen": h.Amount},
	}})
	return nil
}

func (all *holds) write(ctx context.Context, tx *db.Tx) error {
	if err := tx.InsertAll(ctx, all.holds); err != nil {
		return err
	}
	if err := tx.InsertAll(ctx, all.parts); err != nil {
		return err
	}
	if _, err := ledger.PostAll(ctx, tx, ledger.Vouchers, ledger.Hold, all.events...); err != nil {
		return err
	}
	return audit.WriteAll(ctx, tx, all.acts...)
}

// take takes what a use needs from its voucher.
func take(ctx context.Context, tx *db.Tx, v Voucher, use Use) error {
	now := clock.At(tx.Now())
	return tx.ExecLater(ctx, ErrInsufficient.With("voucher", v.Name), `
		UPDATE vouchers SET available_fen = available_fen - ?, held_fen = held_fen + ?
		WHERE id = ? AND org_id = ? AND status = ? AND valid_from <= ? AND expires_at > ? AND available_fen >= ?`,
		use.Amount, use.Amount, v.ID, v.OrgID, Active, now, now, use.Amount)
}

// Redeem turns the open holds of a paid order into redemptions: V5, held to the
// order's escrow. An order without open holds is left alone.
func (s *Service) Redeem(ctx context.Context, tx *db.Tx, orderID id.ID) error {
	return s.resolve(ctx, tx, orderID, HoldRedeemed)
}

// Release gives the open holds of a canceled order back: V4, to the voucher, or
// to the campaign's returned account if the voucher is over meanwhile.
func (s *Service) Release(ctx context.Context, tx *db.Tx, orderID id.ID) error {
	return s.resolve(ctx, tx, orderID, HoldReleased)
}

func (s *Service) resolve(ctx context.Context, tx *db.Tx, orderID id.ID, to HoldStatus) error {
	holds, err := holdsOf(ctx, tx, orderID, HoldOpen)
	if err != nil {
		return err
	}
	for _, h := range holds {
		ok, err := tx.ExecOne(ctx, `UPDATE voucher_holds SET status = ?, resolved_at = ? WHERE id = ? AND status = ?`,
			to, clock.At(tx.Now()), h.ID, HoldOpen)
		if err != nil {
			return err
		}
		if !ok {
			continue // another caller resolved it first
		}
		if to == HoldRedeemed {
			err = redeem(ctx, tx, h)
		} else {
			err = release(ctx, tx, h)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func redeem(ctx context.Context, tx *db.Tx, h Hold) error {
	ok, err := tx.ExecOne(ctx, `
		UPDATE vouchers SET held_fen = held_fen - ?, redeemed_fen = redeemed_fen + ?,
			status = CASE WHEN status = ? AND available_fen = 0 AND held_fen = ? THEN ? ELSE status END
		WHERE id = ? AND held_fen >= ?`,
		h.Amount, h.Amount, Active, h.Amount, Exhausted, h.VoucherID, h.Amount)
	if err := must(ok, err, h); err != nil {
		return err
	}
	_, err = ledger.Post(ctx, tx, ledger.Vouchers, ledger.Redeem, source(h), ledger.Move{From: ledger.Held(h.ID), To: ledger.EscrowV(h.OrderID), Amount: h.Amount})
	if err != nil {
		return err
	}
	return trail(ctx, tx, "voucher.redeem", h, h.Amount, "escrow")
}

func release(ctx context.Context, tx *db.Tx, h Hold) error {
	return comeBack(ctx, tx, h, ledger.Release, "voucher.release", h.Amount, "held_fen", ledger.Held(h.ID))
}

// Restore gives back what vouchers paid of an order that is refunded in full
// before its settlement: V8, escrow to the voucher, or to the campaign's returned
// account if the voucher is over. Repeating it changes nothing.
func (s *Service) Restore(ctx context.Context, tx *db.Tx, orderID id.ID) error {
	holds, err := holdsOf(ctx, tx, orderID, HoldRedeemed)
	if err != nil {
		return err
	}
	if len(holds) > 0 {
		escrow, err := ledger.Balance(ctx, tx, ledger.EscrowV(orderID))
		if err != nil {
			return err
		}
		if owed := unrestored(holds); escrow < owed {
			return errs.ErrInvalidState.In("settled")
		}
	}
	for _, h := range holds {
		ok, err := tx.ExecOne(ctx, `UPDATE voucher_holds SET restored_fen = amount_fen, restored_at = ? WHERE id = ? AND status = ? AND restored_fen = 0`,
			clock.At(tx.Now()), h.ID, HoldRedeemed)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := comeBack(ctx, tx, h, ledger.Restore, "voucher.restore", h.Amount, "redeemed_fen", ledger.EscrowV(h.OrderID)); err != nil {
			return err
		}
	}
	return nil
}

func unrestored(holds []Hold) (total money.Fen) {
	for _, h := range holds {
		total += h.Amount - h.Restored
	}
	return total
}

// comeBack moves an amount from a column of the voucher and its account to what
// is available again, if the voucher still lives, else to the campaign.
func comeBack(ctx context.Context, tx *db.Tx, h Hold, kind ledger.Kind, action string, amount money.Fen, column string, from ledger.Account) error {
	if column != "held_fen" && column != "redeemed_fen" {
		return fmt.Errorf("voucher: nothing comes back from %s", column)
	}
	living, err := tx.ExecOne(ctx, `
		UPDATE vouchers SET `+column+` = `+column+` - ?, available_fen = available_fen + ?, status = CASE WHEN status = ? THEN ? ELSE status END
		WHERE id = ? AND status IN (?, ?, ?) AND expires_at > ?`,
		amount, amount, Exhausted, Active, h.VoucherID, Active, Exhausted, Frozen, clock.At(tx.Now()))
	if err != nil {
		return err
	}
	to, into := ledger.Available(h.VoucherID), "available"
	if !living {
		ok, err := tx.ExecOne(ctx, `
			UPDATE vouchers SET `+column+` = `+column+` - ?, returned_fen = returned_fen + ?, status = CASE WHEN status = ? THEN ? ELSE status END
			WHERE id = ?`, amount, amount, Exhausted, Expired, h.VoucherID)
		if err := must(ok, err, h); err != nil {
			return err
		}
		var campaign id.ID
		if err := tx.Raw(`SELECT campaign_id FROM vouchers WHERE id = ?`, h.VoucherID).Scan(ctx, &campaign); err != nil {
			return err
		}
		to, into = ledger.Returned(campaign), "returned"
	}
	if _, err := ledger.Post(ctx, tx, ledger.Vouchers, kind, source(h), ledger.Move{From: from, To: to, Amount: amount}); err != nil {
		return err
	}
	return trail(ctx, tx, action, h, amount, into)
}

func source(h Hold) ledger.Source { return ledger.Source{Kind: "hold", ID: h.ID} }

func must(ok bool, err error, h Hold) error {
	if err == nil && !ok {
		err = fmt.Errorf("voucher: hold %v and voucher %v disagree", h.ID, h.VoucherID)
	}
	return err
}

func trail(ctx context.Context, tx *db.Tx, action string, h Hold, amount money.Fen, into string) error {
	return audit.Write(ctx, tx, account.System.Actor(), audit.Entry{
		Action: action, ObjectKind: "voucher", ObjectID: h.VoucherID, SubjectOrg: h.OrgID,
		Detail: map[string]any{"order": h.OrderID, "hold": h.ID, "amountFen": amount, "to": into},
	})
}

// holdsOf reads an order's holds in the order in which vouchers are locked.
func holdsOf(ctx context.Context, r db.Reader, orderID id.ID, status HoldStatus) ([]Hold, error) {
	var holds []Hold
	err := r.Select(&holds).Where("h.order_id = ? AND h.status = ?", orderID, status).Order("h.voucher_id", "h.id").Scan(ctx)
	return holds, err
}

// Uses lists what vouchers pay of an order, for the order's page; released holds are left out.
func (s *Service) Uses(ctx context.Context, r db.Reader, orderID id.ID) ([]Hold, error) {
	if orderID == 0 {
		return nil, errs.ErrNotFound
	}
	var holds []Hold
	err := r.Select(&holds).Where("h.order_id = ? AND h.status <> ?", orderID, HoldReleased).Order("h.id").Scan(ctx)
	return holds, err
}
