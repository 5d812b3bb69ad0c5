package account

import (
	"context"
	"crypto/subtle"
	"fmt"
	"math"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
	"smedx/internal/setting"
)

// Purpose is what a one-time code opens; a code opens nothing else.
type Purpose string

// The purposes.
const (
	PurposeLogin    Purpose = "login"
	PurposeReset    Purpose = "reset"
	PurposeRegister Purpose = "register"

	PurposeAcceptance Purpose = "acceptance" // of a signed-in buyer; never sent by a phone that somebody types
)

// templates are the texts that carry the codes.
var templates = map[Purpose]string{PurposeLogin: "otp_login", PurposeReset: "otp_reset", PurposeRegister: "otp_register", PurposeAcceptance: "otp_acceptance"}

const (
	codeLife     = 5 * time.Minute
	codeTries    = 5
	codeSpacing  = 60 * time.Second
	codesOfPhone = 10        // a day and purpose
	codesInAll   = 15        // a day, to one phone
	codesOfIP    = 300       // a day; an office shares an address
	doubtOfIP    = 30        // a day; from here on a captcha is asked for
	freshCode    = time.Hour // a second code within this time takes a captcha
)

// CodeSpacing is how long a page counts down before it offers another code.
const CodeSpacing = codeSpacing

type codeRow struct {
	bun.BaseModel `bun:"table:one_time_codes"`

	ID         id.ID `bun:",pk"`
	PhoneIndex string
	Purpose    Purpose
	CodeHash   string
	CreatedAt  clock.Instant
	ExpiresAt  clock.Instant
	Tries      int64
	UsedAt     clock.Instant
	IP         string `bun:"ip"`
}

// SendCode sends a code to a phone. The answer is the same, and takes as long,
// whether the phone belongs to an account or not; without one no message goes out.
func (s *Service) SendCode(ctx context.Context, phone string, purpose Purpose, captcha Captcha, from From) error {
	phone = NormalPhone(phone)
	var refused errs.Fields
	checkPhone(phone, &refused)
	if err := refused.Err(); err != nil {
		return err
	}
	if !s.notify.On(notify.SMS) {
		return ErrNoSMS
	}
	if err := s.claimSend(ctx, phone, purpose, captcha, from); err != nil {
		return err
	}
	wanted, err := s.wantsCode(ctx, phone, purpose)
	if err != nil {
		return err
	}
	return s.sendCode(ctx, phone, purpose, wanted, from)
}

func (s *Service) sendCode(ctx context.Context, phone string, purpose Purpose, wanted bool, from From) error {
	code := newCode()
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := clock.At(tx.Now())
		r := codeRow{
			ID: id.New(), PhoneIndex: s.box.Index(indexPhone, phone), Purpose: purpose, CreatedAt: now,
			ExpiresAt: now.Add(codeLife), IP: from.IP,
		}
		r.CodeHash = s.codeHash(r.ID, code)
		if err := endCodes(ctx, tx, r.PhoneIndex, purpose); err != nil { // a new code ends the older ones
			return err
		}
		if _, err := tx.Insert(&r).Exec(ctx); err != nil || !wanted {
			return err
		}
		if err := s.count(ctx, tx, allCodes, 0, math.MaxInt64); err != nil {
			return err
		}
		return s.notify.SMS(ctx, tx, phone, templates[purpose], map[string]string{"code": code, "minutes": "5"})
	})
}

// wantsCode tells whether a phone is to get a code: at registration any phone,
// else one that leads to an account.
func (s *Service) wantsCode(ctx context.Context, phone string, purpose Purpose) (bool, error) {
	if purpose == PurposeRegister {
		asked, err := s.CodeAtRegistration(ctx)
		if err == nil && !asked {
			err = ErrNoNeed
		}
		return asked, err
	}
	users, err := s.byPhone(ctx, phone, purpose == PurposeLogin)
	return len(users) > 0, err
}

// endCodes makes the open codes of a phone useless.
func endCodes(ctx context.Context, tx *db.Tx, phoneIndex string, purpose Purpose) error {
	_, err := tx.Exec(ctx, `UPDATE one_time_codes SET used_at = ? WHERE phone_index = ? AND purpose = ? AND used_at = 0`,
		clock.At(tx.Now()), phoneIndex, purpose)
	return err
}

func newCode() string { return fmt.Sprintf("%06d", number(1_000_000)) }

// codeHash is keyed and bound to its row: a copy of the table cannot be searched
// through a million codes.
func (s *Service) codeHash(row id.ID, code string) string {
	return s.box.Index("otp."+row.String(), code)
}

// allCodes is the counter of every code that was really sent: each costs money.
const allCodes = "all"

// claimSend takes the right to send before anything is sent, in a transaction of
// its own, so that two requests at once cannot both send and a refusal later does
// not give the right back.
func (s *Service) claimSend(ctx context.Context, phone string, purpose Purpose, captcha Captcha, from From) error {
	var refusal error
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		refusal = s.claimSendIn(ctx, tx, phone, purpose, captcha, from)
		return fault(refusal)
	})
	if err == nil {
		err = refusal
	}
	return err
}

func (s *Service) claimSendIn(ctx context.Context, tx *db.Tx, phone string, purpose Purpose, captcha Captcha, from From) error {
	index := s.box.Index(indexPhone, phone)
	ofPurpose, ofPhone, ofIP := "phone:"+string(purpose)+":"+index, "phone:"+index, "ip:"+from.address()
	if err := s.refuseSpent(ctx, tx); err != nil {
		return err
	}
	last, err := counterOf(ctx, tx, ofPurpose)
	if err != nil {
		return err
	}
	if err := last.refuses(tx, codeSpacing, codesOfPhone); err != nil {
		return err
	}
	if err := s.askCaptchaToSend(ctx, tx, last, ofIP, captcha, from); err != nil {
		return err
	}
	if from.IP != "" { // first, so that an address that is stopped does not spend what a phone has left
		if err := s.count(ctx, tx, ofIP, 0, codesOfIP); err != nil {
			return err
		}
	}
	if err := s.count(ctx, tx, ofPhone, 0, codesInAll); err != nil {
		return err
	}
	return s.count(ctx, tx, ofPurpose, codeSpacing, codesOfPhone)
}

// refuseSpent ends sending for the day when the platform has sent what it may.
func (s *Service) refuseSpent(ctx context.Context, tx *db.Tx) error {
	most, err := s.settings.Number(ctx, tx, setting.CodesADay)
	if err != nil {
		return err
	}
	all, err := counterOf(ctx, tx, allCodes)
	if err == nil && all.today(tx) >= most {
		err = ErrCodesSpent.After(3600)
	}
	return err
}

// askCaptchaToSend wants a captcha from the second code on, and from an address
// that asks for many codes or has failed often.
func (s *Service) askCaptchaToSend(ctx context.Context, tx *db.Tx, last counter, ofIP string, captcha Captcha, from From) error {
	asked, err := counterOf(ctx, tx, ofIP)
	if err != nil {
		return err
	}
	wrong, err := wrongOfAddress.count(ctx, tx, from.address())
	if err != nil {
		return err
	}
	again := last.Sent > 0 && last.LastAt.Add(freshCode) > clock.At(tx.Now())
	if !again && asked.today(tx) < doubtOfIP && wrong < wrongOfAddress.doubt {
		return nil
	}
	return s.useCaptcha(ctx, tx, captcha)
}

// fault lets a refusal commit what was counted and a fault undo it.
func fault(err error) error {
	if err == nil || errs.Of(err).Kind != errs.Internal {
		return nil
	}
	return err
}

// count adds one to a counter of the day unless it is too soon or too many.
func (s *Service) count(ctx context.Context, tx *db.Tx, key string, spacing time.Duration, limit int64) error {
	now := clock.At(tx.Now())
	notAfter := now.Add(-spacing)
	if spacing == 0 { // the clock of another process may be a little ahead
		notAfter = math.MaxInt64
	}
	ok, err := tx.ExecOne(ctx, `
		INSERT INTO code_counters (key, day, sent, last_at) VALUES (?, ?, 1, ?)
		ON CONFLICT (key) DO UPDATE SET
			sent = CASE WHEN code_counters.day = excluded.day THEN code_counters.sent + 1 ELSE 1 END,
			day = excluded.day, last_at = excluded.last_at
		WHERE code_counters.last_at <= ? AND (code_counters.day <> excluded.day OR code_counters.sent < ?)`,
		key, dayOf(tx), now, notAfter, limit)
	if err != nil || ok {
		return err
	}
	c, err := counterOf(ctx, tx, key)
	if err == nil {
		err = c.refuses(tx, spacing, limit)
	}
	return err
}

// counter is what was sent to a phone, or asked from an address.
type counter struct {
	Day    string
	Sent   int64
	LastAt clock.Instant
}

// counterOf reads a counter; the zero counter when nothing was sent.
func counterOf(ctx context.Context, tx *db.Tx, key string) (c counter, err error) {
	err = tx.Raw(`SELECT day, sent, last_at FROM code_counters WHERE key = ?`, key).Scan(ctx, &c)
	if db.IsNotFound(err) {
		err = nil
	}
	return c, err
}

func dayOf(tx *db.Tx) string { return tx.Now().In(clock.Shanghai).Format(time.DateOnly) }

// today is how many it counts today.
func (c counter) today(tx *db.Tx) int64 {
	if c.Day != dayOf(tx) {
		return 0
	}
	return c.Sent
}

// refuses tells why one more is too soon or too many; nil when it is neither.
func (c counter) refuses(tx *db.Tx, spacing time.Duration, limit int64) error {
	if c.today(tx) >= limit {
		return ErrCodeCap.After(3600)
	}
	if wait := int64(c.LastAt.Add(spacing)-clock.At(tx.Now())+999) / 1000; wait > 0 && spacing > 0 {
		return ErrCodeSoon.With("seconds", wait).After(int(wait))
	}
	return nil
}

// tryCode spends one of a code's tries and compares. It does not use the code up.
func (s *Service) tryCode(ctx context.Context, phone string, purpose Purpose, code string, from From) (codeRow, error) {
	var r codeRow
	var refusal error
	index := s.box.Index(indexPhone, phone)
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := clock.At(tx.Now())
		r, refusal = codeRow{}, s.takeOfAddress(ctx, tx, from)
		if refusal != nil {
			return fault(refusal)
		}
		err := tx.Select(&r).Where("phone_index = ? AND purpose = ? AND used_at = 0 AND expires_at > ?", index, purpose, now).
			Order("created_at DESC", "id DESC").Limit(1).Scan(ctx)
		if db.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		counted, err := tx.ExecOne(ctx, `UPDATE one_time_codes SET tries = tries + 1 WHERE id = ? AND used_at = 0 AND tries < ?`, r.ID, codeTries)
		if !counted {
			r = codeRow{}
		}
		return err
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return codeRow{}, err
	}
	if r.ID == 0 || subtle.ConstantTimeCompare([]byte(r.CodeHash), []byte(s.codeHash(r.ID, code))) != 1 {
		return codeRow{}, wrongCode()
	}
	return r, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return wrongOfAddress.giveBack(ctx, tx, from.address())
	})
}

func wrongCode() error {
	var refused errs.Fields
	refused.Add("/code", ErrCode.Code)
	return refused.Err()
}

// useCode ends a code within the transaction of what it opens; the loser of two
// requests with one code is refused.
func useCode(ctx context.Context, tx *db.Tx, r codeRow) error {
	ok, err := tx.ExecOne(ctx, `UPDATE one_time_codes SET used_at = ? WHERE id = ? AND used_at = 0`, tx.Now().UnixMilli(), r.ID)
	if err == nil && !ok {
		err = wrongCode()
	}
	return err
}
