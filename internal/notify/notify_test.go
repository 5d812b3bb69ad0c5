package notify_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/kit/seal"
	"smedx/internal/notify"
)

type flaky struct {
	failures int
	got      []notify.Outgoing
}

func (f *flaky) Send(_ context.Context, m notify.Outgoing) error {
	if f.failures > 0 {
		f.failures--
		return errors.New("provider down")
	}
	f.got = append(f.got, m)
	return nil
}

func newService(t *testing.T, d *db.DB, senders map[notify.Channel]notify.Sender) *notify.Service {
	t.Helper()
	box, err := seal.New(make([]byte, seal.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	s, err := notify.New(d, box, senders)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sms(t *testing.T, d *db.DB, s *notify.Service) {
	t.Helper()
	err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return s.SMS(ctx, tx, "13800001234", "otp_login", map[string]string{"code": "123456", "minutes": "5"})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOutboxDeliversAfterFailuresAndStoresNothingInClear(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		out := &flaky{failures: 1}
		s := newService(t, d, map[notify.Channel]notify.Sender{notify.SMS: out})
		sms(t, d, s)

		var stored string
		if err := d.Raw(`SELECT recipient || params FROM outbox`).Scan(t.Context(), &stored); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(stored, "13800001234") || strings.Contains(stored, "123456") {
			t.Error("phone or code stands in clear in the outbox")
		}
		if err := s.Deliver(t.Context()); err != nil || len(out.got) != 0 {
			t.Fatal(err, out.got)
		}
		d.Clock().Set(d.Now().Add(time.Minute))
		for range 2 { // the second finds nothing to do
			if err := s.Deliver(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if len(out.got) != 1 || out.got[0].Recipient != "13800001234" || !strings.Contains(out.got[0].Text, "123456") {
			t.Errorf("%+v", out.got)
		}
	})
}

func TestUnconfiguredChannelSaysSo(t *testing.T) {
	d := dbtest.SQLite(t)
	s := newService(t, d, nil)
	sms(t, d, s)
	sent, err := s.Recent(t.Context(), 10)
	if err != nil || len(sent) != 1 || sent[0].Status != "off" {
		t.Errorf("%+v, %v", sent, err)
	}
}

func TestInbox(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		s := newService(t, d, nil)
		err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			for _, title := range []string{"一", "二", "三"} {
				if err := s.Tell(ctx, tx, notify.Message{UserIDs: []id.ID{1, 2}, Title: title}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		items, total, unread, err := s.Inbox(t.Context(), 1, false, page.Query{Page: 1, Size: 2})
		if err != nil || len(items) != 2 || total != 3 || unread != 3 || items[0].Title != "三" {
			t.Fatalf("%+v %d %d %v", items, total, unread, err)
		}
		if err := s.MarkRead(t.Context(), 1, items[1].ID); err != nil {
			t.Fatal(err)
		}
		if n, _ := s.Unread(t.Context(), 1); n != 1 {
			t.Errorf("%d unread after reading up to the second", n)
		}
		if n, _ := s.Unread(t.Context(), 2); n != 3 {
			t.Errorf("another user's messages changed: %d", n)
		}
	})
}
