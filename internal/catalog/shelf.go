package catalog

import (
	"context"
	"time"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
)

// approvalLasts is how long an approval lets a delisted offering come back
// unchanged; after that it is reviewed again.
const approvalLasts = 365 * 24 * time.Hour

// Delist takes an offering off sale: the provider's own, or any by an operator,
// who must say why. Orders that run are not touched.
func (s *Service) Delist(ctx context.Context, who account.Principal, offeringID id.ID, reason string) (Offering, error) {
	var o Offering
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if o, err = findOffering(ctx, tx, offeringID); err != nil {
			return err
		}
		if who.Role != account.RoleOperator && o.OrgID != who.OrgID {
			return errs.ErrNotFound
		}
		if who.Role == account.RoleOperator && reason == "" {
			var f errs.Fields
			f.Add("/reason", "field.required")
			return f.Err()
		}
		if o.Status, err = o.Status.Next(Delist); err != nil {
			return err
		}
		o.DelistedAt, o.DelistedBy, o.DelistReason = clock.At(tx.Now()), string(who.Role), reason
		if err := updateOffering(ctx, tx, &o); err != nil {
			return err
		}
		if err := s.changed(ctx, tx, o.ID); err != nil {
			return err
		}
		if o.OrgID != who.OrgID {
			users, err := s.people.UsersOf(ctx, tx, o.OrgID)
			if err != nil {
				return err
			}
			if err := s.tell.Tell(ctx, tx, delistedNotice(o, users)); err != nil {
				return err
			}
		}
		return trail(ctx, tx, who, o, "catalog.delist", map[string]any{"reason": reason})
	})
	return o, err
}

// Relist puts an offering back on sale. Unchanged and approved within a year it
// is there at once; otherwise its content goes to review again. What an operator
// took off comes back through review only.
func (s *Service) Relist(ctx context.Context, who account.Principal, offeringID id.ID) (Offering, error) {
	var o Offering
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if o, err = own(ctx, tx, who, offeringID); err != nil {
			return err
		}
		to, err := o.Status.Next(Relist)
		if err != nil {
			return err
		}
		if err := s.requireVerified(ctx, tx, o.OrgID); err != nil {
			return err
		}
		live, _, err := s.revision(ctx, tx, o.LiveRevision)
		if err != nil {
			return err
		}
		if o.DelistedBy == string(account.RoleOperator) || live.ApprovedAt.Add(approvalLasts) <= clock.At(tx.Now()) {
			if o.Work != "" {
				return ErrRelistByStaff
			}
			if err := s.revise(ctx, tx, who, &o); err != nil {
				return err
			}
			return s.submit(ctx, tx, who, &o, 1)
		}
		o.Status, o.DelistedAt, o.DelistedBy, o.DelistReason = to, 0, "", ""
		if err := updateOffering(ctx, tx, &o); err != nil {
			return err
		}
		if err := s.changed(ctx, tx, o.ID); err != nil {
			return err
		}
		users, err := s.people.UsersOf(ctx, tx, o.OrgID)
		if err != nil {
			return err
		}
		if err := s.tell.Tell(ctx, tx, relistedNotice(o, users)); err != nil {
			return err
		}
		return trail(ctx, tx, who, o, "catalog.relist", nil)
	})
	return o, err
}

// delistedNotice is the message to a provider whose offering an operator took off sale.
func delistedNotice(o Offering, users []id.ID) notify.Message {
	return notify.Message{
		Event: "offering_delisted", UserIDs: users, Title: "商品已下架：" + o.Name,
		Body: "平台已将该商品下架。原因：" + o.DelistReason + "。修改后可重新提交上架申请。",
		Link: "/workbench/offerings",
	}
}

// relistedNotice tells a provider's people that an offering is back on sale.
func relistedNotice(o Offering, users []id.ID) notify.Message {
	return notify.Message{
		Event: "offering_relisted", UserIDs: users, Title: "商品已恢复上架：" + o.Name,
		Body: "商品内容与审批通过的版本一致，已恢复销售，无需重新审批。", Link: "/workbench/offerings",
	}
}
