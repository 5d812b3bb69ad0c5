package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
)

// Text is one portable SQL text that reads and is asked again and again: its
// values are parameters, so that the engine parses it once. "?" stands for a
// parameter, "IN ?" for membership in a slice of numbers or strings.
type Text struct {
	sqlite, postgres string
}

// NewText is for package variables.
func NewText(query string) *Text {
	return &Text{
		sqlite:   strings.ReplaceAll(query, " IN ?", " IN (SELECT value FROM json_each(?))"),
		postgres: numbered(strings.ReplaceAll(query, " IN ?", " = ANY(?)")),
	}
}

// Locking reads rows of a table that stay as they are until the transaction ends:
// whoever would change them waits. On SQLite there is but one who writes. The text
// names the table as given, and orders its rows in the way in which others lock them.
func (t *Text) Locking(table string) *Text {
	return &Text{sqlite: t.sqlite, postgres: t.postgres + " FOR UPDATE OF " + table}
}

// numbered is a text with its parameters as PostgreSQL names them.
func numbered(query string) string {
	var out strings.Builder
	for i, part := range strings.Split(query, "?") {
		if i > 0 {
			out.WriteString("$" + strconv.Itoa(i))
		}
		out.WriteString(part)
	}
	return out.String()
}

// Scan reads all rows into dest, as a query of bun's does.
func (t *Text) Scan(ctx context.Context, r Reader, dest any, args ...any) error {
	rows, err := t.ask(ctx, r, args)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // read to its end
	return r.scanRows(ctx, rows, dest)
}

// Each hands every row to one, which reads its columns in their order. It is for
// rows by the hundred: Scan finds out anew for each where its columns go.
func (t *Text) Each(ctx context.Context, r Reader, one func(columns func(dest ...any) error) error, args ...any) error {
	rows, err := t.ask(ctx, r, args)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // its errors are asked for
	for rows.Next() {
		if err := one(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (t *Text) ask(ctx context.Context, r Reader, args []any) (*sql.Rows, error) {
	values := make([]any, 0, len(args))
	for _, a := range args {
		v, err := textValue(a, r.engineOf())
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	text := t.sqlite
	if r.engineOf() == Postgres {
		text = t.postgres
	}
	return r.query(ctx, text, values)
}

// textValue is a value as the driver takes it: a slice is one parameter.
func textValue(a any, e Engine) (any, error) {
	v := reflect.ValueOf(a)
	switch v.Kind() {
	case reflect.String:
		return v.String(), nil
	case reflect.Int, reflect.Int32, reflect.Int64:
		return v.Int(), nil
	case reflect.Slice:
		switch v.Type().Elem().Kind() {
		case reflect.String:
			return list(v, e, reflect.Value.String)
		case reflect.Int64:
			return list(v, e, reflect.Value.Int)
		}
	}
	return nil, fmt.Errorf("db: a text takes no %T", a)
}

// plainValues are values as the driver takes them, if all are numbers, texts or booleans.
func plainValues(args []any) ([]any, bool) {
	values := make([]any, len(args))
	for i, a := range args {
		v := reflect.ValueOf(a)
		switch k := v.Kind(); {
		case k == reflect.Invalid || v.Type().Implements(valuer) || v.Type().Implements(appender):
			return nil, false
		case k == reflect.String:
			values[i] = v.String()
		case k == reflect.Bool:
			values[i] = v.Bool()
		case v.CanInt():
			values[i] = v.Int()
		default:
			return nil, false
		}
	}
	return values, true
}

func list[T any](v reflect.Value, e Engine, of func(reflect.Value) T) (any, error) {
	all := make([]T, 0, v.Len())
	for i := range v.Len() {
		all = append(all, of(v.Index(i)))
	}
	if e == Postgres {
		return all, nil
	}
	text, err := json.Marshal(all)
	return string(text), err
}

func (d *DB) engineOf() Engine { return d.engine }
func (t *Tx) engineOf() Engine { return t.db.engine }

func (d *DB) scanRows(ctx context.Context, rows *sql.Rows, dest any) error {
	return d.read.ScanRows(ctx, rows, dest)
}

func (t *Tx) scanRows(ctx context.Context, rows *sql.Rows, dest any) error {
	return t.db.read.ScanRows(ctx, rows, dest)
}

func (d *DB) query(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	if d.engine == Postgres {
		return d.read.DB.QueryContext(ctx, text, prepared(args)...)
	}
	s, err := d.texts.find(ctx, d.read.DB, text)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

func (t *Tx) query(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	if t.db.engine == Postgres {
		return inOrder{t}.QueryContext(ctx, text, prepared(args)...)
	}
	if s, ready := t.db.kept.find(text); ready {
		return s.in(ctx, t).QueryContext(ctx, args...)
	}
	return inOrder{t}.QueryContext(ctx, text, args...)
}

// prepared lets the connection keep the statement: its text comes again and again.
func prepared(args []any) []any {
	return append([]any{pgx.QueryExecModeCacheStatement}, args...)
}

// texts holds the prepared statements of SQLite's reading connections.
type texts struct {
	mu    sync.RWMutex
	ready map[string]statement
}

func (x *texts) find(ctx context.Context, conns *sql.DB, text string) (statement, error) {
	x.mu.RLock()
	s, ready := x.ready[text]
	x.mu.RUnlock()
	if ready {
		return s, nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if s, ready = x.ready[text]; ready {
		return s, nil
	}
	s, err := prepare(ctx, conns, text)
	if err == nil {
		if x.ready == nil {
			x.ready = map[string]statement{}
		}
		x.ready[text] = s
	}
	return s, err
}

func (x *texts) close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, s := range x.ready {
		_ = s.Close() //nolint:errcheck // the connections go next
	}
	clear(x.ready)
}
