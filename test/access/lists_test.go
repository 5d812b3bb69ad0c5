package access

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// secrets are ids of the buyer's that no stranger's list may hold, and the words
// that find them. ? is his company.
var secrets = []string{
	`SELECT id FROM orders WHERE buyer_org = ?`,
	`SELECT id FROM order_lines WHERE order_id IN (SELECT id FROM orders WHERE buyer_org = ?)`,
	`SELECT id FROM checkouts WHERE buyer_org = ?`,
	`SELECT id FROM payments WHERE org_id = ?`,
	`SELECT id FROM vouchers WHERE org_id = ?`,
	`SELECT id FROM voucher_applications WHERE org_id = ?`,
	`SELECT id FROM cart_lines WHERE org_id = ?`,
	`SELECT id FROM review_cases WHERE submitter_org = ?`,
	`SELECT id FROM profile_versions WHERE org_id = ?`,
	`SELECT id FROM users WHERE org_id = ?`,
	`SELECT id FROM files WHERE org_id = ?`,
	`SELECT m.id FROM messages m JOIN users u ON u.id = m.user_id WHERE u.org_id = ?`,
	`SELECT s.id FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.org_id = ?`,
}

// searched are the query parameters that take words.
var searched = []string{"q", "words", "keyword", "name", "title", "submitter", "field", "company", "actor"}

// T-AUTHZ-13: no list, count or search of a stranger shows a row of the buyer,
// whatever he searches for.
func TestListsShowNobodyElsesRows(t *testing.T) {
	buyer := run.callers["buyer"]
	var ids []string
	for _, q := range secrets {
		var some []string
		if err := run.DB.Raw(q, buyer.org).Scan(t.Context(), &some); err != nil {
			t.Fatal(q, err)
		}
		ids = append(ids, some...)
	}
	if len(ids) < 20 {
		t.Fatalf("only %d ids to look for", len(ids))
	}
	company, err := first(t.Context(), `SELECT buyer_name FROM orders WHERE buyer_org = ? LIMIT 1`, buyer.org)
	if err != nil {
		t.Fatal(err)
	}
	title, err := first(t.Context(), `SELECT title FROM orders WHERE buyer_org = ? LIMIT 1`, buyer.org)
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"visitor", "otherBuyer", "unverified", "otherProvider", "otherExpert", "operatorBare"} {
		for _, op := range run.ops {
			if status, _ := verdict(op, run.callers[who]); !op.get() || len(op.params) > 0 || status != 0 {
				continue
			}
			for _, query := range queries(op, company, title, buyer.org.String()) {
				a := asks(t, who, op.method, op.path+"?"+query, "")
				for _, id := range ids {
					if strings.Contains(a.body, `"`+id+`"`) {
						t.Errorf("%s?%s as %s shows %s", op.id, query, who, id)
					}
				}
			}
		}
	}
}

// queries are the ways to ask a list: for much, for words, and for a company by
// parameters that the contract does not have.
func queries(op operation, words ...string) []string {
	base := url.Values{}
	if slices.Contains(op.query, "size") {
		base.Set("size", "100")
	}
	base.Set("orgId", words[2])
	base.Set("org_id", words[2])
	all := []string{base.Encode()}
	if slices.Contains(op.query, "box") {
		for _, box := range []string{"mine", "handled", "all", "awaiting"} {
			base.Set("box", box)
			all = append(all, base.Encode())
		}
	}
	for _, name := range op.query {
		if slices.Contains(searched, name) {
			for _, w := range words[:2] {
				base.Set(name, w)
				all = append(all, base.Encode())
			}
			base.Del(name)
		}
	}
	return all
}

// T-AUTHZ-12: ways in that the contract does not name.
func TestUndocumentedWaysIn(t *testing.T) {
	order := "/api/v1/orders/" + run.objects["order"].id
	for _, who := range []string{"visitor", "otherBuyer"} {
		for _, path := range []string{
			"/debug/pprof", "/debug/pprof/", "/debug/vars", "/metrics", "/swagger", "/swagger/index.html", "/api/v0/me", "/api/v2/me", "/api/me",
			"/.git", "/.git/config", "/.env", "/actuator", "/admin", "/console", "/api/v1", "/api/v1/", "/api/v1/openapi.json", "/api/v1/docs", "/api/v1/schemas/Me.json",
			order + "/", "/api/v1//orders/" + run.objects["order"].id, "//api/v1/orders/" + run.objects["order"].id,
			"/api/v1/me/../orders/" + run.objects["order"].id, "/api/v1/me/%2e%2e/orders/" + run.objects["order"].id, "/api/v1/me%2f..%2forders",
			"/api/v1/Orders/" + run.objects["order"].id, "/API/v1/orders", "/api/v1/orders;a=b/" + run.objects["order"].id, order + ";.json", order + ".json", order + "%00",
		} {
			a := asks(t, who, "GET", path, "")
			switch a.status {
			case http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
				if !strings.HasPrefix(a.location, "/") || strings.HasPrefix(a.location, "//") || strings.Contains(a.location, "..") {
					t.Errorf("GET %s as %s leads to %q", path, who, a.location)
				} else if b := asks(t, who, "GET", a.location, ""); b.status != http.StatusNotFound && b.status != http.StatusUnauthorized {
					t.Errorf("GET %s as %s, then %s: %v", path, who, a.location, b)
				}
			case http.StatusNotFound, http.StatusUnauthorized, http.StatusUnprocessableEntity, http.StatusBadRequest:
			default:
				t.Errorf("GET %s as %s: %v", path, who, a)
			}
		}
		for _, method := range []string{"TRACE", "TRACK", "OPTIONS", "HEAD", "PROPFIND", "PATCH", "DELETE", "get"} {
			if a := asks(t, who, method, order, ""); a.status < 400 || a.body != "" && strings.Contains(a.body, "smedx_session") {
				t.Errorf("%s %s as %s: %v", method, order, who, a)
			}
		}
	}
	before := row(t, run.objects["placed"])
	for _, path := range []string{"?_method=DELETE", "?_method=POST", "/cancel?_method=POST"} {
		if a := asks(t, "buyer", "GET", "/api/v1/orders/"+run.objects["placed"].id+path, ""); a.status == http.StatusNoContent {
			t.Errorf("GET with %s: %v", path, a)
		}
	}
	if after := row(t, run.objects["placed"]); after != before {
		t.Errorf("a method in the query has done something: %s, was %s", after, before)
	}
}
