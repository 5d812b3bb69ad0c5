package account

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"smedx/internal/audit"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/notify"
)

// Person is what somebody enters for the account of another.
type Person struct {
	Username        string // fixed once the account exists
	Phone           string
	Email           string // may be empty
	Password        string
	PasswordConfirm string
}

func (p *Person) normalize() {
	p.Username, p.Phone = NormalUsername(p.Username), NormalPhone(p.Phone)
	p.Email = strings.ToLower(strings.TrimSpace(half(p.Email)))
}

// check tells everything that is wrong with a new account at once.
func (p *Person) check() error {
	p.normalize()
	var refused errs.Fields
	checkUsername(p.Username, &refused)
	checkPhone(p.Phone, &refused)
	checkEmail(p.Email, &refused)
	checkNewPassword(p.Password, p.PasswordConfirm, Identity{p.Username, p.Phone, p.Email}, &refused)
	return refused.Err()
}

// Members lists the accounts of the caller's company, newest first. Words are
// part of a user name, or a whole phone.
func (s *Service) Members(ctx context.Context, who Principal, words string, p page.Query) (page.Of[User], error) {
	var rows []userRow
	q := s.db.Select(&rows).Where("org_id = ? AND org_id > 0 AND status <> 'deleted'", who.OrgID).Order("created_at DESC", "id DESC")
	if words != "" {
		q = s.matching(q, words)
	}
	total, err := page.Scan(ctx, q, p, &rows)
	if err != nil {
		return page.Of[User]{}, err
	}
	return s.usersOf(rows, total)
}

func (s *Service) usersOf(rows []userRow, total int64) (page.Of[User], error) {
	out := page.Of[User]{Items: make([]User, 0, len(rows)), Total: total}
	for _, r := range rows {
		u, err := s.user(r)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, u)
	}
	return out, nil
}

// matching narrows a list to a part of the user name or a whole phone: sealed
// phones can only be found by their index.
func (s *Service) matching(q *bun.SelectQuery, words string) *bun.SelectQuery {
	return q.Where("(username_key LIKE ? ESCAPE '!' OR (phone_index <> '' AND phone_index = ?))",
		db.Contains(UsernameKey(words)), s.box.Index(indexPhone, NormalPhone(words)))
}

// Named is the condition that finds users by a part of their name, of which no other is
// ever made.
func Named(words string) (sql string, args []any) {
	return `username_key LIKE ? ESCAPE '!'`, []any{db.Contains(UsernameKey(words))}
}

// AddMember is 添加用户: an account of the caller's company and role, with every
// right of the role but to keep users.
func (s *Service) AddMember(ctx context.Context, who Principal, p Person) (User, error) {
	if err := p.check(); err != nil {
		return User{}, err
	}
	hashed, err := s.Hash(ctx, p.Password)
	if err != nil {
		return User{}, err
	}
	perms := slices.DeleteFunc(PermissionsOf(who.Role), func(perm Permission) bool { return perm == MemberManage || !who.Has(perm) })
	return s.add(ctx, who, NewUser{
		OrgID: who.OrgID, Role: who.Role, Username: p.Username, Phone: p.Phone, Email: p.Email, Password: hashed,
		MustChange: true, Permissions: perms,
	}, "account.add_member")
}

func (s *Service) add(ctx context.Context, who Principal, in NewUser, action string) (u User, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if u, err = s.Create(ctx, tx, in); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: action, ObjectKind: "user", ObjectID: u.ID, SubjectOrg: u.OrgID,
			Detail: map[string]any{"username": u.Username, "role": u.Role, "permissions": stored(in.Permissions)},
		})
	})
	return u, err
}

// other finds an account that the caller may manage: of the same company, not the
// main account, not the caller's own, and without a right that the caller lacks:
// whoever sets the password of an account can use all its rights. Another
// company's account is not there.
func (s *Service) other(ctx context.Context, r db.Reader, who Principal, userID id.ID) (userRow, error) {
	row, err := s.row(ctx, r, "id = ? AND org_id = ? AND org_id > 0 AND status <> 'deleted'", userID, who.OrgID)
	switch {
	case err != nil:
		return row, err
	case row.ID == who.UserID:
		return row, ErrSelf
	case row.IsOwner:
		return row, ErrOwner
	}
	return row, who.covers(effective(row.Role, row.Permissions))
}

// covers refuses rights that the caller does not have.
func (p Principal) covers(perms []Permission) error {
	if slices.ContainsFunc(perms, func(perm Permission) bool { return !p.Has(perm) }) {
		return ErrBeyond
	}
	return nil
}

// Contact is what may be changed of an account, with the version that the page
// began from: of two changes the later is told.
type Contact struct {
	Phone   string
	Email   string
	Version int64
}

// EditMember is 编辑: phone and mail. A new phone is unproven.
func (s *Service) EditMember(ctx context.Context, who Principal, userID id.ID, c Contact) (User, error) {
	p := Person{Phone: c.Phone, Email: c.Email}
	p.normalize()
	var refused errs.Fields
	checkPhone(p.Phone, &refused)
	checkEmail(p.Email, &refused)
	if err := refused.Err(); err != nil {
		return User{}, err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		row, err := s.other(ctx, tx, who, userID)
		if err != nil {
			return err
		}
		index := s.box.Index(indexPhone, p.Phone)
		proven := row.PhoneProvenAt
		if index != row.PhoneIndex {
			proven = 0
		}
		ok, err := tx.ExecOne(ctx, `
			UPDATE users SET phone = ?, phone_index = ?, phone_proven_at = ?, email = ?, version = version + 1 WHERE id = ? AND version = ?`,
			s.box.Seal(p.Phone), index, proven, s.box.Seal(p.Email), row.ID, c.Version)
		if err == nil && !ok {
			err = errs.ErrStale
		}
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "account.edit", ObjectKind: "user", ObjectID: row.ID, SubjectOrg: row.OrgID,
			Detail: map[string]any{"phone": MaskPhone(p.Phone), "phoneChanged": index != row.PhoneIndex},
		})
	})
	if db.IsUnique(err) {
		return User{}, phoneTaken()
	}
	if err != nil {
		return User{}, err
	}
	return s.Find(ctx, s.db, userID)
}

// RemoveMember is 删除: the account cannot be used any more; its name stays taken,
// because the trail names it.
func (s *Service) RemoveMember(ctx context.Context, who Principal, userID id.ID) error {
	return s.moveMember(ctx, who, userID, Deleted)
}

// EnableMember lets a member sign in, or keeps him out and ends his sessions.
func (s *Service) EnableMember(ctx context.Context, who Principal, userID id.ID, active bool) error {
	if active {
		return s.moveMember(ctx, who, userID, Active)
	}
	return s.moveMember(ctx, who, userID, Disabled)
}

func (s *Service) moveMember(ctx context.Context, who Principal, userID id.ID, to Status) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		row, err := s.other(ctx, tx, who, userID)
		if err != nil || row.Status == to {
			return err
		}
		return s.setStatus(ctx, tx, who, row, to)
	})
}

func (s *Service) setStatus(ctx context.Context, tx *db.Tx, who Principal, row userRow, to Status) error {
	ok, err := tx.ExecOne(ctx, `UPDATE users SET status = ?, version = version + 1 WHERE id = ? AND status = ?`, to, row.ID, row.Status)
	if err == nil && !ok {
		err = errs.ErrStale
	}
	if err != nil {
		return err
	}
	if to == Deleted {
		if err := s.erase(ctx, tx, row); err != nil {
			return err
		}
	}
	if err := s.sessions.EndAll(ctx, tx, row.ID, 0); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{
		Action: "account.set_status", ObjectKind: "user", ObjectID: row.ID, SubjectOrg: row.OrgID,
		Detail: map[string]any{"username": row.Username, "from": row.Status, "to": to},
	})
}

// ResetMember is 重置密码: the member must change the password at the next sign-in.
func (s *Service) ResetMember(ctx context.Context, who Principal, userID id.ID, password, confirm string) error {
	row, err := s.other(ctx, s.db, who, userID)
	if err != nil {
		return err
	}
	return s.reset(ctx, who, row, password, confirm)
}

func (s *Service) reset(ctx context.Context, who Principal, row userRow, password, confirm string) error {
	u, err := s.user(row)
	if err != nil {
		return err
	}
	var refused errs.Fields
	checkNewPassword(password, confirm, u.identity(), &refused)
	if len(refused) == 0 {
		if err := s.differs(ctx, row, password, "/password", &refused); err != nil {
			return err
		}
	}
	if err := refused.Err(); err != nil {
		return err
	}
	hashed, err := s.Hash(ctx, password)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.replacePassword(ctx, tx, who, row, u, hashed, true, 0); err != nil {
			return err
		}
		return s.notify.Tell(ctx, tx, notify.Message{
			UserIDs: []id.ID{u.ID}, Title: "登录密码已被重置",
			Body: who.Username + " 重置了您的登录密码。如不知情，请立即联系本单位主帐号或平台管理员。",
		})
	})
}

// PermitMember is 应用内权限配置: which menus, and the operations behind them, a
// member may use from his next request on. Nobody gives what he does not have.
func (s *Service) PermitMember(ctx context.Context, who Principal, userID id.ID, perms []Permission, version int64) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		row, err := s.other(ctx, tx, who, userID)
		if err != nil {
			return err
		}
		if err := known(row.Role, perms); err != nil {
			return err
		}
		if err := who.covers(perms); err != nil {
			return err
		}
		return s.permit(ctx, tx, who, row, perms, version)
	})
}

// known refuses rights that a role never has.
func known(role Role, perms []Permission) error {
	var refused errs.Fields
	for i, p := range perms {
		if !slices.Contains(permissionsOf[role], p) {
			refused.Add("/permissions/"+strconv.Itoa(i), "field.choice")
		}
	}
	return refused.Err()
}

func (s *Service) permit(ctx context.Context, tx *db.Tx, who Principal, row userRow, perms []Permission, version int64) error {
	perms = slices.DeleteFunc(PermissionsOf(row.Role), func(p Permission) bool { return !slices.Contains(perms, p) })
	if err := s.sessions.changed(ctx, tx, row.ID); err != nil {
		return err
	}
	ok, err := tx.ExecOne(ctx, `UPDATE users SET permissions = ?, version = version + 1 WHERE id = ? AND version = ?`, stored(perms), row.ID, version)
	if err == nil && !ok {
		err = errs.ErrStale
	}
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{
		Action: "account.permit", ObjectKind: "user", ObjectID: row.ID, SubjectOrg: row.OrgID,
		Detail: map[string]any{"username": row.Username, "from": row.Permissions, "to": stored(perms)},
	})
}
