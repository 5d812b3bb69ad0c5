package review

import (
	"cmp"
	"context"
	"slices"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// Record is how somebody of the committee has worked so far. Ballots count from
// the end of their panel on, so that a record tells nothing of one that sits.
type Record struct {
	UserID    id.ID
	Open      int64 // seats without a ballot
	Ballots   int64
	Recused   int64
	Released  int64
	Mean      int64 // score, in hundredths
	Deviation int64 // mean difference to the panel's mean, in hundredths; above 0: milder than the others
	Spread    int64 // mean absolute difference to the panel's mean, in hundredths
	Hours     int64 // median from the invitation to the ballot
}

// ballotRow is a ballot of a panel that is over.
type ballotRow struct {
	CaseID  id.ID
	Round   int64
	UserID  id.ID
	Score   int64
	AskedAt clock.Instant
	At      clock.Instant
}

// Records answers the record of everybody who was ever asked.
func (s *Service) Records(ctx context.Context, r db.Reader) (map[id.ID]Record, error) {
	var seats []struct {
		UserID                  id.ID
		Open, Recused, Released int64
	}
	err := r.Raw(`
		SELECT s.user_id,
			sum(CASE WHEN s.state IN ('asked', 'declared') AND c.status = 'pending' AND c.round = s.round THEN 1 ELSE 0 END) AS open,
			sum(CASE WHEN s.state = 'recused' THEN 1 ELSE 0 END) AS recused,
			sum(CASE WHEN s.state = 'released' THEN 1 ELSE 0 END) AS released
		FROM review_seats s JOIN review_cases c ON c.id = s.case_id GROUP BY s.user_id`).Scan(ctx, &seats)
	if err != nil {
		return nil, err
	}
	var ballots []ballotRow
	err = r.Raw(`
		SELECT v.case_id, v.round, v.user_id, v.score, s.asked_at, v.at
		FROM review_votes v
		JOIN review_seats s ON s.case_id = v.case_id AND s.round = v.round AND s.user_id = v.user_id
		JOIN review_cases c ON c.id = v.case_id
		WHERE c.status <> 'pending' OR c.stage <> 'experts' OR v.round < c.round`).Scan(ctx, &ballots)
	if err != nil {
		return nil, err
	}
	out := recordsOf(ballots)
	for _, seat := range seats {
		rec := out[seat.UserID]
		rec.UserID, rec.Open, rec.Recused, rec.Released = seat.UserID, seat.Open, seat.Recused, seat.Released
		out[seat.UserID] = rec
	}
	return out, nil
}

// recordsOf is the arithmetic of Records. A panel of one has no mean to differ from.
func recordsOf(ballots []ballotRow) map[id.ID]Record {
	type panel struct {
		caseID id.ID
		round  int64
	}
	sum, count := map[panel]int64{}, map[panel]int64{}
	for _, b := range ballots {
		sum[panel{b.CaseID, b.Round}] += b.Score
		count[panel{b.CaseID, b.Round}]++
	}
	type own struct {
		score, off, spread, compared int64
		hours                        []int64
	}
	work := map[id.ID]own{}
	for _, b := range ballots {
		w := work[b.UserID]
		w.score += b.Score
		w.hours = append(w.hours, int64(b.At-b.AskedAt)/3_600_000)
		if n := count[panel{b.CaseID, b.Round}]; n > 1 {
			off := b.Score - sum[panel{b.CaseID, b.Round}]/n
			w.off, w.spread, w.compared = w.off+off, w.spread+max(off, -off), w.compared+1
		}
		work[b.UserID] = w
	}
	out := map[id.ID]Record{}
	for u, w := range work {
		n := int64(len(w.hours))
		rec := Record{UserID: u, Ballots: n, Mean: w.score / n, Hours: medianOf(w.hours)}
		if w.compared > 0 {
			rec.Deviation, rec.Spread = w.off/w.compared, w.spread/w.compared
		}
		out[u] = rec
	}
	return out
}

// medianOf is the middle value, the lower one of two.
func medianOf[T cmp.Ordered](values []T) T {
	slices.Sort(values)
	return values[(len(values)-1)/2]
}
