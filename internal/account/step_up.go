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

// ConfirmAcceptance refuses a wrong code, where one is asked for, and uses a right one up.
func (s *Service) ConfirmAcceptance(ctx context.Context, who Principal, code string, from From) error {
	asked, err := s.CodeAtAcceptance(ctx)
	if err != nil || !asked {
		return err
	}
	if code = strings.TrimSpace(half(code)); code == "" {
		var refused errs.Fields
		refused.Add("/code", "field.required")
		return refused.Err()
	}
	phone, err := s.ownPhone(ctx, who)
	if err != nil {
		return err
	}
	sent, err := s.tryCode(ctx, phone, PurposeAcceptance, code, from)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return useCode(ctx, tx, sent) })
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
