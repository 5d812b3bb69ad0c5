package books

import (
	"context"
	"time"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// SetFoldRows changes how many entries are counted at once, and answers what it was.
func SetFoldRows(n int64) (was int64) {
	was, foldRows = foldRows, n
	return was
}

// SetSettledAge changes how old an entry is that may be counted, and answers what it was.
func SetSettledAge(d time.Duration) (was time.Duration) {
	was, settledAge = settledAge, d
	return was
}

// FoldNext counts the next portion as the sweep does, however young its entries are;
// more may follow.
func FoldNext(ctx context.Context, d *db.DB) (more bool, err error) {
	return foldNext(ctx, d, id.Floor(-time.Hour))
}

// SetExportRows changes how many rows an export reads at once, and answers what it was.
func SetExportRows(n int64) (was int64) {
	was, exportRows = exportRows, n
	return was
}
