package books

import (
	"context"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/ledger"
)

// Kind names what a statement is of.
type Kind string

// The kinds of statements.
const (
	OfVoucher  Kind = "voucher"
	OfCampaign Kind = "campaign"
	OfCompany  Kind = "company"
	OfProvider Kind = "provider"
)

// pair is two balances that a statement keeps: the accounts of each as a
// query of their names, ? being the subject's id.
type pair struct {
	first, second        string // words
	firstNames, sndNames string
	title, exist         string
	single               bool // each balance is one account
}

var pairs = map[Kind]pair{
	OfVoucher: {
		first: "可用余额", second: "订单占用", title: "服务券对账单",
		firstNames: `SELECT 'voucher_available:' || CAST(v.id AS TEXT) FROM vouchers v WHERE v.id = ?`,
		sndNames:   `SELECT 'voucher_held:' || CAST(h.id AS TEXT) FROM voucher_holds h WHERE h.voucher_id = ?`,
		exist:      `SELECT cv.name || '（编号 ' || CAST(v.id AS TEXT) || '）' FROM vouchers v JOIN campaign_vouchers cv ON cv.id = v.campaign_voucher_id WHERE v.id = ?`,
	},
	OfCompany: {
		first: "可用余额", second: "订单占用", title: "企业服务券对账单",
		firstNames: `SELECT 'voucher_available:' || CAST(v.id AS TEXT) FROM vouchers v WHERE v.org_id = ?`,
		sndNames:   `SELECT 'voucher_held:' || CAST(h.id AS TEXT) FROM voucher_holds h JOIN vouchers v ON v.id = h.voucher_id WHERE v.org_id = ?`,
		exist:      `SELECT name FROM organizations WHERE id = ? AND kind = 'enterprise'`,
	},
	OfProvider: {
		first: "待验收", second: "待兑付", title: "服务商服务券对账单",
		firstNames: `SELECT DISTINCT 'escrow_v:' || CAST(h.order_id AS TEXT) FROM voucher_holds h WHERE h.provider_org = ? AND h.status = 'redeemed'`,
		sndNames:   `SELECT 'subsidy_payable:' || CAST(o.id AS TEXT) FROM organizations o WHERE o.id = ?`,
		exist:      `SELECT name FROM organizations WHERE id = ? AND kind = 'provider'`,
	},
	OfCampaign: {
		first: "未发放", second: "已退回", title: "服务券活动对账单",
		firstNames: `SELECT 'budget:' || CAST(c.id AS TEXT) FROM campaigns c WHERE c.id = ?`,
		sndNames:   `SELECT 'returned:' || CAST(c.id AS TEXT) FROM campaigns c WHERE c.id = ?`,
		single:     true,
		exist:      `SELECT name FROM campaigns WHERE id = ?`,
	},
}

// Line is one entry on a statement, with both balances after it.
type Line struct {
	EntryID    id.ID         `json:"id"`
	At         clock.Instant `json:"at"`
	Kind       ledger.Kind   `json:"kind"`
	Word       string        `json:"word" bun:"-"`
	VoucherID  id.ID         `json:"voucherId,omitzero"`
	OrderID    id.ID         `json:"orderId,omitzero"`
	AmountFen  money.Fen     `json:"amountFen" doc:"What moved"`
	FirstFen   money.Fen     `json:"firstFen" doc:"Change of the first balance"`
	SecondFen  money.Fen     `json:"secondFen" doc:"Change of the second balance"`
	BalanceFen money.Fen     `json:"balanceFen" doc:"First balance after it" bun:"-"`
	OtherFen   money.Fen     `json:"otherFen" doc:"Second balance after it" bun:"-"`
}

// Sum is what a kind of entry moved within the period.
type Sum struct {
	Kind      ledger.Kind `json:"kind"`
	Word      string      `json:"word" bun:"-"`
	Entries   int64       `json:"entries"`
	AmountFen money.Fen   `json:"amountFen"`
	FirstFen  money.Fen   `json:"firstFen"`
	SecondFen money.Fen   `json:"secondFen"`
}

// Statement is two balances of a subject over a period.
type Statement struct {
	Of           Kind          `json:"of" enum:"voucher,campaign,company,provider"`
	ID           id.ID         `json:"id"`
	Title        string        `json:"title"`
	Name         string        `json:"name"`
	First        string        `json:"first" doc:"What the first balance is called"`
	Second       string        `json:"second"`
	From         clock.Instant `json:"from"`
	To           clock.Instant `json:"to" doc:"Exclusive"`
	OpeningFen   money.Fen     `json:"openingFen"`
	OtherOpening money.Fen     `json:"otherOpeningFen"`
	ClosingFen   money.Fen     `json:"closingFen"`
	OtherClosing money.Fen     `json:"otherClosingFen"`
	Sums         []Sum         `json:"sums" doc:"The period by kind of entry"`
	Lines        []Line        `json:"lines" doc:"In the order of posting, the oldest first"`
	TotalLines   int64         `json:"total"`
}

// Period is half-open; zero is no bound.
type Period struct{ From, To clock.Instant }

func (p Period) end() clock.Instant {
	if p.To == 0 {
		return 1<<63 - 1
	}
	return p.To
}

// of are the postings on the accounts of a balance; args: the subject. Of one account the
// index has them in order.
func (a pair) of(names string) string {
	if a.single {
		return `postings p WHERE p.account = (` + names + `)`
	}
	return `postings p WHERE p.account IN (` + names + `)`
}

// entries are a statement's entries with the change of each balance (args: the subject
// and those of the condition, twice). The journal is joined where it is asked when they were.
func (a pair) entries(condition string) string {
	return `
	(SELECT entry_id, SUM(first_fen) AS first_fen, SUM(second_fen) AS second_fen,
		CASE WHEN ABS(SUM(first_fen)) > ABS(SUM(second_fen)) THEN ABS(SUM(first_fen)) ELSE ABS(SUM(second_fen)) END AS amount_fen -- the larger of what a balance lost or gained
	FROM (
		SELECT p.entry_id, p.amount_fen AS first_fen, 0 AS second_fen FROM ` + a.of(a.firstNames) + condition + `
		UNION ALL
		SELECT p.entry_id, 0, p.amount_fen FROM ` + a.of(a.sndNames) + condition + `) AS t
	GROUP BY entry_id) AS s`
}

// upTo answers the last of so many entries after one.
func (a pair) upTo(ctx context.Context, r db.Reader, subject, after id.ID, entries int64) (last id.ID, err error) {
	first := func(names string) string {
		return `SELECT entry_id FROM (SELECT DISTINCT p.entry_id FROM ` + a.of(names) + ` AND p.entry_id > ? ORDER BY p.entry_id LIMIT ?) AS t`
	}
	err = r.Raw(`SELECT COALESCE(MAX(entry_id), 0) FROM (SELECT entry_id FROM (`+first(a.firstNames)+` UNION `+first(a.sndNames)+`) AS t ORDER BY entry_id LIMIT ?) AS t`,
		subject, after, entries, subject, after, entries, entries).Scan(ctx, &last)
	return last, err
}

// within is a period's condition on entries, with the journal it needs; without
// bounds neither.
func (p Period) within() (join, condition string, args []any) {
	if p == (Period{}) {
		return "", "", nil
	}
	return " JOIN journal j ON j.id = s.entry_id", " WHERE j.at >= ? AND j.at < ?", []any{p.From, p.end()}
}

// StatementOf makes a statement with one page of its lines.
func StatementOf(ctx context.Context, r db.Reader, of Kind, subject id.ID, p Period, q page.Query) (Statement, error) {
	a, known := pairs[of]
	if !known {
		return Statement{}, errs.ErrNotFound
	}
	out := Statement{Of: of, ID: subject, Title: a.title, First: a.first, Second: a.second, From: p.From, To: p.To, Sums: []Sum{}, Lines: []Line{}}
	err := r.Raw(a.exist, subject).Scan(ctx, &out.Name)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	if err != nil {
		return out, err
	}
	var opening struct{ First, Second money.Fen }
	if p.From > 0 {
		err = r.Raw(`SELECT CAST(COALESCE(SUM(s.first_fen), 0) AS BIGINT) AS first, CAST(COALESCE(SUM(s.second_fen), 0) AS BIGINT) AS second FROM `+a.entries("")+` JOIN journal j ON j.id = s.entry_id WHERE j.at < ?`,
			subject, subject, p.From).Scan(ctx, &opening)
	}
	if err != nil {
		return out, err
	}
	out.OpeningFen, out.OtherOpening = opening.First, opening.Second
	out.ClosingFen, out.OtherClosing = opening.First, opening.Second
	err = r.Raw(`
		SELECT j.kind, COUNT(*) AS entries, CAST(SUM(s.amount_fen) AS BIGINT) AS amount_fen, CAST(SUM(s.first_fen) AS BIGINT) AS first_fen, CAST(SUM(s.second_fen) AS BIGINT) AS second_fen
		FROM `+a.entries("")+` JOIN journal j ON j.id = s.entry_id WHERE j.at >= ? AND j.at < ? GROUP BY j.kind ORDER BY j.kind`,
		subject, subject, p.From, p.end()).Scan(ctx, &out.Sums)
	if err != nil {
		return out, err
	}
	for i, s := range out.Sums {
		out.Sums[i].Word = KindWord(s.Kind)
		out.ClosingFen += s.FirstFen
		out.OtherClosing += s.SecondFen
		out.TotalLines += s.Entries
	}
	size, at := max(q.Size, 1), max(q.Page, 1)
	skip := int64(at-1) * int64(size)
	balance, other := out.OpeningFen, out.OtherOpening
	if skip > 0 {
		var before struct{ First, Second money.Fen }
		portion, args, err := a.portion(ctx, r, subject, p, 0, skip, 0)
		if err != nil {
			return out, err
		}
		err = r.Raw(`SELECT CAST(COALESCE(SUM(first_fen), 0) AS BIGINT) AS first, CAST(COALESCE(SUM(second_fen), 0) AS BIGINT) AS second FROM `+portion, args...).Scan(ctx, &before)
		if err != nil {
			return out, err
		}
		balance, other = balance+before.First, other+before.Second
	}
	out.Lines, err = a.lines(ctx, r, subject, p, 0, int64(size), skip)
	run(out.Lines, &balance, &other)
	return out, err
}

// portion is some of a statement's entries in the order in which they were posted, those
// after one. Without a period no entries are read but those up to the last of them.
func (a pair) portion(ctx context.Context, r db.Reader, subject id.ID, p Period, after id.ID, size, skip int64) (sql string, args []any, err error) {
	join, condition, bounds := p.within()
	last := id.ID(1<<63 - 1)
	if join == "" {
		if last, err = a.upTo(ctx, r, subject, after, skip+size); err != nil {
			return "", nil, err
		}
	}
	sql = `(SELECT s.entry_id, s.amount_fen, s.first_fen, s.second_fen FROM ` + a.entries(` AND p.entry_id > ? AND p.entry_id <= ?`) + join + condition + ` ORDER BY s.entry_id LIMIT ? OFFSET ?) AS s`
	return sql, append(append([]any{subject, after, last, subject, after, last}, bounds...), size, skip), nil
}

// lines reads a portion of a statement's lines. What an entry is about is looked up for
// the portion alone.
func (a pair) lines(ctx context.Context, r db.Reader, subject id.ID, p Period, after id.ID, size, skip int64) (list []Line, err error) {
	portion, args, err := a.portion(ctx, r, subject, p, after, size, skip)
	if err != nil {
		return nil, err
	}
	err = r.Raw(`
	SELECT e.id AS entry_id, e.at, e.kind, CASE e.source_kind WHEN 'voucher' THEN e.source_id WHEN 'order' THEN 0 ELSE COALESCE(h.voucher_id, 0) END AS voucher_id,
		CASE e.source_kind WHEN 'order' THEN e.source_id WHEN 'voucher' THEN 0 ELSE COALESCE(h.order_id, 0) END AS order_id,
		CAST(s.amount_fen AS BIGINT) AS amount_fen, CAST(s.first_fen AS BIGINT) AS first_fen, CAST(s.second_fen AS BIGINT) AS second_fen
	FROM `+portion+`
	JOIN journal e ON e.id = s.entry_id
	LEFT JOIN clawback_moves m ON e.source_kind = 'clawback' AND m.id = e.source_id
	LEFT JOIN voucher_holds h ON h.id = CASE e.source_kind WHEN 'hold' THEN e.source_id WHEN 'clawback' THEN m.hold_id END
	ORDER BY e.id`, args...).Scan(ctx, &list)
	return list, err
}

func run(lines []Line, balance, other *money.Fen) {
	for i := range lines {
		*balance += lines[i].FirstFen
		*other += lines[i].SecondFen
		lines[i].Word, lines[i].BalanceFen, lines[i].OtherFen = KindWord(lines[i].Kind), *balance, *other
	}
}

// EachLine reads all lines of a statement in portions; it ends with the closing balances.
func EachLine(ctx context.Context, r db.Reader, st Statement, fn func(Line) error) error {
	a := pairs[st.Of]
	p := Period{st.From, st.To}
	balance, other := st.OpeningFen, st.OtherOpening
	var last id.ID
	for {
		rows, err := a.lines(ctx, r, st.ID, p, last, exportRows, 0)
		if err != nil {
			return err
		}
		run(rows, &balance, &other)
		for _, l := range rows {
			if err := fn(l); err != nil {
				return err
			}
		}
		if int64(len(rows)) < exportRows {
			return nil
		}
		last = rows[len(rows)-1].EntryID
	}
}
