package voucher

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/fund"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/ledger"
	"smedx/internal/review"
)

// ErrFourEyes says that the creator of a campaign wanted to approve it.
var ErrFourEyes = errs.New(errs.Forbidden, "voucher.four_eyes")

var _ review.Subject = (*Service)(nil)

// Approved takes the campaign's worth out of its budget (V1) and schedules it.
// The department decides, and never the creator.
func (s *Service) Approved(ctx context.Context, tx *db.Tx, who account.Principal, k review.Case) error {
	if k.Variant == VariantChange {
		return s.applyChange(ctx, tx, who, k)
	}
	c, err := findCampaign(ctx, tx, k.SubjectID)
	if err != nil {
		return err
	}
	to, err := c.Status.Next(Approve)
	switch {
	case err != nil:
		return err
	case c.CreatedBy == who.UserID:
		return ErrFourEyes
	case c.ContentHash != k.ContentHash || c.hash() != k.ContentHash:
		return errs.ErrStale
	case c.ClosesAt <= clock.At(tx.Now()):
		return ErrEnded
	}
	c.Funded = c.Worth()
	if err := fund.Commit(ctx, tx, c.BudgetID, c.ID, ledger.Source{Kind: "campaign", ID: c.ID}, c.Funded); err != nil {
		return err
	}
	if c.Draw {
		c.DrawSeed = newSeed()
		c.DrawCommitment = Commitment(c.DrawSeed)
	}
	version := c.Version
	c.Status, c.ApprovedBy, c.ApprovedName, c.ApprovedAt, c.UpdatedAt = to, who.UserID, who.Username, clock.At(tx.Now()), clock.At(tx.Now())
	if err := s.store(ctx, tx, &c, version, Pending); err != nil {
		return err
	}
	if err := s.claimable(ctx, tx, c.ID, true); err != nil {
		return err
	}
	return trailCampaign(ctx, tx, who, c, "approve", map[string]any{"fundedFen": c.Funded, "hash": c.ContentHash, "drawCommitment": c.DrawCommitment})
}

// Rejected gives the campaign back to its creator as a draft.
func (s *Service) Rejected(ctx context.Context, tx *db.Tx, who account.Principal, k review.Case, v review.Verdict) error {
	return s.giveBack(ctx, tx, who, k, "reject", v.Comment)
}

// Returned gives the campaign back for correction.
func (s *Service) Returned(ctx context.Context, tx *db.Tx, who account.Principal, k review.Case, v review.Verdict) error {
	return s.giveBack(ctx, tx, who, k, "return", v.Comment)
}

// Withdrawn makes the campaign a draft again.
func (s *Service) Withdrawn(ctx context.Context, tx *db.Tx, who account.Principal, k review.Case) error {
	return s.giveBack(ctx, tx, who, k, "withdraw", "")
}

func (s *Service) giveBack(ctx context.Context, tx *db.Tx, who account.Principal, k review.Case, verb, reason string) error {
	if k.Variant == VariantChange {
		event := RejectChange // a change that is returned is asked for again
		if k.Status == review.Withdrawn {
			event = WithdrawChange
		}
		return s.dropChange(ctx, tx, who, k, event, reason)
	}
	return s.step(ctx, tx, who, k.SubjectID, 0, Return, verb, func(c *Campaign) error {
		c.Reason, c.CaseID = reason, 0
		return nil
	})
}

// step moves a campaign by one event: the only place, besides submission,
// approval and approved changes, where its status changes. A version of 0 is not compared.
func (s *Service) step(ctx context.Context, tx *db.Tx, who account.Principal, campaignID id.ID, version int64, event CampaignEvent, verb string, change func(*Campaign) error) error {
	c, err := findCampaign(ctx, tx, campaignID)
	if err != nil {
		return err
	}
	from := c.Status
	to, err := from.Next(event)
	switch {
	case err != nil:
		return err
	case version != 0 && c.Version != version:
		return errs.ErrStale
	}
	c.Status, c.UpdatedAt = to, clock.At(tx.Now())
	if change != nil {
		if err := change(&c); err != nil {
			return err
		}
	}
	if err := s.store(ctx, tx, &c, c.Version, from); err != nil {
		return err
	}
	if event == End || event == Cancel {
		if err := s.lapseChange(ctx, tx, c.ID); err != nil {
			return err
		}
	}
	return trailCampaign(ctx, tx, who, c, verb, map[string]any{"from": from, "reason": c.Reason})
}

// claimable throws the switch on the stock rows, which claims guard on: when it
// is off and committed, no later claim commits.
func (s *Service) claimable(ctx context.Context, tx *db.Tx, campaignID id.ID, on bool) error {
	_, err := tx.Exec(ctx, `UPDATE campaign_vouchers SET claimable = ? WHERE campaign_id = ?`, on, campaignID)
	return err
}

// PauseCampaign stops claims at once; the reason is shown to companies.
func (s *Service) PauseCampaign(ctx context.Context, who account.Principal, campaignID id.ID, version int64, reason string) (Campaign, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return Campaign{}, ErrReasonMissing
	}
	return s.operate(ctx, campaignID, func(ctx context.Context, tx *db.Tx) error {
		err := s.step(ctx, tx, who, campaignID, version, Pause, "pause", func(c *Campaign) error {
			c.Reason = reason
			return nil
		})
		if err != nil {
			return err
		}
		return s.claimable(ctx, tx, campaignID, false)
	})
}

// ResumeCampaign lets claims through again.
func (s *Service) ResumeCampaign(ctx context.Context, who account.Principal, campaignID id.ID, version int64) (Campaign, error) {
	return s.operate(ctx, campaignID, func(ctx context.Context, tx *db.Tx) error {
		err := s.step(ctx, tx, who, campaignID, version, Resume, "resume", func(c *Campaign) error {
			c.Reason = ""
			return nil
		})
		if err != nil {
			return err
		}
		return s.claimable(ctx, tx, campaignID, true)
	})
}

// CancelCampaign ends a draft, or a scheduled campaign before its first voucher;
// its money goes back to the budget.
func (s *Service) CancelCampaign(ctx context.Context, who account.Principal, campaignID id.ID, version int64, reason string) (Campaign, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return Campaign{}, ErrReasonMissing
	}
	return s.operate(ctx, campaignID, func(ctx context.Context, tx *db.Tx) error {
		err := s.step(ctx, tx, who, campaignID, version, Cancel, "cancel", func(c *Campaign) error {
			c.Reason = reason
			if c.Funded == 0 {
				return nil
			}
			c.Released = c.Funded
			_, err := ledger.Post(ctx, tx, ledger.Vouchers, ledger.Unfund, ledger.Source{Kind: "campaign", ID: c.ID},
				ledger.Move{From: ledger.Budget(c.ID), To: ledger.Treasury, Amount: c.Funded})
			if err != nil {
				return err
			}
			return fund.GiveBack(ctx, tx, c.BudgetID, c.Funded)
		})
		if err != nil {
			return err
		}
		return s.claimable(ctx, tx, campaignID, false)
	})
}

// operate runs one act on a campaign and reads it again.
func (s *Service) operate(ctx context.Context, campaignID id.ID, act db.Func) (Campaign, error) {
	if err := s.db.Write(ctx, act); err != nil {
		return Campaign{}, err
	}
	return findCampaign(ctx, s.db, campaignID)
}

// start opens a campaign whose time has come; nothing happens when somebody was faster.
func (s *Service) start(ctx context.Context, campaignID id.ID) error {
	return s.passive(ctx, campaignID, Scheduled, Start, "start", func(c Campaign, now clock.Instant) bool {
		return c.OpensAt <= now
	})
}

// sellOut marks a campaign of which nothing is left.
func (s *Service) sellOut(ctx context.Context, campaignID id.ID) error {
	return s.passive(ctx, campaignID, Open, SellOut, "sell_out", func(c Campaign, _ clock.Instant) bool {
		for _, v := range c.Vouchers {
			if v.Remaining > 0 {
				return false
			}
		}
		return true
	})
}

// passive moves a campaign that stands in a state and is due, as the platform itself.
func (s *Service) passive(ctx context.Context, campaignID id.ID, in CampaignStatus, event CampaignEvent, verb string, due func(Campaign, clock.Instant) bool) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := findCampaign(ctx, tx, campaignID)
		if err != nil || c.Status != in || !due(c, clock.At(tx.Now())) {
			return err
		}
		return s.step(ctx, tx, account.System, campaignID, c.Version, event, verb, nil)
	})
	if errors.Is(err, errs.ErrStale) {
		return nil // somebody moved it meanwhile
	}
	return err
}

// OpenAndCloseDue is a sweep: it opens, marks, ends and closes campaigns as time
// passes. Claims do not wait for it.
func (s *Service) OpenAndCloseDue(ctx context.Context) error {
	now := clock.At(s.db.Now())
	var due []Campaign
	err := s.db.Select(&due).Where(`
		(c.status = ? AND c.opens_at <= ?) OR (c.status IN (?, ?, ?) AND c.closes_at <= ?) OR c.status = ?
		OR (c.status = ? AND NOT EXISTS (SELECT 1 FROM campaign_vouchers AS cv WHERE cv.campaign_id = c.id AND cv.remaining > 0))`,
		Scheduled, now, Open, SoldOut, Paused, now, Ended, Open).Order("c.id").Scan(ctx)
	if err != nil {
		return err
	}
	var all error
	for _, c := range due {
		if err := s.catchUp(ctx, c); err != nil {
			all = errors.Join(all, fmt.Errorf("campaign %v: %w", c.ID, err))
		}
	}
	return errors.Join(all, s.tellChanges(ctx))
}

func (s *Service) catchUp(ctx context.Context, c Campaign) error {
	over := func(c Campaign, now clock.Instant) bool { return c.ClosesAt <= now }
	switch c.Status {
	case Scheduled:
		return s.start(ctx, c.ID) // if it is over as well, the next sweep ends it
	case Open:
		if over(c, clock.At(s.db.Now())) {
			return s.passive(ctx, c.ID, Open, End, "end", over)
		}
		return s.sellOut(ctx, c.ID)
	case SoldOut, Paused:
		return s.passive(ctx, c.ID, c.Status, End, "end", over)
	case Ended:
		if c.Draw && c.DrawnAt.IsZero() {
			return s.draw(ctx, c.ID)
		}
		return s.settle(ctx, c.ID)
	case Draft, Pending, Closed, Canceled:
	}
	return nil
}

// settle closes an ended campaign once nothing of it moves any more: no application
// that may still be granted, no living voucher, no open hold, no paid order that is
// not accepted. What is left of its budget goes to its returned account, and the
// fund's budget is free of it.
func (s *Service) settle(ctx context.Context, campaignID id.ID) error {
	more := false
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		more = false
		c, err := findCampaign(ctx, tx, campaignID)
		if err != nil || c.Status != Ended {
			return err
		}
		moving, err := stillMoving(ctx, tx, c.ID)
		if err != nil || moving {
			return err
		}
		waiting, err := stillWaiting(ctx, tx, c)
		if err != nil || waiting {
			return err
		}
		if more, err = s.lapse(ctx, tx, c.ID); err != nil || more {
			return err
		}
		return s.step(ctx, tx, account.System, c.ID, c.Version, Close, "close", func(c *Campaign) error {
			return closeBudget(ctx, tx, c)
		})
	})
	switch {
	case errors.Is(err, errs.ErrStale):
		return nil
	case err == nil && more:
		return s.settle(ctx, campaignID)
	}
	return err
}

// stillWaiting answers whether an application waits that can still be granted: there
// is stock for it, and its voucher would not be over at once.
func stillWaiting(ctx context.Context, tx *db.Tx, c Campaign) (waiting bool, err error) {
	var left []id.ID
	for _, cv := range c.Vouchers {
		if _, until := cv.Terms.Validity.Of(tx.Now()); cv.Remaining > 0 && until > clock.At(tx.Now()) {
			left = append(left, cv.ID)
		}
	}
	if len(left) == 0 {
		return false, nil
	}
	err = tx.Raw(`SELECT EXISTS (SELECT 1 FROM voucher_applications WHERE campaign_voucher_id IN (?) AND status = ?)`, in(left), Applied).Scan(ctx, &waiting)
	return waiting, err
}

func stillMoving(ctx context.Context, r db.Reader, campaignID id.ID) (moving bool, err error) {
	err = r.Raw(`
		SELECT EXISTS (SELECT 1 FROM vouchers WHERE campaign_id = ? AND status IN (?, ?))
		    OR EXISTS (SELECT 1 FROM voucher_holds h JOIN vouchers v ON v.id = h.voucher_id
		               WHERE v.campaign_id = ? AND (h.status = ? OR h.status = ? AND h.restored_fen < h.amount_fen
		                 AND (SELECT COALESCE(SUM(p.amount_fen), 0) FROM postings p WHERE p.account = 'escrow_v:' || CAST(h.order_id AS TEXT)) > 0))`,
		campaignID, Active, Frozen, campaignID, HoldOpen, HoldRedeemed).Scan(ctx, &moving)
	return moving, err
}

// lapse ends applications that nobody decided and tells their companies; more says
// that others may be left for the next transaction.
func (s *Service) lapse(ctx context.Context, tx *db.Tx, campaignID id.ID) (more bool, err error) {
	var open []Application
	if err := tx.Select(&open).Where("a.campaign_id = ? AND a.status = ?", campaignID, Applied).Order("a.id").Limit(tellAtOnce).Scan(ctx); err != nil {
		return false, err
	}
	for _, a := range open {
		a.DecidedAt = clock.At(tx.Now())
		if err := moveApplication(ctx, tx, account.System, &a, ApplicationFlow[Applied][LapseIt]); err != nil {
			return false, err
		}
		if err := s.tellDecided(ctx, tx, a); err != nil {
			return false, err
		}
	}
	return len(open) == tellAtOnce, nil
}

func closeBudget(ctx context.Context, tx *db.Tx, c *Campaign) error {
	left, err := ledger.Balance(ctx, tx, ledger.Budget(c.ID))
	if err != nil {
		return err
	}
	if left > 0 {
		_, err := ledger.Post(ctx, tx, ledger.Vouchers, ledger.CloseBudget, ledger.Source{Kind: "campaign", ID: c.ID},
			ledger.Move{From: ledger.Budget(c.ID), To: ledger.Returned(c.ID), Amount: left})
		if err != nil {
			return err
		}
	}
	if c.Released, err = ledger.Balance(ctx, tx, ledger.Returned(c.ID)); err != nil {
		return err
	}
	return fund.GiveBack(ctx, tx, c.BudgetID, c.Released)
}

// ExpireDue is a sweep: vouchers whose time is over give what is available back
// to their campaign (V10). Open holds live on until their order ends.
func (s *Service) ExpireDue(ctx context.Context) error {
	const batch = 200
	for {
		var due []id.ID
		err := s.db.Raw(`SELECT id FROM vouchers WHERE campaign_id IN (SELECT id FROM campaigns) AND status IN (?, ?) AND expires_at <= ? ORDER BY id LIMIT ?`,
			Active, Frozen, clock.At(s.db.Now()), batch).Scan(ctx, &due)
		if err != nil || len(due) == 0 {
			return err
		}
		err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			for _, voucherID := range due {
				if err := s.finish(ctx, tx, account.System, voucherID, EventExpire, ""); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(due) < batch {
			return err
		}
	}
}

// finish takes what is available from a voucher for good: it is over or revoked.
// A voucher that is not due any more is left alone.
func (s *Service) finish(ctx context.Context, tx *db.Tx, who account.Principal, voucherID id.ID, event Event, reason string) error {
	v, err := findVoucher(ctx, tx, voucherID)
	if err != nil {
		return err
	}
	to, ok := Flow[v.Status][event]
	if !ok || event == EventExpire && v.ExpiresAt > clock.At(tx.Now()) {
		return nil
	}
	var taken []money.Fen
	err = tx.Raw(`
		UPDATE vouchers SET status = ?, returned_fen = returned_fen + available_fen, available_fen = 0
		WHERE id = ? AND status = ? AND available_fen = ?
		RETURNING returned_fen`, to, v.ID, v.Status, v.Available).Scan(ctx, &taken)
	switch {
	case err != nil && !db.IsNotFound(err):
		return err
	case len(taken) == 0:
		return nil // it moved meanwhile: the next sweep
	}
	kind := ledger.Expire
	if event == EventRevoke {
		kind = ledger.Revoke
	}
	if v.Available > 0 {
		_, err := ledger.Post(ctx, tx, ledger.Vouchers, kind, ledger.Source{Kind: "voucher", ID: v.ID},
			ledger.Move{From: ledger.Available(v.ID), To: ledger.Returned(v.CampaignID), Amount: v.Available})
		if err != nil {
			return err
		}
	}
	err = audit.Write(ctx, tx, who.Actor(), audit.Entry{
		Action: "voucher." + string(event), ObjectKind: "voucher", ObjectID: v.ID, SubjectOrg: v.OrgID,
		Detail: map[string]any{"returnedFen": v.Available, "reason": reason},
	})
	if err != nil || event != EventExpire || v.Held == 0 {
		return err
	}
	return s.tellExpired(ctx, tx, v)
}
