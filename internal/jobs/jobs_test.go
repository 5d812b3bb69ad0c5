package jobs_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"smedx/internal/jobs"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
)

// Two processes on one database: a sweep belongs to whoever took it first.
func TestOneProcessSweeps(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		var first, second atomic.Int64
		sweep := func(n *atomic.Int64) []jobs.Sweep {
			return []jobs.Sweep{{Name: "count", Every: time.Minute, Run: func(context.Context) error { n.Add(1); return nil }}}
		}
		a, b := jobs.New(d, sweep(&first)), jobs.New(d, sweep(&second))
		for range 3 {
			if err := errors.Join(a.RunAll(t.Context()), b.RunAll(t.Context())); err != nil {
				t.Fatal(err)
			}
		}
		shared := d.Engine() == db.Postgres
		if first.Load() != 3 || shared && second.Load() != 0 {
			t.Errorf("first ran %d, second %d", first.Load(), second.Load())
		}
	})
}

func TestOneSweepsFailureDoesNotStopTheOthers(t *testing.T) {
	d := dbtest.SQLite(t)
	ran := false
	r := jobs.New(d, []jobs.Sweep{
		{Name: "broken", Every: time.Minute, Run: func(context.Context) error { return errors.New("boom") }},
		{Name: "fine", Every: time.Minute, Run: func(context.Context) error { ran = true; return nil }},
	})
	if err := r.RunAll(t.Context()); err == nil || !ran {
		t.Error(err, ran)
	}
}
