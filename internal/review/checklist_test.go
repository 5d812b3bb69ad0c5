package review

import (
	"errors"
	"fmt"
	"testing"

	"smedx/internal/kit/errs"
)

func TestEveryDecidedStageHasACheckList(t *testing.T) {
	seen := map[string]bool{}
	for _, item := range checklists {
		key := fmt.Sprint(item.Kind, item.Stage, item.Code)
		if seen[key] || item.Code == "" || item.Text == "" || flows[item.Kind].flow[item.Stage] == nil {
			t.Errorf("%+v", item)
		}
		seen[key] = true
	}
	for k, f := range flows {
		variants := []string{""}
		if k == KindCampaign {
			variants = []string{"new", "change"}
		}
		for _, variant := range variants {
			for st := range f.flow {
				if n := len(Case{Kind: k, Stage: st, Variant: variant}.Checklist()); (n == 0) != (st == StageExperts) {
					t.Errorf("%s %s at %s has %d items", k, variant, st, n)
				}
			}
		}
	}
	solution, training := Case{Kind: KindListing, Stage: StageOperator, Variant: "solution"}, Case{Kind: KindListing, Stage: StageOperator, Variant: "training"}
	if a, b := solution.Checklist(), training.Checklist(); a[len(a)-1].Code != "rights" || b[len(b)-1].Code != "course" {
		t.Errorf("by publishing type: %+v, %+v", a, b)
	}
}

func TestFindingsAreKeptWithTheDecision(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		c := w.open(t, provider, KindListing, 7)
		try := func(a Action, checks ...Check) error {
			d := decision(c, a, "见审核要点")
			d.Verdict.Checks = checks
			_, err := w.Decide(t.Context(), operator, c.ID, d)
			return err
		}
		refused := func(err error, pointer string) {
			t.Helper()
			if f := errs.Of(err).Fields; !errors.Is(err, errs.ErrInvalid) || len(f) != 1 || f[0].Pointer != pointer {
				t.Errorf("got %v %+v, want %s", err, f, pointer)
			}
		}
		ok := c.Checked()
		refused(try(Approve), "/checks")
		refused(try(Approve, ok[1:]...), "/checks")
		refused(try(Approve, append(ok[1:], Check{Code: ok[0].Code, Remark: "夸大"})...), "/checks")
		refused(try(Return, Check{Code: "cases"}), "/checks/0/remark")
		refused(try(Return, Check{Code: "no_such", OK: true}), "/checks/0/code")
		refused(try(Return, ok[0], ok[0]), "/checks/1/code")
		d := decision(c, Return, "请补正")
		d.Verdict.Reason = ""
		_, err := w.Decide(t.Context(), operator, c.ID, d)
		refused(err, "/reason")

		wants(t, "return", try(Return, Check{Code: "cases", Remark: "案例二没有合同"}, ok[0]), nil)
		f, err := w.Find(t.Context(), provider, c.ID)
		if err != nil || len(f.Steps[1].Checks) != 2 {
			t.Fatalf("%+v %v", f.Steps, err)
		}
		if got := f.Steps[1].Checks; !got[0].OK || got[1].OK || got[1].Remark != "案例二没有合同" || got[1].Text == "" {
			t.Errorf("the applicant reads %+v", got)
		}
	})
}
