package memo

import (
	"sync"
	"testing"
)

func TestWhatIsKeptIsFoundAndBounded(t *testing.T) {
	m := Of[int, string]{Most: 3}
	if _, known := m.Find(1); known {
		t.Error("found before it was kept")
	}
	m.Keep(map[int]string{1: "a", 2: "b"})
	if v, known := m.Find(2); !known || v != "b" {
		t.Errorf("%q %v", v, known)
	}
	m.Keep(map[int]string{3: "c", 4: "d"}) // too many with the others: those go
	if _, known := m.Find(1); known || len(m.of) != 2 {
		t.Errorf("%v", m.of)
	}
	m.Keep(map[int]string{5: "", 6: "", 7: "", 8: ""})
	if len(m.of) > 3 {
		t.Errorf("%d are kept", len(m.of))
	}
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() { m.Keep(map[int]string{n: ""}); m.Find(n) })
	}
	all.Wait()
}
