package audit

// SetMany says from how many entries on they are met on the way; it answers how it was.
func SetMany(n int64) (was int64) {
	was, many = many, n
	return was
}
