package access

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"smedx/internal/account"
	"smedx/internal/file"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
)

// hired is a caller of one test: an account like somebody's, signed in.
func hired(t *testing.T, name, like, phone string, perms ...account.Permission) account.User {
	t.Helper()
	model := run.callers[like]
	password, err := run.Services.Accounts.Hash(t.Context(), "Access#2026smedx")
	if err != nil {
		t.Fatal(err)
	}
	var u account.User
	err = run.DB.Write(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		u, err = run.Services.Accounts.Create(ctx, tx, account.NewUser{
			OrgID: model.org, Role: model.role, Username: "access_" + strings.ToLower(name), Password: password, Phone: phone, PhoneProven: phone != "",
			Permissions: perms,
		})
		if err != nil {
			return err
		}
		return run.Services.Accounts.Consent(ctx, tx, u.ID, "")
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := employ(t.Context(), name, u.Username); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { delete(run.callers, name) })
	return u
}

// tell leaves a message in somebody's inbox, with a link to an object.
func tell(t *testing.T, user id.ID, link string) {
	t.Helper()
	err := run.DB.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return run.Services.Notify.Tell(ctx, tx, notify.Message{UserIDs: []id.ID{user}, Title: "请处理", Body: "请处理", Link: link})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, what, who, method, path, body string, status int) answer {
	t.Helper()
	a := asks(t, who, method, "/api/v1"+path, body)
	if a.status != status {
		t.Errorf("%s: want %d, got %v", what, status, a)
	}
	return a
}

// T-AUTHZ-10, T-SESS-02: of whoever leaves a company nothing reaches its objects
// any more: old links, addresses of files, tasks, messages. Nor does the next
// account of the same person, in another company.
func TestNothingIsLeftToAMemberWhoWasRemoved(t *testing.T) {
	const phone = "13977770001"
	u := hired(t, "leaver", "buyer", phone)
	order, license := "/orders/"+run.objects["order"].id, "/files/"+run.objects["license"].id
	tell(t, u.ID, "/workbench"+order)
	links := []string{order, license, "/messages", "/review-cases", "/vouchers/" + run.objects["voucher"].id}
	for _, path := range links {
		expect(t, "before", "leaver", "GET", path, "", http.StatusOK)
	}
	expect(t, "a search of his", "leaver", "POST", "/saved-searches", `{"name":"排产","terms":{"q":"排产"}}`, http.StatusCreated)
	expect(t, "removal", "buyer", "DELETE", "/members/"+u.ID.String(), "", http.StatusNoContent)
	for _, path := range links {
		want := http.StatusUnauthorized
		if path == license {
			want = http.StatusNotFound // a visitor, to whom it is not there
		}
		expect(t, "after removal", "leaver", "GET", path, "", want)
	}
	var left int
	if err := run.DB.Raw(`SELECT (SELECT count(*) FROM messages WHERE user_id = ?) + (SELECT count(*) FROM sessions WHERE user_id = ?)
		+ (SELECT count(*) FROM saved_searches WHERE user_id = ?)`, u.ID, u.ID, u.ID).Scan(t.Context(), &left); err != nil || left != 0 {
		t.Errorf("%d messages, sessions and searches are kept, %v", left, err)
	}

	hired(t, "returner", "otherBuyer", phone)
	for _, path := range []string{order, license, "/vouchers/" + run.objects["voucher"].id} {
		expect(t, "in another company", "returner", "GET", path, "", http.StatusNotFound)
	}
	var inbox struct{ Total int }
	a := expect(t, "messages in another company", "returner", "GET", "/messages", "", http.StatusOK)
	if err := json.Unmarshal([]byte(a.body), &inbox); err != nil || inbox.Total != 0 {
		t.Error("messages of the old company:", a)
	}
}

// T-SESS-02: whoever has signed out takes no file along any more, with a cookie that
// was copied before: no upload, no export, no file for the bank.
func TestADownloadEndsWithItsSession(t *testing.T) {
	seen := map[string]bool{}
	for _, like := range []string{"operator", "department", "admin", "buyer", "provider"} {
		who := "downloading" + like
		hired(t, who, like, "")
		paths := map[string]int{}
		for _, op := range run.ops {
			file := op.id == "readFile" || strings.Contains(op.path[strings.LastIndexByte(op.path, '/'):], ".")
			if status, _ := verdict(op, run.callers[who]); !op.get() || !file || op.access.Public && op.id != "readFile" || status != 0 {
				continue
			}
			_, values, _ := objectIn(t, op)
			a := asks(t, who, "GET", op.at(values), "")
			if a.status == http.StatusOK {
				seen[op.id] = true
			}
			paths[op.at(values)] = http.StatusUnauthorized
			if op.id == "readFile" {
				paths[op.at(values)] = http.StatusNotFound // a visitor, to whom it is not there
			}
		}
		expect(t, "signing out", who, "DELETE", "/session", "", http.StatusNoContent)
		for path, want := range paths {
			if a := asks(t, who, "GET", path, ""); a.status != want {
				t.Errorf("%s as %s who has signed out: %v", path, like, a)
			}
		}
	}
	for _, op := range []string{"readFile", "exportOrgs", "exportAudit", "exportFundOverview", "exportOwnStatement", "exportMyPayouts", "exportOwnData"} {
		if !seen[op] {
			t.Errorf("nobody took %s along before", op)
		}
	}
}

// T-PRIV-08: nothing that everybody may ask answers with the photo or the age of a
// person; those of experts are for the operators and the experts' own company.
func TestNobodyInPublicSeesThePhotoOrTheAgeOfAPerson(t *testing.T) {
	private := regexp.MustCompile(`(?i)photo|^age$|birth|idNumber|education`)
	var search func(op string, s *schema, seen map[*schema]bool) (found bool)
	search = func(op string, s *schema, seen map[*schema]bool) (found bool) {
		if s = s.resolve(); s == nil || seen[s] {
			return false
		}
		seen[s] = true
		for name, of := range s.Properties {
			if private.MatchString(name) {
				found = true
				if op != "" {
					t.Errorf("%s answers everybody with %s", op, name)
				}
			}
			found = search(op, of, seen) || found
		}
		return search(op, s.Items, seen) || found
	}
	public, staff := 0, false
	for _, op := range run.ops {
		for _, s := range op.answers {
			if op.access.Public {
				public++
				search(op.id, s, map[*schema]bool{})
			} else {
				staff = search("", s, map[*schema]bool{}) || staff
			}
		}
	}
	if public < 20 || !staff {
		t.Errorf("%d public answers were read; some photo or age for staff: %v", public, staff)
	}
}

// T-SESS-03: a disabled account does not come back by registering its phone again.
func TestADisabledAccountStaysOut(t *testing.T) {
	const phone = "13977770002"
	u := hired(t, "stopped", "buyer", phone, account.OrderBuy)
	expect(t, "disabling", "buyer", "PUT", "/members/"+u.ID.String()+"/active", `{"active":false}`, http.StatusNoContent)
	expect(t, "the next request", "stopped", "GET", "/me/data", "", http.StatusUnauthorized)
	register := func(name, password string) answer {
		body := fmt.Sprintf(`{"role":"enterprise","username":%q,"phone":%q,"password":%q,"passwordConfirm":%q,"agreed":true}`, name, phone, password, password)
		return asks(t, "visitor", "POST", "/api/v1/registrations", body)
	}
	if a := register(u.Username, "Access#2026smedx"); a.status != http.StatusUnprocessableEntity {
		t.Error("the disabled account registers again:", a)
	}
	a := register("access_again", "Fresh#2026smedx")
	if a.status != http.StatusCreated {
		t.Fatal("a new company on the same phone:", a)
	}
	// what he has now is a company of its own without anything
	if err := employ(t.Context(), "again", "access_again"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { delete(run.callers, "again") })
	expect(t, "the order of the old company", "again", "GET", "/orders/"+run.objects["order"].id, "", http.StatusNotFound)
	expect(t, "the old session", "stopped", "GET", "/me/data", "", http.StatusUnauthorized)
	if now, err := run.Services.Accounts.Find(t.Context(), run.DB, u.ID); err != nil || now.Status != account.Disabled {
		t.Error("the account is not disabled any more:", now.Status, err)
	}
}

// T-AUTHZ-10, T-SESS-02, T-MON-17: a provider that is suspended has left the shelf, and its
// running sessions do no business from the next request on.
func TestNothingIsSoldByAProviderThatIsSuspended(t *testing.T) {
	org, offering := run.callers["otherProvider"].org, ""
	var err error
	if offering, err = first(t.Context(), `SELECT id FROM offerings WHERE org_id = ? AND status = 'listed' ORDER BY id LIMIT 1`, org); err != nil {
		t.Fatal(err)
	}
	plan, err := first(t.Context(), `SELECT p.id FROM plans p JOIN offerings o ON o.id = p.offering_id AND o.live_revision = p.revision_id
		WHERE o.id = ? AND p.active ORDER BY p.id LIMIT 1`, offering)
	if err != nil {
		t.Fatal(err)
	}
	unit, err := first(t.Context(), `SELECT unit FROM plan_prices WHERE plan_id = ? ORDER BY unit LIMIT 1`, plan)
	if err != nil {
		t.Fatal(err)
	}
	line := fmt.Sprintf(`{"planId":%q,"unit":%q,"quantity":1}`, plan, unit)
	if a := asks(t, "buyer", "POST", "/api/v1/cart/lines", line); a.status >= 400 {
		t.Fatal("before:", a)
	}
	expect(t, "before", "otherProvider", "POST", "/my/offerings", `{"kind":"solution"}`, http.StatusCreated)
	measure := func(verb string) {
		t.Helper()
		expect(t, verb, "operator", "POST", "/orgs/"+org.String()+"/discipline", fmt.Sprintf(`{"verb":%q,"reason":"investigation","comment":"请配合核查。"}`, verb), http.StatusOK)
	}
	measure("suspend")
	t.Cleanup(func() { measure("restore") })
	if a := asks(t, "buyer", "POST", "/api/v1/cart/lines", line); a.code() != "order.not_for_sale" {
		t.Error("it is still sold:", a)
	}
	expect(t, "its own page", "visitor", "GET", "/providers/"+org.String(), "", http.StatusNotFound)
	if a := expect(t, "the search", "visitor", "GET", "/offerings?size=100", "", http.StatusOK); strings.Contains(a.body, `"`+offering+`"`) {
		t.Error("the search still shows it")
	}
	expect(t, "a new offering", "otherProvider", "POST", "/my/offerings", `{"kind":"solution"}`, http.StatusForbidden)
}

// T-AUTHZ-10: an expert who leaves the panel has lost the case: the dossier, its
// files, the task and the message. One who never declared has not got them.
func TestNothingIsLeftToAnExpertWhoHasLeftThePanel(t *testing.T) {
	ctx := t.Context()
	var seat struct {
		CaseID id.ID
		UserID id.ID
		File   id.ID
	}
	err := run.DB.Raw(`
		SELECT s.case_id, s.user_id, f.id AS file FROM review_seats s
		JOIN review_cases c ON c.id = s.case_id AND c.round = s.round AND c.status = 'pending' AND c.stage = 'experts'
		JOIN file_grants g ON g.grantee = 'seat:' || CAST(s.case_id AS TEXT)
		JOIN files f ON f.id = g.file_id AND f.purpose = 'case_doc'
		WHERE s.state = 'asked' ORDER BY s.case_id, s.user_id LIMIT 1`).Scan(ctx, &seat)
	if err != nil {
		t.Fatal("the demonstration has no panel with a silent expert:", err)
	}
	username, err := first(ctx, `SELECT username FROM users WHERE id = ?`, seat.UserID)
	if err != nil {
		t.Fatal(err)
	}
	if err := employ(ctx, "panelist", username); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { delete(run.callers, "panelist") })
	work := "/review-cases/" + seat.CaseID.String()
	paper := "/files/" + seat.File.String()
	task := func() bool {
		t.Helper()
		a := expect(t, "the tasks", "panelist", "GET", "/review-cases?box=awaiting&size=100", "", http.StatusOK)
		return strings.Contains(a.body, `"`+seat.CaseID.String()+`"`)
	}
	tell(t, seat.UserID, "/workbench/tasks/"+seat.CaseID.String())
	expect(t, "before the declaration", "panelist", "GET", paper, "", http.StatusNotFound)
	expect(t, "the case", "panelist", "GET", work, "", http.StatusOK)
	expect(t, "the declaration", "panelist", "POST", work+"/declaration", "", http.StatusOK)
	expect(t, "after the declaration", "panelist", "GET", paper, "", http.StatusOK)
	if !task() {
		t.Error("the case is not among the tasks")
	}
	foreign, err := first(ctx, `SELECT g.file_id FROM file_grants g JOIN files f ON f.id = g.file_id WHERE f.purpose = 'case_doc' AND g.grantee LIKE 'seat:%'
		AND g.file_id NOT IN (SELECT file_id FROM file_grants WHERE grantee IN (SELECT 'seat:' || CAST(case_id AS TEXT) FROM review_seats WHERE user_id = ?)) ORDER BY g.file_id LIMIT 1`, seat.UserID)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "a file of another case", "panelist", "GET", "/files/"+foreign, "", http.StatusNotFound)

	expect(t, "the recusal", "panelist", "POST", work+"/recusal", `{"cause":"employed","reason":"曾任该企业顾问"}`, http.StatusNoContent)
	expect(t, "the file after it", "panelist", "GET", paper, "", http.StatusNotFound)
	expect(t, "the case after it", "panelist", "GET", work, "", http.StatusNotFound)
	expect(t, "the dossier after it", "panelist", "GET", work+"/offering", "", http.StatusNotFound)
	if task() {
		t.Error("the case is still among the tasks")
	}
	var messages int
	if err := run.DB.Raw(`SELECT count(*) FROM messages WHERE user_id = ? AND link = ?`, seat.UserID, "/workbench/tasks/"+seat.CaseID.String()).Scan(ctx, &messages); err != nil || messages != 0 {
		t.Errorf("%d messages lead to the case, %v", messages, err)
	}
}

// T-AUTHZ-11: licences, documents of cases and deliveries, photos of experts and
// papers of surveys are not there for a visitor or another tenant, by id or by the
// name in the store.
func TestFilesAreNotThereForOthers(t *testing.T) {
	ctx := t.Context()
	var files []struct {
		ID       id.ID
		OrgID    id.ID
		UserID   id.ID
		Purpose  file.Purpose
		StoreKey string
	}
	err := run.DB.Raw(`SELECT id, org_id, user_id, purpose, store_key FROM files
		WHERE purpose IN ('license', 'qualification', 'case_doc', 'delivery_doc', 'expert_photo', 'survey_file') ORDER BY id`).Scan(ctx, &files)
	if err != nil {
		t.Fatal(err)
	}
	none := asks(t, "visitor", "GET", "/api/v1/files/987654321", "").same()
	seen := map[file.Purpose]bool{}
	for _, f := range files {
		var public, shared int
		if err := run.DB.Raw(`SELECT count(*) FROM file_grants WHERE file_id = ? AND grantee = 'public'`, f.ID).Scan(ctx, &public); err != nil {
			t.Fatal(err)
		}
		if public > 0 {
			t.Errorf("a %s is public", f.Purpose)
			continue
		}
		seen[f.Purpose] = true
		for _, who := range []string{"visitor", "buyer", "otherBuyer", "provider", "otherProvider", "unverified", "operatorBare", "otherExpert"} {
			c := run.callers[who]
			if err := run.DB.Raw(`SELECT count(*) FROM file_grants WHERE file_id = ? AND grantee IN (?, ?)`, f.ID, file.ToOrg(c.org), file.ToUser(c.user)).Scan(ctx, &shared); err != nil {
				t.Fatal(err)
			}
			if c.org != 0 && (c.org == f.OrgID || shared > 0) || c.user == f.UserID {
				continue
			}
			err := run.DB.Raw(`SELECT count(*) FROM file_grants g JOIN review_seats s ON g.grantee = 'seat:' || CAST(s.case_id AS TEXT)
				WHERE g.file_id = ? AND s.user_id = ? AND s.state IN ('declared', 'voted')`, f.ID, c.user).Scan(ctx, &shared)
			if err != nil {
				t.Fatal(err)
			}
			if shared > 0 {
				continue
			}
			if a := asks(t, who, "GET", "/api/v1/files/"+f.ID.String(), ""); a.same() != none {
				t.Errorf("%s of %v for %s: %v", f.Purpose, f.OrgID, who, a)
			}
		}
	}
	for _, p := range []file.Purpose{file.License, file.CaseDoc, file.DeliveryDoc, file.ExpertPhoto} {
		if !seen[p] {
			t.Errorf("the demonstration has no %s", p)
		}
	}
	for _, path := range []string{"/files/", "/data/files/", "/static/", "/assets/", "/uploads/", "/api/v1/files/", "/api/v1/files/../"} {
		if a := asks(t, "visitor", "GET", path+files[0].StoreKey, ""); a.status == http.StatusOK && !strings.Contains(a.body, "<!doctype html") {
			t.Errorf("%s%s: %v", path, files[0].StoreKey, a)
		}
	}
}

// T-PRIV-09: an answer to a survey is written and never read back by whoever has
// the address; addresses of surveys cannot be found by trying.
func TestSurveyAnswersAreWriteOnly(t *testing.T) {
	ctx, token := t.Context(), run.objects["token"].id
	form := asks(t, "visitor", "GET", "/api/v1/surveys/"+token, "")
	if form.status != http.StatusOK {
		t.Fatal(form)
	}
	var sealed, index []string
	if err := run.DB.Raw(`SELECT sealed FROM survey_answers`).Scan(ctx, &sealed); err != nil || len(sealed) == 0 {
		t.Fatal(sealed, err)
	}
	if err := run.DB.Raw(`SELECT ip_index FROM survey_answers WHERE ip_index <> ''`).Scan(ctx, &index); err != nil {
		t.Fatal(err)
	}
	for _, i := range index {
		if strings.Contains(i, ".") || strings.Contains(i, ":") {
			t.Error("an address is kept in clear:", i)
		}
	}
	answer, survey := run.objects["surveyAnswer"].id, run.objects["survey"].id
	for _, who := range []string{"visitor", "buyer", "provider", "seatedExpert", "department", "admin", "operatorBare"} {
		for _, path := range []string{"/editor/surveys/" + survey + "/answers", "/editor/surveys/" + survey + "/answers/" + answer, "/editor/surveys/" + survey + "/results", "/editor/surveys/" + survey + "/answers.xlsx"} {
			if a := asks(t, who, "GET", "/api/v1"+path, ""); a.status < 400 {
				t.Errorf("%s reads %s: %v", who, path, a)
			}
		}
		for _, path := range []string{"/answers", "/answers/" + answer, "/results"} {
			if a := asks(t, who, "GET", "/api/v1/surveys/"+token+path, ""); a.status < 400 {
				t.Errorf("%s reads %s below the public address: %v", who, path, a)
			}
		}
	}
	if strings.Contains(form.body, `"`+answer+`"`) || strings.Contains(form.body, `"answers"`) {
		t.Error("the form shows answers:", form)
	}
	none := asks(t, "visitor", "GET", "/api/v1/surveys/"+strings.Repeat("a", 20), "").same()
	for _, near := range []string{token[:19], token[:19] + "x", token[1:], token + "a", "%25", "_", survey, "1"} {
		if near == token {
			continue
		}
		if a := asks(t, "visitor", "GET", "/api/v1/surveys/"+near, ""); a.status != http.StatusUnprocessableEntity && a.same() != none {
			t.Errorf("%s: %v", near, a)
		}
	}
	var tokens []string
	if err := run.DB.Raw(`SELECT token FROM surveys`).Scan(ctx, &tokens); err != nil {
		t.Fatal(err)
	}
	for _, k := range tokens {
		if len(k) != 20 || strings.Trim(k, "abcdefghijklmnopqrstuvwxyz234567") != "" {
			t.Errorf("the address %q is not 100 random bits", k)
		}
	}
}
