package payment

import (
	"context"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

var openStatuses = []Status{Created, Pending, Unknown}

func find(ctx context.Context, r db.Reader, paymentID id.ID) (p Payment, err error) {
	err = r.Select(&p).Where("id = ?", paymentID).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return p, err
}

// lock makes others who would change the payment wait, and reads it.
func lock(ctx context.Context, tx *db.Tx, paymentID id.ID) (Payment, error) {
	ok, err := tx.ExecOne(ctx, `UPDATE payments SET checks = checks WHERE id = ?`, paymentID)
	switch {
	case err != nil:
		return Payment{}, err
	case !ok:
		return Payment{}, ErrUnknown
	}
	return find(ctx, tx, paymentID)
}

func findOpen(ctx context.Context, r db.Reader, subject id.ID) (p Payment, open bool, err error) {
	err = r.Select(&p).Where("subject_id = ? AND status IN (?)", subject, bun.List(openStatuses)).Scan(ctx)
	if db.IsNotFound(err) {
		return p, false, nil
	}
	return p, err == nil, err
}

func ofSubject(ctx context.Context, r db.Reader, subject id.ID) (list []Payment, err error) {
	err = r.Select(&list).Where("subject_id = ?", subject).OrderExpr("id DESC").Scan(ctx)
	return list, err
}

func dueForCheck(ctx context.Context, r db.Reader, now clock.Instant, limit int64) (list []Payment, err error) {
	err = r.Select(&list).Where("status IN (?) AND check_at <= ?", bun.List(openStatuses), now).
		OrderExpr("check_at").Limit(limit).Scan(ctx)
	return list, err
}

func insert(ctx context.Context, tx *db.Tx, p *Payment) (fresh bool, err error) {
	return tx.InsertNew(ctx, p)
}

// move changes the status of a payment that still is where it was read.
func move(ctx context.Context, tx *db.Tx, p Payment, to Status) error {
	ended := clock.Instant(0)
	if !to.Open() {
		ended = clock.At(tx.Now())
	}
	ok, err := tx.ExecOne(ctx, `UPDATE payments SET status = ?, pay_url = ?, ended_at = ? WHERE id = ? AND status = ?`,
		to, p.PayURL, ended, p.ID, p.Status)
	if err == nil && !ok {
		err = errs.ErrInvalidState.In(string(p.Status))
	}
	return err
}

// capture writes down what came in, once for each payment.
func capture(ctx context.Context, tx *db.Tx, p Payment, to Status, n Notice, applied bool) error {
	ok, err := tx.ExecOne(ctx, `
		UPDATE payments SET status = ?, captured_fen = ?, applied = ?, txn_no = ?, ended_at = ?
		WHERE id = ? AND status = ? AND captured_fen = 0`,
		to, n.Amount, applied, n.TxnNo, clock.At(tx.Now()), p.ID, p.Status)
	if err == nil && !ok {
		err = errs.ErrInvalidState.In(string(p.Status))
	}
	return err
}

func postpone(ctx context.Context, tx *db.Tx, paymentID id.ID, until clock.Instant) error {
	_, err := tx.Exec(ctx, `UPDATE payments SET check_at = ?, checks = checks + 1 WHERE id = ?`, until, paymentID)
	return err
}

func txnElsewhere(ctx context.Context, r db.Reader, p Payment, txnNo string) (bool, error) {
	n, err := r.Select((*Payment)(nil)).Where("channel = ? AND txn_no = ? AND id <> ?", p.Channel, txnNo, p.ID).Count(ctx)
	return n > 0, err
}

func appliedOf(ctx context.Context, r db.Reader, subject id.ID) (p Payment, err error) {
	err = r.Select(&p).Where("subject_id = ? AND applied", subject).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return p, err
}

type noticeRow struct {
	bun.BaseModel `bun:"table:payment_notices"`

	ID        id.ID `bun:",pk"`
	PaymentID id.ID
	Channel   string
	TxnNo     string
	Outcome   Outcome
	AmountFen money.Fen
	Effect    string
	At        clock.Instant
}

func refundsDue(ctx context.Context, r db.Reader, now clock.Instant, limit int64) (list []Refund, err error) {
	err = r.Select(&list).Where("status <> ? AND check_at <= ?", RefundDone, now).OrderExpr("check_at").Limit(limit).Scan(ctx)
	return list, err
}

func moveRefund(ctx context.Context, tx *db.Tx, f Refund, to RefundStatus, checkAt clock.Instant) (bool, error) {
	done := clock.Instant(0)
	if to == RefundDone {
		done = clock.At(tx.Now())
	}
	return tx.ExecOne(ctx, `UPDATE refunds SET status = ?, check_at = ?, checks = checks + 1, done_at = ? WHERE id = ? AND status = ?`,
		to, checkAt, done, f.ID, f.Status)
}
