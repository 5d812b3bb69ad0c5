package setting

// Key names a setting. Its prefix is the module that asks for it.
type Key string

// Kind is what a value may be.
type Kind string

// The kinds.
const (
	Switch Kind = "switch" // on or off
	Number Kind = "number" // a whole number
)

// Definition is one row of the table: what a setting is called and may be.
type Definition struct {
	Key     Key
	Kind    Kind
	Group   string // heading of the page
	Label   string
	Help    string
	Default string // "on", "off" or a number
	Unit    string // of a number
	Min     int64  // of a number
	Max     int64
}

// The settings.
const (
	PhoneCodeAtRegistration Key = "account.phone_code_at_registration"
	CodesADay               Key = "account.codes_a_day"
	StaffSecondFactor       Key = "account.staff_second_factor"
	EnterpriseMembers       Key = "account.enterprise_members"
	OperatorDays            Key = "review.operator_days"
	ExpertDays              Key = "review.expert_days"
	DepartmentDays          Key = "review.department_days"
	RemindDays              Key = "review.remind_days"
	RetentionDays           Key = "settlement.retention_days"
	InvoiceRequired         Key = "settlement.invoice_required"
	YearlyCeiling           Key = "settlement.yearly_ceiling"
	PayoutWithoutLeads      Key = "settlement.without_leads"
	SecondRelease           Key = "settlement.second_release"
	ReleaseFactor           Key = "account.release_factor"
	AcceptanceCode          Key = "account.acceptance_code"
	HoldSamePhone           Key = "risk.hold_same_phone"
	HoldSameLegalRep        Key = "risk.hold_same_legal_rep"
	HoldSameBank            Key = "risk.hold_same_bank"
	HoldSameDevice          Key = "risk.hold_same_device"
	HoldBurst               Key = "risk.hold_registration_burst"
)

// table is every setting in the order of the page. The defaults keep the steps
// of the user guides as printed.
var table = []Definition{
	{
		Key: PhoneCodeAtRegistration, Kind: Switch, Group: "注册与登录", Label: "注册时验证手机号", Default: "off",
		Help: "开启后，注册第一步须填写短信验证码。建议正式运行时开启，否则登记的手机号未经证实。",
	},
	{
		Key: CodesADay, Kind: Number, Group: "注册与登录", Label: "每日短信验证码总量上限", Default: "20000", Unit: "条", Min: 100, Max: 1000000,
		Help: "全平台每天最多发出的短信验证码条数，用于控制费用、防止恶意发送。达到上限后，当天只能使用密码登录。",
	},
	{
		Key: StaffSecondFactor, Kind: Switch, Group: "注册与登录", Label: "工作人员与专家登录须二次验证", Default: "off",
		Help: "开启后，运营管理员、工信厅、专家和系统管理员登录时须输入验证器应用中的动态码。建议正式运行时开启。",
	},
	{
		Key: EnterpriseMembers, Kind: Switch, Group: "企业", Label: "企业用户可使用用户管理", Default: "on",
		Help: "开启后，已认证的企业用户也可以为同事开通子帐号。关闭后已有子帐号保留，但不能新增和修改。",
	},
	{
		Key: OperatorDays, Kind: Number, Group: "审批", Label: "运营人员初审期限", Default: "5", Unit: "天", Min: 1, Max: 90,
		Help: "企业认证和商品初审应在多少天内办结。超过后提醒审批人员，并在待办中标为超期。只影响之后进入该环节的申请。",
	},
	{
		Key: ExpertDays, Kind: Number, Group: "审批", Label: "专家评审期限", Default: "5", Unit: "天", Min: 1, Max: 90,
		Help: "专家应在多少天内提交意见。到期时已有 3 份意见即按多数得出结论，否则延长同样天数，并更换未回应的专家。",
	},
	{
		Key: DepartmentDays, Kind: Number, Group: "审批", Label: "工信厅终审期限", Default: "5", Unit: "天", Min: 1, Max: 90,
		Help: "商品终审和服务券活动审批应在多少天内办结。超过后提醒审批人员，并在待办中标为超期。",
	},
	{
		Key: RemindDays, Kind: Number, Group: "审批", Label: "到期前提醒", Default: "1", Unit: "天", Min: 0, Max: 30,
		Help: "在办理期限到期前多少天提醒审批人员和专家；0 为不提前提醒。",
	},
	{
		Key: RetentionDays, Kind: Number, Group: "结算兑付", Label: "验收后公示期", Default: "0", Unit: "天", Min: 0, Max: 90,
		Help: "订单验收后须满多少天才能组成兑付批次；0 为验收后即可兑付。",
	},
	{
		Key: InvoiceRequired, Kind: Switch, Group: "结算兑付", Label: "兑付前须填写发票", Default: "off",
		Help: "开启后，服务商须先填写订单的发票号码，才能组成兑付批次。同一发票号码在全平台只能使用一次。",
	},
	{
		Key: YearlyCeiling, Kind: Number, Group: "结算兑付", Label: "单个服务商年度兑付上限", Default: "0", Unit: "元", Min: 0, Max: 1000000000,
		Help: "每个服务商每年（自然年）最多兑付多少服务券资金，包括正在办理的批次；超过时不能组成批次。0 为不限。",
	},
	{
		Key: PayoutWithoutLeads, Kind: Switch, Group: "结算兑付", Label: "有风险线索的订单暂不兑付", Default: "off",
		Help: "开启后，订单或其交易双方有未排除的风险线索（如验收过快）时，不能组成兑付批次，须先在“风险线索”中核实。",
	},
	{
		Key: SecondRelease, Kind: Number, Group: "结算兑付", Label: "大额兑付须两人复核", Default: "0", Unit: "元", Min: 0, Max: 1000000000,
		Help: "应付金额达到该数的兑付批次，须由组批人以外的两个人先后复核通过；0 为一人复核即可。",
	},
	{
		Key: ReleaseFactor, Kind: Switch, Group: "结算兑付", Label: "复核兑付须动态码", Default: "off",
		Help: "开启后，复核通过兑付批次须输入验证器的动态码，未绑定验证器的人员不能复核通过。关闭时，已绑定验证器的人员仍须输入。",
	},
	{
		Key: AcceptanceCode, Kind: Switch, Group: "风险防控", Label: "验收须短信验证码", Default: "off",
		Help: "开启后，企业验收订单时须填写发送到经办人手机的短信验证码，防止他人代为验收。建议正式运行时开启；须已接通短信。",
	},
	{
		Key: HoldSamePhone, Kind: Switch, Group: "风险防控", Label: "涉及“共用联系电话”线索的企业先冻结服务券", Default: "off",
		Help: "开启后，新发现的共用联系电话线索未排除前，相关企业的服务券照常领取、但先冻结，由人工核实后处理。企业会收到原因；线索排除后自动解冻。关闭后，仅因此冻结的服务券一分钟内自动解冻。",
	},
	{
		Key: HoldSameLegalRep, Kind: Switch, Group: "风险防控", Label: "涉及“法定代表人同名”线索的企业先冻结服务券", Default: "off",
		Help: "开启后，新发现的法定代表人同名线索未排除前，相关企业的服务券照常领取、但先冻结，由人工核实后处理。可能只是重名，建议仅在核实力量充足时开启。关闭后，仅因此冻结的服务券一分钟内自动解冻。",
	},
	{
		Key: HoldSameBank, Kind: Switch, Group: "风险防控", Label: "涉及“共用银行账号”线索的企业先冻结服务券", Default: "off",
		Help: "开启后，新发现的共用银行账号线索未排除前，相关企业的服务券照常领取、但先冻结，由人工核实后处理。企业会收到原因；线索排除后自动解冻。关闭后，仅因此冻结的服务券一分钟内自动解冻。",
	},
	{
		Key: HoldSameDevice, Kind: Switch, Group: "风险防控", Label: "涉及“共用登录设备”线索的企业先冻结服务券", Default: "off",
		Help: "开启后，新发现的共用登录设备线索未排除前，相关企业的服务券照常领取、但先冻结，由人工核实后处理。企业会收到原因；线索排除后自动解冻。关闭后，仅因此冻结的服务券一分钟内自动解冻。",
	},
	{
		Key: HoldBurst, Kind: Switch, Group: "风险防控", Label: "涉及“集中注册”线索的企业先冻结服务券", Default: "off",
		Help: "开启后，新发现的集中注册线索未排除前，相关企业的服务券照常领取、但先冻结，由人工核实后处理。企业会收到原因；线索排除后自动解冻。关闭后，仅因此冻结的服务券一分钟内自动解冻。",
	},
}
