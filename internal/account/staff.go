package account

import (
	"context"
	"time"

	"smedx/internal/audit"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Staff is the account of somebody who works for the centre, the department or
// the expert committee: another person opens it.
type Staff struct {
	Role     Role
	Username string
	Phone    string // optional
	Password string // the first one; it must be changed at the first sign-in
}

// firstPasswordLife is how long a password made by OneTimePassword opens an account.
const firstPasswordLife = 72 * time.Hour

// OneTimePassword makes a first password without letters and digits that look alike.
func OneTimePassword() string {
	kinds := []string{"ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnpqrstuvwxyz", "23456789", "#%+-=@_"}
	var out []byte
	for i := range 14 {
		kind := kinds[i%len(kinds)]
		out = append(out, kind[number(int64(len(kind)))])
	}
	return string(out)
}

// Expiring lets a prepared account be opened by its first password for three days
// only.
func (u NewUser) Expiring() NewUser {
	u.FirstFor = firstPasswordLife
	return u
}

// Prepare checks a staff account, everything at once, and hashes its password.
// It happens before the transaction that creates the account.
func (s *Service) Prepare(ctx context.Context, in Staff) (NewUser, error) {
	in.Username, in.Phone = NormalUsername(in.Username), NormalPhone(in.Phone)
	var refused errs.Fields
	checkUsername(in.Username, &refused)
	if in.Phone != "" {
		checkPhone(in.Phone, &refused)
	}
	checkNewPassword(in.Password, in.Password, Identity{Username: in.Username, Phone: in.Phone}, &refused)
	switch in.Role {
	case RoleExpert, RoleOperator, RoleDepartment, RoleAdmin:
	default:
		refused.Add("/role", "field.choice")
	}
	if err := refused.Err(); err != nil {
		return NewUser{}, err
	}
	password, err := s.Hash(ctx, in.Password)
	return NewUser{
		Role: in.Role, Username: in.Username, Phone: in.Phone, Password: password, MustChange: true, PhoneProven: in.Phone != "",
	}, err
}

// SetActive lets an account sign in, or ends its sessions and keeps it out.
func (s *Service) SetActive(ctx context.Context, tx *db.Tx, who Principal, userID id.ID, active bool) error {
	status, action := Active, "account.enable"
	if !active {
		status, action = Disabled, "account.disable"
	}
	ok, err := tx.ExecOne(ctx, `UPDATE users SET status = ?, version = version + 1 WHERE id = ? AND status IN (?, ?)`, status, userID, Active, Disabled)
	if err != nil {
		return err
	}
	if !ok {
		return errs.ErrNotFound
	}
	if err := s.sessions.EndAll(ctx, tx, userID, 0); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{Action: action, ObjectKind: "user", ObjectID: userID})
}
