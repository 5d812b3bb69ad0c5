package page

import (
	"context"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// Cond is a condition, or another part of a statement, with what its question marks stand for.
type Cond struct {
	SQL  string
	Args []any
}

// And is this condition and others; empty ones ask for nothing.
func (c Cond) And(more ...Cond) Cond {
	out := Cond{c.SQL, c.Args[:len(c.Args):len(c.Args)]}
	for _, m := range more {
		switch {
		case m.SQL == "":
		case out.SQL == "":
			out = Cond{m.SQL, m.Args[:len(m.Args):len(m.Args)]}
		default:
			out.SQL += " AND " + m.SQL
			out.Args = append(out.Args, m.Args...)
		}
	}
	return out
}

// Or is any of some conditions.
func Or(list ...Cond) Cond {
	out := Cond{SQL: "("}
	for i, c := range list {
		if i > 0 {
			out.SQL += " OR "
		}
		out.SQL += c.SQL
		out.Args = append(out.Args, c.Args...)
	}
	out.SQL += ")"
	return out
}

// Count counts what a statement selects.
func Count(ctx context.Context, r db.Reader, selects Cond) (n int64, err error) {
	err = r.Raw(`SELECT COUNT(*) FROM (`+selects.SQL+`) AS t`, selects.Args...).Scan(ctx, &n)
	return n, err
}

// Newest is a list of a large table, the newest row first, which has two ways to a
// page: to look at one row after the other from the newest on, which is quick when
// they match often, and to sort what an index has found.
type Newest struct {
	Table   string
	Columns string // that Match names
	Match   Cond   // what is asked of a row (v); empty: nothing
	Found   Cond   // the statement that selects the numbers by an index; empty: there is none
}

// Sorted is how many rows are rather sorted, however few of the table they are. Tests
// make it small.
var Sorted int64 = 5_000

const (
	walked = 64      // rows that are looked at for each that is wanted
	all    = 1 << 40 // rows
)

// IDs answers the numbers on a page of a list that has total rows.
func (n Newest) IDs(ctx context.Context, r db.Reader, total int64, p Query) (ids []id.ID, err error) {
	size := int64(max(p.Size, 1))
	skip := int64(max(p.Page, 1)-1) * size
	if skip >= total {
		return nil, nil
	}
	if n.Match.SQL == "" {
		err = r.Raw(`SELECT id FROM `+n.Table+` ORDER BY id DESC LIMIT ? OFFSET ?`, size, skip).Scan(ctx, &ids)
		return ids, err
	}
	if total > Sorted {
		ids, err = n.walk(ctx, r, Sorted+walked*(skip+size), skip, size)
		if err != nil || int64(len(ids)) == min(size, total-skip) {
			return ids, err
		}
		if n.Found.SQL == "" { // they are all old
			return n.walk(ctx, r, all, skip, size)
		}
	}
	// The sum keeps both engines from reading the whole table until they have met a page.
	err = r.Raw(`SELECT id FROM (`+n.Found.SQL+`) AS t ORDER BY id + 0 DESC LIMIT ? OFFSET ?`, n.Found.With(size, skip)...).Scan(ctx, &ids)
	return ids, err
}

// With is what the question marks stand for, with more of them.
func (c Cond) With(more ...any) []any { return append(c.Args[:len(c.Args):len(c.Args)], more...) }

func (n Newest) walk(ctx context.Context, r db.Reader, window, skip, size int64) (ids []id.ID, err error) {
	args := append(append([]any{window}, n.Match.Args...), size, skip)
	err = r.Raw(`SELECT v.id FROM (SELECT id, `+n.Columns+` FROM `+n.Table+` ORDER BY id DESC LIMIT ?) AS v WHERE `+n.Match.SQL+` ORDER BY v.id DESC LIMIT ? OFFSET ?`,
		args...).Scan(ctx, &ids)
	return ids, err
}
