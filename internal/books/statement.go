package books

import (
	"context"
	"slices"
	"strings"
	"time"

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

// balance is one that a statement keeps: the accounts of it as a query of their
// names, ? being the subject's id; or, where accounts are shared with others, its
// changes, entry by entry, with the subject's id so many times.
type balance struct {
	word, names string
	rows        string
	asks        int
}

// What orders took of vouchers (v) and what went back to campaigns has no account of
// its own: these are the changes of both, by the journal. Engines read the tables in
// this order.
const (
	holdsOf   = ` FROM vouchers v CROSS JOIN voucher_holds h CROSS JOIN journal j CROSS JOIN postings x WHERE h.voucher_id = v.id AND j.source_kind = 'hold' AND j.source_id = h.id AND x.entry_id = j.id AND x.amount_fen > 0`
	clawedOf  = ` FROM vouchers v CROSS JOIN voucher_holds h CROSS JOIN clawback_moves m CROSS JOIN journal j WHERE h.voucher_id = v.id AND m.hold_id = h.id AND m.kind = 'recovered' AND j.kind = 'clawback' AND j.source_kind = 'clawback' AND j.source_id = m.id`
	spentOf   = `SELECT j.id AS entry_id, CASE j.kind WHEN 'redeem' THEN x.amount_fen ELSE -x.amount_fen END AS amount_fen` + holdsOf + ` AND j.kind IN ('redeem', 'restore')`
	endedOf   = `SELECT j.id AS entry_id, x.amount_fen FROM vouchers v CROSS JOIN journal j CROSS JOIN postings x WHERE j.kind IN ('expire', 'revoke') AND j.source_kind = 'voucher' AND j.source_id = v.id AND x.entry_id = j.id AND x.amount_fen > 0`
	givenBack = `SELECT j.id AS entry_id, x.amount_fen` + holdsOf + ` AND j.kind IN ('release', 'restore') AND x.account LIKE 'returned:%'`
)

func spent(whose string) balance {
	return balance{word: "已抵扣", asks: 2, rows: spentOf + whose + ` UNION ALL SELECT j.id, -m.amount_fen` + clawedOf + whose}
}

func returned(whose string) balance {
	return balance{word: "已收回", asks: 3, rows: endedOf + whose + ` UNION ALL ` + givenBack + whose + ` UNION ALL SELECT j.id, m.amount_fen` + clawedOf + whose}
}

// ledgerSheet is what a statement of a kind keeps, two to four balances.
type ledgerSheet struct {
	balances     []balance
	title, exist string
	single       bool              // each balance is one account
	claws        map[string]string // what the entries of claw-backs are called, where they are told apart
}

var sheets = map[Kind]ledgerSheet{
	OfVoucher: {
		title: "服务券对账单",
		balances: []balance{
			{word: "可用余额", names: `SELECT 'voucher_available:' || CAST(v.id AS TEXT) FROM vouchers v WHERE v.id = ?`},
			{word: "订单占用", names: `SELECT 'voucher_held:' || CAST(h.id AS TEXT) FROM voucher_holds h WHERE h.voucher_id = ?`},
			spent(` AND v.id = ?`), returned(` AND v.id = ?`),
		},
		exist: `SELECT cv.name || '（编号 ' || CAST(v.id AS TEXT) || '）' FROM vouchers v JOIN campaign_vouchers cv ON cv.id = v.campaign_voucher_id WHERE v.id = ?`,
	},
	OfCompany: {
		title: "企业服务券对账单",
		balances: []balance{
			{word: "可用余额", names: `SELECT 'voucher_available:' || CAST(v.id AS TEXT) FROM vouchers v WHERE v.org_id = ?`},
			{word: "订单占用", names: `SELECT 'voucher_held:' || CAST(h.id AS TEXT) FROM voucher_holds h JOIN vouchers v ON v.id = h.voucher_id WHERE v.org_id = ?`},
			spent(` AND v.org_id = ?`), returned(` AND v.org_id = ?`),
		},
		exist: `SELECT name FROM organizations WHERE id = ? AND kind = 'enterprise'`,
	},
	OfProvider: {
		title: "服务商服务券对账单",
		balances: []balance{
			{word: "待验收", names: `SELECT DISTINCT 'escrow_v:' || CAST(h.order_id AS TEXT) FROM voucher_holds h WHERE h.provider_org = ? AND h.status = 'redeemed'`},
			{word: "待兑付", names: `SELECT 'subsidy_payable:' || CAST(o.id AS TEXT) FROM organizations o WHERE o.id = ?`},
			{word: "已兑付", names: `SELECT 'subsidy_paid:' || CAST(o.id AS TEXT) FROM organizations o WHERE o.id = ?`},
			{word: "待追回", names: `SELECT 'clawback_receivable:' || CAST(o.id AS TEXT) FROM organizations o WHERE o.id = ?`},
		},
		exist: `SELECT name FROM organizations WHERE id = ? AND kind = 'provider'`,
		claws: map[string]string{"owed": "追回", "set_off": "抵扣追回款", "recovered": "退回追回款", "written_off": "核销追回款"},
	},
	OfCampaign: {
		title: "服务券活动对账单",
		balances: []balance{
			{word: "未发放", names: `SELECT 'budget:' || CAST(c.id AS TEXT) FROM campaigns c WHERE c.id = ?`},
			{word: "已退回", names: `SELECT 'returned:' || CAST(c.id AS TEXT) FROM campaigns c WHERE c.id = ?`},
		},
		single: true,
		exist:  `SELECT name FROM campaigns WHERE id = ?`,
	},
}

// Change is what happens to each balance of a statement.
type Change struct {
	FirstFen  money.Fen `json:"firstFen" doc:"Change of the first balance"`
	SecondFen money.Fen `json:"secondFen" doc:"Change of the second balance"`
	ThirdFen  money.Fen `json:"thirdFen,omitzero" doc:"Change of the third balance, if any"`
	FourthFen money.Fen `json:"fourthFen,omitzero" doc:"Change of the fourth balance, if any"`
}

func (c *Change) add(d Change) {
	c.FirstFen += d.FirstFen
	c.SecondFen += d.SecondFen
	c.ThirdFen += d.ThirdFen
	c.FourthFen += d.FourthFen
}

// Line is one entry on a statement, with the balances after it.
type Line struct {
	Change

	EntryID    id.ID         `json:"id"`
	At         clock.Instant `json:"at"`
	Kind       ledger.Kind   `json:"kind"`
	Claw       string        `json:"-"`
	Word       string        `json:"word" bun:"-"`
	VoucherID  id.ID         `json:"voucherId,omitzero"`
	OrderID    id.ID         `json:"orderId,omitzero"`
	AmountFen  money.Fen     `json:"amountFen" doc:"What moved"`
	BalanceFen money.Fen     `json:"balanceFen" doc:"First balance after it" bun:"-"`
	OtherFen   money.Fen     `json:"otherFen" doc:"Second balance after it" bun:"-"`
	ThirdAfter money.Fen     `json:"thirdAfterFen,omitzero" doc:"Third balance after it, if any" bun:"-"`
	LastAfter  money.Fen     `json:"fourthAfterFen,omitzero" doc:"Fourth balance after it, if any" bun:"-"`
}

// Sum is what a kind of entry moved within the period.
type Sum struct {
	Change

	Kind      ledger.Kind `json:"kind"`
	Claw      string      `json:"-"`
	Word      string      `json:"word" bun:"-"`
	Entries   int64       `json:"entries"`
	AmountFen money.Fen   `json:"amountFen"`
}

// Statement is the balances of a subject over a period.
type Statement struct {
	Of           Kind          `json:"of" enum:"voucher,campaign,company,provider"`
	ID           id.ID         `json:"id"`
	Title        string        `json:"title"`
	Name         string        `json:"name"`
	First        string        `json:"first" doc:"What the first balance is called"`
	Second       string        `json:"second"`
	Third        string        `json:"third,omitempty" doc:"Empty: there are two balances"`
	Fourth       string        `json:"fourth,omitempty"`
	From         clock.Instant `json:"from"`
	To           clock.Instant `json:"to" doc:"Exclusive"`
	OpeningFen   money.Fen     `json:"openingFen"`
	OtherOpening money.Fen     `json:"otherOpeningFen"`
	ThirdOpening money.Fen     `json:"thirdOpeningFen,omitzero"`
	LastOpening  money.Fen     `json:"fourthOpeningFen,omitzero"`
	ClosingFen   money.Fen     `json:"closingFen"`
	OtherClosing money.Fen     `json:"otherClosingFen"`
	ThirdClosing money.Fen     `json:"thirdClosingFen,omitzero"`
	LastClosing  money.Fen     `json:"fourthClosingFen,omitzero"`
	Sums         []Sum         `json:"sums" doc:"The period by kind of entry"`
	Lines        []Line        `json:"lines" doc:"In the order of posting, the oldest first"`
	TotalLines   int64         `json:"total"`
}

func (st Statement) opening() Change {
	return Change{st.OpeningFen, st.OtherOpening, st.ThirdOpening, st.LastOpening}
}

// Span is from when to when the opening and closing balances are, the last second of a
// period that is over. An open period begins with the day of the first line, if there is one.
func (st Statement) Span(now clock.Instant) (from, to clock.Instant) {
	from, to = st.From, now
	if from == 0 && len(st.Lines) > 0 {
		from = clock.Day(st.Lines[0].At.Local()[:len(time.DateOnly)])
	}
	if st.To != 0 {
		to = min(to, st.To.Add(-time.Second))
	}
	return from, to
}

// Days are the days of the period, as its file is called.
func (st Statement) Days(now clock.Instant) string {
	from, to := st.Span(now)
	if st.To != 0 {
		to = st.To.Add(-time.Second)
	}
	last := to.Local()[:len(time.DateOnly)]
	if from == 0 {
		return "截至" + last
	}
	return from.Local()[:len(time.DateOnly)] + "至" + last
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
func (a ledgerSheet) of(b balance) string {
	switch {
	case b.rows != "":
		return `(` + b.rows + `) AS p WHERE p.entry_id > 0`
	case a.single:
		return `postings p WHERE p.account = (` + b.names + `)`
	}
	return `postings p WHERE p.account IN (` + b.names + `)`
}

var changes = [4]string{"first_fen", "second_fen", "third_fen", "fourth_fen"}

// total adds changes up.
const total = `CAST(COALESCE(SUM(s.first_fen), 0) AS BIGINT) AS first_fen, CAST(COALESCE(SUM(s.second_fen), 0) AS BIGINT) AS second_fen,
	CAST(COALESCE(SUM(s.third_fen), 0) AS BIGINT) AS third_fen, CAST(COALESCE(SUM(s.fourth_fen), 0) AS BIGINT) AS fourth_fen`

// entries are a statement's entries with the change of each balance, and the largest of
// what a balance lost or gained (args: each). The journal is joined where it is asked when they were.
func (a ledgerSheet) entries(condition string) string {
	var sums, moved []string
	most := ""
	for i, column := range changes {
		if i >= len(a.balances) {
			sums = append(sums, `0 AS `+column)
			continue
		}
		sums = append(sums, `SUM(`+column+`) AS `+column)
		if lost := `ABS(SUM(` + column + `))`; most == "" {
			most = lost
		} else {
			most = `CASE WHEN ` + most + ` > ` + lost + ` THEN ` + most + ` ELSE ` + lost + ` END`
		}
		row := `SELECT p.entry_id`
		for n, other := range changes[:len(a.balances)] {
			row += map[bool]string{true: `, p.amount_fen AS `, false: `, 0 AS `}[n == i] + other
		}
		moved = append(moved, row+` FROM `+a.of(a.balances[i])+condition)
	}
	return `
	(SELECT entry_id, ` + strings.Join(sums, `, `) + `, ` + most + ` AS amount_fen
	FROM (` + strings.Join(moved, ` UNION ALL `) + `) AS t
	GROUP BY entry_id) AS s`
}

// each repeats what is asked of every balance.
func (a ledgerSheet) each(subject id.ID, more ...any) (args []any) {
	for _, b := range a.balances {
		args = append(args, slices.Repeat([]any{subject}, max(b.asks, 1))...)
		args = append(args, more...)
	}
	return args
}

// upTo answers the last of so many entries after one.
func (a ledgerSheet) upTo(ctx context.Context, r db.Reader, subject, after id.ID, entries int64) (last id.ID, err error) {
	var first []string
	for _, b := range a.balances {
		first = append(first, `SELECT entry_id FROM (SELECT DISTINCT p.entry_id FROM `+a.of(b)+` AND p.entry_id > ? ORDER BY p.entry_id LIMIT ?) AS t`)
	}
	err = r.Raw(`SELECT COALESCE(MAX(entry_id), 0) FROM (SELECT entry_id FROM (`+strings.Join(first, ` UNION `)+`) AS t ORDER BY entry_id LIMIT ?) AS t`,
		append(a.each(subject, after, entries), entries)...).Scan(ctx, &last)
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

// clawed tells apart what an entry of a claw-back is; what was paid back by itself has
// a date beside the number of the bank.
const clawed = `CASE WHEN m.kind = 'recovered' AND m.reference NOT LIKE '%，%' THEN 'set_off' ELSE COALESCE(m.kind, '') END AS claw`

func (a ledgerSheet) word(kind ledger.Kind, claw string) string {
	if w := a.claws[claw]; w != "" {
		return w
	}
	return KindWord(kind)
}

// gone are the words of lines of what an order gave back to the campaign, because the
// voucher was over.
var gone = map[ledger.Kind]string{ledger.Release: "取消订单，收回活动", ledger.Restore: "退款，收回活动"}

// StatementOf makes a statement with one page of its lines.
func StatementOf(ctx context.Context, r db.Reader, of Kind, subject id.ID, p Period, q page.Query) (Statement, error) {
	a, known := sheets[of]
	if !known {
		return Statement{}, errs.ErrNotFound
	}
	out := Statement{Of: of, ID: subject, Title: a.title, First: a.balances[0].word, Second: a.balances[1].word, From: p.From, To: p.To, Sums: []Sum{}, Lines: []Line{}}
	if len(a.balances) == len(changes) {
		out.Third, out.Fourth = a.balances[2].word, a.balances[3].word
	}
	err := r.Raw(a.exist, subject).Scan(ctx, &out.Name)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	if err != nil {
		return out, err
	}
	var now Change
	if p.From > 0 {
		err = r.Raw(`SELECT `+total+` FROM `+a.entries("")+` JOIN journal j ON j.id = s.entry_id WHERE j.at < ?`, append(a.each(subject), p.From)...).Scan(ctx, &now)
	}
	if err != nil {
		return out, err
	}
	out.OpeningFen, out.OtherOpening, out.ThirdOpening, out.LastOpening = now.FirstFen, now.SecondFen, now.ThirdFen, now.FourthFen
	claw, join := `'' AS claw`, ``
	if a.claws != nil {
		claw, join = clawed, ` LEFT JOIN clawback_moves m ON j.source_kind = 'clawback' AND m.id = j.source_id`
	}
	err = r.Raw(`
		SELECT kind, claw, COUNT(*) AS entries, CAST(SUM(s.amount_fen) AS BIGINT) AS amount_fen, `+total+`
		FROM (SELECT j.kind, `+claw+`, s.* FROM `+a.entries("")+` JOIN journal j ON j.id = s.entry_id`+join+` WHERE j.at >= ? AND j.at < ?) AS s GROUP BY kind, claw ORDER BY kind, claw`,
		append(a.each(subject), p.From, p.end())...).Scan(ctx, &out.Sums)
	if err != nil {
		return out, err
	}
	for i, s := range out.Sums {
		out.Sums[i].Word = a.word(s.Kind, s.Claw)
		now.add(s.Change)
		out.TotalLines += s.Entries
	}
	out.ClosingFen, out.OtherClosing, out.ThirdClosing, out.LastClosing = now.FirstFen, now.SecondFen, now.ThirdFen, now.FourthFen
	size, at := max(q.Size, 1), max(q.Page, 1)
	skip := int64(at-1) * int64(size)
	now = out.opening()
	if skip > 0 {
		var before Change
		portion, args, err := a.portion(ctx, r, subject, p, 0, skip, 0)
		if err != nil {
			return out, err
		}
		if err := r.Raw(`SELECT `+total+` FROM `+portion, args...).Scan(ctx, &before); err != nil {
			return out, err
		}
		now.add(before)
	}
	out.Lines, err = a.lines(ctx, r, subject, p, 0, int64(size), skip)
	a.run(out.Lines, &now)
	return out, err
}

// portion is some of a statement's entries in the order in which they were posted, those
// after one. Without a period no entries are read but those up to the last of them.
func (a ledgerSheet) portion(ctx context.Context, r db.Reader, subject id.ID, p Period, after id.ID, size, skip int64) (sql string, args []any, err error) {
	join, condition, bounds := p.within()
	last := id.ID(1<<63 - 1)
	if join == "" {
		if last, err = a.upTo(ctx, r, subject, after, skip+size); err != nil {
			return "", nil, err
		}
	}
	sql = `(SELECT s.* FROM ` + a.entries(` AND p.entry_id > ? AND p.entry_id <= ?`) + join + condition + ` ORDER BY s.entry_id LIMIT ? OFFSET ?) AS s`
	return sql, append(append(a.each(subject, after, last), bounds...), size, skip), nil
}

// lines reads a portion of a statement's lines. What an entry is about is looked up for
// the portion alone.
func (a ledgerSheet) lines(ctx context.Context, r db.Reader, subject id.ID, p Period, after id.ID, size, skip int64) (list []Line, err error) {
	portion, args, err := a.portion(ctx, r, subject, p, after, size, skip)
	if err != nil {
		return nil, err
	}
	err = r.Raw(`
	SELECT e.id AS entry_id, e.at, e.kind, `+clawed+`, CASE e.source_kind WHEN 'voucher' THEN e.source_id WHEN 'order' THEN 0 ELSE COALESCE(h.voucher_id, 0) END AS voucher_id,
		CASE e.source_kind WHEN 'order' THEN e.source_id WHEN 'voucher' THEN 0 ELSE COALESCE(h.order_id, 0) END AS order_id,
		CAST(s.amount_fen AS BIGINT) AS amount_fen, CAST(s.first_fen AS BIGINT) AS first_fen, CAST(s.second_fen AS BIGINT) AS second_fen,
		CAST(s.third_fen AS BIGINT) AS third_fen, CAST(s.fourth_fen AS BIGINT) AS fourth_fen
	FROM `+portion+`
	JOIN journal e ON e.id = s.entry_id
	LEFT JOIN clawback_moves m ON e.source_kind = 'clawback' AND m.id = e.source_id
	LEFT JOIN voucher_holds h ON h.id = CASE e.source_kind WHEN 'hold' THEN e.source_id WHEN 'clawback' THEN m.hold_id END
	ORDER BY e.id`, args...).Scan(ctx, &list)
	return list, err
}

// run writes the balances after each line.
func (a ledgerSheet) run(lines []Line, now *Change) {
	for i := range lines {
		l := &lines[i]
		now.add(l.Change)
		l.Word = a.word(l.Kind, l.Claw)
		if l.FourthFen > 0 && gone[l.Kind] != "" {
			l.Word = gone[l.Kind]
		}
		l.BalanceFen, l.OtherFen, l.ThirdAfter, l.LastAfter = now.FirstFen, now.SecondFen, now.ThirdFen, now.FourthFen
	}
}

// EachLine reads all lines of a statement in portions; it ends with the closing balances.
func EachLine(ctx context.Context, r db.Reader, st Statement, fn func(Line) error) error {
	a := sheets[st.Of]
	p := Period{st.From, st.To}
	now := st.opening()
	var last id.ID
	for {
		rows, err := a.lines(ctx, r, st.ID, p, last, exportRows, 0)
		if err != nil {
			return err
		}
		a.run(rows, &now)
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
