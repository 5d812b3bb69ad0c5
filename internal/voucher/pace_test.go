package voucher

import (
	"fmt"
	"testing"
	"time"

	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

func TestAnAddressIsGenerousAndTheMachineItselfIsNone(t *testing.T) {
	p, now := newPace(), time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	refused := func(address func(n int) string) (count int) {
		for n := range 2100 { // companies, once each
			if p.refusal(id.ID(count*10_000+n+1), address(n), now) != nil {
				count++
			}
		}
		return count
	}
	for _, c := range []struct {
		name    string
		address func(n int) string
		want    int
	}{
		{"one address", func(int) string { return "203.0.113.9" }, 100},
		{"one network", func(n int) string { return fmt.Sprintf("2001:db8::%x", n) }, 100},
		{"many networks", func(n int) string { return fmt.Sprintf("2001:db8:0:%x::1", n) }, 0},
		{"the machine itself", func(int) string { return "127.0.0.1" }, 0},
		{"nobody knows where", func(int) string { return "" }, 0},
	} {
		p = newPace()
		if n := refused(c.address); n != c.want {
			t.Errorf("%s: %d refused, want %d", c.name, n, c.want)
		}
	}
}

func TestABucketFillsAgain(t *testing.T) {
	p, now := newPace(), time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	for range companyRate.burst {
		if err := p.refusal(1, "", now); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.refusal(1, "", now); errs.Of(err).RetryAfter != 1 {
		t.Fatal(err)
	}
	if err := p.refusal(1, "", now.Add(companyRate.every)); err != nil {
		t.Error("it has not filled:", err)
	}
	if err := p.refusal(1, "", now.Add(-24*time.Hour)); err != nil {
		t.Error("a clock that was set back locks out:", err)
	}
}

func BenchmarkPace(b *testing.B) {
	p, now := newPace(), time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		_ = p.refusal(id.ID(n%5000), "203.0.113.9", now.Add(time.Duration(n)*10*time.Millisecond))
	}
}
