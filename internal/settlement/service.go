package settlement

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/seal"
	"smedx/internal/notify"
	"smedx/internal/order"
	"smedx/internal/setting"
	"smedx/internal/voucher"
)

// firms knows companies by name, and whether they are verified.
type firms interface {
	Names(ctx context.Context, r db.Reader, orgIDs ...id.ID) (map[id.ID]string, error)
	RequireVerified(ctx context.Context, r db.Reader, orgID id.ID) error
}

// Deps is what settlement asks of others. Without Staff nobody is told.
type Deps struct {
	Box      *seal.Box
	Firms    firms
	Vouchers *voucher.Service
	Settings *setting.Service
	Files    *file.Service
	Company  notify.ToCompany
	Staff    account.StaffTeller
	// Leads answers which of some orders stand in a lead of abuse; nil: none does.
	Leads func(ctx context.Context, r db.Reader, orderIDs ...id.ID) (map[id.ID]bool, error)
}

// Service is the use cases of settlement.
type Service struct {
	Deps

	db *db.DB
}

// New makes the service.
func New(d *db.DB, deps Deps) *Service { return &Service{deps, d} }

// Line is an accepted order on its way to the provider.
type Line struct {
	bun.BaseModel `bun:"table:payout_lines,alias:l"`

	OrderID     id.ID `bun:",pk"`
	ProviderOrg id.ID
	VoucherFen  money.Fen
	CashFen     money.Fen
	AcceptedAt  clock.Instant
	Status      State
	BatchID     id.ID
	Reason      string
	HeldBy      id.ID
	HeldName    string
	HeldAt      clock.Instant
	InvoiceNo   string
	InvoiceFile id.ID
	PaidAt      clock.Instant
	Version     int64
}

// Total is voucher money and cash together.
func (l Line) Total() money.Fen { return l.VoucherFen + l.CashFen }

// maxText is how long a reason may be.
const maxText = 500

// turn makes everybody who changes something of a provider's settlement wait for
// the others. It comes before the first reading.
func turn(ctx context.Context, tx *db.Tx, providerOrg id.ID) error {
	_, err := tx.Exec(ctx, `INSERT INTO payout_turns (org_id, version) VALUES (?, 1) ON CONFLICT (org_id) DO UPDATE SET version = payout_turns.version + 1`, providerOrg)
	return err
}

// takeLine takes the turn of an accepted order's provider and reads its line,
// which it makes if nobody has touched the order before.
func takeLine(ctx context.Context, tx *db.Tx, orderID id.ID) (Line, error) {
	var o order.Order
	err := tx.Select(&o).Where("id = ? AND accepted_at > 0 AND redeemed_fen + payable_fen > 0", orderID).Scan(ctx)
	if db.IsNotFound(err) {
		return Line{}, errs.ErrNotFound
	}
	if err != nil {
		return Line{}, err
	}
	if err := turn(ctx, tx, o.ProviderOrg); err != nil {
		return Line{}, err
	}
	return touch(ctx, tx, o)
}

func touch(ctx context.Context, tx *db.Tx, o order.Order) (Line, error) {
	l := Line{OrderID: o.ID, ProviderOrg: o.ProviderOrg, VoucherFen: o.RedeemedFen, CashFen: o.PayableFen, AcceptedAt: o.AcceptedAt, Status: Accrued, Version: 1}
	if _, err := tx.InsertNew(ctx, &l); err != nil {
		return l, err
	}
	return findLine(ctx, tx, o.ID)
}

func findLine(ctx context.Context, r db.Reader, orderID id.ID) (l Line, err error) {
	err = r.Select(&l).Where("l.order_id = ?", orderID).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return l, err
}

// moveLine takes a line through the state machine and stores it.
func moveLine(ctx context.Context, tx *db.Tx, l *Line, e Event) error {
	to, err := l.Status.Next(e)
	if err != nil {
		return err
	}
	from, version := l.Status, l.Version
	l.Status, l.Version = to, version+1
	if to == Accrued || to == Failed {
		l.BatchID = 0
	}
	if to != OnHold {
		l.HeldBy, l.HeldName, l.HeldAt = 0, "", 0
	}
	if to == Paid {
		l.PaidAt = clock.At(tx.Now())
	}
	ok, err := tx.ExecOne(ctx, `
		UPDATE payout_lines SET status = ?, batch_id = ?, reason = ?, held_by = ?, held_name = ?, held_at = ?, paid_at = ?, version = ?
		WHERE order_id = ? AND status = ? AND version = ?`,
		to, l.BatchID, l.Reason, l.HeldBy, l.HeldName, l.HeldAt, l.PaidAt, l.Version, l.OrderID, from, version)
	if err == nil && !ok {
		err = errs.ErrStale
	}
	return err
}

// write runs a use case; what it refuses for want of a second person leaves an
// entry in the trail.
func (s *Service) write(ctx context.Context, who account.Principal, kind string, objectID id.ID, fn db.Func) error {
	err := s.db.Write(ctx, fn)
	if errors.Is(err, ErrFourEyes) {
		err = errors.Join(err, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			return note(ctx, tx, who, didRefused, kind, objectID, 0, map[string]any{"code": ErrFourEyes.Code})
		}))
	}
	return err
}

func note(ctx context.Context, tx *db.Tx, who account.Principal, verb Verb, kind string, objectID, about id.ID, detail map[string]any) error {
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{Action: "settlement." + string(verb), ObjectKind: kind, ObjectID: objectID, SubjectOrg: about, Detail: detail})
}

// tellProvider tells a provider's people.
func (s *Service) tellProvider(ctx context.Context, tx *db.Tx, orgID id.ID, event, title, body string) error {
	if s.Company == nil {
		return nil
	}
	return s.Company(ctx, tx, orgID, notify.Message{Event: event, Title: title, Body: body, Link: "/workbench/payouts"})
}

// tellStaff tells those of the staff who have a right, but not who acted.
func (s *Service) tellStaff(ctx context.Context, tx *db.Tx, role account.Role, perm account.Permission, not id.ID, m notify.Message) error {
	if s.Staff == nil {
		return nil
	}
	return s.Staff.TellHolders(ctx, tx, perm, not, m, role)
}

func (s *Service) tellOne(ctx context.Context, tx *db.Tx, userID id.ID, m notify.Message) error {
	if s.Staff == nil || userID == 0 {
		return nil
	}
	return s.Staff.TellUser(ctx, tx, userID, m)
}

// ended is what people wrote as a sentence: with one full stop.
func ended(text string) string { return strings.TrimRight(text, "。.！!？?；;，, ") + "。" }

// reasoned trims what people wrote and refuses it when it is missing or too long.
func reasoned(text *string, pointer string) error {
	var bad errs.Fields
	required(&bad, text, pointer, maxText)
	return bad.Err()
}

func required(bad *errs.Fields, text *string, pointer string, most int) {
	*text = strings.TrimSpace(*text)
	switch n := utf8.RuneCountInString(*text); {
	case n == 0:
		bad.Add(pointer, "field.required")
	case n > most:
		bad.Add(pointer, "field.too_long", "max", most)
	}
}
