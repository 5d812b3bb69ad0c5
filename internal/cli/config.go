package cli

import (
	"fmt"
	"io"
	"text/tabwriter"

	"smedx/internal/config"
)

type configCmd struct{}

// Run prints the table of settings.
func (configCmd) Run(stdout io.Writer, cfg *config.Config) error {
	w := tabwriter.NewWriter(stdout, 0, 4, 2, ' ', 0)
	for _, r := range cfg.Rows() {
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.Env, r.Value, r.Help) //nolint:errcheck // flushed below
	}
	return w.Flush()
}
