// Package memo keeps what has been read of things that never change, such as a
// version: what is kept of them is true for ever. Which version is in force is read
// each time by whoever asks.
package memo

import "sync"

// Of keeps values by their key. Its zero value keeps nothing: Most says how many.
type Of[K comparable, V any] struct {
	Most int // beyond it all is read anew

	mu sync.RWMutex
	of map[K]V
}

// Find answers what is kept.
func (m *Of[K, V]) Find(key K) (v V, known bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	v, known = m.of[key]
	return v, known
}

// Keep keeps what was read. Nobody changes it afterwards.
func (m *Of[K, V]) Keep(read map[K]V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.of == nil || len(m.of)+len(read) > m.Most {
		m.of = make(map[K]V, len(read))
	}
	for key, v := range read {
		if len(m.of) < m.Most {
			m.of[key] = v
		}
	}
}
