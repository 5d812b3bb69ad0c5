package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"smedx/internal/account"
	"smedx/internal/app"
	"smedx/internal/fund"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/org"
	"smedx/internal/review"
	"smedx/internal/voucher"
)

// stage is an open campaign and companies that are verified and signed in.
type stage struct {
	campaign id.ID
	offer    id.ID // the campaign voucher
	tokens   []string
}

// face is the value of the voucher, 1,000 元.
const face money.Fen = 100_000

// companiesAtOnce is how many companies are made in one transaction.
const companiesAtOnce = 500

// prepare makes the stage through the modules, before the server starts.
func (r Rush) prepare(ctx context.Context, p *place) (s stage, err error) {
	a, err := app.Open(ctx, p.config, true)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, a.DB.Close()) }()
	hashed, err := a.Services.Accounts.Hash(ctx, "Blue#River7") // one for all: hashing is slow on purpose
	if err != nil {
		return s, err
	}
	for len(s.tokens) < r.Claimants {
		from, to := len(s.tokens), min(len(s.tokens)+companiesAtOnce, r.Claimants)
		var made []string
		err := a.DB.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			made = nil
			for n := from; n < to; n++ {
				token, err := verifiedCompany(ctx, tx, a, n, hashed)
				if err != nil {
					return err
				}
				made = append(made, token)
			}
			return nil
		})
		if err != nil {
			return s, err
		}
		s.tokens = append(s.tokens, made...)
	}
	s.campaign, s.offer, err = r.campaign(ctx, a, hashed)
	return s, err
}

// verifiedCompany writes a company as its verification leaves it, and signs it in.
func verifiedCompany(ctx context.Context, tx *db.Tx, a *app.App, n int, hashed account.Hashed) (token string, err error) {
	o := org.Organization{
		ID: id.New(), Kind: org.KindEnterprise, Verification: org.Verified, Name: fmt.Sprintf("压测企业%06d有限公司", n),
		USCC: creditCode(n), RegionCode: "350203", CurrentVersion: id.New(), VerifiedAt: clock.At(tx.Now()), CreatedAt: clock.At(tx.Now()),
	}
	v := org.Version{
		ID: o.CurrentVersion, OrgID: o.ID, Seq: 1, Form: "1", Year: 2026, Answers: "{}", Name: o.Name, USCC: o.USCC, RegionCode: o.RegionCode,
		Facts: `{"region":"350203","industries":["34"],"size":"small","legalRep":"","phone":"","related":[],"uscc":"` + o.USCC + `"}`, SubmittedAt: o.CreatedAt,
	}
	if _, err := tx.Insert(&o).Exec(ctx); err != nil {
		return "", err
	}
	if _, err := tx.Insert(&v).Exec(ctx); err != nil {
		return "", err
	}
	u, err := a.Services.Accounts.Create(ctx, tx, account.NewUser{
		OrgID: o.ID, Role: account.RoleEnterprise, Owner: true, Username: fmt.Sprintf("bench_%06d", n),
		Phone: fmt.Sprintf("138%08d", n), Password: hashed,
	})
	if err != nil {
		return "", err
	}
	if err := a.Services.Accounts.Consent(ctx, tx, u.ID, "127.0.0.1"); err != nil {
		return "", err
	}
	return a.Services.Sessions.Start(ctx, tx, u.ID, u.Role, "127.0.0.1", "smedx bench")
}

// campaign takes a rush campaign from its budget to its opening, with everybody's approval.
func (r Rush) campaign(ctx context.Context, a *app.App, hashed account.Hashed) (campaign, offer id.ID, err error) {
	staff := map[string]account.Principal{}
	for name, role := range map[string]account.Role{"operator": account.RoleOperator, "department": account.RoleDepartment, "approver": account.RoleDepartment} {
		err := a.DB.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			u, err := a.Services.Accounts.Create(ctx, tx, account.NewUser{Role: role, Username: "bench_" + name, Password: hashed})
			staff[name] = account.Principal{UserID: u.ID, Role: role, Username: u.Username, Permissions: account.PermissionsOf(role)}
			return err
		})
		if err != nil {
			return 0, 0, err
		}
	}
	s := a.Services
	b, err := s.Funds.Create(ctx, staff["department"], fund.Draft{Name: "压测预算", Year: 2026, Amount: face * money.Fen(r.Stock)})
	if err != nil {
		return 0, 0, err
	}
	if _, err = s.Funds.Decide(ctx, staff["approver"], b.ID, b.Version, fund.Approve, ""); err != nil {
		return 0, 0, err
	}
	kind, err := s.Vouchers.CreateType(ctx, staff["operator"], voucher.TypeDraft{Name: "压测服务券", FaceValue: face, Terms: voucher.Terms{
		Share: 10_000, Billing: voucher.BillingStandalone, Stackable: true, Validity: voucher.Validity{Days: 30},
	}})
	if err != nil {
		return 0, 0, err
	}
	now := a.DB.Now()
	c, err := s.Vouchers.CreateCampaign(ctx, staff["operator"], voucher.CampaignDraft{
		Name: "压测抢券", Mode: voucher.Rush, AutoGrant: true, BudgetID: b.ID, PerOrg: int64(max(r.each, 1)),
		OpensAt: clock.At(now.Add(-time.Minute)), ClosesAt: clock.At(now.Add(24 * time.Hour)),
		Vouchers: []voucher.DraftVoucher{{TypeID: kind.ID, Quota: int64(r.Stock)}},
	})
	if err != nil {
		return 0, 0, err
	}
	if c, err = s.Vouchers.SubmitCampaign(ctx, staff["operator"], c.ID, c.Version); err != nil {
		return 0, 0, err
	}
	cs, err := s.Reviews.Material(ctx, a.DB, staff["department"], c.CaseID)
	if err != nil {
		return 0, 0, err
	}
	_, err = s.Reviews.Decide(ctx, staff["department"], c.CaseID, review.Decision{
		Action: review.Approve, Version: cs.Version, ContentHash: cs.ContentHash, Verdict: review.Verdict{Comment: "同意。", Checks: cs.Checked()},
	})
	if err != nil {
		return 0, 0, err
	}
	return c.ID, c.Vouchers[0].ID, s.Vouchers.OpenAndCloseDue(ctx)
}
