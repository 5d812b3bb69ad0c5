// Package heap lets a small process collect its garbage less often: as long as
// little is in use, most of the machine's memory is free, and a rush allocates
// much that lives for a millisecond.
package heap

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Floor is how far the heap may grow before garbage is collected, in bytes. From
// the size at which twice the live heap is more, the usual rule holds.
const Floor = 160 << 20

const usual = 100 // percent by which the heap grows between two collections

// most bounds how seldom a nearly empty heap is collected.
const most = 400

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
	return int(min(max(Floor*100/live, usual+100), most+100)) - 100
}
