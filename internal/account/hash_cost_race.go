//go:build race

package account

// A binary with the race detector in it is for tests only. There the real cost
// takes a second a hash and finds nothing more.
const (
	argonMemory = 64 // KiB
	argonTime   = 1
)
