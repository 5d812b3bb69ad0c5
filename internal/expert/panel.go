package expert

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"strings"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/review"
)

var _ review.Panel = (*Service)(nil)

// Experts ranks the committee for a case: those whose field fits before the
// others, those with fewer open seats before busy ones, by lot among equals. Who
// cannot sit is listed with the reason.
func (s *Service) Experts(ctx context.Context, r db.Reader, c review.Case) ([]review.Candidate, error) {
	var rows []row
	if err := r.Select(&rows).Where("status = ?", Admitted).Scan(ctx); err != nil {
		return nil, err
	}
	ties, err := s.companies.Ties(ctx, r, c)
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
		review.Candidate
		lot uint64
	}
	now := clock.At(s.db.Now())
	var all []candidate
	for _, e := range rows {
		k := candidate{review.Candidate{UserID: e.UserID, Fits: fits(e, topics), Load: load[e.UserID]}, rand.Uint64()}
		if k.Out, err = s.conflict(e, c, ties); err != nil {
			return nil, err
		}
		if k.Out == "" && e.away(now) {
			k.Out = "on_leave"
		}
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(min(len(b.Fits), 1)-min(len(a.Fits), 1), cmp.Compare(a.Load, b.Load), cmp.Compare(a.lot, b.lot))
	})
	out := make([]review.Candidate, 0, len(all))
	for _, k := range all {
		out = append(out, k.Candidate)
	}
	return out, nil
}

// away reports whether the expert is on leave.
func (e row) away(now clock.Instant) bool { return e.LeaveFrom <= now && now < e.LeaveUntil }

// Conflict says why a user must not judge the case: "unknown" is no admitted
// expert, "same_org" nominated by the submitter, "same_phone" reached by a phone
// of the submitter's people, "employed" working there, "buyer" of what is judged.
func (s *Service) Conflict(ctx context.Context, r db.Reader, c review.Case, userID id.ID) (string, error) {
	var rows []row
	if err := r.Select(&rows).Where("user_id = ? AND status = ?", userID, Admitted).Scan(ctx); err != nil {
		return "", err
	}
	if len(rows) == 0 {
		return "unknown", nil
	}
	ties, err := s.companies.Ties(ctx, r, c)
	if err != nil {
		return "", err
	}
	return s.conflict(rows[0], c, ties)
}

func (s *Service) conflict(e row, c review.Case, ties Ties) (string, error) {
	var p personal
	if err := s.openPersonal(e, &p); err != nil {
		return "", err
	}
	works := func(company string) bool { return company != "" && sameCompany(company, p.Employer) }
	switch {
	case e.OrgID != 0 && e.OrgID == c.SubmitterOrg:
		return "same_org", nil
	case e.UserID == c.SubmitterID:
		return "submitter", nil
	case e.PhoneIndex != "" && slices.Contains(ties.Phones, e.PhoneIndex):
		return "same_phone", nil
	case works(ties.Company):
		return "employed", nil
	case e.PhoneIndex != "" && slices.Contains(ties.BuyerPhones, e.PhoneIndex), slices.ContainsFunc(ties.Buyers, works):
		return "buyer", nil
	}
	return "", nil
}

// sameCompany compares names of companies without blanks and with brackets of one kind.
func sameCompany(a, b string) bool { return plainName(a) == plainName(b) }

func plainName(name string) string {
	return strings.NewReplacer(" ", "", "\u3000", "", "（", "(", "）", ")").Replace(name)
}

// fits are the words of a case that an expert's fields share: a shared pair of
// characters is a shared word in most cases. Each word is named once, in full.
func fits(e row, topics []string) []string {
	fields := e.IIoTField + " " + e.IndustryField + " " + e.OperationField + " " + e.Achievements
	out := []string{}
	for _, t := range topics {
		letters := []rune(t)
		for i := 0; i+2 <= len(letters); i++ {
			if pair := string(letters[i : i+2]); !slices.Contains(common, pair) && strings.Contains(fields, pair) {
				if !slices.Contains(out, t) {
					out = append(out, t)
				}
				break
			}
		}
	}
	return out
}

// common pairs say nothing about a field.
var common = []string{"管理", "系统", "制造", "造业", "数字", "字化", "服务", "工业", "生产", "产业", "企业"}
