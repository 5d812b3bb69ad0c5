package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/uptrace/bun/schema"
)

// Rows that are written by the hundred go to the engine as parameters of a text
// that is the same each time, so that it is parsed once: on SQLite some rows at a
// time, on PostgreSQL all of them as one array for each column.

// bulkRows are the rows of one statement on SQLite.
var bulkRows = []int{64, 8, 1}

// InsertAll inserts a slice of models. On PostgreSQL it may be done later in the
// transaction, which then fails.
func (t *Tx) InsertAll(ctx context.Context, models any) error {
	return t.insertAll(ctx, models, "", nil)
}

// InsertAllNew inserts a slice of models, all of which must be new: if a unique
// rule holds one like them, the transaction fails with otherwise.
func (t *Tx) InsertAllNew(ctx context.Context, models any, otherwise error) error {
	return t.insertAll(ctx, models, " ON CONFLICT DO NOTHING", otherwise)
}

func (t *Tx) insertAll(ctx context.Context, models any, conflict string, otherwise error) error {
	rows := reflect.Indirect(reflect.ValueOf(models))
	if rows.Len() == 0 {
		return nil
	}
	table := t.tx.Dialect().Tables().Get(rows.Type().Elem())
	if t.db.engine == Postgres {
		return t.insertArrays(table, rows, conflict, otherwise)
	}
	args := make([]any, 0, bulkRows[0]*len(table.Fields))
	for at := 0; at < rows.Len(); {
		n := 1
		for _, n = range bulkRows {
			if n <= rows.Len()-at {
				break
			}
		}
		args = args[:0]
		for i := range n {
			for _, f := range table.Fields {
				v, err := parameter(f, rows.Index(at+i))
				if err != nil {
					return err
				}
				args = append(args, v)
			}
		}
		text := valuesText(table, n)
		if conflict != "" {
			text += conflict
		}
		hit, err := t.run(ctx, text, args)
		if err == nil && hit != int64(n) {
			err = otherwise
		}
		if err != nil {
			return err
		}
		at += n
	}
	return nil
}

func (t *Tx) run(ctx context.Context, text string, args []any) (int64, error) {
	var res sql.Result
	var err error
	if s, ready := t.db.kept.find(text); ready {
		res, err = s.in(ctx, t).ExecContext(ctx, args...)
	} else {
		res, err = t.tx.Tx.ExecContext(ctx, text, args...)
	}
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func columns(table *schema.Table) string {
	var names []string
	for _, f := range table.Fields {
		names = append(names, string(f.SQLName))
	}
	return "INSERT INTO " + string(table.SQLName) + " (" + strings.Join(names, ", ") + ") "
}

// inserts remembers the texts by table and number of rows.
var inserts sync.Map

type insertKey struct {
	table *schema.Table
	rows  int
}

func valuesText(table *schema.Table, n int) string {
	if known, ok := inserts.Load(insertKey{table, n}); ok {
		text, _ := known.(string) //nolint:errcheck // holds nothing else
		return text
	}
	row := "(" + strings.Repeat("?, ", len(table.Fields)-1) + "?)"
	text := columns(table) + "VALUES " + strings.Repeat(row+", ", n-1) + row
	inserts.Store(insertKey{table, n}, text)
	return text
}

// insertArrays sends a column as one array.
func (t *Tx) insertArrays(table *schema.Table, rows reflect.Value, conflict string, otherwise error) error {
	var args []any
	var arrays []string
	for i, f := range table.Fields {
		a, err := arrayOf(f, rows)
		if err != nil {
			return err
		}
		args = append(args, a)
		arrays = append(arrays, "$"+strconv.Itoa(i+1)+"::"+arrayType(f))
	}
	n := int64(rows.Len())
	t.waiting = append(t.waiting, later{
		text: columns(table) + "SELECT * FROM unnest(" + strings.Join(arrays, ", ") + ")" + conflict,
		args: args,
		check: func(hit int64) error {
			if hit != n {
				return otherwise
			}
			return nil
		},
	})
	return nil
}

func arrayType(f *schema.Field) string {
	switch f.IndirectType.Kind() {
	case reflect.Int64, reflect.Int, reflect.Int32:
		return "bigint[]"
	case reflect.Bool:
		return "boolean[]"
	default:
		return "text[]"
	}
}

func arrayOf(f *schema.Field, rows reflect.Value) (any, error) {
	switch f.IndirectType.Kind() {
	case reflect.Int64, reflect.Int, reflect.Int32:
		return column[int64](f, rows)
	case reflect.Bool:
		return column[bool](f, rows)
	default:
		return column[string](f, rows)
	}
}

// column is the values of a column: a []T, or a []*T if one of them is NULL.
func column[T any](f *schema.Field, rows reflect.Value) (any, error) {
	values, known := make([]T, rows.Len()), make([]*T, rows.Len())
	nulls := false
	for i := range values {
		v, err := parameter(f, rows.Index(i))
		if err != nil {
			return nil, err
		}
		if v == nil {
			nulls = true
			continue
		}
		one, ok := v.(T)
		if !ok {
			return nil, fmt.Errorf("db: column %s gets a %T", f.Name, v)
		}
		values[i], known[i] = one, &values[i]
	}
	if nulls {
		return known, nil
	}
	return values, nil
}

// parameter is the value of a field as the driver takes it, the same that a
// single insert writes.
func parameter(f *schema.Field, row reflect.Value) (any, error) {
	v := f.Value(row)
	if f.NullZero && v.IsZero() {
		return nil, nil
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil, nil
		}
		v = v.Elem()
	}
	if own, ok := v.Interface().(driver.Valuer); ok {
		return own.Value()
	}
	switch v.Kind() {
	case reflect.Int64, reflect.Int, reflect.Int32:
		return v.Int(), nil
	case reflect.String:
		return v.String(), nil
	case reflect.Bool:
		return v.Bool(), nil
	default:
		text, err := json.Marshal(v.Interface())
		return string(text), err
	}
}

// kept holds prepared statements of SQLite's one writing connection. A
// transaction occupies that connection, so what it misses is prepared before the
// next one.
type kept struct {
	mu     sync.Mutex
	ready  map[string]statement
	wanted map[string]bool
}

// statement is a prepared one that is closed with the database.
type statement struct{ *sql.Stmt }

// in is the statement within a transaction, which closes it.
func (s statement) in(ctx context.Context, t *Tx) statement {
	return statement{t.tx.StmtContext(ctx, s.Stmt)}
}

func prepare(ctx context.Context, conns *sql.DB, text string) (s statement, err error) {
	s.Stmt, err = conns.PrepareContext(ctx, text)
	return s, err
}

// find finds a statement, or asks for it to be prepared.
func (k *kept) find(text string) (s statement, ready bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s, ready = k.ready[text]
	if !ready {
		if k.wanted == nil {
			k.wanted = map[string]bool{}
		}
		k.wanted[text] = true
	}
	return s, ready
}

// prepare makes what was missed ready. It is called between transactions. A text
// that cannot be prepared now (its table is being made) is asked for again.
func (k *kept) prepare(ctx context.Context, conn *sql.DB) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for text := range k.wanted {
		delete(k.wanted, text)
		if s, err := prepare(ctx, conn, text); err == nil {
			if k.ready == nil {
				k.ready = map[string]statement{}
			}
			k.ready[text] = s
		}
	}
}

func (k *kept) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, s := range k.ready {
		_ = s.Close() //nolint:errcheck // the connection goes next
	}
	clear(k.ready)
}
