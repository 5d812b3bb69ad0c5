package fund_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"smedx/internal/account"
	"smedx/internal/fund"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/ledger"
	"smedx/internal/notify"
)

var (
	creator  = account.Principal{UserID: 21, Role: account.RoleDepartment, Username: "gongxin1"}
	approver = account.Principal{UserID: 22, Role: account.RoleDepartment, Username: "gongxin2"}
)

// office is the department's people and what they were told.
type office struct{ told map[id.ID][]string }

func (o *office) TellHolders(_ context.Context, tx *db.Tx, _ account.Permission, but id.ID, m notify.Message, _ ...account.Role) error {
	for _, u := range []id.ID{creator.UserID, approver.UserID} {
		if u != but {
			o.tell(tx, u, m.Event)
		}
	}
	return nil
}

func (o *office) TellUser(_ context.Context, tx *db.Tx, userID id.ID, m notify.Message) error {
	o.tell(tx, userID, m.Event)
	return nil
}

func (o *office) tell(tx *db.Tx, userID id.ID, event string) {
	tx.OnCommit(func() { o.told[userID] = append(o.told[userID], event) })
}

type world struct {
	*testing.T
	*fund.Service

	db     *db.DB
	office *office
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		w := &world{t, fund.New(d), d, &office{map[id.ID][]string{}}}
		w.Service.TellStaff(w.office)
		test(t, w)
	})
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) refused(err error, want *errs.Error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Errorf("got %v, want %s", err, want.Code)
	}
}

func (w *world) asked(amount money.Fen) fund.Budget {
	w.Helper()
	b, err := w.Create(w.Context(), creator, fund.Draft{Name: "2026 年创新服务券", Year: 2026, Amount: amount})
	w.ok(err)
	return b
}

func (w *world) approved(amount money.Fen) fund.Budget {
	w.Helper()
	b := w.asked(amount)
	b, err := w.Decide(w.Context(), approver, b.ID, b.Version, fund.Approve, "同意")
	w.ok(err)
	return b
}

func (w *world) commit(b fund.Budget, campaign id.ID, amount money.Fen) error {
	return w.db.Write(w.Context(), func(ctx context.Context, tx *db.Tx) error {
		return fund.Commit(ctx, tx, b.ID, campaign, ledger.Source{Kind: "campaign", ID: campaign}, amount)
	})
}

func (w *world) giveBack(b fund.Budget, amount money.Fen) error {
	return w.db.Write(w.Context(), func(ctx context.Context, tx *db.Tx) error { return fund.GiveBack(ctx, tx, b.ID, amount) })
}

func (w *world) left(b fund.Budget, want money.Fen) {
	w.Helper()
	got, err := w.Get(w.Context(), b.ID)
	w.ok(err)
	if got.Available() != want {
		w.Errorf("%v left, want %v", got.Available(), want)
	}
}

func (w *world) balance(a ledger.Account, want money.Fen) {
	w.Helper()
	got, err := ledger.Balance(w.Context(), w.db, a)
	w.ok(err)
	if got != want {
		w.Errorf("%s is %v, want %v", a, got, want)
	}
}

func (w *world) trail(action string, budget id.ID) (n int) {
	w.Helper()
	w.ok(w.db.Raw(`SELECT count(*) FROM audit_entries WHERE action = ? AND object_id = ?`, action, budget).Scan(w.Context(), &n))
	return n
}

func TestABudgetIsDecidedOnceByAnother(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, b := w.Context(), w.asked(1000)
		w.left(b, 0)
		if got := w.office.told[approver.UserID]; len(got) != 1 || len(w.office.told[creator.UserID]) != 0 {
			t.Error("told:", w.office.told)
		}
		_, err := w.Decide(ctx, creator, b.ID, b.Version, fund.Approve, "")
		w.refused(err, fund.ErrFourEyes)
		if w.trail("fund.refused", b.ID) != 1 {
			t.Error("the attempt of the creator left no trace")
		}
		_, err = w.Decide(ctx, approver, b.ID, b.Version+1, fund.Approve, "")
		w.refused(err, errs.ErrStale)
		_, err = w.Decide(ctx, approver, 12345, 1, fund.Approve, "")
		w.refused(err, errs.ErrNotFound)
		_, err = w.Decide(ctx, approver, b.ID, b.Version, fund.Reject, " ")
		if at := errs.Of(err).Fields; len(at) != 1 || at[0].Pointer != "/comment" || at[0].Code != "field.required" {
			t.Error("rejected without a reason:", err)
		}
		for who, want := range map[id.ID]int64{creator.UserID: 0, approver.UserID: 1} {
			n, oldest, err := w.Waiting(ctx, account.Principal{UserID: who})
			w.ok(err)
			if n != want || (want > 0) != (oldest == b.CreatedAt) {
				t.Error("waiting for", who, n, oldest)
			}
		}
		w.left(b, 0)
		b, err = w.Decide(ctx, approver, b.ID, b.Version, fund.Approve, "同意")
		w.ok(err)
		if b.Status != fund.Approved || b.DecidedBy != approver.UserID || b.Comment != "同意" || b.Version != 2 {
			t.Errorf("%+v", b)
		}
		w.left(b, 1000)
		for _, e := range []fund.Event{fund.Approve, fund.Reject} {
			_, err = w.Decide(ctx, approver, b.ID, b.Version, e, "")
			w.refused(err, errs.ErrInvalidState)
		}
		if got := w.office.told[creator.UserID]; len(got) != 1 || got[0] != "budget_decided" {
			t.Error("the creator heard", got)
		}
	})
}

func TestEveryCellOfTheFlow(t *testing.T) {
	want := map[fund.Status]map[fund.Event]fund.Status{fund.Pending: {fund.Approve: fund.Approved, fund.Reject: fund.Rejected}}
	for _, from := range []fund.Status{fund.Pending, fund.Approved, fund.Rejected} {
		for _, e := range []fund.Event{fund.Approve, fund.Reject} {
			if got := fund.Flow[from][e]; got != want[from][e] {
				t.Errorf("%s of %s leads to %q", e, from, got)
			}
		}
	}
}

func TestACampaignTakesNoMoreThanIsLeft(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		waiting := w.asked(1000)
		w.refused(w.commit(waiting, 1, 1), fund.ErrNotApproved)
		no, err := w.Decide(w.Context(), approver, waiting.ID, waiting.Version, fund.Reject, "暂缓")
		w.ok(err)
		w.refused(w.commit(no, 1, 1), fund.ErrNotApproved)
		w.left(no, 0)

		b := w.approved(1000)
		w.ok(w.commit(b, 1, 600))
		w.left(b, 400)
		w.balance(ledger.Budget(1), 600)
		err = w.commit(b, 2, 401)
		w.refused(err, fund.ErrExceeded)
		if p := errs.Of(err).Params; p["available"] != int64(400) || p["wanted"] != int64(401) {
			t.Error(p)
		}
		w.balance(ledger.Budget(2), 0)
		w.ok(w.commit(b, 2, 400))
		w.left(b, 0)
		w.balance(ledger.Treasury, -1000)
		w.refused(w.commit(fund.Budget{ID: 12345}, 3, 1), errs.ErrNotFound)

		w.ok(w.giveBack(b, 0))
		w.ok(w.giveBack(b, 250))
		w.left(b, 250)
		if err := w.giveBack(b, 751); err == nil {
			t.Error("more comes back than was taken")
		}
		w.left(b, 250)
	})
}

func TestCampaignsThatRaceDoNotOverdraw(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.approved(1000)
		var g sync.WaitGroup
		refused := make([]error, 12)
		for i := range refused {
			g.Go(func() { refused[i] = w.commit(b, id.ID(100+i), 150) })
		}
		g.Wait()
		got := 0
		for _, err := range refused {
			if err == nil {
				got++
			} else {
				w.refused(err, fund.ErrExceeded)
			}
		}
		if got != 6 {
			t.Errorf("%d campaigns of 150 out of 1000", got)
		}
		w.left(b, 100)
		w.balance(ledger.Treasury, -900)
	})
}

func TestADraftIsJudgedByField(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, err := w.Create(w.Context(), creator, fund.Draft{Name: " ", Year: 1999, Purpose: strings.Repeat("长", 501), Amount: 0})
		var got []string
		for _, f := range errs.Of(err).Fields {
			got = append(got, f.Pointer)
		}
		if strings.Join(got, " ") != "/name /year /purpose /amountFen" {
			t.Error(got)
		}
		_, err = w.Create(w.Context(), creator, fund.Draft{Name: strings.Repeat("长", 61), Year: 2026, Amount: money.MaxTotal + 1})
		if f := errs.Of(err).Fields; len(f) != 2 {
			t.Error(f)
		}
		if len(w.office.told) != 0 {
			t.Error("told of a draft that was refused:", w.office.told)
		}
	})
}

func TestBudgetsAreListedByStatus(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.asked(1)
		b := w.approved(2)
		for status, want := range map[fund.Status]int64{"": 2, fund.Pending: 1, fund.Approved: 1, fund.Rejected: 0} {
			list, n, err := w.List(w.Context(), status, page.Query{})
			if err != nil || n != want || int64(len(list)) != want {
				t.Errorf("%q: %d, %v", status, n, err)
			}
		}
		if list, _, _ := w.List(w.Context(), "", page.Query{}); list[0].ID != b.ID {
			t.Error("the newest is not first")
		}
	})
}
