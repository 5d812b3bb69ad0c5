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

// RuleAnswer explains one rule: whether it is met, what it wants, what the company has.
type RuleAnswer struct {
	Rule RuleCode `json:"rule" enum:"verified,size,region,industry"`
	Met  bool     `json:"met"`
	Want []string `json:"want" doc:"Codes, one of which is asked"`
	Have []string `json:"have" doc:"Codes of the company"`
}

// Explain answers each rule that the campaign asks.
func (r Rules) Explain(c Company) []RuleAnswer {
	all := []RuleAnswer{{RuleVerified, c.Verified, []string{}, []string{}}}
	if len(r.Sizes) > 0 {
		all = append(all, RuleAnswer{RuleSize, c.Verified && slices.Contains(r.Sizes, c.Size), r.Sizes, some(c.Size)})
	}
	if len(r.Regions) > 0 {
		all = append(all, RuleAnswer{RuleRegion, c.Verified && inRegion(r.Regions, c.RegionCode), r.Regions, some(c.RegionCode)})
	}
	if len(r.Industries) > 0 {
		all = append(all, RuleAnswer{RuleIndustry, c.Verified && within(codelist.Industry, r.Industries, c.Industries), r.Industries, list(c.Industries)})
	}
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
	tidyCodes("/rules/sizes", &r.Sizes, bad)
	tidyCodes("/rules/regions", &r.Regions, bad)
	tidyCodes("/rules/industries", &r.Industries, bad)
	if slices.ContainsFunc(r.Sizes, func(s string) bool { return !slices.Contains(sizes, s) }) {
		bad.Add("/rules/sizes", "field.choice")
	}
}
