package voucher

import (
	"context"
	"errors"
	"slices"
	"time"

	"smedx/internal/account"
	"smedx/internal/kit/batch"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// A rush is served in the order of arrival and in batches. Whoever claims while
// a batch is being committed waits for the next one, so batches form by
// themselves and one durable commit answers all claims of a batch. There is one
// line for each campaign voucher and process; between processes the row of the
// campaign voucher is the lock.
const (
	batchLimit = 500  // claims in one transaction
	lineLimit  = 8192 // claims that may wait
	desks      = 2    // batches at a time: one is read and answered while the other is written
)

// claimant is one claim on its way, and what came of it.
type claimant struct {
	ctx context.Context
	who account.Principal
	key claimKey

	result
}

type result struct {
	voucher  Voucher
	replayed bool
	err      error
}

func (s *Service) openLines(o *offer) {
	o.claiming = batch.WithDesks(desks, s.together, lineLimit, func(claims []*claimant) { s.serve(o, claims) })
	o.asking = batch.New(s.together, lineLimit, func(claims []*claimant) { s.lookUp(o, claims) })
}

// lookUp answers companies that ask when nothing is given any more: with the
// voucher that they have, else that all are gone.
func (s *Service) lookUp(o *offer, claims []*claimant) {
	turn := o.forgotten()
	c, cv := o.offered()
	had, err := findClaims(claims[0].ctx, s.db, cv, c, companiesIn(claims))
	for _, one := range claims {
		switch v, ok := had[one.key]; {
		case err != nil:
			one.err = err
		case ok:
			one.voucher, one.replayed = v, true
		default:
			one.err = ErrSoldOut
		}
	}
	if err == nil {
		o.settled(claims, cv.Remaining, turn)
	}
}

func companiesIn(claims []*claimant) []id.ID {
	orgs := make([]id.ID, 0, len(claims))
	for _, c := range claims {
		orgs = append(orgs, c.key.org)
	}
	return orgs
}

// serve settles a batch in one transaction, and puts what came of it in the
// memory of the offer once it is committed.
func (s *Service) serve(o *offer, claims []*claimant) {
	turn := o.forgotten()
	campaign, cv := o.offered()
	left, err := int64(0), errTight
	if o.pledge(len(claims)) {
		defer o.unpledge(len(claims))
		left, err = s.serveFromPlenty(o, campaign, cv, claims)
	}
	if errors.Is(err, errTight) || db.IsUnique(err) {
		left, err = s.serveInTurn(o, cv, claims)
	}
	if err != nil {
		for _, c := range claims {
			c.result = result{err: err}
		}
		return
	}
	o.settled(claims, left, turn)
	if left == 0 && slices.ContainsFunc(claims, func(c *claimant) bool { return c.err == nil && !c.replayed }) {
		s.noteSoldOut(claims[0].ctx, cv.CampaignID)
	}
}

// errTight says that a batch can no longer be served from plenty.
var errTight = errors.New("voucher: the stock or the window of the campaign is near its end")

// serveFromPlenty settles a batch while there is enough for everybody who is
// being served, so that it does not matter which of two batches is first: what
// they read does not wait for each other, and the row of the stock is taken last.
// It gives errTight when that is not so any more, and a violated unique rule when a
// company has claimed elsewhere meanwhile; then nothing was done.
func (s *Service) serveFromPlenty(o *offer, campaign Campaign, cv CampaignVoucher, claims []*claimant) (left int64, err error) {
	o.turns.RLock()
	defer o.turns.RUnlock()
	err = s.db.Write(claims[0].ctx, func(ctx context.Context, tx *db.Tx) error {
		if campaign.Claimable(Rush, tx.Now()) != nil {
			return errTight
		}
		grants, err := s.judge(ctx, tx, campaign, cv, nil, int64(len(claims)), claims)
		if err != nil || len(grants) == 0 {
			left = -1
			return err
		}
		return s.watched(ctx, tx, grants, func() error {
			now := clock.At(tx.Now())
			err := tx.ReadLater(ctx, &left, errTight, `
				UPDATE campaign_vouchers SET remaining = remaining - ?
				WHERE id = ? AND remaining >= ? AND claimable AND opens_at <= ? AND closes_at > ?
				RETURNING remaining`, len(grants), cv.ID, len(grants), now, now)
			if err != nil {
				return err
			}
			return handOut(ctx, tx, "voucher.claim", grants)
		}, claims...)
	})
	return left, err
}

// serveInTurn settles a batch with the row of the stock in hand from the
// beginning, so that the last vouchers go to who came first.
func (s *Service) serveInTurn(o *offer, cv CampaignVoucher, claims []*claimant) (left int64, err error) {
	o.turns.Lock()
	defer o.turns.Unlock()
	err = s.db.Write(claims[0].ctx, func(ctx context.Context, tx *db.Tx) error {
		campaign, stock, err := lockStock(ctx, tx, cv.ID)
		if err != nil {
			return err
		}
		refused := closedNow(campaign, stock, tx.Now())
		grants, err := s.judge(ctx, tx, campaign, cv, refused, stock.Remaining, claims)
		left = stock.Remaining - int64(len(grants))
		if refused != nil {
			left = -1
		}
		if err != nil {
			return err
		}
		return s.watched(ctx, tx, grants, func() error { return issue(ctx, tx, cv.ID, "voucher.claim", grants) }, claims...)
	})
	return left, err
}

// judge answers every claim of a batch: with the voucher that the company has,
// with a new one as long as nothing is refused and there are any, else with what
// is against it. It reads for all of them together.
func (s *Service) judge(ctx context.Context, tx *db.Tx, campaign Campaign, cv CampaignVoucher, refused error, stock int64, claims []*claimant) (grants []grant, err error) {
	for _, c := range claims {
		c.result = result{} // the transaction may be run again
	}
	orgs := companiesIn(claims)
	had, err := findClaims(ctx, tx, cv, campaign, orgs)
	if err != nil {
		return nil, err
	}
	companies, err := s.companies.Companies(ctx, tx, orgs...)
	if err != nil {
		return nil, err
	}
	for _, c := range claims {
		company := companies[c.key.org]
		switch v, ok := had[c.key]; {
		case ok:
			c.voucher, c.replayed = v, true
			continue
		case refused != nil:
			c.err = refused
		default:
			c.err = campaign.Rules.refusal(company)
		}
		if c.err == nil && int64(len(grants)) == stock {
			c.err = ErrSoldOut
		}
		if c.err != nil {
			continue
		}
		c.voucher = newVoucher(cv, c.key.org, c.key.n, company, tx).worded(cv, campaign)
		had[c.key] = c.voucher
		grants = append(grants, grant{c.who, c.voucher})
	}
	return grants, nil
}

var lockedStock = db.NewText(`
	UPDATE campaign_vouchers SET remaining = remaining WHERE id = ?
	RETURNING id, campaign_id, remaining, claimable, opens_at, closes_at`)

// lockStock reads the row that every claim goes by and keeps it until the
// commit: a pause waits for the batch, and the next batch waits for the pause.
func lockStock(ctx context.Context, tx *db.Tx, campaignVoucherID id.ID) (c Campaign, stock CampaignVoucher, err error) {
	err = lockedStock.Scan(ctx, tx, &stock, campaignVoucherID)
	if err == nil {
		err = tx.Select(&c).Where("c.id = ?", stock.CampaignID).Scan(ctx)
	}
	return c, stock, err
}

// closedNow is why nobody can claim, or nil. An empty stock is told to each
// claim by itself, after the rules.
func closedNow(c Campaign, stock CampaignVoucher, now time.Time) error {
	if err := c.Claimable(Rush, now); err != nil {
		return err
	}
	at := clock.At(now)
	if stock.Remaining > 0 && (!stock.Claimable || at < stock.OpensAt || at >= stock.ClosesAt) {
		return ErrPaused // the switch is off, the status is about to follow
	}
	return nil
}

var grantedBefore = db.NewText(`
	SELECT id, campaign_id, campaign_voucher_id, org_id, seq, face_value_fen, available_fen, held_fen, redeemed_fen, returned_fen,
		status, valid_from, expires_at, issued_at
	FROM vouchers WHERE campaign_voucher_id = ? AND org_id IN ?`)

// findClaims reads what the companies of a batch have been granted before.
func findClaims(ctx context.Context, r db.Reader, cv CampaignVoucher, c Campaign, orgs []id.ID) (map[claimKey]Voucher, error) {
	var rows []Voucher
	if err := grantedBefore.Scan(ctx, r, &rows, cv.ID, orgs); err != nil {
		return nil, err
	}
	had := make(map[claimKey]Voucher, len(rows)+len(orgs))
	for _, v := range rows {
		had[claimKey{v.OrgID, v.Seq}] = v.worded(cv, c)
	}
	return had, nil
}

// worded adds the frozen words of the campaign voucher and the campaign's name.
func (v Voucher) worded(cv CampaignVoucher, c Campaign) Voucher {
	v.Name, v.Description, v.Terms, v.CampaignName = cv.Name, cv.Description, cv.Terms, c.Name
	return v
}

// issue hands new vouchers out and takes them from the stock.
func issue(ctx context.Context, tx *db.Tx, campaignVoucherID id.ID, action string, grants []grant) error {
	if len(grants) == 0 {
		return nil
	}
	err := tx.ExecLater(ctx, errs.ErrStale, `UPDATE campaign_vouchers SET remaining = remaining - ? WHERE id = ? AND remaining >= ?`,
		len(grants), campaignVoucherID, len(grants))
	if err != nil {
		return err
	}
	return handOut(ctx, tx, action, grants)
}

// handOut writes new vouchers with everything they leave behind.
func handOut(ctx context.Context, tx *db.Tx, action string, grants []grant) error {
	vouchers := make([]Voucher, 0, len(grants))
	for _, g := range grants {
		vouchers = append(vouchers, g.voucher)
	}
	if err := tx.InsertAll(ctx, vouchers); err != nil {
		return err
	}
	return grantedAll(ctx, tx, action, grants)
}
