package payment

import (
	"context"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// Due is what a payee wants to be paid.
type Due struct {
	OrgID     id.ID
	Amount    money.Fen
	Title     string
	ExpiresAt clock.Instant
}

// Payee is the module whose things are paid for. It is called in the payment's transaction.
type Payee interface {
	// Due says what the subject still costs its company, and makes others who would
	// change that wait. Another company's subject is errs.ErrNotFound.
	Due(ctx context.Context, tx *db.Tx, orgID, subject id.ID) (Due, error)
	// Settled takes the money: it books it to what was bought. False means that the
	// subject does not want (this amount of) money any more; then nothing was written.
	// payer is the name of the account that paid, "" if the gateway does not say.
	Settled(ctx context.Context, tx *db.Tx, p Payment, payer string) (bool, error)
	// Refunded says that the refund of an order's cash has arrived.
	Refunded(ctx context.Context, tx *db.Tx, orderID id.ID) error
}

// Service runs payments over the configured gateways.
type Service struct {
	db       *db.DB
	payee    Payee
	gateways map[string]Gateway
	order    []string
	staff    account.StaffTeller
	refused  tally
}

// New offers the given gateways; none at all is allowed and means that only what
// costs nothing can be bought.
func New(d *db.DB, gateways ...Gateway) *Service {
	s := &Service{db: d, gateways: map[string]Gateway{}}
	for _, g := range gateways {
		s.gateways[g.Channel()] = g
		s.order = append(s.order, g.Channel())
	}
	return s
}

// SetPayee connects the module whose things are paid for; wiring calls it once.
func (s *Service) SetPayee(p Payee) { s.payee = p }

// Channels lists the configured channels, the preferred one first.
func (s *Service) Channels() []string { return append([]string{}, s.order...) }

// Get is one payment of the caller's company.
func (s *Service) Get(ctx context.Context, who account.Principal, paymentID id.ID) (Payment, error) {
	p, err := find(ctx, s.db, paymentID)
	if err == nil && p.OrgID != who.OrgID {
		err = errs.ErrNotFound
	}
	return p, err
}

// OfSubject lists the payments for a subject, newest first. The caller has
// checked whose subject it is.
func (s *Service) OfSubject(ctx context.Context, r db.Reader, subject id.ID) ([]Payment, error) {
	return ofSubject(ctx, r, subject)
}

// HasOpen reports whether money may still come for a subject.
func (s *Service) HasOpen(ctx context.Context, r db.Reader, subject id.ID) (bool, error) {
	_, open, err := findOpen(ctx, r, subject)
	return open, err
}

func note(ctx context.Context, tx *db.Tx, who audit.Actor, action string, p Payment, detail map[string]any) error {
	return audit.Write(ctx, tx, who, audit.Entry{
		Action: action, ObjectKind: "payment", ObjectID: p.ID, SubjectOrg: p.OrgID, Detail: detail,
	})
}
