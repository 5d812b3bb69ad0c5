package voucher

import (
	"context"
	"slices"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// Stops answers what stops each of some vouchers, newest first: the freezes that
// nobody has let go of, at most one of each origin, or the revocation alone. A
// voucher is frozen exactly as long as a freeze is left.
func Stops(ctx context.Context, r db.Reader, voucherIDs ...id.ID) (map[id.ID][]Measure, error) {
	out := map[id.ID][]Measure{}
	for some := range slices.Chunk(voucherIDs, 500) {
		var list []Measure
		err := r.Select(&list).Where("m.voucher_id IN (?)", in(some)).
			Where("(m.event = ? OR m.event = ? AND NOT EXISTS (SELECT 1 FROM voucher_measures AS n WHERE n.voucher_id = m.voucher_id AND n.origin = m.origin AND n.id > m.id))", EventRevoke, EventFreeze).
			Order("m.id DESC").Scan(ctx)
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			out[m.VoucherID] = append(out[m.VoucherID], m)
		}
	}
	for voucherID, list := range out {
		if i := slices.IndexFunc(list, func(m Measure) bool { return m.Event == EventRevoke }); i >= 0 {
			out[voucherID] = list[i : i+1]
		}
	}
	return out, nil
}

// StopOf is the freeze of one origin among those of a voucher.
func StopOf(stops []Measure, origin Cause) (Measure, bool) {
	i := slices.IndexFunc(stops, func(m Measure) bool { return m.Origin == origin })
	if i < 0 {
		return Measure{}, false
	}
	return stops[i], true
}

// own makes the voucher's row this transaction's, so that freezes and thaws of one
// voucher follow each other, and answers what is on it.
func own(ctx context.Context, tx *db.Tx, v Voucher) (left money.Fen, err error) {
	var amounts []money.Fen
	err = tx.Raw(`UPDATE vouchers SET status = status WHERE id = ? AND status = ? RETURNING available_fen + held_fen`, v.ID, v.Status).Scan(ctx, &amounts)
	if db.IsNotFound(err) {
		err = nil
	}
	if err != nil || len(amounts) == 0 {
		return 0, stale(err)
	}
	return amounts[0], nil
}

// step is the event of the table that a freeze or a thaw comes to, by what else
// stops the voucher and what is left on it.
func step(e Event, stops []Measure, left money.Fen) Event {
	switch {
	case e != EventUnfreeze:
		return e
	case len(stops) > 1:
		return EventEase
	case left == 0:
		return EventExhaust
	}
	return EventUnfreeze
}
