package account

import (
	"context"
	"embed"
	"strings"

	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// CodeConsent is the field refusal of somebody who did not agree.
const CodeConsent = "account.consent_missing"

// Agreement is a text in one version. Body is plain text: a line that begins with
// "## " is a heading, an empty line ends a paragraph.
type Agreement struct {
	Name, Version, Title, Body string
}

//go:embed agreements/*.txt
var agreementFiles embed.FS

// AgreementNames lists the agreements that a registration accepts.
var AgreementNames = []string{"service", "privacy"}

// FindAgreement reads an agreement in force. The first two lines of its file are
// the title and the version.
func FindAgreement(name string) (Agreement, error) {
	raw, err := agreementFiles.ReadFile("agreements/" + name + ".txt")
	if err != nil {
		return Agreement{}, errs.ErrNotFound
	}
	title, rest, _ := strings.Cut(string(raw), "\n")
	version, body, _ := strings.Cut(rest, "\n")
	return Agreement{Name: name, Version: version, Title: title, Body: strings.TrimSpace(body)}, nil
}

// Consent records that a user accepted every agreement in its present version.
func (s *Service) Consent(ctx context.Context, tx *db.Tx, userID id.ID, ip string) error {
	for _, name := range AgreementNames {
		a, err := FindAgreement(name)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO consents (user_id, agreement, version, at, ip) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			userID, a.Name, a.Version, tx.Now().UnixMilli(), ip)
		if err != nil {
			return err
		}
	}
	return nil
}
