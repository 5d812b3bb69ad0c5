package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"smedx/internal/account"
	"smedx/internal/demo"
	"smedx/internal/httpapi"
	"smedx/internal/kit/id"
	"smedx/internal/org"
)

// T-AUTHZ-07: whose company is not verified, or no more, is refused wherever a
// verification is needed; the begun payment of a checkout too.
func unverifiedIsRefused(t *testing.T, a *App) {
	h := httpapi.New(a.Services).Handler()
	one := func(query string) (n id.ID) {
		t.Helper()
		if err := a.DB.Raw(query).Scan(t.Context(), &n); err != nil || n == 0 {
			t.Fatal(query, n, err)
		}
		return n
	}
	var plan struct {
		PlanID id.ID
		Unit   string
		Price  int64
	}
	if err := a.DB.Raw(`SELECT plan_id, unit, unit_price_fen AS price FROM order_lines WHERE unit_price_fen > 0 AND offering_id IN
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
		err := a.DB.Raw(`SELECT u.username FROM users u JOIN organizations o ON o.id = u.org_id
			WHERE o.kind = 'enterprise' AND o.verification = 'verified' AND NOT EXISTS
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
	refuses := func(who string, ask func(method, path, body string) (int, string), calls ...[3]string) {
		t.Helper()
		for _, c := range calls {
			if code, said := ask(c[0], c[1], c[2]); code != http.StatusForbidden || !strings.Contains(said, `"org.unverified"`) {
				t.Errorf("%s, %s %s: %d %s", who, c[0], c[1], code, said)
			}
		}
	}

	for _, state := range []org.Verification{org.Draft, org.Pending, org.Returned} {
		name := ""
		err := a.DB.Raw(`SELECT u.username FROM users u JOIN organizations o ON o.id = u.org_id WHERE o.kind = 'enterprise' AND o.verification = ? LIMIT 1`,
			state).Scan(t.Context(), &name)
		if err != nil {
			t.Fatal(state, err)
		}
		refuses(string(state), signedIn(t, h, name), append(enterprise, claim, apply)...)
	}

	// Verified while the order was placed, suspended before it is paid.
	buyer := signedIn(t, h, "hengrui_demo")
	code, said := buyer("POST", "/checkouts", buy)
	if code != http.StatusCreated {
		t.Fatal(code, said)
	}
	checkout := one(`SELECT id FROM checkouts ORDER BY placed_at DESC, id DESC LIMIT 1`)
	suspend(t, a, "hengrui_demo")
	refuses("suspended", buyer, append(enterprise, [3]string{"POST", "/checkouts/" + checkout.String() + "/payments", ""})...)

	for voucher, call := range map[string][3]string{rush: claim, granted: apply} {
		name := without(voucher)
		suspend(t, a, name)
		refuses("suspended", signedIn(t, h, name), call)
	}

	offering := one(`SELECT f.id FROM offerings f JOIN users u ON u.org_id = f.org_id WHERE u.username = 'hengzhun_soft' AND f.status = 'listed' LIMIT 1`)
	seller := signedIn(t, h, "hengzhun_soft")
	if code, said := seller("POST", "/my/offerings/"+offering.String()+"/revision", ""); code >= 300 {
		t.Fatal(code, said)
	}
	suspend(t, a, "hengzhun_soft")
	version := one(`SELECT r.version FROM revisions r JOIN offerings f ON f.work_revision = r.id WHERE f.id = ` + offering.String())
	refuses("suspended", seller, [3]string{"POST", "/my/offerings/" + offering.String() + "/submission", fmt.Sprintf(`{"version":%d}`, version)},
		[3]string{"GET", "/members", ""})
}

func suspend(t *testing.T, a *App, username string) {
	t.Helper()
	var orgID, staff id.ID
	if err := a.DB.Raw(`SELECT org_id FROM users WHERE username = ?`, username).Scan(t.Context(), &orgID); err != nil {
		t.Fatal(err)
	}
	if err := a.DB.Raw(`SELECT id FROM users WHERE username = 'operator_demo'`).Scan(t.Context(), &staff); err != nil {
		t.Fatal(err)
	}
	who := account.Principal{UserID: staff, Role: account.RoleOperator, Permissions: account.PermissionsOf(account.RoleOperator)}
	if _, err := a.Services.Orgs.Discipline(t.Context(), who, orgID, org.Measure{Verb: org.Suspend, Reason: "investigation", Comment: "核查"}); err != nil {
		t.Fatal(err)
	}
}

// signedIn asks the API as somebody of the demonstration data.
func signedIn(t *testing.T, h http.Handler, username string) func(method, path, body string) (int, string) {
	t.Helper()
	cookie, n := "", 0
	ask := func(method, path, body string) (int, string) {
		r := httptest.NewRequest(method, "http://localhost/api/v1"+path, strings.NewReader(body))
		n++
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", fmt.Sprint(username, n))
		r.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		for _, c := range w.Result().Cookies() {
			if c.Value != "" {
				cookie = c.Name + "=" + c.Value
			}
		}
		return w.Code, w.Body.String()
	}
	if code, said := ask("POST", "/session", fmt.Sprintf(`{"account":%q,"password":%q}`, username, demo.Password)); code != http.StatusOK {
		t.Fatal(username, code, said)
	}
	return ask
}
