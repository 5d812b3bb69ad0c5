package account

import (
	"context"
	"slices"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
)

// StaffTeller tells people of the staff; Service is one.
type StaffTeller interface {
	TellHolders(ctx context.Context, tx *db.Tx, perm Permission, but id.ID, m notify.Message, roles ...Role) error
	TellUser(ctx context.Context, tx *db.Tx, userID id.ID, m notify.Message) error
}

var _ StaffTeller = (*Service)(nil)

// TellHolders leaves a message for the active accounts of some roles that hold a
// permission, but not for one of them, who acted.
func (s *Service) TellHolders(ctx context.Context, tx *db.Tx, perm Permission, but id.ID, m notify.Message, roles ...Role) error {
	for _, role := range roles {
		users, err := s.UsersWith(ctx, tx, role, perm)
		if err != nil {
			return err
		}
		m.UserIDs = append(m.UserIDs, users...)
	}
	m.UserIDs = slices.DeleteFunc(m.UserIDs, func(u id.ID) bool { return u == but })
	if len(m.UserIDs) == 0 {
		return nil
	}
	return s.notify.Tell(ctx, tx, m)
}

// TellUser leaves a message for one account.
func (s *Service) TellUser(ctx context.Context, tx *db.Tx, userID id.ID, m notify.Message) error {
	m.UserIDs = []id.ID{userID}
	return s.notify.Tell(ctx, tx, m)
}
