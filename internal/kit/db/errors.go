package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"
)

// SQLite result codes and PostgreSQL SQLSTATEs that mean the same to us.
const (
	sqliteInterrupt  = 9
	sqliteFull       = 13
	sqliteConstraint = 19
	sqliteUnique     = 2067
	sqlitePrimaryKey = 1555
)

func code(err error) (sqlite int, postgres string) {
	var s interface{ Code() int }
	if errors.As(err, &s) {
		sqlite = s.Code()
	}
	var p interface{ SQLState() string }
	if errors.As(err, &p) {
		postgres = p.SQLState()
	}
	return sqlite, postgres
}

// IsUnique reports whether a unique rule refused the write.
func IsUnique(err error) bool {
	s, p := code(err)
	return s == sqliteUnique || s == sqlitePrimaryKey || p == "23505"
}

// IsConstraint reports whether any rule of the database refused the write.
func IsConstraint(err error) bool {
	s, p := code(err)
	return s&0xff == sqliteConstraint || len(p) == 5 && p[:2] == "23"
}

// IsNotFound reports whether a single-row query found nothing.
func IsNotFound(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// IsCanceled reports whether the work failed because whoever asked for it has gone.
func IsCanceled(ctx context.Context, err error) bool {
	if !errors.Is(ctx.Err(), context.Canceled) {
		return false
	}
	s, p := code(err)
	return errors.Is(err, context.Canceled) || s&0xff == sqliteInterrupt || p == "57014"
}

func retryable(err error) bool {
	_, p := code(err)
	return p == "40001" || p == "40P01"
}

func isFull(err error) bool {
	s, p := code(err)
	return s&0xff == sqliteFull || slices.Contains([]string{"53100", "53200"}, p)
}
