package retention_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/retention"
)

// T-PRIV-06: what is old goes, what is young stays, and the trail is never touched.
func TestOldDataGoesAndTheTrailStays(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		ago := func(days int) clock.Instant { return clock.At(d.Now()).Add(-time.Duration(days) * 24 * time.Hour) }
		err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			for i, at := range []clock.Instant{ago(400), ago(10)} {
				for _, s := range []string{
					`INSERT INTO organizations (id, kind, draft_values, draft_sealed, draft_at, created_at) VALUES (%d, 'enterprise', '{}', 'x', %d, 1)`,
					`INSERT INTO profile_versions (id, org_id, seq, form, year, answers, sealed, facts, name, uscc, region_code, content_hash, submitted_by, submitted_at) VALUES (%d, 1, %[1]d, 'f', 2026, '{}', 'x', '{}', 'n', 'u', '', 'h', 1, %[2]d)`,
					`INSERT INTO review_cases (id, kind, subject_id, title, submitter_id, submitter_name, stage, status, version, content_hash, created_at, stage_at) VALUES (%d, 'enterprise_verification', %[1]d, 't', 1, 'n', 'operator', 'rejected', 1, 'h', %[2]d, %[2]d)`,
					`INSERT INTO outbox (id, channel, recipient, template, params, status, due_at, created_at) VALUES (%d, 'sms', 'x', 't', 'x', 'sent', 1, %d)`,
					`INSERT INTO messages (id, user_id, title, body, created_at) VALUES (%d, 1, 't', 'b', %d)`,
					`INSERT INTO one_time_codes (id, phone_index, purpose, code_hash, created_at, expires_at) VALUES (%d, 'x', 'login', 'x', 1, %d)`,
				} {
					if i == 1 && strings.Contains(s, "one_time_codes") {
						at = clock.At(d.Now())
					}
					if _, err := tx.Exec(ctx, fmt.Sprintf(s, i+1, at)); err != nil {
						return fmt.Errorf("%s: %w", s, err)
					}
				}
			}
			return audit.Write(ctx, tx, audit.Actor{}, audit.Entry{Action: "order.place", ObjectKind: "order"})
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // works again on what it has done
			if err := retention.Run(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
		for query, want := range map[string]int64{
			`SELECT count(*) FROM organizations WHERE draft_at > 0`:      1,
			`SELECT count(*) FROM organizations WHERE draft_sealed = ''`: 1,
			`SELECT count(*) FROM profile_versions WHERE sealed = ''`:    1,
			`SELECT count(*) FROM profile_versions`:                      2,
			`SELECT count(*) FROM outbox`:                                1,
			`SELECT count(*) FROM messages`:                              1,
			`SELECT count(*) FROM one_time_codes`:                        1,
			`SELECT count(*) FROM audit_entries`:                         1,
		} {
			var n int64
			if err := d.Raw(query).Scan(t.Context(), &n); err != nil || n != want {
				t.Errorf("%s: %d, want %d (%v)", query, n, want, err)
			}
		}
	})
}

// Audit rows, consents, books and logs have no rule: they stay for at least 180 days.
func TestWhatMustBeKeptHasNoRule(t *testing.T) {
	for _, r := range retention.Rules {
		for _, kept := range []string{"audit_entries", "consents", "journal", "postings", "seals", "orders", "payments"} {
			if r.Table == kept {
				t.Errorf("%s has a rule", kept)
			}
		}
	}
}

// The handbook lists every rule with its period.
func TestTheHandbookListsEveryRule(t *testing.T) {
	doc, err := os.ReadFile("../../docs/operate.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range retention.Rules {
		if line := fmt.Sprintf("| `%s` | %s | %d days |", r.Table, r.What, r.Days); !strings.Contains(string(doc), line) {
			t.Errorf("docs/operate.md lacks\n%s", line)
		}
	}
}
