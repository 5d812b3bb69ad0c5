package db

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/kit/errs"
)

// call is one caller of Write who waits for the writer.
type call struct {
	ctx  context.Context
	fn   Func
	tx   *Tx
	err  error
	done chan struct{}
}

// group is the only writer of a SQLite file. It takes all callers that wait,
// gives each a SAVEPOINT inside one shared transaction, commits once (one fsync)
// and only then answers. A caller's error or panic undoes that caller's work alone.
type group struct {
	db    *DB
	batch int
	queue chan *call
	mu    sync.RWMutex // guards stop against senders
	stop  bool
	wg    sync.WaitGroup
}

func newGroup(d *DB, depth, batch int) *group {
	g := &group{db: d, batch: batch, queue: make(chan *call, depth)}
	g.wg.Go(g.loop)
	return g
}

func (g *group) write(ctx context.Context, fn Func) error {
	c := &call{ctx: ctx, fn: fn, done: make(chan struct{})}
	g.mu.RLock()
	if g.stop {
		g.mu.RUnlock()
		return ErrClosed
	}
	select {
	case g.queue <- c:
		g.mu.RUnlock()
	default:
		g.mu.RUnlock()
		return errs.ErrUnavailable.After(1)
	}
	<-c.done
	return c.err
}

// close lets queued callers finish.
func (g *group) close() {
	g.mu.Lock()
	if !g.stop {
		g.stop = true
		close(g.queue)
	}
	g.mu.Unlock()
	g.wg.Wait()
}

func (g *group) loop() {
	for c := range g.queue {
		batch := g.drain([]*call{c})
		g.turn(batch)
		for _, c := range batch {
			if c.err == nil {
				c.tx.committed()
			}
			close(c.done)
		}
	}
}

func (g *group) drain(batch []*call) []*call {
	for len(batch) < g.batch {
		select {
		case c, ok := <-g.queue:
			if !ok {
				return batch
			}
			batch = append(batch, c)
		default:
			return batch
		}
	}
	return batch
}

// turn commits what it can. When the shared transaction breaks under one caller
// (disk full, lost savepoint), nothing of the turn is kept: that caller gets the
// error, the others are run once more, each in a transaction of its own.
func (g *group) turn(batch []*call) {
	culprit, err := g.try(batch)
	if err == nil {
		return
	}
	for i, c := range batch {
		if len(batch) == 1 || i == culprit {
			c.err = errors.Join(c.err, err)
			continue
		}
		if _, err := g.try([]*call{c}); err != nil {
			c.err = err
		}
	}
}

func (g *group) try(batch []*call) (culprit int, err error) {
	ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), inside{}, true), g.db.turn)
	defer cancel()
	g.db.kept.prepare(ctx, g.db.write.DB)
	tx, err := g.db.write.BeginTx(ctx, nil)
	if err != nil {
		return -1, err
	}
	now := g.db.clock.Now()
	for i, c := range batch {
		c.err, c.tx = c.ctx.Err(), &Tx{db: g.db, tx: tx, now: now}
		if c.err != nil {
			continue // the client has gone: not begun
		}
		if len(batch) == 1 { // alone in the transaction: it needs no savepoint
			if c.err = guard(values{ctx, c.ctx}, c.tx, c.fn); c.err != nil {
				return -1, tx.Rollback()
			}
			break
		}
		var broken error
		if c.err, broken = run(ctx, tx, c); broken != nil {
			return i, errors.Join(broken, tx.Rollback())
		}
	}
	return -1, tx.Commit()
}

func run(ctx context.Context, tx bun.Tx, c *call) (err, broken error) {
	if _, broken = tx.ExecContext(ctx, "SAVEPOINT caller"); broken != nil {
		return broken, broken
	}
	if err = guard(values{ctx, c.ctx}, c.tx, c.fn); err != nil {
		if _, broken = tx.ExecContext(ctx, "ROLLBACK TO caller"); broken != nil {
			return err, errors.Join(err, broken)
		}
	}
	_, broken = tx.ExecContext(ctx, "RELEASE caller")
	return err, broken
}

// values takes the time limit from the turn and values from the request too: a
// cancelled statement would make SQLite roll back everybody's work.
type values struct {
	context.Context
	request context.Context
}

func (v values) Value(key any) any {
	if found := v.Context.Value(key); found != nil {
		return found
	}
	return v.request.Value(key)
}

var _ context.Context = values{}

// jitter spreads retries: about 5, 20 ms.
func jitter(attempt int) time.Duration {
	base := time.Duration(5*attempt*attempt) * time.Millisecond
	return base + time.Duration(time.Now().UnixNano()%int64(base))
}
