package catalog

import (
	"errors"
	"fmt"
	"testing"

	"smedx/internal/kit/errs"
)

// Every cell of the table; what is not listed must be refused.
func TestEveryCellOfTheStateTable(t *testing.T) {
	want := map[string]Status{
		"draft save": Draft, "draft submit": InReview, "draft discard": Draft,
		"in_review approve": Listed, "in_review reject": Rejected, "in_review return": Draft, "in_review withdraw": Withdrawn,
		"rejected revise": Draft, "withdrawn revise": Draft,
		"listed delist": Delisted, "listed revise": Draft,
		"delisted relist": Listed, "delisted revise": Draft,
	}
	seen := 0
	for _, s := range Statuses {
		for _, a := range Actions {
			to, err := s.Next(a)
			expected, ok := want[fmt.Sprint(s, " ", a)]
			if ok {
				seen++
			}
			if to != expected || ok == errors.Is(err, errs.ErrInvalidState) {
				t.Errorf("%s %s: got %q, %v; want %q", s, a, to, err, expected)
			}
		}
	}
	if seen != len(want) {
		t.Errorf("walked %d of %d cells", seen, len(want))
	}
}

func TestWhichStateAnActMoves(t *testing.T) {
	for _, tc := range []struct {
		name string
		o    Offering
		want []Action
	}{
		{"a draft", Offering{Status: Draft, Work: Draft}, []Action{Save, Submit, Discard}},
		{"in review", Offering{Status: InReview, Work: InReview}, []Action{Withdraw}},
		{"rejected", Offering{Status: Rejected, Work: Rejected}, []Action{Revise}},
		{"on sale", Offering{Status: Listed}, []Action{Revise, Delist}},
		{"on sale with a draft", Offering{Status: Listed, Work: Draft}, []Action{Save, Submit, Discard, Delist}},
		{"on sale with a version in review", Offering{Status: Listed, Work: InReview}, []Action{Delist, Withdraw}},
		{"off sale", Offering{Status: Delisted}, []Action{Revise, Relist}},
		{"off sale with a rejected version", Offering{Status: Delisted, Work: Rejected}, []Action{Revise, Relist}},
	} {
		if got := fmt.Sprint(tc.o.Allowed()); got != fmt.Sprint(tc.want) {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}
