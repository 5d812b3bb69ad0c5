package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// CaptchaKind is how a challenge is put.
type CaptchaKind string

// A picture of digits, or a sum in words for those who cannot see it.
const (
	CaptchaPicture  CaptchaKind = "picture"
	CaptchaQuestion CaptchaKind = "question"
)

// Challenge is a captcha to be solved: a PNG picture or a question.
type Challenge struct {
	ID       id.ID
	Picture  []byte
	Question string
}

// Captcha is the answer to a challenge, sent along with what it guards. The zero
// Captcha answers none.
type Captcha struct {
	ID     id.ID
	Answer string
}

const (
	captchaLife   = 5 * time.Minute
	captchaDigits = 5
)

// CodeCaptcha is the field refusal of a wrong answer.
const CodeCaptcha = "account.captcha_wrong"

type captchaRow struct {
	bun.BaseModel `bun:"table:captchas"`

	ID         id.ID `bun:",pk"`
	AnswerHash string
	ExpiresAt  clock.Instant
}

// NewCaptcha makes a challenge. Pages ask for one when an operation was refused
// with account.captcha_required.
func (s *Service) NewCaptcha(ctx context.Context, kind CaptchaKind, from From) (Challenge, error) {
	c := Challenge{ID: id.New()}
	var answer string
	if kind == CaptchaQuestion {
		c.Question, answer = newQuestion()
	} else {
		answer = fmt.Sprintf("%0*d", captchaDigits, number(100_000))
		var err error
		if c.Picture, err = drawDigits(answer); err != nil {
			return Challenge{}, err
		}
	}
	var refusal error
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		refusal = nil
		if _, ok, err := captchasOfAddress.take(ctx, tx, from.address()); err != nil || !ok {
			refusal = errs.ErrRateLimited.After(captchasOfAddress.rest(tx.Now()))
			return err
		}
		_, err := tx.Insert(&captchaRow{
			ID: c.ID, AnswerHash: s.captchaHash(c.ID, answer), ExpiresAt: clock.At(tx.Now()).Add(captchaLife),
		}).Exec(ctx)
		return err
	})
	if err == nil {
		err = refusal
	}
	return c, err
}

func (s *Service) captchaHash(row id.ID, answer string) string {
	return s.box.Index("captcha."+row.String(), answer)
}

// SolveCaptcha answers a challenge that guards something of another module. Right or
// wrong, the challenge is gone.
func (s *Service) SolveCaptcha(ctx context.Context, c Captcha) error {
	var refusal error
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		refusal = s.useCaptcha(ctx, tx, c)
		return fault(refusal)
	})
	if err == nil {
		err = refusal
	}
	return err
}

// useCaptcha takes the challenge away, right or wrong, and refuses a wrong answer.
// The caller commits although it is refused, so that nobody tries twice.
func (s *Service) useCaptcha(ctx context.Context, tx *db.Tx, c Captcha) error {
	if c.ID == 0 {
		return ErrCaptcha
	}
	var row captchaRow
	err := tx.Select(&row).Where("id = ? AND expires_at > ?", c.ID, clock.At(tx.Now())).Scan(ctx)
	if err != nil && !db.IsNotFound(err) {
		return err
	}
	taken, err := tx.ExecOne(ctx, `DELETE FROM captchas WHERE id = ?`, c.ID)
	if err != nil {
		return err
	}
	want, got := []byte(row.AnswerHash), []byte(s.captchaHash(c.ID, strings.TrimSpace(half(c.Answer))))
	if !taken || row.ID == 0 || subtle.ConstantTimeCompare(want, got) != 1 {
		var refused errs.Fields
		refused.Add("/captcha", CodeCaptcha)
		return refused.Err()
	}
	return nil
}

// newQuestion is a sum in Chinese words, which a screen reader reads aloud.
func newQuestion() (question, answer string) {
	a, b := 11+number(80), 1+number(9)
	if number(2) == 0 {
		return fmt.Sprintf("%s加%s等于多少？", inWords(a), inWords(b)), fmt.Sprint(a + b)
	}
	return fmt.Sprintf("%s减%s等于多少？", inWords(a), inWords(b)), fmt.Sprint(a - b)
}

// inWords writes a number below 100: 23 is 二十三.
func inWords(n int) string {
	words := []rune("零一二三四五六七八九")
	switch tens, ones := n/10, n%10; {
	case tens == 0:
		return string(words[ones])
	case tens == 1 && ones == 0:
		return "十"
	case tens == 1:
		return "十" + string(words[ones])
	case ones == 0:
		return string(words[tens]) + "十"
	default:
		return string(words[tens]) + "十" + string(words[ones])
	}
}

// number is a random number below n that nobody can predict.
func number(n int64) int {
	r, err := rand.Int(rand.Reader, big.NewInt(n))
	if err != nil {
		panic(err) // never fails since Go 1.24
	}
	return int(r.Int64())
}
