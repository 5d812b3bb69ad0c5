// Package db opens the database and owns transactions. It knows no domain word.
//
// One code path serves two engines. SQLite has one writer that groups the work
// of concurrent callers into one durable commit; PostgreSQL runs an ordinary
// transaction for each caller. Reading and writing use separate handles, and the
// reading handle cannot write on either engine.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
)

// Engine names a database engine.
type Engine string

// The engines that smedx runs on.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

var (
	// ErrNested refuses a Write inside a Write: pass the Tx on instead.
	ErrNested = errors.New("db: Write inside Write")
	// ErrClosed is returned by Write after Close.
	ErrClosed = errors.New("db: closed")
	// ErrInUse says that another process serves the same SQLite file.
	ErrInUse = errors.New("db: another process serves this database file")
)

// Options of Open. The zero value is fit for a server with its own clock.
type Options struct {
	Clock     *clock.Clock  // default: the system clock
	ReadOnly  bool          // refuse every Write; for checks beside a running server
	Exclusive bool          // SQLite: take the lock file, so that only one server writes
	Queue     int           // SQLite: callers that may wait for the writer; default 8192
	Batch     int           // SQLite: callers in one commit; default 1024
	Turn      time.Duration // limit of one transaction; default 10 s
	Pool      int           // PostgreSQL: connections that write, and as many that read; default 16
}

// Func is a unit of work. It may run twice (a retry), so it has no effect but
// through tx; what must follow the commit goes to tx.OnCommit. Its context keeps
// the request's values but not its cancellation.
type Func func(ctx context.Context, tx *Tx) error

// Together does what a caller wants to hold or fail with a use case, in its transaction.
func Together(ctx context.Context, tx *Tx, list ...Func) error {
	for _, f := range list {
		if err := f(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// Reader reads, inside a transaction (*Tx) or outside (*DB).
type Reader interface {
	// Select starts a query for the model; "?" stands for a parameter.
	Select(model any) *bun.SelectQuery
	// Raw is one portable SQL text that reads.
	Raw(query string, args ...any) *bun.RawQuery
	// Now is the time of the transaction, or the current time outside one.
	Now() time.Time

	// for Text
	engineOf() Engine
	query(ctx context.Context, text string, args []any) (*sql.Rows, error)
	scanRows(ctx context.Context, rows *sql.Rows, dest any) error
}

// DB is an open database.
type DB struct {
	engine Engine
	clock  *clock.Clock
	read   *bun.DB
	write  *bun.DB
	group  *group // SQLite only
	kept   kept   // SQLite only
	texts  texts  // SQLite only
	turn   time.Duration
	ro     bool
	closes []func() error

	address *pgx.ConnConfig // PostgreSQL only
}

var _ Reader = (*DB)(nil)

// Open connects to "sqlite:FILE" or "postgres://…". It does not migrate.
func Open(ctx context.Context, dsn string, opt Options) (*DB, error) {
	if opt.Clock == nil {
		opt.Clock = &clock.Clock{}
	}
	if opt.Turn == 0 {
		opt.Turn = 10 * time.Second
	}
	d := &DB{clock: opt.Clock, turn: opt.Turn, ro: opt.ReadOnly}
	var err error
	switch scheme, rest, _ := strings.Cut(dsn, ":"); scheme {
	case "sqlite":
		err = d.openSQLite(ctx, rest, opt)
	case "postgres", "postgresql":
		err = d.openPostgres(ctx, dsn, opt)
	default:
		err = fmt.Errorf("db: %q is neither sqlite:FILE nor postgres://…", scheme)
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func (d *DB) openSQLite(ctx context.Context, path string, opt Options) error {
	d.engine = SQLite
	if opt.Exclusive {
		unlock, err := lockFile(path + ".lock")
		if err != nil {
			return err
		}
		d.closes = append(d.closes, unlock)
	}
	open := func(conns int, write bool) (*bun.DB, error) {
		s, err := sql.Open("sqlite", sqliteDSN(path, write))
		if err != nil {
			return nil, err
		}
		s.SetMaxOpenConns(conns)
		s.SetMaxIdleConns(conns)
		d.closes = append(d.closes, s.Close)
		return bun.NewDB(s, sqlitedialect.New()), s.PingContext(ctx)
	}
	var err error
	if !opt.ReadOnly {
		if d.write, err = open(1, true); err != nil {
			return fmt.Errorf("db: open %s: %w", path, err)
		}
	}
	if d.read, err = open(8, false); err != nil {
		return fmt.Errorf("db: open %s: %w", path, err)
	}
	if d.write != nil {
		d.group = newGroup(d, cmpOr(opt.Queue, 8192), cmpOr(opt.Batch, 1024))
	}
	return nil
}

// busy_timeout comes first: the pragmas after it may have to wait.
// recursive_triggers makes REPLACE fire delete triggers, so that it cannot slip
// past the append-only rule.
func sqliteDSN(path string, write bool) string {
	q := url.Values{}
	for _, p := range []string{"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "recursive_triggers(1)", "temp_store(MEMORY)", "cache_size(-16000)"} {
		q.Add("_pragma", p)
	}
	if write {
		q.Set("_txlock", "immediate")
	} else {
		q.Add("_pragma", "query_only(1)")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func (d *DB) openPostgres(ctx context.Context, dsn string, opt Options) error {
	d.engine = Postgres
	open := func(readOnly bool) (*bun.DB, error) {
		cfg, err := pgxpool.ParseConfig(dsn)
		if err != nil {
			return nil, fmt.Errorf("db: the PostgreSQL address cannot be read: %w", err)
		}
		cfg.MaxConns = int32(cmpOr(opt.Pool, 16))
		// Values stand in the text of the statements, so that hardly one comes twice:
		// to prepare each would double the round trips and fill a cache in vain.
		cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
		cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
		cfg.ConnConfig.RuntimeParams["random_page_cost"] = "1.1" // no discs that turn
		cfg.ConnConfig.RuntimeParams["statement_timeout"] = "30000"
		cfg.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "60000"
		if readOnly {
			cfg.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
		}
		if !readOnly || d.address == nil {
			d.address = cfg.ConnConfig.Copy()
		}
		pool, err := pgxpool.NewWithConfig(ctx, cfg)
		if err != nil {
			return nil, err
		}
		s := stdlib.OpenDBFromPool(pool)
		d.closes = append(d.closes, func() error { pool.Close(); return nil }, s.Close)
		return bun.NewDB(s, pgdialect.New()), s.PingContext(ctx)
	}
	var err error
	if !opt.ReadOnly {
		if d.write, err = open(false); err != nil {
			return fmt.Errorf("db: connect to PostgreSQL: %w", err)
		}
	}
	if d.read, err = open(true); err != nil {
		return fmt.Errorf("db: connect to PostgreSQL: %w", err)
	}
	return nil
}

// Close lets queued work finish and closes every handle.
func (d *DB) Close() error {
	if d.group != nil {
		d.group.close()
		d.kept.close()
	}
	d.texts.close()
	var err error
	for i := len(d.closes) - 1; i >= 0; i-- {
		err = errors.Join(err, d.closes[i]())
	}
	d.closes = nil
	return err
}

// Engine tells which engine is behind.
func (d *DB) Engine() Engine { return d.engine }

// Clock is the clock that transactions read.
func (d *DB) Clock() *clock.Clock { return d.clock }

// Now is the current time; inside a transaction use Tx.Now.
func (d *DB) Now() time.Time { return d.clock.Now() }

// Select starts a query on the reading handle.
func (d *DB) Select(model any) *bun.SelectQuery { return d.read.NewSelect().Model(model) }

// Raw is one SQL text on the reading handle.
func (d *DB) Raw(query string, args ...any) *bun.RawQuery { return d.read.NewRaw(query, args...) }

// Ping answers whether the database can be read.
func (d *DB) Ping(ctx context.Context) error { return d.read.PingContext(ctx) }

// Migrator is the writing handle, for migrations and backups only.
func (d *DB) Migrator() *sql.DB { return d.write.DB }

type inside struct{}

// Write runs fn in a transaction and returns once its work is durable, or not
// done at all. An error always means "not done", except that a lost connection
// during commit on PostgreSQL leaves it unknown; idempotency keys cover that.
func (d *DB) Write(ctx context.Context, fn Func) error {
	switch {
	case ctx.Value(inside{}) != nil:
		return ErrNested
	case d.ro || d.write == nil:
		return errors.New("db: opened read-only")
	case d.group != nil:
		return translate(d.group.write(ctx, fn))
	}
	return translate(d.writePostgres(ctx, fn))
}

// writePostgres retries serialisation failures and deadlocks: the whole closure, at most 3 times.
func (d *DB) writePostgres(ctx context.Context, fn Func) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		err := d.tryPostgres(ctx, fn)
		if err == nil || attempt == 3 || !retryable(err) {
			return err
		}
		time.Sleep(jitter(attempt))
	}
}

func (d *DB) tryPostgres(ctx context.Context, fn Func) (err error) {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.turn)
	defer cancel()
	limited = context.WithValue(limited, inside{}, true)
	conn, err := d.write.Conn(limited)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool
	btx, err := conn.BeginTx(limited, nil)
	if err != nil {
		return err
	}
	tx := &Tx{db: d, tx: btx, conn: conn, now: d.clock.Now()}
	if err := guard(limited, tx, fn); err != nil {
		return errors.Join(err, btx.Rollback())
	}
	if err := tx.flush(limited); err != nil {
		return errors.Join(err, btx.Rollback())
	}
	if err := btx.Commit(); err != nil {
		return err
	}
	tx.committed()
	return nil
}

func lockFile(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(ErrInUse, f.Close())
	}
	return f.Close, nil
}

func cmpOr(n, def int) int {
	if n == 0 {
		return def
	}
	return n
}

// translate turns what the storage says about itself into refusals.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrClosed):
		return fmt.Errorf("%w: %w", errs.ErrUnavailable.After(2), err)
	case isFull(err):
		return fmt.Errorf("%w: %w", errs.ErrStorageFull.After(30), err)
	}
	return err
}
