package survey

import (
	"context"
	"crypto/rand"
	"reflect"
	"strings"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/kit/seal"
)

// Service is the use cases of this module.
type Service struct {
	db    *db.DB
	box   *seal.Box
	files *file.Service
}

// New joins the database, the box that answers are sealed in, and the uploads.
func New(d *db.DB, box *seal.Box, files *file.Service) *Service { return &Service{d, box, files} }

// Create makes a draft with an address that nobody can guess.
func (s *Service) Create(ctx context.Context, who account.Principal, m Form) (v Survey, err error) {
	if err := m.clean(); err != nil {
		return v, err
	}
	token := strings.ToLower(rand.Text())[:20] // 100 bits
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := clock.At(tx.Now())
		v = Survey{
			ID: id.New(), Token: token, Title: m.Title, Intro: m.Intro, Questions: m.Questions, ClosesAt: m.ClosesAt,
			State: Draft, CreatedBy: who.UserID, CreatedAt: now, UpdatedAt: now, Version: 1,
		}
		if _, err := tx.Insert(&v).Exec(ctx); err != nil {
			return err
		}
		return trail(ctx, tx, who, "survey.create", v.ID, map[string]any{"title": v.Title})
	})
	return v, err
}

// Edit changes a survey. Once there are answers the questions stay as they are,
// because answers refer to them.
func (s *Service) Edit(ctx context.Context, who account.Principal, i id.ID, version int64, m Form) (v Survey, err error) {
	if err := m.clean(); err != nil {
		return v, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if v, err = find(ctx, tx, i); err != nil {
			return err
		}
		if v.Count > 0 && !reflect.DeepEqual(v.Questions, m.Questions) {
			return ErrFrozen
		}
		count := v.Count
		v.Title, v.Intro, v.Questions, v.ClosesAt = m.Title, m.Intro, m.Questions, m.ClosesAt
		v.UpdatedAt, v.Version = clock.At(tx.Now()), version+1
		res, err := tx.Update(&v).WherePK().Where("version = ?", version).Exec(ctx)
		if err != nil {
			return err
		}
		if hit, err := res.RowsAffected(); err != nil || hit == 0 {
			if err == nil {
				err = errs.ErrStale
			}
			return err
		}
		v.Count = count
		return trail(ctx, tx, who, "survey.edit", i, nil)
	})
	return v, err
}

// Publish opens a survey for answers; Close ends it. Both work more than once.
func (s *Service) Publish(ctx context.Context, who account.Principal, i id.ID) (Survey, error) {
	return s.move(ctx, who, i, Published, "state <> 'open'")
}

// Close stops taking answers; the address then says so.
func (s *Service) Close(ctx context.Context, who account.Principal, i id.ID) (Survey, error) {
	return s.move(ctx, who, i, Closed, "state = 'open'")
}

func (s *Service) move(ctx context.Context, who account.Principal, i id.ID, to State, guard string) (v Survey, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := clock.At(tx.Now())
		ok, err := tx.ExecOne(ctx, `
			UPDATE surveys SET state = ?, published_at = CASE WHEN published_at = 0 AND ? = 'open' THEN ? ELSE published_at END,
				closes_at = CASE WHEN ? = 'open' AND closes_at <= ? THEN 0 ELSE closes_at END, updated_at = ?, version = version + 1
			WHERE id = ? AND `+guard, to, string(to), now, string(to), now, now, i)
		if err != nil {
			return err
		}
		if v, err = find(ctx, tx, i); err == nil && !ok {
			err = errs.ErrInvalidState.In(string(v.State))
		}
		if err != nil {
			return err
		}
		return trail(ctx, tx, who, "survey."+string(to), i, nil)
	})
	return v, err
}

// Drop deletes a survey that has no answers.
func (s *Service) Drop(ctx context.Context, who account.Principal, i id.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		v, err := find(ctx, tx, i)
		if err != nil {
			return err
		}
		if v.Count > 0 {
			return ErrFrozen
		}
		if v.State == Published {
			return errs.ErrInvalidState.In(string(v.State))
		}
		if _, err := tx.Exec(ctx, `DELETE FROM surveys WHERE id = ?`, i); err != nil {
			return err
		}
		return trail(ctx, tx, who, "survey.delete", i, map[string]any{"title": v.Title})
	})
}

// All lists surveys for the editor; state "" means every state.
func (s *Service) All(ctx context.Context, state State, p page.Query) (page.Of[Survey], error) {
	var rows []Survey
	q := s.db.Select(&rows).ExcludeColumn("questions").Order("created_at DESC", "id DESC")
	if state != "" {
		q = q.Where("state = ?", state)
	}
	total, err := page.Scan(ctx, q, p, &rows)
	if err != nil {
		return page.Of[Survey]{}, err
	}
	for i := range rows {
		if rows[i].Count, err = countAnswers(ctx, s.db, rows[i].ID); err != nil {
			return page.Of[Survey]{}, err
		}
	}
	return page.Map(rows, total, func(v Survey) Survey { return v }), nil
}

// Find is one survey for the editor.
func (s *Service) Find(ctx context.Context, i id.ID) (Survey, error) { return find(ctx, s.db, i) }

// Public is a published or closed survey by its address.
func (s *Service) Public(ctx context.Context, token string) (Survey, error) {
	return public(ctx, s.db, token)
}

// Brief is the survey that a notice carries; false when it is not out.
func (s *Service) Brief(ctx context.Context, i id.ID) (Survey, bool, error) {
	if i == 0 {
		return Survey{}, false, nil
	}
	v, err := find(ctx, s.db, i)
	if errs.Of(err).Kind == errs.NotFound {
		return Survey{}, false, nil
	}
	return v, err == nil && v.State != Draft, err
}

// AnsweredBy tells whether a company has answered.
func (s *Service) AnsweredBy(ctx context.Context, surveyID, orgID id.ID) (bool, error) {
	if orgID == 0 {
		return false, nil
	}
	var n int64
	err := s.db.Raw(`SELECT count(*) FROM survey_answers WHERE survey_id = ? AND org_id = ?`, surveyID, orgID).Scan(ctx, &n)
	return n > 0, err
}

func find(ctx context.Context, r db.Reader, i id.ID) (v Survey, err error) {
	err = r.Select(&v).Where("id = ?", i).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	if err == nil {
		v.Count, err = countAnswers(ctx, r, i)
	}
	return v, err
}

func public(ctx context.Context, r db.Reader, token string) (v Survey, err error) {
	err = r.Select(&v).Where("token = ? AND state <> ?", token, Draft).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return v, err
}

func countAnswers(ctx context.Context, r db.Reader, i id.ID) (n int64, err error) {
	err = r.Raw(`SELECT count(*) FROM survey_answers WHERE survey_id = ?`, i).Scan(ctx, &n)
	return n, err
}

func trail(ctx context.Context, tx *db.Tx, who account.Principal, action string, object id.ID, detail map[string]any) error {
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{Action: action, ObjectKind: "survey", ObjectID: object, Detail: detail})
}
