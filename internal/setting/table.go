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
}
