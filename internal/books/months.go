package books

import (
	"context"
	"time"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/ledger"
)

// entriesFrom reads postings of voucher money with the campaign voucher that they
// are of: of a voucher's, a hold's or a claw-back's entry that voucher's, of an order's
// entry those of its holds, weighted by what each of them paid. Accounts name the
// campaign of budgets and returned money. Arguments: after, up to (ids).
const entriesFrom = `
	FROM journal j JOIN postings p ON p.entry_id = j.id
	LEFT JOIN clawback_moves m ON j.source_kind = 'clawback' AND m.id = j.source_id
	LEFT JOIN voucher_holds h ON h.id = CASE j.source_kind WHEN 'hold' THEN j.source_id WHEN 'clawback' THEN m.hold_id END
	LEFT JOIN voucher_holds o ON j.source_kind = 'order' AND o.order_id = j.source_id AND o.status = 'redeemed'
	LEFT JOIN vouchers v ON v.id = CASE j.source_kind WHEN 'voucher' THEN j.source_id WHEN 'hold' THEN h.voucher_id WHEN 'clawback' THEN h.voucher_id ELSE o.voucher_id END
	WHERE j.ledger = 'V' AND p.account <> 'treasury'`

// posting is one line of an entry, once for each campaign voucher that shares in it.
type posting struct {
	Entry             id.ID
	Line              int64
	At                clock.Instant
	Kind              ledger.Kind
	Account           ledger.Account
	Amount            money.Fen
	CampaignID        id.ID
	CampaignVoucherID id.ID
	Weight            money.Fen
}

// monthKey is a row of fund_months.
type monthKey struct {
	campaign, voucher id.ID
	month             int64
	kind              ledger.Kind
	part              string
}

type months map[monthKey]money.Fen

// monthOf is 202611 for an instant of November 2026 in China.
func monthOf(at clock.Instant) int64 {
	t := at.Time().In(clock.Shanghai)
	return int64(t.Year())*100 + int64(t.Month())
}

func monthText(m int64) string {
	return time.Date(int(m/100), time.Month(m%100), 1, 0, 0, 0, 0, clock.Shanghai).Format("2006-01")
}

// count adds postings: a line that several campaign vouchers share in is split by
// what each of them paid.
func (m months) count(rows []posting) {
	type lineKey struct {
		entry id.ID
		line  int64
	}
	shared := map[lineKey][]posting{}
	var order []lineKey
	for _, r := range rows {
		k := lineKey{r.Entry, r.Line}
		if _, seen := shared[k]; !seen {
			order = append(order, k)
		}
		shared[k] = append(shared[k], r)
	}
	for _, k := range order {
		m.line(shared[k])
	}
}

func (m months) line(shares []posting) {
	first := shares[0]
	part, of := partOf(first.Account)
	put := func(campaign, voucher id.ID, amount money.Fen) {
		if amount != 0 {
			m[monthKey{campaign, voucher, monthOf(first.At), first.Kind, part}] += amount
		}
	}
	if part == partBudget || part == partReturned {
		if first.CampaignID != of {
			first.CampaignVoucherID = 0
		}
		put(of, first.CampaignVoucherID, first.Amount)
		return
	}
	if len(shares) == 1 {
		put(first.CampaignID, first.CampaignVoucherID, first.Amount)
		return
	}
	weights := make([]money.Fen, len(shares))
	for i, s := range shares {
		weights[i] = s.Weight
	}
	sign := money.Fen(1)
	if first.Amount < 0 {
		sign = -1
	}
	for i, part := range money.Split(sign*first.Amount, weights) {
		put(shares[i].CampaignID, shares[i].CampaignVoucherID, sign*part)
	}
}

// foldRows is how many entries are counted in one transaction.
const foldRows = 2000

// settledAge is how old an entry is that is certainly committed or never will be,
// as for seals.
const settledAge = 30 * time.Second

// Fold is a sweep: it counts what was posted since the last time into
// fund_months. Several processes may run it at once.
func Fold(ctx context.Context, d *db.DB) error { return foldUpTo(ctx, d, id.Floor(settledAge)) }

// FoldAll counts every entry there is; for tests and measurements.
func FoldAll(ctx context.Context, d *db.DB) error { return foldUpTo(ctx, d, id.Floor(-time.Hour)) }

func foldUpTo(ctx context.Context, d *db.DB, below id.ID) error {
	for {
		more, err := foldNext(ctx, d, below)
		if err != nil || !more {
			return err
		}
	}
}

func foldNext(ctx context.Context, d *db.DB, below id.ID) (more bool, err error) {
	mark, err := foldedTo(ctx, d)
	if err != nil {
		return false, err
	}
	var next struct {
		N  int64
		To id.ID
	}
	err = d.Raw(`SELECT COUNT(*) AS n, COALESCE(MAX(id), 0) AS "to" FROM (SELECT id FROM journal WHERE id > ? AND id < ? ORDER BY id LIMIT ?) AS t`,
		mark, below, foldRows).Scan(ctx, &next)
	if err != nil || next.N == 0 {
		return false, err
	}
	sums, err := counted(ctx, d, mark, next.To)
	if err != nil {
		return false, err
	}
	err = d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		mine, err := tx.ExecOne(ctx, `UPDATE versions SET value = ? WHERE name = 'fund_months' AND value = ?`, next.To, mark)
		if err != nil || !mine { // not mine: another process was faster
			return err
		}
		for k, amount := range sums {
			_, err := tx.Exec(ctx, `
				INSERT INTO fund_months (campaign_id, campaign_voucher_id, month, kind, part, amount_fen) VALUES (?, ?, ?, ?, ?, ?)
				ON CONFLICT (campaign_id, campaign_voucher_id, month, kind, part) DO UPDATE SET amount_fen = fund_months.amount_fen + excluded.amount_fen`,
				k.campaign, k.voucher, k.month, k.kind, k.part, amount)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return next.N == foldRows, err
}

func foldedTo(ctx context.Context, r db.Reader) (mark id.ID, err error) {
	err = r.Raw(`SELECT COALESCE(MAX(value), 0) FROM versions WHERE name = 'fund_months'`).Scan(ctx, &mark)
	return mark, err
}

// counted counts the entries with ids in (after, upTo].
func counted(ctx context.Context, r db.Reader, after, upTo id.ID) (months, error) {
	var rows []posting
	err := r.Raw(`
		SELECT j.id AS entry, p.line, j.at, j.kind, p.account, p.amount_fen AS amount, COALESCE(v.campaign_id, 0) AS campaign_id,
			COALESCE(v.campaign_voucher_id, 0) AS campaign_voucher_id, COALESCE(o.amount_fen - o.restored_fen, 0) AS weight`+entriesFrom+`
			AND j.id > ? AND j.id <= ? ORDER BY j.id, p.line, v.id`, after, upTo).Scan(ctx, &rows)
	sums := months{}
	sums.count(rows)
	return sums, err
}

// A Drift is a row of fund_months that the journal does not bear out.
type Drift struct {
	Campaign id.ID
	What     string
}

// Drifts counts the journal again and compares it with what is kept.
func Drifts(ctx context.Context, r db.Reader) ([]Drift, error) {
	mark, err := foldedTo(ctx, r)
	if err != nil {
		return nil, err
	}
	want := months{}
	var after id.ID
	for {
		var to id.ID
		err := r.Raw(`SELECT COALESCE(MAX(id), 0) FROM (SELECT id FROM journal WHERE id > ? AND id <= ? ORDER BY id LIMIT ?) AS t`, after, mark, 5*foldRows).Scan(ctx, &to)
		if err != nil {
			return nil, err
		}
		if to == 0 {
			break
		}
		part, err := counted(ctx, r, after, to)
		if err != nil {
			return nil, err
		}
		for k, v := range part {
			want[k] += v
		}
		after = to
	}
	var kept []struct {
		CampaignID, CampaignVoucherID id.ID
		Month                         int64
		Kind                          ledger.Kind
		Part                          string
		AmountFen                     money.Fen
	}
	if err := r.Raw(`SELECT * FROM fund_months`).Scan(ctx, &kept); err != nil {
		return nil, err
	}
	for _, k := range kept {
		want[monthKey{k.CampaignID, k.CampaignVoucherID, k.Month, k.Kind, k.Part}] -= k.AmountFen
	}
	if now, err := foldedTo(ctx, r); err != nil || now != mark {
		return nil, err // the sweep went on meanwhile; the next run compares
	}
	var out []Drift
	for k, v := range want {
		if v != 0 {
			out = append(out, Drift{k.campaign, monthText(k.month) + " " + string(k.kind) + " " + k.part + " differs from the journal by " + v.String() + " yuan"})
		}
	}
	return out, nil
}
