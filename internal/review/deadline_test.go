package review

import (
	"slices"
	"sync"
	"testing"

	"smedx/internal/audit"
	"smedx/internal/kit/id"
	"smedx/internal/setting"
)

func (w world) sweep(t *testing.T) {
	t.Helper()
	wants(t, "reminders", w.RemindDue(t.Context()), nil)
	wants(t, "panels", w.PanelsDue(t.Context()), nil)
}

func (w world) read(t *testing.T, c Case) File {
	t.Helper()
	f, err := w.Find(t.Context(), operator, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// votes lets experts of the panel declare and vote.
func (w world) votes(t *testing.T, c Case, pass bool, experts ...int64) {
	t.Helper()
	for _, n := range experts {
		wants(t, "declare", w.Declare(t.Context(), expert(n), c.ID), nil)
		wants(t, "vote", w.Vote(t.Context(), expert(n), c.ID, ballot(80, pass)), nil)
	}
}

func (w world) panelOf(t *testing.T, experts ...id.ID) Case {
	t.Helper()
	d := decision(w.open(t, provider, KindListing, 7), Approve, "")
	d.Experts = experts
	var c Case
	if err := w.db.Raw(`SELECT id FROM review_cases WHERE subject_id = 7 AND status = 'pending'`).Scan(t.Context(), &c.ID); err != nil {
		t.Fatal(err)
	}
	c, err := w.Decide(t.Context(), operator, c.ID, d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAPanelWithAQuorumDecidesAtItsDeadline(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		c := w.panelOf(t, 31, 32, 33, 35, 36)
		w.votes(t, c, true, 1, 2, 3)
		w.sweep(t)
		if f := w.read(t, c); f.Case.Stage != StageExperts {
			t.Fatalf("decided before its time: %+v", f.Case)
		}
		w.db.Clock().Set(c.DueAt.Time())
		w.sweep(t)
		f := w.read(t, c)
		if f.Case.Stage != StageDepartment || f.Tally.Voted != 3 || f.Opinions[4].State != SeatReleased || f.Opinions[4].Reason != textSilent {
			t.Errorf("%+v %+v", f.Case, f.Opinions)
		}
	})
}

func TestAPanelWithoutAQuorumGetsMoreTimeAndOtherExperts(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		c := w.panelOf(t, 31, 32, 33)
		w.votes(t, c, true, 1)
		wants(t, "declare", w.Declare(t.Context(), expert(2), c.ID), nil)
		w.db.Clock().Set(c.DueAt.Time().Add(-day / 2))
		w.sweep(t)
		if got := w.mail.got[32]; !slices.Contains(got, "即将到期："+c.Title) || slices.Contains(w.mail.got[31], "即将到期："+c.Title) {
			t.Errorf("before the deadline %v heard %v", w.mail.got[31], got)
		}
		w.db.Clock().Set(c.DueAt.Time())
		w.sweep(t)
		w.sweep(t)
		f := w.read(t, c)
		if f.Case.Stage != StageExperts || f.Case.DueAt < c.DueAt.Add(5*day) || f.Case.Prolonged != 1 || f.Case.Lateness(c.DueAt) != "" {
			t.Fatalf("%+v", f.Case)
		}
		states := map[id.ID]SeatState{}
		for _, o := range f.Opinions {
			states[o.ExpertID] = o.State
		}
		if states[31] != SeatVoted || states[32] != SeatDeclared || states[33] != SeatReleased || states[35] != SeatAsked {
			t.Errorf("the panel is %v", states)
		}
		if !slices.Contains(w.mail.got[32], "审批超期提醒："+c.Title) || !slices.Contains(w.mail.got[operator.UserID], "专家评审延期："+c.Title) {
			t.Errorf("heard: %v", w.mail.got)
		}
		w.db.Clock().Set(f.Case.DueAt.Time())
		w.sweep(t) // the second time the one who has only declared is replaced too, as far as there is somebody
		for _, o := range w.read(t, c).Opinions {
			states[o.ExpertID] = o.State
		}
		if states[32] != SeatReleased || states[36] != SeatAsked || states[35] != SeatAsked {
			t.Errorf("the panel is %v", states)
		}
		w.votes(t, c, true, 5, 6)
		if f := w.read(t, c); f.Case.Stage != StageDepartment {
			t.Errorf("%+v", f.Case)
		}
	})
}

// T-CONC-10: the last ballot and the deadline in parallel move the case once.
func TestTheLastBallotAndTheDeadlineMoveTheCaseOnce(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		c := w.panelOf(t, 31, 32, 33, 35, 36)
		w.votes(t, c, true, 1, 2, 3)
		for _, n := range []int64{5, 6} {
			wants(t, "declare", w.Declare(t.Context(), expert(n), c.ID), nil)
		}
		w.db.Clock().Set(c.DueAt.Time())
		var wg sync.WaitGroup
		for _, n := range []int64{5, 6} {
			wg.Go(func() { _ = w.Vote(t.Context(), expert(n), c.ID, ballot(80, true)) }) // may come too late
		}
		for range 2 {
			wg.Go(func() { wants(t, "panels", w.PanelsDue(t.Context()), nil) })
		}
		wg.Wait()
		if f := w.read(t, c); f.Case.Stage != StageDepartment || f.Case.Version != 3 || len(f.Steps) != 3 || len(w.mail.got[department.UserID]) != 1 {
			t.Errorf("%+v %+v %v", f.Case, f.Steps, w.mail.got[department.UserID])
		}
	})
}

func TestDeadlinesAreSettings(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		set := func(key setting.Key, days string) {
			t.Helper()
			wants(t, "setting", w.settings.Change(t.Context(), audit.Actor{UserID: 1}, key, days, 0), nil)
		}
		set(setting.OperatorDays, "10")
		set(setting.RemindDays, "3")
		c := w.open(t, provider, KindProvider, 7)
		if c.DueAt != c.CreatedAt.Add(10*day) {
			t.Errorf("due %v", c.DueAt)
		}
		w.db.Clock().Set(c.CreatedAt.Time().Add(6 * day))
		w.sweep(t)
		w.db.Clock().Set(c.CreatedAt.Time().Add(7 * day))
		w.sweep(t)
		w.sweep(t)
		if got := w.mail.got[operator.UserID]; len(got) != 2 || got[1] != "即将到期："+c.Title {
			t.Errorf("the operator heard %v", got)
		}
		times, err := w.StageTimes(t.Context())
		if err != nil || len(times) != 6 || times[0].Limit != 10 {
			t.Errorf("%+v %v", times, err)
		}
	})
}
