package voucher

// SetFew changes how many vouchers of one index are looked at one by one, and answers what it was.
func SetFew(n int64) (was int64) {
	was, few = few, n
	return was
}
