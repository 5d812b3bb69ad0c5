package account

import (
	"context"
	"net/netip"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/seal"
)

// Network addresses of sessions and consents are personal and stored sealed.
// What older versions wrote in clear is sealed by the sweep.

// openAddress reads a stored address, sealed or not yet.
func openAddress(box *seal.Box, stored string) (string, error) {
	if stored == "" || inClear(stored) {
		return stored, nil
	}
	return box.Open(stored)
}

func inClear(stored string) bool {
	_, err := netip.ParseAddr(stored)
	return err == nil
}

// sealAddresses seals the addresses of consents that are still in clear, some at
// a time. Those of sessions end with them.
func (s *Service) sealAddresses(ctx context.Context, tx *db.Tx) error {
	var rows []struct {
		UserID    id.ID
		Agreement string
		Version   string
		IP        string `bun:"ip"`
	}
	err := tx.Raw(`SELECT user_id, agreement, version, ip FROM consents WHERE ip LIKE '%.%' OR ip LIKE '%:%' ORDER BY user_id LIMIT 500`).Scan(ctx, &rows)
	if err != nil {
		return err
	}
	for _, r := range rows {
		_, err := tx.Exec(ctx, `UPDATE consents SET ip = ? WHERE user_id = ? AND agreement = ? AND version = ?`, s.box.Seal(r.IP), r.UserID, r.Agreement, r.Version)
		if err != nil {
			return err
		}
	}
	return nil
}
