package catalog

import (
	"context"

	"smedx/internal/account"
	"smedx/internal/file"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/memo"
	"smedx/internal/kit/seal"
	"smedx/internal/notify"
	"smedx/internal/review"
)

// Company is a provider as buyers see it.
type Company struct {
	Name       string
	City       string
	RegionCode string
	Verified   bool // its verification is in force
}

// Companies knows the providers.
type Companies interface {
	Companies(ctx context.Context, r db.Reader, ids ...id.ID) (map[id.ID]Company, error)
}

// Files takes and shares uploads.
type Files interface {
	Claim(ctx context.Context, tx *db.Tx, orgID id.ID, purpose file.Purpose, ids ...id.ID) ([]file.File, error)
	Grant(ctx context.Context, tx *db.Tx, fileID id.ID, grantees ...string) error
}

// Reviews opens and withdraws cases and says who may read what they are about.
type Reviews interface {
	Open(ctx context.Context, tx *db.Tx, who account.Principal, in review.Submission) (review.Case, error)
	Material(ctx context.Context, r db.Reader, who account.Principal, caseID id.ID) (review.Case, error)
}

// People knows the users of a company.
type People interface {
	UsersOf(ctx context.Context, r db.Reader, orgID id.ID) ([]id.ID, error)
}

// Teller leaves in-app messages.
type Teller interface {
	Tell(ctx context.Context, tx *db.Tx, m notify.Message) error
}

// Deps are the neighbours of the catalogue.
type Deps struct {
	Box       *seal.Box
	Companies Companies
	People    People
	Files     Files
	Reviews   Reviews
	Tell      Teller
}

// Service runs the catalogue.
type Service struct {
	db        *db.DB
	box       *seal.Box
	companies Companies
	people    People
	files     Files
	reviews   Reviews
	tell      Teller
	index     *index
	atOnce    int // offerings read into it
	follow    follower
	fits      memo.Of[id.ID, fitting] // of revisions that are or were on sale
}

// New makes the service. The wiring names it as the subject of listing reviews.
func New(d *db.DB, n Deps) *Service {
	s := &Service{
		db: d, box: n.Box, companies: n.Companies, people: n.People, files: n.Files, reviews: n.Reviews,
		tell: n.Tell, index: newIndex(), atOnce: manyAtOnce,
	}
	s.fits.Most = mostFits
	return s
}

// mostFits take some 10 MB.
const mostFits = 20_000

var _ review.Subject = (*Service)(nil)

// requireVerified refuses a provider whose verification is not in force.
func (s *Service) requireVerified(ctx context.Context, r db.Reader, orgID id.ID) error {
	found, err := s.companies.Companies(ctx, r, orgID)
	if err == nil && !found[orgID].Verified {
		err = ErrNotSubmittable
	}
	return err
}

// own loads an offering of the caller's company; any other is not there.
func own(ctx context.Context, r db.Reader, who account.Principal, offeringID id.ID) (Offering, error) {
	o, err := findOffering(ctx, r, offeringID)
	if err == nil && (who.OrgID == 0 || o.OrgID != who.OrgID) {
		err = errs.ErrNotFound
	}
	return o, err
}
