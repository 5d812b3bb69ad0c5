package account_test

import (
	"context"
	"errors"
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
		if err != nil || kept.IP != "192.0.2.7" || kept.At == 0 {
			t.Error(kept, err)
		}
	})
}
