package voucher

import (
	"context"
	"errors"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/ledger"
)

// Claim gives the caller's company its n-th voucher of a rush campaign (n counts
// from 1; most campaigns allow one). Asking again for the same n gives the same
// voucher, and replayed is true.
func (s *Service) Claim(ctx context.Context, who account.Principal, campaignVoucherID id.ID, n int64) (v Voucher, replayed bool, err error) {
	if err := s.pace.refusal(who.OrgID, who.IP, s.db.Now()); err != nil {
		return Voucher{}, false, err
	}
	o, err := s.offer(ctx, campaignVoucherID)
	if err != nil {
		return Voucher{}, false, err
	}
	key := claimKey{who.OrgID, n}
	c, cv, known, claimed, without := o.look(key)
	switch refused := c.Claimable(Rush, s.db.Now()); {
	case n < 1 || n > c.PerOrg:
		return Voucher{}, false, ErrLimit.With("max", c.PerOrg)
	case claimed:
		return known, true, nil
	case errors.Is(refused, errs.ErrNotFound), errors.Is(refused, ErrWrongMode), errors.Is(refused, ErrNotOpen):
		return Voucher{}, false, refused // nobody can have one yet
	case refused == nil && cv.Remaining == 0 && without:
		return Voucher{}, false, ErrSoldOut
	case refused != nil || cv.Remaining == 0:
		asked := claimant{ctx: context.WithoutCancel(ctx), who: who, key: key}
		if !o.asking.Do(&asked) {
			return Voucher{}, false, errs.ErrUnavailable.After(1)
		}
		if errors.Is(asked.err, ErrSoldOut) && refused != nil {
			asked.err = refused
		}
		return asked.voucher, asked.replayed, asked.err
	}
	if err := s.askChallenge(ctx, c, who.OrgID); err != nil {
		return Voucher{}, false, err
	}
	mine := claimant{ctx: context.WithoutCancel(ctx), who: who, key: key}
	if !o.claiming.Do(&mine) {
		return Voucher{}, false, errs.ErrUnavailable.After(1)
	}
	return mine.voucher, mine.replayed, mine.err
}

func newVoucher(cv CampaignVoucher, orgID id.ID, n int64, company Company, tx *db.Tx) Voucher {
	from, until := cv.Terms.Validity.Of(tx.Now())
	company.Industries = list(company.Industries)
	return Voucher{
		ID: id.New(), CampaignID: cv.CampaignID, CampaignVoucherID: cv.ID, OrgID: orgID, Seq: n,
		FaceValue: cv.FaceValue, Available: cv.FaceValue, Status: Active,
		ValidFrom: from, ExpiresAt: until, IssuedAt: clock.At(tx.Now()), Company: company,
	}
}

// grant is a new voucher and whose act made it.
type grant struct {
	who     account.Principal
	voucher Voucher
}

func grantedAll(ctx context.Context, tx *db.Tx, action string, all []grant) error {
	events, acts := make([]ledger.Event, 0, len(all)), make([]audit.Act, 0, len(all))
	var detail map[string]any
	for i, g := range all {
		v := g.voucher
		if i == 0 || v.CampaignVoucherID != all[i-1].voucher.CampaignVoucherID {
			detail = map[string]any{"campaign": v.CampaignID, "campaignVoucher": v.CampaignVoucherID, "faceValueFen": v.FaceValue}
		}
		events = append(events, ledger.Event{
			Source: ledger.Source{Kind: "voucher", ID: v.ID},
			Moves:  []ledger.Move{{From: ledger.Budget(v.CampaignID), To: ledger.Available(v.ID), Amount: v.FaceValue}},
		})
		acts = append(acts, audit.Act{Actor: g.who.Actor(), Entry: audit.Entry{
			Action: action, ObjectKind: "voucher", ObjectID: v.ID, SubjectOrg: v.OrgID,
			Detail: detail,
		}})
	}
	if _, err := ledger.PostAll(ctx, tx, ledger.Vouchers, ledger.Grant, events...); err != nil {
		return err
	}
	return audit.WriteAll(ctx, tx, acts...)
}

// takeInWindow takes one from the stock of an open campaign and answers what is left.
func takeInWindow(ctx context.Context, tx *db.Tx, campaignVoucherID id.ID) (left int64, err error) {
	now := clock.At(tx.Now())
	err = tx.Raw(`
		UPDATE campaign_vouchers SET remaining = remaining - 1
		WHERE id = ? AND remaining > 0 AND claimable AND opens_at <= ? AND closes_at > ?
		RETURNING remaining`, campaignVoucherID, now, now).Scan(ctx, &left)
	if !db.IsNotFound(err) {
		return left, err
	}
	c, cv, err := readOffer(ctx, tx, campaignVoucherID)
	if err != nil {
		return 0, err
	}
	if err := c.Claimable(c.Mode, tx.Now()); err != nil {
		return 0, err
	}
	if cv.Remaining > 0 {
		return 0, ErrPaused // the switch is off, the status is about to follow
	}
	return 0, ErrSoldOut
}

// takeAfterReview takes one from the stock for an application that is granted
// later, perhaps after the campaign has ended.
func takeAfterReview(ctx context.Context, tx *db.Tx, campaignVoucherID id.ID) (left int64, err error) {
	err = tx.Raw(`UPDATE campaign_vouchers SET remaining = remaining - 1 WHERE id = ? AND remaining > 0 RETURNING remaining`,
		campaignVoucherID).Scan(ctx, &left)
	if db.IsNotFound(err) {
		err = ErrQuotaUsed
	}
	return left, err
}
