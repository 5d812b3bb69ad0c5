package org

import (
	"context"

	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/notify"
)

// link is where a company reads of its verification.
const link = "/workbench/org"

// tellCompany tells everybody of a company what has become of its verification
// outside of a review.
func (s *Service) tellCompany(ctx context.Context, tx *db.Tx, o Organization, result, body string) error {
	users, err := s.accounts.UsersOf(ctx, tx, o.ID)
	if err != nil || len(users) == 0 {
		return err
	}
	return s.notify.Tell(ctx, tx, notify.Message{
		Event: "company_disciplined", UserIDs: users, Title: "企业认证" + result, Body: body, Link: link,
	})
}

// sendOut sends an SMS with the result of a review to whoever handed the version
// in; the review itself leaves the message and sends the mail.
func (s *Service) sendOut(ctx context.Context, tx *db.Tx, v Version, subject, result string) error {
	u, err := s.accounts.Find(ctx, tx, v.SubmittedBy)
	if err != nil || !u.PhoneProven || !s.notify.On(notify.SMS) {
		return skipMissing(err)
	}
	return s.notify.SMS(ctx, tx, u.Phone, "verification_result", map[string]string{"company": v.Name, "subject": subject, "result": result})
}

func skipMissing(err error) error {
	if errs.Of(err).Kind == errs.NotFound {
		return nil
	}
	return err
}
