package payment

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/notify"
)

// alarmEvery is how often people are told of notices that were refused, at most:
// whoever forges them must not be able to fill a mailbox, the trail or the disk.
const alarmEvery = time.Hour

// countEvery is how often a process writes down how many it has refused, at most: so
// many a crash may forget.
const countEvery = time.Minute

// doubt is why a notice was refused.
type doubt string

const (
	forged    doubt = "forged"     // not signed by the gateway
	ofNothing doubt = "of_nothing" // signed, but of no payment of ours, or without sense
	noChannel doubt = "no_channel" // to a channel that is not set up; whatever it is called, so that names cost nothing
)

var doubtWords = map[doubt]string{
	forged:    "签名验证未通过，可能有人在伪造付款结果",
	ofNothing: "签名有效，但对应的支付单不存在或内容不合理，可能是支付渠道配置有误",
	noChannel: "通知发往没有启用的支付渠道，可能是渠道配置被移除，也可能有人在试探",
}

// alarmRow says when people were last told, whichever process did it, and how many
// were refused since.
type alarmRow struct {
	bun.BaseModel `bun:"table:payment_alarms"`

	source
	ToldAt  clock.Instant
	Waiting int64
}

type source struct {
	Channel string `bun:",pk"`
	Doubt   doubt  `bun:",pk"`
}

// tally counts refused notices that this process has not written down, and when it
// may do so again. It costs the database nothing until then.
type tally struct {
	mu     sync.Mutex
	counts map[source]int64
	next   map[source]time.Time
}

// take hands the count out when it is time to write it down.
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
	t.counts[from], t.next[from] = 0, now.Add(countEvery)
	return n
}

// putBack keeps what could not be written down for the next notice.
func (t *tally) putBack(from source, n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts[from] += n
	delete(t.next, from)
}

// sources are those of which there was a notice.
func (t *tally) sources() []source {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Collect(maps.Keys(t.counts))
}

// TellStaff names the way to tell the staff of notices that were refused and of money that came wrong.
func (s *Service) TellStaff(people account.StaffTeller) { s.staff = people }

// doubted counts a refused notice, and tells of it and of those before when it is time.
func (s *Service) doubted(ctx context.Context, channel string, why doubt) error {
	from := source{channel, why}
	return s.alarm(ctx, from, s.refused.take(from, 1, s.db.Now()))
}

// AlarmDue is a sweep: it writes down how many notices this process has refused, and
// tells of those that nobody was told of within the hour, whichever process they met.
func (s *Service) AlarmDue(ctx context.Context) error {
	now := s.db.Now()
	for _, from := range s.refused.sources() {
		if err := s.alarm(ctx, from, s.refused.take(from, 0, now)); err != nil {
			return err
		}
	}
	var due []source
	err := s.db.Raw(`SELECT channel, doubt FROM payment_alarms WHERE waiting > 0 AND told_at <= ? ORDER BY channel, doubt`, clock.At(now).Add(-alarmEvery)).Scan(ctx, &due)
	for _, from := range due {
		if err == nil {
			err = s.count(ctx, from, 0)
		}
	}
	return err
}

func (s *Service) alarm(ctx context.Context, from source, n int64) error {
	if n == 0 {
		return nil
	}
	err := s.count(ctx, from, n)
	if err != nil {
		s.refused.putBack(from, n)
	}
	return err
}

// count adds to what people will be told of, and tells them when the hour is over.
func (s *Service) count(ctx context.Context, from source, n int64) error {
	return s.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx *db.Tx) error {
		now := clock.At(tx.Now())
		first, err := tx.InsertNew(ctx, &alarmRow{source: from, ToldAt: now})
		if err != nil {
			return err
		}
		if first {
			return s.raise(ctx, tx, from, n)
		}
		var rows []alarmRow
		err = tx.Raw(`UPDATE payment_alarms SET waiting = waiting + ? WHERE channel = ? AND doubt = ? RETURNING *`, n, from.Channel, from.Doubt).Scan(ctx, &rows)
		if err != nil || len(rows) == 0 || rows[0].Waiting == 0 || rows[0].ToldAt > now.Add(-alarmEvery) {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE payment_alarms SET waiting = 0, told_at = ? WHERE channel = ? AND doubt = ?`, now, from.Channel, from.Doubt); err != nil {
			return err
		}
		return s.raise(ctx, tx, from, rows[0].Waiting)
	})
}

func (s *Service) raise(ctx context.Context, tx *db.Tx, from source, n int64) error {
	detail := map[string]any{"doubt": from.Doubt, "count": n}
	if from.Channel != "" {
		detail["channel"] = from.Channel
	}
	err := audit.Write(ctx, tx, audit.Actor{}, audit.Entry{
		Action: "payment.notice_refused", ObjectKind: "payment", Detail: detail,
	})
	if err != nil {
		return err
	}
	return s.tellStaff(ctx, tx, "payment_notice_refused", fmt.Sprintf("拒绝了 %d 条可疑的支付通知", n),
		fmt.Sprintf("支付渠道返回的通知被拒绝：%s。订单和资金没有变化。请核对支付渠道的密钥和配置，并在运行日志中查看来源地址；同类情况每小时最多提醒一次。", doubtWords[from.Doubt]))
}

// tellStaff tells the operators of orders and the administrators, who read the trail.
func (s *Service) tellStaff(ctx context.Context, tx *db.Tx, event, title, body string) error {
	if s.staff == nil {
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
		m := notify.Message{Event: event, Title: title, Body: body, Link: to.link}
		if err := s.staff.TellHolders(ctx, tx, to.perm, 0, m, to.role); err != nil {
			return err
		}
	}
	return nil
}
