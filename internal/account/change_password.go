package account

import (
	"context"
	"errors"
	"slices"

	"github.com/uptrace/bun"

	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
)

type historyRow struct {
	bun.BaseModel `bun:"table:password_history"`

	UserID id.ID         `bun:",pk"`
	At     clock.Instant `bun:",pk"`
	Hash   string
}

// ChangePassword is 修改密码: the old one, the new one twice. Other sessions end.
func (s *Service) ChangePassword(ctx context.Context, who Principal, old, next, confirm string) error {
	row, err := s.row(ctx, s.db, "id = ? AND status = 'active'", who.UserID)
	if err != nil {
		return err
	}
	u, err := s.user(row)
	if err != nil {
		return err
	}
	var refused errs.Fields
	if old == "" {
		refused.Add("/oldPassword", "field.required")
	} else if err := s.prove(ctx, guessAt(row, who.from(), nil), old); errors.Is(err, ErrCredentials) {
		refused.Add("/oldPassword", CodePasswordWrong)
	} else if err != nil {
		return err
	}
	checkNewPassword(next, confirm, u.identity(), &refused, "/newPassword", "/confirmPassword")
	if len(refused) == 0 {
		if err := s.differs(ctx, row, next, "/newPassword", &refused); err != nil {
			return err
		}
	}
	if err := refused.Err(); err != nil {
		return err
	}
	hashed, err := s.Hash(ctx, next)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.replacePassword(ctx, tx, who, row, u, hashed, false, who.SessionID)
	})
}

func (u User) identity() Identity {
	return Identity{Username: u.Username, Phone: u.Phone, Email: u.Email}
}

// differs refuses the current password and the former ones.
func (s *Service) differs(ctx context.Context, row userRow, next, pointer string, refused *errs.Fields) error {
	same, err := s.hasher.same(ctx, next, row.PasswordHash)
	if err != nil {
		return err
	}
	if same {
		refused.Add(pointer, CodePasswordCurrent)
		return nil
	}
	var former []historyRow
	err = s.db.Select(&former).Where("user_id = ?", row.ID).Order("at DESC").Limit(historySize).Scan(ctx)
	if err != nil {
		return err
	}
	for _, h := range former {
		if same, err = s.hasher.same(ctx, next, h.Hash); err != nil {
			return err
		}
		if same {
			refused.Add(pointer, CodePasswordHistory)
			return nil
		}
	}
	return nil
}

// replacePassword sets the new hash, remembers the old one, ends sessions and
// codes, and tells the owner. It is guarded by the hash that was read: of two
// changes at once one is stale.
func (s *Service) replacePassword(ctx context.Context, tx *db.Tx, who Principal, row userRow, u User, next Hashed, mustChange bool, keep id.ID) error {
	ok, err := tx.ExecOne(ctx, `
		UPDATE users SET password_hash = ?, must_change = ?, first_password_until = 0
		WHERE id = ? AND password_hash = ? AND status = 'active'`, next.hash, mustChange, row.ID, row.PasswordHash)
	if err != nil {
		return err
	}
	if !ok {
		return errs.ErrStale
	}
	if _, err := tx.InsertNew(ctx, &historyRow{UserID: row.ID, At: clock.At(tx.Now()), Hash: row.PasswordHash}); err != nil {
		return err
	}
	if err := s.trimHistory(ctx, tx, row.ID); err != nil {
		return err
	}
	if err := s.sessions.EndAll(ctx, tx, row.ID, keep); err != nil {
		return err
	}
	if err := endCodes(ctx, tx, row.PhoneIndex, PurposeReset); err != nil {
		return err
	}
	if err := refund(ctx, tx, guessAt(row, who.from(), nil)); err != nil {
		return err
	}
	if err := s.tellChanged(ctx, tx, u, who.UserID != u.ID); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{
		Action: "account.change_password", ObjectKind: "user", ObjectID: u.ID, SubjectOrg: u.OrgID,
	})
}

// tellChanged tells the owner of a new password, so that he notices when it was
// somebody else.
func (s *Service) tellChanged(ctx context.Context, tx *db.Tx, u User, byOther bool) error {
	m := notify.Message{Event: "password_changed", UserIDs: []id.ID{u.ID}, Title: "密码已修改", Body: "您的登录密码已修改。如果不是您本人操作，请立即通过“忘记密码”重置。"}
	template := "password_changed"
	if byOther {
		m.Title, m.Body = "密码已重置", "管理员重置了您的登录密码，之前的登录已全部退出，请在登录后设置自己的密码。"
		template, m.Event = "password_reset", "password_reset"
	}
	if err := s.notify.Tell(ctx, tx, m); err != nil || !u.PhoneProven || !s.notify.On(notify.SMS) {
		return err
	}
	return s.notify.SMS(ctx, tx, u.Phone, template, map[string]string{"username": u.Username})
}

func (s *Service) trimHistory(ctx context.Context, tx *db.Tx, userID id.ID) error {
	var all []historyRow
	if err := tx.Select(&all).Where("user_id = ?", userID).Order("at DESC").Scan(ctx); err != nil {
		return err
	}
	for _, h := range slices.Clone(all)[min(len(all), historySize):] {
		if _, err := tx.Exec(ctx, `DELETE FROM password_history WHERE user_id = ? AND at = ?`, userID, h.At); err != nil {
			return err
		}
	}
	return nil
}

// ResetByCode is 忘记密码: a code sent to a proven phone opens a new password.
// Several accounts with the phone are answered as choices, as at sign-in. All
// sessions end.
func (s *Service) ResetByCode(ctx context.Context, phone, code string, chosen id.ID, next, confirm string, from From) ([]Choice, error) {
	phone = NormalPhone(phone)
	sent, err := s.tryCode(ctx, phone, PurposeReset, code, from)
	if err != nil {
		return nil, err
	}
	users, err := s.byPhone(ctx, phone, false)
	if err != nil {
		return nil, err
	}
	u, choices, err := pick(users, chosen)
	if err != nil || len(choices) > 0 {
		return choices, err
	}
	row, err := s.row(ctx, s.db, "id = ? AND status = 'active'", u.ID)
	if err != nil {
		return nil, err
	}
	var refused errs.Fields
	checkNewPassword(next, confirm, u.identity(), &refused, "/newPassword", "/confirmPassword")
	if len(refused) == 0 {
		if err := s.differs(ctx, row, next, "/newPassword", &refused); err != nil {
			return nil, err
		}
	}
	if err := refused.Err(); err != nil {
		return nil, err
	}
	hashed, err := s.Hash(ctx, next)
	if err != nil {
		return nil, err
	}
	return nil, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := useCode(ctx, tx, sent); err != nil {
			return err
		}
		return s.replacePassword(ctx, tx, actor(u, from), row, u, hashed, false, 0)
	})
}
