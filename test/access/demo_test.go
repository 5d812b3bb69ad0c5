package access

import (
	"regexp"
	"strings"
	"testing"

	"smedx/internal/kit/dbtest"
	"smedx/internal/reconcile"
)

// The data set has passed every rule of the services it was played through, left
// the books right, and is not loaded twice.
func TestDemoLoadsOnceAndTheBooksAreRight(t *testing.T) {
	count := func(query string) (n int64) {
		t.Helper()
		if err := run.DB.Raw(query).Scan(t.Context(), &n); err != nil {
			t.Fatal(query, err)
		}
		return n
	}
	users := count(`SELECT count(*) FROM users`)
	if err := run.LoadDemo(t.Context()); err != nil || count(`SELECT count(*) FROM users`) != users {
		t.Error("loaded again", err)
	}
	report, err := reconcile.Run(t.Context(), run.DB, run.DB)
	if err != nil || !report.OK {
		t.Error(err, report)
	}
	noPhones(t)
	const theirs = ` = (SELECT org_id FROM users WHERE username = 'hengzhun_soft') ` // of the provider that the README names
	for what, want := range map[string]struct {
		query string
		least int64
	}{
		"offerings on sale":    {`SELECT count(*) FROM offerings WHERE status = 'listed'`, 40},
		"verified enterprises": {`SELECT count(*) FROM organizations WHERE kind = 'enterprise' AND verification = 'verified'`, 24},
		"states of orders":     {`SELECT count(DISTINCT status) FROM orders`, 7},
		"ratings":              {`SELECT count(*) FROM ratings`, 25},
		"open campaigns":       {`SELECT count(*) FROM campaigns WHERE status = 'open'`, 2},
		"orders with vouchers": {`SELECT count(*) FROM orders WHERE redeemed_fen > 0`, 10},
		"lists of own goods":   {`SELECT count(DISTINCT state) FROM (SELECT status AS state, org_id FROM offerings UNION SELECT work, org_id FROM offerings) x WHERE org_id` + theirs + `AND state <> ''`, 6},
		"stages that wait":     {`SELECT count(DISTINCT stage) FROM review_cases WHERE submitter_org` + theirs + `AND kind = 'listing' AND status = 'pending'`, 3},
		"new versions":         {`SELECT count(DISTINCT work) FROM offerings WHERE org_id` + theirs + `AND status = 'listed' AND work <> ''`, 2},
		"returned listings":    {`SELECT count(*) FROM offerings WHERE org_id` + theirs + `AND work_fields <> '[]'`, 2},
		"answers":              {`SELECT count(*) FROM survey_answers`, 20},
	} {
		if n := count(want.query); n < want.least {
			t.Errorf("%s: %d, want at least %d", what, n, want.least)
		}
	}
}

var mobile = regexp.MustCompile(`(?:^|[^0-9A-Za-z])1[3-9][0-9]{9}(?:[^0-9A-Za-z]|$)`)

// noPhones fails on every table that holds a phone number in clear.
func noPhones(t *testing.T) {
	t.Helper()
	for line := range strings.Lines(dbtest.Dump(t, run.DB)) {
		for _, found := range mobile.FindAllString(line, -1) {
			if found[0] == ':' && strings.ContainsAny(found[len(found)-1:], ",}") {
				continue // a number in JSON is an amount; phones are strings
			}
			t.Errorf("a phone in clear (%s): %.200s", found, line)
		}
	}
}
