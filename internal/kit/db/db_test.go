package db_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
)

func open(t *testing.T) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "t.db"), db.Options{Exclusive: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	for _, q := range []string{
		`CREATE TABLE claims (id BIGINT PRIMARY KEY, org BIGINT NOT NULL UNIQUE)`,
		`CREATE TABLE stock (id BIGINT PRIMARY KEY, remaining BIGINT NOT NULL CHECK (remaining >= 0))`,
		`INSERT INTO stock VALUES (1, 20)`,
	} {
		if _, err := d.Migrator().ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

var errSoldOut = errors.New("sold out")

func claim(ctx context.Context, tx *db.Tx, org int64) error {
	fresh, err := tx.ExecOne(ctx, `INSERT INTO claims (id, org) VALUES (?, ?) ON CONFLICT DO NOTHING`, org, org)
	if err != nil || !fresh {
		return err
	}
	ok, err := tx.ExecOne(ctx, `UPDATE stock SET remaining = remaining - 1 WHERE id = 1 AND remaining > 0`)
	if err == nil && !ok {
		err = errSoldOut
	}
	return err
}

func count(t *testing.T, d *db.DB, query string) (n int64) {
	t.Helper()
	if err := d.Raw(query).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Many callers share commits; errors and panics of some undo their own work only.
func TestWriteKeepsCallersApart(t *testing.T) {
	d := open(t)
	var won, sold, panicked, committed atomic.Int64
	var wg sync.WaitGroup
	for org := int64(1); org <= 200; org++ {
		wg.Go(func() {
			err := d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
				tx.OnCommit(func() { committed.Add(1) })
				if err := claim(ctx, tx, org); err != nil {
					return err
				}
				if org%10 == 0 {
					panic("boom")
				}
				return nil
			})
			switch {
			case err == nil:
				won.Add(1)
			case errors.Is(err, errSoldOut):
				sold.Add(1)
			case db.IsPanic(err):
				panicked.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := count(t, d, `SELECT count(*) FROM claims`); n != 20 || won.Load() != 20 || committed.Load() != 20 {
		t.Errorf("%d rows, %d won, %d sold out, %d panicked, %d committed", n, won.Load(), sold.Load(), panicked.Load(), committed.Load())
	}
	if left := count(t, d, `SELECT remaining FROM stock`); left != 0 {
		t.Errorf("%d left", left)
	}
}

// A caller that breaks the shared transaction is told so; the others' work is there.
func TestBrokenTransactionHurtsItsCallerOnly(t *testing.T) {
	d := open(t)
	hold := make(chan struct{})
	started := make(chan struct{})
	results := make([]error, 4)
	var wg sync.WaitGroup
	run := func(i int, fn db.Func) {
		wg.Go(func() { results[i] = d.Write(context.Background(), fn) })
	}
	run(0, func(ctx context.Context, tx *db.Tx) error {
		select {
		case <-started:
		default:
			close(started)
		}
		<-hold
		return claim(ctx, tx, 1)
	})
	<-started
	run(1, func(ctx context.Context, tx *db.Tx) error { return claim(ctx, tx, 2) })
	run(2, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, "ROLLBACK") // what SQLite does by itself on a full disk
		return errors.Join(errors.New("broke it"), err)
	})
	run(3, func(ctx context.Context, tx *db.Tx) error { return claim(ctx, tx, 4) })
	close(hold)
	wg.Wait()
	if results[0] != nil || results[1] != nil || results[2] == nil || results[3] != nil {
		t.Fatal(results)
	}
	if n := count(t, d, `SELECT count(*) FROM claims`); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
}

func TestCanceledRequestIsNotBegun(t *testing.T) {
	d := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return claim(ctx, tx, 1) })
	if !errors.Is(err, context.Canceled) || count(t, d, `SELECT count(*) FROM claims`) != 0 {
		t.Error(err)
	}
}

func TestWriteInsideWriteIsRefused(t *testing.T) {
	d := open(t)
	err := d.Write(t.Context(), func(ctx context.Context, _ *db.Tx) error {
		return d.Write(ctx, func(context.Context, *db.Tx) error { return nil })
	})
	if !errors.Is(err, db.ErrNested) {
		t.Error(err)
	}
}

func TestReadingHandleCannotWrite(t *testing.T) {
	d := open(t)
	if _, err := d.Raw(`INSERT INTO claims (id, org) VALUES (1, 1)`).Exec(t.Context()); err == nil {
		t.Error("the reading handle wrote")
	}
}

func TestSecondServerIsRefused(t *testing.T) {
	path := "sqlite:" + filepath.Join(t.TempDir(), "t.db")
	first, err := db.Open(t.Context(), path, db.Options{Exclusive: true})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close() //nolint:errcheck // a test
	if _, err := db.Open(t.Context(), path, db.Options{Exclusive: true}); !errors.Is(err, db.ErrInUse) {
		t.Error(err)
	}
	beside, err := db.Open(t.Context(), path, db.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close() //nolint:errcheck // a test
}

func TestWriteAfterCloseIsUnavailable(t *testing.T) {
	d := open(t)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	err := d.Write(context.Background(), func(context.Context, *db.Tx) error { return nil })
	if errs.Of(err).Kind != errs.Unavailable {
		t.Error(err)
	}
}

// The folder's name is the operator's: nothing in it is read as part of an address.
func TestAnyFileName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "数据 #1 100%?.db")
	d, err := db.Open(t.Context(), "sqlite:"+path, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}
