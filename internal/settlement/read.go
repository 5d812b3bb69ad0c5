package settlement

import (
	"context"
	"strings"

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
const lines = `
	FROM orders o LEFT JOIN payout_lines l ON l.order_id = o.id
	WHERE o.accepted_at > 0 AND o.redeemed_fen + o.payable_fen > 0`

const itemColumns = `
	SELECT o.id AS order_id, o.title, o.buyer_name, o.provider_org, o.provider_name, o.redeemed_fen AS voucher_fen, o.payable_fen AS cash_fen, o.accepted_at,
		COALESCE(l.status, 'accrued') AS status, COALESCE(l.batch_id, 0) AS batch_id, COALESCE(l.reason, '') AS reason,
		COALESCE(l.held_by, 0) AS held_by, COALESCE(l.held_name, '') AS held_name, COALESCE(l.held_at, 0) AS held_at,
		COALESCE(l.invoice_no, '') AS invoice_no, COALESCE(l.invoice_file, 0) AS invoice_file, COALESCE(l.paid_at, 0) AS paid_at,
		(SELECT CAST(COALESCE(SUM(c.amount_fen - c.recovered_fen - c.written_fen), 0) AS BIGINT) FROM clawbacks c WHERE c.order_id = o.id AND c.status = 'due') AS owed_fen`

func (s *Service) where(ctx context.Context, f Filter) (string, []any, error) {
	var sql strings.Builder
	var args []any
	add := func(q string, a ...any) {
		sql.WriteString(" AND " + q)
		args = append(args, a...)
	}
	if f.ProviderOrg != 0 {
		add("o.provider_org = ?", f.ProviderOrg)
	}
	if f.Words != "" {
		like := db.Contains(f.Words)
		add("(o.provider_name LIKE ? ESCAPE '!' OR o.title LIKE ? ESCAPE '!')", like, like)
	}
	if len(f.States) > 0 {
		add("COALESCE(l.status, 'accrued') IN (?)", bun.List(f.States))
	}
	if f.From != 0 {
		add("o.accepted_at >= ?", f.From)
	}
	if f.To != 0 {
		add("o.accepted_at < ?", f.To)
	}
	if f.Ready {
		kept, err := s.retention(ctx)
		if err != nil {
			return "", nil, err
		}
		add("COALESCE(l.status, 'accrued') = 'accrued' AND o.accepted_at <= ?", int64(clock.At(s.db.Now()))-kept)
	}
	return sql.String(), args, nil
}

// retention is how long a line waits after the acceptance, in milliseconds.
func (s *Service) retention(ctx context.Context) (int64, error) {
	days, err := s.Settings.Number(ctx, s.db, setting.RetentionDays)
	return days * 24 * 3_600_000, err
}

// List answers lines, the newest acceptance first; size 0 means all of them.
func (s *Service) List(ctx context.Context, f Filter, p page.Query) (list []Item, total int64, err error) {
	where, args, err := s.where(ctx, f)
	if err != nil {
		return nil, 0, err
	}
	q := itemColumns + lines + where + ` ORDER BY o.accepted_at DESC, o.id DESC`
	if p.Size > 0 {
		if err := s.db.Raw(`SELECT COUNT(*)`+lines+where, args...).Scan(ctx, &total); err != nil {
			return nil, 0, err
		}
		q += ` LIMIT ? OFFSET ?`
		args = append(args, p.Size, (max(p.Page, 1)-1)*p.Size)
	}
	if err := s.db.Raw(q, args...).Scan(ctx, &list); err != nil {
		return nil, 0, err
	}
	kept, err := s.retention(ctx)
	for i := range list {
		list[i].ReadyFrom = list[i].AcceptedAt + clock.Instant(kept)
	}
	return list, total, err
}

// Sum is an amount of voucher money and of cash.
type Sum struct {
	Lines      int64     `json:"lines"`
	VoucherFen money.Fen `json:"voucherFen"`
	CashFen    money.Fen `json:"cashFen"`
}

func (s *Sum) add(t Sum) {
	s.Lines += t.Lines
	s.VoucherFen += t.VoucherFen
	s.CashFen += t.CashFen
}

// Totals are the sums of a provider, or of all.
type Totals struct {
	Accrued Sum       `json:"accrued" doc:"待结算: due, or in a batch that is not submitted"`
	Waiting Sum       `json:"waiting" doc:"待复核"`
	Sent    Sum       `json:"sent" doc:"付款中: approved or with the bank"`
	Paid    Sum       `json:"paid" doc:"已兑付: less what was clawed back"`
	Held    Sum       `json:"held" doc:"暂缓"`
	OwedFen money.Fen `json:"owedFen" doc:"待追回: to be given back"`
}

// TotalsOf sums lines.
func (s *Service) TotalsOf(ctx context.Context, f Filter) (t Totals, err error) {
	f.States, f.Ready = nil, false
	where, args, err := s.where(ctx, f)
	if err != nil {
		return t, err
	}
	var rows []struct {
		Status  State
		N       int64
		V, C    money.Fen
		OwedFen money.Fen
		BackFen money.Fen
	}
	err = s.db.Raw(`
		SELECT status, COUNT(*) AS n, CAST(SUM(v) AS BIGINT) AS v, CAST(SUM(c) AS BIGINT) AS c, CAST(SUM(owed) AS BIGINT) AS owed_fen, CAST(SUM(back) AS BIGINT) AS back_fen FROM (
			SELECT COALESCE(l.status, 'accrued') AS status, o.redeemed_fen AS v, o.payable_fen AS c,
				(SELECT COALESCE(SUM(k.amount_fen - k.recovered_fen - k.written_fen), 0) FROM clawbacks k WHERE k.order_id = o.id AND k.status = 'due') AS owed,
				(SELECT COALESCE(SUM(k.recovered_fen), 0) FROM clawbacks k WHERE k.order_id = o.id) AS back`+lines+where+`
		) AS t GROUP BY status`, args...).Scan(ctx, &rows)
	for _, r := range rows {
		sum := Sum{r.N, r.V, r.C}
		switch r.Status {
		case Accrued, Batched, Failed:
			t.Accrued.add(sum)
		case OnHold:
			t.Held.add(sum)
		case PendingApproval:
			t.Waiting.add(sum)
		case Approved, Sent:
			t.Sent.add(sum)
		default:
			sum.VoucherFen -= r.OwedFen + r.BackFen
			t.Paid.add(sum)
			t.OwedFen += r.OwedFen
		}
	}
	return t, err
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
	err = s.db.Raw(itemColumns+lines+` AND o.id = ?`, orderID).Scan(ctx, &d.Item)
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
	where, args, err := s.where(ctx, Filter{Ready: true})
	if err != nil {
		return t, err
	}
	err = s.db.Raw(`SELECT (SELECT COUNT(*)`+lines+where+`) AS ready,
		(SELECT COUNT(*) FROM payout_batches WHERE status = 'batched') AS unsent, (SELECT COUNT(*) FROM payout_batches WHERE status = 'pending_approval') AS waiting,
		(SELECT COUNT(*) FROM payout_batches WHERE status = 'approved') AS approved, (SELECT COUNT(*) FROM payout_batches WHERE status = 'sent') AS sent,
		(SELECT COUNT(*) FROM clawbacks WHERE status = 'proposed' OR (status = 'due' AND waiver_by <> 0)) AS clawbacks`, args...).Scan(ctx, &t)
	return t, err
}

// Clawback reads one claw-back.
func (s *Service) Clawback(ctx context.Context, clawID id.ID) (Clawback, error) {
	return findClawback(ctx, s.db, clawID)
}
