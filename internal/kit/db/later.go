package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Writes of which nothing is read back need no round trip each: on PostgreSQL
// they wait until the transaction reads, writes otherwise or commits, and are then
// sent together. On SQLite, where there is no way to go, they are done at once.

// later is a write that waits, and what must be true of the rows that it hits.
type later struct {
	text  string
	args  []any
	check func(hit int64) error
	read  func(pgx.Row) error // instead of check

	prepare bool // the text comes again and again
}

// ExecLater runs one guarded write, not necessarily at once: unless exactly one
// row is hit, the transaction fails with otherwise; nil means that any number is right.
func (t *Tx) ExecLater(ctx context.Context, otherwise error, query string, args ...any) error {
	check := func(hit int64) error {
		switch {
		case hit == 1 || otherwise == nil:
			return nil
		case hit > 1:
			return fmt.Errorf("db: a guarded write hit %d rows", hit)
		}
		return otherwise
	}
	if t.db.engine == SQLite {
		hit, err := t.Exec(ctx, query, args...)
		if err != nil {
			return err
		}
		return check(hit)
	}
	t.waiting = append(t.waiting, t.later(later{check: check}, query, args))
	return nil
}

// later is a write with its values as parameters, so that the engine parses its text
// once, if they are plain.
func (t *Tx) later(w later, query string, args []any) later {
	if values, ok := plainValues(args); ok {
		w.text, w.args, w.prepare = numbered(query), values, true
		return w
	}
	w.text = t.db.write.QueryGen().FormatQuery(query, args...)
	return w
}

// ReadLater runs one guarded write that returns one number, not necessarily at
// once: number is there when the transaction is committed. Unless a row is hit,
// the transaction fails with otherwise.
func (t *Tx) ReadLater(ctx context.Context, number *int64, otherwise error, query string, args ...any) error {
	if t.db.engine == SQLite {
		err := t.Raw(query, args...).Scan(ctx, number)
		if IsNotFound(err) {
			err = otherwise
		}
		return err
	}
	t.waiting = append(t.waiting, t.later(later{read: func(row pgx.Row) error {
		err := row.Scan(number)
		if errors.Is(err, pgx.ErrNoRows) {
			err = otherwise
		}
		return err
	}}, query, args))
	return nil
}

func (w later) answered(answers pgx.BatchResults) error {
	if w.read != nil {
		return w.read(answers.QueryRow())
	}
	tag, err := answers.Exec()
	if err == nil && w.check != nil {
		err = w.check(tag.RowsAffected())
	}
	return err
}

// flush sends what waits.
func (t *Tx) flush(ctx context.Context) error {
	if len(t.waiting) == 0 || t.broken != nil {
		return t.broken
	}
	all := t.waiting
	t.waiting = nil
	t.broken = t.conn.Raw(func(driver any) error {
		c, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("db: a %T is no PostgreSQL connection", driver)
		}
		batch := &pgx.Batch{}
		for _, w := range all {
			if w.prepare {
				if _, err := c.Conn().Prepare(ctx, w.text, w.text); err != nil {
					return err
				}
			}
			batch.Queue(w.text, w.args...)
		}
		answers := c.Conn().SendBatch(ctx, batch)
		for _, w := range all {
			if err := w.answered(answers); err != nil {
				_ = answers.Close() //nolint:errcheck // the first error counts
				return err
			}
		}
		return answers.Close()
	})
	return t.broken
}

// inOrder is the transaction's connection as queries see it: what waits goes first.
type inOrder struct{ *Tx }

func (t inOrder) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	return t.tx.Tx.QueryContext(ctx, query, args...)
}

func (t inOrder) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	return t.tx.Tx.ExecContext(ctx, query, args...)
}

// QueryRowContext cannot tell that what waited failed, but its own query fails
// after it, and the transaction remembers.
func (t inOrder) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	_ = t.flush(ctx) //nolint:errcheck // see above
	return t.tx.Tx.QueryRowContext(ctx, query, args...)
}
