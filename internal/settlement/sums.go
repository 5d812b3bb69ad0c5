package settlement

import (
	"context"

	"smedx/internal/kit/db"
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
	return t, err
}

// clawed is what is still owed of the lines of a filter, and what has come back.
func (s *Service) clawed(ctx context.Context, f Filter) (owed, back money.Fen, err error) {
	sql, args := f.orders("k.provider_org", "o.accepted_at")
	if f.Words != "" {
		like := db.Contains(f.Words)
		sql += "(o.provider_name LIKE ? ESCAPE '!' OR o.title LIKE ? ESCAPE '!') AND "
		args = append(args, like, like)
	}
	var sum struct{ Owed, Back money.Fen }
	err = s.db.Raw(`
		SELECT CAST(COALESCE(SUM(CASE WHEN k.status = 'due' THEN k.amount_fen - k.recovered_fen - k.written_fen ELSE 0 END), 0) AS BIGINT) AS owed,
			CAST(COALESCE(SUM(k.recovered_fen), 0) AS BIGINT) AS back
		FROM clawbacks k CROSS JOIN orders o WHERE `+sql+`o.id = k.order_id AND `+acceptedOrders, args...).Scan(ctx, &sum)
	return sum.Owed, sum.Back, err
}
