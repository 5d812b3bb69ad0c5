package org

import (
	"context"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// Mine answers the caller's company.
func (s *Service) Mine(ctx context.Context, who account.Principal) (Organization, error) {
	return s.find(ctx, s.db, who.OrgID)
}

// Certified answers the certified profile of the caller's company.
func (s *Service) Certified(ctx context.Context, who account.Principal) (Answers, error) {
	return s.InForce(ctx, s.db, who.OrgID)
}

// Submitted answers the version under review; not_found when there is none.
func (s *Service) Submitted(ctx context.Context, who account.Principal) (Answers, error) {
	o, err := s.find(ctx, s.db, who.OrgID)
	if err != nil {
		return Answers{}, err
	}
	v, err := s.version(ctx, s.db, o.PendingVersion)
	if err != nil {
		return Answers{}, err
	}
	return s.answers(ctx, s.db, v)
}

// Filter narrows the list of companies.
type Filter struct {
	Words        string // in the name, or a credit code
	Kind         Kind
	Verification Verification
	Region       string // a region code; everything below it counts
}

// List answers companies for the operator, newest first.
func (s *Service) List(ctx context.Context, f Filter, p page.Query) (page.Of[Organization], error) {
	var rows []Organization
	q := s.db.Select(&rows).Where("name <> ''").Order("created_at DESC", "id DESC")
	if f.Words != "" {
		sql, args := Named(f.Words)
		q = q.Where(sql, args...)
	}
	if f.Kind != "" {
		q = q.Where("kind = ?", f.Kind)
	}
	if f.Verification != "" {
		q = q.Where("verification = ?", f.Verification)
	}
	if f.Region != "" {
		sql, args := Within(f.Region)
		q = q.Where(sql, args...)
	}
	total, err := page.Scan(ctx, q, p, &rows)
	return page.Of[Organization]{Items: rows, Total: total}, err
}

// Look answers one company for the operator.
func (s *Service) Look(ctx context.Context, r db.Reader, orgID id.ID) (Organization, error) {
	return s.find(ctx, r, orgID)
}

// Names answers the names of companies by id.
func (s *Service) Names(ctx context.Context, r db.Reader, orgIDs ...id.ID) (map[id.ID]string, error) {
	briefs, err := s.Briefs(ctx, r, orgIDs...)
	out := map[id.ID]string{}
	for i, b := range briefs {
		out[i] = b.Name
	}
	return out, err
}
