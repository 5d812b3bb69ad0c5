package org

import (
	"context"
	"reflect"
	"slices"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/audit"
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
	Changed []string    // keys that differ from the version in force; empty for a first one
	Form    []string    // how the form itself reads differently from that version's
	Advice  errs.Fields // unusual answers
	Alike   []Alike
	InForce bool // there is a version in force that this one would replace
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
	if err := s.compare(ctx, &m, v); err != nil {
		return m, err
	}
	if !who.Staff() {
		return m, nil
	}
	m.Answers.Values = masked(m.Answers.Form, m.Answers.Values)
	if m.Alike, err = s.alike(ctx, v); err != nil {
		return m, err
	}
	return m, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "org.view_material", ObjectKind: "organization", ObjectID: v.OrgID, SubjectOrg: v.OrgID,
			Detail: map[string]any{"version": v.ID, "case": caseID},
		})
	})
}

// compare marks what differs from the version before this one that was in force.
func (s *Service) compare(ctx context.Context, m *Material, v Version) error {
	o, err := s.find(ctx, s.db, v.OrgID)
	if err != nil || o.CurrentVersion == 0 || o.CurrentVersion == v.ID {
		return err
	}
	before, err := s.version(ctx, s.db, o.CurrentVersion)
	if err != nil || before.Seq > v.Seq {
		return err
	}
	old, err := s.unpack(before.Answers, before.Sealed)
	if err != nil {
		return err
	}
	m.InForce = true
	for key, now := range m.Answers.Values {
		if !reflect.DeepEqual(old[key], now) {
			m.Changed = append(m.Changed, key)
		}
	}
	for key := range old {
		// What is asked no longer is no change of the company's.
		if _, still := m.Answers.Values[key]; !still && m.Answers.Form.Asks(key) {
			m.Changed = append(m.Changed, key)
		}
	}
	slices.Sort(m.Changed)
	m.Form, err = s.formChanges(ctx, before.Form, m.Answers.Form)
	return err
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
