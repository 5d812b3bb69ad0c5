package db

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// Tell sends a text to every process that hears the channel, once this
// transaction is committed. On SQLite there is no other process.
func (t *Tx) Tell(ctx context.Context, channel, text string) error {
	if t.db.engine == SQLite {
		return nil
	}
	_, err := inOrder{t}.ExecContext(ctx, "SELECT pg_notify($1, $2)", channel, text)
	return err
}

const (
	hearEvery = 500 * time.Millisecond // how often a connection tells itself something
	hearTrust = 3 * hearEvery
	hearAgain = time.Second // after a lost connection

	echo = "echo " // begins what is told to find out whether anything is heard
)

// Hearing is a connection that hears what other processes tell.
type Hearing struct {
	at     atomic.Int64 // when everything told before had certainly been heard, in nanoseconds; 0 for never
	always bool
}

// Sound reports that whatever was told up to a moment ago has been heard. While
// it is false, nothing that depends on being told may be trusted.
func (h *Hearing) Sound() bool {
	return h.always || time.Since(time.Unix(0, h.at.Load())) < hearTrust
}

// Hear calls heard with every text that is told on the channel until the context
// ends, and with "" when something may have been missed, which is so at the start.
func (d *DB) Hear(ctx context.Context, channel string, heard func(text string)) *Hearing {
	if d.engine == SQLite {
		return &Hearing{always: true}
	}
	h := &Hearing{}
	ctx, cancel := context.WithCancel(ctx)
	var hearer sync.WaitGroup
	d.closes = append(d.closes, func() error { cancel(); hearer.Wait(); return nil })
	hearer.Go(func() {
		for ctx.Err() == nil {
			if err := d.hear(ctx, channel, h, heard); err != nil && ctx.Err() == nil {
				slog.WarnContext(ctx, "the connection that hears other processes was lost", "channel", channel, "error", err)
			}
			h.at.Store(0)
			select {
			case <-ctx.Done():
			case <-time.After(hearAgain):
			}
		}
	})
	return h
}

// hear trusts the connection only as far as it hears itself: between it and the
// server may be a pool that takes the channel away without a word.
func (d *DB) hear(ctx context.Context, channel string, h *Hearing, heard func(string)) (err error) {
	conn, err := pgx.ConnectConfig(ctx, d.address)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // it is given up
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return err
	}
	heard("")
	mine := echo + rand.Text()
	for {
		asked := time.Now()
		if _, err := conn.Exec(ctx, "SELECT pg_notify($1, $2)", channel, mine); err != nil {
			return err
		}
		for wait, cancel := context.WithDeadline(ctx, asked.Add(hearEvery)); ; {
			n, err := conn.WaitForNotification(wait)
			if err != nil {
				lost := wait.Err() == nil
				cancel()
				if lost || ctx.Err() != nil {
					return err
				}
				break
			}
			switch {
			case n.Payload == mine: // everything told before was heard before
				h.at.Store(asked.UnixNano())
			case !strings.HasPrefix(n.Payload, echo):
				heard(n.Payload)
			}
		}
	}
}
