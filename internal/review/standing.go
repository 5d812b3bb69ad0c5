package review

import (
	"context"
	"math"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

const (
	usualOver  = 90 * 24 * time.Hour // stages that ended within it say what is usual
	usualLeast = 5                   // of them, before anything is called usual
)

// Standing is where a pending case stands: its place in the queue of its stage,
// and how long that stage usually takes.
type Standing struct {
	Place     int64         `json:"place" doc:"Place in the queue of the stage, 1 is next; 0: the stage has no queue (experts)"`
	UsualDays int64         `json:"usualDays" doc:"Working days that the stage usually takes: the median of the last 90 days; 0: too few cases to say"`
	UsualAt   clock.Instant `json:"usualAt" doc:"When the usual time is over; without one, the due time of the stage"`
}

// Standings answers where the pending ones among the cases stand; closed cases
// are left out.
func (s *Service) Standings(ctx context.Context, r db.Reader, cases ...Case) (map[id.ID]Standing, error) {
	out := map[id.ID]Standing{}
	var ids []id.ID
	for _, c := range cases {
		if c.Status == Pending {
			ids = append(ids, c.ID)
		}
	}
	if len(ids) == 0 {
		return out, nil
	}
	places, err := findPlaces(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	usual, err := findUsual(ctx, r, clock.At(s.db.Now()).Add(-usualOver))
	for _, c := range cases {
		if c.Status == Pending {
			out[c.ID] = c.standing(places[c.ID], usual[lane{c.Kind, c.Stage}])
		}
	}
	return out, err
}

// standing is the rule of Standings for one case. usual is zero where too little is known.
func (c Case) standing(place int64, usual time.Duration) Standing {
	if c.Stage == StageExperts { // every panel works for itself
		place = 0
	}
	at := Standing{Place: place, UsualDays: workingDays(usual), UsualAt: c.DueAt}
	if usual > 0 {
		at.UsualAt = c.StageAt.Add(usual)
	}
	return at
}

// workingDays turns a span of the calendar into working days, of which a week
// has five; what is begun counts as a whole one.
func workingDays(span time.Duration) int64 {
	if span <= 0 {
		return 0
	}
	return max(1, int64(math.Ceil(span.Hours()/24*5/7)))
}

// StageTime is how long a stage of a kind usually takes, for everybody to see.
type StageTime struct {
	Kind  Kind  `json:"kind" enum:"enterprise_verification,provider_verification,listing,campaign"`
	Stage Stage `json:"stage" enum:"operator,experts,department"`
	Days  int64 `json:"days" doc:"Working days: the median of the last 90 days; 0: too few cases to say"`
	Limit int64 `json:"limit" doc:"Days in which the stage should be done"`
}

// StageTimes answers how long every stage usually takes and may take.
func (s *Service) StageTimes(ctx context.Context) ([]StageTime, error) {
	usual, err := findUsual(ctx, s.db, clock.At(s.db.Now()).Add(-usualOver))
	if err != nil {
		return nil, err
	}
	out := []StageTime{}
	for _, k := range Kinds {
		for _, st := range Stages {
			if _, ok := flows[k].flow[st]; !ok {
				continue
			}
			limit, err := s.settings.Number(ctx, s.db, stageDays[st])
			if err != nil {
				return nil, err
			}
			out = append(out, StageTime{k, st, workingDays(usual[lane{k, st}]), limit})
		}
	}
	return out, nil
}

// lane names the queue of a stage of a kind.
type lane struct {
	Kind  Kind
	Stage Stage
}

// findPlaces numbers the queues; the case that has waited longest is first.
func findPlaces(ctx context.Context, r db.Reader, ids []id.ID) (map[id.ID]int64, error) {
	var rows []struct {
		ID    id.ID
		Place int64
	}
	err := r.Raw(`
		SELECT q.id, q.place FROM (
			SELECT id, row_number() OVER (PARTITION BY kind, stage ORDER BY stage_at, id) AS place
			FROM review_cases WHERE status = 'pending'
		) q WHERE q.id IN (?)`, bun.List(ids)).Scan(ctx, &rows)
	out := make(map[id.ID]int64, len(rows))
	for _, row := range rows {
		out[row.ID] = row.Place
	}
	return out, err
}

// findUsual is the median time of each stage among those that ended since then.
// A withdrawal says nothing about the desk.
func findUsual(ctx context.Context, r db.Reader, since clock.Instant) (map[lane]time.Duration, error) {
	var rows []struct {
		Kind  Kind
		Stage Stage
		Took  int64
	}
	err := r.Raw(`
		SELECT q.kind, q.stage, q.took FROM (
			SELECT c.kind, s.stage, s.at - b.at AS took,
				row_number() OVER (PARTITION BY c.kind, s.stage ORDER BY s.at - b.at) AS n,
				count(*) OVER (PARTITION BY c.kind, s.stage) AS total
			FROM review_steps s
			JOIN review_steps b ON b.case_id = s.case_id AND b.version = s.version - 1
			JOIN review_cases c ON c.id = s.case_id
			WHERE s.at >= ? AND s.action <> 'withdraw'
		) q WHERE q.total >= ? AND q.n = (q.total + 1) / 2`, since, usualLeast).Scan(ctx, &rows)
	out := make(map[lane]time.Duration, len(rows))
	for _, row := range rows {
		out[lane{row.Kind, row.Stage}] = time.Duration(row.Took) * time.Millisecond
	}
	return out, err
}
