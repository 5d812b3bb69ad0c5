// Package cli is the command line: one file per command.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"

	"smedx/internal/app"
	"smedx/internal/config"
)

type commands struct {
	File     kong.ConfigFlag `name:"config" help:"YAML file with settings, named as the flags." env:"SMEDX_CONFIG" placeholder:"FILE"`
	Settings config.Config   `embed:""`

	Serve     serveCmd       `cmd:"" help:"Run the platform."`
	Migrate   migrateCmd     `cmd:"" help:"Bring the database schema to this program's version."`
	Demo      demoCmd        `cmd:"" help:"Load the demonstration data into an empty platform."`
	Admin     adminCmd       `cmd:"" help:"Accounts of staff."`
	Reconcile reconcileCmd   `cmd:"" help:"Prove that every fen is where the books say."`
	Verify    verifyAuditCmd `cmd:"" name:"verify-audit" help:"Prove that journal and audit trail were not changed."`
	Show      configCmd      `cmd:"" name:"config" help:"Print every setting with its value, secrets hidden."`
	OpenAPI   openapiCmd     `cmd:"" name:"openapi" help:"Print the API contract (OpenAPI 3.1, YAML)."`
	Bench     benchCmd       `cmd:"" help:"Measure a server of its own under load."`
}

const about = `smedx: the public service platform for the digital transformation of SMEs.

Start it with demonstration data:   smedx serve --demo
Start it for real:                  smedx serve --environment production --public-url https://…
The settings below are the same for every command; each can be a flag, an
environment variable or a line of the --config file (in this order of weight).`

// Main runs the command line and returns the exit code.
func Main(args []string, stdout, stderr io.Writer) int {
	var c commands
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	parser, err := kong.New(&c, kong.Name("smedx"), kong.Description(about), kong.Writers(stdout, stderr),
		kong.Configuration(yamlFile), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.BindTo(stdout, (*io.Writer)(nil)))
	if err != nil {
		return fail(stderr, err)
	}
	k, err := parser.Parse(args)
	if err != nil {
		return fail(stderr, fmt.Errorf("%w (try: smedx --help)", err))
	}
	c.Settings.Fill()
	if err := c.Settings.Check(); err != nil {
		return fail(stderr, err)
	}
	slog.SetDefault(slog.New(logHandler(stderr, c.Settings.LogLevel, c.Settings.LogFormat)))
	if err := k.Run(&c.Settings); err != nil {
		return fail(stderr, err)
	}
	return 0
}

func fail(stderr io.Writer, err error) int {
	fmt.Fprintln(stderr, "smedx:", err) //nolint:errcheck // nowhere left to say it
	return 1
}

func logHandler(w io.Writer, level, format string) slog.Handler {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	opts := &slog.HandlerOptions{Level: l}
	if format == "json" {
		return slog.NewJSONHandler(w, opts)
	}
	return slog.NewTextHandler(w, opts)
}

// yamlFile reads settings from a YAML map of flag names.
func yamlFile(r io.Reader) (kong.Resolver, error) {
	values := map[string]any{}
	if err := yaml.NewDecoder(r).Decode(&values); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("settings file: %w", err)
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		v, ok := values[flag.Name]
		if !ok {
			v, ok = values[strings.ReplaceAll(flag.Name, "-", "_")]
		}
		if !ok {
			return nil, nil
		}
		return fmt.Sprint(v), nil
	}), nil
}

// openApp wires the platform for a command.
func openApp(ctx context.Context, cfg *config.Config, exclusive bool) (*app.App, error) {
	return app.Open(ctx, *cfg, exclusive)
}
