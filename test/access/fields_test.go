package access

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"

	"smedx/internal/kit/id"
)

// claimed are fields by which somebody would make himself more than he is.
var claimed = []string{
	"role", "isAdmin", "is_admin", "orgId", "org_id", "ownerId", "userId", "status", "certified", "verification", "priceFen", "price_fen",
	"paid", "balanceFen", "balance_fen", "approvedBy", "approved_by", "createdAt", "created_at", "version", "permissions", "mustChange", "__proto__",
}

// T-AUTHZ-04, T-MON-01: a body with a field that the contract does not name is refused,
// a price in a cart, an order or a payment among them.
func TestFieldsThatTheContractDoesNotNameAreRefused(t *testing.T) {
	for _, op := range run.ops {
		s := op.body.resolve()
		if s == nil {
			continue
		}
		who := somebody(op)
		if who == "" {
			continue // the second step of a sign-in has no session
		}
		_, values, _ := objectIn(t, op)
		for _, field := range claimed {
			if s.Properties[field] != nil {
				continue
			}
			body, ok := sample(s).(map[string]any)
			if !ok {
				t.Fatalf("the body of %s is no object", op.id)
			}
			body[field] = "1"
			text, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			if a := asks(t, who, op.method, op.at(values), string(text)); a.status != http.StatusUnprocessableEntity {
				t.Errorf("%s as %s with %q: %v", op.id, who, field, a)
			}
		}
	}
}

// T-AUTHZ-04: a parameter that stands twice does not reach a second object.
func TestAParameterThatStandsTwice(t *testing.T) {
	own, foreign := run.objects["voucher"].id, run.objects["ownCartLine"].id
	plain := asks(t, "buyer", "GET", "/api/v1/vouchers/"+own, "")
	doubled := asks(t, "buyer", "GET", "/api/v1/vouchers/"+own+"?id="+foreign+"&id="+own, "")
	if plain.status != http.StatusOK || doubled.body != plain.body {
		t.Errorf("%v, with a second id %v", plain, doubled)
	}
}

// somebody is a caller whom the access table lets through, staff first.
func somebody(op operation) string {
	for _, name := range []string{"operator", "department", "admin", "buyer", "provider", "seatedExpert"} {
		if status, _ := verdict(op, run.callers[name]); status == 0 {
			return name
		}
	}
	return ""
}

// T-INP-18: a page that cannot be is refused, and no page is larger than a hundred rows.
func TestPagesAreBounded(t *testing.T) {
	for _, op := range run.ops {
		for _, name := range op.query {
			if name != "page" && name != "size" {
				continue
			}
			who := somebody(op)
			_, values, _ := objectIn(t, op)
			for _, v := range []string{"0", "-1", "1000000000", "99999999999999999999", "abc", "1e3", ""} {
				a := asks(t, who, op.method, op.at(values)+"?"+name+"="+v, "")
				if a.status != http.StatusUnprocessableEntity && (a.status != http.StatusOK || v != "") {
					t.Errorf("%s with %s=%q: %v", op.id, name, v, a)
				}
			}
			if a := asks(t, who, op.method, op.at(values)+"?page=100000&size=100", ""); name == "page" && a.status != http.StatusOK {
				t.Errorf("%s: the last page there can be: %v", op.id, a)
			}
		}
	}
}

func number(s string) id.ID {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return id.ID(n)
}
