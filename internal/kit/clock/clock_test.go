package clock

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"
)

// An instant is written in the form that its layout says, and read back the same.
func TestInstantsTravelAsText(t *testing.T) {
	instants := []Instant{0, 1, -1, -1000, 999, 1000, At(time.Date(1905, 3, 1, 0, 0, 0, 1e6, time.UTC)), At(time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC))}
	for range 2000 {
		instants = append(instants, Instant(rand.Int64N(4e12)-1e12))
	}
	for _, i := range instants {
		got, err := json.Marshal(i)
		want := i.Time().Format(`"2006-01-02T15:04:05.000Z07:00"`)
		if i == 0 {
			want = "null"
		}
		if err != nil || string(got) != want {
			t.Fatalf("%d: %s %v, want %s", i, got, err, want)
		}
		var back Instant
		if err := json.Unmarshal(got, &back); err != nil || back != i {
			t.Fatalf("%d came back as %d %v", i, back, err)
		}
	}
}
