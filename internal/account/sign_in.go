package account

import (
	"context"
	"errors"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// SignInByPassword takes an account name (the user name, or a proven phone that
// leads to one account only) and a password. A wrong name and a wrong password
// answer alike and take as long.
func (s *Service) SignInByPassword(ctx context.Context, name, password string, captcha Captcha, from From) (Signed, error) {
	row, err := s.named(ctx, name)
	if err != nil && !errors.Is(err, errs.ErrNotFound) {
		return Signed{}, err
	}
	g := guessAt(row, from, &captcha)
	if row.ID == 0 {
		g.budget = s.budgetOfName(UsernameKey(name))
	}
	if err := s.prove(ctx, g, password); err != nil {
		return Signed{}, err
	}
	if row.FirstPasswordUntil != 0 && clock.At(s.db.Now()) > row.FirstPasswordUntil {
		return Signed{}, ErrFirstPassword
	}
	u, err := s.user(row)
	if err != nil {
		return Signed{}, err
	}
	var signed Signed
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		signed, err = s.SignIn(ctx, tx, u, "password", from)
		return err
	})
	return signed, err
}

// named finds the active account of a name.
func (s *Service) named(ctx context.Context, name string) (userRow, error) {
	key, phone := UsernameKey(name), NormalPhone(name)
	if !usernameForm.MatchString(key) {
		key = "" // nobody's; what cannot be a name is not shown to the database
	}
	row, err := s.row(ctx, s.db, "username_key = ? AND status = 'active'", key)
	if !errors.Is(err, errs.ErrNotFound) || !phoneForm.MatchString(phone) {
		return row, err
	}
	var rows []userRow
	err = s.db.Select(&rows).Where("phone_index = ? AND phone_proven_at > 0 AND status = 'active'", s.box.Index(indexPhone, phone)).
		Limit(2).Scan(ctx)
	if err != nil {
		return userRow{}, err
	}
	if len(rows) != 1 {
		return userRow{}, errs.ErrNotFound
	}
	return rows[0], nil
}

// Choice is an account to choose from when a phone leads to several.
type Choice struct {
	UserID   id.ID
	OrgID    id.ID
	Username string
	Role     Role
}

// SignInByCode takes a phone and the code that was sent to it. When the phone
// leads to several accounts and none is named (chosen = 0), it answers them as
// choices and leaves the code good for the second request.
//
// A phone that somebody merely typed at registration is unproven: such an account
// is offered only to a phone without a proven one, and is proven by this sign-in.
// Sessions from before end then: whoever typed the phone may be a stranger.
func (s *Service) SignInByCode(ctx context.Context, phone, code string, chosen id.ID, from From) (signed Signed, choices []Choice, err error) {
	phone = NormalPhone(phone)
	sent, err := s.tryCode(ctx, phone, PurposeLogin, code, from)
	if err != nil {
		return Signed{}, nil, err
	}
	users, err := s.byPhone(ctx, phone, true)
	if err != nil {
		return Signed{}, nil, err
	}
	u, choices, err := pick(users, chosen)
	if err != nil || len(choices) > 0 {
		return Signed{}, choices, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := useCode(ctx, tx, sent); err != nil {
			return err
		}
		if err := s.provePhone(ctx, tx, u); err != nil {
			return err
		}
		signed, err = s.SignIn(ctx, tx, u, "code", from)
		return err
	})
	return signed, nil, err
}

// pick answers the account to use, or the choices.
func pick(users []User, chosen id.ID) (User, []Choice, error) {
	if chosen != 0 {
		u, ok := only(users, chosen)
		if !ok {
			return User{}, nil, ErrCode
		}
		return u, nil, nil
	}
	switch len(users) {
	case 0:
		return User{}, nil, ErrCode
	case 1:
		return users[0], nil, nil
	}
	choices := make([]Choice, 0, len(users))
	for _, u := range users {
		choices = append(choices, Choice{UserID: u.ID, OrgID: u.OrgID, Username: u.Username, Role: u.Role})
	}
	return User{}, choices, nil
}

// byPhone finds the active accounts that a phone leads to: those that proved it,
// or, when there are none and that is asked for, those that only named it.
func (s *Service) byPhone(ctx context.Context, phone string, orUnproven bool) ([]User, error) {
	if !phoneForm.MatchString(phone) {
		return nil, nil
	}
	var rows []userRow
	err := s.db.Select(&rows).Where("phone_index = ? AND status = 'active'", s.box.Index(indexPhone, phone)).
		Order("id").Limit(50).Scan(ctx)
	if err != nil {
		return nil, err
	}
	var proven, unproven []User
	for _, row := range rows {
		u, err := s.user(row)
		if err != nil {
			return nil, err
		}
		if u.PhoneProven {
			proven = append(proven, u)
		} else {
			unproven = append(unproven, u)
		}
	}
	if len(proven) == 0 && orUnproven {
		return unproven, nil
	}
	return proven, nil
}

func (s *Service) provePhone(ctx context.Context, tx *db.Tx, u User) error {
	if u.PhoneProven {
		return nil
	}
	if err := s.sessions.EndAll(ctx, tx, u.ID, 0); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE users SET phone_proven_at = ? WHERE id = ? AND phone_proven_at = 0`, tx.Now().UnixMilli(), u.ID)
	return err
}
