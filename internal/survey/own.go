package survey

import (
	"context"
	"encoding/json"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// AnswersBy opens the answers that a user gave while signed in, newest first.
func (s *Service) AnswersBy(ctx context.Context, r db.Reader, userID id.ID) ([]Answer, error) {
	var rows []answerRow
	if err := r.Select(&rows).Where("user_id = ? AND user_id > 0", userID).Order("at DESC", "id DESC").Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Answer, 0, len(rows))
	for _, row := range rows {
		a, err := s.unseal(row)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// Forget takes a user off the answers he gave, with the contact data in them.
// What was answered otherwise stays counted.
func (s *Service) Forget(ctx context.Context, tx *db.Tx, userID id.ID) error {
	answers, err := s.AnswersBy(ctx, tx, userID)
	if err != nil {
		return err
	}
	for _, a := range answers {
		v, err := find(ctx, tx, a.SurveyID)
		if err != nil {
			return err
		}
		for _, q := range v.Questions {
			if q.Type == Phone || q.Prefill == PrefillContact || q.Prefill == PrefillPhone {
				delete(a.Values, q.Key)
			}
		}
		plain, err := json.Marshal(a.Values)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE survey_answers SET user_id = 0, ip_index = '', label = ?, sealed = ? WHERE id = ?`,
			labelOf(v.Questions, a.Values), s.box.Seal(string(plain)), a.ID)
		if err != nil {
			return err
		}
	}
	return nil
}
