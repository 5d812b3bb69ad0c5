package delivery

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/order"
)

// Service is the use cases of deliveries.
type Service struct {
	db     *db.DB
	orders *order.Service
	files  *file.Service
}

// New makes the service.
func New(d *db.DB, orders *order.Service, files *file.Service) *Service {
	return &Service{d, orders, files}
}

// Start is the provider's promise: what will be done, until the end of which day.
func (s *Service) Start(ctx context.Context, who account.Principal, orderID id.ID, plan string, until clock.Instant) error {
	var refused errs.Fields
	plan = text(&refused, "/plan", plan, false)
	if now := clock.At(s.db.Now()); until <= now || until > now.Add(5*365*24*time.Hour) {
		refused.Add("/plannedAt", "delivery.planned_past")
	}
	if err := refused.Err(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		o, err := s.orders.Advance(ctx, tx, who, orderID, order.Start, plan)
		if err != nil {
			return err
		}
		_, err = tx.Insert(&Delivery{
			OrderID: o.ID, ProviderOrg: o.ProviderOrg, BuyerOrg: o.BuyerOrg, Status: InProgress,
			Plan: plan, PlannedAt: until, StartedAt: clock.At(tx.Now()), Version: 1,
		}).Exec(ctx)
		if err != nil {
			return err
		}
		return note(ctx, tx, who, "delivery.start", o, map[string]any{"until": until})
	})
}

// Submit hands over: a note and at least one document, which the buyer may read from here on.
func (s *Service) Submit(ctx context.Context, who account.Principal, orderID id.ID, remark string, fileIDs []id.ID) error {
	var refused errs.Fields
	remark = text(&refused, "/note", remark, true)
	if len(fileIDs) == 0 || len(fileIDs) > MaxFiles {
		refused.Add("/fileIds", ErrNoPapers.Code, "max", MaxFiles)
	}
	if err := refused.Err(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		o, err := s.orders.Advance(ctx, tx, who, orderID, order.Submit, remark)
		if err != nil {
			return err
		}
		d, err := advance(ctx, tx, orderID, Submit)
		if err != nil {
			return err
		}
		_, err = tx.Insert(&Round{OrderID: orderID, Round: d.Round, Note: remark, SubmittedBy: who.UserID, SubmittedAt: clock.At(tx.Now())}).Exec(ctx)
		if err != nil {
			return err
		}
		if err := s.attach(ctx, tx, who, d, fileIDs); err != nil {
			return err
		}
		return note(ctx, tx, who, "delivery.submit", o, map[string]any{"round": d.Round, "files": len(fileIDs)})
	})
}

func (s *Service) attach(ctx context.Context, tx *db.Tx, who account.Principal, d Delivery, fileIDs []id.ID) error {
	files, err := s.files.Claim(ctx, tx, who.OrgID, file.DeliveryDoc, fileIDs...)
	if err != nil {
		return err
	}
	for _, f := range files {
		_, err := tx.InsertNew(ctx, &Paper{OrderID: d.OrderID, Round: d.Round, FileID: f.ID, Name: f.Name, Size: f.Size, SHA256: f.SHA256})
		if err != nil {
			return err
		}
		if err := s.files.Grant(ctx, tx, f.ID, file.ToOrg(d.BuyerOrg), file.ToRight(string(account.OrderOversee))); err != nil {
			return err
		}
	}
	return nil
}

// Accept is the buyer's 验收: the order is completed and its money the provider's.
// What comes with it holds or fails with it.
func (s *Service) Accept(ctx context.Context, who account.Principal, orderID id.ID, remark string, with ...db.Func) error {
	return s.answer(ctx, who, orderID, Accept, order.Accept, remark, with...)
}

// Reject sends the hand-over back with a reason.
func (s *Service) Reject(ctx context.Context, who account.Principal, orderID id.ID, reason string) error {
	return s.answer(ctx, who, orderID, Reject, order.Reject, reason)
}

func (s *Service) answer(ctx context.Context, who account.Principal, orderID id.ID, e Event, oe order.Event, remark string, with ...db.Func) error {
	var refused errs.Fields
	remark = text(&refused, "/reason", remark, e == Accept)
	if err := refused.Err(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		o, err := s.orders.Advance(ctx, tx, who, orderID, oe, remark)
		if err != nil {
			return err
		}
		d, err := advance(ctx, tx, orderID, e)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			UPDATE delivery_rounds SET answer = ?, reason = ?, answered_by = ?, answered_at = ?
			WHERE order_id = ? AND round = ? AND answer = ''`, d.Status, remark, who.UserID, clock.At(tx.Now()), orderID, d.Round)
		if err == nil {
			err = db.Together(ctx, tx, with...)
		}
		if err != nil {
			return err
		}
		return note(ctx, tx, who, "delivery."+string(e), o, map[string]any{"round": d.Round})
	})
}

// Of is the delivery of an order with its rounds, newest first; nil before it has
// begun. The caller has checked who may see the order.
func (s *Service) Of(ctx context.Context, orderID id.ID) (*Delivery, []Round, error) {
	var d Delivery
	err := s.db.Select(&d).Where("order_id = ?", orderID).Scan(ctx)
	if db.IsNotFound(err) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	var rounds []Round
	if err := s.db.Select(&rounds).Where("order_id = ?", orderID).OrderExpr("round DESC").Scan(ctx); err != nil {
		return nil, nil, err
	}
	var papers []Paper
	if err := s.db.Select(&papers).Where("order_id = ?", orderID).OrderExpr("file_id").Scan(ctx); err != nil {
		return nil, nil, err
	}
	for i := range rounds {
		for _, p := range papers {
			if p.Round == rounds[i].Round {
				rounds[i].Files = append(rounds[i].Files, p)
			}
		}
	}
	return &d, rounds, nil
}

// advance takes the delivery through its state machine; a hand-over opens a round.
func advance(ctx context.Context, tx *db.Tx, orderID id.ID, e Event) (Delivery, error) {
	var d Delivery
	err := tx.Select(&d).Where("order_id = ?", orderID).Scan(ctx)
	if db.IsNotFound(err) {
		return d, errs.ErrNotFound
	}
	if err != nil {
		return d, err
	}
	from := d.Status
	if d.Status, err = from.Next(e); err != nil {
		return d, err
	}
	switch e {
	case Submit:
		d.Round++
	case Accept:
		d.EndedAt = clock.At(tx.Now())
	case Reject:
	}
	ok, err := tx.ExecOne(ctx, `UPDATE deliveries SET status = ?, round = ?, ended_at = ?, version = version + 1 WHERE order_id = ? AND status = ? AND version = ?`,
		d.Status, d.Round, d.EndedAt, orderID, from, d.Version)
	if err == nil && !ok {
		err = errs.ErrInvalidState.In(string(from))
	}
	return d, err
}

// text trims what people wrote and refuses what is too long, or missing.
func text(refused *errs.Fields, pointer, s string, mayBeEmpty bool) string {
	s = strings.TrimSpace(s)
	switch {
	case s == "" && !mayBeEmpty:
		refused.Add(pointer, "field.required")
	case utf8.RuneCountInString(s) > MaxText:
		refused.Add(pointer, "field.too_long", "max", MaxText)
	}
	return s
}

func note(ctx context.Context, tx *db.Tx, who account.Principal, action string, o order.Order, detail map[string]any) error {
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{Action: action, ObjectKind: "order", ObjectID: o.ID, SubjectOrg: o.ProviderOrg, Detail: detail})
}
