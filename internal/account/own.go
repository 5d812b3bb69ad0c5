package account

import (
	"context"
	"time"

	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
)

// Agreed is a consent that was given.
type Agreed struct {
	Agreement string        `json:"agreement"`
	Version   string        `json:"version"`
	At        clock.Instant `json:"at"`
	IP        string        `json:"ip"`
}

// Consents lists what a user has agreed to, newest first.
func (s *Service) Consents(ctx context.Context, who Principal) ([]Agreed, error) {
	out := []Agreed{}
	err := s.db.Raw(`SELECT agreement, version, at, ip AS ip FROM consents WHERE user_id = ? ORDER BY at DESC, agreement`, who.UserID).Scan(ctx, &out)
	for i := range out {
		if err == nil {
			out[i].IP, err = openAddress(s.box, out[i].IP)
		}
	}
	return out, err
}

// exportsADay bounds 导出我的数据.
const exportsADay = 3

// ErrExportCap says that the data was exported often enough today.
var ErrExportCap = errs.New(errs.TooMany, "account.export_cap")

// NoteExport takes the right to export one's own data and puts it on the trail.
func (s *Service) NoteExport(ctx context.Context, who Principal) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		var n int64
		since := clock.At(tx.Now()).Add(-24 * time.Hour)
		err := tx.Raw(`SELECT count(*) FROM audit_entries WHERE user_id = ? AND action = 'account.export_own' AND at > ?`, who.UserID, since).Scan(ctx, &n)
		if err != nil {
			return err
		}
		if n >= exportsADay {
			return ErrExportCap.After(24 * 3600)
		}
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "account.export_own", ObjectKind: "user", ObjectID: who.UserID, SubjectOrg: who.OrgID,
		})
	})
}
