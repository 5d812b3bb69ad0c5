package books

import (
	"cmp"
	"context"
	"slices"
	"time"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/ledger"
)

// An entry is of the campaign voucher of its voucher, hold or claw-back; one of an order
// is of those of its holds, weighted by what each of them paid. Accounts name the campaign of
// budgets and returned money.

// The accounts that name a campaign are told apart, of all others only their kind.
const accountOf = `CASE WHEN p.account LIKE 'budget:%' OR p.account LIKE 'returned:%' THEN p.account WHEN p.account LIKE 'voucher_available:%' THEN 'voucher_available:'
	WHEN p.account LIKE 'voucher_held:%' THEN 'voucher_held:' WHEN p.account LIKE 'escrow_v:%' THEN 'escrow_v:' ELSE p.account END`

// postingsFrom reads postings of voucher money (args of the condition twice): what one
// campaign voucher has to itself already added up by day, which no month divides, and
// what several may share in by line.
func postingsFrom(condition string) string {
	return `
	SELECT campaign_id, campaign_voucher_id, MIN(at) AS at, kind, account, CAST(SUM(amount) AS BIGINT) AS amount, 0 AS weight, 0 AS entry, 0 AS line FROM (
		SELECT COALESCE(v.campaign_id, 0) AS campaign_id, COALESCE(v.campaign_voucher_id, 0) AS campaign_voucher_id, j.at, (j.at + 28800000) / 86400000 AS day, j.kind,
			` + accountOf + ` AS account, p.amount_fen AS amount
		FROM journal j CROSS JOIN postings p
		LEFT JOIN clawback_moves m ON j.source_kind = 'clawback' AND m.id = j.source_id
		LEFT JOIN voucher_holds h ON h.id = CASE j.source_kind WHEN 'hold' THEN j.source_id WHEN 'clawback' THEN m.hold_id END
		LEFT JOIN vouchers v ON v.id = CASE j.source_kind WHEN 'voucher' THEN j.source_id ELSE h.voucher_id END
		WHERE p.entry_id = j.id AND j.ledger = 'V' AND p.account <> 'treasury' AND j.source_kind <> 'order' AND ` + condition + `) AS t
	GROUP BY campaign_id, campaign_voucher_id, day, kind, account
	UNION ALL
	SELECT COALESCE(v.campaign_id, 0), COALESCE(v.campaign_voucher_id, 0), j.at, j.kind, p.account, p.amount_fen, COALESCE(o.amount_fen - o.restored_fen, 0), j.id, p.line
	FROM journal j CROSS JOIN postings p
	LEFT JOIN voucher_holds o ON o.order_id = j.source_id AND o.status = 'redeemed'
	LEFT JOIN vouchers v ON v.id = o.voucher_id
	WHERE p.entry_id = j.id AND j.ledger = 'V' AND p.account <> 'treasury' AND j.source_kind = 'order' AND ` + condition
}

// posting is one line of an entry, once for each campaign voucher that shares in it;
// without an entry it is many lines of one campaign voucher.
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
		if r.Entry == 0 {
			m.line([]posting{r})
			continue
		}
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
	slices.SortFunc(shares, func(a, b posting) int { // so that odd fen go the same way each time
		return cmp.Or(cmp.Compare(a.CampaignVoucherID, b.CampaignVoucherID), cmp.Compare(a.Weight, b.Weight))
	})
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

// foldRows is how many entries are counted in one transaction, which writes only their sums.
// Tests make it small.
var foldRows int64 = 20_000

// settledAge is how old an entry is that is certainly committed or never will be,
// as for seals.
var settledAge = 30 * time.Second

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
	next, more, err := nextPortion(ctx, d, mark, below)
	if err != nil || next.to == 0 {
		return false, err
	}
	sums, err := counted(ctx, d, mark, next.to)
	if err != nil {
		return false, err
	}
	err = d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		mine, err := tx.ExecOne(ctx, `UPDATE versions SET value = ? WHERE name = 'fund_months' AND value = ?`, next.to, mark)
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
	return more, err
}

// portion is entries up to one that are counted together.
type portion struct {
	to   id.ID // 0: there are none
	sums months
}

// nextPortion finds the entries after one and below another that are counted next; more
// may follow them when they are as many as are counted at once.
func nextPortion(ctx context.Context, r db.Reader, after, below id.ID) (p portion, more bool, err error) {
	var next struct {
		N  int64
		To id.ID
	}
	err = r.Raw(`SELECT COUNT(*) AS n, COALESCE(MAX(id), 0) AS "to" FROM (SELECT id FROM journal WHERE id > ? AND id < ? ORDER BY id LIMIT ?) AS t`,
		after, below, foldRows).Scan(ctx, &next)
	return portion{to: next.To}, next.N == foldRows, err
}

func foldedTo(ctx context.Context, r db.Reader) (mark id.ID, err error) {
	err = r.Raw(`SELECT COALESCE(MAX(value), 0) FROM versions WHERE name = 'fund_months'`).Scan(ctx, &mark)
	return mark, err
}

// counted counts the entries with ids in (after, upTo].
func counted(ctx context.Context, r db.Reader, after, upTo id.ID) (months, error) {
	var rows []posting
	err := r.Raw(postingsFrom(`j.id > ? AND j.id <= ?`), after, upTo, after, upTo).Scan(ctx, &rows)
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
		err := r.Raw(`SELECT COALESCE(MAX(id), 0) FROM (SELECT id FROM journal WHERE id > ? AND id <= ? ORDER BY id LIMIT ?) AS t`, after, mark, foldRows).Scan(ctx, &to)
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
