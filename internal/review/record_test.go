package review

import (
	"testing"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
)

func TestRecordsCompareWithThePanel(t *testing.T) {
	hour := func(n int64) clock.Instant { return clock.Instant(n * 3_600_000) }
	got := recordsOf([]ballotRow{
		{1, 1, 31, 9000, 0, hour(10)}, {1, 1, 32, 6000, 0, hour(2)}, {1, 1, 33, 6000, 0, hour(4)}, // mean 7000
		{2, 1, 31, 8000, hour(10), hour(40)}, {2, 1, 32, 6000, hour(10), hour(10)}, // mean 7000
		{3, 1, 33, 5000, 0, hour(6)}, // alone
	})
	for user, want := range map[id.ID]Record{
		31: {UserID: 31, Ballots: 2, Mean: 8500, Deviation: 1500, Spread: 1500, Hours: 10},
		32: {UserID: 32, Ballots: 2, Mean: 6000, Deviation: -1000, Spread: 1000, Hours: 0},
		33: {UserID: 33, Ballots: 2, Mean: 5500, Deviation: -1000, Spread: 1000, Hours: 4},
	} {
		if got[user] != want {
			t.Errorf("got %+v, want %+v", got[user], want)
		}
	}
}

func TestRecordsSayNothingOfAPanelThatSits(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		c := w.panelOf(t, 31, 32, 33)
		w.votes(t, c, true, 1)
		wants(t, "recuse", w.Recuse(t.Context(), expert(2), c.ID, "time", ""), nil)
		got, err := w.Records(t.Context(), w.db)
		if err != nil || got[31] != (Record{UserID: 31}) || got[32] != (Record{UserID: 32, Recused: 1}) || got[33].Open != 1 {
			t.Errorf("while it sits %+v %v", got, err)
		}
		w.votes(t, c, true, 3, 5)
		got, err = w.Records(t.Context(), w.db)
		if err != nil || got[31].Ballots != 1 || got[31].Mean != 8000 || got[33].Open != 0 {
			t.Errorf("when it is over %+v %v", got, err)
		}
	})
}

// T-BIZ-02: taking back and handing in again finds no other experts; earlier
// ballots stay and are shown; a ballot counts once.
func TestHandingInAgainFindsTheSameExperts(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		first := w.panelOf(t, 33, 35, 36)
		w.votes(t, first, false, 5)
		wants(t, "a second ballot", w.Vote(t.Context(), expert(5), first.ID, ballot(90, true)), ErrVoted)
		wants(t, "the negative ballot is not released", w.Reseat(t.Context(), operator, first.ID, Change{Release: []id.ID{35}, Add: []id.ID{31}}), ErrVoted)
		wants(t, "an even panel", w.Reseat(t.Context(), operator, first.ID, Change{Add: []id.ID{31}}), ErrPanelEven)
		_, err := w.Withdraw(t.Context(), provider, first.ID)
		wants(t, "withdraw", err, nil)
		wants(t, "a ballot after the withdrawal", w.Vote(t.Context(), expert(3), first.ID, ballot(90, true)), ErrNotAllowed)

		again := w.decide(t, operator, w.open(t, provider, KindListing, 7), Approve, "")
		f := w.read(t, again)
		if len(f.Earlier) != 1 || f.Earlier[0].ID != first.ID {
			t.Fatalf("earlier cases %+v", f.Earlier)
		}
		seated := map[id.ID]bool{}
		for _, o := range f.Opinions {
			seated[o.ExpertID] = true
		}
		if !seated[35] {
			t.Errorf("the expert who had voted is not on the new panel: %v", seated)
		}
		if old := w.read(t, f.Earlier[0]); len(old.Opinions) != 3 || old.Opinions[1].Score != 8000 || old.Opinions[1].Passed {
			t.Errorf("the earlier ballot: %+v", old.Opinions)
		}
	})
}
