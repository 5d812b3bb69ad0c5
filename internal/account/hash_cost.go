//go:build !race

package account

// Cost of argon2id: 19 MiB and two passes.
const (
	argonMemory = 19 * 1024 // KiB
	argonTime   = 2
)
