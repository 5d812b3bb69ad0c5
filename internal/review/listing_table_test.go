package review

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"smedx/internal/account"
	"smedx/internal/kit/id"
)

// act is an event of the listing review as somebody with the right to it sends it.
type act struct {
	name string
	do   func(context.Context, world, Case) error
	may  func(Case) bool // what the flow says
}

// acts is every event that can be sent from outside, by who may.
func acts() []act {
	leads := func(a Action, stages ...Stage) func(Case) bool {
		return func(c Case) bool {
			_, err := c.next(a)
			return err == nil && (len(stages) == 0 || slices.Contains(stages, c.Stage))
		}
	}
	decides := func(who account.Principal, a Action, st Stage) act {
		return act{string(a) + " by " + string(who.Role), func(ctx context.Context, w world, c Case) error {
			_, err := w.Decide(ctx, who, c.ID, decision(c, a, "说明"))
			return err
		}, leads(a, st)}
	}
	out := []act{}
	for _, a := range []Action{Approve, Reject, Return, SendBack, Pass, Fail, Submit, Withdraw} {
		for _, who := range []account.Principal{operator, department} {
			st := map[account.Role]Stage{account.RoleOperator: StageOperator, account.RoleDepartment: StageDepartment}[who.Role]
			one := decides(who, a, st)
			if a == Pass || a == Fail || a == Submit || a == Withdraw {
				one.may = func(Case) bool { return false } // never as a decision from outside
			}
			out = append(out, one)
		}
	}
	sits := func(c Case) bool { return c.Status == Pending && c.Stage == StageExperts }
	return append(out,
		act{"withdraw", func(ctx context.Context, w world, c Case) error {
			_, err := w.Withdraw(ctx, provider, c.ID)
			return err
		}, leads(Withdraw)},
		act{"vote", func(ctx context.Context, w world, c Case) error {
			return w.Vote(ctx, expert(1), c.ID, ballot(80, true))
		}, sits},
		act{"declare", func(ctx context.Context, w world, c Case) error { return w.Declare(ctx, expert(2), c.ID) }, sits},
		act{"recuse", func(ctx context.Context, w world, c Case) error {
			return w.Recuse(ctx, expert(2), c.ID, "employed", "曾任顾问")
		}, sits},
		act{"reseat", func(ctx context.Context, w world, c Case) error {
			return w.Reseat(ctx, operator, c.ID, Change{Release: []id.ID{33}, Add: []id.ID{36}})
		}, sits},
		act{"delegate by operator", func(ctx context.Context, w world, c Case) error {
			return w.Delegate(ctx, operator, c.ID, 12, c.Version, "出差")
		}, func(c Case) bool { return c.Status == Pending && c.Stage == StageOperator }},
		act{"delegate by department", func(ctx context.Context, w world, c Case) error {
			return w.Delegate(ctx, department, c.ID, 22, c.Version, "出差")
		}, func(c Case) bool { return c.Status == Pending && c.Stage == StageDepartment }},
	)
}

// states is every state of a listing's case, with the way to it.
func (w world) states(t *testing.T, subjectID id.ID) map[string]func() Case {
	panel := func() Case { return w.decide(t, operator, w.open(t, provider, KindListing, subjectID), Approve, "") }
	voted := func(pass bool) Case {
		c := panel()
		for n := int64(1); n <= 3; n++ {
			wants(t, "declare", w.Declare(t.Context(), expert(n), c.ID), nil)
			wants(t, "vote", w.Vote(t.Context(), expert(n), c.ID, ballot(80, pass)), nil)
		}
		f, err := w.Find(t.Context(), operator, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		return f.Case
	}
	return map[string]func() Case{
		"operator": func() Case { return w.open(t, provider, KindListing, subjectID) },
		"experts": func() Case {
			c := panel()
			wants(t, "declare", w.Declare(t.Context(), expert(1), c.ID), nil)
			return c
		},
		"department": func() Case { return voted(true) },
		"approved":   func() Case { return w.decide(t, department, voted(true), Approve, "") },
		"returned": func() Case {
			return w.decide(t, operator, w.open(t, provider, KindListing, subjectID), Return, "补正")
		},
		"returned at the end": func() Case {
			return w.decide(t, department, voted(true), Return, "补正")
		},
		"rejected": func() Case {
			return w.decide(t, operator, w.open(t, provider, KindListing, subjectID), Reject, "不符")
		},
		"rejected by the panel": func() Case {
			return voted(false)
		},
		"withdrawn": func() Case {
			c, err := w.Withdraw(t.Context(), provider, w.open(t, provider, KindListing, subjectID).ID)
			wants(t, "withdraw", err, nil)
			return c
		},
	}
}

// Every state by every event through the service: what the flow allows happens,
// and every empty cell is refused and leaves the case, its steps and its subject
// as they are. Nothing skips a stage.
func TestListingReviewStateByEvent(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		subjectID, allowed, refused := id.ID(1000), 0, 0
		names := []string{}
		for name := range w.states(t, 0) {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			for _, a := range acts() {
				subjectID++
				c := w.states(t, subjectID)[name]()
				before, heard := w.trace(t, c), len(w.subject.heard)
				err := a.do(t.Context(), w, c)
				if a.may(c) {
					allowed++
					if err != nil {
						t.Errorf("%s, %s: refused with %v", name, a.name, err)
					}
				} else {
					refused++
					if err == nil {
						t.Errorf("%s, %s: it happened", name, a.name)
					}
					if after := w.trace(t, c); after != before || len(w.subject.heard) != heard {
						t.Errorf("%s, %s: refused, but\n%s\nbecame\n%s", name, a.name, before, after)
					}
				}
			}
		}
		if allowed != 16 || allowed+refused != len(names)*len(acts()) {
			t.Errorf("%d cells allowed, %d refused", allowed, refused)
		}
	})
}

// trace is everything kept of a case, in one line.
func (w world) trace(t *testing.T, c Case) string {
	t.Helper()
	now, err := findCase(t.Context(), w.db, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	var rows [4]int64
	for i, table := range []string{"review_steps", "review_votes", "review_handovers", "review_seats"} {
		if err := w.db.Raw(`SELECT count(*) FROM `+table+` WHERE case_id = ?`, c.ID).Scan(t.Context(), &rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	var states []string
	if err := w.db.Raw(`SELECT state FROM review_seats WHERE case_id = ? ORDER BY round, user_id`, c.ID).Scan(t.Context(), &states); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%+v %v %v", now, rows, states)
}
