package rating

import (
	"context"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/catalog"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/notify"
	"smedx/internal/order"
)

// shelf is the part of catalog that ratings need.
type shelf interface {
	Headline(ctx context.Context, r db.Reader, offeringIDs ...id.ID) (map[id.ID]catalog.Headline, error)
	RecordScore(ctx context.Context, tx *db.Tx, offeringID id.ID, score int64) error
}

// Service is the use cases of ratings.
type Service struct {
	db     *db.DB
	orders *order.Service
	shelf  shelf
	tell   notify.ToCompany
}

// New makes the service; tell may be nil.
func New(d *db.DB, orders *order.Service, shelf shelf, tell notify.ToCompany) *Service {
	if tell == nil {
		tell = func(context.Context, *db.Tx, id.ID, notify.Message) error { return nil }
	}
	return &Service{d, orders, shelf, tell}
}

// Listed is an order line with its offering's present state and its rating, if any.
type Listed struct {
	order.Rateable

	Headline catalog.Headline
	Rating   *Rating
}

// List is Mine for a buyer and OfProvider for a provider.
func (s *Service) List(ctx context.Context, who account.Principal, p page.Query) ([]Listed, int64, error) {
	switch {
	case who.Role == account.RoleEnterprise && who.Has(account.RatingWrite):
		return s.Mine(ctx, who, p)
	case who.Role == account.RoleProvider && who.Has(account.RatingReply):
		return s.OfProvider(ctx, who, p)
	}
	return nil, 0, errs.ErrForbidden
}

// Mine lists what the caller's company may rate or has rated, newest order first.
func (s *Service) Mine(ctx context.Context, who account.Principal, p page.Query) ([]Listed, int64, error) {
	lines, total, err := s.orders.RateableLines(ctx, who.OrgID, p)
	if err != nil || len(lines) == 0 {
		return nil, total, err
	}
	ids := make([]id.ID, len(lines))
	offerings := make([]id.ID, len(lines))
	for i, l := range lines {
		ids[i], offerings[i] = l.ID, l.OfferingID
	}
	var ratings []Rating
	if err := s.db.Select(&ratings).Where("order_line_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, 0, err
	}
	heads, err := s.shelf.Headline(ctx, s.db, offerings...)
	if err != nil {
		return nil, 0, err
	}
	out := make([]Listed, len(lines))
	for i, l := range lines {
		out[i] = Listed{Rateable: l, Headline: heads[l.OfferingID]}
		for j := range ratings {
			if ratings[j].OrderLineID == l.ID {
				out[i].Rating = &ratings[j]
			}
		}
	}
	return out, total, nil
}

// OfProvider lists the opinions about the caller's offerings, newest first.
func (s *Service) OfProvider(ctx context.Context, who account.Principal, p page.Query) ([]Listed, int64, error) {
	var ratings []Rating
	q := s.db.Select(&ratings).Where("provider_org = ?", who.OrgID).OrderExpr("id DESC")
	total, err := page.Scan(ctx, q, p, &ratings)
	if err != nil || len(ratings) == 0 {
		return nil, total, err
	}
	ids := make([]id.ID, len(ratings))
	offerings := make([]id.ID, len(ratings))
	for i, r := range ratings {
		ids[i], offerings[i] = r.OrderLineID, r.OfferingID
	}
	lines, err := s.orders.LinesByID(ctx, s.db, ids...)
	if err != nil {
		return nil, 0, err
	}
	heads, err := s.shelf.Headline(ctx, s.db, offerings...)
	if err != nil {
		return nil, 0, err
	}
	out := make([]Listed, len(ratings))
	for i := range ratings {
		out[i] = Listed{Rateable: lines[ratings[i].OrderLineID], Headline: heads[ratings[i].OfferingID], Rating: &ratings[i]}
	}
	return out, total, nil
}

// Summary is how many opinions of each score an offering has: one star first.
type Summary [5]int64

// Summary counts the opinions about one offering.
func (s *Service) Summary(ctx context.Context, offeringID id.ID) (sum Summary, err error) {
	var rows []struct{ Score, N int64 }
	err = s.db.Raw(`SELECT score, count(*) AS n FROM ratings WHERE offering_id = ? GROUP BY score`, offeringID).Scan(ctx, &rows)
	for _, r := range rows {
		sum[r.Score-1] = r.N
	}
	return sum, err
}

// OfOffering lists the opinions about one offering for everybody, newest first;
// of one score only, unless it is 0.
func (s *Service) OfOffering(ctx context.Context, offeringID id.ID, score int64, p page.Query) (ratings []Rating, total int64, err error) {
	q := s.db.Select(&ratings).Where("offering_id = ?", offeringID).OrderExpr("id DESC")
	if score != 0 {
		q = q.Where("score = ?", score)
	}
	total, err = page.Scan(ctx, q, p, &ratings)
	return ratings, total, err
}

// Rate writes the opinion about an order line of the caller's company: once, and
// only when the order is completed. A delisted offering can still be rated.
func (s *Service) Rate(ctx context.Context, who account.Principal, lineID id.ID, score int64, comment string) (Rating, error) {
	comment, err := check(score, comment)
	if err != nil {
		return Rating{}, err
	}
	var r Rating
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		lines, err := s.orders.LinesByID(ctx, tx, lineID)
		if err != nil {
			return err
		}
		l, ok := lines[lineID]
		switch {
		case !ok || l.Order.BuyerOrg != who.OrgID:
			return errs.ErrNotFound
		case l.Order.Status != order.Completed:
			return errs.ErrInvalidState.In(string(l.Order.Status))
		}
		r = Rating{
			ID: id.New(), OrderLineID: l.ID, OrderID: l.OrderID, OfferingID: l.OfferingID, BuyerOrg: who.OrgID, ProviderOrg: l.Order.ProviderOrg,
			UserID: who.UserID, Login: who.Username, Score: score, Comment: comment, RatedAt: clock.At(tx.Now()),
		}
		fresh, err := tx.InsertNew(ctx, &r)
		if err != nil {
			return err
		}
		if !fresh {
			return ErrRated
		}
		if err := s.shelf.RecordScore(ctx, tx, r.OfferingID, score); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, r.ProviderOrg, notify.Message{
			Event: "rating_received", Title: "收到新的评价：" + l.Name, Body: l.Order.BuyerName + " 评价了您的商品。", Link: "/workbench/ratings",
		}); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "rating.write", ObjectKind: "rating", ObjectID: r.ID, SubjectOrg: r.ProviderOrg,
			Detail: map[string]any{"orderLine": r.OrderLineID, "score": score},
		})
	})
	return r, err
}

// Reply is the provider's answer to an opinion, once.
func (s *Service) Reply(ctx context.Context, who account.Principal, ratingID id.ID, reply string) (Rating, error) {
	reply, err := checkReply(reply)
	if err != nil {
		return Rating{}, err
	}
	var r Rating
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		err := tx.Select(&r).Where("id = ? AND provider_org = ?", ratingID, who.OrgID).Scan(ctx)
		if db.IsNotFound(err) {
			return errs.ErrNotFound
		}
		if err != nil {
			return err
		}
		r.Reply, r.RepliedBy, r.RepliedAt = reply, who.UserID, clock.At(tx.Now())
		ok, err := tx.ExecOne(ctx, `UPDATE ratings SET reply = ?, replied_by = ?, replied_at = ? WHERE id = ? AND replied_at = 0`,
			r.Reply, r.RepliedBy, r.RepliedAt, r.ID)
		if err != nil {
			return err
		}
		if !ok {
			return ErrReplied
		}
		if err := s.tell(ctx, tx, r.BuyerOrg, notify.Message{Event: "rating_answered", Title: "服务商回复了您的评价", Body: reply, Link: "/workbench/ratings"}); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{Action: "rating.reply", ObjectKind: "rating", ObjectID: r.ID, SubjectOrg: r.BuyerOrg})
	})
	return r, err
}
