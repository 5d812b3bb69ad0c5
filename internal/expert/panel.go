package expert

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"strings"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/review"
)

var _ review.Panel = (*Service)(nil)

// Experts draws users for a panel: those whose field fits the case before the
// others, those with fewer open seats before busy ones, by lot among equals.
// Experts of the submitter's company, or who share a phone with it, are left out.
func (s *Service) Experts(ctx context.Context, r db.Reader, c review.Case, want int) ([]id.ID, error) {
	var rows []row
	if err := r.Select(&rows).Where("status = ?", Admitted).Scan(ctx); err != nil {
		return nil, err
	}
	phones, err := s.companies.PhoneIndexes(ctx, r, c.SubmitterOrg)
	if err != nil {
		return nil, err
	}
	load, err := review.Load(ctx, r)
	if err != nil {
		return nil, err
	}
	var topics []string
	if s.topics != nil {
		if topics, err = s.topics(ctx, r, c); err != nil {
			return nil, err
		}
	}
	type candidate struct {
		user id.ID
		fits bool
		load int64
		lot  uint64
	}
	var all []candidate
	for _, e := range rows {
		if conflict(e, c, phones) == "" {
			all = append(all, candidate{e.UserID, fits(e, topics), load[e.UserID], rand.Uint64()})
		}
	}
	slices.SortFunc(all, func(a, b candidate) int {
		if a.fits != b.fits {
			if a.fits {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.load, b.load), cmp.Compare(a.lot, b.lot))
	})
	out := []id.ID{}
	for _, e := range all[:min(want, len(all))] {
		out = append(out, e.user)
	}
	return out, nil
}

// Conflict says why a user must not judge the case: "unknown" is no admitted
// expert, "same_org" nominated by the submitter, "same_phone" reached by a phone
// of the submitter's people.
func (s *Service) Conflict(ctx context.Context, r db.Reader, c review.Case, userID id.ID) (string, error) {
	var rows []row
	if err := r.Select(&rows).Where("user_id = ? AND status = ?", userID, Admitted).Scan(ctx); err != nil {
		return "", err
	}
	if len(rows) == 0 {
		return "unknown", nil
	}
	phones, err := s.companies.PhoneIndexes(ctx, r, c.SubmitterOrg)
	if err != nil {
		return "", err
	}
	return conflict(rows[0], c, phones), nil
}

func conflict(e row, c review.Case, phones []string) string {
	switch {
	case e.OrgID != 0 && e.OrgID == c.SubmitterOrg:
		return "same_org"
	case e.UserID == c.SubmitterID:
		return "submitter"
	case e.PhoneIndex != "" && slices.Contains(phones, e.PhoneIndex):
		return "same_phone"
	}
	return ""
}

// fits compares an expert's fields with the words of a case: a shared pair of
// characters is a shared word in most cases.
func fits(e row, topics []string) bool {
	fields := e.IIoTField + " " + e.IndustryField + " " + e.OperationField + " " + e.Achievements
	for _, t := range topics {
		letters := []rune(t)
		for i := 0; i+2 <= len(letters); i++ {
			if pair := string(letters[i : i+2]); !slices.Contains(common, pair) && strings.Contains(fields, pair) {
				return true
			}
		}
	}
	return false
}

// common pairs say nothing about a field.
var common = []string{"管理", "系统", "制造", "造业", "数字", "字化", "服务", "工业", "生产", "产业", "企业"}
