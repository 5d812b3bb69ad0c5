package account

import (
	"context"
	"errors"

	"smedx/internal/audit"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/setting"
)

// Registration is what step 1 of 欢迎注册 asks for.
type Registration struct {
	Role            Role
	Username        string
	Phone           string
	Password        string
	PasswordConfirm string
	Agreed          bool
	Code            string // from an SMS, where the setting asks for it
	Captcha         Captcha

	sent codeRow // the code that proves the phone; the zero row: unproven
}

// CodeAtRegistration tells whether step 1 asks for a code sent to the phone.
func (s *Service) CodeAtRegistration(ctx context.Context) (bool, error) {
	return s.settings.On(ctx, s.db, setting.PhoneCodeAtRegistration)
}

// CheckRegistration validates step 1 and tells everything at once. It answers the
// existing account when the same user name and password come again; another
// password for a known name is a field refusal.
func (s *Service) CheckRegistration(ctx context.Context, in *Registration, from From) (existing User, err error) {
	in.Username, in.Phone = NormalUsername(in.Username), NormalPhone(in.Phone)
	var refused errs.Fields
	asked, err := s.CodeAtRegistration(ctx)
	if err != nil {
		return User{}, err
	}
	if asked && in.Code == "" {
		refused.Add("/code", "field.required")
	}
	if in.Role != RoleEnterprise && in.Role != RoleProvider {
		refused.Add("/role", "field.choice")
	}
	checkUsername(in.Username, &refused)
	checkPhone(in.Phone, &refused)
	checkNewPassword(in.Password, in.PasswordConfirm, Identity{Username: in.Username, Phone: in.Phone}, &refused)
	if !in.Agreed {
		refused.Add("/agreed", CodeConsent)
	}
	if err := refused.Err(); err != nil { // look for accounts only when all this is right
		return User{}, err
	}
	if existing, err = s.unfinished(ctx, *in, from); err != nil || !asked {
		return existing, err
	}
	in.sent, err = s.tryCode(ctx, in.Phone, PurposeRegister, in.Code, from)
	return existing, err
}

// unfinished answers the account whose registration goes on with this user name
// and password; the zero User when the name is free.
func (s *Service) unfinished(ctx context.Context, in Registration, from From) (User, error) {
	row, err := s.row(ctx, s.db, "username_key = ?", UsernameKey(in.Username))
	switch {
	case errors.Is(err, errs.ErrNotFound):
		return User{}, nil
	case err != nil:
		return User{}, err
	case row.Status == Deleted || !row.IsOwner || row.Role != in.Role:
		return User{}, usernameTaken()
	}
	err = s.prove(ctx, guessAt(row, from, &in.Captcha), in.Password)
	if errors.Is(err, ErrCredentials) {
		var refused errs.Fields
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

func (r Registration) proven() bool { return r.sent.ID != 0 }

// Open creates the main account of a new company within tx, with its consents.
func (s *Service) Open(ctx context.Context, tx *db.Tx, in Registration, orgID id.ID, password Hashed, from From) (User, error) {
	if in.proven() {
		if err := useCode(ctx, tx, in.sent); err != nil {
			return User{}, err
		}
	}
	if err := takeAccount(ctx, tx, from); err != nil {
		return User{}, err
	}
	u, err := s.Create(ctx, tx, NewUser{
		OrgID: orgID, Role: in.Role, Owner: true, Username: in.Username, Phone: in.Phone, Password: password, PhoneProven: in.proven(),
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
	if !u.PhoneProven && in.Phone != u.Phone {
		_, err := tx.Exec(ctx, `UPDATE users SET phone = ?, phone_index = ?, version = version + 1 WHERE id = ? AND phone_proven_at = 0`,
			s.box.Seal(in.Phone), s.box.Index(indexPhone, in.Phone), u.ID)
		if err != nil {
			return Signed{}, err
		}
		u.Phone = in.Phone
	}
	if in.proven() {
		if err := useCode(ctx, tx, in.sent); err != nil {
			return Signed{}, err
		}
		if u.Phone == in.Phone {
			if err := s.provePhone(ctx, tx, u); err != nil {
				return Signed{}, err
			}
		}
	}
	if err := s.Consent(ctx, tx, u.ID, from.IP); err != nil {
		return Signed{}, err
	}
	return s.SignIn(ctx, tx, u, "registration", from)
}
