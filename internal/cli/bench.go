package cli

import (
	"context"
	"errors"
	"io"

	"smedx/internal/bench"
	"smedx/internal/config"
)

type benchCmd struct {
	Submit benchSubmitCmd `cmd:"" help:"Companies handing in the enterprise form."`
	Rush   benchRushCmd   `cmd:"" help:"Companies claiming a voucher all at once."`
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
