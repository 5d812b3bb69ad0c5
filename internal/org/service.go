package org

import (
	"context"
	"encoding/json"
	"time"

	"smedx/internal/account"
	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/memo"
	"smedx/internal/kit/seal"
	"smedx/internal/notify"
	"smedx/internal/org/edition"
	"smedx/internal/org/form"
	"smedx/internal/review"
)

// Service is how companies are registered, described and verified.
type Service struct {
	db       *db.DB
	box      *seal.Box
	accounts *account.Service
	reviews  *review.Service
	files    *file.Service
	notify   *notify.Service
	forms    *edition.Book
	changed  Changed
	valid    time.Duration         // of a verification; 0: for ever
	known    memo.Of[id.ID, Facts] // of versions: in a rush each claim asks for those of its company
}

// mostKnown facts take some 30 MB.
const mostKnown = 50_000

// Forms are the versions of the company forms.
func (s *Service) Forms() *edition.Book { return s.forms }

// Changed is told in the transaction when a company's name or standing has
// changed, so that what others keep of it follows.
type Changed func(ctx context.Context, tx *db.Tx, orgID id.ID) error

// OnChange connects whoever keeps something of companies; the wiring calls it.
func (s *Service) OnChange(f Changed) { s.changed = f }

func (s *Service) tellChanged(ctx context.Context, tx *db.Tx, orgID id.ID) error {
	if s.changed == nil {
		return nil
	}
	return s.changed(ctx, tx, orgID)
}

// New is called by the wiring, which also hands the service to review as the
// subject of both kinds of verification.
func New(d *db.DB, box *seal.Box, accounts *account.Service, reviews *review.Service, files *file.Service, n *notify.Service) *Service {
	s := &Service{db: d, box: box, accounts: accounts, reviews: reviews, files: files, notify: n, forms: edition.New(d)}
	s.known.Most = mostKnown
	reviews.Handle(review.KindEnterprise, s)
	reviews.Handle(review.KindProvider, s)
	return s
}

var _ review.Subject = (*Service)(nil)

// today is the calendar date in China.
func today(t time.Time) time.Time { return t.In(clock.Shanghai) }

// packed are answers as they are stored: what may lie open, and the rest sealed.
type packed struct {
	values        map[string]any
	plain, sealed string
}

// pack is called before the transaction: others wait for that.
func (s *Service) pack(d *form.Definition, values map[string]any) (packed, error) {
	p, secret := d.Split(values)
	a, err := json.Marshal(p)
	if err != nil {
		return packed{}, err
	}
	b, err := json.Marshal(secret)
	return packed{values, string(a), s.box.Seal(string(b))}, err
}

func (s *Service) unpack(plain, sealed string) (map[string]any, error) {
	values := map[string]any{}
	if plain != "" {
		if err := json.Unmarshal([]byte(plain), &values); err != nil {
			return nil, err
		}
	}
	opened, err := s.box.Open(sealed)
	if err != nil || opened == "" {
		return values, err
	}
	secret := map[string]any{}
	if err := json.Unmarshal([]byte(opened), &secret); err != nil {
		return nil, err
	}
	for k, v := range secret {
		values[k] = v
	}
	return values, nil
}

func text(values map[string]any, key string) string {
	v, _ := values[key].(string)
	return v
}

// Answers are a frozen profile with the form that it answers.
type Answers struct {
	Version Version
	Form    *form.Definition
	Values  map[string]any
}

func (s *Service) answers(ctx context.Context, r db.Reader, v Version) (Answers, error) {
	d, err := s.forms.Named(ctx, r, v.Form, int(v.Year))
	if err != nil {
		return Answers{}, err
	}
	values, err := s.unpack(v.Answers, v.Sealed)
	return Answers{Version: v, Form: d, Values: values}, err
}

// InForce answers the certified profile of a company; not_found before the first approval.
func (s *Service) InForce(ctx context.Context, r db.Reader, orgID id.ID) (Answers, error) {
	o, err := s.find(ctx, r, orgID)
	if err != nil {
		return Answers{}, err
	}
	v, err := s.version(ctx, r, o.CurrentVersion)
	if err != nil {
		return Answers{}, err
	}
	return s.answers(ctx, r, v)
}
