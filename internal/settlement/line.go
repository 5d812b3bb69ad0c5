package settlement

import (
	"context"
	"strings"
	"unicode/utf8"

	"smedx/internal/account"
	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// PutOnHold keeps a line from being paid until another person lets it go. A batch
// that has the line and is not with the bank yet is void.
func (s *Service) PutOnHold(ctx context.Context, who account.Principal, orderID id.ID, reason string) error {
	if err := reasoned(&reason, "/reason"); err != nil {
		return err
	}
	return s.write(ctx, who, "order", orderID, func(ctx context.Context, tx *db.Tx) error {
		l, err := takeLine(ctx, tx, orderID)
		if err != nil {
			return err
		}
		if l.BatchID != 0 {
			if _, err := l.Status.Next(LineChanged); err != nil {
				return err
			}
			b, err := findBatch(ctx, tx, l.BatchID)
			if err != nil {
				return err
			}
			if err := s.void(ctx, tx, who, &b, LineChanged, "批次中有明细被暂缓，原复核失效"); err != nil {
				return err
			}
			if l, err = findLine(ctx, tx, orderID); err != nil {
				return err
			}
		}
		l.Reason, l.HeldBy, l.HeldName, l.HeldAt = reason, who.UserID, who.Username, clock.At(tx.Now())
		if err := moveLine(ctx, tx, &l, Hold); err != nil {
			return err
		}
		if err := s.tellProvider(ctx, tx, l.ProviderOrg, "payout_held", "结算已暂缓", "一笔 "+l.Total().String()+" 元的结算被暂缓，原因："+reason); err != nil {
			return err
		}
		return note(ctx, tx, who, didHold, "order", orderID, l.ProviderOrg, map[string]any{"reason": reason})
	})
}

// Unhold lets a line go on; whoever put it on hold cannot.
func (s *Service) Unhold(ctx context.Context, who account.Principal, orderID id.ID, reason string) error {
	if err := reasoned(&reason, "/reason"); err != nil {
		return err
	}
	return s.write(ctx, who, "order", orderID, func(ctx context.Context, tx *db.Tx) error {
		l, err := takeLine(ctx, tx, orderID)
		if err != nil {
			return err
		}
		if _, err := l.Status.Next(Unhold); err != nil {
			return err
		}
		if l.HeldBy == who.UserID {
			return ErrFourEyes
		}
		l.Reason = ""
		if err := moveLine(ctx, tx, &l, Unhold); err != nil {
			return err
		}
		if err := s.tellProvider(ctx, tx, l.ProviderOrg, "payout_held", "结算已恢复", "一笔 "+l.Total().String()+" 元的结算恢复办理。"); err != nil {
			return err
		}
		return note(ctx, tx, who, didUnhold, "order", orderID, l.ProviderOrg, map[string]any{"reason": reason})
	})
}

// Invoice writes down the invoice of an order of the caller's company, until the
// order is in a batch. A number serves one order on the whole platform.
func (s *Service) Invoice(ctx context.Context, who account.Principal, orderID id.ID, number string, fileID id.ID) error {
	number = strings.ToUpper(strings.Join(strings.Fields(number), ""))
	var bad errs.Fields
	switch n := utf8.RuneCountInString(number); {
	case n == 0:
		bad.Add("/number", "field.required")
	case n > 40:
		bad.Add("/number", "field.too_long", "max", 40)
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		l, err := takeLine(ctx, tx, orderID)
		if err != nil {
			return err
		}
		if l.ProviderOrg != who.OrgID || who.OrgID == 0 {
			return errs.ErrNotFound
		}
		if l.Status != Accrued && l.Status != OnHold {
			return errs.ErrInvalidState.In(string(l.Status))
		}
		if fileID != 0 && fileID != l.InvoiceFile {
			if _, err := s.Files.Claim(ctx, tx, who.OrgID, file.Invoice, fileID); err != nil {
				return err
			}
			if err := s.Files.Grant(ctx, tx, fileID, file.ToRight(string(account.SettlementPrepare)), file.ToRight(string(account.SettlementRelease))); err != nil {
				return err
			}
		}
		free, err := tx.ExecOne(ctx, `
			UPDATE payout_lines SET invoice_no = ?, invoice_file = ?, version = version + 1
			WHERE order_id = ? AND version = ? AND NOT EXISTS (SELECT 1 FROM payout_lines o WHERE o.invoice_no = ? AND o.order_id <> ?)`,
			number, fileID, l.OrderID, l.Version, number, l.OrderID)
		if err != nil {
			return err
		}
		if !free {
			bad.Add("/number", "settlement.invoice_used")
			return bad.Err()
		}
		return note(ctx, tx, who, didInvoice, "order", orderID, who.OrgID, map[string]any{"invoice": number})
	})
}
