import type { Role } from '@/api/client'

export interface MenuItem {
  label: string
  to?: string
  /** Right that the page's operations need. */
  permission?: string
  /** Shown only when the company is verified. */
  verified?: boolean
  children?: MenuItem[]
}

/** The workbench menus by role, in the order the guides print them. */
export const menus: Record<Role, MenuItem[]> = {
  enterprise: [
    { label: '工作台', to: '/workbench' },
    { label: '我的待办', to: '/workbench/tasks', permission: 'task.view' },
    { label: '我的企业', to: '/workbench/org', permission: 'org.manage' },
    { label: '我的评价', to: '/workbench/ratings', permission: 'rating.write' },
    { label: '订单管理', to: '/workbench/orders', permission: 'order.buy' },
    {
      label: '服务券管理',
      permission: 'voucher.use',
      children: [
        { label: '服务券查询', to: '/workbench/vouchers' },
        { label: '服务券活动', to: '/workbench/campaigns' },
        { label: '对账单', to: '/workbench/statement' },
      ],
    },
    {
      label: '用户管理',
      to: '/workbench/members',
      permission: 'member.manage',
      verified: true,
    },
  ],
  provider: [
    { label: '工作台', to: '/workbench' },
    { label: '我的企业', to: '/workbench/org', permission: 'org.manage' },
    { label: '我的待办', to: '/workbench/tasks', permission: 'task.view' },
    {
      label: '商品管理',
      permission: 'offering.manage',
      children: [
        { label: '商品上架', to: '/workbench/offerings/new' },
        { label: '我的商品', to: '/workbench/offerings' },
      ],
    },
    { label: '客户评价', to: '/workbench/ratings', permission: 'rating.reply' },
    { label: '订单管理', to: '/workbench/orders', permission: 'order.deliver' },
    {
      label: '服务券管理',
      permission: 'voucher.view',
      children: [
        { label: '服务券查询', to: '/workbench/vouchers' },
        { label: '对账单', to: '/workbench/statement' },
      ],
    },
    { label: '结算兑付', to: '/workbench/payouts', permission: 'voucher.view' },
    { label: '专家管理', to: '/workbench/experts', permission: 'expert.manage' },
    {
      label: '用户管理',
      to: '/workbench/members',
      permission: 'member.manage',
      verified: true,
    },
  ],
  expert: [
    { label: '工作台', to: '/workbench' },
    { label: '专家评审', to: '/workbench/tasks', permission: 'expert.score' },
  ],
  operator: [
    { label: '工作台', to: '/workbench' },
    { label: '待我审批', to: '/workbench/tasks' },
    { label: '商品监管', to: '/workbench/catalog', permission: 'listing.review' },
    { label: '企业管理', to: '/workbench/orgs', permission: 'verification.review' },
    { label: '专家委员会', to: '/workbench/experts', permission: 'expert.admit' },
    {
      label: '服务券管理',
      permission: 'voucher.configure',
      children: [
        { label: '券种管理', to: '/workbench/voucher-types' },
        { label: '活动管理', to: '/workbench/campaigns' },
      ],
    },
    { label: '资金总览', to: '/workbench/fund-overview', permission: 'fund.view' },
    {
      label: '结算兑付',
      permission: 'settlement.prepare',
      children: [
        { label: '结算明细', to: '/workbench/payout-lines' },
        { label: '兑付批次', to: '/workbench/payout-batches' },
        { label: '追回', to: '/workbench/clawbacks' },
      ],
    },
    { label: '订单管理', to: '/workbench/orders', permission: 'order.oversee' },
    {
      label: '风险处置',
      permission: 'risk.handle',
      children: [
        { label: '风险线索', to: '/workbench/risks' },
        { label: '服务券监管', to: '/workbench/managed-vouchers' },
      ],
    },
    {
      label: '内容管理',
      children: [
        { label: '通知公告', to: '/workbench/notices', permission: 'content.edit' },
        { label: '需求调研', to: '/workbench/surveys', permission: 'survey.manage' },
        { label: '表单管理', to: '/workbench/forms', permission: 'form.edit' },
      ],
    },
  ],
  department: [
    { label: '工作台', to: '/workbench' },
    { label: '待我审批', to: '/workbench/tasks' },
    { label: '预算管理', to: '/workbench/funds', permission: 'fund.manage' },
    { label: '资金总览', to: '/workbench/fund-overview', permission: 'fund.view' },
    {
      label: '结算兑付',
      permission: 'settlement.release',
      children: [
        { label: '结算明细', to: '/workbench/payout-lines' },
        { label: '兑付批次', to: '/workbench/payout-batches' },
        { label: '追回', to: '/workbench/clawbacks' },
      ],
    },
    { label: '服务券活动', to: '/workbench/campaigns', permission: 'campaign.approve' },
    { label: '订单管理', to: '/workbench/orders', permission: 'order.oversee' },
    {
      label: '风险处置',
      permission: 'risk.handle',
      children: [
        { label: '风险线索', to: '/workbench/risks' },
        { label: '服务券监管', to: '/workbench/managed-vouchers' },
      ],
    },
  ],
  admin: [
    { label: '工作台', to: '/workbench' },
    { label: '用户与角色', to: '/workbench/users', permission: 'staff.manage' },
    { label: '平台设置', to: '/workbench/settings', permission: 'setting.manage' },
    { label: '审计查询', to: '/workbench/audit', permission: 'audit.read' },
    { label: '资金总览', to: '/workbench/fund-overview', permission: 'audit.read' },
    {
      label: '结算兑付',
      permission: 'audit.read',
      children: [
        { label: '结算明细', to: '/workbench/payout-lines' },
        { label: '兑付批次', to: '/workbench/payout-batches' },
        { label: '追回', to: '/workbench/clawbacks' },
      ],
    },
    { label: '发送失败', to: '/workbench/dead-letters', permission: 'message.resend' },
  ],
}

/** What of a menu this user sees: entries without a page (exists) or right fall away, empty groups too. */
export function visibleMenu(
  items: MenuItem[],
  who: { has: (p: string) => boolean; verified: boolean },
  exists: (path: string) => boolean,
): MenuItem[] {
  return items.flatMap((i) => {
    if (i.permission && !who.has(i.permission)) return []
    if (i.verified && !who.verified) return []
    if (!i.children) return i.to && exists(i.to) ? [i] : []
    const children = visibleMenu(i.children, who, exists)
    return children.length ? [{ ...i, children }] : []
  })
}
