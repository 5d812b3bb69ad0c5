export interface Step {
  name: string
  text: string
  to?: string
  link?: string
}

/** The flow of an enterprise user, as the guide prints it (figure and table 2-1). */
export const enterpriseFlow: Step[] = [
  {
    name: '企业需求收集',
    text: '企业通过在线问卷反馈数字化转型等方面需求。',
    to: '/notices',
    link: '查看通知',
  },
  {
    name: '注册帐号',
    text: '企业用户需要先注册一个帐号，以便后续使用该平台的服务。',
    to: '/register?role=enterprise',
    link: '注册',
  },
  {
    name: '认证审核',
    text: '平台会对企业用户提交的信息进行审核，确保其真实性和合法性。',
    to: '/workbench/tasks',
    link: '我的待办',
  },
  {
    name: '创新服务券抢券',
    text: '平台会提供一些创新服务券，企业用户可以通过抢购获得这些券，以便在后续购买服务时享受优惠。',
    to: '/campaigns',
    link: '服务券活动',
  },
  {
    name: '服务商品购买',
    text: '企业用户可以根据自己的需求，选择平台提供的服务商品进行购买。',
    to: '/solutions',
    link: '解决方案与产品',
  },
  {
    name: '解决方案交付',
    text: '企业用户购买服务商品后，平台会根据企业用户的需求，提供相应的解决方案进行交付，确保企业用户得到满意的服务。',
    to: '/workbench/orders',
    link: '订单管理',
  },
]

/** The flow of a provider, as the guide prints it. */
export const providerFlow: Step[] = [
  {
    name: '注册帐号',
    text: '服务商需要先注册一个帐号，以便后续使用该平台的服务。',
    to: '/register?role=provider',
    link: '注册',
  },
  {
    name: '认证审核',
    text: '平台会对服务商提交的信息进行审核，确保其真实性和合法性。',
    to: '/workbench/tasks',
    link: '我的待办',
  },
  {
    name: '商品上架申请',
    text: '认证通过后，在“商品管理 > 商品上架”填写方案、案例和规格，提交申请。',
    to: '/workbench/offerings/new',
    link: '商品上架',
  },
  { name: '运营人员初审', text: '平台运营人员核对材料是否完整、真实、合规。' },
  { name: '专家评审', text: '平台邀请相关领域的专家评审，专家与申报单位有利益关系的应当回避。' },
  {
    name: '工信厅终审',
    text: '工信厅作出最终决定，通过后商品在“解决方案与产品”上架。',
    to: '/workbench/offerings',
    link: '我的商品',
  },
]
