// Package app is the composition root: the only place that knows every module
// and joins them.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"smedx/internal/config"
	"smedx/internal/httpapi"
	"smedx/internal/jobs"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/seal"
	"smedx/migrations"
)

// App is a wired platform.
type App struct {
	Config   config.Config
	DB       *db.DB
	Services httpapi.Services
	Jobs     *jobs.Runner
	box      *seal.Box
}

// Open connects, migrates where that is asked for, and wires every module.
// exclusive takes the lock of a SQLite file, as "serve" does.
func Open(ctx context.Context, cfg config.Config, exclusive bool) (*App, error) {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, err
	}
	if cfg.Node >= 0 {
		id.SetNode(cfg.Node)
	}
	box, err := seal.OpenKeyFile(cfg.SealKeyFile)
	if err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, cfg.DB, db.Options{Clock: &clock.Clock{}, Exclusive: exclusive, Batch: cfg.Together})
	if err != nil {
		return nil, err
	}
	a := &App{Config: cfg, DB: d, box: box}
	if err := errors.Join(a.migrate(ctx), a.wire()); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return a, nil
}

// migrate brings an embedded SQLite schema up to date by itself; PostgreSQL is
// shared, so there it must be asked for.
func (a *App) migrate(ctx context.Context) error {
	if a.DB.Engine() == db.SQLite || a.Config.Migrate {
		return migrations.Up(ctx, a.DB)
	}
	return migrations.Check(ctx, a.DB)
}

// Close stops the work and closes the database.
func (a *App) Close() error {
	return errors.Join(a.Jobs.Stop(), a.DB.Close())
}

// Serve answers requests until ctx ends, then lets running ones finish.
func (a *App) Serve(ctx context.Context, ready func(addr string)) error {
	l, err := net.Listen("tcp", a.Config.Addr)
	if err != nil {
		return err
	}
	srv := &http.Server{
		Handler:           httpapi.New(a.Services).Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Minute, // a 100 MB upload over a slow line
		WriteTimeout:      10 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}
	if err := a.Jobs.Start(ctx); err != nil {
		return err
	}
	a.Services.Sessions.Follow(ctx)
	var loading sync.WaitGroup
	defer loading.Wait()
	loading.Go(func() { // so that the first buyer does not wait for the index
		if _, err := a.Services.Catalog.Version(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "catalogue index", "error", err)
		}
	})
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.Config.Drain)
		defer cancel()
		stopped <- srv.Shutdown(drain)
	}()
	if ready != nil {
		ready(l.Addr().String())
	}
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return <-stopped
}

func (a *App) dataPath(elem ...string) string {
	return filepath.Join(append([]string{a.Config.Data}, elem...)...)
}
