package account

import (
	"context"
	"slices"

	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// StaffRoles are the roles that an administrator gives.
var StaffRoles = []Role{RoleOperator, RoleDepartment, RoleAdmin}

// UserFilter narrows the administrator's list.
type UserFilter struct {
	Words  string // part of a user name, or a whole phone
	Role   Role
	Status Status
}

// Users lists accounts of the whole platform, newest first.
func (s *Service) Users(ctx context.Context, f UserFilter, p page.Query) (page.Of[User], error) {
	var rows []userRow
	q := s.db.Select(&rows).Where("status <> 'deleted'").Order("created_at DESC", "id DESC")
	if f.Words != "" {
		q = s.matching(q, f.Words)
	}
	if f.Role != "" {
		q = q.Where("role = ?", f.Role)
	}
	if f.Status != "" {
		q = q.Where("status = ?", f.Status)
	}
	total, err := page.Scan(ctx, q, p, &rows)
	if err != nil {
		return page.Of[User]{}, err
	}
	return s.usersOf(rows, total)
}

// AddStaff opens an account of the centre or the department. The person changes
// the password at the first sign-in.
func (s *Service) AddStaff(ctx context.Context, who Principal, role Role, p Person, perms []Permission) (User, error) {
	if !slices.Contains(StaffRoles, role) {
		var refused errs.Fields
		refused.Add("/role", "field.choice")
		return User{}, refused.Err()
	}
	if err := p.check(); err != nil {
		return User{}, err
	}
	if err := known(role, perms); err != nil {
		return User{}, err
	}
	if err := who.peers(role, perms); err != nil {
		return User{}, err
	}
	hashed, err := s.Hash(ctx, p.Password)
	if err != nil {
		return User{}, err
	}
	return s.add(ctx, who, NewUser{
		Role: role, Username: p.Username, Phone: p.Phone, Email: p.Email, Password: hashed, MustChange: true,
		Permissions: perms, PhoneProven: true,
	}, "account.add_staff")
}

// peers keeps an administrator from making another one who may do more than
// himself. Rights of other roles are his to give, though he does not hold them.
func (p Principal) peers(role Role, perms []Permission) error {
	if role != p.Role {
		return nil
	}
	if perms == nil {
		perms = permissionsOf[role]
	}
	return p.covers(perms)
}

// anybody but the caller, on the whole platform, who may not do more than the
// caller in the same role.
func (s *Service) anybody(ctx context.Context, r db.Reader, who Principal, userID id.ID) (userRow, error) {
	row, err := s.row(ctx, r, "id = ? AND status <> 'deleted'", userID)
	switch {
	case err != nil:
		return row, err
	case row.ID == who.UserID:
		return row, ErrSelf
	}
	return row, who.peers(row.Role, effective(row.Role, row.Permissions))
}

// Enable lets an account of the platform be used, or stops it.
func (s *Service) Enable(ctx context.Context, who Principal, userID id.ID, active bool) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := queue(ctx, tx); err != nil {
			return err
		}
		row, err := s.anybody(ctx, tx, who, userID)
		if err != nil {
			return err
		}
		if err := s.SetActive(ctx, tx, who, userID, active); err != nil {
			return err
		}
		return s.oneAdminLeft(ctx, tx, row.Role)
	})
}

// queue makes changes of administrators wait for each other, by writing one row
// that all of them write: of two who stop each other, the second finds himself
// stopped or alone.
func queue(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE users SET version = version WHERE id = (SELECT min(id) FROM users WHERE role = ?)`, RoleAdmin)
	return err
}

// oneAdminLeft refuses a change of an administrator after which nobody could keep
// accounts.
func (s *Service) oneAdminLeft(ctx context.Context, tx *db.Tx, changed Role) error {
	if changed != RoleAdmin {
		return nil
	}
	left, err := s.UsersWith(ctx, tx, RoleAdmin, StaffManage)
	if err == nil && len(left) == 0 {
		err = ErrLastAdmin
	}
	return err
}

// ResetUser sets a password that must be changed at the next sign-in.
func (s *Service) ResetUser(ctx context.Context, who Principal, userID id.ID, password, confirm string) error {
	row, err := s.anybody(ctx, s.db, who, userID)
	if err != nil {
		return err
	}
	return s.reset(ctx, who, row, password, confirm)
}

// PermitUser sets the rights of an account within its role. The main account of a
// company keeps all of them.
func (s *Service) PermitUser(ctx context.Context, who Principal, userID id.ID, perms []Permission, version int64) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := queue(ctx, tx); err != nil {
			return err
		}
		row, err := s.anybody(ctx, tx, who, userID)
		if err != nil {
			return err
		}
		if row.IsOwner {
			return ErrOwner
		}
		if err := known(row.Role, perms); err != nil {
			return err
		}
		if err := who.peers(row.Role, perms); err != nil {
			return err
		}
		if err := s.permit(ctx, tx, who, row, perms, version); err != nil {
			return err
		}
		return s.oneAdminLeft(ctx, tx, row.Role)
	})
}
