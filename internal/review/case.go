// Package review moves cases through stages: who decides, what they said, who is
// next. It does not know what is reviewed; the module that owns the subject is
// told of the outcome in the transaction of the decision.
package review

import (
	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Kind is what sort of subject a case is about; it chooses the flow.
type Kind string

// The kinds of cases.
const (
	KindEnterprise Kind = "enterprise_verification" // 企业认证
	KindProvider   Kind = "provider_verification"   // 服务商认证
	KindListing    Kind = "listing"                 // 商品发布
	KindCampaign   Kind = "campaign"                // 服务券活动
)

// Kinds lists every kind.
var Kinds = []Kind{KindEnterprise, KindProvider, KindListing, KindCampaign}

// Stage is who decides while a case is pending.
type Stage string

// The stages.
const (
	StageOperator   Stage = "operator"   // 运营人员初审
	StageExperts    Stage = "experts"    // 专家评审, by a panel
	StageDepartment Stage = "department" // 工信厅终审
)

// Stages lists every stage.
var Stages = []Stage{StageOperator, StageExperts, StageDepartment}

// Status is how a case stands. All but pending are final: a subject that is
// handed in again gets a new case.
type Status string

// The states of a case.
const (
	Pending   Status = "pending"   // 待审批
	Approved  Status = "approved"  // 审批通过
	Returned  Status = "returned"  // 退回补正
	Rejected  Status = "rejected"  // 已驳回
	Withdrawn Status = "withdrawn" // 已撤销
)

// Statuses lists every state.
var Statuses = []Status{Pending, Approved, Returned, Rejected, Withdrawn}

// Case is one submission on its way. Version grows with every step; a decision
// names the version and the content hash that the decider has read.
type Case struct {
	bun.BaseModel `bun:"table:review_cases" json:"-"`

	ID            id.ID         `bun:",pk" json:"id"`
	Kind          Kind          `json:"kind" enum:"enterprise_verification,provider_verification,listing,campaign"`
	SubjectID     id.ID         `json:"subjectId"`
	Title         string        `json:"title"`
	SubmitterID   id.ID         `json:"submitterId"`
	SubmitterName string        `json:"submitterName"`
	SubmitterOrg  id.ID         `json:"submitterOrg"`
	Stage         Stage         `json:"stage" enum:"operator,experts,department" doc:"The stage at work; of a closed case, the last one"`
	Status        Status        `json:"status" enum:"pending,approved,returned,rejected,withdrawn"`
	Version       int64         `json:"version"`
	ContentHash   string        `json:"contentHash"`
	Round         int64         `json:"round" doc:"How often experts were asked; 0 before the first time"`
	CreatedAt     clock.Instant `json:"createdAt"`
	StageAt       clock.Instant `json:"stageAt" doc:"When the stage at work began"`
	DueAt         clock.Instant `json:"dueAt" doc:"When the stage at work should be done"`
	DecidedAt     clock.Instant `json:"decidedAt" doc:"When the case was closed; null while pending"`
	RemindedAt    clock.Instant `json:"-"`
	HastenedAt    clock.Instant `json:"hastenedAt" doc:"When the applicant last asked for haste"`
	PreferredID   id.ID         `json:"-"` // who decided the submission before this one
	Variant       string        `json:"-"` // of a listing: its publishing type; of a campaign: "new" or "change"
	HolderID      id.ID         `json:"-"` // whom the task was passed on to at this stage
	WarnedAt      clock.Instant `json:"-"`
	Prolonged     int64         `json:"-"` // how often the panel got more time
}

// Verdict is what a decision says to the submitter.
type Verdict struct {
	Reason  string   `json:"reason,omitempty" maxLength:"60" doc:"Reason code of the code list review_reason"`
	Comment string   `json:"comment,omitempty" maxLength:"1000"`
	Fields  []string `json:"fields,omitempty" maxItems:"200" doc:"Pointers of the fields to correct, when the case is returned"`
	Remarks []Remark `json:"remarks,omitempty" maxItems:"200" doc:"What is wrong with single ones of these fields"`
	Checks  []Check  `json:"checks,omitempty" maxItems:"40" doc:"The check-list with what was found"`
}

// Remark says what is wrong with one field of what was handed in.
type Remark struct {
	Field   string `json:"field" maxLength:"200" doc:"Pointer of the field"`
	Reason  string `json:"reason,omitempty" maxLength:"60" doc:"Code of the list field_remark"`
	Comment string `json:"comment,omitempty" maxLength:"300"`
}

// Step is one act on a case: append-only, one for each version.
type Step struct {
	bun.BaseModel `bun:"table:review_steps" json:"-"`

	ID       id.ID         `bun:",pk" json:"id"`
	CaseID   id.ID         `json:"-"`
	Version  int64         `json:"version" doc:"The version of the case that was decided on"`
	Stage    Stage         `json:"stage" enum:"operator,experts,department"`
	Action   Action        `json:"action" enum:"submit,approve,reject,return,send_back,pass,fail,withdraw"`
	UserID   id.ID         `json:"-"`
	UserName string        `json:"userName,omitempty" doc:"Shown to staff only"`
	Role     string        `json:"role"`
	Reason   string        `json:"reason"`
	Comment  string        `json:"comment"`
	Fields   []string      `bun:"type:text" json:"fields"`
	Remarks  []Remark      `bun:"type:text" json:"remarks"`
	Checks   []Check       `bun:"type:text" json:"checks"`
	At       clock.Instant `json:"at"`
}

// Refusals of this module.
var (
	ErrNotAllowed     = errs.New(errs.Conflict, "review.action_not_allowed")
	ErrConflict       = errs.New(errs.Forbidden, "review.conflict_of_interest")
	ErrNotAssigned    = errs.New(errs.Forbidden, "review.not_assigned")
	ErrNotDeclared    = errs.New(errs.Conflict, "review.declaration_missing")
	ErrVoted          = errs.New(errs.Conflict, "review.already_voted")
	ErrOpen           = errs.New(errs.Conflict, "review.already_open")
	ErrPanelTooSmall  = errs.New(errs.Conflict, "review.panel_too_small")
	ErrPanelEven      = errs.New(errs.Invalid, "review.panel_even")
	ErrNotSubmitter   = errs.New(errs.Forbidden, "review.not_submitter")
	ErrExpertConflict = errs.New(errs.Forbidden, "review.expert_conflict")
	ErrUnchecked      = errs.New(errs.Invalid, "review.checks_open")
	ErrHeld           = errs.New(errs.Conflict, "review.held_by_colleague")
	ErrNoColleague    = errs.New(errs.Forbidden, "review.colleague_conflict")
)

// Closed reports whether nothing leads out of the status.
func (s Status) Closed() bool { return s != Pending }

// Outcome is the action as a status of the case, for notices.
func (c Case) state() string {
	if c.Status == Pending {
		return string(c.Stage)
	}
	return string(c.Status)
}
