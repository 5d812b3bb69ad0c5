package account

import (
	"context"
	"strings"

	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/notify"
	"smedx/internal/setting"
)

// CodeAtAcceptance tells whether a buyer proves with a code of the own phone that
// it is he who accepts an order.
func (s *Service) CodeAtAcceptance(ctx context.Context) (bool, error) {
	return s.settings.On(ctx, s.db, setting.AcceptanceCode)
}

// SendAcceptanceCode sends a code to the phone of the signed-in user, and to no other.
func (s *Service) SendAcceptanceCode(ctx context.Context, who Principal, captcha Captcha, from From) error {
	if !s.notify.On(notify.SMS) {
		return ErrNoSMS
	}
	phone, err := s.ownPhone(ctx, who)
	if err != nil {
		return err
	}
	if err := s.claimSend(ctx, phone, PurposeAcceptance, captcha, from); err != nil {
		return err
	}
	return s.sendCode(ctx, phone, PurposeAcceptance, true, from)
}

// ProveAcceptance refuses a wrong code, where one is asked for. What it answers uses
// a right one up, in the transaction of the acceptance: one that is refused leaves
// the code as it was, less a try.
func (s *Service) ProveAcceptance(ctx context.Context, who Principal, code string, from From) (db.Func, error) {
	asked, err := s.CodeAtAcceptance(ctx)
	if err != nil || !asked {
		return func(context.Context, *db.Tx) error { return nil }, err
	}
	if code = strings.TrimSpace(half(code)); code == "" {
		var refused errs.Fields
		refused.Add("/code", "field.required")
		return nil, refused.Err()
	}
	phone, err := s.ownPhone(ctx, who)
	if err != nil {
		return nil, err
	}
	sent, err := s.tryCode(ctx, phone, PurposeAcceptance, code, from)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx *db.Tx) error { return useCode(ctx, tx, sent) }, nil
}

// ErrFactorNeeded says that something takes a second factor that the caller does not have.
var ErrFactorNeeded = errs.New(errs.Conflict, "account.factor_needed")

// CodeAtRelease tells whether the caller proves with a second factor that it is he
// who releases money: where he has one, or the platform asks it of everybody.
func (s *Service) CodeAtRelease(ctx context.Context, who Principal) (asked bool, err error) {
	row, err := s.factor(ctx, s.db, who.UserID)
	if err != nil || row.ConfirmedAt != 0 {
		return true, err
	}
	return s.settings.On(ctx, s.db, setting.ReleaseFactor)
}

// ProveRelease refuses a wrong code of the second factor, where one is asked for.
// What it answers uses a right one up, in the transaction of the release.
func (s *Service) ProveRelease(ctx context.Context, who Principal, code string) (db.Func, error) {
	asked, err := s.CodeAtRelease(ctx, who)
	if err != nil || !asked {
		return func(context.Context, *db.Tx) error { return nil }, err
	}
	row, err := s.factor(ctx, s.db, who.UserID)
	if err != nil {
		return nil, err
	}
	if row.ConfirmedAt == 0 {
		return nil, ErrFactorNeeded
	}
	if strings.TrimSpace(code) == "" {
		var refused errs.Fields
		refused.Add("/code", "field.required")
		return nil, refused.Err()
	}
	proof, err := s.proveFactor(ctx, who.UserID, code)
	return proof.use, err
}

func (s *Service) ownPhone(ctx context.Context, who Principal) (string, error) {
	var sealed string
	if err := s.db.Raw(`SELECT phone FROM users WHERE id = ?`, who.UserID).Scan(ctx, &sealed); err != nil {
		return "", err
	}
	phone, err := s.box.Open(sealed)
	if err == nil && phone == "" {
		err = ErrNoPhone
	}
	return phone, err
}
