package app

import (
	"context"

	"smedx/internal/account"
	"smedx/internal/demo"
)

// LoadDemo plays the demonstration data into an empty platform; loaded once, it
// does nothing. Nothing may be served while it runs.
func (a *App) LoadDemo(ctx context.Context) error {
	s := a.Services
	err := demo.Load(ctx, demo.Services{
		DB: s.DB, Files: s.Files, Accounts: s.Accounts, Orgs: s.Orgs, Reviews: s.Reviews, Experts: s.Experts, Catalog: s.Catalog,
		Funds: s.Funds, Vouchers: s.Vouchers, Orders: s.Orders, Payments: s.Payments, Cashier: s.Cashier, Deliveries: s.Deliveries,
		Ratings: s.Ratings, Content: s.Content, Surveys: s.Surveys, Payouts: s.Settlements,
	})
	if err != nil {
		return err
	}
	_, err = s.Risks.Check(ctx, account.System) // the page has its leads before the first hour is over
	return err
}

// DemoAccounts says how to sign in to a platform with demonstration data.
const DemoAccounts = `Demonstration accounts, all with the password ` + demo.Password + `:
  enterprise  hengrui_demo, jinlang_demo, … (pidu_demo waits for its verification)
  provider    hengzhun_soft, yunfan_mfg, …
  operator    operator_demo      department  department_demo, department_two
  expert      expert_guan, …     admin       admin_demo
`
