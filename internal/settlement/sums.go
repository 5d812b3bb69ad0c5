package settlement

import (
	"context"
	"slices"
	"strings"

	"smedx/internal/kit/clock"
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
	rows, err := s.sums(ctx, f)
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

// sums is what a filter lets through by state, but for its states.
func (s *Service) sums(ctx context.Context, f Filter) (rows []stateSum, err error) {
	f.States, f.Ready = nil, false
	if f.Words != "" {
		from, _, args, err := s.where(ctx, f)
		if err != nil {
			return nil, err
		}
		return rows, s.db.Raw(`
			SELECT status, COUNT(*) AS n, CAST(SUM(v) AS BIGINT) AS v, CAST(SUM(c) AS BIGINT) AS c FROM (
				SELECT COALESCE(l.status, 'accrued') AS status, o.redeemed_fen AS v, o.payable_fen AS c`+from+`) AS t GROUP BY status`, args...).Scan(ctx, &rows)
	}
	n, v, c, err := s.accepted(ctx, f, 0)
	if err != nil {
		return nil, err
	}
	rows, err = s.byState(ctx, f, 0)
	for _, r := range rows {
		n, v, c = n-r.N, v-r.V, c-r.C
	}
	return append(rows, stateSum{Accrued, n, v, c}), err
}

// clawed is what is still owed of the lines of a filter, and what has come back.
func (s *Service) clawed(ctx context.Context, f Filter) (owed, back money.Fen, err error) {
	f.States, f.Ready = nil, false
	from, _, args, err := s.where(ctx, f)
	if err != nil {
		return 0, 0, err
	}
	var sum struct{ Owed, Back money.Fen }
	err = s.db.Raw(`
		SELECT CAST(COALESCE(SUM(CASE WHEN k.status = 'due' THEN k.amount_fen - k.recovered_fen - k.written_fen ELSE 0 END), 0) AS BIGINT) AS owed,
			CAST(COALESCE(SUM(k.recovered_fen), 0) AS BIGINT) AS back
		FROM clawbacks k JOIN orders o ON o.id = k.order_id`+strings.TrimPrefix(from, orderFrom), args...).Scan(ctx, &sum)
	return sum.Owed, sum.Back, err
}

// count is how many lines a filter lets through. What is untouched is what is
// accepted less what has a row: two counts in indexes instead of a look at each.
func (s *Service) count(ctx context.Context, f Filter) (total int64, err error) {
	if f.Words != "" {
		from, _, args, err := s.where(ctx, f)
		if err != nil {
			return 0, err
		}
		return total, s.db.Raw(`SELECT COUNT(*)`+from, args...).Scan(ctx, &total)
	}
	var upTo int64
	if f.Ready {
		kept, err := s.retention(ctx)
		if err != nil {
			return 0, err
		}
		upTo, f.States = int64(clock.At(s.db.Now()))-kept, []State{Accrued}
	}
	accrued := len(f.States) == 0 || slices.Contains(f.States, Accrued)
	if accrued {
		if total, _, _, err = s.accepted(ctx, f, upTo); err != nil || len(f.States) == 0 {
			return total, err
		}
	}
	rows, err := s.byState(ctx, f, upTo)
	for _, r := range rows {
		switch chosen := slices.Contains(f.States, r.Status); {
		case chosen && !accrued:
			total += r.N
		case !chosen && accrued:
			total -= r.N
		}
	}
	return total, err
}

// accepted sums the accepted orders that cost something.
func (s *Service) accepted(ctx context.Context, f Filter, upTo int64) (n int64, v, c money.Fen, err error) {
	sql, args := f.orders("o.provider_org", "o.accepted_at", upTo)
	var sum struct {
		N    int64
		V, C money.Fen
	}
	err = s.db.Raw(`
		SELECT COUNT(*) AS n, CAST(COALESCE(SUM(o.redeemed_fen), 0) AS BIGINT) AS v, CAST(COALESCE(SUM(o.payable_fen), 0) AS BIGINT) AS c
		FROM orders o WHERE o.accepted_at > 0 AND o.redeemed_fen + o.payable_fen > 0`+sql, args...).Scan(ctx, &sum)
	return sum.N, sum.V, sum.C, err
}

type stateSum struct {
	Status State
	N      int64
	V, C   money.Fen
}

// byState sums the rows of each state.
func (s *Service) byState(ctx context.Context, f Filter, upTo int64) (rows []stateSum, err error) {
	sql, args := f.orders("l.provider_org", "l.accepted_at", upTo)
	err = s.db.Raw(`
		SELECT l.status, COUNT(*) AS n, CAST(SUM(l.voucher_fen) AS BIGINT) AS v, CAST(SUM(l.cash_fen) AS BIGINT) AS c
		FROM payout_lines l WHERE TRUE`+sql+` GROUP BY l.status`, args...).Scan(ctx, &rows)
	return rows, err
}
