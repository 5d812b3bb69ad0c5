package voucher

import (
	"context"

	"smedx/internal/account"
	"smedx/internal/kit/batch"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
	"smedx/internal/review"
)

// Companies is what this module asks of the companies' profiles.
type Companies interface {
	// Companies answers the facts of the companies' verified versions in force, in
	// one query; Verified is false for a company that has none.
	Companies(ctx context.Context, r db.Reader, orgIDs ...id.ID) (map[id.ID]Company, error)
	// VerifiedAfter answers the enterprises that are verified now and come after one,
	// in the order of their ids, and the id of the last of them.
	VerifiedAfter(ctx context.Context, r db.Reader, after id.ID, limit int) (some []Company, last id.ID, err error)
}

// reviews is the part of the review module that campaigns need.
type reviews interface {
	Open(ctx context.Context, tx *db.Tx, who account.Principal, in review.Submission) (review.Case, error)
	// Drop takes a case that is not to be decided any more from its desk.
	Drop(ctx context.Context, tx *db.Tx, kind review.Kind, subjectID id.ID) error
}

// Service is the use cases of vouchers.
type Service struct {
	db        *db.DB
	companies Companies
	reviews   reviews
	gate      *gate
	pace      *pace
	tell      notify.ToCompany
	staff     account.StaffTeller
	suspected Suspected
	together  int // most claims in one transaction
	looking   *batch.Line[*looker]
}

// New makes the service. The wiring also hands it to review as the subject of campaigns.
func New(d *db.DB, companies Companies, cases reviews) *Service {
	s := &Service{
		db: d, companies: companies, reviews: cases, gate: newGate(), pace: newPace(), together: batchLimit,
		tell:      func(context.Context, *db.Tx, id.ID, notify.Message) error { return nil },
		suspected: func(context.Context, db.Reader, ...id.ID) (map[id.ID]string, error) { return nil, nil },
	}
	s.openLooking()
	return s
}

// company answers the facts of one company.
func (s *Service) company(ctx context.Context, r db.Reader, orgID id.ID) (Company, error) {
	all, err := s.companies.Companies(ctx, r, orgID)
	return all[orgID], err
}

// Together bounds how many claims are served in one transaction; 0 leaves it.
func (s *Service) Together(most int) {
	if most > 0 {
		s.together = min(most, batchLimit)
	}
}

// TellStaff names the way to tell the staff of what waits for them.
func (s *Service) TellStaff(people account.StaffTeller) { s.staff = people }

// Tell names the way to tell companies of their vouchers.
func (s *Service) Tell(tell notify.ToCompany) { s.tell = tell }
