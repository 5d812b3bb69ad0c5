package account

import (
	"encoding/base64"
	"math/bits"
	"testing"
)

// T-SESS-05: of ten thousand tokens none comes twice, each is 256 bits, and every
// bit is set about half of the time.
func TestTokensAreRandom(t *testing.T) {
	const n = 10_000
	seen := make(map[string]bool, n)
	var set [256]int
	for range n {
		token := newToken()
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil || len(raw) != 32 || seen[token] {
			t.Fatal(token, err)
		}
		seen[token] = true
		for i, b := range raw {
			for ; b != 0; b &= b - 1 {
				set[i*8+bits.TrailingZeros8(b)]++
			}
		}
	}
	for bit, times := range set {
		if times < n/2-400 || times > n/2+400 { // eight standard deviations
			t.Errorf("bit %d is set %d times of %d", bit, times, n)
		}
	}
}
