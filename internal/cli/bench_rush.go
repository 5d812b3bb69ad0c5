package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"

	"smedx/internal/bench"
	"smedx/internal/config"
)

type benchRushCmd struct {
	Claimants   int    `help:"How many companies claim (1-100000)." default:"20000"`
	Stock       int    `help:"How many vouchers there are (1-100000)." default:"20000"`
	Connections int    `help:"Connections at a time (1-1000)." default:"256"`
	Kill        int    `help:"How often to kill the server (kill -9) in the middle and start it again (0-100)." default:"0"`
	Alone       bool   `help:"Measure afterwards, with a tenth of the companies, what a transaction for each claim gives."`
	PowerCut    int    `help:"Instead: how many disks to prove that a power failure may leave (1-10000), on SQLite." default:"0"`
	Seed        uint64 `help:"Of the chance in --power-cut: the same seed tears the same trace the same way; 0 takes one." default:"0"`
	Processes   int    `help:"How many server processes share the crowd (1-8); more than one on PostgreSQL only." default:"1"`
}

// Help says what is measured and how to read it.
func (benchRushCmd) Help() string {
	return `Starts a server process of this program on 127.0.0.1 with a data folder of its own and
an open campaign. Every company opens its page, as one who waits for the opening has done;
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
  smedx bench rush --power-cut 200 --claimants 1500 --stock 1200

With --power-cut the server runs under strace, which must be there. From what it wrote and
synced in which order come disks as a power failure may leave them at random moments: what was
not synced is there, missing or torn. Each is opened as the server does: every claim whose
answer had begun to leave must be there, none twice, the stock exact, the books right. The
same without the syncs of commits must fail, or the run does.

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
	if c.PowerCut < 0 || c.PowerCut > 10_000 || c.PowerCut > 0 && (c.Claimants > 5000 || c.Kill > 0 || c.Alone || strings.HasPrefix(cfg.DB, "postgres")) {
		return errors.New("--power-cut must be 1 to 10000, takes at most 5000 --claimants, and goes with SQLite only and without --kill and --alone")
	}
	rush := bench.Rush{Claimants: c.Claimants, Stock: c.Stock, Connections: c.Connections, Kills: c.Kill, Processes: c.Processes, Address: cfg.DB}
	if c.PowerCut > 0 {
		return c.powerCut(ctx, stdout, rush)
	}
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

func (c benchRushCmd) powerCut(ctx context.Context, stdout io.Writer, rush bench.Rush) error {
	seed := c.Seed
	for seed == 0 {
		seed = rand.Uint64()
	}
	said, err := bench.PowerCut{Rush: rush, Images: c.PowerCut, Seed: seed}.Run(ctx, stdout)
	if err == nil {
		_, err = fmt.Fprint(stdout, said)
	}
	return err
}
