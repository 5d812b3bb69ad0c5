// Package clock tells the time once for everybody, so that tests can move it.
//
// Instants are stored as milliseconds since 1970 in UTC and travel as RFC 3339;
// pages show Asia/Shanghai, which is also the zone of calendar dates.
package clock

import (
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Shanghai is the zone of every calendar date on the platform. China has had
// no daylight saving time since 1991, so a fixed offset is exact.
var Shanghai = time.FixedZone("CST", 8*60*60)

// Clock is the system clock plus an offset that only tests and the demo set.
type Clock struct{ offset atomic.Int64 }

// Now is the current instant in UTC, cut to the millisecond.
func (c *Clock) Now() time.Time {
	return time.Now().Add(time.Duration(c.offset.Load())).UTC().Truncate(time.Millisecond)
}

// Shift sets how far the clock runs ahead of (or behind) the system clock.
func (c *Clock) Shift(offset time.Duration) { c.offset.Store(int64(offset)) }

// Set makes the clock show t now and run on from there.
func (c *Clock) Set(t time.Time) { c.Shift(time.Until(t)) }

// Instant is a point in time: milliseconds since 1970, UTC. Zero means "never".
type Instant int64

// At cuts a time to the millisecond.
func At(t time.Time) Instant {
	if t.IsZero() {
		return 0
	}
	return Instant(t.UnixMilli())
}

// Time is the instant in UTC; the zero instant gives the zero time.
func (i Instant) Time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(i)).UTC()
}

// IsZero reports whether the instant is unset; it makes omitzero work.
func (i Instant) IsZero() bool { return i == 0 }

// Add moves the instant.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d.Milliseconds()) }

// Local writes the instant as people in China read it: 2026-11-23 14:05:00.
func (i Instant) Local() string {
	if i == 0 {
		return ""
	}
	return i.Time().In(Shanghai).Format(time.DateTime)
}

// LastSecond writes the end of a half-open time as people say it: its last second, as the pages do.
func (i Instant) LastSecond() string {
	if i == 0 {
		return ""
	}
	return i.Add(-time.Second).Local()
}

// MarshalJSON writes RFC 3339 in UTC, or null for "never".
func (i Instant) MarshalJSON() ([]byte, error) {
	return i.AppendJSON(make([]byte, 0, 32)), nil
}

// AppendJSON appends what MarshalJSON writes.
func (i Instant) AppendJSON(b []byte) []byte {
	if i == 0 {
		return append(b, "null"...)
	}
	b = i.Time().AppendFormat(append(b, '"'), time.RFC3339) // which Go writes much faster than a form of one's own
	ms := (int64(i)%1000 + 1000) % 1000
	return append(b[:len(b)-len("Z")], '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10), 'Z', '"')
}

// UnmarshalJSON reads RFC 3339 with any offset, or null.
func (i *Instant) UnmarshalJSON(b []byte) error {
	var s *string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if s == nil || *s == "" {
		*i = 0
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, *s)
	*i = At(t)
	return err
}

// Scan reads a BIGINT; NULL is the zero instant.
func (i *Instant) Scan(v any) error {
	switch n := v.(type) {
	case nil:
		*i = 0
	case int64:
		*i = Instant(n)
	default:
		return fmt.Errorf("instant from %T", v)
	}
	return nil
}

// Schema tells the API contract how an instant travels.
func (Instant) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time", Description: "RFC 3339, UTC."}
}

// Day reads a calendar date (2006-01-02) as the instant at which it begins in
// China; anything else is the zero instant.
func Day(date string) Instant {
	t, err := time.ParseInLocation(time.DateOnly, date, Shanghai)
	if err != nil {
		return 0
	}
	return At(t)
}

// DayEnd is the exclusive end of a calendar date: the beginning of the next day.
func DayEnd(date string) Instant {
	if start := Day(date); start != 0 {
		return start.Add(24 * time.Hour)
	}
	return 0
}
