package account

import "testing"

// What was read before somebody was forgotten is not remembered after it.
func TestNothingReadBeforeAChangeIsRemembered(t *testing.T) {
	s := &Sessions{cache: map[string]cached{}}
	turn := s.turn
	if s.remember("one", cached{who: Principal{UserID: 1}}, turn); len(s.cache) != 1 {
		t.Error("not remembered")
	}
	s.forget(2)
	if s.remember("two", cached{who: Principal{UserID: 2}}, turn); len(s.cache) != 1 {
		t.Error("remembered what was read before the change")
	}
	if s.forget(1); len(s.cache) != 0 {
		t.Error("not forgotten")
	}
}
