package review

import (
	"smedx/internal/account"
)

// Action is an act on a case.
type Action string

// The acts. Pass and Fail are the result of a panel, never asked for from
// outside; Submit only heads the list of steps.
const (
	Submit   Action = "submit"
	Approve  Action = "approve"
	Reject   Action = "reject"
	Return   Action = "return"    // 退回补正: to the submitter, who may correct and hand in again
	SendBack Action = "send_back" // 退回初审: to the operator stage
	Pass     Action = "pass"
	Fail     Action = "fail"
	Withdraw Action = "withdraw"
)

// Actions lists every act that moves a case.
var Actions = []Action{Approve, Reject, Return, SendBack, Pass, Fail, Withdraw}

// place is where an act leads: another stage, or an end.
type place struct {
	Stage  Stage
	Status Status
}

func at(s Stage) place   { return place{s, Pending} }
func end(s Status) place { return place{"", s} }

// Flow is the whole state machine of a kind of case: what each stage allows.
type Flow map[Stage]map[Action]place

// verification of a company needs the operator only.
var verification = Flow{
	StageOperator: {Approve: end(Approved), Reject: end(Rejected), Return: end(Returned), Withdraw: end(Withdrawn)},
}

// listing: operator, then experts, then the provincial department.
var listing = Flow{
	StageOperator:   {Approve: at(StageExperts), Reject: end(Rejected), Return: end(Returned), Withdraw: end(Withdrawn)},
	StageExperts:    {Pass: at(StageDepartment), Fail: end(Rejected), Withdraw: end(Withdrawn)},
	StageDepartment: {Approve: end(Approved), Reject: end(Rejected), Return: end(Returned), SendBack: at(StageOperator), Withdraw: end(Withdrawn)},
}

// campaign of vouchers: the department decides what the operator has drawn up.
var campaign = Flow{
	StageDepartment: {Approve: end(Approved), Reject: end(Rejected), Return: end(Returned), Withdraw: end(Withdrawn)},
}

// flows is the one table of kinds.
var flows = map[Kind]struct {
	first Stage
	flow  Flow
}{
	KindEnterprise: {StageOperator, verification},
	KindProvider:   {StageOperator, verification},
	KindListing:    {StageOperator, listing},
	KindCampaign:   {StageDepartment, campaign},
}

// Next is the only function that knows where an act leads.
func (c Case) next(a Action) (place, error) {
	if c.Status != Pending {
		return place{}, ErrNotAllowed.In(c.state())
	}
	to, ok := flows[c.Kind].flow[c.Stage][a]
	if !ok {
		return place{}, ErrNotAllowed.In(c.state())
	}
	if to.Stage == "" {
		to.Stage = c.Stage
	}
	return to, nil
}

// desk is who may decide at a stage of a kind.
type desk struct {
	role account.Role
	perm account.Permission
}

// desks is the one table of deciders.
var desks = map[Kind]map[Stage]desk{
	KindEnterprise: {StageOperator: {account.RoleOperator, account.VerificationReview}},
	KindProvider:   {StageOperator: {account.RoleOperator, account.VerificationReview}},
	KindListing: {
		StageOperator:   {account.RoleOperator, account.ListingReview},
		StageExperts:    {account.RoleExpert, account.ExpertScore},
		StageDepartment: {account.RoleDepartment, account.ListingDecide},
	},
	KindCampaign: {StageDepartment: {account.RoleDepartment, account.CampaignApprove}},
}

// sits reports whether the caller works at the desk of the stage at all.
func sits(who account.Principal, k Kind, s Stage) bool {
	d, ok := desks[k][s]
	return ok && who.Role == d.role && who.Has(d.perm)
}

// mayDecide answers whether the caller may decide the case now, by role and
// four eyes: nobody decides what they or their company handed in, and nobody
// decides the same case at two stages. earlier are the steps so far.
func (c Case) mayDecide(who account.Principal, earlier []Step) error {
	if !sits(who, c.Kind, c.Stage) || c.Stage == StageExperts {
		return ErrNotAllowed.In(c.state())
	}
	if who.UserID == c.SubmitterID || (who.OrgID != 0 && who.OrgID == c.SubmitterOrg) {
		return ErrConflict
	}
	for _, s := range earlier {
		if s.UserID == who.UserID && s.Stage != c.Stage && s.Action != Submit {
			return ErrConflict
		}
	}
	return nil
}
