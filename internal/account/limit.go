package account

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/notify"
)

// window counts something in spans of fixed length.
type window struct {
	name  string
	long  time.Duration
	doubt int64 // from here on a captcha is asked for; 0: never
	limit int64 // here it ends until the span is over
}

// An office shares one address, so the limits of an address are generous. The
// narrow one is for one account from one address: it stops a stranger long
// before he could keep the owner locked out from elsewhere.
var (
	wrongOfAddress    = window{name: "address", long: time.Hour, doubt: 30, limit: 200}
	wrongOfPair       = window{name: "pair", long: 24 * time.Hour, doubt: 6, limit: 10}
	captchasOfAddress = window{name: "captcha", long: time.Hour, limit: 300}
	accountsOfAddress = window{name: "register", long: 24 * time.Hour, limit: 60} // new companies
)

func (w window) key(of string, now time.Time) string {
	return fmt.Sprintf("%s:%s:%d", w.name, of, now.UnixMilli()/w.long.Milliseconds())
}

// rest is how many seconds of the span are left.
func (w window) rest(now time.Time) int {
	return int((w.long.Milliseconds()-now.UnixMilli()%w.long.Milliseconds())/1000) + 1
}

// take adds one unless the limit is reached, and answers the new count. Requests
// without an address are not counted: they come from within.
func (w window) take(ctx context.Context, tx *db.Tx, of string) (n int64, ok bool, err error) {
	if of == "" {
		return 0, true, nil
	}
	key := w.key(of, tx.Now())
	ok, err = tx.ExecOne(ctx, `
		INSERT INTO signin_failures (key, failures, at) VALUES (?, 1, ?)
		ON CONFLICT (key) DO UPDATE SET failures = signin_failures.failures + 1, at = excluded.at
		WHERE signin_failures.failures < ?`, key, clock.At(tx.Now()), w.limit)
	if err != nil || !ok {
		return w.limit, false, err
	}
	n, err = w.count(ctx, tx, of)
	return n, true, err
}

func (w window) count(ctx context.Context, tx *db.Tx, of string) (n int64, err error) {
	err = tx.Raw(`SELECT COALESCE(MAX(failures), 0) FROM signin_failures WHERE key = ?`, w.key(of, tx.Now())).Scan(ctx, &n)
	return n, err
}

// giveBack takes one away again: it was no failure.
func (w window) giveBack(ctx context.Context, tx *db.Tx, of string) error {
	_, err := tx.Exec(ctx, `UPDATE signin_failures SET failures = failures - 1 WHERE key = ? AND failures > 0`, w.key(of, tx.Now()))
	return err
}

// address is what limits know a request by. Whoever has one IPv6 address has the
// whole network of its first 64 bits.
func (f From) address() string {
	ip, err := netip.ParseAddr(f.IP)
	if err != nil || ip.Unmap().Is4() {
		return f.IP
	}
	network, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return f.IP
	}
	return network.String()
}

// takeOfAddress counts a wrong try of an address. The moment it becomes doubtful,
// or is stopped, goes to the trail and to the administrators.
func (s *Service) takeOfAddress(ctx context.Context, tx *db.Tx, from From) error {
	w := wrongOfAddress
	n, ok, err := w.take(ctx, tx, from.address())
	switch {
	case err != nil:
		return err
	case !ok:
		return ErrAddress.After(w.rest(tx.Now()))
	case n == w.doubt || n == w.limit:
		return s.alarm(ctx, tx, from, n)
	}
	return nil
}

// takeAccount counts a new company of an address.
func takeAccount(ctx context.Context, tx *db.Tx, from From) error {
	_, ok, err := accountsOfAddress.take(ctx, tx, from.address())
	if err == nil && !ok {
		err = ErrRegistrations.After(accountsOfAddress.rest(tx.Now()))
	}
	return err
}

// alarm tells the administrators that somebody tries many passwords or codes.
func (s *Service) alarm(ctx context.Context, tx *db.Tx, from From, tries int64) error {
	tx.OnCommit(func() {
		slog.WarnContext(ctx, "many failed sign-ins from one address", "address", from.address(), "tries", tries)
	})
	err := audit.Write(ctx, tx, audit.Actor{IP: from.IP, RequestID: from.RequestID}, audit.Entry{
		Action: "account.many_failures", ObjectKind: "address", Detail: map[string]any{"address": from.address(), "tries": tries},
	})
	if err != nil {
		return err
	}
	var admins []userRow
	err = tx.Select(&admins).Column("id").Where("role = ? AND status = 'active'", RoleAdmin).Order("id").Scan(ctx)
	if err != nil {
		return err
	}
	m := notify.Message{
		Title: "登录异常提醒",
		Body:  fmt.Sprintf("网络地址 %s 在一小时内登录失败 %d 次，可能有人在批量尝试密码。平台已要求该地址完成图形验证，达到上限后会暂停该地址的登录。", from.address(), tries),
	}
	for _, a := range admins {
		m.UserIDs = append(m.UserIDs, a.ID)
	}
	return s.notify.Tell(ctx, tx, m)
}
