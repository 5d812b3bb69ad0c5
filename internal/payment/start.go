package payment

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

const (
	gatewayTimeout = 15 * time.Second
	firstCheck     = 15 * time.Second // a created payment that nobody took further is looked after
	longestCheck   = 5 * time.Minute
)

// Start begins paying what is due for a subject, or returns the attempt that is
// open already: asking twice gives one intent. Without a channel it is
// ErrNoChannel; when nothing is due, ErrNothingDue.
func (s *Service) Start(ctx context.Context, who account.Principal, subject id.ID, channel string) (Payment, error) {
	if len(s.order) == 0 {
		return Payment{}, ErrNoChannel
	}
	if channel == "" {
		channel = s.order[0]
	}
	if !slices.Contains(s.order, channel) {
		return Payment{}, ErrNoChannel
	}
	for range 2 {
		p, fresh, err := s.open(ctx, who, subject, channel)
		switch {
		case errors.Is(err, errOutdated):
			// An order of the subject was canceled meanwhile: the old attempt asks for too much.
			if err := s.CloseOpen(ctx, subject); err != nil {
				return Payment{}, err
			}
			continue
		case err != nil:
			return Payment{}, err
		case fresh:
			return s.ask(ctx, p)
		case p.PayURL == "":
			return Payment{}, ErrInProgress
		}
		return p, nil
	}
	return Payment{}, ErrInProgress
}

var errOutdated = errors.New("payment: the open attempt is for another amount")

// open writes the attempt down before any gateway hears of it.
func (s *Service) open(ctx context.Context, who account.Principal, subject id.ID, channel string) (p Payment, fresh bool, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		due, err := s.payee.Due(ctx, tx, who.OrgID, subject)
		if err != nil {
			return err
		}
		old, open, err := findOpen(ctx, tx, subject)
		if err != nil {
			return err
		}
		now := clock.At(tx.Now())
		switch {
		case open && (due.Amount != old.AmountFen || old.Channel != channel):
			return errOutdated
		case open:
			p, fresh = old, false
			return nil
		case due.Amount <= 0 || now >= due.ExpiresAt:
			return ErrNothingDue
		}
		p = Payment{
			ID: id.New(), SubjectID: subject, OrgID: due.OrgID, UserID: who.UserID, Channel: channel, Title: due.Title,
			Status: Created, AmountFen: due.Amount, CreatedAt: now, ExpiresAt: due.ExpiresAt, CheckAt: now.Add(firstCheck),
		}
		if fresh, err = insert(ctx, tx, &p); err != nil || !fresh {
			return errors.Join(err, ErrInProgress)
		}
		return note(ctx, tx, who.Actor(), "payment.start", p, map[string]any{"amountFen": p.AmountFen, "channel": channel, "checkout": subject})
	})
	return p, fresh, err
}

// ask opens the charge at the gateway. No answer leaves the payment unknown: it
// may have been opened, so only the gateway can say what became of it.
func (s *Service) ask(ctx context.Context, p Payment) (Payment, error) {
	call, cancel := context.WithTimeout(ctx, gatewayTimeout)
	defer cancel()
	url, failure := s.gateways[p.Channel].Create(call, Charge{
		PaymentID: p.ID, Amount: p.AmountFen, Title: p.Title, ExpiresAt: p.ExpiresAt.Time(),
	})
	event := Accepted
	if failure != nil {
		event = TimedOut
		slog.ErrorContext(ctx, "a payment could not be opened at the gateway", "payment", p.ID, "channel", p.Channel, "error", failure)
	}
	err := s.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx *db.Tx) error {
		now, err := lock(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if now.Status != Created { // the notice was faster than the answer
			p = now
			return nil
		}
		to, err := now.Status.Next(event)
		if err != nil {
			return err
		}
		now.PayURL = url
		if err := move(ctx, tx, now, to); err != nil {
			return err
		}
		p, p.Status = now, to
		return nil
	})
	if err == nil && failure != nil {
		err = ErrGateway.After(30)
	}
	return p, err
}
