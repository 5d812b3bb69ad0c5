package survey

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// perAddress bounds what one address may answer without signing in, in an hour.
const perAddress = 20

type answerRow struct {
	bun.BaseModel `bun:"table:survey_answers"`

	ID        id.ID `bun:",pk"`
	SurveyID  id.ID
	OrgID     id.ID
	UserID    id.ID
	Label     string
	Sealed    string
	IPIndex   string `bun:"ip_index"`
	SubmitKey string
	At        clock.Instant
}

// Submit stores a filled questionnaire. key is made by the page and names this
// attempt: asked again, it answers as before. A company answers once.
func (s *Service) Submit(ctx context.Context, who account.Principal, token, key string, in Answers) (id.ID, error) {
	v, err := public(ctx, s.db, token)
	if err != nil {
		return 0, err
	}
	values, err := checkAnswers(v.Questions, in, s.db.Now())
	if err != nil {
		return 0, err
	}
	plain, err := json.Marshal(values)
	if err != nil {
		return 0, err
	}
	r := answerRow{
		ID: id.New(), SurveyID: v.ID, OrgID: who.OrgID, UserID: who.UserID, Label: labelOf(v.Questions, values),
		Sealed: s.box.Seal(string(plain)), IPIndex: s.box.Index("survey.ip", who.IP), SubmitKey: key,
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if v, err = public(ctx, tx, token); err != nil {
			return err
		}
		r.At = clock.At(tx.Now())
		if err := v.Open(r.At); err != nil {
			return err
		}
		if err := s.calm(ctx, tx, r); err != nil {
			return err
		}
		fresh, err := tx.InsertNew(ctx, &r)
		if err != nil {
			return err
		}
		if !fresh {
			return again(ctx, tx, &r)
		}
		return s.keepFiles(ctx, tx, who, v.Questions, values)
	})
	return r.ID, err
}

// again tells a repeated request from a second answer of the company.
func again(ctx context.Context, tx *db.Tx, r *answerRow) error {
	var first answerRow
	err := tx.Select(&first).Where("survey_id = ? AND submit_key = ?", r.SurveyID, r.SubmitKey).Scan(ctx)
	if db.IsNotFound(err) || err == nil && first.OrgID != r.OrgID {
		return ErrAnswered
	}
	r.ID = first.ID
	return err
}

// calm refuses a visitor's address that answers too often.
func (s *Service) calm(ctx context.Context, tx *db.Tx, r answerRow) error {
	if r.UserID != 0 || r.IPIndex == "" {
		return nil
	}
	var n int64
	err := tx.Raw(`SELECT count(*) FROM survey_answers WHERE survey_id = ? AND ip_index = ? AND at > ? AND submit_key <> ?`,
		r.SurveyID, r.IPIndex, r.At.Add(-time.Hour), r.SubmitKey).Scan(ctx, &n)
	if err == nil && n >= perAddress {
		err = errs.ErrRateLimited.After(3600)
	}
	return err
}

// keepFiles takes the uploads that the answer names and lets operators read them.
func (s *Service) keepFiles(ctx context.Context, tx *db.Tx, who account.Principal, qs []Question, values map[string]any) error {
	for _, q := range qs {
		u, ok := values[q.Key].(Upload)
		if !ok {
			continue
		}
		if _, err := s.files.Claim(ctx, tx, who.OrgID, file.SurveyFile, u.ID); err != nil {
			if errs.Of(err).Kind == errs.NotFound {
				err = ErrFile
			}
			return err
		}
		if err := s.files.Grant(ctx, tx, u.ID, file.ToRight(string(account.SurveyManage))); err != nil {
			return err
		}
	}
	return nil
}

// labelOf is what lists call an answer: the first line of text in it.
func labelOf(qs []Question, values map[string]any) string {
	for _, q := range qs {
		if s, ok := values[q.Key].(string); ok && q.Type == Text {
			return s
		}
	}
	return "匿名"
}

// AnswersOf lists answers, newest first, without their values. text narrows by label.
func (s *Service) AnswersOf(ctx context.Context, surveyID id.ID, text string, p page.Query) (page.Of[Answer], error) {
	var rows []answerRow
	q := s.db.Select(&rows).ExcludeColumn("sealed").Where("survey_id = ?", surveyID).Order("at DESC", "id DESC")
	if text != "" {
		q = q.Where("label LIKE ? ESCAPE '!'", db.Contains(text))
	}
	total, err := page.Scan(ctx, q, p, &rows)
	return page.Map(rows, total, func(r answerRow) Answer {
		return Answer{ID: r.ID, SurveyID: r.SurveyID, OrgID: r.OrgID, Label: r.Label, At: r.At}
	}), err
}

// Answer opens one answer; that it was read is put on the trail, because it
// holds contact data.
func (s *Service) Answer(ctx context.Context, who account.Principal, surveyID, answerID id.ID) (a Answer, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		var r answerRow
		err := tx.Select(&r).Where("id = ? AND survey_id = ?", answerID, surveyID).Scan(ctx)
		if db.IsNotFound(err) {
			return errs.ErrNotFound
		}
		if err != nil {
			return err
		}
		if a, err = s.unseal(r); err != nil {
			return err
		}
		return trail(ctx, tx, who, "survey.answer_read", answerID, map[string]any{"survey": surveyID})
	})
	return a, err
}

func (s *Service) unseal(r answerRow) (Answer, error) {
	a := Answer{ID: r.ID, SurveyID: r.SurveyID, OrgID: r.OrgID, Label: r.Label, At: r.At}
	plain, err := s.box.Open(r.Sealed)
	if err != nil {
		return a, fmt.Errorf("answer %v: %w", r.ID, err)
	}
	return a, json.Unmarshal([]byte(plain), &a.Values)
}

// each opens every answer of a survey, oldest first, in portions.
func (s *Service) each(ctx context.Context, surveyID id.ID, fn func(Answer) error) error {
	var last answerRow
	for {
		var rows []answerRow
		err := s.db.Select(&rows).Where("survey_id = ? AND (at > ? OR at = ? AND id > ?)", surveyID, last.At, last.At, last.ID).
			Order("at", "id").Limit(500).Scan(ctx)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			a, err := s.unseal(r)
			if err != nil {
				return err
			}
			if err := fn(a); err != nil {
				return err
			}
		}
		last = rows[len(rows)-1]
	}
}
