package db

import (
	"context"
	"database/sql"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// Rows that are written by the hundred go to the engine as parameters of a text
// that is the same each time, so that it is parsed once: on SQLite some rows at a
// time, on PostgreSQL all of them as one array for each column. What is the same
// in all rows of a text goes there once.

// bulkRows are the rows of one statement on SQLite.
var bulkRows = []int{128, 64, 32, 16, 8, 4, 2, 1}

// sharing is the least number of rows for which it pays to look for what is the
// same in all of them, and to have a text of its own for that.
const sharing = 32

// InsertAll inserts a slice of models, or one. On PostgreSQL it may be done later in
// the transaction, which then fails.
func (t *Tx) InsertAll(ctx context.Context, models any) error {
	return t.insertAll(ctx, models, "", nil)
}

// InsertAllNew inserts a slice of models, all of which must be new: if a unique
// rule holds one like them, the transaction fails with otherwise.
func (t *Tx) InsertAllNew(ctx context.Context, models any, otherwise error) error {
	return t.insertAll(ctx, models, onConflict, otherwise)
}

// onConflict passes over what a unique rule holds already.
const onConflict = " ON CONFLICT DO NOTHING"

// rowsOf is a slice of models: the one that is given, or one made of a single model.
func rowsOf(models any) reflect.Value {
	rows := reflect.Indirect(reflect.ValueOf(models))
	if rows.Kind() == reflect.Struct {
		rows = reflect.Append(reflect.MakeSlice(reflect.SliceOf(rows.Type()), 0, 1), rows)
	}
	return rows
}

// insertRow inserts the only row on SQLite, and answers how many that made.
func (t *Tx) insertRow(ctx context.Context, rows reflect.Value, conflict string) (int64, error) {
	l := layoutOf(t.tx.Dialect().Tables().Get(rows.Type().Elem()))
	args, err := l.values(nil, rows, none)
	if err != nil {
		return 0, err
	}
	return t.run(ctx, l.text(1, none)+conflict, args)
}

func (t *Tx) insertAll(ctx context.Context, models any, conflict string, otherwise error) error {
	rows := rowsOf(models)
	if rows.Len() == 0 {
		return nil
	}
	l := layoutOf(t.tx.Dialect().Tables().Get(rows.Type().Elem()))
	if t.db.engine == Postgres {
		return t.insertArrays(l, rows, conflict, otherwise)
	}
	var args []any
	for at := 0; at < rows.Len(); {
		n := 1
		for _, n = range bulkRows {
			if n <= rows.Len()-at {
				break
			}
		}
		part := rows.Slice(at, at+n)
		shared := l.shared(part)
		var err error
		if args, err = l.values(args[:0], part, shared); err != nil {
			return err
		}
		hit, err := t.run(ctx, l.text(n, shared)+conflict, args)
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

// values are the parameters of some rows: all columns of the first, of the others
// what they do not share with it.
func (l *layout) values(args []any, rows reflect.Value, shared columnSet) ([]any, error) {
	for i := range rows.Len() {
		row := rows.Index(i)
		for n := range l.columns {
			if i > 0 && shared.has(n) {
				continue
			}
			v, err := l.columns[n].value(row)
			if err != nil {
				return nil, err
			}
			args = append(args, v)
		}
	}
	return args, nil
}

// texts of SQLite by what they depend on.
var insertTexts sync.Map

type insertKey struct {
	*layout

	rows   int
	shared columnSet
}

// text inserts so many rows. Parameters are numbered as they come, and what is
// shared is named by its number in the first row.
func (l *layout) text(rows int, shared columnSet) string {
	key := insertKey{l, rows, shared}
	if known, ok := insertTexts.Load(key); ok {
		text, _ := known.(string) //nolint:errcheck // holds nothing else
		return text
	}
	first, others := make([]string, 0, len(l.columns)), make([]string, 0, len(l.columns))
	for n := range l.columns {
		first = append(first, "?")
		if shared.has(n) {
			others = append(others, "?"+strconv.Itoa(n+1))
		} else {
			others = append(others, "?")
		}
	}
	text := l.head + "VALUES (" + strings.Join(first, ", ") + ")" + strings.Repeat(", ("+strings.Join(others, ", ")+")", rows-1)
	insertTexts.Store(key, text)
	return text
}

// insertArrays sends a column as one array, or as one value if it is the same in all rows.
func (t *Tx) insertArrays(l *layout, rows reflect.Value, conflict string, otherwise error) error {
	shared := l.shared(rows)
	var args []any
	var chosen, arrays, names []string
	for n := range l.columns {
		c := &l.columns[n]
		place := "$" + strconv.Itoa(len(args)+1) + "::" + c.postgres
		var a any
		var err error
		if shared.has(n) {
			a, err = c.value(rows.Index(0))
			chosen = append(chosen, place)
		} else {
			a, err = c.array(rows)
			name := "c" + strconv.Itoa(n)
			arrays, names, chosen = append(arrays, place+"[]"), append(names, name), append(chosen, name)
		}
		if err != nil {
			return err
		}
		args = append(args, a)
	}
	count := int64(rows.Len())
	t.waiting = append(t.waiting, later{
		text: l.head + "SELECT " + strings.Join(chosen, ", ") +
			" FROM unnest(" + strings.Join(arrays, ", ") + ") AS r (" + strings.Join(names, ", ") + ")" + conflict,
		args:    args,
		prepare: true,
		check: func(hit int64) error {
			if hit != count {
				return otherwise
			}
			return nil
		},
	})
	return nil
}

// kept holds prepared statements of SQLite's one writing connection. A
// transaction occupies that connection, so what it misses is prepared before the
// next one.
type kept struct {
	mu     sync.Mutex
	ready  map[string]statement
	wanted map[string]bool
}

// mostKept bounds the statements that are kept.
const mostKept = 1000

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
	if !ready && len(k.ready) < mostKept {
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
