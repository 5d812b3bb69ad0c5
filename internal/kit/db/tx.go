package db

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// Tx is one unit of work: a clock reading, statements, and what to do after the
// commit. It hides the driver's transaction, so nobody can begin or commit inside.
type Tx struct {
	db    *DB
	tx    bun.Tx
	now   time.Time
	after []func()

	conn    bun.Conn // PostgreSQL only
	waiting []later  // PostgreSQL only
	broken  error    // of what waited
}

var _ Reader = (*Tx)(nil)

// Now is the same for every row written in this transaction.
func (t *Tx) Now() time.Time { return t.now }

// OnCommit runs f once the work is durable, never after a rollback. It is for
// hints inside the process (caches); what must not be lost goes to the outbox.
func (t *Tx) OnCommit(f func()) { t.after = append(t.after, f) }

// Select starts a query inside the transaction.
func (t *Tx) Select(model any) *bun.SelectQuery {
	return t.tx.NewSelect().Model(model).Conn(inOrder{t})
}

// Raw is one portable SQL text; "?" stands for a parameter.
func (t *Tx) Raw(query string, args ...any) *bun.RawQuery {
	return t.tx.NewRaw(query, args...).Conn(inOrder{t})
}

// Insert starts an insert of the model (a struct or a slice).
func (t *Tx) Insert(model any) *bun.InsertQuery {
	return t.tx.NewInsert().Model(model).Conn(inOrder{t})
}

// Update starts an update of the model.
func (t *Tx) Update(model any) *bun.UpdateQuery {
	return t.tx.NewUpdate().Model(model).Conn(inOrder{t})
}

// Delete starts a delete of the model.
func (t *Tx) Delete(model any) *bun.DeleteQuery {
	return t.tx.NewDelete().Model(model).Conn(inOrder{t})
}

// Exec runs one statement and returns how many rows it changed. On SQLite numbers and
// texts go there as parameters, so that a text that comes again is parsed once; that
// of a pragma already acts when it is parsed, and is not kept.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if t.db.engine == SQLite && !strings.HasPrefix(query, "PRAGMA") {
		if values, ok := plainValues(args); ok {
			return t.run(ctx, query, values)
		}
	}
	res, err := t.Raw(query, args...).Exec(ctx)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// ExecOne runs a guarded write and reports whether exactly one row was hit.
// The WHERE clause is the lock: false means that somebody else was there first.
func (t *Tx) ExecOne(ctx context.Context, query string, args ...any) (bool, error) {
	n, err := t.Exec(ctx, query, args...)
	if err == nil && n > 1 {
		err = fmt.Errorf("db: a guarded write hit %d rows", n)
	}
	return n == 1, err
}

// InsertNew inserts the model unless a unique rule already holds a row like it,
// and reports whether it did. A violated constraint must not be caught and
// passed over instead: on PostgreSQL it ends the transaction.
func (t *Tx) InsertNew(ctx context.Context, model any) (bool, error) {
	if rows := rowsOf(model); t.db.engine == SQLite && rows.Len() == 1 {
		n, err := t.insertRow(ctx, rows, onConflict)
		return n == 1, err
	}
	res, err := t.Insert(model).On("CONFLICT DO NOTHING").Exec(ctx)
	if err != nil {
		return false, err
	}
	in, err := res.RowsAffected()
	return in == 1, err
}

func (t *Tx) committed() {
	for _, f := range t.after {
		f()
	}
}

// panicked is a caller's panic turned into an error, so that it undoes the
// caller's work and nobody else's.
type panicked struct {
	value any
	stack []byte
}

func (p panicked) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

func guard(ctx context.Context, tx *Tx, fn Func) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked{p, debug.Stack()}
		}
	}()
	return fn(ctx, tx)
}

// IsPanic reports whether the error is a panic of the closure.
func IsPanic(err error) bool {
	var p panicked
	return errors.As(err, &p)
}
