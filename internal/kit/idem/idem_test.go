package idem_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/idem"
)

func key(value string, request any) idem.Key {
	return idem.Key{Scope: "org:1", Operation: "placeOrder", Value: value, RequestHash: idem.Hash(request)}
}

func once(d *db.DB, k idem.Key, fn func() (int, error)) (n int, replayed bool, err error) {
	err = d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		n, replayed, err = idem.Once(ctx, tx, k, fn)
		return err
	})
	return n, replayed, err
}

// T-MON-15: one effect for one key, whatever is asked how often.
func TestOnce(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		t.Run("the same key and request at once have one effect", func(t *testing.T) {
			var effects, replays atomic.Int64
			var wg sync.WaitGroup
			for range 40 {
				wg.Go(func() {
					n, replayed, err := once(d, key("a", "x"), func() (int, error) { effects.Add(1); return 7, nil })
					if err != nil || n != 7 {
						t.Error(n, err)
					}
					if replayed {
						replays.Add(1)
					}
				})
			}
			wg.Wait()
			if replays.Load() != 39 {
				t.Errorf("%d replays and %d effects of 40 calls", replays.Load(), effects.Load())
			}
		})
		t.Run("another request under the same key is refused", func(t *testing.T) {
			_, _, err := once(d, key("a", "y"), func() (int, error) { return 8, nil })
			if !errors.Is(err, idem.ErrMismatch) {
				t.Error(err)
			}
		})
		t.Run("a refusal leaves the key free", func(t *testing.T) {
			refusal := errors.New("refused")
			if _, _, err := once(d, key("b", "x"), func() (int, error) { return 0, refusal }); !errors.Is(err, refusal) {
				t.Error(err)
			}
			n, replayed, err := once(d, key("b", "x"), func() (int, error) { return 9, nil })
			if err != nil || replayed || n != 9 {
				t.Error(n, replayed, err)
			}
		})
		t.Run("another caller's key is another key", func(t *testing.T) {
			k := key("a", "x")
			k.Scope = "org:2"
			n, replayed, err := once(d, k, func() (int, error) { return 10, nil })
			if err != nil || replayed || n != 10 {
				t.Error(n, replayed, err)
			}
		})
		t.Run("a key of another day is still that key", func(t *testing.T) {
			d.Clock().Shift(25 * time.Hour)
			defer d.Clock().Shift(0)
			n, replayed, err := once(d, key("a", "x"), func() (int, error) { t.Error("done again"); return 0, nil })
			if err != nil || !replayed || n != 7 {
				t.Error(n, replayed, err)
			}
		})
		t.Run("a key has 255 characters at most", func(t *testing.T) {
			n, _, err := once(d, key(strings.Repeat("k", 255), "x"), func() (int, error) { return 11, nil })
			if err != nil || n != 11 {
				t.Error(n, err)
			}
			if _, _, err := once(d, key(strings.Repeat("k", 256), "x"), func() (int, error) { t.Error("done"); return 0, nil }); !errors.Is(err, idem.ErrMissing) {
				t.Error(err)
			}
		})
		t.Run("without a key nothing is done", func(t *testing.T) {
			if _, _, err := once(d, key("", "x"), func() (int, error) { t.Error("done"); return 0, nil }); !errors.Is(err, idem.ErrMissing) {
				t.Error(err)
			}
		})
	})
}
