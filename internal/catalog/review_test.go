package catalog

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/seal"
	"smedx/internal/notify"
	"smedx/internal/review"
)

// T-BIZ-01: what is in review cannot be edited, what was edited is reviewed from
// the beginning, and the shop sells what was approved.
func TestAnEditVoidsTheApprovals(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		ctx := t.Context()
		o := w.listed(t, provider, whole("智能排产"))
		draft, err := w.Revise(ctx, provider, o.ID)
		if err != nil {
			t.Fatal(err)
		}
		changed := draft.Content
		changed.Name = "换过名称的方案"
		_, c := w.resubmit(t, provider, draft, changed)
		w.decide(t, operator, c, review.Approve)
		for n := int64(1); n <= 3; n++ {
			wants(t, "declare", w.reviews.Declare(ctx, expert(n), c.ID), nil)
			ballot := review.Ballot{Scores: map[string]int64{}, Pass: true, Comment: "好", ContentHash: c.ContentHash}
			for _, k := range review.Criteria {
				ballot.Scores[k.Code] = 80
			}
			wants(t, "vote", w.reviews.Vote(ctx, expert(n), c.ID, ballot), nil)
		}

		work, err := w.Working(ctx, provider, o.ID)
		if err != nil {
			t.Fatal(err)
		}
		swapped := work.Content
		swapped.CoverFile++
		_, err = w.SaveDraft(ctx, provider, o.ID, work.Revision.Version, swapped)
		wants(t, "a file swapped after the experts", err, errs.ErrInvalidState)
		_, err = w.Submit(ctx, provider, o.ID, work.Revision.Version)
		wants(t, "handed in again while it is judged", err, errs.ErrInvalidState)

		_, err = w.reviews.Withdraw(ctx, provider, c.ID)
		wants(t, "withdraw", err, nil)
		f, err := w.reviews.Find(ctx, department, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.reviews.Decide(ctx, department, c.ID, review.Decision{
			Action: review.Approve, Version: f.Case.Version, ContentHash: c.ContentHash,
			Verdict: review.Verdict{Checks: review.Case{Kind: c.Kind, Stage: review.StageDepartment, Variant: c.Variant}.Checked()},
		})
		wants(t, "the old case approved", err, review.ErrNotAllowed)
		if draft, err = w.Revise(ctx, provider, o.ID); err != nil {
			t.Fatal(err)
		}
		_, again := w.resubmit(t, provider, draft, swapped)
		if again.Stage != review.StageOperator || again.Round != 0 || again.ContentHash == c.ContentHash {
			t.Errorf("the edited content begins at %+v", again)
		}
		shop, err := w.Product(ctx, o.ID)
		if err != nil || shop.Content.Name != whole("智能排产").Name {
			t.Errorf("the shop sells %q %v", shop.Content.Name, err)
		}
	})
}

// reachable is the provider's contact, as the accounts know it.
type reachable struct{}

func (reachable) Contacts(context.Context, db.Reader, ...id.ID) (map[id.ID]notify.Contact, error) {
	return map[id.ID]notify.Contact{provider.UserID: {Phone: "13800001234"}}, nil
}

// The provider gets an SMS when the department approves, and none of the stages before.
func TestTheLastApprovalIsTextedToTheProvider(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		box, err := seal.New(make([]byte, seal.KeySize))
		if err != nil {
			t.Fatal(err)
		}
		messages, err := notify.New(d, box, map[notify.Channel]notify.Sender{notify.SMS: notify.Local{}})
		if err != nil {
			t.Fatal(err)
		}
		messages.Reach(reachable{})
		w := newWorldTelling(t, d, messages)
		texted := func() (out []string) {
			sent, err := messages.Recent(t.Context(), 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range sent {
				if m.Channel == notify.SMS {
					out = append(out, m.Recipient+" "+m.Text)
				}
			}
			return out
		}
		_, c := w.submitted(t, provider, whole("智能排产"))
		last := w.approveUpToTheLast(t, c)
		for _, m := range texted() {
			if strings.Contains(m, "审批通过") {
				t.Error("told too early:", m)
			}
		}
		before := len(texted())
		w.decide(t, department, last, review.Approve)
		now := texted()
		const want = "13800001234 【数字化转型平台】审批通过：智能排产，请登录工作台查看。"
		if len(now) != before+1 || !slices.Contains(now, want) {
			t.Errorf("the outbox holds %q, want one more than %d: %q", now, before, want)
		}
	})
}

// T-CONC-08: of an approval, a rejection, a withdrawal and an edit in parallel
// one decision stands, and what is on sale is what was approved.
func TestOneOfManyActsOnAListingWins(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		ctx := t.Context()
		o, c := w.submitted(t, provider, whole("智能排产"))
		work, err := w.Working(ctx, provider, o.ID)
		if err != nil {
			t.Fatal(err)
		}
		edited := work.Content
		edited.Name = "趁乱修改"
		decide := func(who account.Principal, a review.Action) error {
			v := review.Verdict{Reason: "incomplete", Comment: "说明", Fields: []string{"/name"}}
			if a == review.Approve {
				v = review.Verdict{Checks: c.Checked()}
			}
			_, err := w.reviews.Decide(ctx, who, c.ID, review.Decision{Action: a, Version: c.Version, ContentHash: c.ContentHash, Verdict: v})
			return err
		}
		acts := []func(context.Context) error{
			func(context.Context) error { return decide(operator, review.Approve) },
			func(context.Context) error { return decide(operator, review.Reject) },
			func(context.Context) error { return decide(operator, review.Reject) },
			func(ctx context.Context) error { _, err := w.reviews.Withdraw(ctx, provider, c.ID); return err },
			func(ctx context.Context) error {
				_, err := w.SaveDraft(ctx, provider, o.ID, work.Revision.Version, edited)
				return err
			},
		}
		outcomes := make([]error, len(acts))
		var wg sync.WaitGroup
		for i, act := range acts {
			wg.Go(func() { outcomes[i] = act(ctx) })
		}
		wg.Wait()
		won := 0
		for i, err := range outcomes {
			switch {
			case err == nil && i == len(acts)-1:
				t.Error("what is in review was edited")
			case err == nil:
				won++
			case !errors.Is(err, errs.ErrStale) && errs.Of(err).Kind != errs.Conflict:
				t.Errorf("act %d: %v", i, err)
			}
		}
		// An approval is no end: the withdrawal may follow it.
		f, err := w.reviews.Find(ctx, operator, c.ID)
		if err != nil || won < 1 || won > 2 || len(f.Steps) != won+1 {
			t.Errorf("%d acts won, the case is %+v with %d steps, %v", won, f.Case, len(f.Steps), err)
		}
		if again, err := w.Working(ctx, provider, o.ID); err != nil || again.Content.Name != whole("智能排产").Name {
			t.Errorf("the content is %q, %v", again.Content.Name, err)
		}
	})
}
