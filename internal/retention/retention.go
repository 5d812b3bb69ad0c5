// Package retention deletes what is no longer needed: one table says of which
// rows what goes after how long. Money, consents, the journal and the audit trail
// are kept; the database itself refuses to delete the last two.
package retention

import (
	"context"
	"fmt"
	"time"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
)

// Rule is one line of the table. Statement takes the instant before which the
// data is old.
type Rule struct {
	Table     string
	What      string // in words, as docs/operate.md lists it
	Days      int
	Statement string
}

// Rules is the table.
var Rules = []Rule{
	{"organizations", "drafts of company forms that nobody went on with", 180, `
		UPDATE organizations SET draft_values = '', draft_sealed = '', draft_at = 0
		WHERE draft_at > 0 AND draft_at < ?`},
	{"profile_versions", "the sealed answers of verifications that were rejected, returned or withdrawn", 180, `
		UPDATE profile_versions SET sealed = '', phone_index = '' WHERE sealed <> '' AND submitted_at < ?
			AND EXISTS (SELECT 1 FROM review_cases c WHERE c.subject_id = profile_versions.id AND c.status IN ('rejected', 'returned', 'withdrawn'))
			AND NOT EXISTS (SELECT 1 FROM organizations o WHERE o.current_version = profile_versions.id OR o.pending_version = profile_versions.id)`},
	{"org_marks", "keyed hashes of what companies stated that were never verified", 180, `
		DELETE FROM org_marks WHERE at < ? AND NOT EXISTS (SELECT 1 FROM organizations o WHERE o.id = org_marks.org_id AND (o.current_version <> 0 OR o.pending_version <> 0))`},
	{"signin_traces", "keyed hashes of the addresses and browsers that companies signed in from", 180, `DELETE FROM signin_traces WHERE last_at < ?`},
	{"experts", "nominations that were declined", 180, `DELETE FROM experts WHERE status = 'declined' AND updated_at < ?`},
	{"outbox", "text messages and mails, with recipient and text", 30, `DELETE FROM outbox WHERE status <> 'queued' AND created_at < ?`},
	{"messages", "in-app messages", 365, `DELETE FROM messages WHERE created_at < ?`},
	{"survey_answers", "the hashed address of who answered", 30, `UPDATE survey_answers SET ip_index = '' WHERE ip_index <> '' AND at < ?`},
	{"one_time_codes", "one-time codes", 1, `DELETE FROM one_time_codes WHERE expires_at < ?`},
	{"sessions", "ended sessions with address and browser", 1, `DELETE FROM sessions WHERE expires_at < ?`},
	{"idempotency_keys", "answers kept for repeated requests", 90, `DELETE FROM idempotency_keys WHERE created_at < ?`},
}

// Run applies every rule once; the sweep runner calls it.
func Run(ctx context.Context, d *db.DB) error {
	for _, rule := range Rules {
		err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, rule.Statement, clock.At(tx.Now()).Add(-time.Duration(rule.Days)*24*time.Hour))
			return err
		})
		if err != nil {
			return fmt.Errorf("retention of %s: %w", rule.Table, err)
		}
	}
	return nil
}
