package voucher

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"smedx/internal/kit/id"
)

// A draw (抽签) is decided by a seed that is fixed, and whose hash is published,
// before anybody applies: nobody can choose the seed to suit the applicants, nor
// apply to suit the seed. Once the campaign has ended the seed is published, and
// anyone can compute the result again:
//
//	list    the numbers of all applications for the voucher, ascending, one a line, "\n" between them
//	ticket  SHA-256(seed + "\n" + SHA-256(list) + "\n" + number), every hash in lower-case hex
//
// The applications with the smallest tickets win, in that order, until the stock is gone.

// newSeed is 256 random bits, in hex.
func newSeed() string {
	raw := make([]byte, 32)
	rand.Read(raw) //nolint:errcheck // never fails since Go 1.24
	return hex.EncodeToString(raw)
}

// Commitment is the hash of a seed, published before the draw.
func Commitment(seed string) string { return digest(seed) }

// Lot is one application in a draw.
type Lot struct {
	Number id.ID // of the application
	Ticket string
}

// DrawLots answers the applications in the order in which they win.
func DrawLots(seed string, numbers []id.ID) []Lot {
	sorted := slices.Sorted(slices.Values(numbers))
	lines := make([]string, len(sorted))
	for i, n := range sorted {
		lines[i] = n.String()
	}
	list := digest(strings.Join(lines, "\n"))
	lots := make([]Lot, len(sorted))
	for i, n := range sorted {
		lots[i] = Lot{n, digest(seed + "\n" + list + "\n" + n.String())}
	}
	slices.SortFunc(lots, func(a, b Lot) int {
		return cmp.Or(strings.Compare(a.Ticket, b.Ticket), cmp.Compare(a.Number, b.Number))
	})
	return lots
}

func digest(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}
