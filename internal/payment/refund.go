package payment

import (
	"context"
	"errors"
	"log/slog"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/ledger"
)

// ErrOverRefund says that more was asked back than the order's cash.
var ErrOverRefund = errs.New(errs.Conflict, "refund.over")

// RefundOrder gives an order's cash back, within the transaction that decided it.
// The gateway is asked afterwards by SubmitDue; Payee.Refunded hears of the end.
func (s *Service) RefundOrder(ctx context.Context, tx *db.Tx, subject, orderID id.ID, amount money.Fen, reason string) error {
	p, err := appliedOf(ctx, tx, subject)
	if err != nil {
		return err
	}
	held, err := ledger.Balance(ctx, tx, ledger.EscrowC(orderID))
	if err != nil {
		return err
	}
	if amount > held || amount > p.CapturedFen {
		return ErrOverRefund
	}
	return askRefund(ctx, tx, Refund{
		PaymentID: p.ID, Source: ofOrder, SourceID: orderID, TxnNo: p.TxnNo, OrgID: p.OrgID, AmountFen: amount, Reason: reason,
	}, ledger.EscrowC(orderID))
}

func askRefund(ctx context.Context, tx *db.Tx, f Refund, from ledger.Account) error {
	f.ID, f.Status, f.CreatedAt, f.CheckAt = id.New(), RefundApproved, clock.At(tx.Now()), clock.At(tx.Now())
	fresh, err := tx.InsertNew(ctx, &f)
	if err != nil {
		return err
	}
	if !fresh {
		return ErrOverRefund
	}
	_, err = ledger.Post(ctx, tx, ledger.Cash, ledger.RefundAsk, ledger.Source{Kind: "refund", ID: f.ID},
		ledger.Move{From: from, To: ledger.RefundPending(f.ID), Amount: f.AmountFen})
	return err
}

// RefundsOf lists the refunds of orders' cash by order.
func (s *Service) RefundsOf(ctx context.Context, r db.Reader, orderID id.ID) (list []Refund, err error) {
	err = r.Select(&list).Where("source = ? AND source_id = ?", ofOrder, orderID).OrderExpr("id").Scan(ctx)
	return list, err
}

// SubmitDue is a sweep: it asks gateways for the refunds that are due, and again
// for those of which the end is not known. The refund's number keeps a gateway
// from paying twice.
func (s *Service) SubmitDue(ctx context.Context) error {
	due, err := refundsDue(ctx, s.db, clock.At(s.db.Now()), 100)
	if err != nil {
		return err
	}
	var all error
	for _, f := range due {
		all = errors.Join(all, s.submit(ctx, f))
	}
	return all
}

func (s *Service) submit(ctx context.Context, f Refund) error {
	p, err := find(ctx, s.db, f.PaymentID)
	if err != nil {
		return err
	}
	g, ok := s.gateways[p.Channel]
	if !ok {
		return nil
	}
	mine, err := s.stepRefund(ctx, f, RefundSubmitted)
	if err != nil || !mine {
		return err
	}
	f.Status = RefundSubmitted
	call, cancel := context.WithTimeout(ctx, gatewayTimeout)
	defer cancel()
	switch err := g.Refund(call, Back{RefundID: f.ID, PaymentID: f.PaymentID, TxnNo: f.TxnNo, Amount: f.AmountFen}); {
	case errors.Is(err, ErrRefundRefused):
		slog.ErrorContext(ctx, "a gateway refused a refund", "refund", f.ID, "error", err)
		_, err = s.stepRefund(ctx, f, RefundFailed)
		return err
	case err != nil:
		slog.WarnContext(ctx, "a gateway did not answer about a refund", "refund", f.ID, "error", err)
		_, err = s.stepRefund(ctx, f, RefundUnknown)
		return err
	}
	return s.refunded(ctx, f, p.Channel)
}

func (s *Service) stepRefund(ctx context.Context, f Refund, to RefundStatus) (mine bool, err error) {
	err = s.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx *db.Tx) error {
		var err error
		mine, err = moveRefund(ctx, tx, f, to, clock.At(tx.Now()).Add(backOff(f.Checks)))
		return err
	})
	return mine, err
}

func (s *Service) refunded(ctx context.Context, f Refund, channel string) error {
	return s.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx *db.Tx) error {
		done, err := moveRefund(ctx, tx, f, RefundDone, 0)
		if err != nil || !done {
			return err
		}
		_, err = ledger.Post(ctx, tx, ledger.Cash, ledger.RefundDone, ledger.Source{Kind: "refund", ID: f.ID},
			ledger.Move{From: ledger.RefundPending(f.ID), To: ledger.Gateway(channel), Amount: f.AmountFen})
		if err != nil {
			return err
		}
		if f.Source == ofOrder {
			if err := s.payee.Refunded(ctx, tx, f.SourceID); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, account.System.Actor(), audit.Entry{
			Action: "refund.done", ObjectKind: "refund", ObjectID: f.ID, SubjectOrg: f.OrgID,
			Detail: map[string]any{"amountFen": f.AmountFen, "source": f.Source, "sourceId": f.SourceID},
		})
	})
}
