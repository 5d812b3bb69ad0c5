package review

import (
	"slices"
	"testing"
	"time"

	"smedx/internal/kit/id"
)

func TestWorkingDaysRoundUp(t *testing.T) {
	for span, want := range map[time.Duration]int64{0: 0, time.Hour: 1, day: 1, 2 * day: 2, 7 * day: 5, 7*day + time.Hour: 6} {
		if got := workingDays(span); got != want {
			t.Errorf("%v: %d working days, want %d", span, got, want)
		}
	}
}

func TestStandingKnowsThePlaceAndTheUsualTime(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		start := w.db.Now()
		at := func(since time.Duration) { w.db.Clock().Set(start.Add(since)) }
		standing := func(c Case) Standing {
			t.Helper()
			found, err := w.Standings(t.Context(), w.db, c)
			if err != nil {
				t.Fatal(err)
			}
			return found[c.ID]
		}

		old := w.open(t, provider, KindProvider, 900)
		at(30 * day)
		w.decide(t, operator, old, Approve, "")
		at(100 * day) // that one is too long ago from day 120 on, and alone it says nothing
		for n, took := range []int{1, 2, 3, 4, 9} {
			at(100 * day)
			c := w.open(t, provider, KindProvider, id.ID(901+n))
			at(100*day + time.Duration(took)*day)
			w.decide(t, operator, c, Approve, "")
		}
		at(121 * day)
		first := w.open(t, provider, KindProvider, 1)
		other := w.open(t, provider, KindEnterprise, 2)
		at(122 * day)
		second := w.open(t, provider, KindProvider, 3)

		if got := standing(first); got.Place != 1 || got.UsualDays != 3 || (got.UsualAt.Time().Sub(first.StageAt.Time())-3*day).Abs() > time.Hour { // the clock runs
			t.Errorf("the first: %+v", got)
		}
		if got := standing(second); got.Place != 2 {
			t.Errorf("the second: %+v", got)
		}
		if got := standing(other); got.Place != 1 || got.UsualDays != 0 || got.UsualAt != other.DueAt {
			t.Errorf("another queue, of which nothing is known: %+v", got)
		}
		closed := w.decide(t, operator, first, Reject, "不符")
		if got, _ := w.Standings(t.Context(), w.db, closed); len(got) != 0 {
			t.Errorf("a closed case stands nowhere: %+v", got)
		}
		if got := standing(second); got.Place != 1 {
			t.Errorf("after the first is gone: %+v", got)
		}
	})
}

func TestHasteIsAskedForOnceADayAfterTheUsualTime(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		c := w.open(t, provider, KindProvider, 1)
		hasten := func() error { return w.Hasten(t.Context(), colleague, c.ID) }
		wants(t, "at once", hasten(), ErrTooEarly)
		w.db.Clock().Set(c.DueAt.Time())
		wants(t, "when the time is over", hasten(), nil)
		if got := w.mail.got[operator.UserID]; !slices.Contains(got, "催办："+c.Title) {
			t.Errorf("the desk heard %v", got)
		}
		wants(t, "again", hasten(), ErrHastened)
		w.db.Clock().Set(c.DueAt.Time().Add(day + time.Minute))
		wants(t, "a day later", hasten(), nil)
		if err := w.Hasten(t.Context(), stranger, c.ID); err == nil {
			t.Error("a stranger hastened")
		}
		f, err := w.Find(t.Context(), provider, c.ID)
		if err != nil || f.Hasten || f.Standing == nil {
			t.Errorf("%+v %v", f, err)
		}
	})
}

func TestQueuesSayHowOldTheOldestIs(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		first := w.open(t, provider, KindProvider, 1)
		w.db.Clock().Set(first.DueAt.Time().Add(time.Minute))
		w.open(t, provider, KindProvider, 2)
		w.open(t, provider, KindListing, 3)
		n, err := w.Count(t.Context(), operator)
		if err != nil || n.Awaiting != 3 || n.Overdue != 1 || len(n.Queues) != 2 {
			t.Fatalf("%+v %v", n, err)
		}
		if q := n.Queues[0]; q.Kind != KindProvider || q.Waiting != 2 || q.Overdue != 1 || q.Oldest != first.StageAt {
			t.Errorf("%+v", q)
		}
	})
}
