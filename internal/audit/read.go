package audit

import (
	"context"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// Record is one entry as it stands in the trail.
type Record = row

// Filter narrows the trail. Empty fields ask for nothing.
type Filter struct {
	From, To   clock.Instant // half-open
	UserID     id.ID
	Users      page.Cond // the statement that selects who acted
	Orgs       page.Cond // the statement that selects the companies: who acted for one of them, or what is about one of them
	Action     string
	ObjectKind string
	ObjectID   id.ID
}

// Page is a part of the trail, newest first. Ids only grow, so a page is named by
// the entries around it and stays the same while the trail goes on.
type Page struct {
	Items []Record
	Older id.ID // entries below this one follow; 0: these are the oldest
	Newer id.ID // entries above this one come before; 0: these are the newest
}

// MostRows is the largest page, and the portion in which an export reads.
const MostRows = 100

// List answers the entries before an id, or after one, or the newest (both 0).
func List(ctx context.Context, r db.Reader, f Filter, before, after id.ID, size int) (p Page, err error) {
	if size < 1 || size > MostRows {
		size = 20
	}
	q := f.on(r.Select(&p.Items)).Limit(int64(size + 1)) // one more tells whether there is more
	for _, found := range f.found() {
		if q, err = found.narrow(ctx, r, q); err != nil {
			return Page{}, err
		}
	}
	if q, err = f.from(ctx, r, q, before, after); err != nil {
		return Page{}, err
	}
	if err := q.Scan(ctx); err != nil {
		return Page{}, err
	}
	more := len(p.Items) > size
	p.Items = p.Items[:min(size, len(p.Items))]
	if len(p.Items) == 0 {
		return p, nil
	}
	if after != 0 {
		reverse(p.Items)
	}
	first, last := p.Items[0].ID, p.Items[len(p.Items)-1].ID
	if after != 0 || more {
		p.Older = last
	}
	if before != 0 || after != 0 && more {
		p.Newer = first
	}
	return p, nil
}

// from lets a page begin beside an entry. Of a span of time the entries are read in
// the order of time, which is that of the ids but for moments, so that one index
// finds the span and its order.
func (f Filter) from(ctx context.Context, r db.Reader, q *bun.SelectQuery, before, after id.ID) (*bun.SelectQuery, error) {
	beside, sign, order := before, "<", "DESC"
	if after != 0 {
		beside, sign, order = after, ">", "ASC"
	}
	if f.From == 0 && f.To == 0 {
		if beside != 0 {
			q = q.Where("id "+sign+" ?", beside)
		}
		return q.Order("id " + order), nil
	}
	if beside != 0 {
		entry, err := Find(ctx, r, beside)
		if err != nil {
			return nil, err
		}
		q = q.Where("(at, id) "+sign+" (?, ?)", entry.At, entry.ID)
	}
	return q.Order("at "+order, "id "+order), nil
}

func reverse(rows []Record) {
	for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
		rows[i], rows[j] = rows[j], rows[i]
	}
}

// Find answers one entry.
func Find(ctx context.Context, r db.Reader, entry id.ID) (rec Record, err error) {
	err = r.Select(&rec).Where("id = ?", entry).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return rec, err
}

// Each reads the entries of a filter, newest first, at most limit.
func Each(ctx context.Context, r db.Reader, f Filter, limit int, fn func(Record) error) error {
	var before id.ID
	for limit > 0 {
		p, err := List(ctx, r, f, before, 0, min(limit, MostRows))
		if err != nil {
			return err
		}
		for _, rec := range p.Items {
			if err := fn(rec); err != nil {
				return err
			}
		}
		if before = p.Older; before == 0 {
			return nil
		}
		limit -= len(p.Items)
	}
	return nil
}

func (f Filter) on(q *bun.SelectQuery) *bun.SelectQuery {
	if f.From != 0 {
		q = q.Where("at >= ?", f.From)
	}
	if f.To != 0 {
		q = q.Where("at < ?", f.To)
	}
	if f.UserID != 0 {
		q = q.Where("user_id = ?", f.UserID)
	}
	if f.Action != "" {
		q = q.Where("action = ?", f.Action)
	}
	if f.ObjectKind != "" {
		q = q.Where("object_kind = ?", f.ObjectKind)
	}
	if f.ObjectID != 0 {
		q = q.Where("object_id = ?", f.ObjectID)
	}
	return q
}

// many is from how many entries on they are rather met on the way than sorted. Tests make
// it small.
var many int64 = 5_000

// found is a condition by what another statement selects.
type found struct {
	ids  page.Cond // the statement that selects the entries' numbers by an index
	each page.Cond // the same of an entry, without one
}

// found are the conditions of a filter that any number of users or companies may meet.
func (f Filter) found() (list []found) {
	if u := f.Users; u.SQL != "" {
		list = append(list, found{
			page.Cond{SQL: "SELECT id FROM audit_entries WHERE user_id IN (" + u.SQL + ")", Args: u.Args},
			page.Cond{SQL: "+user_id IN (" + u.SQL + ")", Args: u.Args},
		})
	}
	if o := f.Orgs; o.SQL != "" {
		// Most acts of a company are about itself: one index has all that is about it, the other what else it did.
		list = append(list, found{
			page.Cond{
				SQL:  "SELECT id FROM audit_entries WHERE subject_org IN (" + o.SQL + ") UNION ALL SELECT id FROM audit_entries WHERE org_id IN (" + o.SQL + ") AND org_id <> subject_org",
				Args: o.With(o.Args...),
			},
			page.Cond{SQL: "(+subject_org IN (" + o.SQL + ") OR +org_id IN (" + o.SQL + "))", Args: o.With(o.Args...)},
		})
	}
	return list
}

// narrow asks for the condition by its index when that finds few.
func (c found) narrow(ctx context.Context, r db.Reader, q *bun.SelectQuery) (*bun.SelectQuery, error) {
	n, err := page.Count(ctx, r, page.Cond{SQL: "SELECT 1 FROM (" + c.ids.SQL + ") AS f LIMIT ?", Args: c.ids.With(many + 1)})
	if err != nil {
		return nil, err
	}
	if n > many {
		return q.Where(c.each.SQL, c.each.Args...), nil
	}
	return q.Where("id IN ("+c.ids.SQL+")", c.ids.Args...), nil
}
