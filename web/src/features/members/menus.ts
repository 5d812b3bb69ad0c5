import type { Role, Schemas } from '@/api/client'

export type Permission = Schemas['MemberView']['permissions'][number]
export interface Right {
  value: Permission
  label: string
}

/** What each role may be given, in the order of its menu; a right opens the pages and every operation behind them. */
export const rightsOf: Record<Role, Right[]> = {
  enterprise: [
    { value: 'task.view', label: '我的待办' },
    { value: 'org.manage', label: '我的企业' },
    { value: 'rating.write', label: '我的评价' },
    { value: 'order.buy', label: '订单管理（含购买与验收）' },
    { value: 'voucher.use', label: '服务券管理' },
    { value: 'member.manage', label: '用户管理' },
  ],
  provider: [
    { value: 'org.manage', label: '我的企业' },
    { value: 'task.view', label: '我的待办' },
    { value: 'offering.manage', label: '商品管理' },
    { value: 'rating.reply', label: '客户评价' },
    { value: 'order.deliver', label: '订单管理（含交付）' },
    { value: 'voucher.view', label: '服务券管理' },
    { value: 'expert.manage', label: '专家管理' },
    { value: 'member.manage', label: '用户管理' },
  ],
  expert: [
    { value: 'task.view', label: '待办' },
    { value: 'expert.score', label: '专家评审' },
  ],
  operator: [
    { value: 'task.view', label: '待办' },
    { value: 'verification.review', label: '认证审核' },
    { value: 'listing.review', label: '商品初审与监管' },
    { value: 'expert.admit', label: '专家委员会' },
    { value: 'voucher.configure', label: '券种与活动' },
    { value: 'fund.view', label: '查看预算' },
    { value: 'order.oversee', label: '订单监管' },
    { value: 'risk.handle', label: '风险处置' },
    { value: 'content.edit', label: '通知公告' },
    { value: 'survey.manage', label: '需求调研' },
    { value: 'form.edit', label: '表单管理' },
    { value: 'settlement.prepare', label: '结算兑付' },
  ],
  department: [
    { value: 'task.view', label: '待办' },
    { value: 'listing.decide', label: '商品终审' },
    { value: 'fund.view', label: '查看预算' },
    { value: 'fund.manage', label: '预算管理' },
    { value: 'campaign.approve', label: '活动审批' },
    { value: 'settlement.release', label: '结算复核与放款' },
    { value: 'order.oversee', label: '订单监管' },
    { value: 'risk.handle', label: '风险处置' },
  ],
  admin: [
    { value: 'staff.manage', label: '用户与角色' },
    { value: 'setting.manage', label: '平台设置' },
    { value: 'message.resend', label: '发送失败' },
    { value: 'audit.read', label: '审计与核对账目' },
  ],
}

export const roleLabels: Record<Role, string> = {
  enterprise: '企业用户',
  provider: '服务商',
  expert: '专家',
  operator: '运营管理员',
  department: '工信厅',
  admin: '系统管理员',
}
