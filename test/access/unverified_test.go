package access

import (
	"fmt"
	"net/http"
	"testing"

	"smedx/internal/kit/id"
	"smedx/internal/org"
)

// T-AUTHZ-07: whose company is not verified, or no more, is refused wherever a
// verification is needed; the begun payment of a checkout too.
func TestWhoIsNotVerifiedIsRefused(t *testing.T) {
	one := func(query string) (n id.ID) {
		t.Helper()
		if err := run.DB.Raw(query).Scan(t.Context(), &n); err != nil || n == 0 {
			t.Fatal(query, n, err)
		}
		return n
	}
	var plan struct {
		PlanID id.ID
		Unit   string
		Price  int64
	}
	if err := run.DB.Raw(`SELECT plan_id, unit, unit_price_fen AS price FROM order_lines WHERE unit_price_fen > 0 AND offering_id IN
		(SELECT id FROM offerings WHERE status = 'listed') ORDER BY id DESC LIMIT 1`).Scan(t.Context(), &plan); err != nil {
		t.Fatal(err)
	}
	line := fmt.Sprintf(`{"planId":"%d","unit":%q,"quantity":1}`, plan.PlanID, plan.Unit)
	buy := fmt.Sprintf(`{"lines":[%s],"expectedTotalFen":%d,"expectedPayableFen":%d}`, line, plan.Price, plan.Price)
	// Whoever has a voucher already is answered with it; these do not.
	voucherOf := func(mode string) string {
		return one(`SELECT cv.id FROM campaign_vouchers cv JOIN campaigns c ON c.id = cv.campaign_id
			WHERE c.status = 'open' AND c.mode = '` + mode + `' AND cv.remaining > 0 LIMIT 1`).String()
	}
	without := func(campaignVoucher string) (name string) {
		t.Helper()
		err := run.DB.Raw(`SELECT u.username FROM users u JOIN organizations o ON o.id = u.org_id
			WHERE u.is_owner AND o.kind = 'enterprise' AND o.verification = 'verified' AND NOT EXISTS
			(SELECT 1 FROM vouchers v WHERE v.org_id = o.id AND v.campaign_voucher_id = ?) ORDER BY u.id LIMIT 1`, campaignVoucher).Scan(t.Context(), &name)
		if err != nil {
			t.Fatal(err)
		}
		return name
	}
	rush, granted := voucherOf("rush"), voucherOf("application")
	claim := [3]string{"POST", "/campaign-vouchers/" + rush + "/claims", ""}
	apply := [3]string{"POST", "/campaign-vouchers/" + granted + "/applications", `{}`}
	enterprise := [][3]string{
		{"POST", "/cart/lines", line}, {"POST", "/checkout/quote", fmt.Sprintf(`{"lines":[%s]}`, line)}, {"POST", "/checkouts", buy},
		{"GET", "/members", ""},
	}
	refuses := func(who string, ask func(method, path, body string) answer, calls ...[3]string) {
		t.Helper()
		for _, c := range calls {
			if a := ask(c[0], c[1], c[2]); a.status != http.StatusForbidden || a.code() != "org.unverified" {
				t.Errorf("%s, %s %s: %v", who, c[0], c[1], a)
			}
		}
	}

	for _, state := range []org.Verification{org.Draft, org.Pending, org.Returned} {
		name := ""
		err := run.DB.Raw(`SELECT u.username FROM users u JOIN organizations o ON o.id = u.org_id WHERE u.is_owner AND o.kind = 'enterprise' AND o.verification = ? LIMIT 1`,
			state).Scan(t.Context(), &name)
		if err != nil {
			t.Fatal(state, err)
		}
		refuses(string(state), signedIn(t, name), append(enterprise, claim, apply)...)
	}

	// Verified while the order was placed, suspended before it is paid.
	buyer := signedIn(t, "hengrui_demo")
	if a := buyer("POST", "/checkouts", buy); a.status != http.StatusCreated {
		t.Fatal(a)
	}
	checkout := one(`SELECT id FROM checkouts ORDER BY placed_at DESC, id DESC LIMIT 1`)
	suspend(t, "hengrui_demo")
	refuses("suspended", buyer, append(enterprise, [3]string{"POST", "/checkouts/" + checkout.String() + "/payments", ""})...)

	for voucher, call := range map[string][3]string{rush: claim, granted: apply} {
		name := without(voucher)
		suspend(t, name)
		refuses("suspended", signedIn(t, name), call)
	}

	offering := one(`SELECT f.id FROM offerings f JOIN users u ON u.org_id = f.org_id WHERE u.username = 'hengzhun_soft' AND f.status = 'listed' AND f.work = '' LIMIT 1`)
	seller := signedIn(t, "hengzhun_soft")
	if a := seller("POST", "/my/offerings/"+offering.String()+"/revision", ""); a.status >= 300 {
		t.Fatal(a)
	}
	suspend(t, "hengzhun_soft")
	version := one(`SELECT r.version FROM revisions r JOIN offerings f ON f.work_revision = r.id WHERE f.id = ` + offering.String())
	refuses("suspended", seller, [3]string{"POST", "/my/offerings/" + offering.String() + "/submission", fmt.Sprintf(`{"version":%d}`, version)},
		[3]string{"GET", "/members", ""})
}

// suspend takes a company's verification away until the test has ended.
func suspend(t *testing.T, username string) {
	t.Helper()
	u, err := run.Services.Accounts.FindByUsername(t.Context(), username)
	if err != nil {
		t.Fatal(err)
	}
	measure := func(verb string) {
		t.Helper()
		expect(t, verb, "operator", "POST", "/orgs/"+u.OrgID.String()+"/discipline", fmt.Sprintf(`{"verb":%q,"reason":"investigation","comment":"核查"}`, verb), http.StatusOK)
	}
	measure("suspend")
	t.Cleanup(func() { measure("restore") })
}

// signedIn asks as somebody of the demonstration data, with a key for each intent.
func signedIn(t *testing.T, username string) func(method, path, body string) answer {
	t.Helper()
	if err := employ(t.Context(), username, username); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { delete(run.callers, username) })
	n := 0
	return func(method, path, body string) answer {
		n++
		name := fmt.Sprint(username, n)
		run.callers[name] = run.callers[username]
		defer delete(run.callers, name)
		return asks(t, name, method, "/api/v1"+path, body)
	}
}
