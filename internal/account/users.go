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
	Words  string // part of a user name
	Role   Role
	Status Status
}

// Users lists accounts of the whole platform, newest first.
func (s *Service) Users(ctx context.Context, f UserFilter, p page.Query) (page.Of[User], error) {
	var rows []userRow
	q := s.db.Select(&rows).Where("status <> 'deleted'").Order("created_at DESC", "id DESC")
	if f.Words != "" {
		q = q.Where("username_key LIKE ? ESCAPE '!'", like(UsernameKey(f.Words)))
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
	hashed, err := s.Hash(ctx, p.Password)
	if err != nil {
		return User{}, err
	}
	return s.add(ctx, who, NewUser{
		Role: role, Username: p.Username, Phone: p.Phone, Email: p.Email, Password: hashed, MustChange: true,
		Permissions: perms, PhoneProven: true,
	}, "account.add_staff")
}

// anybody but the caller, on the whole platform.
func (s *Service) anybody(ctx context.Context, r db.Reader, who Principal, userID id.ID) (userRow, error) {
	row, err := s.row(ctx, r, "id = ? AND status <> 'deleted'", userID)
	if err == nil && row.ID == who.UserID {
		err = ErrSelf
	}
	return row, err
}

// Enable lets an account of the platform be used, or stops it.
func (s *Service) Enable(ctx context.Context, who Principal, userID id.ID, active bool) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := s.anybody(ctx, tx, who, userID); err != nil {
			return err
		}
		return s.SetActive(ctx, tx, who, userID, active)
	})
}

// EditUser changes phone and mail of an account.
func (s *Service) EditUser(ctx context.Context, who Principal, userID id.ID, phone, email string) (User, error) {
	return s.edit(ctx, who, userID, phone, email, s.anybody)
}

// ResetUser sets a password that must be changed at the next sign-in.
func (s *Service) ResetUser(ctx context.Context, who Principal, userID id.ID, password, confirm string) error {
	row, err := s.anybody(ctx, s.db, who, userID)
	if err != nil {
		return err
	}
	return s.reset(ctx, who, row, password, confirm)
}

// PermitUser sets the rights of an account within its role.
func (s *Service) PermitUser(ctx context.Context, who Principal, userID id.ID, perms []Permission) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		row, err := s.anybody(ctx, tx, who, userID)
		if err != nil {
			return err
		}
		return s.permit(ctx, tx, who, row, perms)
	})
}
