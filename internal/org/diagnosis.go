package org

import (
	"context"
	"slices"

	"smedx/internal/account"
	"smedx/internal/codelist"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/org/firm"
)

// Diagnosis is 企业诊断信息: what the certified answers say of an enterprise. It
// repeats and counts answers; it is no official rating.
type Diagnosis struct {
	Size         firm.Size
	SizeRule     string
	SizeIndustry string // the row of the rule
	People       *int64 // inputs as answered; nil when they are missing
	Revenue      *int64 // fen
	Assets       *int64 // fen

	Maturity    string // level by the enterprise's own assessment
	Plan        string
	DigitalRate string // percent of machines
	NetworkRate string
	Systems     []string
	Security    []string
	Groups      []DiagnosisGroup
	Gaps        []string // scenarios that are wanted or missing in a group that has begun
	Needs       []string
	At          clock.Instant
}

// DiagnosisGroup is one group of scenarios with how many of them are digital.
type DiagnosisGroup struct {
	Name    string
	Total   int
	Done    []string
	Missing []string
}

// Diagnose answers the diagnosis of the caller's enterprise; not_found before its
// first approval and for providers.
func (s *Service) Diagnose(ctx context.Context, who account.Principal) (Diagnosis, error) {
	a, err := s.InForce(ctx, s.db, who.OrgID)
	if err != nil {
		return Diagnosis{}, err
	}
	if a.Form.Kind != string(KindEnterprise) {
		return Diagnosis{}, errs.ErrNotFound
	}
	return diagnose(a), nil
}

func diagnose(a Answers) Diagnosis {
	v := a.Values
	d := Diagnosis{
		Size: firm.Size(text(v, "enterprise_scale")), SizeRule: firm.SizeRule, People: number(v["employees_total"]),
		Revenue: number(v["revenue_y1"]), Assets: number(v["total_assets"]), Maturity: text(v, "maturity_level"), Plan: text(v, "digital_plan"),
		DigitalRate: text(v, "equip_digital_ratio"), NetworkRate: text(v, "equip_network_ratio"),
		Systems: list(v["systems_in_use"]), Security: list(v["security_measures"]), Needs: list(v["digital_needs"]),
		At: a.Version.SubmittedAt, Gaps: []string{},
	}
	if industries := list(v["industries"]); len(industries) > 0 {
		d.SizeIndustry = firm.SizeRowName(industries[0])
	}
	d.Groups = groups(list(v["digital_scenarios"]))
	for _, g := range d.Groups {
		for _, code := range g.Missing {
			if len(g.Done) > 0 || slices.Contains(d.Needs, code) {
				d.Gaps = append(d.Gaps, code)
			}
		}
	}
	return d
}

// groups sorts the 16 scenarios of the assessment into its four groups.
func groups(done []string) []DiagnosisGroup {
	l, _ := codelist.Get("scenario16")
	var out []DiagnosisGroup
	for _, it := range l.Items {
		i := slices.IndexFunc(out, func(g DiagnosisGroup) bool { return g.Name == it.Group })
		if i < 0 {
			out = append(out, DiagnosisGroup{Name: it.Group, Done: []string{}, Missing: []string{}})
			i = len(out) - 1
		}
		out[i].Total++
		if slices.Contains(done, it.Value) {
			out[i].Done = append(out[i].Done, it.Value)
		} else {
			out[i].Missing = append(out[i].Missing, it.Value)
		}
	}
	return out
}

// number reads a whole number as JSON gives it back.
func number(v any) *int64 {
	f, ok := v.(float64)
	if !ok {
		return nil
	}
	n := int64(f)
	return &n
}
