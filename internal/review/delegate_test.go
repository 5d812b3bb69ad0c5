package review

import (
	"context"
	"slices"
	"testing"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

var second = account.Principal{UserID: 12, Role: account.RoleOperator, Username: "op2", Permissions: operator.Permissions}

func (w world) awaits(t *testing.T, who account.Principal) int {
	t.Helper()
	got, err := w.Inbox(t.Context(), who, Filter{Box: BoxAwaiting}, page.Query{})
	if err != nil {
		t.Fatal(err)
	}
	return len(got.Items)
}

func TestATaskIsPassedOn(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		ctx := t.Context()
		c := w.open(t, provider, KindListing, 7)
		able, err := w.Colleagues(ctx, operator, c.ID)
		if err != nil || len(able) != 1 || able[0].UserID != second.UserID {
			t.Fatalf("colleagues %+v %v", able, err)
		}
		wants(t, "without a reason", w.Delegate(ctx, operator, c.ID, 12, c.Version, " "), errs.ErrInvalid)
		wants(t, "to the department", w.Delegate(ctx, operator, c.ID, department.UserID, c.Version, "出差"), ErrNoColleague)
		wants(t, "to the submitter", w.Delegate(ctx, operator, c.ID, provider.UserID, c.Version, "出差"), ErrNoColleague)
		wants(t, "by an old version", w.Delegate(ctx, operator, c.ID, 12, c.Version-1, "出差"), errs.ErrStale)
		wants(t, "by the department", w.Delegate(ctx, department, c.ID, 22, c.Version, "出差"), ErrNotAllowed)
		wants(t, "by a stranger", w.Delegate(ctx, stranger, c.ID, 12, c.Version, "出差"), errs.ErrNotFound)
		wants(t, "to a colleague", w.Delegate(ctx, operator, c.ID, 12, c.Version, "出差"), nil)
		if !slices.Contains(w.mail.got[12], "转办任务："+c.Title) {
			t.Errorf("the colleague heard %v", w.mail.got[12])
		}
		if w.awaits(t, operator) != 0 || w.awaits(t, second) != 1 {
			t.Error("the task is in the wrong inbox")
		}
		_, err = w.Decide(ctx, operator, c.ID, decision(c, Approve, ""))
		wants(t, "decided by who passed it on", err, ErrHeld)
		f, err := w.Find(ctx, operator, c.ID)
		if err != nil || len(f.Actions) != 0 || !f.Delegates || f.Holder != "user 12" || f.Handovers[0].Reason != "出差" {
			t.Errorf("the desk sees %+v %v", f, err)
		}
		if f, _ = w.Find(ctx, provider, c.ID); len(f.Handovers) != 1 || f.Handovers[0].ToName+f.Handovers[0].Reason+f.Holder != "" {
			t.Errorf("the applicant sees %+v", f.Handovers)
		}
		wants(t, "taken back", w.Delegate(ctx, operator, c.ID, 11, c.Version, "同事请假"), nil)
		wants(t, "and passed on", w.Delegate(ctx, operator, c.ID, 12, c.Version, "出差"), nil)
		c = w.decide(t, second, c, Approve, "")
		if c.HolderID != 0 {
			t.Error("the next stage is held")
		}
		if err := w.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM review_handovers`)
			return err
		}); err == nil {
			t.Error("a handover was deleted")
		}
	})
}

// A colleague who left cannot keep a task: it waits for the whole desk again.
func TestATaskOfWhoLeftIsEverybodysAgain(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		ctx := t.Context()
		c := w.open(t, provider, KindListing, 7)
		wants(t, "passed on", w.Delegate(ctx, operator, c.ID, 12, c.Version, "出差"), nil)
		if n := w.awaits(t, operator); n != 0 {
			t.Fatalf("%d tasks wait for who passed it on", n)
		}
		w.people = without{roster{also: 13}, 12}
		if n := w.awaits(t, operator); n != 1 {
			t.Errorf("%d tasks wait for the desk", n)
		}
		if n, err := w.Count(ctx, operator); err != nil || n.Awaiting != 1 {
			t.Errorf("counted %+v %v", n, err)
		}
		if w.awaits(t, department) != 0 {
			t.Error("it waits for another desk")
		}
		f, err := w.Find(ctx, operator, c.ID)
		if err != nil || !slices.Contains(f.Actions, Approve) || f.Holder != "" {
			t.Errorf("the desk sees %+v %v", f, err)
		}
		wants(t, "passed on to somebody else", w.Delegate(ctx, operator, c.ID, 13, c.Version, "同事离职"), nil)
		_, err = w.Decide(ctx, operator, c.ID, decision(c, Approve, ""))
		wants(t, "decided by who passed it on", err, ErrHeld)
		w.people = without{roster{also: 13}, 13}
		w.decide(t, operator, c, Approve, "")
	})
}

// without is a roster that somebody has left.
type without struct {
	roster
	gone id.ID
}

func (r without) UsersWith(ctx context.Context, d db.Reader, role account.Role, perm account.Permission) ([]id.ID, error) {
	all, err := r.roster.UsersWith(ctx, d, role, perm)
	return slices.DeleteFunc(all, func(u id.ID) bool { return u == r.gone }), err
}

// Four eyes: whoever decided another stage of the case does not get it by delegation.
func TestATaskIsNotPassedToAnEarlierApprover(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		c := w.decide(t, operator, w.open(t, provider, KindListing, 7), Approve, "")
		for n := int64(1); n <= 3; n++ {
			wants(t, "declare", w.Declare(t.Context(), expert(n), c.ID), nil)
			wants(t, "vote", w.Vote(t.Context(), expert(n), c.ID, ballot(80, true)), nil)
		}
		f, _ := w.Find(t.Context(), department, c.ID)
		c = w.decide(t, department, f.Case, SendBack, "请复核") // by the department, so it may not judge as an operator
		both := roster{also: department.UserID}
		w.people = both
		able, err := w.Colleagues(t.Context(), operator, c.ID)
		if err != nil || slices.ContainsFunc(able, func(k Colleague) bool { return k.UserID == department.UserID }) {
			t.Errorf("colleagues %+v %v", able, err)
		}
		wants(t, "passed to an earlier approver", w.Delegate(t.Context(), operator, c.ID, id.ID(department.UserID), c.Version, "出差"), ErrNoColleague)
	})
}

// What there is nothing left to decide about is taken from the desk by the platform.
func TestADroppedCaseIsGoneFromItsDesk(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		c := w.open(t, operator, KindCampaign, 9)
		for range 2 { // the second time there is none
			err := w.db.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error { return w.Drop(ctx, tx, KindCampaign, 9) })
			if err != nil {
				t.Fatal(err)
			}
		}
		file := w.read(t, c)
		if file.Case.Status != Withdrawn || w.awaits(t, department) != 0 {
			t.Errorf("%s", file.Case.Status)
		}
	})
}
