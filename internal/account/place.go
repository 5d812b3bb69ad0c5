package account

import (
	"context"
	"net/netip"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
)

// A device or network that was not used for so long is new again.
const placeMemory = 180 * 24 * time.Hour

type placeRow struct {
	bun.BaseModel `bun:"table:signin_places"`

	UserID id.ID  `bun:",pk"`
	Mark   string `bun:",pk"`
	SeenAt clock.Instant
}

// marks are what a sign-in is recognised by: the kind of device and the network.
// A phone's address changes within its network all day, so the network is what counts.
func marks(from From) []string {
	out := []string{"device " + device(from.Agent)}
	ip, err := netip.ParseAddr(from.IP)
	if err != nil {
		return out
	}
	bits := 24
	if ip = ip.Unmap(); ip.Is6() {
		bits = 48
	}
	network, err := ip.Prefix(bits)
	if err != nil {
		return out
	}
	return append(out, "network "+network.String())
}

// knowPlace remembers from where a user signs in, and tells him when device or
// network is new. The very first place is not news.
func (s *Service) knowPlace(ctx context.Context, tx *db.Tx, u User, from From) (known bool, err error) {
	now := clock.At(tx.Now())
	if _, err := tx.Exec(ctx, `DELETE FROM signin_places WHERE user_id = ? AND seen_at < ?`, u.ID, now.Add(-placeMemory)); err != nil {
		return false, err
	}
	var before int
	if err := tx.Raw(`SELECT COUNT(*) FROM signin_places WHERE user_id = ?`, u.ID).Scan(ctx, &before); err != nil {
		return false, err
	}
	known = true
	for _, m := range marks(from) {
		r := placeRow{UserID: u.ID, Mark: s.box.Index("place."+u.ID.String(), m), SeenAt: now}
		fresh, err := tx.InsertNew(ctx, &r)
		if err != nil {
			return false, err
		}
		if fresh {
			known = false
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE signin_places SET seen_at = ? WHERE user_id = ? AND mark = ?`, now, r.UserID, r.Mark); err != nil {
			return false, err
		}
	}
	if known || before == 0 {
		return known, nil
	}
	return false, s.tellNewPlace(ctx, tx, u, from, now)
}

func (s *Service) tellNewPlace(ctx context.Context, tx *db.Tx, u User, from From, now clock.Instant) error {
	err := s.notify.Tell(ctx, tx, notify.Message{
		UserIDs: []id.ID{u.ID}, Title: "帐号在新的设备或网络登录", Link: securityPage,
		Body: now.Local() + "，" + device(from.Agent) + "，IP 地址 " + from.IP + "。如非本人操作，请立即修改密码，并结束其他设备上的登录。",
	})
	if err != nil || u.Role.ofCompany() || !u.PhoneProven || !s.notify.On(notify.SMS) {
		return err
	}
	return s.notify.SMS(ctx, tx, u.Phone, "new_place", map[string]string{"username": u.Username, "time": now.Local()})
}
