package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"smedx/internal/config"
	"smedx/internal/kit/db"
	"smedx/internal/ledger"
	"smedx/migrations"
)

type verifyAuditCmd struct {
	JSON bool `help:"Print the report as JSON." name:"json"`
}

// Help says what the command proves and how it answers.
func (verifyAuditCmd) Help() string {
	return `Recomputes every seal over the journal and the audit trail. A row that was changed,
deleted, inserted or moved after it was sealed (half a minute after it was written) breaks
its seal. Reads only, also beside a running server.
Exit status: 0 when every seal holds; 1 naming the first broken one.`
}

// Run verifies and reports.
func (c verifyAuditCmd) Run(ctx context.Context, stdout io.Writer, cfg *config.Config) error {
	d, err := db.Open(ctx, cfg.DB, db.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer d.Close() //nolint:errcheck // read only
	if err := migrations.Check(ctx, d); err != nil {
		return err
	}
	sealed, breaks, err := ledger.Verify(ctx, d)
	if err != nil {
		return err
	}
	if c.JSON {
		e := json.NewEncoder(stdout)
		e.SetIndent("", "  ")
		err = e.Encode(struct {
			OK       bool           `json:"ok"`
			Seals    int64          `json:"seals"`
			Rows     int64          `json:"rows"`
			Unsealed int64          `json:"unsealed"`
			Breaks   []ledger.Break `json:"breaks"`
		}{len(breaks) == 0, sealed.Seals, sealed.Rows, sealed.Unsealed, append([]ledger.Break{}, breaks...)})
	} else {
		_, err = fmt.Fprintf(stdout, "%d seals over %d rows; %d rows not sealed yet\n", sealed.Seals, sealed.Rows, sealed.Unsealed)
	}
	if err != nil {
		return err
	}
	if len(breaks) > 0 {
		return fmt.Errorf("the trail does not hold, first broken: %v (%d in all)", breaks[0], len(breaks))
	}
	return nil
}
