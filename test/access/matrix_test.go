package access

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// owners of single operations, where they are others than those of the object.
var owners = map[string]string{
	"startDelivery": "provider", "submitDelivery": "provider",
	"refundOrder": "buyer", "acceptDelivery": "buyer", "rejectDelivery": "buyer",
	"withdrawApplication": "buyer", "decideApplication": "operator",
	"withdrawCase": "provider", "hastenCase": "provider",
	"decideCase": "operator department", "readOfferingDossier": "provider operator department seatedExpert admin",
	"revealListingContacts": "operator department",
	"declareNoInterest":     "seatedExpert", "recuseExpert": "seatedExpert", "castBallot": "seatedExpert",
	"turnPicture": "buyer buyerSub mustChange", "forceDelistOffering": "operator",
}

// byGrant are operations whose object decides, for visitors too.
var byGrant = []string{"readFile", "readSmallPicture"}

// silent are operations that answer yes to everybody and reach only what is the
// caller's: a message that was deleted meanwhile is no mistake of his.
var silent = []string{"openMessage", "dropMessage"}

// whileExpired is what remains open to somebody who must change the password.
var whileExpired = []string{"signOut", "changePassword", "listConsents", "acceptAgreements"}

// unconsented is what remains open to somebody who has not accepted the agreements in force.
var unconsented = []string{"signOut", "changePassword", "listConsents", "acceptAgreements", "getOwnData", "exportOwnData", "closeAccount"}

// notOwn are operations that the column of one's own objects leaves out, and why.
var notOwn = map[string]string{
	"signOut":         "ends the session that the other rows need",
	"paymentNotified": "the signature decides, not the caller",
	"getDraw":         "no campaign of the demonstration is drawn by lot",
	"getDrawSheet":    "the same",
}

// missing are operations on what a caller of his own kind does not have here.
var missing = map[string]string{
	"getProfile unverified":       "no profile is in force yet",
	"getDiagnosis unverified":     "it follows from that profile",
	"getSubmission buyer":         "nothing of it is under review",
	"getSubmission otherBuyer":    "nothing of it is under review",
	"getSubmission provider":      "nothing of it is under review",
	"getSubmission otherProvider": "nothing of it is under review",
	"removeExpert provider":       "the operator has just removed it",
}

// TestMatrix (T-AUTHZ-01): each operation, by each caller.
func TestMatrix(t *testing.T) {
	t.Run("whoever may not is refused, and nothing changes", func(t *testing.T) {
		for _, op := range run.ops {
			t.Run(op.id, func(t *testing.T) { refusals(t, op) })
		}
	})
	t.Run("whoever may is let through", func(t *testing.T) {
		ops := slices.Clone(run.ops)
		slices.SortStableFunc(ops, func(a, b operation) int { return cmp.Compare(a.harm(), b.harm()) })
		for _, op := range ops {
			t.Run(op.id, func(t *testing.T) { permissions(t, op) })
		}
	})
}

// harm orders operations so that what ends an object comes after what needs it.
func (o operation) harm() int {
	switch {
	case o.get():
		return 0
	case o.id == "removeMember":
		return 4
	case o.method == "DELETE", o.id == "endOtherSessions":
		return 3
	case o.body == nil:
		return 2
	}
	return 1
}

// verdict is what the access table says of a caller before any object is asked for.
func verdict(op operation, c caller) (status int, code string) {
	switch {
	case op.access.Public:
		return 0, ""
	case op.access.HalfSigned, !c.signedIn():
		return http.StatusUnauthorized, ""
	case c.mustChange && !slices.Contains(whileExpired, op.id):
		return http.StatusForbidden, "account.must_change_password"
	case c.unagreed && !slices.Contains(unconsented, op.id):
		return http.StatusForbidden, "account.must_consent"
	case !slices.Contains(op.access.Roles, string(c.role)), op.permission(c.role) != "" && !c.has(op.permission(c.role)):
		return http.StatusForbidden, "forbidden"
	}
	return 0, ""
}

// objectIn is the object that the operation's path names, and every value of it.
func objectIn(t *testing.T, op operation) (o object, values map[string]string, ok bool) {
	t.Helper()
	values = map[string]string{}
	for _, p := range op.params {
		name := objectOf[op.id+"/"+p]
		if name == "" {
			t.Fatalf("%s %s: say in the table named (objects_test.go) which object {%s} takes, and make one of a new kind in queried or made", op.id, op.path, p)
		}
		if literal, found := strings.CutPrefix(name, "="); found {
			values[p] = literal
			continue
		}
		got, found := run.objects[name]
		if !found || got.id == "" {
			t.Fatalf("there is no object %q: make one in objects_test.go", name)
		}
		o, values[p], ok = got, got.id, true
	}
	if own, found := owners[op.id]; found {
		o.owners = own
	}
	return o, values, ok
}

// unknown is the same path with an id that nothing has.
func unknown(values map[string]string, o object) map[string]string {
	out := map[string]string{}
	for p, v := range values {
		out[p] = v
		if n, err := strconv.ParseInt(o.id, 10, 64); err == nil && v == o.id {
			out[p] = strconv.FormatInt(n-987_654_321, 10)
		}
	}
	return out
}

func refusals(t *testing.T, op operation) {
	o, values, named := objectIn(t, op)
	granted := slices.Contains(byGrant, op.id)
	before := row(t, o)
	for name, c := range run.callers {
		status, code := verdict(op, c)
		if status != 0 {
			for _, body := range []string{op.empty(), op.whole()} {
				if a := asks(t, name, op.method, op.at(values), body); a.status != status || code != "" && a.code() != code {
					t.Errorf("%s: want %d %s, got %v", name, status, code, a)
				}
			}
			continue
		}
		if !named || op.access.Public && !granted || o.of(name) {
			continue
		}
		foreign := asks(t, name, op.method, op.at(values), op.whole())
		none := asks(t, name, op.method, op.at(unknown(values, o)), op.whole())
		if foreign.same() != none.same() {
			t.Errorf("%s: what is not his answers %v, what does not exist %v", name, foreign, none)
		}
		if foreign.status != http.StatusNotFound && !unverified(c, foreign) && !slices.Contains(silent, op.id) {
			t.Errorf("%s: want 404 for what is not his, got %v", name, foreign)
		}
	}
	if after := row(t, o); after != before {
		t.Errorf("refused requests changed the row\n%s\n%s", before, after)
	}
}

// unverified says that a company is refused because nobody has verified it yet.
func unverified(c caller, a answer) bool {
	return c.name == "unverified" && a.status == http.StatusForbidden && a.code() == "org.unverified"
}

func permissions(t *testing.T, op operation) {
	if why := notOwn[op.id]; why != "" {
		t.Skip(why)
	}
	o, values, named := objectIn(t, op)
	asked := 0
	for _, name := range slices.Sorted(maps.Keys(run.callers)) {
		c := run.callers[name]
		status, _ := verdict(op, c)
		if status != 0 || named && !o.of(name) && (!op.access.Public || slices.Contains(byGrant, op.id)) {
			continue
		}
		asked++
		a := asks(t, name, op.method, op.at(values), op.empty())
		if unverified(c, a) || a.status == http.StatusNotFound && missing[op.id+" "+name] != "" {
			continue
		}
		switch a.status {
		case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
			t.Errorf("%s may, but is refused: %v", name, a)
		}
	}
	if asked == 0 && !op.access.HalfSigned {
		t.Errorf("nobody here may %s: add a caller or an owner", op.id)
	}
}

func TestEveryRowOfTheTablesIsOfAnOperation(t *testing.T) {
	known := map[string]bool{}
	for _, op := range run.ops {
		known[op.id] = true
	}
	for key := range objectOf {
		if id, _, _ := strings.Cut(key, "/"); !known[id] {
			t.Errorf("named has %s, which is no operation", id)
		}
	}
	for _, table := range []map[string]string{owners, notOwn} {
		for id := range table {
			if !known[id] {
				t.Errorf("a table has %s, which is no operation", id)
			}
		}
	}
}
