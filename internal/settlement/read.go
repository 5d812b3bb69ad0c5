package settlement

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/setting"
)

// Item is a line with its order, as lists show it.
type Item struct {
	OrderID      id.ID
	Title        string
	BuyerName    string
	ProviderOrg  id.ID
	ProviderName string
	VoucherFen   money.Fen
	CashFen      money.Fen
	AcceptedAt   clock.Instant
	Status       State
	BatchID      id.ID
	Reason       string
	HeldBy       id.ID
	HeldName     string
	HeldAt       clock.Instant
	InvoiceNo    string
	InvoiceFile  id.ID
	PaidAt       clock.Instant
	OwedFen      money.Fen     // to be given back
	ReadyFrom    clock.Instant `bun:"-"`
}

// Filter narrows a list of lines; zero values do not narrow.
type Filter struct {
	ProviderOrg id.ID
	Words       string // in the provider's or the order's name
	States      []State
	From, To    clock.Instant // accepted in [From, To)
	Ready       bool          // may be batched now
}

// lines is every accepted order that cost something, with its row if it has one.
const lines = orderFrom + `
	LEFT JOIN payout_lines l ON l.order_id = o.id
	WHERE `

const acceptedOrders = `o.accepted_at > 0 AND o.redeemed_fen + o.payable_fen > 0`

const orderFrom = `
	FROM orders o`

// touched is the same of those that have one.
const touched = `
	FROM payout_lines l JOIN orders o ON o.id = l.order_id
	WHERE `

const itemColumns = `
	SELECT o.id AS order_id, o.title, o.buyer_name, o.provider_org, o.provider_name, o.redeemed_fen AS voucher_fen, o.payable_fen AS cash_fen, o.accepted_at,
		COALESCE(l.status, 'accrued') AS status, COALESCE(l.batch_id, 0) AS batch_id, COALESCE(l.reason, '') AS reason,
		COALESCE(l.held_by, 0) AS held_by, COALESCE(l.held_name, '') AS held_name, COALESCE(l.held_at, 0) AS held_at,
		COALESCE(l.invoice_no, '') AS invoice_no, COALESCE(l.invoice_file, 0) AS invoice_file, COALESCE(l.paid_at, 0) AS paid_at,
		(SELECT CAST(COALESCE(SUM(c.amount_fen - c.recovered_fen - c.written_fen), 0) AS BIGINT) FROM clawbacks c WHERE c.order_id = o.id AND c.status = 'due') AS owed_fen`

// where narrows by all of a filter. Whatever has no row is untouched, so states
// without Accrued are asked of the rows alone.
func (f Filter) where() (from, order string, args []any) {
	from, order = lines, ` ORDER BY o.accepted_at DESC, o.id DESC`
	sql, args := f.orders("o.provider_org", "o.accepted_at")
	sql += acceptedOrders
	switch {
	case len(f.States) > 0 && !slices.Contains(f.States, Accrued):
		from, order = touched, ` ORDER BY l.accepted_at DESC, l.order_id DESC`
		sql, args = f.orders("l.provider_org", "l.accepted_at")
		sql += "l.status IN (?)"
		args = append(args, bun.List(f.States))
	case len(f.States) > 0:
		sql += " AND COALESCE(l.status, 'accrued') IN (?)"
		args = append(args, bun.List(f.States))
	}
	if f.Words != "" {
		like := db.Contains(f.Words)
		sql += " AND (o.provider_name LIKE ? ESCAPE '!' OR o.title LIKE ? ESCAPE '!')"
		args = append(args, like, like)
	}
	return from + sql, order, args
}

// orders narrows by provider and time, whichever table they are read from. It comes
// before acceptedOrders: SQLite begins to read at the first of two bounds.
func (f Filter) orders(provider, accepted string) (sql string, args []any) {
	if f.ProviderOrg != 0 {
		sql += provider + " = ? AND "
		args = append(args, f.ProviderOrg)
	}
	if f.From != 0 {
		sql += accepted + " >= ? AND "
		args = append(args, f.From)
	}
	if f.To != 0 {
		sql += accepted + " < ? AND "
		args = append(args, f.To)
	}
	return sql, args
}

// settled says what Ready means in states and times, since kept milliseconds must
// have passed.
func (f Filter) settled(now clock.Instant, kept int64) Filter {
	if !f.Ready {
		return f
	}
	f.Ready, f.States = false, []State{Accrued}
	if end := now - clock.Instant(kept) + 1; f.To == 0 || end < f.To {
		f.To = end
	}
	return f
}

// retention is how long a line waits after the acceptance, in milliseconds.
func (s *Service) retention(ctx context.Context) (int64, error) {
	days, err := s.Settings.Number(ctx, s.db, setting.RetentionDays)
	return days * 24 * 3_600_000, err
}

// List answers lines, the newest acceptance first; size 0 means all of them.
func (s *Service) List(ctx context.Context, f Filter, p page.Query) (list []Item, total int64, err error) {
	kept, err := s.retention(ctx)
	if err != nil {
		return nil, 0, err
	}
	f = f.settled(clock.At(s.db.Now()), kept)
	q, args := "", []any(nil)
	if p.Size > 0 {
		if total, err = s.count(ctx, f); err != nil {
			return nil, 0, err
		}
		if q, args, err = s.onPage(ctx, f, total, p); q == "" || err != nil {
			return nil, total, err
		}
	} else {
		from, order, values := f.where()
		q, args = itemColumns+from+order, values
	}
	if err := s.db.Raw(q, args...).Scan(ctx, &list); err != nil {
		return nil, 0, err
	}
	for i := range list {
		list[i].ReadyFrom = list[i].AcceptedAt + clock.Instant(kept)
	}
	return list, total, err
}

// onPage is the query of one page; "" where there is none. It looks at the days of
// the page alone, and at whole rows only for what is on it.
func (s *Service) onPage(ctx context.Context, f Filter, total int64, p page.Query) (string, []any, error) {
	skip := int64(max(p.Page, 1)-1) * int64(p.Size)
	size := min(int64(p.Size), total-skip)
	if size <= 0 {
		return "", nil, nil
	}
	w, err := s.find(ctx, f, skip, size)
	if err != nil || len(w.days) == 0 {
		return "", nil, err
	}
	f, within, spans := w.within(f)
	from, order, args := f.where()
	return itemColumns + ` FROM (SELECT o.id AS picked` + from + within + order + ` LIMIT ? OFFSET ?) AS k
		JOIN orders o ON o.id = k.picked LEFT JOIN payout_lines l ON l.order_id = o.id ORDER BY o.accepted_at DESC, o.id DESC`,
		slices.Concat(args, spans, []any{size, w.skip}), nil
}

// Detail is a line with everything that happened to it.
type Detail struct {
	Item
	Parts       []Part
	Clawbacks   []Clawback
	Moves       []Move
	ClawableFen money.Fen
}

// Get reads one line; a provider sees its own only (provider 0: staff).
func (s *Service) Get(ctx context.Context, provider, orderID id.ID) (d Detail, err error) {
	err = s.db.Raw(itemColumns+lines+acceptedOrders+` AND o.id = ?`, orderID).Scan(ctx, &d.Item)
	if db.IsNotFound(err) || err == nil && provider != 0 && d.ProviderOrg != provider {
		return d, errs.ErrNotFound
	}
	if err != nil {
		return d, err
	}
	kept, err := s.retention(ctx)
	if err != nil {
		return d, err
	}
	d.ReadyFrom = d.AcceptedAt + clock.Instant(kept)
	if err := s.db.Select(&d.Parts).Where("p.order_id = ?", orderID).Order("p.batch_id").Scan(ctx); err != nil {
		return d, err
	}
	if err := s.db.Select(&d.Clawbacks).Where("c.order_id = ?", orderID).Order("c.id").Scan(ctx); err != nil {
		return d, err
	}
	err = s.db.Select(&d.Moves).Where("m.clawback_id IN (SELECT id FROM clawbacks WHERE order_id = ?)", orderID).Order("m.id").Scan(ctx)
	if err != nil {
		return d, err
	}
	d.ClawableFen, err = clawable(ctx, s.db, Line{OrderID: orderID, VoucherFen: d.VoucherFen, Status: d.Status})
	return d, err
}

// Batches lists batches, the newest first.
func (s *Service) Batches(ctx context.Context, status State, provider id.ID, p page.Query) (list []Batch, total int64, err error) {
	q := s.db.Select(&list).Order("b.id DESC")
	if status != "" {
		q = q.Where("b.status = ?", status)
	}
	if provider != 0 {
		q = q.Where("b.provider_org = ?", provider)
	}
	total, err = page.Scan(ctx, q, p, &list)
	return list, total, err
}

// BatchLine is a line of a batch with its order.
type BatchLine struct {
	Part
	Title      string
	BuyerName  string
	VoucherFen money.Fen
	CashFen    money.Fen
	AcceptedAt clock.Instant
	InvoiceNo  string
}

// Batch reads one batch with its lines.
func (s *Service) Batch(ctx context.Context, batchID id.ID) (b Batch, list []BatchLine, err error) {
	if b, err = findBatch(ctx, s.db, batchID); err != nil {
		return b, nil, err
	}
	err = s.db.Raw(`
		SELECT p.*, o.title, o.buyer_name, l.voucher_fen, l.cash_fen, l.accepted_at, l.invoice_no
		FROM payout_batch_lines p JOIN payout_lines l ON l.order_id = p.order_id JOIN orders o ON o.id = p.order_id
		WHERE p.batch_id = ? ORDER BY p.order_id`, batchID).Scan(ctx, &list)
	return b, list, err
}

// Answered is what the bank has done with a batch so far.
type Answered struct {
	BatchID     id.ID
	PaidFen     money.Fen
	FailedLines int64
}

// AnswersOf tells it of some batches.
func (s *Service) AnswersOf(ctx context.Context, batchIDs ...id.ID) (map[id.ID]Answered, error) {
	var rows []Answered
	err := s.db.Raw(`
		SELECT batch_id, CAST(SUM(CASE WHEN status = 'paid' THEN pay_fen ELSE 0 END) AS BIGINT) AS paid_fen, SUM(CASE WHEN status = 'failed' THEN 1 ELSE 0 END) AS failed_lines
		FROM payout_batch_lines WHERE batch_id IN (?) GROUP BY batch_id`, bun.List(append(batchIDs, 0))).Scan(ctx, &rows)
	out := make(map[id.ID]Answered, len(rows))
	for _, r := range rows {
		out[r.BatchID] = r
	}
	return out, err
}

// Clawbacks lists claw-backs, the newest first.
func (s *Service) Clawbacks(ctx context.Context, status ClawStatus, provider id.ID, p page.Query) (list []Clawback, total int64, err error) {
	q := s.db.Select(&list).Order("c.id DESC")
	if status != "" {
		q = q.Where("c.status = ?", status)
	}
	if provider != 0 {
		q = q.Where("c.provider_org = ? AND c.status NOT IN (?, ?)", provider, ClawProposed, ClawRejected)
	}
	total, err = page.Scan(ctx, q, p, &list)
	return list, total, err
}

// Tasks is what waits for a person.
type Tasks struct {
	Ready     int64 `json:"ready" doc:"Lines that may be batched"`
	Unsent    int64 `json:"unsent" doc:"Batches that were not submitted"`
	Waiting   int64 `json:"waiting" doc:"Batches that wait for approval"`
	Approved  int64 `json:"approved" doc:"Batches whose bank file was not made"`
	Sent      int64 `json:"sent" doc:"Batches that wait for the bank's answer"`
	Clawbacks int64 `json:"clawbacks" doc:"Claw-backs and write-offs that wait for a decision"`
}

// Waiting counts what waits.
func (s *Service) Waiting(ctx context.Context) (t Tasks, err error) {
	kept, err := s.retention(ctx)
	if err != nil {
		return t, err
	}
	ready, err := s.count(ctx, Filter{Ready: true}.settled(clock.At(s.db.Now()), kept))
	if err != nil {
		return t, err
	}
	err = s.db.Raw(`SELECT (SELECT COUNT(*) FROM payout_batches WHERE status = 'batched') AS unsent, (SELECT COUNT(*) FROM payout_batches WHERE status = 'pending_approval') AS waiting,
		(SELECT COUNT(*) FROM payout_batches WHERE status = 'approved') AS approved, (SELECT COUNT(*) FROM payout_batches WHERE status = 'sent') AS sent,
		(SELECT COUNT(*) FROM clawbacks WHERE status = 'proposed' OR (status = 'due' AND waiver_by <> 0)) AS clawbacks`).Scan(ctx, &t)
	t.Ready = ready
	return t, err
}

// Clawback reads one claw-back.
func (s *Service) Clawback(ctx context.Context, clawID id.ID) (Clawback, error) {
	return findClawback(ctx, s.db, clawID)
}
