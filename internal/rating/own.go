package rating

import (
	"context"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// By lists the ratings that a user wrote, newest first.
func (s *Service) By(ctx context.Context, r db.Reader, userID id.ID) (rows []Rating, err error) {
	err = r.Select(&rows).Where("user_id = ?", userID).Order("id DESC").Scan(ctx)
	return rows, err
}
