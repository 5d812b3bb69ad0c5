import type { Schemas } from '@/api/client'
import { formatFen } from '@/shared/money'

export type Hit = Schemas['RiskHitView']
export type Detail = Schemas['RiskHitDetail']
export type Rule = Schemas['Rule']

const sharedWord: Record<Detail['shared'][number]['kind'], string> = {
  phone: '联系电话',
  address: '地址',
  legal_rep: '法定代表人',
  bank: '银行账号',
  related: '申报的关联企业',
  ip: '网络地址',
  device: '登录设备',
}

/** What the companies have in common, masked. */
export const sharedText = (s: Detail['shared'][number]) =>
  `${sharedWord[s.kind]}：${s.shown || '相同（未留存可显示的内容）'}`

type Line = Detail['lines'][number]
const noteWord: Record<Line['note'], (l: Line) => string> = {
  claimed: () => '领取服务券',
  placed: () => '下单',
  paid: () => '付款',
  paid_by_provider: (l) => `以服务商的账户支付了企业自付的 ${formatFen(l.to ?? 0)}`,
  paid_by_other: (l) => `自付的 ${formatFen(l.to ?? 0)} 由其他户名的账户支付（户名见订单）`,
  revoked: (l) => `的服务券已作废，本单由它支付 ${formatFen(l.to ?? 0)}。作废原因：${l.why}`,
  delivered: (l) => `提交交付（付款后 ${l.to} 分钟内）`,
  accepted: (l) => `验收（交付后 ${l.to} 分钟内）`,
  priced: (l) => `价格由 ${formatFen(l.from ?? 0)} 调至 ${formatFen(l.to ?? 0)}`,
  campaign: () => '涉及的服务券活动',
  face: (l) => `价格与券面值同为 ${formatFen(l.to ?? 0)}`,
  rated: () => '评价',
  registered: () => '注册',
  signed_in: () => '登录',
}
export const lineText = (l: Line) => noteWord[l.note](l)

/** Where the object of a line is looked at. */
export function lineLink(l: Line): { to: string; label: string } | undefined {
  if (!l.id) return undefined
  switch (l.object) {
    case 'order':
      return { to: `/workbench/orders/${l.id}`, label: '查看订单' }
    case 'voucher':
      return { to: `/workbench/managed-vouchers/${l.id}`, label: '查看服务券' }
    case 'campaign':
      return { to: `/workbench/campaigns/${l.id}`, label: '查看活动' }
    case 'offering':
      return { to: `/solutions/${l.id}`, label: '查看商品' }
    default:
      return undefined
  }
}

/** The evidence in a few words, for the reason of a freeze. */
export function evidenceText(rule: string, h: Detail): string {
  const parts = [
    `风险线索「${rule}」`,
    h.shared.slice(0, 3).map(sharedText).join('，'),
    h.companies > 2 ? `涉及 ${h.companies} 家企业` : '',
  ].filter(Boolean)
  return `${parts.join('；')}。现配合核查，请提供说明材料。`
}

/** What follows when a lead is confirmed: what is frozen, who is told, what cannot be undone. */
export function confirmText(h: Pick<Detail, 'vouchers' | 'aboutOrder'>): string {
  const freezes = h.vouchers.filter((v) => v.freezes)
  const held = h.vouchers.filter((v) => v.byLead && !v.freezes)
  const names = (list: Detail['vouchers']) =>
    list
      .slice(0, 3)
      .map((v) => `${v.orgName}的“${v.name}”`)
      .join('、') + (list.length > 3 ? ' 等' : '')
  const parts = ['确认后不能改为“排除”。']
  if (freezes.length)
    parts.push(
      `将冻结 ${freezes.length} 张服务券（${names(freezes)}），持有企业会收到消息和冻结原因。`,
    )
  if (held.length)
    parts.push(
      `已因线索冻结的 ${held.length} 张（${names(held)}）继续冻结，只能由工作人员逐张解冻。`,
    )
  if (!freezes.length && !held.length)
    parts.push('不会自动冻结服务券，也不通知企业；需要冻结的，请确认后在下方逐张处理。')
  if (h.aboutOrder)
    parts.push('平台设置为“有风险线索的订单暂不兑付”时，涉及的订单不能再组成兑付批次。')
  return parts.join('')
}
