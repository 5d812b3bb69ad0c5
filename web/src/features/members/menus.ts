/** The menus of the workbench as rights, in the guides' order; a right opens the page and every operation behind it. */
export const menuRights = {
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
} as const

export const roleLabels = { enterprise: '企业用户', provider: '服务商' } as const
