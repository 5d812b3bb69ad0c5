package voucher

import (
	"context"
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
	o.claiming = batch.New(batchLimit, lineLimit, func(claims []*claimant) { s.serve(o, claims) })
	o.asking = batch.New(batchLimit, lineLimit, func(claims []*claimant) { s.lookUp(o, claims) })
}

// lookUp answers companies that ask when nothing is given any more: with the
// voucher that they have, else that all are gone.
func (s *Service) lookUp(o *offer, claims []*claimant) {
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
		o.settled(claims, cv.Remaining)
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
	_, cv := o.offered()
	var left int64
	err := s.db.Write(claims[0].ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		left, err = s.claimBatch(ctx, tx, cv, claims)
		return err
	})
	if err != nil {
		for _, c := range claims {
			c.result = result{err: err}
		}
		return
	}
	o.settled(claims, left)
	if left == 0 && slices.ContainsFunc(claims, func(c *claimant) bool { return c.err == nil && !c.replayed }) {
		s.noteSoldOut(claims[0].ctx, cv.CampaignID)
	}
}

// claimBatch answers every claim of a batch and returns the stock left, or -1
// when the campaign does not give vouchers now. It reads and writes for all of
// them together: five statements, however many claims.
func (s *Service) claimBatch(ctx context.Context, tx *db.Tx, cv CampaignVoucher, claims []*claimant) (left int64, err error) {
	for _, c := range claims {
		c.result = result{} // the transaction may be run again
	}
	campaign, stock, err := lockStock(ctx, tx, cv.ID)
	if err != nil {
		return 0, err
	}
	orgs := companiesIn(claims)
	had, err := findClaims(ctx, tx, cv, campaign, orgs)
	if err != nil {
		return 0, err
	}
	companies, err := s.companies.Companies(ctx, tx, orgs...)
	if err != nil {
		return 0, err
	}
	closed := closedNow(campaign, stock, tx.Now())
	left = stock.Remaining
	var grants []grant
	for _, c := range claims {
		switch v, ok := had[c.key]; {
		case ok:
			c.voucher, c.replayed = v, true
		case closed != nil:
			c.err = closed
		default:
			if c.err = campaign.Rules.refusal(companies[c.key.org]); c.err != nil {
				continue
			}
			if left == 0 {
				c.err = ErrSoldOut
				continue
			}
			left--
			v := newVoucher(cv, c.key.org, c.key.n, companies[c.key.org], tx)
			v = v.worded(cv, campaign)
			had[c.key], c.voucher = v, v
			grants = append(grants, grant{c.who, v})
		}
	}
	if closed != nil {
		return -1, nil
	}
	if err := issue(ctx, tx, cv.ID, "voucher.claim", grants); err != nil {
		return left, err
	}
	return left, s.freezeSuspects(ctx, tx, grants, claims...)
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

// issue writes new vouchers with everything they leave behind, and takes them from the stock.
func issue(ctx context.Context, tx *db.Tx, campaignVoucherID id.ID, action string, grants []grant) error {
	if len(grants) == 0 {
		return nil
	}
	vouchers := make([]Voucher, 0, len(grants))
	for _, g := range grants {
		vouchers = append(vouchers, g.voucher)
	}
	if err := tx.InsertAll(ctx, vouchers); err != nil {
		return err
	}
	err := tx.ExecLater(ctx, errs.ErrStale, `UPDATE campaign_vouchers SET remaining = remaining - ? WHERE id = ? AND remaining >= ?`,
		len(grants), campaignVoucherID, len(grants))
	if err != nil {
		return err
	}
	return grantedAll(ctx, tx, action, grants)
}
