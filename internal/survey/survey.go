package survey

import (
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// State of a survey.
type State string

// The states. A closed survey can be opened again.
const (
	Draft     State = "draft"  // 草稿
	Published State = "open"   // 收集中
	Closed    State = "closed" // 已结束
)

// Refusals of this module.
var (
	ErrClosed   = errs.New(errs.Gone, "survey.closed")
	ErrAnswered = errs.New(errs.Conflict, "survey.answered")
	ErrFrozen   = errs.New(errs.Conflict, "survey.has_answers")
	ErrFile     = errs.New(errs.Invalid, "survey.unknown_file")
)

// Survey is one questionnaire with its address.
type Survey struct {
	bun.BaseModel `bun:"table:surveys"`

	ID          id.ID  `bun:",pk"`
	Token       string // unguessable part of the address /s/{token}
	Title       string
	Intro       string
	Questions   []Question
	State       State
	ClosesAt    clock.Instant // exclusive; 0: no end
	PublishedAt clock.Instant
	CreatedBy   id.ID
	CreatedAt   clock.Instant
	UpdatedAt   clock.Instant
	Version     int64

	Count int64 `bun:"-"` // answers so far; only in lists and Find
}

// Form is what an editor enters.
type Form struct {
	Title     string
	Intro     string
	Questions []Question
	ClosesAt  clock.Instant
}

func (m *Form) clean() error {
	var f errs.Fields
	m.Title, m.Intro = strings.TrimSpace(m.Title), strings.TrimSpace(m.Intro)
	switch n := utf8.RuneCountInString(m.Title); {
	case n == 0:
		f.Add("/title", "field.required")
	case n > 100:
		f.Add("/title", "field.too_long", "max", 100)
	}
	if utf8.RuneCountInString(m.Intro) > 1000 {
		f.Add("/intro", "field.too_long", "max", 1000)
	}
	checkQuestions(m.Questions, &f)
	return f.Err()
}

// Open answers whether answers are taken.
func (s Survey) Open(now clock.Instant) error {
	if s.State != Published || s.ClosesAt != 0 && now >= s.ClosesAt {
		return ErrClosed
	}
	return nil
}

// Answer is one filled questionnaire.
type Answer struct {
	ID       id.ID
	SurveyID id.ID
	OrgID    id.ID // 0: nobody was signed in
	Label    string
	Values   map[string]any
	At       clock.Instant
}
