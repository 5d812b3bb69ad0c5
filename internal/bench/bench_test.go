package bench

import (
	"context"
	"errors"
	"testing"
	"time"

	"smedx/internal/org/firm"
	"smedx/internal/org/form"
)

func TestEachRequestIsSentOnceAndCounted(t *testing.T) {
	seen := make([]int, 100)
	f := run(t.Context(), Load{Connections: 1, Requests: 100, Limit: time.Minute}, func(_ context.Context, n int) error {
		seen[n]++
		if n%10 == 0 {
			return errors.New("no")
		}
		return nil
	})
	if f.Done != 90 || f.Refused != 10 || f.First != "no" {
		t.Errorf("%+v", f)
	}
	for n, times := range seen {
		if times != 1 {
			t.Errorf("request %d was sent %d times", n, times)
		}
	}
}

func TestPercentiles(t *testing.T) {
	f := Figures{times: []time.Duration{1, 2, 3, 4, 5, 6, 7, 8, 9, 100}}
	if f.Percentile(50) != 5 || f.Percentile(99) != 100 || f.Percentile(100) != 100 || (Figures{}).Percentile(50) != 0 {
		t.Error(f.Percentile(50), f.Percentile(99), f.Percentile(100))
	}
}

func TestThePreparedAnswersPass(t *testing.T) {
	d, _ := form.Builtin("enterprise")
	seen := d.In(2026)
	values := answers(seen)
	values["business_license"] = "1"
	clean, refused := seen.Check(values, time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	if len(refused) > 0 || len(clean) < 145 {
		t.Errorf("%d answers, refused: %v", len(clean), refused)
	}
	codes := map[string]bool{}
	for n := range 2000 {
		codes[creditCode(n)] = true
	}
	if len(codes) != 2000 || firm.CheckUSCC(creditCode(1999)) != nil {
		t.Error("credit codes repeat or are none", len(codes))
	}
}
