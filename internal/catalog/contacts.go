package catalog

import (
	"context"
	"reflect"
	"slices"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/mask"
	"smedx/internal/review"
)

// maskPeople is the content with everybody in it masked: for staff, who look at
// the full texts by RevealContacts.
func (c Content) maskPeople() Content {
	c.Contact.Name, c.Contact.Phone, c.Contact.Mail = mask.Text(c.Contact.Name), mask.Text(c.Contact.Phone), mask.Text(c.Contact.Mail)
	c.Cases = slices.Clone(c.Cases)
	for i := range c.Cases {
		s := &c.Cases[i]
		s.ContactName, s.ContactWay = mask.Text(s.ContactName), mask.Text(s.ContactWay)
	}
	return c
}

// hasPeople says that somebody is named.
func (c Content) hasPeople() bool {
	return !reflect.DeepEqual(c.people(), c.withoutPeople().people())
}

// Contacts are the people of a listing as it was handed in, in full, and those of
// what was on sale before it.
type Contacts struct {
	Now    Content
	Before *Content
}

// RevealContacts answers them to the desks that review the listing, and puts that
// on the trail.
func (s *Service) RevealContacts(ctx context.Context, who account.Principal, caseID id.ID) (Contacts, error) {
	c, err := s.reviews.Material(ctx, s.db, who, caseID)
	if err != nil {
		return Contacts{}, err
	}
	if c.Kind != review.KindListing || !who.Staff() {
		return Contacts{}, errs.ErrNotFound
	}
	o, rev, content, err := s.reviewed(ctx, s.db, c)
	if err != nil {
		return Contacts{}, err
	}
	out := Contacts{Now: content}
	if out.Before, err = s.before(ctx, o, rev); err != nil {
		return Contacts{}, err
	}
	return out, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "catalog.reveal", ObjectKind: "offering", ObjectID: o.ID, SubjectOrg: o.OrgID,
			Detail: map[string]any{"fields": []string{"name", "phone", "email"}, "case": caseID, "context": "review"},
		})
	})
}
