package app

import (
	"context"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/survey"
)

// counter counts what a company has open.
type counter func(ctx context.Context, r db.Reader, orgID id.ID) (int64, error)

// closing asks every module what stands in the way of closing an account, and
// tells them when it is closed.
func closing(open map[string]counter, pending func(context.Context, db.Reader, id.ID, id.ID) (int64, error),
	closeOrg func(context.Context, *db.Tx, account.Principal) error, surveys *survey.Service) account.Closing {
	return account.Closing{
		Obstacles: func(ctx context.Context, r db.Reader, u account.User, company bool) ([]account.Obstacle, error) {
			var all []account.Obstacle
			add := func(code string, n int64, err error) error {
				if err == nil && n > 0 {
					all = append(all, account.Obstacle{Code: code, N: n})
				}
				return err
			}
			org := u.OrgID
			if !company {
				org = 0
			}
			n, err := pending(ctx, r, u.ID, org)
			if err := add("account.close_reviews", n, err); err != nil || !company {
				return all, err
			}
			for _, code := range []string{"account.close_orders", "account.close_vouchers", "account.close_offerings"} {
				n, err := open[code](ctx, r, org)
				if err := add(code, n, err); err != nil {
					return nil, err
				}
			}
			return all, nil
		},
		Forget: func(ctx context.Context, tx *db.Tx, who account.Principal, company bool) error {
			if err := surveys.Forget(ctx, tx, who.UserID); err != nil || !company {
				return err
			}
			return closeOrg(ctx, tx, who)
		},
	}
}
