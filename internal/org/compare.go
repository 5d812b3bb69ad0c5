package org

import (
	"context"
	"reflect"
	"slices"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/org/form"
	"smedx/internal/review"
)

// Comparison is a submission beside an earlier one of the same company.
type Comparison struct {
	Earlier Answers       // the earlier one, with the answers that differ only
	Changed []string      // keys that differ
	Said    *review.Step  // how the earlier one was decided, if it was
	Status  review.Status // how its case ended
}

// differing lists the keys whose answers differ.
// What the form asks no longer is no change of the company's.
func differing(d *form.Definition, old, now map[string]any) []string {
	changed := []string{}
	for key, v := range now {
		if !reflect.DeepEqual(old[key], v) {
			changed = append(changed, key)
		}
	}
	for key := range old {
		if _, still := now[key]; !still && d.Asks(key) {
			changed = append(changed, key)
		}
	}
	slices.Sort(changed)
	return changed
}

// compare sets a submission beside an earlier version.
func (s *Service) compare(ctx context.Context, r db.Reader, k review.Kind, earlier Version, now Answers) (*Comparison, error) {
	c := Comparison{}
	var err error
	if c.Earlier, err = s.answers(ctx, r, earlier); err != nil {
		return nil, err
	}
	c.Changed = differing(now.Form, c.Earlier.Values, now.Values)
	kept := map[string]any{}
	for _, key := range c.Changed {
		if v, ok := c.Earlier.Values[key]; ok {
			kept[key] = v
		}
	}
	c.Earlier.Values = kept
	outcomes, err := s.reviews.Outcomes(ctx, r, k, earlier.ID)
	if o, ok := outcomes[earlier.ID]; ok && o.Case.Status.Closed() {
		c.Said, c.Status = &o.Last, o.Case.Status
	}
	return &c, err
}

// compareMaterial sets a submission beside the version in force when it was
// handed in and beside the submission before it; where both are one, only the
// version in force is answered.
func (s *Service) compareMaterial(ctx context.Context, m *Material, v Version) error {
	var before []Version
	err := s.db.Select(&before).Where("org_id = ? AND seq < ?", v.OrgID, v.Seq).Order("seq DESC").Scan(ctx)
	if err != nil || len(before) == 0 {
		return err
	}
	ids := make([]id.ID, 0, len(before))
	for _, b := range before {
		ids = append(ids, b.ID)
	}
	outcomes, err := s.reviews.Outcomes(ctx, s.db, m.Case.Kind, ids...)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(before, func(b Version) bool { return outcomes[b.ID].Case.Status == review.Approved })
	if i >= 0 {
		if m.InForce, err = s.compare(ctx, s.db, m.Case.Kind, before[i], m.Answers); err != nil {
			return err
		}
		if m.Form, err = s.formChanges(ctx, before[i].Form, m.Answers.Form); err != nil {
			return err
		}
	}
	if i != 0 {
		m.Previous, err = s.compare(ctx, s.db, m.Case.Kind, before[0], m.Answers)
	}
	return err
}
