package heap

import "testing"

func TestASmallHeapGrowsToTheFloorAndALargeOneAsUsual(t *testing.T) {
	for live, want := range map[uint64]int{0: 100, 1 << 20: 400, 40 << 20: 300, 64 << 20: 150, 80 << 20: 100, 1 << 30: 100} {
		if got := percent(live); got != want {
			t.Errorf("%d MiB live: %d %%, want %d", live>>20, got, want)
		}
	}
}
