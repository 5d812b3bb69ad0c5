package account

import (
	"context"
	"errors"
	"regexp"

	"github.com/uptrace/bun"

	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
	"smedx/internal/setting"
)

// Refusals of the second factor.
var (
	ErrFactorOn       = errs.New(errs.Conflict, "account.factor_on")
	ErrFactorOff      = errs.New(errs.Conflict, "account.factor_off")
	ErrFactorDemanded = errs.New(errs.Conflict, "account.factor_demanded")
	ErrFactorLocked   = errs.New(errs.TooMany, "account.factor_locked")
)

// Codes of the input of a second factor.
const (
	CodeFactorWrong = "account.factor_wrong"
	CodeFactorUsed  = "account.factor_used"
)

type factorRow struct {
	bun.BaseModel `bun:"table:second_factors"`

	UserID      id.ID `bun:",pk"`
	Secret      string
	CreatedAt   clock.Instant
	ConfirmedAt clock.Instant
	LastStep    int64
}

// SecondFactor is how a user's second factor stands.
type SecondFactor struct {
	On           bool
	Since        clock.Instant
	RecoveryLeft int  // recovery codes not yet used
	Demanded     bool // the platform asks it of this role
}

// Enrolment is a secret that waits for its first code. It is answered once.
type Enrolment struct {
	Secret string
	URL    string // for the QR code
}

// SecondFactor tells how the caller's second factor stands.
func (s *Service) SecondFactor(ctx context.Context, who Principal) (SecondFactor, error) {
	demanded, err := s.factorDemanded(ctx, s.db, who.Role)
	if err != nil {
		return SecondFactor{}, err
	}
	row, err := s.factor(ctx, s.db, who.UserID)
	if err != nil || row.ConfirmedAt == 0 {
		return SecondFactor{Demanded: demanded}, err
	}
	out := SecondFactor{On: true, Since: row.ConfirmedAt, Demanded: demanded}
	err = s.db.Raw(`SELECT COUNT(*) FROM recovery_codes WHERE user_id = ? AND used_at = 0`, who.UserID).Scan(ctx, &out.RecoveryLeft)
	return out, err
}

// factorDemanded answers whether the platform asks a second factor of a role.
func (s *Service) factorDemanded(ctx context.Context, r db.Reader, role Role) (bool, error) {
	if role.ofCompany() {
		return false, nil
	}
	return s.settings.On(ctx, r, setting.StaffSecondFactor)
}

// factor finds a user's second factor; the zero row is none.
func (s *Service) factor(ctx context.Context, r db.Reader, userID id.ID) (factorRow, error) {
	var row factorRow
	err := r.Select(&row).Where("user_id = ?", userID).Scan(ctx)
	if db.IsNotFound(err) {
		return factorRow{}, nil
	}
	return row, err
}

// Enrol begins a second factor for the caller, who is asked for his password
// unless he has just signed in.
func (s *Service) Enrol(ctx context.Context, who Principal, password string) (Enrolment, error) {
	if err := s.reprove(ctx, who, password); err != nil {
		return Enrolment{}, err
	}
	return s.beginFactor(ctx, who.UserID, who.Username)
}

func (s *Service) beginFactor(ctx context.Context, userID id.ID, username string) (Enrolment, error) {
	secret := newSecret()
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		ok, err := tx.ExecOne(ctx, `
			INSERT INTO second_factors (user_id, secret, created_at) VALUES (?, ?, ?)
			ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at
			WHERE second_factors.confirmed_at = 0`, userID, s.box.Seal(secret), clock.At(tx.Now()))
		if err == nil && !ok {
			err = ErrFactorOn
		}
		return err
	})
	return Enrolment{Secret: secret, URL: totpURL(username, secret)}, err
}

// ConfirmEnrolment switches the caller's second factor on by its first code and
// answers the recovery codes.
func (s *Service) ConfirmEnrolment(ctx context.Context, who Principal, code string) (recovery []string, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		recovery, err = s.confirmFactor(ctx, tx, who, code)
		return err
	})
	return recovery, err
}

func (s *Service) confirmFactor(ctx context.Context, tx *db.Tx, who Principal, code string) ([]string, error) {
	row, err := s.factor(ctx, tx, who.UserID)
	switch {
	case err != nil:
		return nil, err
	case row.UserID == 0:
		return nil, ErrFactorOff
	case row.ConfirmedAt != 0:
		return nil, ErrFactorOn
	}
	secret, err := s.box.Open(row.Secret)
	if err != nil {
		return nil, err
	}
	step, _ := matchTOTP(secret, typed(code), tx.Now(), 0)
	if step == 0 {
		return nil, refusedFactor(CodeFactorWrong)
	}
	ok, err := tx.ExecOne(ctx, `UPDATE second_factors SET confirmed_at = ?, last_step = ? WHERE user_id = ? AND confirmed_at = 0 AND secret = ?`,
		clock.At(tx.Now()), step, who.UserID, row.Secret)
	if err == nil && !ok {
		err = ErrFactorOn
	}
	if err != nil {
		return nil, err
	}
	if err := s.noteFactor(ctx, tx, who, who.UserID, "account.factor_on", "二次验证已开启", "您的帐号已开启二次验证，以后登录须输入验证器应用中的动态码。"); err != nil {
		return nil, err
	}
	return s.renewRecovery(ctx, tx, who.UserID)
}

// RenewRecovery replaces the caller's recovery codes; password and a code are asked.
func (s *Service) RenewRecovery(ctx context.Context, who Principal, password, code string) (recovery []string, err error) {
	err = s.withBothFactors(ctx, who, password, code, func(ctx context.Context, tx *db.Tx) error {
		if recovery, err = s.renewRecovery(ctx, tx, who.UserID); err != nil {
			return err
		}
		return s.noteFactor(ctx, tx, who, who.UserID, "account.factor_renew_recovery", "恢复码已更换", "您更换了二次验证的恢复码，旧的恢复码已失效。")
	})
	return recovery, err
}

// SwitchFactorOff ends the caller's second factor; password and a code are asked.
func (s *Service) SwitchFactorOff(ctx context.Context, who Principal, password, code string) error {
	demanded, err := s.factorDemanded(ctx, s.db, who.Role)
	if err != nil {
		return err
	}
	if demanded {
		return ErrFactorDemanded
	}
	return s.withBothFactors(ctx, who, password, code, func(ctx context.Context, tx *db.Tx) error {
		if err := dropFactor(ctx, tx, who.UserID); err != nil {
			return err
		}
		return s.noteFactor(ctx, tx, who, who.UserID, "account.factor_off", "二次验证已关闭", "您的帐号已关闭二次验证。")
	})
}

// ResetFactor frees somebody who has lost his authenticator: he is signed out and
// signs in without it, or enrols anew where it is demanded.
func (s *Service) ResetFactor(ctx context.Context, who Principal, userID id.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		row, err := s.anybody(ctx, tx, who, userID)
		if err != nil {
			return err
		}
		u, err := s.user(row)
		if err != nil {
			return err
		}
		if err := dropFactor(ctx, tx, userID); err != nil {
			return err
		}
		if err := refund(ctx, tx, factorBudget(userID)); err != nil {
			return err
		}
		if err := s.sessions.EndAll(ctx, tx, userID, 0); err != nil {
			return err
		}
		if u.PhoneProven && s.notify.On(notify.SMS) {
			if err := s.notify.SMS(ctx, tx, u.Phone, "factor_reset", map[string]string{"username": u.Username}); err != nil {
				return err
			}
		}
		return s.noteFactor(ctx, tx, who, userID, "account.factor_reset", "二次验证已被重置", "管理员重置了您的二次验证，请重新登录并绑定验证器。如非您本人申请，请立即修改密码并联系管理员。")
	})
}

// dropFactor removes a second factor with its recovery codes; refused when there is none.
func dropFactor(ctx context.Context, tx *db.Tx, userID id.ID) error {
	ok, err := tx.ExecOne(ctx, `DELETE FROM second_factors WHERE user_id = ? AND confirmed_at > 0`, userID)
	if err == nil && !ok {
		err = ErrFactorOff
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM recovery_codes WHERE user_id = ?`, userID)
	return err
}

// noteFactor leaves a change of a second factor in the trail and tells its user.
func (s *Service) noteFactor(ctx context.Context, tx *db.Tx, who Principal, userID id.ID, action, title, text string) error {
	err := s.notify.Tell(ctx, tx, notify.Message{UserIDs: []id.ID{userID}, Title: title, Body: text, Link: securityPage})
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{Action: action, ObjectKind: "user", ObjectID: userID, SubjectOrg: who.OrgID})
}

// securityPage is where a user keeps his second factor and his sessions.
const securityPage = "/account/security"

// withBothFactors does something for a caller who proves password and second factor again.
func (s *Service) withBothFactors(ctx context.Context, who Principal, password, code string, then db.Func) error {
	if err := s.askPassword(ctx, who, password); err != nil {
		return err
	}
	p, err := s.proveFactor(ctx, who.UserID, code)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := p.use(ctx, tx); err != nil {
			return err
		}
		return then(ctx, tx)
	})
}

// factorProof is a right code that has not been used up yet.
type factorProof struct {
	userID   id.ID
	step     int64  // of the authenticator, or
	recovery string // hash of a recovery code
}

// by is how the trail names the proof.
func (p factorProof) by() string {
	if p.recovery != "" {
		return "recovery_code"
	}
	return "totp"
}

// factorBudget counts the wrong codes of an account, whichever sign-in they belong
// to. A right password does not give them back.
func factorBudget(userID id.ID) guess { return guess{budget: "factor:" + userID.String()} }

var sixDigits = regexp.MustCompile(`^[0-9]{6}$`)

// proveFactor spends a try and compares a code with the authenticator's, or with
// the recovery codes. It does not use the code up.
func (s *Service) proveFactor(ctx context.Context, userID id.ID, code string) (factorProof, error) {
	left, err := s.spend(ctx, factorBudget(userID))
	if errors.Is(err, ErrLocked) {
		e := errs.Of(err)
		return factorProof{}, ErrFactorLocked.With("minutes", e.Params["minutes"]).After(e.RetryAfter)
	}
	if err != nil {
		return factorProof{}, err
	}
	row, err := s.factor(ctx, s.db, userID)
	if err != nil {
		return factorProof{}, err
	}
	if row.ConfirmedAt == 0 {
		return factorProof{}, ErrFactorOff
	}
	why := CodeFactorWrong
	code = typed(code)
	if sixDigits.MatchString(code) {
		secret, err := s.box.Open(row.Secret)
		if err != nil {
			return factorProof{}, err
		}
		step, used := matchTOTP(secret, code, s.db.Now(), row.LastStep)
		if step != 0 {
			return factorProof{userID: userID, step: step}, nil
		}
		if used {
			why = CodeFactorUsed
		}
	} else {
		hash := s.recoveryHash(userID, code)
		var n int
		err := s.db.Raw(`SELECT COUNT(*) FROM recovery_codes WHERE user_id = ? AND code_hash = ? AND used_at = 0`, userID, hash).Scan(ctx, &n)
		if err != nil {
			return factorProof{}, err
		}
		if n == 1 {
			return factorProof{userID: userID, recovery: hash}, nil
		}
	}
	if left <= 0 {
		return factorProof{}, ErrFactorLocked.With("minutes", int(lockTime.Minutes())).After(int(lockTime.Seconds()))
	}
	return factorProof{}, refusedFactor(why)
}

// use ends the code within the transaction of what it opens; of two requests with
// one code the later is refused.
func (p factorProof) use(ctx context.Context, tx *db.Tx) error {
	var ok bool
	var err error
	if p.recovery != "" {
		ok, err = tx.ExecOne(ctx, `UPDATE recovery_codes SET used_at = ? WHERE user_id = ? AND code_hash = ? AND used_at = 0`,
			clock.At(tx.Now()), p.userID, p.recovery)
	} else {
		ok, err = tx.ExecOne(ctx, `UPDATE second_factors SET last_step = ? WHERE user_id = ? AND confirmed_at > 0 AND last_step < ?`,
			p.step, p.userID, p.step)
	}
	if err == nil && !ok {
		err = refusedFactor(CodeFactorUsed)
	}
	if err != nil {
		return err
	}
	return refund(ctx, tx, factorBudget(p.userID))
}

func refusedFactor(code string) error {
	var refused errs.Fields
	refused.Add("/code", code)
	return refused.Err()
}
