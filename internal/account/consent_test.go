package account_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
)

// T-PRIV-04: consent is recorded with version, time and address; a new version is
// asked for once; a version that is not in force cannot be accepted.
func TestConsentToANewVersion(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		b := newDesk(t, d)
		who := b.owner("consent_one", "13800001234")
		who.IP = "192.0.2.7"
		exec := func(query string, args ...any) {
			t.Helper()
			err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, query, args...)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		current := func() (yes, all int) {
			t.Helper()
			accepted, err := b.AcceptedBy(t.Context(), who.UserID)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range accepted {
				if a.Current() {
					yes++
				}
			}
			return yes, len(accepted)
		}
		exec(`INSERT INTO consents (user_id, agreement, version, at, ip) VALUES (?, 'service', '2025.01', 1, ''), (?, 'privacy', '2025.01', 1, '')`, who.UserID, who.UserID)
		if yes, all := current(); yes != 0 || all != 2 {
			t.Error("after a new version:", yes, all)
		}
		if !b.signedIn("consent_one").MustConsent {
			t.Error("a new version is not asked for")
		}
		before := b.password("consent_one")
		if !b.who(before).MustConsent {
			t.Error("a running session is not asked")
		}
		service, err := account.FindAgreement("service")
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Accept(t.Context(), who, map[string]string{"service": service.Version, "privacy": "2025.01"}); !errors.Is(err, account.ErrAgreementChanged) {
			t.Error("an old version was accepted:", err)
		}
		if err := b.Accept(t.Context(), who, map[string]string{"service": service.Version, "privacy": service.Version}); err != nil {
			t.Fatal(err)
		}
		if yes, all := current(); yes != 2 || all != 2 {
			t.Error("after consent:", yes, all)
		}
		if b.who(before).MustConsent {
			t.Error("asked again after consent")
		}
		exec(`DELETE FROM consents WHERE user_id = ? AND agreement = 'privacy' AND version = ?`, who.UserID, service.Version)
		b.sessions.Forget()
		if !b.who(before).MustConsent {
			t.Error("one of two agreements is enough")
		}
		if err := b.Accept(t.Context(), who, map[string]string{"service": service.Version, "privacy": service.Version}); err != nil {
			t.Fatal(err)
		}
		var kept struct {
			IP string
			At int64
		}
		err = d.Raw(`SELECT ip, at FROM consents WHERE user_id = ? AND agreement = 'privacy' AND version = ?`, who.UserID, service.Version).Scan(t.Context(), &kept)
		if err != nil || kept.IP == "" || strings.Contains(kept.IP, "192.0.2") || kept.At == 0 {
			t.Error("the address is kept in clear, or not at all:", kept, err)
		}
		shown := func() (ips []string) {
			t.Helper()
			all, err := b.Consents(t.Context(), who)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range all {
				if c.Version == service.Version {
					ips = append(ips, c.IP)
				}
			}
			return ips
		}
		if got := shown(); len(got) != 2 || got[0] != who.IP || got[1] != who.IP {
			t.Error("the user reads", got)
		}
		exec(`UPDATE consents SET ip = '2001:db8::7' WHERE user_id = ? AND version = ?`, who.UserID, service.Version) // of an older version of the program
		if got := shown(); got[0] != "2001:db8::7" {
			t.Error("before the sweep the user reads", got)
		}
		if err := b.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
		var clear int
		if err := d.Raw(`SELECT count(*) FROM consents WHERE ip LIKE '%:%' OR ip LIKE '%.%'`).Scan(t.Context(), &clear); err != nil || clear != 0 {
			t.Error(clear, "addresses are left in clear", err)
		}
		if got := shown(); got[0] != "2001:db8::7" {
			t.Error("after the sweep the user reads", got)
		}
		var session string
		if err := d.Raw(`SELECT ip FROM sessions WHERE user_id = ? ORDER BY id LIMIT 1`, who.UserID).Scan(t.Context(), &session); err != nil || session == "" || strings.Contains(session, ".") {
			t.Error("a session's address is kept in clear, or not at all:", session, err)
		}
		own, err := b.OwnSessions(t.Context(), who)
		if err != nil || len(own) == 0 || own[0].IP != from.IP {
			t.Error("own sessions:", own, err)
		}
	})
}
