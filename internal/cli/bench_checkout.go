package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"smedx/internal/bench"
	"smedx/internal/config"
)

type benchCheckoutCmd struct {
	Buyers      int `help:"How many companies buy (1-50000)." default:"10000"`
	Connections int `help:"Connections at a time (1-1000)." default:"128"`
}

// Help says what is measured and how to read it.
func (benchCheckoutCmd) Help() string {
	return `Starts a server process of this program on 127.0.0.1 with a data folder of its own, and
gives every company two vouchers. Then each places an order over HTTP that takes both and is
not covered by them (a closed loop); an order is a price check, two holds and their entries
in the journal, in one transaction. Then all send the same key again. Afterwards it reads
from the database that every acknowledged order is there once, that its vouchers hold what it
takes, and that the books are right.

  smedx bench checkout
  smedx bench checkout --buyers 2000 --connections 32
  smedx bench checkout --db postgres://user@host/   on PostgreSQL: in a database made for it

Each figure stands beside the rate of GET /healthz of the same process: compare the ratios,
not the rates. Exit status: 1 when an answer was wrong or the database is.`
}

// Run measures and reports.
func (c benchCheckoutCmd) Run(ctx context.Context, stdout io.Writer, cfg *config.Config) error {
	if c.Buyers < 1 || c.Buyers > 50_000 || c.Connections < 1 || c.Connections > 1000 {
		return errors.New("--buyers must be 1 to 50000, --connections 1 to 1000")
	}
	reports, err := bench.Checkout{Buyers: c.Buyers, Connections: c.Connections, Address: cfg.DB}.Run(ctx, stdout)
	if err != nil {
		return err
	}
	for _, r := range reports {
		if _, err := fmt.Fprintln(stdout); err != nil {
			return err
		}
		if err := r.Print(stdout); err != nil {
			return err
		}
	}
	return nil
}
