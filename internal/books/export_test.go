package books

import "time"

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
