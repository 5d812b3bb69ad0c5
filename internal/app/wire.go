package app

import (
	"context"
	"net/http"
	"time"

	"smedx/internal/account"
	"smedx/internal/books"
	"smedx/internal/catalog"
	"smedx/internal/content"
	"smedx/internal/delivery"
	"smedx/internal/expert"
	"smedx/internal/file"
	"smedx/internal/fund"
	"smedx/internal/httpapi"
	"smedx/internal/jobs"
	"smedx/internal/kit/clamd"
	"smedx/internal/kit/seal"
	"smedx/internal/ledger"
	"smedx/internal/notify"
	"smedx/internal/order"
	"smedx/internal/org"
	"smedx/internal/payment"
	"smedx/internal/rating"
	"smedx/internal/retention"
	"smedx/internal/review"
	"smedx/internal/risk"
	"smedx/internal/setting"
	"smedx/internal/settlement"
	"smedx/internal/survey"
	"smedx/internal/voucher"
)

// wire builds every module, lower ones first.
func (a *App) wire() error {
	d := a.DB

	files, err := file.New(d, a.dataPath("files"))
	if err != nil {
		return err
	}
	if a.Config.ClamAV != "" {
		scanner, err := clamd.At(a.Config.ClamAV)
		if err != nil {
			return err
		}
		files.ScannedBy(scanner)
	}
	messages, err := notify.New(d, a.box, a.senders())
	if err != nil {
		return err
	}
	settings := setting.New(d)
	sessions := account.NewSessions(d)
	accounts := account.New(d, a.box, messages, settings, sessions)
	reviews := review.New(d, accounts, messages, settings)
	orgs := org.New(d, a.box, accounts, reviews, files, messages)
	files.KeptBy(orgs.DraftUploads)
	files.SeatedBy(reviews.SeatsOf)
	messages.Reach(accounts)
	messages.LinkTo(a.Config.PublicURL)
	orgs.ValidFor(a.Config.VerificationValid)
	company := companies{orgs, accounts}
	tell := tellCompany(accounts, messages)

	offerings := catalog.New(d, catalog.Deps{
		Box: a.box, Companies: company, People: accounts, Files: files, Reviews: reviews, Tell: messages,
	})
	vouchers := voucher.New(d, voucher.CompaniesOf(orgs), reviews)
	vouchers.Together(a.Config.Together)
	vouchers.Tell(tell)
	vouchers.TellStaff(accounts)
	budgets := fund.New(d)
	budgets.TellStaff(accounts)
	reviews.Handle(review.KindListing, offerings)
	orgs.OnChange(followed(orgs, offerings, vouchers))
	reviews.Handle(review.KindCampaign, vouchers)

	cashier, err := a.cashier()
	if err != nil {
		return err
	}
	payments := payment.New(d, gateways(cashier)...)
	payments.TellStaff(accounts)
	if cashier != nil {
		cashier.Deliver(func(ctx context.Context, header http.Header, body []byte) error {
			return payments.Notified(ctx, cashier.Channel(), header, body)
		})
	}
	orders := order.New(d, offerings, vouchers, orgs, payments, order.Options{Tell: tell, PayWithin: a.Config.OrderTTL})

	experts := expert.New(d, a.box, accounts, ties{company, orders}, files, messages, offerings.Topics)
	reviews.Seat(experts)
	risks := risk.New(d, orgs, accounts, settings)
	settlements := settlement.New(d, settlement.Deps{
		Box: a.box, Firms: orgs, Vouchers: vouchers, Settings: settings, Files: files, Company: tell, Staff: accounts,
		Leads: risks.InLeads,
	})
	risks.OnLeads(vouchers.FollowLeads)
	vouchers.HoldSuspects(risks.Suspected)
	surveys := survey.New(d, a.box, files)
	accounts.OnClose(closing(map[string]counter{
		"account.close_orders": orders.CountOpen, "account.close_vouchers": vouchers.CountUsable, "account.close_offerings": offerings.CountListed,
	}, reviews.CountPending, orgs.Close, surveys))

	a.Jobs = jobs.New(d, []jobs.Sweep{
		{Name: "campaigns", Every: 2 * time.Second, Run: vouchers.OpenAndCloseDue},
		{Name: "payments", Every: 15 * time.Second, Run: payments.CheckDue},
		{Name: "payment alarms", Every: time.Minute, Run: payments.AlarmDue},
		{Name: "orders", Every: 15 * time.Second, Run: orders.ExpireDue},
		{Name: "refunds", Every: 15 * time.Second, Run: payments.SubmitDue},
		{Name: "vouchers", Every: time.Minute, Run: vouchers.ExpireDue},
		{Name: "voucher warnings", Every: 10 * time.Minute, Run: vouchers.WarnDue},
		{Name: "vouchers of leads", Every: time.Minute, Run: vouchers.ThawReleased},
		{Name: "risks", Every: time.Hour, Run: risks.CheckDue},
		{Name: "verifications", Every: 10 * time.Minute, Run: orgs.ExpireDue},
		{Name: "reminders", Every: 10 * time.Minute, Run: reviews.RemindDue},
		{Name: "panels", Every: 10 * time.Minute, Run: reviews.PanelsDue},
		{Name: "outbox", Every: 2 * time.Second, Run: messages.Deliver},
		{Name: "seals", Every: 15 * time.Second, Run: func(ctx context.Context) error { return ledger.SealDue(ctx, d) }},
		{Name: "fund months", Every: 15 * time.Second, Now: true, Run: func(ctx context.Context) error { return books.Fold(ctx, d) }},
		{Name: "payout days", Every: 15 * time.Second, Now: true, Run: settlements.Fold},
		{Name: "sales", Every: 10 * time.Second, Run: offerings.ShareSales},
		{Name: "uploads", Every: time.Hour, Run: files.Purge},
		{Name: "sessions", Every: 10 * time.Minute, Run: sessions.Purge},
		{Name: "codes", Every: time.Hour, Run: accounts.Purge},
		{Name: "retention", Every: time.Hour, Run: func(ctx context.Context) error { return retention.Run(ctx, d) }},
	})
	a.Services = httpapi.Services{
		DB: d, Config: a.Config, Sessions: sessions, Accounts: accounts, Settings: settings, Orgs: orgs, Files: files, Notify: messages,
		Content: content.New(d, files), Surveys: surveys,
		Reviews: reviews, Experts: experts, Catalog: offerings, Funds: budgets, Vouchers: vouchers, Risks: risks, Settlements: settlements,
		Orders: orders, Payments: payments, Cashier: cashier, Deliveries: delivery.New(d, orders, files),
		Ratings: rating.New(d, orders, offerings, tell), Sweep: a.Jobs.RunAll,
	}
	return nil
}

// cashier is the simulated payment channel of demonstrations and tests; else nil.
func (a *App) cashier() (*payment.Simulated, error) {
	if !a.Config.Demo && !a.Config.TestHooks {
		return nil, nil
	}
	secret, err := seal.OpenSecret(a.dataPath("keys", "cashier.key"))
	if err != nil {
		return nil, err
	}
	return payment.NewSimulated(a.DB, secret), nil
}

func gateways(cashier *payment.Simulated) []payment.Gateway {
	if cashier == nil {
		return nil
	}
	return []payment.Gateway{cashier}
}

// senders are the configured ways out; a missing one is off and says so.
func (a *App) senders() map[notify.Channel]notify.Sender {
	out := map[notify.Channel]notify.Sender{}
	if a.Config.Demo || a.Config.TestHooks {
		out[notify.SMS], out[notify.Mail] = notify.Local{}, notify.Local{}
	}
	if c := a.Config; c.SMTPAddr != "" {
		out[notify.Mail] = notify.SMTP{Addr: c.SMTPAddr, From: c.SMTPFrom, Username: c.SMTPUser, Password: c.SMTPPassword, Mode: c.SMTPMode}
	}
	if c := a.Config; c.SMSURL != "" {
		out[notify.SMS] = notify.Gateway{URL: c.SMSURL, Secret: c.SMSSecret, Now: time.Now}
	}
	return out
}
