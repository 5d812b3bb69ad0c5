package org

import (
	"context"
	"slices"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/mask"
	"smedx/internal/org/form"
)

// personal is what a field's mark says of data about a person.
const personal = "personal"

// masked answers the values with everything personal masked. Only texts are: a
// region is a code, and is left out.
func masked(d *form.Definition, values map[string]any) map[string]any {
	out := make(map[string]any, len(values))
	for key, v := range values {
		if f, ok := d.Field(key); ok && f.Sensitive == personal && f.Type != form.Region {
			text, _ := v.(string)
			v = mask.Text(text)
		}
		out[key] = v
	}
	return out
}

// Reveal answers personal fields of a case's form in full to staff who may read
// its material, and writes which ones to the trail.
func (s *Service) Reveal(ctx context.Context, who account.Principal, caseID id.ID, keys []string) (map[string]string, error) {
	c, err := s.reviews.Material(ctx, s.db, who, caseID)
	if err != nil {
		return nil, err
	}
	v, err := s.version(ctx, s.db, c.SubjectID)
	if err != nil {
		return nil, err
	}
	a, err := s.answers(ctx, s.db, v)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, key := range keys {
		if f, ok := a.Form.Field(key); ok && f.Sensitive == personal {
			out[key] = text(a.Values, key)
		}
	}
	if len(out) == 0 {
		return nil, errs.ErrNotFound
	}
	slices.Sort(keys)
	return out, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "org.reveal", ObjectKind: "organization", ObjectID: v.OrgID, SubjectOrg: v.OrgID,
			Detail: map[string]any{"fields": keys, "case": caseID, "context": "review"},
		})
	})
}
