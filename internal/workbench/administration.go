package workbench

import (
	"context"
	"time"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
)

// Administration is what the administrator sees first.
type Administration struct {
	Accounts []RoleCount `json:"accounts" doc:"Accounts in use, by role"`
	Disabled int64       `json:"disabled" doc:"Accounts that are stopped"`
	SignIns  int64       `json:"signIns" doc:"Sign-ins since midnight in China"`
	Online   int64       `json:"online" doc:"Sessions used in the last quarter of an hour"`
	Queued   int64       `json:"queued" doc:"Messages that wait to be sent"`
	Failed   int64       `json:"failed" doc:"Messages that could not be sent"`
	Off      int64       `json:"off" doc:"Messages for a channel that is not configured"`
}

// RoleCount is how many accounts a role has.
type RoleCount struct {
	Role  string `json:"role" enum:"enterprise,provider,expert,operator,department,admin"`
	Count int64  `json:"count"`
}

// Administrate counts accounts, sign-ins and messages.
func Administrate(ctx context.Context, r db.Reader) (Administration, error) {
	now := r.Now()
	day := now.In(clock.Shanghai)
	midnight := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, clock.Shanghai)
	a := Administration{Accounts: []RoleCount{}}
	err := r.Raw(`SELECT role, count(*) AS count FROM users WHERE status = 'active' GROUP BY role ORDER BY role`).Scan(ctx, &a.Accounts)
	if err != nil {
		return a, err
	}
	var n struct{ Disabled, SignIns, Online, Queued, Failed, Off int64 }
	err = r.Raw(`SELECT
		(SELECT count(*) FROM users WHERE status = 'disabled') AS disabled,
		(SELECT count(*) FROM audit_entries WHERE action = 'account.sign_in' AND at >= ?) AS sign_ins,
		(SELECT count(*) FROM sessions WHERE seen_at >= ?) AS online,
		(SELECT count(*) FROM outbox WHERE status = 'queued') AS queued,
		(SELECT count(*) FROM outbox WHERE status = 'failed') AS failed,
		(SELECT count(*) FROM outbox WHERE status = 'off') AS off`,
		clock.At(midnight), clock.At(now.Add(-15*time.Minute))).Scan(ctx, &n)
	a.Disabled, a.SignIns, a.Online, a.Queued, a.Failed, a.Off = n.Disabled, n.SignIns, n.Online, n.Queued, n.Failed, n.Off
	return a, err
}
