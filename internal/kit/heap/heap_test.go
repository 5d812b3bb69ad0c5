package heap

import "testing"

func TestASmallHeapGrowsToTheFloorAndALargeOneByLess(t *testing.T) {
	for live, want := range map[uint64]int{0: 100, 1 << 20: 400, 40 << 20: 300, 64 << 20: 150, 80 << 20: 100, 120 << 20: 100, 240 << 20: 50, 1 << 30: 35} {
		if got := percent(live); got != want {
			t.Errorf("%d MiB live: %d %%, want %d", live>>20, got, want)
		}
	}
}
