package access

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"smedx/internal/kit/id"
)

// visible is the reference model: of each table the condition that a company's
// user may find a row in a list. ? is his company, ?? he himself.
var visible = map[string]string{
	"orders":               "buyer_org = ? OR provider_org = ?",
	"order_lines":          "order_id IN (SELECT id FROM orders WHERE buyer_org = ? OR provider_org = ?)",
	"checkouts":            "buyer_org = ? OR id IN (SELECT checkout_id FROM orders WHERE provider_org = ?)",
	"payments":             "org_id = ?",
	"cart_lines":           "org_id = ?",
	"vouchers":             "org_id = ? OR id IN (SELECT h.voucher_id FROM voucher_holds h JOIN orders o ON o.id = h.order_id WHERE o.provider_org = ?)",
	"voucher_applications": "org_id = ?",
	"review_cases":         "submitter_org = ?",
	"profile_versions":     "org_id = ?",
	"experts":              "org_id = ?",
	"messages":             "user_id = ??",
	"sessions":             "user_id = ??",
	"saved_searches":       "user_id = ??",
	"users":                "org_id = ?",
	"revisions":            "offering_id IN (SELECT id FROM offerings WHERE org_id = ?)",
	"ratings":              "buyer_org = ? OR provider_org = ?",
}

// public are lists whose rows are everybody's by purpose: opinions of an offering.
var openLists = []string{"listOfferingRatings"}

// T-AUTHZ-14: whatever two enterprises and two providers do, and however they ask,
// a list shows a company nothing but what the model allows.
func TestListsAreWithinTheModel(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 14))
	t.Logf("seed %d", seed)
	companies := []string{"buyer", "otherBuyer", "provider", "otherProvider"}
	trade(t, r, companies)
	owners := owned(t)
	asked, rows := 0, 0
	for _, op := range run.ops {
		if !op.get() || slices.Contains(openLists, op.id) || op.form {
			continue
		}
		for _, who := range append(companies, "buyerSub", "providerSub", "unverified") {
			c := run.callers[who]
			if status, _ := verdict(op, c); status != 0 || len(op.params) > 0 {
				continue
			}
			for range 3 {
				query := questions(r, op)
				a := asks(t, who, "GET", op.path+"?"+query, "")
				asked++
				for _, found := range idsIn(a.body) {
					for table, rowsOf := range owners {
						may, known := rowsOf[found]
						if !known {
							continue
						}
						rows++
						if !may(c) {
							t.Errorf("%s?%s shows %s row %s of %s", op.id, query, who, found, table)
						}
					}
				}
			}
		}
	}
	if asked < 50 || rows < 100 {
		t.Errorf("only %d questions and %d rows were judged", asked, rows)
	}
}

// trade makes random rows: purchases, carts and messages between the companies.
func trade(t *testing.T, r *rand.Rand, companies []string) {
	t.Helper()
	var plans []struct {
		ID       string
		Unit     string
		PriceFen int64
	}
	err := run.DB.Raw(`SELECT p.id, pp.unit, pp.price_fen FROM plans p JOIN plan_prices pp ON pp.plan_id = p.id
		JOIN offerings o ON o.id = p.offering_id JOIN revisions v ON v.id = p.revision_id
		WHERE o.org_id IN (?, ?) AND o.status = 'listed' AND v.status = 'live' AND p.active AND pp.price_fen > 0 ORDER BY p.id`,
		run.callers["provider"].org, run.callers["otherProvider"].org).Scan(t.Context(), &plans)
	if err != nil || len(plans) == 0 {
		t.Fatal("nothing to buy", err)
	}
	for range 12 {
		p, who, n := plans[r.IntN(len(plans))], companies[r.IntN(2)], r.Int64N(3)+1
		line := fmt.Sprintf(`{"planId":%q,"unit":%q,"quantity":%d}`, p.ID, p.Unit, n)
		if r.IntN(2) == 0 {
			asks(t, who, "POST", "/api/v1/cart/lines", line)
			continue
		}
		// the key of a test's request is one for each caller, so a second order needs another amount
		asks(t, who, "POST", "/api/v1/checkouts", fmt.Sprintf(`{"lines":[%s],"voucherIds":[],"expectedTotalFen":%d,"expectedPayableFen":%d}`, line, p.PriceFen*n, p.PriceFen*n))
	}
	for range 8 {
		c := run.callers[companies[r.IntN(len(companies))]]
		tell(t, c.user, "/workbench/orders/"+fmt.Sprint(r.Int64()))
	}
}

// owned answers for every table who may see which row, by the model alone.
func owned(t *testing.T) map[string]map[string]func(caller) bool {
	t.Helper()
	out := map[string]map[string]func(caller) bool{}
	for table, condition := range visible {
		var all []string
		if err := run.DB.Raw(`SELECT id FROM `+table).Scan(t.Context(), &all); err != nil {
			t.Fatal(table, err)
		}
		out[table] = map[string]func(caller) bool{}
		for _, row := range all {
			out[table][row] = func(c caller) bool {
				var n int
				q, args := sqlOf(condition, c.org, c.user)
				err := run.DB.Raw(`SELECT count(*) FROM `+table+` WHERE id = ? AND (`+q+`)`, append([]any{row}, args...)...).Scan(t.Context(), &n)
				return err == nil && n == 1
			}
		}
	}
	return out
}

func sqlOf(condition string, org, user id.ID) (string, []any) {
	if strings.Contains(condition, "??") {
		return strings.ReplaceAll(condition, "??", "?"), []any{user}
	}
	var args []any
	for range strings.Count(condition, "?") {
		args = append(args, org)
	}
	return condition, args
}

// questions is a random way to ask a list.
func questions(r *rand.Rand, op operation) string {
	q := url.Values{}
	words := []string{"", "a", "有限公司", "%", "_", "'", "数", "1", run.callers["buyer"].org.String()}
	for _, name := range op.query {
		switch {
		case name == "page":
			q.Set(name, fmt.Sprint(r.IntN(2)+1))
		case name == "size":
			q.Set(name, fmt.Sprint(r.IntN(100)+1))
		case name == "box":
			q.Set(name, []string{"awaiting", "mine", "handled", "all"}[r.IntN(4)])
		case slices.Contains(searched, name) && r.IntN(2) == 0:
			q.Set(name, words[r.IntN(len(words))])
		}
	}
	return q.Encode()
}

// idsIn are all texts of an answer that could be ids.
func idsIn(body string) []string {
	var v any
	if json.Unmarshal([]byte(body), &v) != nil {
		return nil
	}
	var out []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, inner := range v {
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		case string:
			if len(v) > 12 && strings.Trim(v, "0123456789") == "" {
				out = append(out, v)
			}
		}
	}
	walk(v)
	return out
}

// T-PRIV-07: a provider learns nothing of how to reach the people of its buyers,
// before an order, during it, or after it ended.
func TestProvidersSeeNoContactOfABuyer(t *testing.T) {
	var orders []string
	provider := run.callers["provider"]
	if err := run.DB.Raw(`SELECT id FROM orders WHERE provider_org = ?`, provider.org).Scan(t.Context(), &orders); err != nil || len(orders) == 0 {
		t.Fatal(orders, err)
	}
	var buyers []id.ID
	err := run.DB.Raw(`SELECT u.id FROM users u JOIN organizations o ON o.id = u.org_id WHERE o.kind = 'enterprise' AND u.status = 'active' AND u.phone <> ''`).Scan(t.Context(), &buyers)
	if err != nil {
		t.Fatal(err)
	}
	var contacts []string
	for _, b := range buyers {
		u, err := run.Services.Accounts.Find(t.Context(), run.DB, b)
		if err != nil {
			t.Fatal(err)
		}
		contacts = append(contacts, u.Phone)
		if u.Email != "" {
			contacts = append(contacts, u.Email)
		}
	}
	if len(contacts) < 5 {
		t.Fatal("only", len(contacts), "contacts to look for")
	}
	see := func(path string) {
		t.Helper()
		a := asks(t, "provider", "GET", path, "")
		for _, c := range contacts {
			if strings.Contains(a.body, c) {
				t.Errorf("%s shows a buyer's contact", path)
			}
		}
	}
	states := map[string]bool{}
	for _, o := range orders {
		state, err := first(t.Context(), `SELECT status FROM orders WHERE id = ?`, o)
		if err != nil {
			t.Fatal(err)
		}
		states[state] = true
		see("/api/v1/orders/" + o)
	}
	if len(states) < 3 {
		t.Error("orders in too few states:", states)
	}
	for _, op := range run.ops {
		// the demonstration shows every message to everybody, and codes go to buyers' phones
		if status, _ := verdict(op, provider); op.get() && len(op.params) == 0 && status == 0 && op.id != "demoOutbox" {
			see(op.path)
		}
	}
}
