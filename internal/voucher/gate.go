package voucher

import (
	"context"
	"errors"
	"sync"
	"time"

	"smedx/internal/kit/batch"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// gate keeps hot campaigns in memory, so that a rush of refusals and repeated
// claims never reaches the disk. It only refuses and repeats; it never grants:
// the guarded UPDATE of the claim stays the truth. Other processes' changes show
// within the time that an offer is trusted.
type gate struct {
	mu     sync.Mutex
	offers map[id.ID]*offer // by campaign voucher
}

const (
	offerTrusted = time.Second
	offerLimit   = 200     // campaign vouchers in memory
	claimLimit   = 100_000 // remembered claims of one offer
)

// offer is a campaign voucher as last read, and who is known to have claimed it.
type offer struct {
	load     sync.Mutex   // one reader at a time
	turns    sync.RWMutex // near the end of the stock one batch at a time
	mu       sync.RWMutex
	campaign Campaign
	cv       CampaignVoucher
	loaded   time.Time
	pledged  int64                // of the stock, to batches on their way
	turn     int                  // how often it was forgotten
	claims   map[claimKey]Voucher // committed ones
	without  map[claimKey]bool    // asked after the stock was gone, and has none
	claiming *batch.Line[*claimant]
	asking   *batch.Line[*claimant] // for what they have: the stock is gone or the window closed
}

type claimKey struct {
	org id.ID
	n   int64
}

func newGate() *gate { return &gate{offers: map[id.ID]*offer{}} }

func (g *gate) entry(campaignVoucherID id.ID, open func(*offer)) *offer {
	g.mu.Lock()
	defer g.mu.Unlock()
	o := g.offers[campaignVoucherID]
	if o == nil {
		if len(g.offers) >= offerLimit {
			clear(g.offers)
		}
		o = &offer{claims: map[claimKey]Voucher{}, without: map[claimKey]bool{}}
		open(o)
		g.offers[campaignVoucherID] = o
	}
	return o
}

// forget makes the next claim read the campaign again. Who has a voucher has it
// whatever became of the campaign, so that is remembered.
func (g *gate) forget(campaignID id.ID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, o := range g.offers {
		o.mu.Lock()
		if o.campaign.ID == campaignID || o.campaign.ID == 0 {
			o.loaded, o.turn = time.Time{}, o.turn+1
		}
		o.mu.Unlock()
	}
}

// offer answers a campaign voucher that was read less than a second ago, and
// opens a campaign whose time has come.
func (s *Service) offer(ctx context.Context, campaignVoucherID id.ID) (*offer, error) {
	o := s.gate.entry(campaignVoucherID, s.openLines)
	if o.fresh(s.db.Now()) {
		return o, nil
	}
	o.load.Lock()
	defer o.load.Unlock()
	if o.fresh(s.db.Now()) {
		return o, nil
	}
	turn := o.forgotten()
	c, cv, err := readOffer(ctx, s.db, campaignVoucherID)
	if err != nil {
		return nil, err
	}
	now := s.db.Now()
	if c.Status == Scheduled && clock.At(now) >= c.OpensAt && clock.At(now) < c.ClosesAt {
		if err := s.start(ctx, c.ID); err != nil {
			return nil, err
		}
		turn = o.forgotten()
		if c, cv, err = readOffer(ctx, s.db, campaignVoucherID); err != nil {
			return nil, err
		}
	}
	o.keep(c, cv, turn, now)
	return o, nil
}

// keep notes what was read, and trusts it unless the campaign was forgotten since
// the turn in which it was read.
func (o *offer) keep(c Campaign, cv CampaignVoucher, turn int, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.campaign, o.cv = c, cv
	if o.turn == turn {
		o.loaded = now
	}
	if cv.Remaining > 0 {
		clear(o.without)
	}
}

func readOffer(ctx context.Context, r db.Reader, campaignVoucherID id.ID) (Campaign, CampaignVoucher, error) {
	var cv CampaignVoucher
	var c Campaign
	err := r.Select(&cv).Where("cv.id = ?", campaignVoucherID).Scan(ctx)
	if err == nil {
		err = r.Select(&c).Where("c.id = ?", cv.CampaignID).Scan(ctx)
	}
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return c, cv, err
}

// fresh is false as well when the clock was set back.
func (o *offer) fresh(now time.Time) bool {
	o.mu.RLock()
	defer o.mu.RUnlock()
	age := now.Sub(o.loaded)
	return age >= 0 && age < offerTrusted
}

func (o *offer) forgotten() int {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.turn
}

// look answers the offer and what is known of one claim of it.
func (o *offer) look(key claimKey) (c Campaign, cv CampaignVoucher, known Voucher, claimed, without bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	known, claimed = o.claims[key]
	return o.campaign, o.cv, known, claimed, o.without[key]
}

// offered answers the campaign and its voucher as last read.
func (o *offer) offered() (Campaign, CampaignVoucher) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.campaign, o.cv
}

// pledge sets so many of the stock aside for a batch, unless it may not be enough
// for all that is being served.
func (o *offer) pledge(n int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.cv.Remaining-o.pledged < int64(n) {
		return false
	}
	o.pledged += int64(n)
	return true
}

// unpledge ends a pledge.
func (o *offer) unpledge(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pledged -= int64(n)
}

// soldOut notes that nothing is left. Only committed stock is noted.
func (o *offer) soldOut() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cv.Remaining = 0
}

// settled notes what came of a committed batch that was begun in a turn, and the
// stock that it left. Stock never grows back without the offer being forgotten and
// read again: what an older batch left says nothing of it then.
func (o *offer) settled(claims []*claimant, left int64, turn int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.turn != turn {
		left = -1
	}
	if left >= 0 {
		o.cv.Remaining = min(o.cv.Remaining, left)
	}
	for _, c := range claims {
		switch {
		case c.err == nil:
			delete(o.without, c.key) // a raised quota gives to whom nothing was left for
			if len(o.claims) < claimLimit {
				o.claims[c.key] = c.voucher
			}
		case errors.Is(c.err, ErrSoldOut) && left == 0 && len(o.without) < claimLimit:
			o.without[c.key] = true
		}
	}
}
