package org

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/review"
)

// Alike is another company that shares something with the one under review.
type Alike struct {
	OrgID        id.ID
	Name         string
	Kind         Kind
	Verification Verification
	By           string // name, phone, uscc
}

// Material is what a reviewer looks at.
type Material struct {
	Case    review.Case
	Answers Answers
	Form    []string    // how the form itself reads differently from the certified version's
	Advice  errs.Fields // unusual answers
	Alike   []Alike

	InForce  *Comparison // with the certified version that this one would replace
	Previous *Comparison // with the submission before, when that is another one
}

// Material answers the submitted form of a case to whoever may read it. Each view
// of personal data is written to the trail.
func (s *Service) Material(ctx context.Context, who account.Principal, caseID id.ID) (m Material, err error) {
	m.Case, err = s.reviews.Material(ctx, s.db, who, caseID)
	if err != nil {
		return m, err
	}
	if m.Case.Kind != review.KindEnterprise && m.Case.Kind != review.KindProvider {
		return m, errs.ErrNotFound
	}
	v, err := s.version(ctx, s.db, m.Case.SubjectID)
	if err != nil {
		return m, err
	}
	if m.Answers, err = s.answers(ctx, s.db, v); err != nil {
		return m, err
	}
	m.Advice = m.Answers.Form.Advice(m.Answers.Values)
	if err := s.compareMaterial(ctx, &m, v); err != nil {
		return m, err
	}
	if !who.Staff() {
		return m, nil
	}
	m.Answers.Values = masked(m.Answers.Form, m.Answers.Values)
	for _, c := range []*Comparison{m.InForce, m.Previous} {
		if c != nil {
			c.Earlier.Values = masked(c.Earlier.Form, c.Earlier.Values)
		}
	}
	if m.Alike, err = s.alike(ctx, v); err != nil {
		return m, err
	}
	return m, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.viewed(ctx, tx, who, v, map[string]any{"case": caseID})
	})
}

// alike finds companies with the same name, phone or credit code.
func (s *Service) alike(ctx context.Context, v Version) ([]Alike, error) {
	var rows []Version
	err := s.db.Select(&rows).Column("id", "org_id", "name", "uscc", "phone_index").
		Where("org_id <> ?", v.OrgID).
		Where("(name = ? OR uscc = ? OR phone_index = ? AND phone_index <> '')", v.Name, v.USCC, v.PhoneIndex).
		Order("id DESC").Limit(50).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	by := map[id.ID]string{}
	for _, row := range rows {
		switch {
		case row.USCC == v.USCC:
			by[row.OrgID] = "uscc"
		case row.Name == v.Name && by[row.OrgID] == "":
			by[row.OrgID] = "name"
		case by[row.OrgID] == "":
			by[row.OrgID] = "phone"
		}
	}
	var orgs []Organization
	err = s.db.Select(&orgs).Column("id", "name", "kind", "verification").Where("id IN (?)", bun.List(keys(by))).Order("id DESC").Scan(ctx)
	out := make([]Alike, 0, len(orgs))
	for _, o := range orgs {
		out = append(out, Alike{OrgID: o.ID, Name: o.Name, Kind: o.Kind, Verification: o.Verification, By: by[o.ID]})
	}
	return out, err
}

func keys(m map[id.ID]string) []id.ID {
	out := make([]id.ID, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
