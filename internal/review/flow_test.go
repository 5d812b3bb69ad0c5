package review

import (
	"errors"
	"fmt"
	"testing"

	"smedx/internal/account"
)

// Every cell of every flow: what is not in this list must be refused.
func TestEveryCellOfEveryFlow(t *testing.T) {
	want := map[string]string{}
	for _, k := range []Kind{KindEnterprise, KindProvider} {
		want[fmt.Sprint(k, " operator approve")] = "operator approved"
		want[fmt.Sprint(k, " operator reject")] = "operator rejected"
		want[fmt.Sprint(k, " operator return")] = "operator returned"
		want[fmt.Sprint(k, " operator withdraw")] = "operator withdrawn"
	}
	for cell, to := range map[string]string{
		"listing operator approve":     "experts pending",
		"listing operator reject":      "operator rejected",
		"listing operator return":      "operator returned",
		"listing operator withdraw":    "operator withdrawn",
		"listing experts pass":         "department pending",
		"listing experts fail":         "experts rejected",
		"listing experts withdraw":     "experts withdrawn",
		"listing department approve":   "department approved",
		"listing department reject":    "department rejected",
		"listing department return":    "department returned",
		"listing department send_back": "operator pending",
		"listing department withdraw":  "department withdrawn",
		"campaign department approve":  "department approved",
		"campaign department reject":   "department rejected",
		"campaign department return":   "department returned",
		"campaign department withdraw": "department withdrawn",
	} {
		want[cell] = to
	}
	seen := 0
	for _, k := range Kinds {
		for _, st := range Stages {
			for _, status := range Statuses {
				for _, a := range Actions {
					c := Case{Kind: k, Stage: st, Status: status}
					cell := fmt.Sprint(k, " ", st, " ", a)
					to, err := c.next(a)
					expected, ok := want[cell]
					switch {
					case ok && status == Pending:
						seen++
						if err != nil || fmt.Sprint(to.Stage, " ", to.Status) != expected {
							t.Errorf("%s: got %v, %v; want %s", cell, to, err, expected)
						}
					case !errors.Is(err, ErrNotAllowed):
						t.Errorf("%s while %s: got %v, %v; want a refusal", cell, status, to, err)
					}
				}
			}
		}
	}
	if seen != len(want) {
		t.Errorf("walked %d of %d allowed cells", seen, len(want))
	}
}

// Every stage of every flow has somebody who sits there.
func TestEveryStageHasADesk(t *testing.T) {
	for k, f := range flows {
		for st := range f.flow {
			if _, ok := desks[k][st]; !ok {
				t.Errorf("nobody decides %s at %s", k, st)
			}
		}
	}
}

func TestFourEyes(t *testing.T) {
	staff := func(user int64, role account.Role, perms ...account.Permission) account.Principal {
		return account.Principal{UserID: 1000 + idOf(user), Role: role, Permissions: perms}
	}
	listingAt := func(st Stage) Case {
		return Case{Kind: KindListing, Stage: st, Status: Pending, SubmitterID: 1, SubmitterOrg: 9}
	}
	byOperator := []Step{{Stage: StageOperator, Action: Approve, UserID: 1002, Version: 1}}
	operator := staff(2, account.RoleOperator, account.ListingReview)
	for _, tc := range []struct {
		name  string
		who   account.Principal
		c     Case
		steps []Step
		want  error
	}{
		{"the operator may", operator, listingAt(StageOperator), nil, nil},
		{"an operator without the permission may not", staff(2, account.RoleOperator), listingAt(StageOperator), nil, ErrNotAllowed},
		{"the operator may not decide for the department", operator, listingAt(StageDepartment), nil, ErrNotAllowed},
		{"the department may", staff(3, account.RoleDepartment, account.ListingDecide), listingAt(StageDepartment), byOperator, nil},
		{"nobody decides two stages", staff(2, account.RoleDepartment, account.ListingDecide), listingAt(StageDepartment), byOperator, ErrConflict},
		{"the same desk may decide again after a return", operator, listingAt(StageOperator), byOperator, nil},
		{"nobody decides what they handed in", account.Principal{UserID: 1, Role: account.RoleOperator, Permissions: []account.Permission{account.ListingReview}}, listingAt(StageOperator), nil, ErrConflict},
		{"nor what their company handed in", account.Principal{UserID: 5, OrgID: 9, Role: account.RoleOperator, Permissions: []account.Permission{account.ListingReview}}, listingAt(StageOperator), nil, ErrConflict},
		{"experts vote, nobody decides for them", operator, listingAt(StageExperts), nil, ErrNotAllowed},
	} {
		if err := tc.c.mayDecide(tc.who, tc.steps); !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, err, tc.want)
		}
	}
}

func TestQuorum(t *testing.T) {
	ballot := func(passed bool, score int64) Vote { return Vote{Passed: passed, Score: score * 100} }
	for _, tc := range []struct {
		name  string
		asked int64
		votes []Vote
		want  Action
	}{
		{"nobody has voted", 3, nil, ""},
		{"one is missing", 3, []Vote{ballot(true, 90), ballot(true, 90)}, ""},
		{"a panel of two decides nothing", 2, []Vote{ballot(true, 90), ballot(true, 90)}, ""},
		{"all pass", 3, []Vote{ballot(true, 90), ballot(true, 80), ballot(true, 70)}, Pass},
		{"two of three is enough", 3, []Vote{ballot(true, 90), ballot(true, 80), ballot(false, 40)}, Pass},
		{"one of three is not", 3, []Vote{ballot(true, 90), ballot(false, 80), ballot(false, 80)}, Fail},
		{"three of five is not two thirds", 5, []Vote{ballot(true, 90), ballot(true, 90), ballot(true, 90), ballot(false, 90), ballot(false, 90)}, Fail},
		{"the mean at the threshold passes", 3, []Vote{ballot(true, 60), ballot(true, 60), ballot(true, 60)}, Pass},
		{"the mean a hundredth below fails", 3, []Vote{ballot(true, 60), ballot(true, 60), {Passed: true, Score: 5999}}, Fail},
		{"verdicts do not save low scores", 3, []Vote{ballot(true, 50), ballot(true, 50), ballot(true, 50)}, Fail},
	} {
		if got := count(tc.asked, tc.votes).outcome(); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
	sum := int64(0)
	for _, c := range Criteria {
		sum += c.Weight
	}
	if sum != 100 {
		t.Errorf("the weights add up to %d", sum)
	}
}
