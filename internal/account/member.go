package account

import (
	"context"
	"slices"
	"strings"

	"smedx/internal/audit"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
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
// part of a user name.
func (s *Service) Members(ctx context.Context, who Principal, words string, p page.Query) (page.Of[User], error) {
	var rows []userRow
	q := s.db.Select(&rows).Where("org_id = ? AND org_id > 0 AND status <> 'deleted'", who.OrgID).Order("created_at DESC", "id DESC")
	if words != "" {
		q = q.Where("username_key LIKE ? ESCAPE '!'", like(UsernameKey(words)))
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

func like(words string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(words) + "%"
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
// main account and not the caller's own. Another company's is not there.
func (s *Service) other(ctx context.Context, r db.Reader, who Principal, userID id.ID) (userRow, error) {
	row, err := s.row(ctx, r, "id = ? AND org_id = ? AND org_id > 0 AND status <> 'deleted'", userID, who.OrgID)
	if err == nil && (row.IsOwner || row.ID == who.UserID) {
		err = ErrSelf
	}
	return row, err
}

// EditMember is 编辑: phone and mail. A new phone is unproven.
func (s *Service) EditMember(ctx context.Context, who Principal, userID id.ID, phone, email string) (User, error) {
	return s.edit(ctx, who, userID, phone, email, s.other)
}

type finder func(context.Context, db.Reader, Principal, id.ID) (userRow, error)

func (s *Service) edit(ctx context.Context, who Principal, userID id.ID, phone, email string, find finder) (User, error) {
	p := Person{Phone: phone, Email: email}
	p.normalize()
	var refused errs.Fields
	checkPhone(p.Phone, &refused)
	checkEmail(p.Email, &refused)
	if err := refused.Err(); err != nil {
		return User{}, err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		row, err := find(ctx, tx, who, userID)
		if err != nil {
			return err
		}
		index := s.box.Index(indexPhone, p.Phone)
		proven := row.PhoneProvenAt
		if index != row.PhoneIndex {
			proven = 0
		}
		_, err = tx.Exec(ctx, `UPDATE users SET phone = ?, phone_index = ?, phone_proven_at = ?, email = ?, version = version + 1 WHERE id = ?`,
			s.box.Seal(p.Phone), index, proven, s.box.Seal(p.Email), row.ID)
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
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		row, err := s.other(ctx, tx, who, userID)
		if err != nil {
			return err
		}
		return s.setStatus(ctx, tx, who, row, Deleted)
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
		return s.replacePassword(ctx, tx, who, row, u, hashed, true, 0)
	})
}

// PermitMember is 应用内权限配置: which menus, and the operations behind them, a
// member may use. Nobody gives what he does not have.
func (s *Service) PermitMember(ctx context.Context, who Principal, userID id.ID, perms []Permission) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		row, err := s.other(ctx, tx, who, userID)
		if err != nil {
			return err
		}
		for i, p := range perms {
			if !who.Has(p) {
				var refused errs.Fields
				refused.Add("/permissions/"+id.ID(i).String(), "field.choice")
				return refused.Err()
			}
		}
		return s.permit(ctx, tx, who, row, perms)
	})
}

func (s *Service) permit(ctx context.Context, tx *db.Tx, who Principal, row userRow, perms []Permission) error {
	perms = slices.DeleteFunc(PermissionsOf(row.Role), func(p Permission) bool { return !slices.Contains(perms, p) })
	s.forget(tx)
	if _, err := tx.Exec(ctx, `UPDATE users SET permissions = ?, version = version + 1 WHERE id = ?`, stored(perms), row.ID); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{
		Action: "account.permit", ObjectKind: "user", ObjectID: row.ID, SubjectOrg: row.OrgID,
		Detail: map[string]any{"username": row.Username, "from": row.Permissions, "to": stored(perms)},
	})
}
