package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// Rush measures companies that claim a voucher all at once.
type Rush struct {
	Claimants   int
	Stock       int
	Connections int
	Kills       int    // how often the server is killed by -9 in the middle and started again
	Together    int    // most claims in one transaction; 0: as the server is made
	Processes   int    // servers on one database that share the crowd; more than one on PostgreSQL only
	Address     string // of a PostgreSQL server; else SQLite

	each int // vouchers that a company may claim; 0: one
}

// Run prepares, measures, verifies and removes everything.
func (r Rush) Run(ctx context.Context, progress io.Writer) (reports []Report, err error) {
	p, err := newPlace(ctx, r.Address)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.remove()) }()
	say(progress, "preparing %d verified companies and a campaign of %d vouchers …\n", r.Claimants, r.Stock)
	s, err := r.prepare(ctx, p)
	if err != nil {
		return nil, err
	}
	p.config.Together = r.Together
	servers := fleet{}
	defer func() { err = errors.Join(err, servers.stop()) }()
	for range max(r.Processes, 1) {
		if err := servers.start(ctx, p); err != nil {
			return nil, err
		}
	}
	say(progress, "asking %s …\n", strings.Join(servers.urls(), ", "))
	crowd := &crowd{stage: s, won: map[int]id.ID{}, client: client(r.Connections)}
	defer crowd.client.CloseIdleConnections()
	floor := ceiling(ctx, servers.urls()[0], r.Connections)
	load := Load{Connections: r.Connections, Requests: r.Claimants, Limit: 2 * time.Minute}

	say(progress, "every company opens the page of the campaign, as one who waits for the opening has done …\n")
	arrived := crowd.arrive(ctx, servers.urls(), load)
	if arrived.Refused > 0 {
		return nil, fmt.Errorf("%d companies could not open a page: %s", arrived.Refused, arrived.First)
	}
	for n := range r.Kills {
		until := min(r.Stock, r.Claimants) * (n + 1) / (r.Kills + 1)
		if err := servers.killed(ctx, p, n%len(servers.all), crowd, load, until, progress); err != nil {
			return nil, err
		}
	}
	calm, cancel := context.WithTimeout(ctx, time.Second)
	before := crowd.visit(calm, servers.urls()[0])
	cancel()
	var meanwhile Figures
	rushing, over := context.WithCancel(ctx)
	visiting := make(chan struct{})
	go func() {
		defer close(visiting)
		meanwhile = crowd.visit(rushing, servers.urls()[0])
	}()
	first := crowd.claim(ctx, servers.urls(), load)
	over()
	<-visiting
	won := len(crowd.won)
	say(progress, "asking again …\n")
	load.Requests, load.Limit = 5*r.Claimants, 3*time.Second // slower than the limit of how often one may ask
	again := crowd.claim(ctx, servers.urls(), load)
	if err := servers.stop(); err != nil {
		return nil, err
	}
	verified, err := r.verify(ctx, p, s, crowd, errors.Join(refusal(before), refusal(meanwhile), refusal(first), refusal(again)))
	if err != nil {
		return nil, err
	}
	return []Report{
		{What: fmt.Sprintf("claims: %d companies for %d vouchers, %d won", r.Claimants, r.Stock, won), Load: load, Measured: first, Ceiling: floor, Beside: beside(before, meanwhile), Verified: verified},
		{What: "the same companies ask again: each gets the same answer", Load: load, Measured: again, Ceiling: floor, Verified: "each winner got the same voucher, nobody else got one"},
		{What: "before the opening each of them opens the page of the campaign, its session not yet known to the server", Load: load, Measured: arrived, Ceiling: floor, Verified: "each page was answered"},
	}, nil
}

func refusal(f Figures) error {
	if f.Refused == 0 {
		return nil
	}
	return fmt.Errorf("%d requests were answered wrongly: %s", f.Refused, f.First)
}

// fleet is the servers of one platform.
type fleet struct{ all []*server }

func (f *fleet) start(ctx context.Context, p *place) error {
	srv, err := p.serve(ctx)
	if err == nil {
		f.all = append(f.all, srv)
	}
	return err
}

func (f *fleet) urls() []string {
	var out []string
	for _, srv := range f.all {
		out = append(out, srv.url)
	}
	return out
}

func (f *fleet) stop() (err error) {
	for _, srv := range f.all {
		err = errors.Join(err, srv.stop())
	}
	f.all = nil
	return err
}

// killed lets the crowd claim until so many have a voucher, kills one of the
// servers meanwhile and starts it again.
func (f *fleet) killed(ctx context.Context, p *place, n int, c *crowd, l Load, until int, progress io.Writer) error {
	enough := make(chan struct{})
	var once sync.Once
	c.after = func(won int) {
		if won >= until {
			once.Do(func() { close(enough) })
		}
	}
	ended, urls := make(chan struct{}), f.urls()
	asking, giveUp := context.WithCancel(ctx)
	defer giveUp()
	go func() {
		defer close(ended)
		c.claim(asking, urls, l) // what is not answered any more is asked again later
	}()
	select {
	case <-enough:
	case <-ended:
		return errors.New("the crowd was served before the server could be killed: ask for fewer kills")
	}
	srv := f.all[n]
	if err := srv.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		return err
	}
	giveUp()
	<-ended
	_ = srv.cmd.Wait() //nolint:errcheck // it was killed
	c.after = nil
	say(progress, "killed a server with %d claims acknowledged; starting it again …\n", len(c.won))
	again, err := p.serve(ctx)
	if err != nil {
		f.all = slices.Delete(f.all, n, n+1)
		return err
	}
	f.all[n] = again
	return nil
}

// crowd is the companies, and which voucher each was told that it has.
type crowd struct {
	stage

	client *http.Client
	after  func(won int)

	mu  sync.Mutex
	won map[int]id.ID
}

// arrive lets every company open the page of the campaign.
func (c *crowd) arrive(ctx context.Context, urls []string, l Load) Figures {
	return run(ctx, l, func(ctx context.Context, n int) error { return c.look(ctx, c.client, urls[n%len(urls)], n) })
}

// look opens the page of the campaign as a company.
func (c *crowd) look(ctx context.Context, by *http.Client, url string, n int) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/api/v1/campaigns/"+c.campaign.String(), http.NoBody)
	if err != nil {
		return err
	}
	req.AddCookie(&http.Cookie{Name: "smedx_session", Value: c.tokens[n]})
	return expect(by, req, http.StatusOK)
}

// visit lets somebody open a page that reads the database again and again, some fifty
// times a second at the most, until the context ends.
func (c *crowd) visit(ctx context.Context, url string) (f Figures) {
	own := client(1)
	defer own.CloseIdleConnections()
	pace := time.NewTicker(20 * time.Millisecond)
	defer pace.Stop()
	for begun := time.Now(); ; {
		select {
		case <-ctx.Done():
			f.Took, f.Done = time.Since(begun), len(f.times)
			slices.Sort(f.times)
			return f
		case <-pace.C:
		}
		sent := time.Now()
		if err := c.look(context.WithoutCancel(ctx), own, url, 0); err != nil {
			f.Refused, f.First = f.Refused+1, err.Error()
			continue
		}
		f.times = append(f.times, time.Since(sent))
	}
}

// beside says how long a page of the site took in the rush, and how long before.
func beside(before, meanwhile Figures) string {
	ms := func(f Figures, p float64) float64 { return float64(f.Percentile(p).Microseconds()) / 1000 }
	return fmt.Sprintf("a page of the campaign took p50 %.1f, p99 %.1f ms meanwhile (%d times), p50 %.1f, p99 %.1f ms before", ms(meanwhile, 50), ms(meanwhile, 99), meanwhile.Done, ms(before, 50), ms(before, 99))
}

// claim lets every company ask once; winners who get another voucher than
// before, and answers that are neither a voucher nor 已抢完, count as refused. Who
// asks again asks the next server.
func (c *crowd) claim(ctx context.Context, urls []string, l Load) Figures {
	return run(ctx, l, func(ctx context.Context, n int) error {
		url := urls[(n+n/len(c.tokens))%len(urls)]
		n %= len(c.tokens)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/v1/campaign-vouchers/"+c.offer.String()+"/claims", http.NoBody)
		if err != nil {
			return err
		}
		req.AddCookie(&http.Cookie{Name: "smedx_session", Value: c.tokens[n]})
		res, err := c.client.Do(req)
		if err != nil {
			return err
		}
		defer res.Body.Close() //nolint:errcheck // read to its end
		said, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		if err != nil {
			return err
		}
		if given, ok := givenBy(said); ok && res.StatusCode == http.StatusOK {
			return c.note(n, given)
		}
		var answer struct{ Code string }
		if err := json.Unmarshal(said, &answer); err != nil {
			return fmt.Errorf("%s: %.200s", res.Status, said)
		}
		if res.StatusCode == http.StatusConflict && answer.Code == "voucher.sold_out" {
			return c.note(n, 0)
		}
		return fmt.Errorf("%s: %.200s", res.Status, said)
	})
}

// givenBy finds the voucher in an answer without reading all of it, so that the
// generator takes little of the machine from the server.
func givenBy(said []byte) (id.ID, bool) {
	_, rest, found := bytes.Cut(said, []byte(`"voucher":{"id":"`))
	digits, _, closed := bytes.Cut(rest, []byte{'"'})
	if !found || !closed {
		return 0, false
	}
	given, err := id.Parse(string(digits))
	return given, err == nil && given != 0
}

func (c *crowd) note(n int, voucher id.ID) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	had, known := c.won[n]
	switch {
	case known && had != voucher:
		return fmt.Errorf("company %d was told %v, now %v", n, had, voucher)
	case voucher != 0:
		c.won[n] = voucher
	}
	if c.after != nil {
		c.after(len(c.won))
	}
	return nil
}

// verify reads from the database that nothing was lost, given twice or oversold.
func (r Rush) verify(ctx context.Context, p *place, s stage, c *crowd, refused error) (said string, err error) {
	if refused != nil {
		return "", refused
	}
	err = p.look(ctx, func(d *db.DB) error {
		said, err = r.check(ctx, d, s, c)
		return err
	})
	return said, err
}

func (r Rush) check(ctx context.Context, d *db.DB, s stage, c *crowd) (string, error) {
	stored, companies, left, err := given(ctx, d, s.offer)
	if err != nil {
		return "", err
	}
	want := min(r.Claimants, r.Stock)
	if len(stored) != want || len(companies) != want || left != r.Stock-want {
		return "", fmt.Errorf("%d vouchers of %d companies are in the database and %d are left; want %d and %d", len(stored), len(companies), left, want, r.Stock-want)
	}
	for n, voucher := range c.won {
		if !stored[voucher] {
			return "", fmt.Errorf("company %d was told that it has voucher %v, which is not in the database", n, voucher)
		}
	}
	if len(c.won) != want {
		return "", fmt.Errorf("%d companies were told that they won, %d did", len(c.won), want)
	}
	if err := booksAreRight(ctx, d); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d vouchers of as many companies, %d left, every acknowledged one is there, the books are right", want, left), nil
}
