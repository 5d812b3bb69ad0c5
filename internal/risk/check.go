package risk

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// finding is what a rule sees, before anybody knows whether it was seen before.
type finding struct {
	Evidence

	subject string
	deals   int
}

func (f *finding) with(orgID id.ID) {
	if len(f.Orgs) < mostOrgs && !slices.Contains(f.Orgs, orgID) {
		f.Orgs = append(f.Orgs, orgID)
	}
}

func (f *finding) line(l Line) {
	if len(f.Lines) < mostLines {
		f.Lines = append(f.Lines, l)
	}
}

// find is a rule: a handful of queries over whole sets, and no writing.
type find func(ctx context.Context, r db.Reader, now clock.Instant) ([]finding, error)

// finders is the code of every rule of the table.
var finders = map[Code]find{
	"same_phone":          sameMark("phone"),
	"same_address":        sameMark("address"),
	"same_legal_rep":      sameMark("legal_rep"),
	"same_bank":           sameMark("bank"),
	"same_device":         sameDevice,
	"provider_for_client": providerForClient,
	"related_party":       relatedParty,
	"own_rating":          ownRating,
	"price_raised":        priceRaised,
	"price_at_face":       priceAtFace,
	"fast_acceptance":     fastAcceptance,
	"paid_by_other":       paidByOthers,
	"revoked_voucher":     revokedVouchers,
	"registration_burst":  registrationBurst,
}

// Checked is one look over everything.
type Checked struct {
	bun.BaseModel `bun:"table:risk_checks"`

	ID     id.ID `bun:",pk"`
	At     clock.Instant
	ByName string // '': the platform
	Found  int64  // new hits
}

// CheckDue is a sweep.
func (s *Service) CheckDue(ctx context.Context) error {
	_, err := s.Check(ctx, account.System)
	return err
}

// Check runs every rule and keeps what is new. A hit that somebody decided on does
// not come back for the same evidence; one that nobody decided on grows.
func (s *Service) Check(ctx context.Context, who account.Principal) (Checked, error) {
	done := Checked{ID: id.New()}
	if err := s.orgs.MarkDue(ctx); err != nil {
		return done, err
	}
	for _, rule := range Rules {
		found, err := finders[rule.Code](ctx, s.db, clock.At(s.db.Now()))
		if err != nil {
			return done, fmt.Errorf("risk %s: %w", rule.Code, err)
		}
		for part := range slices.Chunk(found, 200) {
			err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
				n, err := s.keepAll(ctx, tx, rule.Code, part)
				done.Found += n
				return err
			})
			if err != nil {
				return done, err
			}
		}
	}
	return done, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		done.At = clock.At(tx.Now())
		if who.UserID != 0 {
			done.ByName = who.Username
			err := audit.Write(ctx, tx, who.Actor(), audit.Entry{Action: "risk.check", ObjectKind: "risk_hit", Detail: map[string]any{"rows": done.Found}})
			if err != nil {
				return err
			}
		}
		// the last look of everybody is enough; what was found stands in the hits
		if _, err := tx.Exec(ctx, `DELETE FROM risk_checks`); err != nil {
			return err
		}
		_, err := tx.Insert(&done).Exec(ctx)
		return err
	})
}

// keepAll writes what was not seen before, and answers how many hits are new.
func (s *Service) keepAll(ctx context.Context, tx *db.Tx, rule Code, found []finding) (fresh int64, err error) {
	subjects := make([]string, len(found))
	for i, f := range found {
		subjects[i] = f.subject
	}
	var list []Hit
	err = tx.Select(&list).
		Where("h.id IN (SELECT MAX(id) FROM risk_hits WHERE rule = ? AND subject IN (?) GROUP BY subject)", rule, in(subjects)).Scan(ctx)
	if err != nil {
		return 0, err
	}
	last := map[string]Hit{}
	for _, h := range list {
		last[h.Subject] = h
	}
	var touched []id.ID
	for _, f := range found {
		old, known := last[f.subject]
		same := known && within(f.Basis, old.Evidence.Basis)
		switch {
		case same && (old.State != Open || len(f.Lines) == len(old.Evidence.Lines)):
		case known && old.State == Open:
			err = grow(ctx, tx, old, f)
			touched = append(touched, old.ID)
		default:
			var hitID id.ID
			if hitID, err = begin(ctx, tx, rule, f); hitID != 0 {
				fresh++
				touched = append(touched, hitID)
			}
		}
		if err != nil {
			return fresh, err
		}
	}
	return fresh, s.followAll(ctx, tx, rule, touched...)
}

// within reports whether all of the evidence was known.
func within(now, before []string) bool {
	return !slices.ContainsFunc(now, func(b string) bool { return !slices.Contains(before, b) })
}

func begin(ctx context.Context, tx *db.Tx, rule Code, f finding) (id.ID, error) {
	h := Hit{ID: id.New(), Rule: rule, Subject: f.subject, State: Open, Evidence: f.Evidence, Companies: int64(len(f.Orgs)), FoundAt: clock.At(tx.Now())}
	mine, err := tx.InsertNew(ctx, &h)
	if err != nil || !mine {
		return 0, err
	}
	return h.ID, link(ctx, tx, h.ID, f.Orgs)
}

func grow(ctx context.Context, tx *db.Tx, h Hit, f finding) error {
	h.Evidence, h.Companies = f.Evidence, int64(len(f.Orgs))
	_, err := tx.Update(&h).Column("evidence", "companies").WherePK().Where("state = ?", Open).Exec(ctx)
	if err != nil {
		return err
	}
	return link(ctx, tx, h.ID, f.Orgs)
}

func link(ctx context.Context, tx *db.Tx, hitID id.ID, orgs []id.ID) error {
	rows := make([]hitOrg, len(orgs))
	for i, o := range orgs {
		rows[i] = hitOrg{HitID: hitID, OrgID: o}
	}
	_, err := tx.Insert(&rows).On("CONFLICT DO NOTHING").Exec(ctx)
	return err
}

func in[T any](values []T) any { return bun.List(values) }
