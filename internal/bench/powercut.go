package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"smedx/internal/app"
	"smedx/internal/bench/disk"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/reconcile"
)

// PowerCut lets a rush run on SQLite, makes disks of it as a power failure may
// leave them, and proves each: what was acknowledged before is there, nothing is
// there twice, nothing oversold, the books are right.
type PowerCut struct {
	Rush
	Images int
	Seed   uint64
}

// goOnEvery is of how many images one is started as a server again, to let the rush end on it.
const goOnEvery = 40

// recorded is a rush as the disk saw it.
type recorded struct {
	stage  stage
	folder string            // of the server
	before map[string][]byte // the files that were there at first, by path
	events []disk.Event
	won    map[int]id.ID // what the companies were told
	acks   []ack
}

// ack is an acknowledged claim: it may have left the server at this event.
type ack struct {
	at      int
	voucher id.ID
}

// Run records and proves, and tells what it found.
func (c PowerCut) Run(ctx context.Context, progress io.Writer) (said string, err error) {
	tracer, err := disk.Tracer()
	if err != nil {
		return "", err
	}
	p, err := newPlace(ctx, "")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, p.remove()) }()
	say(progress, "preparing %d verified companies and a campaign of %d vouchers …\n", c.Claimants, c.Stock)
	rec, err := c.record(ctx, p, tracer, progress)
	if err != nil {
		return "", err
	}
	chance := rand.New(rand.NewPCG(c.Seed, 0))
	say(progress, "%d claims acknowledged, %d events on the disk; cutting the power %d times, seed %d …\n", len(rec.acks), len(rec.events), c.Images, c.Seed)
	found, err := c.cuts(ctx, p, rec, disk.Holding(rec.before), chance, c.Images, progress)
	if err != nil {
		return "", fmt.Errorf("%w (seed %d)", err, c.Seed)
	}
	if len(found.wrong) > 0 {
		return "", fmt.Errorf("%d of %d images are wrong (seed %d): %w", len(found.wrong), c.Images, c.Seed, errors.Join(found.wrong...))
	}
	deaf := disk.Holding(rec.before)
	deaf.Deaf = func(path string) bool { return strings.HasSuffix(path, "-wal") }
	control, err := c.cuts(ctx, p, rec, deaf, chance, max(c.Images/10, 5), nil)
	if err != nil {
		return "", err
	}
	if len(control.wrong) == 0 {
		return "", errors.New("the same images without the syncs of commits are right too, so they prove nothing: ask for more claimants or images")
	}
	return fmt.Sprintf("%d images (seed %d) of a rush with %d acknowledged claims: %d to %d of them at stake in an image, %d in all; %d images with writes that no sync had covered, %d of %d such writes missing or torn\n"+
		"verified   0 lost, 0 double, 0 oversold; every image passes the check of the database and smedx reconcile; on %d of them a server let the rush end, each winner with the voucher of before\n"+
		"control    without the syncs of commits %d of %d images are wrong, as they must be: %v\n",
		c.Images, c.Seed, len(rec.acks), found.least, found.most, found.atStake, found.open, found.lost, found.writes, found.goneOn,
		len(control.wrong), control.images, control.wrong[0]), nil
}

// record runs the rush on a server whose calls are traced.
func (c PowerCut) record(ctx context.Context, p *place, tracer []string, progress io.Writer) (rec recorded, err error) {
	if rec.stage, err = c.prepare(ctx, p); err != nil {
		return rec, err
	}
	if rec.folder, err = filepath.EvalSymlinks(p.config.Data); err != nil { // as the trace names it
		return rec, err
	}
	database := filepath.Join(rec.folder, "smedx.db")
	rec.before = map[string][]byte{}
	for _, path := range []string{database, database + "-wal", database + "-journal"} {
		content, err := os.ReadFile(path)
		if err == nil {
			rec.before[path] = content
		} else if !errors.Is(err, fs.ErrNotExist) {
			return rec, err
		}
	}
	out, in, err := os.Pipe()
	if err != nil {
		return rec, err
	}
	defer out.Close() //nolint:errcheck // read to its end
	type read struct {
		events []disk.Event
		err    error
	}
	done := make(chan read, 1)
	go func() {
		events, err := disk.Read(out, func(path string) bool {
			return path == rec.folder+"/" || strings.HasPrefix(path, database) && !strings.HasSuffix(path, "-shm") && !strings.HasSuffix(path, ".lock")
		})
		if err != nil {
			_, _ = io.Copy(io.Discard, out) //nolint:errcheck // so that the server goes on
		}
		done <- read{events, err}
	}()
	p.trace, p.traced = tracer, in
	srv, err := p.serve(ctx)
	p.trace, p.traced = nil, nil
	if err := errors.Join(err, in.Close()); err != nil {
		return rec, err
	}
	say(progress, "asking %s under strace …\n", srv.url)
	companies := &crowd{stage: rec.stage, won: map[int]id.ID{}, client: client(c.Connections)}
	figures := companies.claim(ctx, []string{srv.url}, Load{Connections: c.Connections, Requests: c.Claimants, Limit: 5 * time.Minute})
	companies.client.CloseIdleConnections()
	if err := errors.Join(srv.stop(), refusal(figures)); err != nil {
		return rec, err
	}
	trace := <-done
	rec.events, rec.won = trace.events, companies.won
	for n, e := range rec.events {
		if e.Kind == disk.Say && !e.End {
			if voucher, ok := givenBy(e.Data); ok {
				rec.acks = append(rec.acks, ack{n, voucher})
			}
		}
	}
	if trace.err == nil && (len(rec.acks) != len(rec.won) || len(rec.won) == 0) {
		trace.err = fmt.Errorf("%d claims were acknowledged, the trace has %d", len(rec.won), len(rec.acks))
	}
	return rec, trace.err
}

// findings are what the images showed.
type findings struct {
	images, least, most, atStake int
	open, writes, lost, goneOn   int
	wrong                        []error
}

// cuts makes images in the order in which things happened, and proves each: half
// of them right after an acknowledgement, the others anywhere after the first.
func (c PowerCut) cuts(ctx context.Context, p *place, rec recorded, d *disk.Disk, chance *rand.Rand, images int, progress io.Writer) (f findings, err error) {
	points := make([]int, images)
	for n := range points {
		if points[n] = rec.acks[chance.IntN(len(rec.acks))].at; n%2 == 0 {
			points[n] = rec.acks[0].at + chance.IntN(len(rec.events)-rec.acks[0].at)
		}
	}
	slices.Sort(points)
	f.images, f.least = images, len(rec.acks)
	seen := 0
	for n, point := range points {
		for ; seen <= point; seen++ {
			d.Take(rec.events[seen])
		}
		told := map[id.ID]bool{}
		for _, a := range rec.acks {
			if a.at <= point {
				told[a.voucher] = true
			}
		}
		image := d.Cut(chance)
		f.least, f.most, f.atStake = min(f.least, len(told)), max(f.most, len(told)), f.atStake+len(told)
		f.writes, f.lost = f.writes+image.Open, f.lost+image.Lost
		if image.Open > 0 {
			f.open++
		}
		goOn := progress != nil && n%goOnEvery == goOnEvery/4
		if err := c.prove(ctx, p, rec, image, told, chance, goOn); err != nil {
			if ctx.Err() != nil {
				return f, err
			}
			f.wrong = append(f.wrong, fmt.Errorf("after event %d of %d with %d claims acknowledged: %w", point, len(rec.events), len(told), err))
		} else if goOn {
			f.goneOn++
		}
		if (n+1)%50 == 0 {
			say(progress, "%d images, %d wrong\n", n+1, len(f.wrong))
		}
	}
	return f, nil
}

// prove starts on an image what starts after a power failure.
func (c PowerCut) prove(ctx context.Context, p *place, rec recorded, image disk.Image, told map[id.ID]bool, chance *rand.Rand, goOn bool) (err error) {
	again := &place{config: p.config}
	if again.config.Data, err = os.MkdirTemp("", "smedx-bench-cut-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, again.remove()) }()
	again.config.DB, again.config.SealKeyFile = "", ""
	again.config.Fill()
	if err := os.CopyFS(filepath.Join(again.config.Data, "keys"), os.DirFS(filepath.Join(rec.folder, "keys"))); err != nil {
		return err
	}
	for path, content := range image.Files {
		if err := os.WriteFile(filepath.Join(again.config.Data, filepath.Base(path)), content, 0o600); err != nil {
			return err
		}
	}
	index := make([]byte, 32<<10) // of the write-ahead log: of no use after a failure, whatever is in it
	for n := range index {
		index[n] = byte(chance.Uint32())
	}
	if err := os.WriteFile(filepath.Join(again.config.Data, "smedx.db-shm"), index, 0o600); err != nil {
		return err
	}
	if err := c.holds(ctx, again, rec.stage, told); err != nil || !goOn {
		return err
	}
	return c.goOn(ctx, again, rec, told)
}

// holds opens the image as the server does, and reads what it has kept.
func (c PowerCut) holds(ctx context.Context, p *place, s stage, told map[id.ID]bool) (err error) {
	a, err := app.Open(ctx, p.config, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.DB.Close()) }()
	var sound string
	if err := a.DB.Raw(`PRAGMA integrity_check`).Scan(ctx, &sound); err != nil || sound != "ok" {
		return fmt.Errorf("the database is broken: %s %w", sound, err)
	}
	stored, companies, left, err := given(ctx, a.DB, s.offer)
	if err != nil {
		return err
	}
	missing := 0
	for voucher := range told {
		if !stored[voucher] {
			missing++
		}
	}
	switch {
	case missing > 0:
		return fmt.Errorf("%d acknowledged claims are lost", missing)
	case len(companies) != len(stored):
		return fmt.Errorf("%d vouchers of %d companies", len(stored), len(companies))
	case left != c.Stock-len(stored):
		return fmt.Errorf("%d vouchers of %d are given, but %d are left", len(stored), c.Stock, left)
	}
	return booksAreRight(ctx, a.DB)
}

// goOn starts a server on the image and lets every company claim again.
func (c PowerCut) goOn(ctx context.Context, p *place, rec recorded, told map[id.ID]bool) error {
	srv, err := p.serve(ctx)
	if err != nil {
		return err
	}
	companies := &crowd{stage: rec.stage, won: map[int]id.ID{}, client: client(c.Connections)}
	for n, voucher := range rec.won {
		if told[voucher] {
			companies.won[n] = voucher
		}
	}
	figures := companies.claim(ctx, []string{srv.url}, Load{Connections: c.Connections, Requests: c.Claimants, Limit: time.Minute})
	companies.client.CloseIdleConnections()
	if err := srv.stop(); err != nil {
		return err
	}
	_, err = c.verify(ctx, p, rec.stage, companies, refusal(figures))
	return err
}

// given reads the vouchers of an offer, the companies that have them, and how many are left.
func given(ctx context.Context, r db.Reader, offer id.ID) (stored, companies map[id.ID]bool, left int, err error) {
	var rows []struct{ ID, OrgID id.ID }
	if err := r.Raw(`SELECT id, org_id FROM vouchers WHERE campaign_voucher_id = ?`, offer).Scan(ctx, &rows); err != nil {
		return nil, nil, 0, err
	}
	stored, companies = map[id.ID]bool{}, map[id.ID]bool{}
	for _, v := range rows {
		stored[v.ID], companies[v.OrgID] = true, true
	}
	err = r.Raw(`SELECT remaining FROM campaign_vouchers WHERE id = ?`, offer).Scan(ctx, &left)
	return stored, companies, left, err
}

func booksAreRight(ctx context.Context, d *db.DB) error {
	books, err := reconcile.Run(ctx, d, d)
	if err == nil && !books.OK {
		err = fmt.Errorf("smedx reconcile finds the books wrong: %v", books.Violations()[0])
	}
	return err
}
