// Package batch lets work that arrives together be done together: whoever comes
// while a batch is under way waits for the next one, so batches grow with the
// load and nobody waits for a timer.
package batch

import (
	"slices"
	"sync"
)

// Line serves items in the order of their arrival, in batches.
type Line[T any] struct {
	serve func([]T)
	most  int // items in one batch
	depth int // items that may wait
	desks int // batches at a time

	mu      sync.Mutex
	waiting []ticket[T]
	serving int // desks that are open
}

type ticket[T any] struct {
	item T
	done chan struct{}
}

// New makes a line that serves one batch at a time. serve gets at most so many
// items at once, at least one; what comes of an item it writes into the item, so
// T is a pointer.
func New[T any](most, depth int, serve func([]T)) *Line[T] {
	return WithDesks(1, most, depth, serve)
}

// few are not worth a desk of their own while another is open.
const few = 32

// WithDesks makes a line that serves several batches at a time, as long as many
// wait. They begin in the order of arrival.
func WithDesks[T any](desks, most, depth int, serve func([]T)) *Line[T] {
	return &Line[T]{serve: serve, most: most, depth: depth, desks: desks}
}

// Do waits until the item has been served. It is false, at once, when the line is full.
func (l *Line[T]) Do(item T) bool {
	mine := ticket[T]{item, make(chan struct{})}
	l.mu.Lock()
	if len(l.waiting) >= l.depth {
		l.mu.Unlock()
		return false
	}
	l.waiting = append(l.waiting, mine)
	opens := l.serving == 0 || l.serving < l.desks && len(l.waiting) >= few
	if opens {
		l.serving++
	}
	l.mu.Unlock()
	if opens {
		go l.run()
	}
	<-mine.done
	return true
}

func (l *Line[T]) run() {
	for tickets := l.next(); len(tickets) > 0; tickets = l.next() {
		items := make([]T, len(tickets))
		for i, t := range tickets {
			items[i] = t.item
		}
		l.serve(items)
		for _, t := range tickets {
			close(t.done)
		}
	}
}

func (l *Line[T]) next() []ticket[T] {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(len(l.waiting), l.most)
	if l.serving > 1 && n < few {
		n = 0 // another desk is open, and takes them
	}
	taken := slices.Clone(l.waiting[:n])
	l.waiting = slices.Delete(l.waiting, 0, n)
	if n == 0 {
		l.serving--
	}
	return taken
}
