package payment

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// CheckDue is a sweep: it asks the gateways about payments whose end nobody told
// us, and closes those whose time is over. Running it twice does no harm.
func (s *Service) CheckDue(ctx context.Context) error {
	due, err := dueForCheck(ctx, s.db, clock.At(s.db.Now()), 100)
	if err != nil {
		return err
	}
	var all error
	for _, p := range due {
		all = errors.Join(all, s.check(ctx, p))
	}
	return all
}

// Refresh asks the gateway about one payment of which no end is known yet: the
// page that the buyer returns to calls it, so that it need not wait for a notice.
func (s *Service) Refresh(ctx context.Context, paymentID id.ID) error {
	p, err := find(ctx, s.db, paymentID)
	if err != nil || !p.Status.Open() || p.Status == Created {
		return err
	}
	return s.check(ctx, p)
}

func (s *Service) check(ctx context.Context, p Payment) error {
	g, ok := s.gateways[p.Channel]
	if !ok {
		return s.later(ctx, p, longestCheck) // its channel is switched off for now
	}
	if p.Status == Created {
		if err := s.step(ctx, p.ID, TimedOut); err != nil {
			return err
		}
	}
	call, cancel := context.WithTimeout(ctx, gatewayTimeout)
	defer cancel()
	n, err := g.Query(call, p.ID)
	switch {
	case err != nil:
		slog.WarnContext(ctx, "a gateway did not answer about a payment", "payment", p.ID, "channel", p.Channel, "error", err)
		return s.later(ctx, p, backOff(p.Checks))
	case n.Outcome == OutcomePaid || n.Outcome == OutcomeRefused || n.Outcome == OutcomeShut:
		n.PaymentID = p.ID
		return s.confirm(ctx, p.Channel, n)
	case n.Outcome == OutcomeNone:
		return s.step(ctx, p.ID, Shut)
	case clock.At(s.db.Now()) >= p.ExpiresAt:
		return s.close(ctx, p)
	}
	return s.later(ctx, p, backOff(p.Checks))
}

// CloseOpen makes sure that no more money comes for a subject. If the buyer has
// paid meanwhile, that payment is taken first; ErrInProgress means that the
// gateway did not say, so whoever wanted to cancel has to wait.
func (s *Service) CloseOpen(ctx context.Context, subject id.ID) error {
	p, open, err := findOpen(ctx, s.db, subject)
	if err != nil || !open {
		return err
	}
	if p.Status == Created {
		if clock.At(s.db.Now()) < p.CheckAt {
			return ErrInProgress // the gateway is being asked right now
		}
		if err := s.step(ctx, p.ID, TimedOut); err != nil {
			return err
		}
	}
	return s.close(ctx, p)
}

func (s *Service) close(ctx context.Context, p Payment) error {
	g, ok := s.gateways[p.Channel]
	if !ok {
		return ErrInProgress
	}
	call, cancel := context.WithTimeout(ctx, gatewayTimeout)
	defer cancel()
	switch err := g.Close(call, p.ID); {
	case errors.Is(err, ErrPaidAlready):
		n, err := g.Query(call, p.ID)
		if err != nil || n.Outcome != OutcomePaid {
			slog.WarnContext(ctx, "a gateway says paid but not how much", "payment", p.ID, "error", err)
			return ErrInProgress
		}
		n.PaymentID = p.ID
		return s.confirm(ctx, p.Channel, n)
	case err != nil:
		slog.WarnContext(ctx, "a payment could not be closed at the gateway", "payment", p.ID, "error", err)
		return errors.Join(ErrInProgress, s.later(ctx, p, backOff(p.Checks)))
	}
	return s.step(ctx, p.ID, Shut)
}

// step moves an open payment; one that has ended meanwhile is left alone.
func (s *Service) step(ctx context.Context, paymentID id.ID, e Event) error {
	return s.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx *db.Tx) error {
		p, err := lock(ctx, tx, paymentID)
		if err != nil || !p.Status.Open() {
			return err
		}
		to, err := p.Status.Next(e)
		if err != nil {
			return err
		}
		return move(ctx, tx, p, to)
	})
}

func (s *Service) later(ctx context.Context, p Payment, wait time.Duration) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return postpone(ctx, tx, p.ID, clock.At(tx.Now()).Add(wait))
	})
}

// backOff waits 10, 20, 40 … seconds, at most five minutes.
func backOff(checks int64) time.Duration {
	return min(10*time.Second<<min(checks, 10), longestCheck)
}
