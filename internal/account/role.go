// Package account owns users and how they prove who they are: passwords, one-time
// codes, sessions, roles and permissions. Companies and their verification
// belong to org.
package account

import "slices"

// Role is what a user is on the platform. One user has one role.
type Role string

// The roles of product and guides.
const (
	RoleEnterprise Role = "enterprise" // 企业用户
	RoleProvider   Role = "provider"   // 服务商
	RoleExpert     Role = "expert"     // 专家
	RoleOperator   Role = "operator"   // 运营管理员
	RoleDepartment Role = "department" // 工信厅
	RoleAdmin      Role = "admin"      // 系统管理员
)

// Roles lists every role.
var Roles = []Role{RoleEnterprise, RoleProvider, RoleExpert, RoleOperator, RoleDepartment, RoleAdmin}

// ofCompany tells a company's role from those of staff and experts.
func (r Role) ofCompany() bool { return r == RoleEnterprise || r == RoleProvider }

// Permission is a right that a menu opens and every operation behind it asks for.
type Permission string

// Permissions, grouped by the role that may have them.
const (
	OrgManage    Permission = "org.manage"    // 我的企业
	TaskView     Permission = "task.view"     // 我的待办
	MemberManage Permission = "member.manage" // 用户管理

	OrderBuy    Permission = "order.buy"    // buy, pay, accept; 订单管理
	RatingWrite Permission = "rating.write" // 我的评价
	VoucherUse  Permission = "voucher.use"  // 服务券管理

	OfferingManage Permission = "offering.manage" // 商品管理
	OrderDeliver   Permission = "order.deliver"   // 订单管理
	RatingReply    Permission = "rating.reply"    // 客户评价
	VoucherView    Permission = "voucher.view"    // 服务券查询
	ExpertManage   Permission = "expert.manage"   // 专家管理

	ExpertScore Permission = "expert.score" // 专家评审

	VerificationReview Permission = "verification.review"
	ListingReview      Permission = "listing.review"
	VoucherConfigure   Permission = "voucher.configure"
	OrderOversee       Permission = "order.oversee"
	ContentEdit        Permission = "content.edit"
	SurveyManage       Permission = "survey.manage"
	ExpertAdmit        Permission = "expert.admit"
	FormEdit           Permission = "form.edit" // 表单管理

	RiskHandle Permission = "risk.handle" // 风险处置: leads of abuse, stopping vouchers

	ListingDecide     Permission = "listing.decide"
	FundManage        Permission = "fund.manage"
	FundView          Permission = "fund.view"
	CampaignApprove   Permission = "campaign.approve"
	SettlementPrepare Permission = "settlement.prepare" // 结算兑付: batches, holds, claw-backs
	SettlementRelease Permission = "settlement.release" // approves and pays what another prepared

	StaffManage   Permission = "staff.manage"
	AuditRead     Permission = "audit.read"
	SettingManage Permission = "setting.manage"
	MessageResend Permission = "message.resend" // 发送失败
)

// permissionsOf is all that a role can have. A user has these, or a part of them.
var permissionsOf = map[Role][]Permission{
	RoleEnterprise: {OrgManage, TaskView, MemberManage, OrderBuy, RatingWrite, VoucherUse},
	RoleProvider:   {OrgManage, TaskView, MemberManage, OfferingManage, OrderDeliver, RatingReply, VoucherView, ExpertManage},
	RoleExpert:     {TaskView, ExpertScore},
	RoleOperator:   {TaskView, VerificationReview, ListingReview, VoucherConfigure, OrderOversee, ContentEdit, SurveyManage, ExpertAdmit, FundView, FormEdit, RiskHandle, SettlementPrepare},
	RoleDepartment: {TaskView, ListingDecide, FundManage, FundView, CampaignApprove, SettlementRelease, OrderOversee, RiskHandle},
	RoleAdmin:      {StaffManage, AuditRead, SettingManage, MessageResend},
}

// PermissionsOf lists what a role can have.
func PermissionsOf(r Role) []Permission { return slices.Clone(permissionsOf[r]) }
