package access

import (
	"context"
	"slices"
	"strings"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// caller is one kind of person with a session.
type caller struct {
	name       string
	user, org  id.ID
	role       account.Role
	bare       bool // holds no permission
	token      string
	mustChange bool
	unagreed   bool // has not accepted the agreements in force
	out        bool // nobody any more: disabled
}

func (c caller) signedIn() bool { return c.token != "" && !c.out }

func (c caller) has(p string) bool {
	return !c.bare && slices.Contains(account.PermissionsOf(c.role), account.Permission(p))
}

// demonstrated are callers that the demonstration data have. Between buyer and
// provider there is an order, and the provider has a case before a panel; the
// others have nothing to do with either.
var demonstrated = map[string]string{
	"buyer": "jinlang_demo", "otherBuyer": "hengrui_demo", "unverified": "pidu_demo",
	"provider": "andun_sec", "otherProvider": "lianxun_iot",
	"operator": "operator_demo", "department": "department_demo", "admin": "admin_demo",
}

// added are callers that are made here, in the company of somebody above.
var added = map[string]struct {
	like string
	bare bool
}{
	"buyerSub": {"buyer", true}, "providerSub": {"provider", true}, "operatorBare": {"operator", true},
	"disabled": {"buyer", false}, "mustChange": {"buyer", false},
	"unagreed": {"buyer", false}, "unagreedStaff": {"operator", false},
}

// hire gives every caller an account and one session.
func hire(ctx context.Context) error {
	run.callers = map[string]caller{"visitor": {name: "visitor"}}
	for name, username := range demonstrated {
		if err := employ(ctx, name, username); err != nil {
			return err
		}
	}
	password, err := run.Services.Accounts.Hash(ctx, "Access#2026smedx")
	if err != nil {
		return err
	}
	for name, a := range added {
		like := run.callers[a.like]
		err := run.DB.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			perms := account.PermissionsOf(like.role)
			if a.bare {
				perms = []account.Permission{}
			}
			u, err := run.Services.Accounts.Create(ctx, tx, account.NewUser{
				OrgID: like.org, Role: like.role, Username: "access_" + strings.ToLower(name), Password: password,
				Permissions: perms, MustChange: name == "mustChange",
			})
			if err != nil || strings.HasPrefix(name, "unagreed") {
				return err
			}
			return run.Services.Accounts.Consent(ctx, tx, u.ID, "")
		})
		if err != nil {
			return err
		}
		if err := employ(ctx, name, "access_"+strings.ToLower(name)); err != nil {
			return err
		}
	}
	const seated = `SELECT s.user_id FROM review_seats s JOIN review_cases c ON c.id = s.case_id
		WHERE c.submitter_org = ? AND c.status = 'pending' AND s.state NOT IN ('recused', 'released')`
	for name, where := range map[string]string{"seatedExpert": "IN", "otherExpert": "NOT IN"} {
		username, err := first(ctx, `SELECT username FROM users WHERE role = 'expert' AND id `+where+` (`+seated+`) LIMIT 1`, run.callers["provider"].org)
		if err != nil {
			return err
		}
		if err := employ(ctx, name, username); err != nil {
			return err
		}
	}
	out := run.callers["disabled"]
	out.out = true
	run.callers["disabled"] = out
	return run.DB.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return run.Services.Accounts.SetActive(ctx, tx, account.System, out.user, false)
	})
}

func employ(ctx context.Context, name, username string) error {
	u, err := run.Services.Accounts.FindByUsername(ctx, username)
	if err != nil {
		return err
	}
	c := caller{name: name, user: u.ID, org: u.OrgID, role: u.Role, bare: added[name].bare, mustChange: u.MustChange, unagreed: strings.HasPrefix(name, "unagreed")}
	err = run.DB.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		c.token, err = run.Services.Sessions.Start(ctx, tx, u.ID, u.Role, "192.0.2.7", "access")
		return err
	})
	run.callers[name] = c
	return err
}
