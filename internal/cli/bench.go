package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"smedx/internal/bench"
	"smedx/internal/config"
)

type benchCmd struct {
	Submit benchSubmitCmd `cmd:"" help:"Companies handing in the enterprise form."`
	Rush   benchRushCmd   `cmd:"" help:"Companies claiming a voucher all at once."`

	Catalogue benchCatalogueCmd `cmd:"" help:"Buyers reading what is on sale."`
	Checkout  benchCheckoutCmd  `cmd:"" help:"Companies placing orders with vouchers."`
}

type benchSubmitCmd struct {
	Companies   int `help:"How many companies hand in (1-100000)." default:"2000"`
	Connections int `help:"Connections at a time (1-1000)." default:"64"`
}

// Help says what is measured and how to read it.
func (benchSubmitCmd) Help() string {
	return `Starts a server process of this program on 127.0.0.1 with a data folder of its own,
prepares companies that have filled in every question, lets them hand the form in over
HTTP, each connection sending its next request when the last is answered (a closed loop),
and counts in the database afterwards whether every acknowledged submission is there.

Machines differ, so a rate alone says little: the same process is first asked for GET
/healthz over as many connections. The ratio of both is what to compare between runs.

  smedx bench submit                              on SQLite
  smedx bench submit --companies 500 --connections 16
  smedx bench submit --db postgres://user@host/   on PostgreSQL: in a database made for it

Nothing else is touched; folder and database are removed at the end. Takes at most two
minutes after the preparation (about 200 companies a second).
Exit status: 1 when a submission was refused or is missing.`
}

// Run measures and reports.
func (c benchSubmitCmd) Run(ctx context.Context, stdout io.Writer, cfg *config.Config) error {
	if c.Companies < 1 || c.Companies > 100_000 || c.Connections < 1 || c.Connections > 1000 {
		return errors.New("--companies must be 1 to 100000, --connections 1 to 1000")
	}
	r, err := bench.Submit{Companies: c.Companies, Connections: c.Connections, Address: cfg.DB}.Run(ctx, stdout)
	if err != nil {
		return err
	}
	return r.Print(stdout)
}

type benchCatalogueCmd struct {
	Offerings   int `help:"How many offerings are on sale (100-200000)." default:"10000"`
	Connections int `help:"Connections at a time (1-1000)." default:"128"`
}

// Help says what is measured and how to read it.
func (benchCatalogueCmd) Help() string {
	return `Starts a server process of this program on 127.0.0.1 with a data folder of its own and
that many offerings on sale, and asks for three seconds each, a closed loop of connections:
the list, the list by filters, searches that find and that do not, product pages, the home
page; then the same by addresses that nobody asked for before, which no kept answer serves.

The ratio is that to GET /healthz of the same process in the same run: compare ratios, not
rates. At the end: how soon the process was ready, and its memory before and after.

  smedx bench catalogue
  smedx bench catalogue --offerings 100000
  smedx bench catalogue --db postgres://user@host/   on PostgreSQL: in a database made for it

Nothing else is touched; folder and database are removed at the end. Takes about a minute
(10,000 offerings). Exit status: 1 when an answer was wrong.`
}

// Run measures and reports.
func (c benchCatalogueCmd) Run(ctx context.Context, stdout io.Writer, cfg *config.Config) error {
	if c.Offerings < 100 || c.Offerings > 200_000 || c.Connections < 1 || c.Connections > 1000 {
		return errors.New("--offerings must be 100 to 200000, --connections 1 to 1000")
	}
	reports, footprint, err := bench.Catalogue{Offerings: c.Offerings, Connections: c.Connections, Address: cfg.DB}.Run(ctx, stdout)
	if err != nil {
		return err
	}
	for _, r := range reports {
		if err := r.Print(stdout); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(stdout, footprint)
	return err
}
