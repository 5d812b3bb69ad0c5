package review

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/notify"
	"smedx/internal/setting"
)

func idOf(n int64) id.ID { return id.ID(n) }

// The people of the tests.
var (
	provider   = account.Principal{UserID: 1, OrgID: 100, Role: account.RoleProvider, Username: "provider_a"}
	colleague  = account.Principal{UserID: 2, OrgID: 100, Role: account.RoleProvider, Username: "provider_b"}
	stranger   = account.Principal{UserID: 3, OrgID: 200, Role: account.RoleProvider, Username: "other"}
	operator   = account.Principal{UserID: 11, Role: account.RoleOperator, Username: "op", Permissions: []account.Permission{account.ListingReview, account.VerificationReview}}
	department = account.Principal{UserID: 21, Role: account.RoleDepartment, Username: "dep", Permissions: []account.Permission{account.ListingDecide, account.CampaignApprove}}
)

func expert(n int64) account.Principal {
	return account.Principal{UserID: idOf(30 + n), Role: account.RoleExpert, Username: "expert", Permissions: []account.Permission{account.ExpertScore}}
}

// roster has two operators and two of the department; also sits at every desk.
type roster struct{ also id.ID }

func (roster) Names(_ context.Context, _ db.Reader, users ...id.ID) (map[id.ID]string, error) {
	names := map[id.ID]string{}
	for _, u := range users {
		names[u] = "user " + u.String()
	}
	return names, nil
}

func (r roster) UsersWith(_ context.Context, _ db.Reader, role account.Role, _ account.Permission) ([]id.ID, error) {
	users := map[account.Role][]id.ID{
		account.RoleOperator: {operator.UserID, 12}, account.RoleDepartment: {department.UserID, 22},
	}[role]
	if r.also != 0 {
		users = append(users, r.also)
	}
	return users, nil
}

type mailbox struct {
	mu  sync.Mutex
	got map[id.ID][]string
}

func (m *mailbox) Tell(_ context.Context, _ *db.Tx, n notify.Message) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, u := range n.UserIDs {
		m.got[u] = append(m.got[u], n.Title)
	}
	return nil
}

func (m *mailbox) Retract(_ context.Context, _ *db.Tx, user id.ID, _ string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.got, user)
	return nil
}

// bench has five experts; the one with user id 34 belongs to the provider.
type bench struct{}

func (bench) Experts(context.Context, db.Reader, Case) ([]Candidate, error) {
	return []Candidate{{UserID: 31}, {UserID: 32}, {UserID: 33}, {UserID: 34, Out: "same_org"}, {UserID: 35}, {UserID: 36}}, nil
}

func (bench) Conflict(_ context.Context, _ db.Reader, _ Case, user id.ID) (string, error) {
	if user == 34 {
		return "same_org", nil
	}
	return "", nil
}

type subject struct{ heard []string }

func (s *subject) Approved(context.Context, *db.Tx, account.Principal, Case) error {
	s.heard = append(s.heard, "approved")
	return nil
}
func (s *subject) Rejected(_ context.Context, _ *db.Tx, _ account.Principal, _ Case, v Verdict) error {
	s.heard = append(s.heard, "rejected:"+v.Comment)
	return nil
}
func (s *subject) Returned(_ context.Context, _ *db.Tx, _ account.Principal, _ Case, v Verdict) error {
	s.heard = append(s.heard, "returned:"+v.Fields[0])
	return nil
}
func (s *subject) Withdrawn(context.Context, *db.Tx, account.Principal, Case) error {
	s.heard = append(s.heard, "withdrawn")
	return nil
}

type world struct {
	*Service
	db       *db.DB
	mail     *mailbox
	subject  *subject
	settings *setting.Service
}

func everyEngine(t *testing.T, test func(t *testing.T, w world)) {
	t.Helper()
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		w := world{db: d, mail: &mailbox{got: map[id.ID][]string{}}, subject: &subject{}}
		w.settings = setting.New(d)
		w.Service = New(d, roster{}, w.mail, w.settings)
		w.Seat(bench{})
		for _, k := range Kinds {
			w.Handle(k, w.subject)
		}
		test(t, w)
	})
}

func (w world) open(t *testing.T, who account.Principal, kind Kind, subjectID id.ID) Case {
	t.Helper()
	var c Case
	err := w.db.Write(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		c, err = w.Open(ctx, tx, who, Submission{Kind: kind, SubjectID: subjectID, Title: "智能排产 50%", ContentHash: "h1"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// decision is complete: an approval has checked everything, a refusal says why.
func decision(c Case, a Action, comment string) Decision {
	d := Decision{Action: a, Version: c.Version, ContentHash: c.ContentHash, Verdict: Verdict{Comment: comment, Fields: []string{"/name"}}}
	if a == Approve {
		d.Verdict.Checks = c.Checked()
	} else {
		d.Verdict.Reason = "incomplete"
	}
	return d
}

func (w world) decide(t *testing.T, who account.Principal, c Case, a Action, comment string) Case {
	t.Helper()
	c, err := w.Decide(t.Context(), who, c.ID, decision(c, a, comment))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ballot(score int64, pass bool) Ballot {
	scores := map[string]int64{}
	for _, c := range Criteria {
		scores[c.Code] = score
	}
	comments := map[string]string{}
	if score < Threshold {
		for _, c := range Criteria {
			comments[c.Code] = "说明"
		}
	}
	b := Ballot{Scores: scores, Comments: comments, Pass: pass, Comment: "意见", ContentHash: "h1"}
	if !pass {
		b.Reason = "price"
	}
	return b
}

func wants(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) || (want == nil && got != nil) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestListingGoesThroughThreeStages(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		c := w.open(t, provider, KindListing, 7)
		c = w.decide(t, operator, c, Approve, "")
		if c.Stage != StageExperts || c.Round != 1 {
			t.Fatalf("after the operator: %+v", c)
		}
		for n := int64(1); n <= 3; n++ {
			wants(t, "vote before the declaration", w.Vote(t.Context(), expert(n), c.ID, ballot(80, true)), ErrNotDeclared)
			wants(t, "declare", w.Declare(t.Context(), expert(n), c.ID), nil)
			wants(t, "vote", w.Vote(t.Context(), expert(n), c.ID, ballot(80, n != 3)), nil)
		}
		f, err := w.Find(t.Context(), department, c.ID)
		if err != nil || f.Case.Stage != StageDepartment || f.Tally.Passed != 2 || f.Tally.Mean != 8000 {
			t.Fatalf("after the experts: %+v %v", f, err)
		}
		c = w.decide(t, department, f.Case, Approve, "")
		if c.Status != Approved || c.DecidedAt == 0 || w.subject.heard[0] != "approved" {
			t.Errorf("at the end: %+v, subject heard %v", c, w.subject.heard)
		}
		if n := len(w.mail.got[provider.UserID]); n != 1 {
			t.Errorf("the submitter was told %d times", n)
		}
		if len(w.mail.got[operator.UserID]) != 1 || len(w.mail.got[department.UserID]) != 1 || len(w.mail.got[31]) != 1 {
			t.Errorf("the desks were told %v", w.mail.got)
		}
	})
}

func TestDecideRefusals(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		c := w.open(t, provider, KindListing, 7)
		try := func(who account.Principal, a Action, version int64, hash, comment string) error {
			d := decision(c, a, comment)
			d.Version, d.ContentHash = version, hash
			_, err := w.Decide(t.Context(), who, c.ID, d)
			return err
		}
		wants(t, "a company that is not the submitter's", try(stranger, Approve, 1, "h1", ""), errs.ErrNotFound)
		wants(t, "the submitter", try(provider, Approve, 1, "h1", ""), ErrNotAllowed)
		wants(t, "the department before its turn", try(department, Approve, 1, "h1", ""), ErrNotAllowed)
		wants(t, "an old version", try(operator, Approve, 0, "h1", ""), errs.ErrStale)
		wants(t, "other content", try(operator, Approve, 1, "h2", ""), errs.ErrStale)
		wants(t, "a rejection without a reason", try(operator, Reject, 1, "h1", " "), errs.ErrInvalid)
		wants(t, "a result of the panel from outside", try(operator, Pass, 1, "h1", "x"), errs.ErrInvalid)
		wants(t, "sending back from the first stage", try(operator, SendBack, 1, "h1", "x"), ErrNotAllowed)
		wants(t, "a second case of the subject", w.db.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := w.Open(ctx, tx, provider, Submission{Kind: KindListing, SubjectID: 7, Title: "x", ContentHash: "h1"})
			return err
		}), ErrOpen)
		wants(t, "the operator", try(operator, Reject, 1, "h1", "资料不全"), nil)
		wants(t, "a second decision", try(operator, Approve, 1, "h1", ""), ErrNotAllowed)
		if w.subject.heard[0] != "rejected:资料不全" {
			t.Errorf("the subject heard %v", w.subject.heard)
		}
		var trail int64
		if err := w.db.Raw(`SELECT count(*) FROM audit_entries WHERE action = 'review.refused'`).Scan(t.Context(), &trail); err != nil || trail == 0 {
			t.Errorf("refused attempts in the trail: %d %v", trail, err)
		}
	})
}

// T-BIZ-09: an approval names what was read. Sent again, sent for another case, or
// for a newer version than the page showed, it is refused and changes nothing.
func TestAnApprovalIsOfWhatWasRead(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		ctx := t.Context()
		read := w.open(t, provider, KindProvider, 7)
		_, err := w.Withdraw(ctx, provider, read.ID)
		wants(t, "the submitter takes it back", err, nil)
		var newer Case
		wants(t, "and hands in another version", w.db.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			newer, err = w.Open(ctx, tx, provider, Submission{Kind: KindProvider, SubjectID: 7, Title: "x", ContentHash: "h2"})
			return err
		}), nil)
		approval := decision(read, Approve, "")
		_, err = w.Decide(ctx, operator, read.ID, approval)
		wants(t, "of what was taken back", err, ErrNotAllowed)
		_, err = w.Decide(ctx, operator, newer.ID, approval)
		wants(t, "of the version before, on the newer one", err, errs.ErrStale)
		approval = decision(newer, Approve, "")
		approval.Version++
		_, err = w.Decide(ctx, operator, newer.ID, approval)
		wants(t, "of a version that is not there yet", err, errs.ErrStale)
		if f, err := w.Find(ctx, operator, newer.ID); err != nil || f.Case.Status != Pending || len(f.Steps) != 1 || len(w.subject.heard) != 1 {
			t.Errorf("a refused approval left %+v, the subject heard %v, %v", f.Steps, w.subject.heard, err)
		}
		other := w.open(t, provider, KindProvider, 8)
		newer = w.decide(t, operator, newer, Approve, "")
		_, err = w.Decide(ctx, operator, newer.ID, decision(newer, Approve, ""))
		wants(t, "sent again", err, ErrNotAllowed)
		if f, err := w.Find(ctx, operator, other.ID); err != nil || f.Case.Status != Pending {
			t.Errorf("another case was decided too: %+v %v", f.Case, err)
		}
	})
}

func TestABallotAgainstHasAReason(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		ctx := t.Context()
		c := w.decide(t, operator, w.open(t, provider, KindListing, 7), Approve, "")
		for n := int64(1); n <= 3; n++ {
			wants(t, "declare", w.Declare(ctx, expert(n), c.ID), nil)
		}
		for _, reason := range []string{"", "no such code"} {
			b := ballot(50, false)
			b.Reason = reason
			if e := errs.Of(w.Vote(ctx, expert(1), c.ID, b)); len(e.Fields) != 1 || e.Fields[0].Pointer != "/reason" {
				t.Errorf("a ballot against for %q: %v", reason, e)
			}
		}
		wants(t, "with a reason", w.Vote(ctx, expert(1), c.ID, ballot(50, false)), nil)
		in := ballot(90, true)
		in.Reason = "price" // left over from before the expert thought better
		wants(t, "in favour", w.Vote(ctx, expert(2), c.ID, in), nil)
		if f, _ := w.Find(ctx, operator, c.ID); f.Opinions[0].Against != "" {
			t.Error("a ballot is seen while the panel sits")
		}
		wants(t, "the last", w.Vote(ctx, expert(3), c.ID, ballot(90, true)), nil)
		f, err := w.Find(ctx, provider, c.ID)
		if err != nil || f.Opinions[0].Against != "price" || f.Opinions[1].Against != "" {
			t.Errorf("the applicant reads %+v %v", f.Opinions, err)
		}
	})
}

func TestWithdrawOnlyBySubmitterWhilePending(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		c := w.open(t, provider, KindProvider, 7)
		_, err := w.Withdraw(t.Context(), colleague, c.ID)
		wants(t, "a colleague", err, ErrNotSubmitter)
		_, err = w.Withdraw(t.Context(), operator, c.ID)
		wants(t, "an operator", err, errs.ErrNotFound)
		_, err = w.Withdraw(t.Context(), provider, c.ID)
		wants(t, "the submitter", err, nil)
		_, err = w.Withdraw(t.Context(), provider, c.ID)
		wants(t, "again", err, ErrNotAllowed)
		w.open(t, provider, KindProvider, 7)
	})
}

func TestReturnNamesTheFields(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		c := w.open(t, provider, KindProvider, 7)
		c = w.decide(t, operator, c, Return, "请补正名称")
		f, err := w.Find(t.Context(), provider, c.ID)
		if err != nil || c.Status != Returned || f.Steps[1].Fields[0] != "/name" || f.Steps[1].UserName != "" {
			t.Errorf("got %+v %v", f, err)
		}
	})
}

func TestPanelIsBlindAndKeepsItsVotes(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		c := w.decide(t, operator, w.open(t, provider, KindListing, 7), Approve, "案例可信")
		wants(t, "an expert who was not asked", w.Declare(t.Context(), expert(5), c.ID), errs.ErrNotFound)
		_, err := w.Material(t.Context(), w.db, expert(1), c.ID)
		wants(t, "material before the declaration", err, ErrNotDeclared)
		if f, err := w.Find(t.Context(), expert(1), c.ID); err != nil || f.Steps[1].Comment != "" || len(f.Steps[1].Checks) != 0 {
			t.Errorf("an expert reads the operator's opinion before the declaration: %+v %v", f.Steps, err)
		}
		sits := func(n int64) bool {
			t.Helper()
			cases, err := w.SeatsOf(t.Context(), w.db, expert(n).UserID)
			if err != nil {
				t.Fatal(err)
			}
			return slices.Contains(cases, c.ID)
		}
		if sits(1) {
			t.Error("the files are open before the declaration")
		}
		wants(t, "declare", w.Declare(t.Context(), expert(1), c.ID), nil)
		_, err = w.Material(t.Context(), w.db, expert(1), c.ID)
		wants(t, "material after it", err, nil)
		if !sits(1) || sits(5) {
			t.Error("the files are not open to the panel, or to others")
		}
		wants(t, "declare", w.Declare(t.Context(), expert(2), c.ID), nil)
		wants(t, "a ballot with a score out of range", w.Vote(t.Context(), expert(1), c.ID, ballot(101, true)), errs.ErrInvalid)
		wants(t, "vote", w.Vote(t.Context(), expert(1), c.ID, ballot(90, true)), nil)
		wants(t, "vote twice", w.Vote(t.Context(), expert(1), c.ID, ballot(10, false)), ErrVoted)
		wants(t, "release one who has voted", w.Reseat(t.Context(), operator, c.ID, Change{Release: []id.ID{31}, Add: []id.ID{35}}), ErrVoted)

		f, _ := w.Find(t.Context(), expert(2), c.ID)
		if len(f.Opinions) != 1 || !f.Opinions[0].Mine {
			t.Errorf("an expert sees %+v", f.Opinions)
		}
		f, _ = w.Find(t.Context(), operator, c.ID)
		if len(f.Opinions) != 3 || !f.Opinions[0].Voted || f.Opinions[0].Comment != "" || f.Tally != nil {
			t.Errorf("an operator sees during the vote %+v", f.Opinions)
		}
		f, _ = w.Find(t.Context(), provider, c.ID)
		if len(f.Opinions) != 0 {
			t.Errorf("the provider sees during the vote %+v", f.Opinions)
		}

		wants(t, "recuse", w.Recuse(t.Context(), expert(2), c.ID, "employed", "曾任顾问"), nil)
		_, err = w.Find(t.Context(), expert(2), c.ID)
		wants(t, "read after recusal", err, errs.ErrNotFound)
		if sits(2) || len(w.mail.got[32]) != 0 {
			t.Error("files or messages are left after recusal:", w.mail.got[32])
		}
		wants(t, "an expert of the provider", w.Reseat(t.Context(), operator, c.ID, Change{Add: []id.ID{34}}), ErrExpertConflict)
		wants(t, "replace a silent one", w.Reseat(t.Context(), operator, c.ID, Change{Release: []id.ID{33}, Add: []id.ID{36}, Reason: "超期"}), nil)
		for _, n := range []int64{5, 6} { // 35 was drawn for the one who recused
			wants(t, "declare", w.Declare(t.Context(), expert(n), c.ID), nil)
			wants(t, "vote", w.Vote(t.Context(), expert(n), c.ID, ballot(50, false)), nil)
		}
		f, _ = w.Find(t.Context(), provider, c.ID)
		if f.Case.Status != Rejected || len(f.Opinions) != 3 || f.Opinions[0].ExpertID != 0 || f.Opinions[0].Comment == "" {
			t.Errorf("the provider sees at the end %+v %+v", f.Case, f.Opinions)
		}
		if err := w.db.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE review_votes SET passed = ?`, true)
			return err
		}); err == nil {
			t.Error("a ballot was changed")
		}
	})
}

// T-CONC-10
func TestLastVotesInParallelMoveTheCaseOnce(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		c := w.decide(t, operator, w.open(t, provider, KindListing, 7), Approve, "")
		var wg sync.WaitGroup
		for n := int64(1); n <= 3; n++ {
			wants(t, "declare", w.Declare(t.Context(), expert(n), c.ID), nil)
		}
		for n := int64(1); n <= 3; n++ {
			wg.Go(func() { wants(t, "vote", w.Vote(t.Context(), expert(n), c.ID, ballot(80, true)), nil) })
		}
		wg.Wait()
		f, err := w.Find(t.Context(), operator, c.ID)
		if err != nil || f.Case.Stage != StageDepartment || f.Case.Version != 3 || len(f.Steps) != 3 {
			t.Errorf("got %+v %+v %v", f.Case, f.Steps, err)
		}
	})
}

func TestOneOfManyDecisionsWins(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		c := w.open(t, provider, KindProvider, 7)
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for _, a := range []Action{Approve, Reject, Return, Approve, Withdraw} {
			wg.Go(func() {
				var err error
				if a == Withdraw {
					_, err = w.Withdraw(t.Context(), provider, c.ID)
				} else {
					_, err = w.Decide(t.Context(), operator, c.ID, decision(c, a, "x"))
				}
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				}
			})
		}
		wg.Wait()
		if won != 1 || len(w.subject.heard) != 1 {
			t.Errorf("%d acts won, the subject heard %v", won, w.subject.heard)
		}
	})
}

func TestSentBackGetsANewPanel(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		c := w.decide(t, operator, w.open(t, provider, KindListing, 7), Approve, "")
		for n := int64(1); n <= 3; n++ {
			wants(t, "declare", w.Declare(t.Context(), expert(n), c.ID), nil)
			wants(t, "vote", w.Vote(t.Context(), expert(n), c.ID, ballot(80, true)), nil)
		}
		f, _ := w.Find(t.Context(), department, c.ID)
		c = w.decide(t, department, f.Case, SendBack, "请复核案例二")
		c = w.decide(t, operator, c, Approve, "")
		if c.Round != 2 || c.Stage != StageExperts {
			t.Fatalf("got %+v", c)
		}
		n, err := w.Count(t.Context(), expert(1))
		if err != nil || n.Awaiting != 1 {
			t.Errorf("the expert's inbox has %+v %v", n, err)
		}
	})
}

func TestInbox(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		t0 := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
		w.db.Clock().Set(t0)
		a := w.open(t, provider, KindListing, 7)
		w.db.Clock().Set(t0.Add(time.Hour))
		w.open(t, stranger, KindProvider, 8)
		w.open(t, operator, KindCampaign, 9)
		list := func(who account.Principal, f Filter) int {
			got, err := w.Inbox(t.Context(), who, f, page.Query{})
			if err != nil {
				t.Error(err)
			}
			return len(got.Items)
		}
		for _, tc := range []struct {
			name string
			who  account.Principal
			f    Filter
			want int
		}{
			{"what waits for the operator", operator, Filter{Box: BoxAwaiting}, 2},
			{"what waits for the department", department, Filter{Box: BoxAwaiting}, 1},
			{"what the department oversees", department, Filter{Box: BoxAll}, 2},
			{"what the operator drew up", operator, Filter{Box: BoxMine}, 1},
			{"a company's own", colleague, Filter{Box: BoxMine}, 1},
			{"nothing waits for a provider", provider, Filter{Box: BoxAwaiting}, 0},
			{"nothing waits for a visitor", account.Principal{}, Filter{Box: BoxAwaiting}, 0},
			{"by name, with a sign that means something to SQL", operator, Filter{Title: "50%"}, 2},
			{"by a name that is not there", operator, Filter{Title: "5_%"}, 0},
			{"by submitter", operator, Filter{Submitter: "provider_a"}, 1},
			{"by kind", operator, Filter{Kind: KindProvider}, 1},
			{"from", operator, Filter{From: clock.At(t0.Add(time.Minute))}, 1},
			{"to is exclusive", operator, Filter{To: a.CreatedAt}, 0},
		} {
			if got := list(tc.who, tc.f); got != tc.want {
				t.Errorf("%s: %d cases, want %d", tc.name, got, tc.want)
			}
		}
		w.decide(t, operator, a, Reject, "不符合")
		if list(operator, Filter{Box: BoxAwaiting}) != 1 || list(operator, Filter{Box: BoxHandled}) != 1 {
			t.Error("a decided case moves from one box to the other")
		}
		if list(provider, Filter{Box: BoxMine, Status: Rejected}) != 1 {
			t.Error("the submitter finds the rejected case")
		}
	})
}

func TestRemindsOnce(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		w.open(t, provider, KindProvider, 7)
		w.db.Clock().Shift(6 * 24 * time.Hour)
		for range 2 {
			if err := w.RemindDue(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.mail.got[operator.UserID]; len(got) != 2 {
			t.Errorf("the operator got %v", got)
		}
	})
}
