// Package id makes the identifiers of rows: 63-bit, ordered by time, unique
// across processes. They are numbers in the database and strings on the wire,
// because a browser rounds numbers above 2^53.
package id

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// ID names a row. Zero means "none".
type ID int64

const (
	nodeBits = 10
	seqBits  = 12
)

// epoch is 2020-01-01 UTC: 41 bits of milliseconds last until 2089.
var epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

var (
	mu   sync.Mutex
	last int64
	node = rand.Int64N(1 << nodeBits)
)

// SetNode fixes the node bits, so that processes that share a database differ
// for certain. Without it they are random.
func SetNode(n int64) {
	mu.Lock()
	defer mu.Unlock()
	node = n & (1<<nodeBits - 1)
}

// New makes an identifier greater than every one made before by this process.
func New() ID {
	mu.Lock()
	defer mu.Unlock()
	tick := time.Since(epoch).Milliseconds() << seqBits
	if tick <= last {
		tick = last + 1
	}
	last = tick
	ms, seq := tick>>seqBits, tick&(1<<seqBits-1)
	return ID(ms<<(nodeBits+seqBits) | node<<seqBits | seq)
}

// Parse reads the decimal form.
func Parse(s string) (ID, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("not an id: %q", s)
	}
	return ID(n), nil
}

func (i ID) String() string { return strconv.FormatInt(int64(i), 10) }

// MarshalText writes the decimal form.
func (i ID) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads the decimal form.
func (i *ID) UnmarshalText(b []byte) (err error) {
	*i, err = Parse(string(b))
	return err
}

// MarshalJSON writes the decimal form as a string.
func (i ID) MarshalJSON() ([]byte, error) {
	b := strconv.AppendInt(append(make([]byte, 0, 24), '"'), int64(i), 10)
	return append(b, '"'), nil
}

// UnmarshalJSON reads a string.
func (i *ID) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if s == "" {
		*i = 0
		return nil
	}
	return i.UnmarshalText([]byte(s))
}

// Scan reads a BIGINT; NULL is zero.
func (i *ID) Scan(v any) error {
	switch n := v.(type) {
	case nil:
		*i = 0
	case int64:
		*i = ID(n)
	default:
		return fmt.Errorf("id from %T", v)
	}
	return nil
}

// Schema tells the API contract that an identifier is a string of digits.
func (ID) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: "^[0-9]{1,19}$", Examples: []any{"991608221832512511"}}
}

// Param is an identifier in a path or query. The API library reads a parameter
// by its Go kind first, so a bare int64 would be parsed as a number and then
// fail the string schema; a struct is read through UnmarshalText.
type Param struct{ ID }

// Floor is an identifier below every one that is made from so long ago on, by
// any process whose clock agrees.
func Floor(age time.Duration) ID {
	return ID((time.Since(epoch) - age).Milliseconds() << (nodeBits + seqBits))
}
