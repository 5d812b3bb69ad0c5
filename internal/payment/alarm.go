package payment

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
)

// alarmEvery is how often people are told of notices that were refused, at most:
// whoever forges them must not be able to fill a mailbox, the trail or the disk.
const alarmEvery = time.Hour

// doubt is why a notice was refused.
type doubt string

const (
	forged    doubt = "forged"     // not signed by the gateway
	ofNothing doubt = "of_nothing" // signed, but of no payment of ours, or without sense
)

var doubtWords = map[doubt]string{
	forged:    "签名验证未通过，可能有人在伪造付款结果",
	ofNothing: "签名有效，但对应的支付单不存在或内容不合理，可能是支付渠道配置有误",
}

// alarmRow says when people were last told, whichever process did it.
type alarmRow struct {
	bun.BaseModel `bun:"table:payment_alarms"`

	Channel string `bun:",pk"`
	Doubt   doubt  `bun:",pk"`
	ToldAt  clock.Instant
}

type source struct {
	channel string
	why     doubt
}

// tally counts refused notices that nobody was told of yet, and when this process
// may tell again. It costs the database nothing while the hour lasts.
type tally struct {
	mu     sync.Mutex
	counts map[source]int64
	next   map[source]time.Time
}

// take hands the count out when it is time to tell of it.
func (t *tally) take(from source, more int64, now time.Time) (n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts, t.next = map[source]int64{}, map[source]time.Time{}
	}
	t.counts[from] += more
	if t.counts[from] == 0 || now.Before(t.next[from]) {
		return 0
	}
	n = t.counts[from]
	t.counts[from], t.next[from] = 0, now.Add(alarmEvery)
	return n
}

// putBack keeps the count of what was not told: until the hour is over, or for the
// next notice where telling failed.
func (t *tally) putBack(from source, n int64, failed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts[from] += n
	if failed {
		delete(t.next, from)
	}
}

type people interface {
	UsersWith(ctx context.Context, r db.Reader, role account.Role, perm account.Permission) ([]id.ID, error)
}

type teller interface {
	Tell(ctx context.Context, tx *db.Tx, m notify.Message) error
}

// Tell names the way to tell operators and administrators what is wrong with money.
func (s *Service) Tell(people people, tell teller) { s.people, s.tell = people, tell }

// doubted counts a refused notice, and tells of it and of those before when it is time.
func (s *Service) doubted(ctx context.Context, channel string, why doubt) error {
	return s.alarm(ctx, source{channel, why}, 1)
}

// AlarmDue is a sweep: it tells of the notices that this process refused since it
// last told of some.
func (s *Service) AlarmDue(ctx context.Context) error {
	for _, channel := range s.order {
		for why := range doubtWords {
			if err := s.alarm(ctx, source{channel, why}, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) alarm(ctx context.Context, from source, more int64) error {
	n := s.refused.take(from, more, s.db.Now())
	if n == 0 {
		return nil
	}
	told := false
	err := s.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx *db.Tx) (err error) {
		told, err = s.raise(ctx, tx, from, n)
		return err
	})
	if err != nil || !told { // another process told of its own within the hour
		s.refused.putBack(from, n, err != nil)
	}
	return err
}

func (s *Service) raise(ctx context.Context, tx *db.Tx, from source, n int64) (bool, error) {
	now := clock.At(tx.Now())
	mine, err := tx.InsertNew(ctx, &alarmRow{Channel: from.channel, Doubt: from.why, ToldAt: now})
	if err == nil && !mine {
		mine, err = tx.ExecOne(ctx, `UPDATE payment_alarms SET told_at = ? WHERE channel = ? AND doubt = ? AND told_at <= ?`,
			now, from.channel, from.why, now.Add(-alarmEvery))
	}
	if err != nil || !mine {
		return false, err
	}
	err = audit.Write(ctx, tx, audit.Actor{}, audit.Entry{
		Action: "payment.notice_refused", ObjectKind: "payment", Detail: map[string]any{"channel": from.channel, "doubt": from.why, "count": n},
	})
	if err != nil {
		return false, err
	}
	return true, s.tellStaff(ctx, tx, "payment_notice_refused", fmt.Sprintf("拒绝了 %d 条可疑的支付通知", n),
		fmt.Sprintf("支付渠道返回的通知被拒绝：%s。订单和资金没有变化。请核对支付渠道的密钥和配置，并在运行日志中查看来源地址；同类情况每小时最多提醒一次。", doubtWords[from.why]))
}

// tellStaff tells the operators of orders and the administrators, who read the trail.
func (s *Service) tellStaff(ctx context.Context, tx *db.Tx, event, title, body string) error {
	if s.tell == nil {
		return nil
	}
	for _, to := range []struct {
		role account.Role
		perm account.Permission
		link string
	}{
		{account.RoleOperator, account.OrderOversee, "/workbench/orders"},
		{account.RoleAdmin, account.AuditRead, "/workbench/audit?object=payment"},
	} {
		users, err := s.people.UsersWith(ctx, tx, to.role, to.perm)
		if err != nil {
			return err
		}
		if err := s.tell.Tell(ctx, tx, notify.Message{Event: event, UserIDs: users, Title: title, Body: body, Link: to.link}); err != nil {
			return err
		}
	}
	return nil
}
