// Package jobs runs timed work: sweeps over rows that are due. Every sweep is
// idempotent and nothing depends on a tick. Where several processes share a
// database, a lease row lets one of them run a sweep at a time.
package jobs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/go-co-op/gocron/v2"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
)

// Sweep is one kind of timed work.
type Sweep struct {
	Name  string
	Every time.Duration
	Now   bool // the first time at the start, not after a period
	Run   func(context.Context) error
}

// Runner runs sweeps until it is stopped.
type Runner struct {
	db        *db.DB
	sweeps    []Sweep
	holder    string
	scheduler gocron.Scheduler
	cancel    context.CancelFunc
}

// New takes the sweeps; Start begins to run them.
func New(d *db.DB, sweeps []Sweep) *Runner {
	return &Runner{db: d, sweeps: sweeps, holder: rand.Text()}
}

// Start schedules every sweep. One that still runs is not started again.
func (r *Runner) Start(ctx context.Context) error {
	s, err := gocron.NewScheduler()
	if err != nil {
		return err
	}
	ctx, r.cancel = context.WithCancel(ctx)
	for _, sweep := range r.sweeps {
		options := []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeReschedule), gocron.WithName(sweep.Name)}
		if sweep.Now {
			options = append(options, gocron.WithStartAt(gocron.WithStartImmediately()))
		}
		_, err := s.NewJob(gocron.DurationJob(sweep.Every), gocron.NewTask(func() {
			if err := r.run(ctx, sweep); err != nil && ctx.Err() == nil {
				slog.ErrorContext(ctx, "sweep failed", "sweep", sweep.Name, "error", err)
			}
		}), options...)
		if err != nil {
			return err
		}
	}
	s.Start()
	r.scheduler = s
	return nil
}

// Stop waits for running sweeps.
func (r *Runner) Stop() error {
	if r.scheduler == nil {
		return nil
	}
	r.cancel()
	return r.scheduler.Shutdown()
}

// RunAll runs every sweep once, in order; tests call it.
func (r *Runner) RunAll(ctx context.Context) error {
	var all error
	for _, s := range r.sweeps {
		if err := r.run(ctx, s); err != nil {
			all = errors.Join(all, fmt.Errorf("%s: %w", s.Name, err))
		}
	}
	return all
}

func (r *Runner) run(ctx context.Context, s Sweep) error {
	if r.db.Engine() == db.SQLite { // one process serves the file
		return s.Run(ctx)
	}
	mine, err := r.lease(ctx, s)
	if err != nil || !mine {
		return err
	}
	return s.Run(ctx)
}

// lease takes or keeps the right to run a sweep for a few of its periods.
func (r *Runner) lease(ctx context.Context, s Sweep) (mine bool, err error) {
	err = r.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := clock.At(time.Now()) // real time: tests move the business clock
		until := now.Add(max(3*s.Every, time.Minute))
		n, err := tx.Exec(ctx, `
			INSERT INTO leases (name, holder, expires_at) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
			WHERE leases.holder = excluded.holder OR leases.expires_at < ?`, s.Name, r.holder, until, now)
		mine = n == 1
		return err
	})
	return mine, err
}
