// Package bench measures a real server process under load: a closed loop of
// connections over HTTP on the loopback, the generator in its own process. It
// knows how to measure and to verify; what is measured stands in a file each.
package bench

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Load is what one run asks of the server: so many requests over so many
// connections, none begun after the limit.
type Load struct {
	Connections int
	Requests    int // 0: until the limit
	Limit       time.Duration
}

// Figures are what a run showed.
type Figures struct {
	Done    int // answered as wanted
	Refused int // answered otherwise, or not at all
	First   string
	Took    time.Duration
	times   []time.Duration
}

// Rate is answers a second.
func (f Figures) Rate() float64 { return float64(f.Done) / f.Took.Seconds() }

// Percentile is the time within which so many percent were answered.
func (f Figures) Percentile(p float64) time.Duration {
	if len(f.times) == 0 {
		return 0
	}
	return f.times[min(len(f.times)-1, int(math.Ceil(p/100*float64(len(f.times))))-1)]
}

// run sends requests 0, 1, 2 … over the connections; ask sends one and reports what was wrong with the answer.
func run(ctx context.Context, l Load, ask func(ctx context.Context, n int) error) Figures {
	var (
		next  atomic.Int64
		mu    sync.Mutex
		all   Figures
		group sync.WaitGroup
	)
	begun := time.Now()
	for range l.Connections {
		group.Go(func() {
			var mine Figures
			for ctx.Err() == nil && time.Since(begun) < l.Limit {
				n := int(next.Add(1) - 1)
				if l.Requests > 0 && n >= l.Requests {
					break
				}
				sent := time.Now()
				if err := ask(ctx, n); err != nil {
					mine.Refused++
					mine.First = err.Error()
					continue
				}
				mine.times = append(mine.times, time.Since(sent))
			}
			mu.Lock()
			defer mu.Unlock()
			all.times = append(all.times, mine.times...)
			all.Refused += mine.Refused
			if mine.First != "" {
				all.First = mine.First
			}
		})
	}
	group.Wait()
	all.Took, all.Done = time.Since(begun), len(all.times)
	slices.Sort(all.times)
	return all
}

// client keeps as many connections open as there are askers.
func client(connections int) *http.Client {
	return &http.Client{
		Timeout:   time.Minute,
		Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections},
	}
}

// expect sends a request and wants this status.
func expect(c *http.Client, req *http.Request, status int) error {
	res, err := c.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	said, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err == nil && res.StatusCode != status {
		err = fmt.Errorf("%s %s: %s %.300s", req.Method, req.URL.Path, res.Status, said)
	}
	return err
}

// ceiling asks the cheapest endpoint of the same server over as many connections.
func ceiling(ctx context.Context, url string, connections int) Figures {
	c := client(connections)
	defer c.CloseIdleConnections()
	return run(ctx, Load{Connections: connections, Limit: 3 * time.Second}, func(ctx context.Context, _ int) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/healthz", http.NoBody)
		if err != nil {
			return err
		}
		return expect(c, req, http.StatusOK)
	})
}

// Report is one measurement beside its ceiling.
type Report struct {
	What     string
	Load     Load
	Measured Figures
	Ceiling  Figures
	Beside   string // what others met meanwhile; "": nobody looked
	Verified string // what was found in the database afterwards
}

// Print writes the report for people.
func (r Report) Print(w io.Writer) error {
	line := func(name string, f Figures) string {
		ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
		return fmt.Sprintf("%-10s %8.0f/s   p50 %7.1f ms   p99 %7.1f ms   max %7.1f ms   %d answered, %d refused\n",
			name, f.Rate(), ms(f.Percentile(50)), ms(f.Percentile(99)), ms(f.Percentile(100)), f.Done, f.Refused)
	}
	_, err := fmt.Fprintf(w, "%s, %d connections\n%s%sratio      %8.4f of the ceiling (GET /healthz of the same process in the same run)\nverified   %s\n",
		r.What, r.Load.Connections, line("measured", r.Measured), line("ceiling", r.Ceiling), r.Measured.Rate()/r.Ceiling.Rate(), r.Verified)
	if err == nil && r.Beside != "" {
		_, err = fmt.Fprintf(w, "beside     %s\n", r.Beside)
	}
	return err
}
