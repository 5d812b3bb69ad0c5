package access

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// T-AUTHZ-02: one's own object in the path, somebody else's in the body. The
// whole request is refused and neither object changes.
func TestForeignObjectsInABody(t *testing.T) {
	o := run.objects
	_, _, fen := plan()
	quote := func(voucher string) string {
		return fmt.Sprintf(`{"lines":[%s],"voucherIds":[%q]}`, want(), voucher)
	}
	for _, c := range []struct {
		name, who, method, path, body string
		foreign                       []string
	}{
		{"a quote with a voucher of another company", "otherBuyer", "POST", "/checkout/quote", quote(o["voucher"].id), []string{"voucher"}},
		{"an order with a voucher of another company", "otherBuyer", "POST", "/checkouts", intent(o["voucher"].id), []string{"voucher", "ownCartLine"}},
		{"a purchase at the price of nobody", "otherBuyer", "POST", "/checkouts",
			strings.Replace(intent(), fmt.Sprint(fen), "1", 1), []string{"ownCartLine"}},
		{"a hand-over with a file of the buyer", "provider", "POST", "/orders/" + o["order"].id + "/delivery/submissions",
			fmt.Sprintf(`{"note":"已完成部署与培训，请查收。","fileIds":[%q]}`, o["license"].id), []string{"order", "license"}},
		{"an expert with a picture of somebody else", "otherProvider", "POST", "/experts", entry(number(o["license"].id)), []string{"license"}},
		{"a panel with somebody who is no expert", "operator", "POST", "/review-cases/" + o["case"].id + "/panel",
			fmt.Sprintf(`{"release":[],"add":[%q],"reason":"更换专家"}`, run.callers["buyer"].user), []string{"case"}},
		{"an answer of one survey below another", "operator", "GET",
			"/editor/surveys/" + o["surveyDraft"].id + "/answers/" + o["surveyAnswer"].id, "", []string{"surveyAnswer"}},
		{"a campaign on a budget that does not exist", "operator", "POST", "/managed-campaigns", find("POST", "/api/v1/managed-campaigns").whole(), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := rows(t, c.foreign)
			a := asks(t, c.who, c.method, "/api/v1"+c.path, c.body)
			if a.status < 400 {
				t.Errorf("it is taken: %v", a)
			}
			if after := rows(t, c.foreign); after != before {
				t.Errorf("something changed\n%s\n%s", before, after)
			}
		})
	}
}

// T-AUTHZ-02: a foreign line among one's own keeps all of them in the cart, and is
// refused like one that does not exist.
func TestAForeignCartLineStays(t *testing.T) {
	lines := []string{"cartLine", "ownCartLine"}
	before := rows(t, lines)
	remove := func(foreign string) answer {
		return asks(t, "otherBuyer", "POST", "/api/v1/cart/removals", fmt.Sprintf(`{"ids":[%q,%q]}`, run.objects["ownCartLine"].id, foreign))
	}
	foreign, none := remove(run.objects["cartLine"].id), remove("987654321")
	if foreign.status != http.StatusNotFound || foreign.same() != none.same() {
		t.Errorf("a foreign line: %v, one that does not exist: %v", foreign, none)
	}
	if after := rows(t, lines); after != before {
		t.Errorf("something is gone: %s, was %s", after, before)
	}
}

// T-AUTHZ-03: numbers around one's own objects lead nowhere.
func TestNeighbouringIDsAreNotFound(t *testing.T) {
	for _, op := range run.ops {
		if !op.get() || op.access.Public || len(op.params) != 1 {
			continue
		}
		o, values, ok := objectIn(t, op)
		if !ok || o.owners == "all" {
			continue
		}
		who := ""
		for name := range strings.FieldsSeq(o.owners) {
			if status, _ := verdict(op, run.callers[name]); status == 0 {
				who = name
			}
		}
		own := number(o.id)
		reach := int64(200)
		if testing.Short() {
			reach = 20
		}
		for d := -reach; d <= reach; d++ {
			near := fmt.Sprint(int64(own) + d)
			var taken int
			if d == 0 || run.DB.Raw(`SELECT count(*) FROM `+o.table+` WHERE id = ?`, near).Scan(t.Context(), &taken) == nil && taken > 0 {
				continue // a real row next to it is the matrix's business
			}
			for p := range values {
				values[p] = near
			}
			a := asks(t, who, op.method, op.at(values), "")
			if a.status != http.StatusNotFound && !strings.Contains(a.body, `{"items":[],"total":0}`) { // a list below nothing is empty
				t.Errorf("%s of %s%+d as %s: %v", op.id, o.id, d, who, a)
			}
		}
	}
}

func rows(t *testing.T, names []string) string {
	t.Helper()
	var all []string
	for _, n := range names {
		all = append(all, n, row(t, run.objects[n]))
	}
	return strings.Join(all, "\n")
}
