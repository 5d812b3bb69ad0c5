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
		own, ok, err := findOwn(ctx, s.db, campaignVoucherID, who.OrgID, n)
		switch {
		case err != nil:
			return Voucher{}, false, err
		case ok:
			o.remember(key, own)
			return own, true, nil
		case refused != nil:
			return Voucher{}, false, refused
		}
		o.hasNone(key)
		return Voucher{}, false, ErrSoldOut
	}

	left := int64(-1)
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		left, replayed = -1, false
		company, err := s.companies.Company(ctx, tx, who.OrgID)
		if err != nil {
			return err
		}
		if err := c.Rules.refusal(company); err != nil {
			return err
		}
		v = newVoucher(cv, who.OrgID, n, company, tx)
		fresh, err := tx.InsertNew(ctx, &v)
		if err != nil {
			return err
		}
		if !fresh { // a second click: same answer as the first
			v, replayed, err = findOwn(ctx, tx, cv.ID, who.OrgID, n)
			return err
		}
		if left, err = takeInWindow(ctx, tx, cv.ID); err != nil {
			return err
		}
		return granted(ctx, tx, who, v, "voucher.claim")
	})
	if errors.Is(err, ErrSoldOut) {
		o.soldOut()
		o.hasNone(key)
	}
	if err != nil {
		return Voucher{}, false, err
	}
	v.Name, v.Description, v.Terms, v.CampaignName = cv.Name, cv.Description, cv.Terms, c.Name
	o.remember(key, v)
	if left == 0 {
		o.soldOut()
		s.noteSoldOut(ctx, c.ID)
	}
	return v, replayed, nil
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

// granted writes what every new voucher leaves behind: V2 and the trail.
func granted(ctx context.Context, tx *db.Tx, who account.Principal, v Voucher, action string) error {
	_, err := ledger.Post(ctx, tx, ledger.Vouchers, ledger.Grant, ledger.Source{Kind: "voucher", ID: v.ID},
		ledger.Move{From: ledger.Budget(v.CampaignID), To: ledger.Available(v.ID), Amount: v.FaceValue})
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{
		Action: action, ObjectKind: "voucher", ObjectID: v.ID, SubjectOrg: v.OrgID,
		Detail: map[string]any{"campaign": v.CampaignID, "campaignVoucher": v.CampaignVoucherID, "faceValueFen": v.FaceValue},
	})
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
		err = ErrSoldOut
	}
	return left, err
}
