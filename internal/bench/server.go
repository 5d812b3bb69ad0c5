package bench

import (
	"bufio"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"smedx/internal/config"
	"smedx/internal/kit/db"
)

// place is a scratch platform: a folder and a database of its own.
type place struct {
	config config.Config
	drop   func() error // the database, where it is not in the folder
	trace  []string     // what to run the server under, so that it writes a trace to its descriptor 3 …
	traced *os.File     // … which is this
}

// newPlace makes the folder and, on a PostgreSQL server, a database in it.
func newPlace(ctx context.Context, address string) (*place, error) {
	folder, err := os.MkdirTemp("", "smedx-bench-")
	if err != nil {
		return nil, err
	}
	p := &place{config: config.Config{Data: folder, Addr: "127.0.0.1:0", Migrate: true, Node: -1, OrderTTL: 30 * time.Minute, Drain: 10 * time.Second}}
	if strings.HasPrefix(address, "postgres") {
		if err := p.database(ctx, address); err != nil {
			return nil, errors.Join(err, os.RemoveAll(folder))
		}
	}
	p.config.Fill()
	return p, nil
}

func (p *place) database(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return errors.New("the PostgreSQL address cannot be read")
	}
	server, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	name := "smedx_bench_" + strings.ToLower(rand.Text()[:10])
	if _, err := server.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return errors.Join(fmt.Errorf("a database for the measurement: %w", err), server.Close())
	}
	p.drop = func() error {
		_, err := server.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE "+name+" WITH (FORCE)")
		return errors.Join(err, server.Close())
	}
	u.Path = "/" + name
	p.config.DB = u.String()
	return nil
}

// look reads the database after the servers have ended.
func (p *place) look(ctx context.Context, read func(d *db.DB) error) (err error) {
	d, err := db.Open(ctx, p.config.DB, db.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return read(d)
}

// remove takes away everything that the measurement made.
func (p *place) remove() error {
	var err error
	if p.drop != nil {
		err = p.drop()
	}
	return errors.Join(err, os.RemoveAll(p.config.Data))
}

// server is a running process of this program.
type server struct {
	url string
	cmd *exec.Cmd
	log *os.File
}

// serve starts this program as a server on a free port of the loopback.
func (p *place) serve(ctx context.Context) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	log, err := os.CreateTemp(p.config.Data, "server-*.log")
	if err != nil {
		return nil, err
	}
	args := append(slices.Clone(p.trace), self, "serve", "--data", p.config.Data, "--addr", p.config.Addr, "--log-level", "warn")
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	if p.traced != nil {
		cmd.ExtraFiles = []*os.File{p.traced}
	}
	cmd.Env = append(os.Environ(), "SMEDX_DB="+p.config.DB) // not on the command line: it may hold a password
	if p.config.TestHooks {
		cmd.Env = append(cmd.Env, "SMEDX_TEST_HOOKS=true")
	}
	if p.config.Together > 0 {
		cmd.Env = append(cmd.Env, "SMEDX_TOGETHER="+strconv.Itoa(p.config.Together))
	}
	cmd.Stderr = log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	s := &server{cmd: cmd, log: log}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, at, ready := strings.Cut(lines.Text(), "smedx is ready on "); ready {
			s.url = at
			return s, nil
		}
	}
	said, _ := os.ReadFile(log.Name()) //nolint:errcheck // only to tell more
	return nil, errors.Join(fmt.Errorf("the server did not start: %s", said), cmd.Wait(), log.Close())
}

// stop ends the process and waits for it.
func (s *server) stop() error {
	err := s.cmd.Process.Signal(syscall.SIGTERM)
	return errors.Join(err, s.cmd.Wait(), s.log.Close())
}
