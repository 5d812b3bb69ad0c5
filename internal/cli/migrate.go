package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"smedx/internal/config"
	"smedx/internal/kit/db"
	"smedx/migrations"
)

type migrateCmd struct{}

// Run migrates and says what the schema is.
func (migrateCmd) Run(ctx context.Context, stdout io.Writer, cfg *config.Config) error {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return err
	}
	d, err := db.Open(ctx, cfg.DB, db.Options{Exclusive: true})
	if err != nil {
		return err
	}
	if err := migrations.Up(ctx, d); err != nil {
		return errors.Join(err, d.Close())
	}
	fmt.Fprintln(stdout, "the schema is up to date") //nolint:errcheck // a terminal
	return d.Close()
}
