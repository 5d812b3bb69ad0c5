package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"smedx/internal/app"
	"smedx/internal/config"
)

type demoCmd struct{}

// Run loads the demonstration data and ends.
func (demoCmd) Run(ctx context.Context, stdout io.Writer, cfg *config.Config) error {
	cfg.Demo = true
	if err := cfg.Check(); err != nil { // refused in production
		return err
	}
	a, err := openApp(ctx, cfg, true)
	if err != nil {
		return err
	}
	return errors.Join(loadDemo(ctx, a, stdout), a.Close())
}

func loadDemo(ctx context.Context, a *app.App, stdout io.Writer) error {
	fmt.Fprintln(stdout, "smedx has demonstration data, or loads them now (half a minute at most).") //nolint:errcheck // a terminal
	if err := a.LoadDemo(ctx); err != nil {
		return err
	}
	_, err := io.WriteString(stdout, app.DemoAccounts)
	return err
}
