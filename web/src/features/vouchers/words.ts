import type { Schemas } from '@/api/client'
import { dateTime, lastSecond } from '@/shared/date'
import { formatFen } from '@/shared/money'

export type Terms = Schemas['Terms']
export type Campaign = Schemas['CampaignDetail']
export type CampaignVoucher = Schemas['CampaignVoucherView']

export const billingLabel = { standalone: '单独计价' } as const
/** How a campaign gives its vouchers, in a word. */
export function wayLabel(c: Pick<Campaign, 'mode' | 'draw'>): string {
  if (c.mode === 'rush') return '抢券'
  return c.draw ? '抽签' : '申请'
}

/** How a campaign gives its vouchers, in one line. */
export function wayText(c: Pick<Campaign, 'mode' | 'draw' | 'autoGrant'>): string {
  if (c.mode === 'rush') return '抢券（先到先得）'
  if (c.draw) return '抽签（报名结束后抽签发放）'
  return c.autoGrant ? '申请（申请即发放）' : '申请（申请后审批发放）'
}
/** What decides who may claim, and what that costs; with a change, as it would be then. */
export function outlineOf(
  c: Pick<Schemas['ManagedCampaign'], 'budgetId' | 'perOrg' | 'rules' | 'vouchers'>,
  change?: Schemas['ChangeView'],
): Schemas['SimulateCampaignRequest'] {
  const quota = (id: string, now: number) =>
    change?.quotas.find((q) => q.voucherId === id)?.after ?? now
  return {
    budgetId: c.budgetId,
    perOrg: c.perOrg,
    rules: c.rules,
    vouchers: c.vouchers.map((v) => ({
      id: v.id,
      faceValueFen: v.faceValueFen,
      quota: quota(v.id, v.quota),
    })),
  }
}

export type Rule = Schemas['RuleAnswer']['rule']

/** The rules of a campaign, as companies read them. */
export const ruleLabel: Record<Rule, string> = {
  verified: '企业已通过认证',
  size: '企业规模',
  region: '所在地区',
  industry: '所属行业',
}
/** Why a company counts as not verified, and what its link to 我的企业 says. */
export function unverified(verification: string | undefined): { text: string; link: string } {
  switch (verification) {
    case 'pending':
      return { text: '企业认证审核中，尚未通过', link: '查看进展' }
    case 'suspended':
      return { text: '企业认证已暂停', link: '查看原因' }
    case 'revoked':
      return { text: '企业认证已取消', link: '查看原因' }
    case 'expired':
      return { text: '企业认证已过期', link: '去认证' }
    default:
      return { text: '尚未通过企业认证', link: '去认证' }
  }
}
export const sizeLabel: Record<string, string> = {
  micro: '微型',
  small: '小型',
  medium: '中型',
  large: '大型',
}

type Movement = Schemas['MovementView']
const movementLabel: Record<Movement['kind'], string> = {
  grant: '领取',
  hold: '下单占用',
  release: '取消订单退回',
  redeem: '支付抵扣',
  restore: '退款退回',
  clawback: '追回，收回活动',
  expire: '到期收回',
  revoke: '作废收回',
}

/** What a movement is; what an order gives back once the voucher is over goes to the campaign. */
export function movementText(m: Pick<Movement, 'kind' | 'over'>): string {
  if (!m.over) return movementLabel[m.kind]
  const what = m.kind === 'release' ? '取消订单' : '退款'
  return `${what}，收回活动（券${m.over === 'revoked' ? '已作废' : '已过期'}）`
}

/** What came back of a use when its order was taken back. */
export const restoredText = (u: Pick<Schemas['RedeemedView'], 'usedFen' | 'restoredFen'>) =>
  u.restoredFen < u.usedFen ? `已退回 ${formatFen(u.restoredFen)}` : '已退回'

/** 33.33 % for 3333 of 10000 */
export const percent = (share: number) => `${share / 100}%`

/** When a voucher of these terms can be used, before it is issued. */
export function validityText(v: Terms['validity']): string {
  if (v.days) return `领取后 ${v.days} 天内有效`
  return `${dateTime(v.from)} 至 ${lastSecond(v.until)}`
}

/** How much it pays, in one line. */
export function deductionText(t: Terms): string {
  const parts: string[] = []
  if (t.minOrderFen) parts.push(`适用商品满 ${formatFen(t.minOrderFen)} 可用`)
  parts.push(t.share === 10000 ? '可全额抵扣' : `最高抵扣适用商品金额的 ${percent(t.share)}`)
  if (t.capFen) parts.push(`每单最多抵扣 ${formatFen(t.capFen)}`)
  parts.push(t.stackable ? '可与其他服务券同时使用' : '不可与其他服务券同时使用')
  return parts.join('，')
}

/** The catalogue, filtered to what a voucher fits. */
export function catalogueOf(t: Terms): { path: string; query: Record<string, string> } {
  const query: Record<string, string> = {}
  if (t.scope.categories.length) query.category = t.scope.categories.join(',')
  if (t.scope.industries.length) query.industry = t.scope.industries.join(',')
  if (t.scope.tags.length) query.tag = t.scope.tags.join(',')
  // Providers are no filter of the catalogue; what one's vouchers fit is.
  if (t.scope.providers.length) query.fits = '1'
  return { path: '/solutions', query }
}

/** What a revocation does to a voucher's money: what is taken, what orders still hold, what was used. */
export function revokedText(v: {
  taken: number
  heldFen: number
  redeemedFen: number
  /** Once it is done: with what came back from orders since. */
  returnedFen: number
  done: boolean
}): string {
  const parts: string[] = []
  if (!v.taken) parts.push(v.done ? '作废时券上没有余额可收回。' : '券上没有余额可收回。')
  else if (v.done) parts.push(`作废时余额 ${formatFen(v.taken)} 已收回活动。`)
  else parts.push(`余额 ${formatFen(v.taken)} 立即收回活动，不能恢复。`)
  if (v.heldFen)
    parts.push(
      `订单占用的 ${formatFen(v.heldFen)} ${v.done ? '尚未收回' : '暂不收回'}：占用的订单不能再付款，订单取消或逾期取消后收回活动；作废前已付的款项到账后仍用于抵扣。`,
    )
  const later = v.done ? v.returnedFen - v.taken : 0
  if (later > 0) parts.push(`因订单取消、退款或追回，另收回 ${formatFen(later)}。`)
  if (v.redeemedFen)
    parts.push(`已抵扣的 ${formatFen(v.redeemedFen)} 不受影响，如订单退款则收回活动。`)
  return parts.join('')
}
