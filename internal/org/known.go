package org

import (
	"sync"

	"smedx/internal/kit/id"
)

// knownFacts keeps the facts of versions as they were read. A version never
// changes, so what is kept is true for ever; which version is in force is read
// each time. In a rush, each claim asks for the facts of its company.
type knownFacts struct {
	mu sync.RWMutex
	of map[id.ID]Facts
}

// mostKnown bounds what is kept, to some 30 MB; beyond it all is read anew.
const mostKnown = 50_000

func (k *knownFacts) find(version id.ID) (f Facts, known bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	f, known = k.of[version]
	return f, known
}

func (k *knownFacts) keep(read map[id.ID]Facts) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of == nil || len(k.of)+len(read) > mostKnown {
		k.of = make(map[id.ID]Facts, len(read))
	}
	for version, f := range read {
		k.of[version] = f
	}
}
