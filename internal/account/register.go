package account

import (
	"context"
	"errors"

	"smedx/internal/audit"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Registration is what step 1 of 欢迎注册 asks for.
type Registration struct {
	Role            Role
	Username        string
	Phone           string
	Password        string
	PasswordConfirm string
	Agreed          bool
}

// CheckRegistration validates step 1 and tells everything at once. It answers the
// existing account when the same user name and password come again; another
// password for a known name is a field refusal.
func (s *Service) CheckRegistration(ctx context.Context, in *Registration) (existing User, err error) {
	in.Username, in.Phone = NormalUsername(in.Username), NormalPhone(in.Phone)
	var refused errs.Fields
	if in.Role != RoleEnterprise && in.Role != RoleProvider {
		refused.Add("/role", "field.choice")
	}
	checkUsername(in.Username, &refused)
	checkPhone(in.Phone, &refused)
	checkNewPassword(in.Password, in.PasswordConfirm, Identity{Username: in.Username, Phone: in.Phone}, &refused)
	if !in.Agreed {
		refused.Add("/agreed", CodeConsent)
	}
	row, err := s.row(ctx, s.db, "username_key = ?", UsernameKey(in.Username))
	switch {
	case errors.Is(err, errs.ErrNotFound):
		return User{}, refused.Err()
	case err != nil:
		return User{}, err
	case len(refused) > 0: // look at the password only when the rest is right
		return User{}, refused.Err()
	}
	if row.Status == Deleted || !row.IsOwner || row.Role != in.Role {
		return User{}, usernameTaken()
	}
	err = s.prove(ctx, budgetOf(row.ID), row.PasswordHash, in.Password)
	if errors.Is(err, ErrCredentials) {
		refused.Add("/username", CodePasswordOfOther)
		return User{}, refused.Err()
	}
	if err != nil {
		return User{}, err
	}
	if row.Status != Active {
		return User{}, usernameTaken()
	}
	return s.user(row)
}

// Open creates the main account of a new company within tx, with its consents.
func (s *Service) Open(ctx context.Context, tx *db.Tx, in Registration, orgID id.ID, password Hashed, from From) (User, error) {
	u, err := s.Create(ctx, tx, NewUser{
		OrgID: orgID, Role: in.Role, Owner: true, Username: in.Username, Phone: in.Phone, Password: password,
	})
	if err != nil {
		return User{}, err
	}
	if err := s.Consent(ctx, tx, u.ID, from.IP); err != nil {
		return User{}, err
	}
	return u, audit.Write(ctx, tx, actor(u, from).Actor(), audit.Entry{
		Action: "account.register", ObjectKind: "user", ObjectID: u.ID, SubjectOrg: orgID, Detail: map[string]any{"role": in.Role},
	})
}

// Resume signs the holder of an unfinished registration in again. A phone that
// was mistyped and never proven may be corrected on the way.
func (s *Service) Resume(ctx context.Context, tx *db.Tx, u User, in Registration, from From) (Signed, error) {
	if err := refund(ctx, tx, budgetOf(u.ID)); err != nil {
		return Signed{}, err
	}
	if !u.PhoneProven && in.Phone != u.Phone {
		_, err := tx.Exec(ctx, `UPDATE users SET phone = ?, phone_index = ?, version = version + 1 WHERE id = ? AND phone_proven_at = 0`,
			s.box.Seal(in.Phone), s.box.Index(indexPhone, in.Phone), u.ID)
		if err != nil {
			return Signed{}, err
		}
	}
	if err := s.Consent(ctx, tx, u.ID, from.IP); err != nil {
		return Signed{}, err
	}
	return s.SignIn(ctx, tx, u, "registration", from)
}
