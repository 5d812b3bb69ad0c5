package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"smedx/internal/config"
	"smedx/internal/kit/heap"
)

type serveCmd struct{}

// Run serves until a signal comes.
func (serveCmd) Run(ctx context.Context, stdout io.Writer, cfg *config.Config) error {
	heap.Tune()
	a, err := openApp(ctx, cfg, true)
	if err != nil {
		return err
	}
	if cfg.Demo {
		if err := loadDemo(ctx, a, stdout); err != nil {
			return errors.Join(err, a.Close())
		}
	}
	err = a.Serve(ctx, func(addr string) {
		fmt.Fprintf(stdout, "smedx is ready on http://%s\n", addr) //nolint:errcheck // a terminal
	})
	return errors.Join(err, a.Close())
}
