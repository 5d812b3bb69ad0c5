package money

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestSplitVectors(t *testing.T) {
	for _, tc := range []struct {
		total   Fen
		weights []Fen
		want    []Fen
	}{
		{300, []Fen{300}, []Fen{300}},
		{60000, []Fen{100000, 50000}, []Fen{40000, 20000}},
		{100, []Fen{100, 100, 100}, []Fen{34, 33, 33}},
		{33330, []Fen{99999, 1}, []Fen{33330, 0}},
		{50000, []Fen{0, 50000}, []Fen{0, 50000}},
		{0, []Fen{5, 5}, []Fen{0, 0}},
	} {
		if got := Split(tc.total, tc.weights); !slices.Equal(got, tc.want) {
			t.Errorf("Split(%v, %v) = %v, want %v", tc.total, tc.weights, got, tc.want)
		}
	}
}

// T-MON-27: whatever the weights, the parts sum to the whole.
func TestSplitLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Fen {
			return Fen(rapid.Int64Range(0, int64(MaxUnitPrice)).Draw(t, "weight"))
		}), 1, 12).Draw(t, "weights")
		var sum, got Fen
		for _, w := range weights {
			sum += w
		}
		total := Fen(rapid.Int64Range(0, int64(sum)).Draw(t, "total"))
		for i, p := range Split(total, weights) {
			if p < 0 || p > weights[i] {
				t.Fatalf("part %d is %v of weight %v", i, p, weights[i])
			}
			got += p
		}
		if sum > 0 && got != total {
			t.Fatalf("parts sum to %v, want %v", got, total)
		}
	})
}

// T-MON-27, T-MON-28: a share is rounded down to whole fen; a product above the
// largest total is refused and does not overflow.
func TestShareAndTimes(t *testing.T) {
	if got := Fen(100000).Share(3333, 10000); got != 33330 {
		t.Errorf("share is %v", got)
	}
	if got := MaxTotal.Share(9999, 10000); got != 999_900_000_000 {
		t.Errorf("large share is %v", got)
	}
	if _, ok := MaxUnitPrice.Times(MaxQuantity); ok {
		t.Error("a total above the bound was accepted")
	}
	if got, ok := Fen(23400).Times(3); !ok || got != 70200 {
		t.Errorf("23400 x 3 = %v", got)
	}
}

func TestAmountsInSentencesAreGroupedByThousands(t *testing.T) {
	for fen, want := range map[Fen]string{0: "0.00", 5: "0.05", -1205: "-12.05", 99_999: "999.99", 100_000: "1,000.00", -123_456_705: "-1,234,567.05", MaxTotal: "10,000,000,000.00"} {
		if got := fen.Grouped(); got != want {
			t.Errorf("%d: %s, want %s", fen, got, want)
		}
	}
}
