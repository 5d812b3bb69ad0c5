package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// Catalogue measures how fast buyers read what is on sale.
type Catalogue struct {
	Offerings   int
	Connections int
	Address     string // of a PostgreSQL server; else SQLite
}

// eachFor is how long one kind of request is asked.
const eachFor = 3 * time.Second

// question is one kind of request: the n-th address, what its first answer must
// say, and how many addresses there are where none may come twice.
type question struct {
	what    string
	address func(n int) string
	check   func(body []byte) error
	once    int
}

// Run prepares, measures, verifies and removes everything.
func (c Catalogue) Run(ctx context.Context, progress io.Writer) (reports []Report, footprint string, err error) {
	p, err := newPlace(ctx, c.Address)
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, p.remove()) }()
	say(progress, "preparing %d offerings …\n", c.Offerings)
	ids, err := c.prepare(ctx, p)
	if err != nil {
		return nil, "", err
	}
	begun := time.Now()
	srv, err := p.serve(ctx)
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	ready, idle := time.Since(begun), srv.memory()
	say(progress, "asking %s …\n", srv.url)
	begun = time.Now()
	for _, q := range c.questions(ids) { // reads the index, and shows that the answers are right
		body, err := read(ctx, srv.url+q.address(0))
		if err == nil {
			err = q.check(body)
		}
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", q.what, err)
		}
	}
	first := time.Since(begun)
	floor := ceiling(ctx, srv.url, c.Connections)
	load := Load{Connections: c.Connections, Limit: eachFor}
	for _, q := range c.questions(ids) {
		load.Requests = q.once
		f := ask(ctx, srv.url, load, q)
		if err := refusal(f); err != nil {
			return nil, "", fmt.Errorf("%s: %w", q.what, err)
		}
		reports = append(reports, Report{What: q.what, Load: load, Measured: f, Ceiling: floor, Verified: "the first answer was read, all were 200"})
	}
	return reports, fmt.Sprintf("ready after %d ms with %s; the first of each question, with the index, after %d ms; %s at the end",
		ready.Milliseconds(), idle, first.Milliseconds(), srv.memory()), nil
}

func (c Catalogue) questions(ids []string) []question {
	list := func(total int) func([]byte) error {
		return func(body []byte) error {
			var page struct{ Total int }
			if err := json.Unmarshal(body, &page); err != nil {
				return err
			}
			if total >= 0 && page.Total != total || total < 0 && page.Total == 0 {
				return fmt.Errorf("%d offerings were found", page.Total)
			}
			return nil
		}
	}
	says := func(text string) func([]byte) error {
		return func(body []byte) error {
			if !strings.Contains(string(body), text) {
				return fmt.Errorf("the answer lacks %q", text)
			}
			return nil
		}
	}
	of := func(all ...string) func(int) string { return func(n int) string { return all[n%len(all)] } }
	const offerings = "/api/v1/offerings?page=1&size=20&sort=best"
	const asked = 50 // products that are asked for again and again, and never in the last question
	product := func(n int) string { return "/api/v1/offerings/" + ids[n%asked] }
	unasked := ids[asked:]
	const sets = 1<<14 - 1
	// Nobody asked so before: another set of industries each time, another product each time.
	once := func(address func(int) string) func(int) string {
		return func(n int) string {
			var set []string
			for bit := range 14 {
				if (n+1)>>bit&1 == 1 {
					set = append(set, strconv.Itoa(36-bit)) // divisions of GB/T 4754
				}
			}
			return address(n) + "&industry=" + strings.Join(set, ",")
		}
	}
	filters := of(offerings+"&tag=saas", offerings+"&category=g2", offerings+"&industry=34,35", offerings+"&region=330000&way=year", offerings+"&price=r2&tag=ai")
	hits := of(offerings+"&q=%E8%BF%BD%E6%BA%AF", offerings+"&q=%E6%8E%92%E4%BA%A7", offerings+"&q=%E6%9D%AD%E5%B7%9E%20%E4%BB%93%E5%82%A8", offerings+"&q=paichan")
	return []question{
		{"list, 20 cards with the figures of the filters", of(offerings), list(c.Offerings), 0},
		{"list by filters", filters, list(-1), 0},
		{"search that finds", hits, list(-1), 0},
		{"search that finds nothing", of(offerings + "&q=%E5%8C%BA%E5%9D%97%E9%93%BE"), list(0), 0},
		{"product page", product, says(ids[0]), 0},
		{"home page, HTML", of("/"), says("<html"), 0},
		{"list that nobody asked for before", once(of(offerings)), list(-1), sets},
		{"search that nobody asked for before", once(hits), list(-1), sets},
		{"product page that nobody asked for before", func(n int) string { return "/api/v1/offerings/" + unasked[n] }, says(unasked[0]), len(unasked)},
	}
}

func ask(ctx context.Context, url string, l Load, q question) Figures {
	c := client(l.Connections)
	defer c.CloseIdleConnections()
	return run(ctx, l, func(ctx context.Context, n int) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+q.address(n), http.NoBody)
		if err != nil {
			return err
		}
		req.Header.Set("Accept-Encoding", "gzip") // as browsers do; by hand, so that the generator does not unpack
		return expect(c, req, http.StatusOK)
	})
}

func read(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %.300s", res.Status, body)
	}
	return body, errors.Join(err, res.Body.Close())
}

// memory is what the process holds in memory, where the system tells.
func (s *server) memory() string {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return "unknown memory"
	}
	for line := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			var n int
			if _, err := fmt.Sscan(kb, &n); err == nil {
				return fmt.Sprintf("%d MB resident", n/1024)
			}
		}
	}
	return "unknown memory"
}
