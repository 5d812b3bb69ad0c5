package settlement

import (
	"context"

	"github.com/uptrace/bun"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

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

	SentOffsetFen money.Fen `json:"sentOffsetFen" doc:"What of 付款中 is set off and not paid"`
}

// TotalsOf sums lines, whatever their states.
func (s *Service) TotalsOf(ctx context.Context, f Filter) (t Totals, err error) {
	f.States, f.Ready = nil, false
	rows, err := s.figures(ctx, f)
	if err != nil {
		return t, err
	}
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
			t.Paid.add(sum)
		}
	}
	owed, back, err := s.clawed(ctx, f)
	t.OwedFen = owed
	t.Paid.VoucherFen -= owed + back
	if err != nil || t.Sent.Lines == 0 {
		return t, err
	}
	t.SentOffsetFen, err = s.setOff(ctx, f)
	return t, err
}

// narrow is a filter's condition on orders, where the provider stands in a column.
func (f Filter) narrow(provider string) (sql string, args []any) {
	sql, args = f.orders(provider, "o.accepted_at")
	if f.Words != "" {
		like := db.Contains(f.Words)
		sql += "(o.provider_name LIKE ? ESCAPE '!' OR o.title LIKE ? ESCAPE '!') AND "
		args = append(args, like, like)
	}
	return sql, args
}

// setOff is what the batches on their way to the bank take off the lines of a filter.
func (s *Service) setOff(ctx context.Context, f Filter) (sum money.Fen, err error) {
	sql, args := f.narrow("b.provider_org")
	err = s.db.Raw(`
		SELECT CAST(COALESCE(SUM(p.offset_fen), 0) AS BIGINT)
		FROM payout_batches b JOIN payout_batch_lines p ON p.batch_id = b.id AND p.status = 'live' AND p.offset_fen > 0 JOIN orders o ON o.id = p.order_id
		WHERE `+sql+`b.offset_fen > 0 AND b.status IN (?, ?)`, append(args, Approved, Sent)...).Scan(ctx, &sum)
	return sum, err
}

// ToSetOff is what some providers have to give back and no batch has taken yet: it is
// taken off the voucher money of their next batch.
func (s *Service) ToSetOff(ctx context.Context, providers ...id.ID) (map[id.ID]money.Fen, error) {
	var rows []struct {
		ProviderOrg id.ID
		Open        money.Fen
	}
	err := s.db.Raw(`
		SELECT provider_org, CAST(SUM(amount_fen - recovered_fen - written_fen - reserved_fen) AS BIGINT) AS open FROM clawbacks
		WHERE provider_org IN (?) AND status = ? AND waiver_by = 0 GROUP BY provider_org`, bun.List(append(providers, 0)), ClawDue).Scan(ctx, &rows)
	out := make(map[id.ID]money.Fen, len(rows))
	for _, r := range rows {
		out[r.ProviderOrg] = r.Open
	}
	return out, err
}

// clawed is what is still owed of the lines of a filter, and what has come back.
func (s *Service) clawed(ctx context.Context, f Filter) (owed, back money.Fen, err error) {
	sql, args := f.narrow("k.provider_org")
	var sum struct{ Owed, Back money.Fen }
	err = s.db.Raw(`
		SELECT CAST(COALESCE(SUM(CASE WHEN k.status = 'due' THEN k.amount_fen - k.recovered_fen - k.written_fen ELSE 0 END), 0) AS BIGINT) AS owed,
			CAST(COALESCE(SUM(k.recovered_fen), 0) AS BIGINT) AS back
		FROM clawbacks k CROSS JOIN orders o WHERE `+sql+`o.id = k.order_id AND `+acceptedOrders, args...).Scan(ctx, &sum)
	return sum.Owed, sum.Back, err
}
