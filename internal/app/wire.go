package app

import (
	"context"
	"time"

	"smedx/internal/account"
	"smedx/internal/content"
	"smedx/internal/file"
	"smedx/internal/fund"
	"smedx/internal/httpapi"
	"smedx/internal/jobs"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/ledger"
	"smedx/internal/notify"
	"smedx/internal/org"
	"smedx/internal/review"
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
	messages, err := notify.New(d, a.box, a.senders())
	if err != nil {
		return err
	}
	sessions := account.NewSessions(d)
	accounts := account.New(d, a.box, messages, sessions)
	reviews := review.New(d, accounts, messages)
	orgs := org.New(d, a.box, accounts, reviews, files, messages)

	funds := fund.New(d)
	vouchers := voucher.New(d, voucher.CompaniesOf(orgs), reviews)
	reviews.Handle(review.KindCampaign, vouchers)

	a.Jobs = jobs.New(d, []jobs.Sweep{
		{Name: "outbox", Every: 2 * time.Second, Run: messages.Deliver},
		{Name: "seals", Every: 15 * time.Second, Run: func(ctx context.Context) error { return ledger.SealDue(ctx, d) }},
		{Name: "campaigns", Every: 2 * time.Second, Run: vouchers.OpenAndCloseDue},
		{Name: "vouchers", Every: time.Minute, Run: vouchers.ExpireDue},
		{Name: "sessions", Every: 10 * time.Minute, Run: sessions.Purge},
		{Name: "codes", Every: time.Hour, Run: accounts.Purge},
		{Name: "reminders", Every: 10 * time.Minute, Run: reviews.RemindDue},
		{Name: "idempotency", Every: time.Hour, Run: func(ctx context.Context) error { return purgeKeys(ctx, d) }},
	})
	a.Services = httpapi.Services{
		DB: d, Config: a.Config, Sessions: sessions, Accounts: accounts, Orgs: orgs, Reviews: reviews, Files: files, Notify: messages, Sweep: a.Jobs.RunAll,
		Content: content.New(d, files), Surveys: survey.New(d, a.box, files),
		Funds: funds, Vouchers: vouchers,
	}
	return nil
}

// senders are the configured ways out; a missing one is off and says so.
func (a *App) senders() map[notify.Channel]notify.Sender {
	out := map[notify.Channel]notify.Sender{}
	if a.Config.Demo || a.Config.TestHooks {
		out[notify.SMS], out[notify.Mail] = notify.Local{}, notify.Local{}
	}
	return out
}

// purgeKeys drops idempotency keys after 90 days.
func purgeKeys(ctx context.Context, d *db.DB) error {
	return d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM idempotency_keys WHERE created_at < ?`, clock.At(tx.Now()).Add(-90*24*time.Hour))
		return err
	})
}
