package order

import (
	"context"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// longTitle is how long a title may be to be in an index, as the migration says.
const longTitle = "200"

// worded is a list of all companies' orders by words: they are looked for in the names
// that orders bear, and an index has the orders of each name.
type worded struct {
	like string
	rest page.Cond // state and time, of which those indexes know
}

// by selects the orders that have the words in one kind of their names.
func (w worded) by(field, column, only string) page.Cond {
	return selects(page.Cond{SQL: only + "v." + column + " IN (SELECT name FROM order_names WHERE field = '" + field + "' AND name LIKE ? ESCAPE '!')", Args: []any{w.like}}.And(w.rest))
}

func (w worded) ways() []page.Cond {
	return []page.Cond{
		w.by("title", "title", "length(v.title) <= "+longTitle+" AND "),
		selects(page.Cond{SQL: "length(v.title) > " + longTitle + " AND v.title LIKE ? ESCAPE '!'", Args: []any{w.like}}.And(w.rest)),
		w.by("buyer", "buyer_name", ""),
		w.by("provider", "provider_name", ""),
	}
}

// find counts the orders that have the words in any of their names, and answers the
// statement that selects them. whole is the list without words.
func (w worded) find(ctx context.Context, r db.Reader, whole page.Cond) (total int64, found page.Cond, err error) {
	var most int64
	ways := 0
	for _, way := range w.ways() {
		n, err := page.Count(ctx, r, way)
		if err != nil {
			return 0, found, err
		}
		if n == 0 {
			continue
		}
		if ways++; ways > 1 {
			found.SQL += " UNION "
		}
		found.SQL += way.SQL
		found.Args = append(found.Args, way.Args...)
		most = max(most, n)
	}
	if ways < 2 {
		return most, found, nil
	}
	if most > page.Sorted { // words that all have, as companies are called, need not be told apart
		all, err := page.Count(ctx, r, whole)
		if err != nil || most == all {
			return all, found, err
		}
	}
	total, err = page.Count(ctx, r, found)
	return total, found, err
}

// page counts the list and finds a page of it.
func (w worded) page(ctx context.Context, r db.Reader, l page.Newest, whole page.Cond, p page.Query) (ids []id.ID, total int64, err error) {
	total, l.Found, err = w.find(ctx, r, whole)
	if err != nil || total == 0 {
		return nil, total, err
	}
	ids, err = l.IDs(ctx, r, total, p)
	return ids, total, err
}
