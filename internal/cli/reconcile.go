package cli

import (
	"context"
	"fmt"
	"io"

	"smedx/internal/config"
	"smedx/internal/kit/db"
	"smedx/internal/reconcile"
	"smedx/migrations"
)

type reconcileCmd struct {
	JSON bool `help:"Print the report as JSON." name:"json"`
}

// Help says what the command proves and how it answers.
func (reconcileCmd) Help() string {
	return `Proves that every fen is where the books say: entries balance, cached balances equal
their postings, orders and vouchers agree, nothing was changed afterwards (seals), and the
append-only triggers are in place. Reads only, also beside a running server.
Exit status: 0 when all holds; 1 naming what is broken.`
}

// Run checks and reports.
func (c reconcileCmd) Run(ctx context.Context, stdout io.Writer, cfg *config.Config) error {
	d, err := db.Open(ctx, cfg.DB, db.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer d.Close() //nolint:errcheck // read only
	if err := migrations.Check(ctx, d); err != nil {
		return err
	}
	report, err := reconcile.Run(ctx, d, d)
	if err != nil {
		return err
	}
	print := report.Text
	if c.JSON {
		print = report.JSON
	}
	if err := print(stdout); err != nil {
		return err
	}
	if n := len(report.Violations()); n > 0 {
		return fmt.Errorf("the books do not hold: %d violations", n)
	}
	return nil
}
