package db

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/uptrace/bun/schema"
)

// layout is how the columns of a model are read off its rows, found out once.
type layout struct {
	head    string // INSERT INTO table (columns)
	columns []column
}

// column reads one. What the driver takes as it is has the kind Int64, String or
// Bool in plain; else plain is Invalid.
type column struct {
	*schema.Field

	plain    reflect.Kind
	postgres string // the type of its values there
}

// columnSet is some of the first 64 columns.
type columnSet uint64

const none columnSet = 0

func (s columnSet) has(n int) bool { return n < 64 && s&(1<<n) != 0 }

var layouts sync.Map // by *schema.Table

var (
	valuer   = reflect.TypeFor[driver.Valuer]()
	appender = reflect.TypeFor[schema.QueryAppender]()
)

func layoutOf(table *schema.Table) *layout {
	if known, ok := layouts.Load(table); ok {
		l, _ := known.(*layout) //nolint:errcheck // holds nothing else
		return l
	}
	l := &layout{}
	names := make([]string, 0, len(table.Fields))
	for _, f := range table.Fields {
		names = append(names, string(f.SQLName))
		c := column{Field: f, postgres: "text"}
		switch f.IndirectType.Kind() {
		case reflect.Int64, reflect.Int, reflect.Int32:
			c.plain, c.postgres = reflect.Int64, "bigint"
		case reflect.Bool:
			c.plain, c.postgres = reflect.Bool, "boolean"
		case reflect.String:
			c.plain = reflect.String
		}
		if f.NullZero || f.StructField.Type.Kind() == reflect.Pointer || f.StructField.Type.Implements(valuer) {
			c.plain = reflect.Invalid
		}
		l.columns = append(l.columns, c)
	}
	l.head = "INSERT INTO " + string(table.SQLName) + " (" + strings.Join(names, ", ") + ") "
	known, _ := layouts.LoadOrStore(table, l)
	l, _ = known.(*layout) //nolint:errcheck // holds nothing else
	return l
}

// shared are the columns that are the same in all of many rows.
func (l *layout) shared(rows reflect.Value) (same columnSet) {
	if rows.Len() < sharing {
		return none
	}
	for n := range min(len(l.columns)-1, 64) { // the last is always given for each row, so that there is one
		c := &l.columns[n]
		equal := c.plain != reflect.Invalid
		first := c.Value(rows.Index(0))
		for i := 1; equal && i < rows.Len(); i++ {
			v := c.Value(rows.Index(i))
			switch c.plain {
			case reflect.Int64:
				equal = v.Int() == first.Int()
			case reflect.Bool:
				equal = v.Bool() == first.Bool()
			default:
				equal = v.String() == first.String()
			}
		}
		if equal {
			same |= 1 << n
		}
	}
	return same
}

// value is the value of a column as the driver takes it, the same that a single
// insert writes.
func (c *column) value(row reflect.Value) (any, error) {
	v := c.Value(row)
	switch c.plain {
	case reflect.Int64:
		return v.Int(), nil
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.String:
		return v.String(), nil
	}
	if c.NullZero && v.IsZero() {
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

// array is the column of some rows, as PostgreSQL's driver takes it.
func (c *column) array(rows reflect.Value) (any, error) {
	switch c.postgres {
	case "bigint":
		return valuesOf[int64](c, rows)
	case "boolean":
		return valuesOf[bool](c, rows)
	default:
		return valuesOf[string](c, rows)
	}
}

// valuesOf is a []T, or a []*T if one of the values is NULL.
func valuesOf[T any](c *column, rows reflect.Value) (any, error) {
	values, known := make([]T, rows.Len()), make([]*T, rows.Len())
	nulls := false
	for i := range values {
		v, err := c.value(rows.Index(i))
		if err != nil {
			return nil, err
		}
		if v == nil {
			nulls = true
			continue
		}
		one, ok := v.(T)
		if !ok {
			return nil, fmt.Errorf("db: column %s gets a %T", c.Name, v)
		}
		values[i], known[i] = one, &values[i]
	}
	if nulls {
		return known, nil
	}
	return values, nil
}
