// Package page holds what every list shares: which part is asked for, and the answer.
package page

import (
	"context"

	"github.com/uptrace/bun"
)

// Query asks for one page. It is embedded in the input of list operations.
type Query struct {
	Page int `query:"page" minimum:"1" maximum:"100000" default:"1" doc:"Page, from 1"`
	Size int `query:"size" minimum:"1" maximum:"100" default:"20" doc:"Rows a page, at most 100"`
}

// Of is one page of a list.
type Of[T any] struct {
	Items []T   `json:"items"`
	Total int64 `json:"total" doc:"Rows of the whole list"`
}

// Scan runs a list query for one page and counts the whole.
func Scan[T any](ctx context.Context, q *bun.SelectQuery, p Query, items *[]T) (total int64, err error) {
	p = p.norm()
	n, err := q.Limit(int64(p.Size)).Offset(int64(p.Page-1) * int64(p.Size)).ScanAndCount(ctx)
	return int64(n), err
}

func (p Query) norm() Query {
	if p.Page < 1 {
		p.Page = 1
	}
	if p.Size < 1 || p.Size > 100 {
		p.Size = 20
	}
	return p
}

// Map turns rows into what the list shows; an empty list is [], not null.
func Map[R, T any](rows []R, total int64, view func(R) T) Of[T] {
	out := Of[T]{Items: make([]T, 0, len(rows)), Total: total}
	for _, r := range rows {
		out.Items = append(out.Items, view(r))
	}
	return out
}
