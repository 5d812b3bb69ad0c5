import type { Role } from '@/api/client'

export interface NextStep {
  text: string
  action: string
  to: string
}

/** The state in which an order waits for the buyer or for the provider. */
export const waitsFor = { enterprise: 'delivered', provider: 'paid' } as const

/** What the user would do next, the nearest first; `waiting` orders stand still until he acts. */
export function nextSteps(
  role: Role,
  verification: string | undefined,
  can: (permission: string) => boolean,
  waiting = 0,
): NextStep[] {
  if (role !== 'enterprise' && role !== 'provider') return []
  const org = { to: '/workbench/org' }
  const ask: NextStep[] = []
  if (can('org.manage')) {
    switch (verification) {
      case 'draft':
        ask.push({ text: '您还差：填写并提交企业信息', action: '继续填写', ...org })
        break
      case 'returned':
        ask.push({ text: '您还差：按审核意见补正企业信息', action: '去补正', ...org })
        break
      case 'rejected':
      case 'withdrawn':
      case 'expired':
        ask.push({ text: '您还差：修改企业信息并重新提交', action: '去修改', ...org })
        break
      case 'pending':
        ask.push({ text: '企业信息正在审批，通过后即可办理业务', action: '查看进展', ...org })
    }
  }
  if (verification !== 'verified' && verification !== 'change_pending') {
    if (role === 'enterprise')
      ask.push({ text: '等待期间，可以先看看方案与产品', action: '去看看', to: '/solutions' })
    return ask
  }
  const orders = (status: string) => `/workbench/orders?status=${status}`
  if (role === 'enterprise') {
    if (waiting && can('order.buy'))
      ask.push({
        text: `${waiting} 个订单已交付，等待您验收`,
        action: '去验收',
        to: orders(waitsFor.enterprise),
      })
    if (can('voucher.use'))
      ask.push({ text: '领取服务券，购买时直接抵扣', action: '看看活动', to: '/campaigns' })
    if (can('order.buy'))
      ask.push({ text: '挑选适合本企业的方案与产品', action: '去选购', to: '/solutions' })
  } else {
    if (waiting && can('order.deliver'))
      ask.push({
        text: `${waiting} 个订单已付款，等待您交付`,
        action: '去交付',
        to: orders(waitsFor.provider),
      })
    if (can('offering.manage'))
      ask.push({
        text: '上架商品，接受企业订购',
        action: '商品上架',
        to: '/workbench/offerings/new',
      })
  }
  return ask
}
