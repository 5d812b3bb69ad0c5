package account

import (
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/seal"
	"smedx/internal/notify"
	"smedx/internal/setting"
)

// Service is how accounts are made and used.
type Service struct {
	db       *db.DB
	box      *seal.Box
	notify   *notify.Service
	settings *setting.Service
	sessions *Sessions
	hasher   hasher
	closing  Closing
}

// New is called by the wiring.
func New(d *db.DB, box *seal.Box, n *notify.Service, settings *setting.Service, sessions *Sessions) *Service {
	sessions.box = box
	return &Service{db: d, box: box, notify: n, settings: settings, sessions: sessions, hasher: newHasher()}
}

// Refusals of this module.
var (
	ErrCredentials = errs.New(errs.Unsigned, "account.wrong_credentials")
	ErrLocked      = errs.New(errs.TooMany, "account.locked")
	ErrCode        = errs.New(errs.Invalid, "account.wrong_code")
	ErrCodeSoon    = errs.New(errs.TooMany, "account.code_too_soon")
	ErrCodeCap     = errs.New(errs.TooMany, "account.code_daily_cap")
	ErrCodesSpent  = errs.New(errs.TooMany, "account.codes_spent")
	ErrAddress     = errs.New(errs.TooMany, "account.address_stopped")
	// ErrRegistrations refuses further new accounts of one address.
	ErrRegistrations = errs.New(errs.TooMany, "account.registrations_spent")
	ErrCaptcha       = errs.New(errs.Invalid, "account.captcha_required")
	ErrNoNeed        = errs.New(errs.Conflict, "account.code_not_needed")
	// ErrFirstPassword refuses a first password that waited too long.
	ErrFirstPassword = errs.New(errs.Unsigned, "account.first_password_expired")
	ErrNoPhone       = errs.New(errs.Conflict, "account.no_phone")
	ErrNoSMS         = errs.New(errs.Unavailable, "account.sms_off")
	ErrSelf          = errs.New(errs.Conflict, "account.not_yourself")
	ErrOwner         = errs.New(errs.Conflict, "account.main_account")
	ErrBeyond        = errs.New(errs.Forbidden, "account.beyond_own_rights")
	ErrLastAdmin     = errs.New(errs.Conflict, "account.last_administrator")
)

// FieldCodes are the codes of single inputs; httpapi has a text for each.
var FieldCodes = []string{
	CodeUsername, CodeUsernameTaken, CodePhone, CodePhoneTaken, CodeEmail, CodePasswordLength, CodePasswordCharacter,
	CodePasswordClasses, CodePasswordUsername, CodePasswordPhone, CodePasswordEmail, CodePasswordCommon,
	CodePasswordCurrent, CodePasswordHistory, CodePasswordConfirm, CodePasswordWrong, CodePasswordOfOther, CodeConsent,
	CodePasswordAgain, CodeFactorWrong, CodeFactorUsed, CodeCaptcha,
}

// Signed is a new session, or a sign-in that waits for the second factor. A token
// goes into its cookie and nowhere else.
type Signed struct {
	Token     string
	StepToken string // instead of Token: the second factor is missing
	Enrol     bool   // and must be set up first
	User      User
}

// From is where a request comes from.
type From struct{ IP, Agent, RequestID string }

// actor is a user as the trail remembers him when no session exists yet.
func actor(u User, from From) Principal {
	return Principal{UserID: u.ID, OrgID: u.OrgID, Role: u.Role, Username: u.Username, IP: from.IP, RequestID: from.RequestID}
}

func only(users []User, userID id.ID) (User, bool) {
	for _, u := range users {
		if u.ID == userID {
			return u, true
		}
	}
	return User{}, false
}
