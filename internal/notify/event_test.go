package notify_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"smedx/internal/audit"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/notify"
)

type book map[id.ID]notify.Contact

func (b book) Contacts(context.Context, db.Reader, ...id.ID) (map[id.ID]notify.Contact, error) {
	return b, nil
}

func tell(t *testing.T, d *db.DB, s *notify.Service, m notify.Message) {
	t.Helper()
	if err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error { return s.Tell(ctx, tx, m) }); err != nil {
		t.Fatal(err)
	}
}

func local(t *testing.T, d *db.DB) *notify.Service {
	t.Helper()
	s := newService(t, d, map[notify.Channel]notify.Sender{notify.SMS: notify.Local{}, notify.Mail: notify.Local{}})
	s.Reach(book{1: {Phone: "13800001234", Email: "li@example.cn"}, 2: {}})
	s.LinkTo("https://example.cn")
	return s
}

func TestAnEventGoesOutToThoseWhoWantIt(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		s := local(t, d)
		m := notify.Message{Event: "case_decided", UserIDs: []id.ID{1, 2}, Title: "审批通过：排产", Body: "好", Link: "/workbench/tasks/7"}
		out := func() map[notify.Channel]string {
			sent, err := s.Recent(t.Context(), 10)
			if err != nil {
				t.Fatal(err)
			}
			texts := map[notify.Channel]string{}
			for _, o := range sent {
				texts[o.Channel] += o.Text
			}
			return texts
		}
		tell(t, d, s, m)
		first := out()
		if first[notify.SMS] != "【数字化转型平台】审批通过：排产，请登录工作台查看。" || first[notify.Mail] == "" {
			t.Errorf("%q", first)
		}
		if err := s.Choose(t.Context(), 1, []notify.Choice{{Topic: notify.TopicReview, SMS: false, Mail: false}}); err != nil {
			t.Fatal(err)
		}
		tell(t, d, s, m)
		if now := out(); len(now[notify.SMS]) != len(first[notify.SMS]) || len(now[notify.Mail]) != len(first[notify.Mail]) {
			t.Errorf("sent though refused: %q", now)
		}
		if _, total, _, err := s.Inbox(t.Context(), 1, false, page.Query{Page: 1, Size: 10}); err != nil || total != 2 {
			t.Errorf("%d messages in the platform, %v", total, err)
		}
		if err := s.Choose(t.Context(), 1, []notify.Choice{{Topic: notify.TopicSecurity, SMS: true, Mail: false}}); err == nil {
			t.Error("messages on the safety of the account were switched off")
		}
		choices, err := s.Choices(t.Context(), 1)
		if err != nil || len(choices) != len(notify.Topics) || choices[0].SMS || !choices[1].SMS || !choices[3].Mail {
			t.Errorf("%+v %v", choices, err)
		}
	})
}

func TestMessagesAreReadOneByOneAndDeletedOnceRead(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		s := newService(t, d, nil)
		for _, title := range []string{"一", "二", "三"} {
			tell(t, d, s, notify.Message{UserIDs: []id.ID{1, 2}, Title: title})
		}
		titles := func(unread bool) (out string) {
			items, _, _, err := s.Inbox(t.Context(), 1, unread, page.Query{Page: 1, Size: 10})
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range items {
				out += i.Title
			}
			return out
		}
		items, _, _, _ := s.Inbox(t.Context(), 1, false, page.Query{Page: 1, Size: 10})
		steps := []struct {
			act  func() error
			all  string
			news string
		}{
			{func() error { return s.Opened(t.Context(), 1, items[1].ID) }, "三二一", "三一"},
			{func() error { return s.Opened(t.Context(), 2, items[0].ID) }, "三二一", "三一"}, // not theirs
			{func() error { return s.Drop(t.Context(), 1, items[0].ID) }, "三二一", "三一"},   // not read
			{func() error { return s.Drop(t.Context(), 1, items[1].ID) }, "三一", "三一"},
			{func() error { return s.MarkRead(t.Context(), 1, items[0].ID) }, "三一", ""},
			{func() error { return s.Drop(t.Context(), 1, 0) }, "三一", ""}, // nobody's message
			{func() error { return s.DropAllRead(t.Context(), 1) }, "", ""},
		}
		for n, step := range steps {
			if err := step.act(); err != nil {
				t.Fatal(err)
			}
			if titles(false) != step.all || titles(true) != step.news {
				t.Errorf("after step %d: %q, new %q", n+1, titles(false), titles(true))
			}
		}
		if n, _ := s.Unread(t.Context(), 2); n != 3 {
			t.Errorf("another user's messages changed: %d", n)
		}
	})
}

type counting struct {
	sent atomic.Int64
}

func (c *counting) Send(context.Context, notify.Outgoing) error {
	c.sent.Add(1)
	return nil
}

// T-FAULT-17
func TestProcessesThatDeliverTogetherSendEachMessageOnce(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		out := &counting{}
		senders := map[notify.Channel]notify.Sender{notify.SMS: out}
		first := newService(t, d, senders)
		for range 20 {
			sms(t, d, first)
		}
		var all sync.WaitGroup
		for range 4 { // each a process of its own
			s := newService(t, d, senders)
			all.Go(func() {
				if err := s.Deliver(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := out.sent.Load(); n != 20 {
			t.Errorf("20 messages were sent %d times", n)
		}
	})
}

// T-FAULT-11, T-FAULT-17
func TestADeadProviderLeavesVisibleLetters(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		out := &flaky{failures: 1000}
		s := newService(t, d, map[notify.Channel]notify.Sender{notify.SMS: out})
		for range 5 {
			sms(t, d, s)
		}
		if err := s.Deliver(t.Context()); err != nil || out.failures != 997 {
			t.Fatalf("the channel rests after three failures in a row: %d left, %v", out.failures, err)
		}
		for range 20 {
			d.Clock().Set(d.Now().Add(time.Hour))
			if err := s.Deliver(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		dead, err := s.DeadLetters(t.Context(), page.Query{Page: 1, Size: 10})
		if err != nil || dead.Total != 5 || dead.Items[0].Attempts != 8 || dead.Items[0].Error != "provider down" {
			t.Fatalf("%+v %v", dead, err)
		}
		out.failures = 0
		if err := s.Resend(t.Context(), audit.Actor{UserID: 9, Name: "admin_demo"}, dead.Items[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := s.Resend(t.Context(), audit.Actor{UserID: 9}, dead.Items[0].ID); !errors.Is(err, errs.ErrNotFound) {
			t.Error("a letter in the queue is sent again:", err)
		}
		var by []string
		if err := d.Raw(`SELECT actor_name FROM audit_entries WHERE action = 'notify.resend' AND object_id = ?`, dead.Items[0].ID).Scan(t.Context(), &by); err != nil || len(by) != 1 || by[0] != "admin_demo" {
			t.Error("the trail does not say who sent it again:", by, err)
		}
		if err := s.Deliver(t.Context()); err != nil || len(out.got) != 1 {
			t.Errorf("sent again: %v %v", out.got, err)
		}
	})
}

func TestEveryEventStandsInTheManual(t *testing.T) {
	manual, err := os.ReadFile("../../docs/operate.md")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile("events.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var events map[string]any
	if err := yaml.Unmarshal(raw, &events); err != nil || len(events) == 0 {
		t.Fatal(err)
	}
	for name := range events {
		if !containsRow(string(manual), name) {
			t.Errorf("docs/operate.md has no row for %s", name)
		}
	}
}

func containsRow(manual, event string) bool { return strings.Contains(manual, "| `"+event+"` |") }
