package reconcile

import (
	"context"
	"fmt"

	"smedx/internal/kit/db"
)

// One makes one check, for tests that break what it is about.
func One(ctx context.Context, r db.Reader, d *db.DB, id string) (CheckResult, error) {
	for _, c := range checks() {
		if c.id == id {
			return c.run(ctx, r, d)
		}
	}
	return CheckResult{}, fmt.Errorf("there is no check %s", id)
}
