package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"smedx/internal/bench"
	"smedx/internal/config"
)

type benchRushCmd struct {
	Claimants   int  `help:"How many companies claim (1-100000)." default:"20000"`
	Stock       int  `help:"How many vouchers there are (1-100000)." default:"20000"`
	Connections int  `help:"Connections at a time (1-1000)." default:"256"`
	Kill        int  `help:"How often to kill the server (kill -9) in the middle and start it again (0-100)." default:"0"`
	Alone       bool `help:"Measure afterwards, with a tenth of the companies, what a transaction for each claim gives."`
	Processes   int  `help:"How many server processes share the crowd (1-8); more than one on PostgreSQL only." default:"1"`
}

// Help says what is measured and how to read it.
func (benchRushCmd) Help() string {
	return `Starts a server process of this program on 127.0.0.1 with a data folder of its own and
an open campaign. Every company asks who it is, as one who waits for the opening has done;
then each claims once over HTTP, each connection sending its next claim when the last is
answered (a closed loop). Then the same companies ask again, for three seconds; with several
processes each asks another one. Afterwards it reads from the database that no voucher was
oversold, given twice or lost after it was acknowledged, and that the books are right.

  smedx bench rush                                        on SQLite, everybody wins
  smedx bench rush --claimants 40000 --stock 20000        half of them win
  smedx bench rush --alone                                beside one transaction for each claim
  smedx bench rush --kill 10                              with ten crashes in between
  smedx bench rush --db postgres://user@host/             on PostgreSQL: in a database made for it
  smedx bench rush --db postgres://user@host/ --processes 2

Each figure stands beside the rate of GET /healthz of one such process: compare the
ratios, not the rates. Preparing takes about a minute for 20,000 companies.
Exit status: 1 when an answer was wrong or the database is.`
}

// Run measures and reports.
func (c benchRushCmd) Run(ctx context.Context, stdout io.Writer, cfg *config.Config) error {
	if c.Claimants < 1 || c.Claimants > 100_000 || c.Stock < 1 || c.Stock > 100_000 || c.Connections < 1 || c.Connections > 1000 || c.Kill < 0 || c.Kill > 100 {
		return errors.New("--claimants and --stock must be 1 to 100000, --connections 1 to 1000, --kill 0 to 100")
	}
	if c.Processes < 1 || c.Processes > 8 || c.Processes > 1 && !strings.HasPrefix(cfg.DB, "postgres") {
		return errors.New("--processes must be 1 to 8, and 1 on SQLite, which one process serves")
	}
	rush := bench.Rush{Claimants: c.Claimants, Stock: c.Stock, Connections: c.Connections, Kills: c.Kill, Processes: c.Processes, Address: cfg.DB}
	reports, err := rush.Run(ctx, stdout)
	if err == nil && c.Alone {
		rush.Claimants, rush.Stock, rush.Kills, rush.Together = max(c.Claimants/10, 1), max(c.Stock/10, 1), 0, 1
		var alone []bench.Report
		if alone, err = rush.Run(ctx, stdout); err == nil {
			alone[0].What = "a transaction for each: " + alone[0].What
			reports = append(reports, alone[0])
		}
	}
	for _, r := range reports {
		if _, err := fmt.Fprintln(stdout); err != nil {
			return err
		}
		if err := r.Print(stdout); err != nil {
			return err
		}
	}
	if err == nil && c.Alone {
		_, err = fmt.Fprintf(stdout, "\n%.1f times as many claims as with a transaction for each\n", reports[0].Measured.Rate()/reports[len(reports)-1].Measured.Rate())
	}
	return err
}
