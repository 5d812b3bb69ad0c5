package voucher

import (
	"slices"

	"smedx/internal/codelist"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Company is what eligibility asks of a company: the facts of its verified
// version in force. It is stored with the voucher as the ground of the grant.
type Company struct {
	Verified   bool     `json:"verified"`
	VersionID  id.ID    `json:"versionId"` // the verified version that the facts are from
	RegionCode string   `json:"regionCode"`
	Size       string   `json:"size"`
	Industries []string `json:"industries"`
}

// Rules are a campaign's eligibility as data; an empty list asks nothing.
// That the company is verified is always asked.
type Rules struct {
	Sizes      []string `json:"sizes" doc:"micro, small, medium, large"`
	Regions    []string `json:"regions"`
	Industries []string `json:"industries"`
}

// RuleCode names one rule of the explained answer.
type RuleCode string

// The rules in the order they are explained.
const (
	RuleVerified RuleCode = "verified"
	RuleSize     RuleCode = "size"
	RuleRegion   RuleCode = "region"
	RuleIndustry RuleCode = "industry"
)

// RuleAnswer explains one rule: whether it is met, what it wants, what the company
// has. Of a company that is not verified nothing but that is known.
type RuleAnswer struct {
	Rule  RuleCode `json:"rule" enum:"verified,size,region,industry"`
	Known bool     `json:"known" doc:"false: judged once the company is verified"`
	Met   bool     `json:"met" doc:"false while it is not known"`
	Want  []string `json:"want" doc:"Codes, one of which is asked"`
	Have  []string `json:"have" doc:"Codes of the company"`
}

// Explain answers each rule that the campaign asks, that the company is verified first.
func (r Rules) Explain(c Company) []RuleAnswer {
	all := []RuleAnswer{{RuleVerified, true, c.Verified, []string{}, []string{}}}
	ask := func(rule RuleCode, want, have []string, met bool) {
		switch {
		case len(want) == 0:
		case c.Verified:
			all = append(all, RuleAnswer{rule, true, met, want, have})
		default:
			all = append(all, RuleAnswer{rule, false, false, want, []string{}})
		}
	}
	ask(RuleSize, r.Sizes, some(c.Size), slices.Contains(r.Sizes, c.Size))
	ask(RuleRegion, r.Regions, some(c.RegionCode), inRegion(r.Regions, c.RegionCode))
	ask(RuleIndustry, r.Industries, list(c.Industries), within(codelist.Industry, r.Industries, c.Industries))
	return all
}

func some(s string) []string {
	if s == "" {
		return []string{}
	}
	return []string{s}
}

// refusal is nil when every rule is met; else it names the missed ones.
func (r Rules) refusal(c Company) error {
	if !c.Verified {
		return ErrUnverified
	}
	var missed []string
	for _, a := range r.Explain(c) {
		if !a.Met {
			missed = append(missed, string(a.Rule))
		}
	}
	if len(missed) == 0 {
		return nil
	}
	return ErrNotEligible.With("rules", missed)
}

var sizes = []string{"micro", "small", "medium", "large"}

func (r *Rules) check(bad *errs.Fields) {
	tidySizes("/rules/sizes", &r.Sizes, bad)
	tidyCodes("/rules/regions", &r.Regions, bad)
	tidyCodes("/rules/industries", &r.Industries, bad)
}
