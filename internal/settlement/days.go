package settlement

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// Days of the calendar in China, counted since 1970.
const (
	dayMs   clock.Instant = 24 * 3_600_000
	chinaMs clock.Instant = 8 * 3_600_000
	never   int64         = 1 << 40
)

func dayOf(at clock.Instant) int64     { return int64((at + chinaMs) / dayMs) }
func dayStart(day int64) clock.Instant { return clock.Instant(day)*dayMs - chinaMs }

// cell is what is counted of lines of a day in a state; Provider is known where
// words are sought.
type cell struct {
	Day      int64
	Provider id.ID
	Status   State
	N        int64
	V, C     money.Fen
}

// period is a time [from, to) by whole days and what sticks out at its ends.
type period struct {
	first, end int64 // days
	edges      [][2]clock.Instant
}

func (f Filter) period() period {
	p := period{1, never, nil}
	if f.From > 0 {
		if p.first = dayOf(f.From); dayStart(p.first) < f.From {
			p.first++
		}
	}
	if f.To > 0 {
		p.end = dayOf(f.To)
	}
	if p.first > p.end { // within a day
		return period{p.end, p.end, [][2]clock.Instant{{f.From, f.To}}}
	}
	if start := dayStart(p.first); f.From > 0 && f.From < start {
		p.edges = append(p.edges, [2]clock.Instant{f.From, start})
	}
	if end := dayStart(p.end); f.To > end {
		p.edges = append(p.edges, [2]clock.Instant{end, f.To})
	}
	return p
}

// cells reads the figures of the days [from, to), or with from 0 those of all time
// as day 0. Words ask for each provider's by itself; the CROSS JOIN has SQLite look at
// names before days.
func (s *Service) cells(ctx context.Context, f Filter, from, to int64) (list []cell, err error) {
	kept, fresh := `payout_days d WHERE d.provider_org = ? AND d.name_id = 0`, `payout_changes d WHERE TRUE`
	provider, day := `0`, `d.day`
	keptArgs, freshArgs := []any{f.ProviderOrg}, []any{}
	if f.Words != "" {
		like := db.Contains(f.Words)
		kept = `payout_names n CROSS JOIN payout_days d WHERE d.provider_org = n.provider_org AND d.name_id = n.id AND (n.provider_name LIKE ? ESCAPE '!' OR n.title LIKE ? ESCAPE '!')`
		fresh = `payout_changes d JOIN orders o ON o.id = d.order_id WHERE (o.provider_name LIKE ? ESCAPE '!' OR o.title LIKE ? ESCAPE '!')`
		provider = `d.provider_org`
		keptArgs, freshArgs = []any{like, like}, []any{like, like}
		if f.ProviderOrg != 0 {
			kept += ` AND n.provider_org = ?`
			keptArgs = append(keptArgs, f.ProviderOrg)
		}
	}
	if f.ProviderOrg != 0 {
		fresh += ` AND d.provider_org = ?`
		freshArgs = append(freshArgs, f.ProviderOrg)
	}
	if from == 0 {
		kept += ` AND d.day = 0`
		day = `0`
	} else {
		const within = ` AND d.day >= ? AND d.day < ?`
		kept, fresh = kept+within, fresh+within
		keptArgs, freshArgs = append(keptArgs, from, to), append(freshArgs, from, to)
	}
	columns := `SELECT ` + day + ` AS day, ` + provider + ` AS provider, d.status, d.lines, d.voucher_fen, d.cash_fen FROM `
	err = s.db.Raw(`
		SELECT day, provider, status, CAST(SUM(lines) AS BIGINT) AS n, CAST(SUM(voucher_fen) AS BIGINT) AS v, CAST(SUM(cash_fen) AS BIGINT) AS c
		FROM (`+columns+kept+` UNION ALL `+columns+fresh+`) AS t GROUP BY day, provider, status HAVING SUM(lines) <> 0 OR SUM(voucher_fen) <> 0 OR SUM(cash_fen) <> 0`,
		append(keptArgs, freshArgs...)...).Scan(ctx, &list)
	return list, err
}

// edge counts a part of a day from the lines themselves.
func (s *Service) edge(ctx context.Context, f Filter, span [2]clock.Instant) (list []cell, err error) {
	f.From, f.To, f.States = span[0], span[1], nil
	if f.Words != "" {
		from, _, args := f.where()
		err := s.db.Raw(`
			SELECT status, provider, COUNT(*) AS n, CAST(SUM(v) AS BIGINT) AS v, CAST(SUM(c) AS BIGINT) AS c FROM (
				SELECT COALESCE(l.status, 'accrued') AS status, o.provider_org AS provider, o.redeemed_fen AS v, o.payable_fen AS c`+from+`) AS t GROUP BY status, provider`, args...).Scan(ctx, &list)
		return onDay(list, span[0]), err
	}
	sql, args := f.orders("o.provider_org", "o.accepted_at")
	accrued := cell{Status: Accrued}
	err = s.db.Raw(`
		SELECT COUNT(*) AS n, CAST(COALESCE(SUM(o.redeemed_fen), 0) AS BIGINT) AS v, CAST(COALESCE(SUM(o.payable_fen), 0) AS BIGINT) AS c
		FROM orders o WHERE `+sql+acceptedOrders, args...).Scan(ctx, &accrued)
	if err != nil {
		return nil, err
	}
	sql, args = f.orders("l.provider_org", "l.accepted_at")
	err = s.db.Raw(`
		SELECT l.status, COUNT(*) AS n, CAST(SUM(l.voucher_fen) AS BIGINT) AS v, CAST(SUM(l.cash_fen) AS BIGINT) AS c
		FROM payout_lines l WHERE `+sql+`l.status IN (?) GROUP BY l.status`, append(args, bun.List(States))...).Scan(ctx, &list)
	for _, r := range list { // what has a row is not untouched
		accrued.N, accrued.V, accrued.C = accrued.N-r.N, accrued.V-r.V, accrued.C-r.C
	}
	return onDay(append(list, accrued), span[0]), err
}

func onDay(list []cell, at clock.Instant) []cell {
	for i := range list {
		list[i].Day = dayOf(at)
	}
	return list
}

// figures counts what a filter lets through by state, whatever states it asks for.
func (s *Service) figures(ctx context.Context, f Filter) (list []cell, err error) {
	if f.From == 0 && f.To == 0 {
		return s.cells(ctx, f, 0, 0)
	}
	p := f.period()
	if p.first < p.end {
		if list, err = s.cells(ctx, f, p.first, p.end); err != nil {
			return nil, err
		}
	}
	for _, span := range p.edges {
		part, err := s.edge(ctx, f, span)
		if err != nil {
			return nil, err
		}
		list = append(list, part...)
	}
	return list, nil
}

// count is how many lines a filter lets through.
func (s *Service) count(ctx context.Context, f Filter) (total int64, err error) {
	list, err := s.figures(ctx, f)
	for _, c := range list {
		if f.has(c.Status) {
			total += c.N
		}
	}
	return total, err
}

func (f Filter) has(state State) bool { return len(f.States) == 0 || slices.Contains(f.States, state) }

// window is the days on which a page of a list lies, and how many lines of them
// come before it.
type window struct {
	days []int64 // the newest first
	at   []cell  // by provider, where words are sought
	skip int64
}

// find turns over the days of a list, the newest first, until it has come to the
// page that begins after skip lines.
func (s *Service) find(ctx context.Context, f Filter, skip, size int64) (window, error) {
	w := window{skip: skip}
	p := f.period()
	end, length := p.end, int64(64)
	for from := min(end, dayOf(clock.At(s.db.Now()))) - length; ; from -= length {
		from = max(from, p.first)
		var list []cell
		var err error
		if from < end {
			if list, err = s.cells(ctx, f, from, end); err != nil {
				return w, err
			}
		}
		for _, span := range p.edges { // one is younger than all whole days, one older
			if young := dayOf(span[0]) >= p.end; young && end == p.end || !young && from == p.first {
				part, err := s.edge(ctx, f, span)
				if err != nil {
					return w, err
				}
				list = append(list, part...)
			}
		}
		if w.take(f, list, size) || from <= p.first {
			return w, nil
		}
		end, length = from, 2*length
	}
}

// take adds days to a window, and reports whether the page is full.
func (w *window) take(f Filter, list []cell, size int64) bool {
	byDay := map[int64]int64{}
	for _, c := range list {
		if f.has(c.Status) && c.N > 0 {
			byDay[c.Day] += c.N
		}
	}
	days := make([]int64, 0, len(byDay))
	for day := range byDay {
		days = append(days, day)
	}
	slices.SortFunc(days, func(a, b int64) int { return cmp.Compare(b, a) })
	var have int64
	for _, day := range w.days {
		have += w.lines(day)
	}
	for _, day := range days {
		if len(w.days) == 0 && w.skip >= byDay[day] {
			w.skip -= byDay[day]
			continue
		}
		if have >= w.skip+size {
			return true
		}
		have += byDay[day]
		w.days = append(w.days, day)
		for _, c := range list {
			if c.Day == day && f.has(c.Status) && c.N > 0 {
				w.at = append(w.at, c)
			}
		}
	}
	return have >= w.skip+size
}

func (w *window) lines(day int64) (n int64) {
	for _, c := range w.at {
		if c.Day == day {
			n += c.N
		}
	}
	return n
}

// mostSpans is how many parts of a window are asked for one by one.
const mostSpans = 64

// within narrows a filter to a window. A list that an index leads through its own
// lines alone takes the window as one span; others ask for their days besides, and
// words for the providers that have them.
func (w *window) within(f Filter) (narrow Filter, sql string, args []any) {
	narrow = f
	narrow.From = max(f.From, dayStart(w.days[len(w.days)-1]))
	if end := dayStart(w.days[0] + 1); f.To == 0 || end < f.To {
		narrow.To = end
	}
	provider, accepted := "o.provider_org", "o.accepted_at"
	untouched := len(f.States) == 0 || slices.Contains(f.States, Accrued)
	if !untouched {
		provider, accepted = "l.provider_org", "l.accepted_at"
	}
	var parts []string
	add := func(condition string, a ...any) {
		parts = append(parts, condition)
		args = append(args, a...)
	}
	switch {
	case f.Words != "" && f.ProviderOrg == 0 && len(w.places()) <= mostSpans:
		for _, c := range w.places() {
			add(provider+" = ? AND "+accepted+" >= ? AND "+accepted+" < ?", c.Provider, dayStart(c.Day), dayStart(c.Day+1))
		}
	case f.Words == "" && untouched && f.ProviderOrg == 0 && len(f.States) > 0 && len(w.days) > 1 && len(w.days) <= mostSpans:
		for _, day := range w.days {
			add(accepted+" >= ? AND "+accepted+" < ?", dayStart(day), dayStart(day+1))
		}
	}
	if len(parts) > 0 {
		sql = " AND (" + strings.Join(parts, " OR ") + ")"
	}
	return narrow, sql, args
}

// places are the days and providers of a window.
func (w *window) places() (list []cell) {
	seen := map[cell]bool{}
	for _, c := range w.at {
		if one := (cell{Day: c.Day, Provider: c.Provider}); !seen[one] {
			seen[one] = true
			list = append(list, one)
		}
	}
	return list
}

// foldRows is how many changes are added up in one transaction.
const foldRows = 100

var errFolded = errors.New("settlement: another process adds these up")

// Fold is a sweep: it adds up what has changed since the last time. Several
// processes may run it at once.
func (s *Service) Fold(ctx context.Context) error {
	for {
		var n int
		err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			n, err = foldNext(ctx, tx)
			return err
		})
		if errors.Is(err, errFolded) {
			return nil
		}
		if err != nil || n < foldRows {
			return err
		}
	}
}

// addUp adds changes to the figures of all, of their provider and of their name, by
// day and for all days.
const addUp = `
	INSERT INTO payout_days (provider_org, name_id, day, status, lines, voucher_fen, cash_fen)
	SELECT provider_org, name_id, day, status, SUM(lines), SUM(voucher_fen), SUM(cash_fen) FROM (
		SELECT CASE s.scope WHEN 0 THEN 0 ELSE c.provider_org END AS provider_org, CASE s.scope WHEN 2 THEN n.id ELSE 0 END AS name_id, c.day * d.daily AS day,
			c.status, c.lines, c.voucher_fen, c.cash_fen
		FROM payout_changes c JOIN orders o ON o.id = c.order_id
		JOIN payout_names n ON n.provider_org = o.provider_org AND n.provider_name = o.provider_name AND n.title = o.title
		CROSS JOIN (SELECT 0 AS scope UNION ALL SELECT 1 UNION ALL SELECT 2) AS s CROSS JOIN (SELECT 0 AS daily UNION ALL SELECT 1) AS d
		WHERE c.id IN (?)) AS t
	WHERE TRUE GROUP BY provider_org, name_id, day, status ORDER BY provider_org, name_id, day, status
	ON CONFLICT (provider_org, name_id, day, status) DO UPDATE SET lines = payout_days.lines + excluded.lines,
		voucher_fen = payout_days.voucher_fen + excluded.voucher_fen, cash_fen = payout_days.cash_fen + excluded.cash_fen`

func foldNext(ctx context.Context, tx *db.Tx) (int, error) {
	var rows []struct {
		ID, ProviderOrg     id.ID
		ProviderName, Title string
	}
	err := tx.Raw(`
		SELECT c.id, o.provider_org, o.provider_name, o.title FROM payout_changes c JOIN orders o ON o.id = c.order_id
		ORDER BY c.id LIMIT ?`, foldRows).Scan(ctx, &rows)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	type name struct {
		provider     id.ID
		maker, title string
	}
	ids := make([]id.ID, len(rows))
	names := map[name]bool{}
	for i, r := range rows {
		ids[i] = r.ID
		names[name{r.ProviderOrg, r.ProviderName, r.Title}] = true
	}
	mine, err := tx.Exec(ctx, `UPDATE payout_changes SET lines = lines WHERE id IN (?)`, bun.List(ids)) // to have them to itself
	if err == nil && mine != int64(len(ids)) {
		err = errFolded
	}
	if err != nil {
		return 0, err
	}
	for n := range names {
		_, err := tx.Exec(ctx, `INSERT INTO payout_names (id, provider_org, provider_name, title) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			id.New(), n.provider, n.maker, n.title)
		if err != nil {
			return 0, err
		}
	}
	_, err = tx.Exec(ctx, addUp, bun.List(ids))
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM payout_days WHERE lines = 0 AND voucher_fen = 0 AND cash_fen = 0`); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `DELETE FROM payout_changes WHERE id IN (?)`, bun.List(ids))
	return len(ids), err
}
