package account

import (
	"context"
	"embed"
	"strings"
	"sync"

	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// ErrAgreementChanged refuses consent to a version that is not in force.
var ErrAgreementChanged = errs.New(errs.Stale, "account.agreement_changed")

// CodeConsent is the field refusal of somebody who did not agree.
const CodeConsent = "account.consent_missing"

// Agreement is a text in one version. Body is plain text: a line that begins with
// "## " is a heading, an empty line ends a paragraph.
type Agreement struct {
	Name, Version, Title, Body string
	Changes                    string // what this version changed, and since when it is in force
}

//go:embed agreements/*.txt
var agreementFiles embed.FS

// AgreementNames lists the agreements that a registration accepts.
var AgreementNames = []string{"service", "privacy"}

// FindAgreement reads an agreement in force. The first two lines of its file are
// the title and the version, the third what the version changed.
func FindAgreement(name string) (Agreement, error) {
	raw, err := agreementFiles.ReadFile("agreements/" + name + ".txt")
	if err != nil {
		return Agreement{}, errs.ErrNotFound
	}
	title, rest, _ := strings.Cut(string(raw), "\n")
	version, rest, _ := strings.Cut(rest, "\n")
	changes, body, _ := strings.Cut(rest, "\n")
	return Agreement{Name: name, Version: version, Title: title, Body: strings.TrimSpace(body), Changes: changes}, nil
}

// agreements are those in force; they change with the program alone.
var agreements = sync.OnceValue(func() []Agreement {
	var all []Agreement
	for _, name := range AgreementNames {
		a, err := FindAgreement(name)
		if err != nil {
			panic(err) // the file is compiled in
		}
		all = append(all, a)
	}
	return all
})

// inForce is the condition that a row of consents is of a version in force.
func inForce(alias string) (condition string, args []any) {
	var each []string
	for _, a := range agreements() {
		each = append(each, alias+".agreement = ? AND "+alias+".version = ?")
		args = append(args, a.Name, a.Version)
	}
	return strings.Join(each, " OR "), args
}

// Accepted is one agreement with the version that a user accepted last.
type Accepted struct {
	Agreement

	Was string // the version accepted last; "" for none
	At  clock.Instant
}

// Current says that the version in force is the one accepted.
func (a Accepted) Current() bool { return a.Was == a.Version }

var lastConsent = db.NewText(`SELECT version, at FROM consents WHERE user_id = ? AND agreement = ? ORDER BY at DESC, version DESC LIMIT 1`)

// AcceptedBy lists the agreements, each with the version that a user accepted last.
func (s *Service) AcceptedBy(ctx context.Context, userID id.ID) ([]Accepted, error) {
	var out []Accepted
	for _, a := range agreements() {
		var last []struct {
			Version string
			At      clock.Instant
		}
		if err := lastConsent.Scan(ctx, s.db, &last, userID, a.Name); err != nil {
			return nil, err
		}
		one := Accepted{Agreement: a}
		if len(last) > 0 {
			one.Was, one.At = last[0].Version, last[0].At
		}
		out = append(out, one)
	}
	return out, nil
}

// Accept records that a signed-in user accepts the agreements in these versions,
// by name. A version that is no longer in force is refused: nobody accepts what he
// has not seen.
func (s *Service) Accept(ctx context.Context, who Principal, versions map[string]string) error {
	for _, a := range agreements() {
		if versions[a.Name] != a.Version {
			return ErrAgreementChanged
		}
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.Consent(ctx, tx, who.UserID, who.IP); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "account.consent", ObjectKind: "user", ObjectID: who.UserID, SubjectOrg: who.OrgID, Detail: map[string]any{"version": versions["service"] + "、" + versions["privacy"]},
		})
	})
}

// Consent records that a user accepted every agreement in its present version.
func (s *Service) Consent(ctx context.Context, tx *db.Tx, userID id.ID, ip string) error {
	if err := s.sessions.changed(ctx, tx, userID); err != nil {
		return err
	}
	for _, a := range agreements() {
		_, err := tx.Exec(ctx, `INSERT INTO consents (user_id, agreement, version, at, ip) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			userID, a.Name, a.Version, tx.Now().UnixMilli(), s.box.Seal(ip))
		if err != nil {
			return err
		}
	}
	return nil
}
