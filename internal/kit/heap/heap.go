// Package heap lets a small process collect its garbage less often, and a large one
// more often: as long as little is in use, most of the machine's memory is free, and
// a rush allocates much that lives for a millisecond; an index of 100,000 solutions
// is there once and need not be paid for twice.
package heap

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Floor is how far the heap may grow before garbage is collected, in bytes.
const Floor = 160 << 20

// garbage is how much may lie about in a heap that is larger than the floor.
const garbage = 120 << 20

// The heap grows between two collections by so many percent, at the start and at most
// and least.
const (
	usual = 100
	most  = 400
	least = 35
)

// Tune follows the live heap from now on. Whoever runs the program decides
// otherwise by GOGC or GOMEMLIMIT.
func Tune() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	follow(nil)
}

// mark is garbage at once, so that its finalizer runs after each collection.
type mark struct{ _ [16]byte }

func follow(*mark) {
	debug.SetGCPercent(percent(live()))
	runtime.SetFinalizer(&mark{}, follow)
}

func live() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return s[0].Value.Uint64()
}

func percent(live uint64) int {
	if live == 0 {
		return usual // before the first collection
	}
	room := min(max(garbage*100/live, least), usual)
	if live < Floor/2 {
		room = min(Floor*100/live-100, most)
	}
	return int(room)
}
