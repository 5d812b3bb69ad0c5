package voucher

import (
	"context"
	"slices"
	"strings"

	"smedx/internal/account"
	"smedx/internal/fund"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/ledger"
	"smedx/internal/notify"
	"smedx/internal/review"
)

// The variants of a campaign's case: the same desk decides on a new campaign and
// on a change of one, each with a check-list of its own.
const (
	VariantNew    = "new"
	VariantChange = "change"
)

// RequestChange hands a change of an approved campaign to the department.
func (s *Service) RequestChange(ctx context.Context, who account.Principal, campaignID id.ID, in ChangeDraft) (Change, error) {
	in.Reason = strings.TrimSpace(in.Reason)
	var ch Change
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := clock.At(tx.Now())
		c, err := findCampaign(ctx, tx, campaignID)
		if err != nil {
			return err
		}
		if err := c.changeable(now); err != nil {
			return err
		}
		if waits, err := pendingChange(ctx, tx, c.ID); err != nil || waits.ID != 0 {
			return orErr(err, ErrChangeOpen)
		}
		budget, err := fund.Find(ctx, tx, c.BudgetID)
		if err != nil {
			return err
		}
		after, err := c.changed(in, budget.Available())
		if err != nil {
			return err
		}
		ch = Change{
			ID: id.New(), CampaignID: c.ID, Before: c.terms(), After: after, Extra: c.with(after).Worth() - c.Worth(), Reason: in.Reason,
			Status: ChangePending, CreatedBy: who.UserID, CreatedName: who.Username, CreatedAt: now,
		}
		ch.ContentHash = ch.hash()
		opened, err := s.reviews.Open(ctx, tx, who, review.Submission{
			Kind: review.KindCampaign, Variant: VariantChange, SubjectID: c.ID, Title: "活动变更：" + c.Name, ContentHash: ch.ContentHash,
		})
		if err != nil {
			return err
		}
		ch.CaseID = opened.ID
		fresh, err := tx.InsertNew(ctx, &ch)
		if err != nil || !fresh {
			return orErr(err, ErrChangeOpen)
		}
		return trailCampaign(ctx, tx, who, c, "change_request", ch.trail())
	})
	return ch, err
}

func orErr(err, otherwise error) error {
	if err == nil {
		err = otherwise
	}
	return err
}

// changeable refuses a campaign that is not approved yet, or over.
func (c Campaign) changeable(now clock.Instant) error {
	switch at := c.Now(now); {
	case at == Ended:
		return ErrEnded
	case !slices.Contains(Changeable, at):
		return errs.ErrInvalidState.In(string(at))
	}
	return nil
}

func (ch Change) trail() map[string]any {
	return map[string]any{"change": ch.ID, "fundedFen": ch.Extra, "hash": ch.ContentHash, "reason": ch.Reason}
}

// applyChange does what was approved, all of it in the transaction of the
// decision: the money out of the budget (V1 of the change), more stock, a later
// end; what was sold out is open again.
func (s *Service) applyChange(ctx context.Context, tx *db.Tx, who account.Principal, k review.Case) error {
	ch, err := changeOf(ctx, tx, k.ID)
	if err != nil {
		return err
	}
	c, err := findCampaign(ctx, tx, ch.CampaignID)
	if err != nil {
		return err
	}
	now := clock.At(tx.Now())
	switch _, err := ch.Status.Next(ApplyChange); {
	case err != nil:
		return err
	case ch.CreatedBy == who.UserID || c.CreatedBy == who.UserID:
		return ErrFourEyes
	case ch.hash() != k.ContentHash || jsonText(ch.Before) != jsonText(c.terms()):
		return errs.ErrStale
	}
	if err := c.changeable(now); err != nil {
		return err
	}
	if ch.Extra > 0 {
		if err := fund.Commit(ctx, tx, c.BudgetID, c.ID, ledger.Source{Kind: "campaign_change", ID: ch.ID}, ch.Extra); err != nil {
			return err
		}
	}
	from, before := c.Status, c
	c = c.with(ch.After)
	if from == SoldOut && ch.Extra > 0 {
		if c.Status, err = from.Next(QuotaRaise); err != nil {
			return err
		}
	}
	c.Funded, c.UpdatedAt, c.ContentHash = c.Funded+ch.Extra, now, c.hash()
	if err := s.store(ctx, tx, &c, c.Version, from); err != nil {
		return err
	}
	for i, v := range c.Vouchers {
		old := before.Vouchers[i].Quota
		ok, err := tx.ExecOne(ctx, `
			UPDATE campaign_vouchers SET quota = ?, remaining = remaining + ?, closes_at = ? WHERE id = ? AND quota = ?`,
			v.Quota, v.Quota-old, v.ClosesAt, v.ID, old)
		if err != nil || !ok {
			return orStale(err)
		}
	}
	if err := s.moveChange(ctx, tx, who, &ch, ApplyChange, ""); err != nil {
		return err
	}
	return trailCampaign(ctx, tx, who, c, "change_apply", ch.trail())
}

// dropChange ends a change that is not applied. One that is over is left alone.
func (s *Service) dropChange(ctx context.Context, tx *db.Tx, who account.Principal, k review.Case, event ChangeEvent, comment string) error {
	ch, err := changeOf(ctx, tx, k.ID)
	if err != nil || ch.Status != ChangePending {
		return err
	}
	if err := s.moveChange(ctx, tx, who, &ch, event, comment); err != nil {
		return err
	}
	c, err := findCampaign(ctx, tx, ch.CampaignID)
	if err != nil {
		return err
	}
	return trailCampaign(ctx, tx, who, c, "change_"+string(event), ch.trail())
}

// lapseChange voids the change that waits when its campaign is over, and takes
// its case from the desk.
func (s *Service) lapseChange(ctx context.Context, tx *db.Tx, campaignID id.ID) error {
	ch, err := pendingChange(ctx, tx, campaignID)
	if err != nil || ch.ID == 0 {
		return err
	}
	k := review.Case{ID: ch.CaseID}
	if err := s.dropChange(ctx, tx, account.System, k, LapseChange, "活动已结束，变更未能生效。"); err != nil {
		return err
	}
	return s.reviews.Drop(ctx, tx, review.KindCampaign, campaignID)
}

// moveChange is the only place where a change's state is written.
func (s *Service) moveChange(ctx context.Context, tx *db.Tx, who account.Principal, ch *Change, event ChangeEvent, comment string) error {
	from := ch.Status
	to, err := from.Next(event)
	if err != nil {
		return err
	}
	ch.Status, ch.DecidedBy, ch.DecidedName, ch.DecidedAt, ch.Comment = to, who.UserID, who.Username, clock.At(tx.Now()), comment
	ok, err := tx.ExecOne(ctx, `
		UPDATE campaign_changes SET status = ?, decided_by = ?, decided_name = ?, decided_at = ?, comment = ? WHERE id = ? AND status = ?`,
		to, ch.DecidedBy, ch.DecidedName, ch.DecidedAt, comment, ch.ID, from)
	if err != nil || !ok {
		return orStale(err)
	}
	return nil
}

func changeOf(ctx context.Context, r db.Reader, caseID id.ID) (ch Change, err error) {
	err = r.Select(&ch).Where("ch.case_id = ?", caseID).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return ch, err
}

// pendingChange answers the zero Change when none waits.
func pendingChange(ctx context.Context, r db.Reader, campaignID id.ID) (ch Change, err error) {
	err = r.Select(&ch).Where("ch.campaign_id = ? AND ch.status = ?", campaignID, ChangePending).Scan(ctx)
	if db.IsNotFound(err) {
		err = nil
	}
	return ch, err
}

// Changes lists a campaign's changes, newest first; "" stands for every state.
// The applied ones are what its page announces.
func (s *Service) Changes(ctx context.Context, campaignID id.ID, status ChangeStatus) (list []Change, err error) {
	q := s.db.Select(&list).Where("ch.campaign_id = ?", campaignID)
	if status != "" {
		q = q.Where("ch.status = ?", status)
	}
	return list, q.Order("ch.id DESC").Scan(ctx)
}

// tellAtOnce is how many companies are told of a change in one transaction.
const tellAtOnce = 200

// tellChanges tells companies whose applications wait of changes that apply now.
func (s *Service) tellChanges(ctx context.Context) error {
	for {
		var due []Change
		err := s.db.Select(&due).Where("ch.status = ? AND ch.told_at = 0", ChangeApplied).Order("ch.id").Limit(1).Scan(ctx)
		if err != nil || len(due) == 0 {
			return err
		}
		if err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return s.tellChange(ctx, tx, due[0]) }); err != nil {
			return err
		}
	}
}

func (s *Service) tellChange(ctx context.Context, tx *db.Tx, ch Change) error {
	var waiting []id.ID
	err := tx.Raw(`SELECT DISTINCT org_id FROM voucher_applications WHERE campaign_id = ? AND status = ? AND org_id > ? ORDER BY org_id LIMIT ?`,
		ch.CampaignID, Applied, ch.ToldUntil, tellAtOnce).Scan(ctx, &waiting)
	if err != nil {
		return err
	}
	until, at := ch.ToldUntil, clock.Instant(0)
	if len(waiting) < tellAtOnce {
		at = clock.At(tx.Now())
	}
	if len(waiting) > 0 {
		until = waiting[len(waiting)-1]
	}
	mine, err := tx.ExecOne(ctx, `UPDATE campaign_changes SET told_until = ?, told_at = ? WHERE id = ? AND told_until = ? AND told_at = 0`,
		until, at, ch.ID, ch.ToldUntil)
	if err != nil || !mine || len(waiting) == 0 {
		return err
	}
	c, err := findCampaign(ctx, tx, ch.CampaignID)
	if err != nil {
		return err
	}
	for _, orgID := range waiting {
		err := s.tell(ctx, tx, orgID, notify.Message{
			Event: "campaign_changed", Title: "服务券活动有变更：" + c.Name,
			Body: ch.Words() + "。原因：" + ch.Reason, Link: "/workbench/campaigns/" + c.ID.String(),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
