package payment

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/ledger"
)

// Notified takes a notice of a gateway as it came over the wire. A forged one is
// ErrSignature, one of no payment or to no channel of ours ErrUnknown: people are told
// of them, once an hour at most. A repeated one has no effect.
func (s *Service) Notified(ctx context.Context, channel string, header http.Header, body []byte) error {
	g, ok := s.gateways[channel]
	if !ok {
		slog.WarnContext(ctx, "a payment notice to a channel that is not set up", "channel", fmt.Sprintf("%.40s", channel))
		return errors.Join(ErrUnknown, s.doubted(ctx, "", noChannel))
	}
	n, err := g.Verify(header, body, s.db.Now())
	if err != nil {
		slog.WarnContext(ctx, "a payment notice was refused", "channel", channel, "error", err)
		return errors.Join(ErrSignature, s.doubted(ctx, channel, forged))
	}
	err = s.confirm(ctx, channel, n)
	if errors.Is(err, ErrUnknown) {
		err = errors.Join(err, s.doubted(ctx, channel, ofNothing))
	}
	return err
}

// confirm applies what a gateway said, whether it notified us or we asked.
func (s *Service) confirm(ctx context.Context, channel string, n Notice) error {
	return s.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx *db.Tx) error {
		p, err := lock(ctx, tx, n.PaymentID)
		if err != nil {
			return err
		}
		if p.Channel != channel {
			return ErrUnknown
		}
		row := noticeRow{
			ID: id.New(), PaymentID: p.ID, Channel: channel, TxnNo: n.TxnNo, Outcome: n.Outcome, AmountFen: n.Amount,
			Effect: "ignored", At: clock.At(tx.Now()),
		}
		if n.Outcome == OutcomePaid {
			elsewhere, err := txnElsewhere(ctx, tx, p, n.TxnNo)
			if err != nil {
				return err
			}
			if elsewhere || n.TxnNo == "" || n.Amount <= 0 {
				slog.ErrorContext(ctx, "a payment notice makes no sense", "payment", p.ID, "txn", n.TxnNo, "amount", n.Amount)
				return ErrUnknown
			}
		}
		fresh, err := tx.InsertNew(ctx, &row)
		if err != nil || !fresh {
			return err // the same notice again: acknowledged, no effect
		}
		effect, err := s.apply(ctx, tx, p, n, row.ID)
		if err != nil || effect == "" {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE payment_notices SET effect = ? WHERE id = ?`, effect, row.ID)
		return err
	})
}

func (s *Service) apply(ctx context.Context, tx *db.Tx, p Payment, n Notice, noticeID id.ID) (effect Status, err error) {
	switch n.Outcome {
	case OutcomePaid:
		return s.captured(ctx, tx, p, n, noticeID)
	case OutcomeRefused, OutcomeShut:
		event := Refused
		if n.Outcome == OutcomeShut {
			event = Shut
		}
		to, err := p.Status.Next(event)
		if err != nil {
			// "It failed" after it succeeded: the money is here, so this is noted and nothing else.
			return "", note(ctx, tx, account.System.Actor(), "payment.notice_ignored", p, map[string]any{"outcome": n.Outcome, "status": p.Status})
		}
		return to, move(ctx, tx, p, to)
	}
	return "", nil
}

// captured books money that came in: to what was bought if that still wants it,
// else to suspense. Money that nobody wants goes back by itself; money of a wrong
// amount waits for a person.
func (s *Service) captured(ctx context.Context, tx *db.Tx, p Payment, n Notice, noticeID id.ID) (Status, error) {
	if p.CapturedFen != 0 { // a second transaction for the same payment
		if p.TxnNo == n.TxnNo {
			return "", note(ctx, tx, account.System.Actor(), "payment.notice_ignored", p, map[string]any{"outcome": n.Outcome, "amountFen": n.Amount})
		}
		return p.Status, s.toSuspense(ctx, tx, p, n, noticeID, true)
	}
	event := Paid
	if n.Amount != p.AmountFen {
		event = Mismatched
	}
	to, err := p.Status.Next(event)
	if err != nil {
		return "", err
	}
	if event == Mismatched {
		if err := capture(ctx, tx, p, to, n, false); err != nil {
			return "", err
		}
		return to, s.toSuspense(ctx, tx, p, n, noticeID, false)
	}
	p.TxnNo = n.TxnNo
	applied, err := s.payee.Settled(ctx, tx, p, n.Payer)
	if err != nil {
		return "", err
	}
	if !applied {
		to = Late
	}
	if err := capture(ctx, tx, p, to, n, applied); err != nil {
		return "", err
	}
	if !applied {
		return to, s.toSuspense(ctx, tx, p, n, noticeID, true)
	}
	return to, note(ctx, tx, account.System.Actor(), "payment.succeed", p, map[string]any{"amountFen": n.Amount, "txn": n.TxnNo})
}

func (s *Service) toSuspense(ctx context.Context, tx *db.Tx, p Payment, n Notice, noticeID id.ID, giveBack bool) error {
	_, err := ledger.Post(ctx, tx, ledger.Cash, ledger.Suspense, ledger.Source{Kind: "payment_notice", ID: noticeID},
		ledger.Move{From: ledger.Gateway(p.Channel), To: ledger.SuspenseOf(p.ID), Amount: n.Amount})
	if err != nil {
		return err
	}
	slog.WarnContext(ctx, "money came that paid for nothing", "payment", p.ID, "expected", p.AmountFen, "came", n.Amount, "status", p.Status)
	err = note(ctx, tx, account.System.Actor(), "payment.suspense", p, map[string]any{"amountFen": n.Amount, "expectedFen": p.AmountFen, "txn": n.TxnNo})
	if err != nil {
		return err
	}
	if !giveBack { // signed money of a wrong amount: nobody can flood with it, and each waits for a person
		return s.tellStaff(ctx, tx, "payment_suspense", "收到金额不符的支付款："+p.Title,
			fmt.Sprintf("应付 %s 元，实收 %s 元，支付单 %s，交易流水号 %s。款项已记入待处理，订单仍为待支付。请与支付渠道和购买企业核对后处理。", p.AmountFen, n.Amount, p.ID, n.TxnNo))
	}
	return askRefund(ctx, tx, Refund{
		PaymentID: p.ID, Source: ofSuspense, SourceID: noticeID, TxnNo: n.TxnNo, OrgID: p.OrgID, AmountFen: n.Amount, Reason: "not_due",
	}, ledger.SuspenseOf(p.ID))
}
