package org

import "smedx/internal/kit/errs"

// Verification is how a company stands with the platform.
type Verification string

// The states.
const (
	Draft         Verification = "draft"          // 未提交
	Pending       Verification = "pending"        // 审核中
	Returned      Verification = "returned"       // 退回补正
	Rejected      Verification = "rejected"       // 未通过
	Withdrawn     Verification = "withdrawn"      // 已撤销
	Verified      Verification = "verified"       // 已认证
	ChangePending Verification = "change_pending" // 变更审核中
	Suspended     Verification = "suspended"      // 已暂停
	Revoked       Verification = "revoked"        // 已取消
	Expired       Verification = "expired"        // 已过期
)

// Verifications lists every state.
var Verifications = []Verification{
	Draft, Pending, Returned, Rejected, Withdrawn, Verified, ChangePending, Suspended, Revoked, Expired,
}

// Verb is what happens to a verification.
type Verb string

// The verbs.
const (
	Submit   Verb = "submit"
	Approve  Verb = "approve"
	Return   Verb = "return"
	Reject   Verb = "reject"
	Withdraw Verb = "withdraw"
	Suspend  Verb = "suspend"
	Restore  Verb = "restore"
	Revoke   Verb = "revoke"
	Expire   Verb = "expire"
)

// transitions is the whole machine. A change of certified data that is not
// approved leaves the company as it was; when the verification ends meanwhile,
// the change is reviewed as its renewal.
var transitions = map[Verification]map[Verb]Verification{
	Draft:         {Submit: Pending},
	Pending:       {Approve: Verified, Return: Returned, Reject: Rejected, Withdraw: Withdrawn},
	Returned:      {Submit: Pending},
	Rejected:      {Submit: Pending},
	Withdrawn:     {Submit: Pending},
	Verified:      {Submit: ChangePending, Suspend: Suspended, Revoke: Revoked, Expire: Expired},
	ChangePending: {Approve: Verified, Return: Verified, Reject: Verified, Withdraw: Verified, Expire: Pending},
	Suspended:     {Restore: Verified, Revoke: Revoked},
	Expired:       {Submit: Pending},
	Revoked:       {},
}

// Next is where a verb leads, or a refusal that names the state.
func (v Verification) Next(verb Verb) (Verification, error) {
	if to, ok := transitions[v][verb]; ok {
		return to, nil
	}
	return "", errs.ErrInvalidState.In(string(v))
}

// InForce says that the company is verified now: it may buy, sell, add users.
func (v Verification) InForce() bool { return v == Verified || v == ChangePending }

// Editable says that the company may fill in its form.
func (v Verification) Editable() bool {
	_, ok := transitions[v][Submit]
	return ok
}

var words = map[Verification]string{
	Draft: "未提交", Pending: "审核中", Returned: "退回补正", Rejected: "未通过", Withdrawn: "已撤销", Verified: "已认证",
	ChangePending: "变更审核中", Suspended: "已暂停", Revoked: "已取消", Expired: "已过期",
}

// Word is the state's own word, for lists and files.
func (v Verification) Word() string { return words[v] }

// Printed is the word on the pages: everything that is not in force is 未认证.
func (v Verification) Printed() string {
	if v.InForce() {
		return "已认证"
	}
	return "未认证"
}
