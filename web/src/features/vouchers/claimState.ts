import type { Campaign, CampaignVoucher, Rule } from './words'

/** What the one big button says and does. */
export type ClaimState =
  | { kind: 'before'; missed: Rule[] } // what the company misses bars it after the opening, too
  | { kind: 'open'; label: string; next: number }
  | { kind: 'got'; count: number }
  | { kind: 'applied'; full: boolean } // full: nothing is left, unless the quota is raised
  | { kind: 'not_drawn' } // the lots fell to others
  | { kind: 'sold_out' }
  | { kind: 'paused' }
  | { kind: 'ended' }
  | { kind: 'canceled' }
  | { kind: 'missed'; missed: Rule[] } // the company misses a rule
  | { kind: 'sign_in' }
  | { kind: 'other_role' }

export interface Viewer {
  signedIn: boolean
  enterprise: boolean
}

/** The rules that the company misses, as far as they can be judged. */
const missedOf = (c: Campaign): Rule[] =>
  c.answers.filter((a) => a.known && !a.met).map((a) => a.rule)

/** Why the company's last application was refused, as long as it has not all that it may have. */
export const refusal = (c: Campaign, v: CampaignVoucher): string =>
  !c.draw && v.application?.status === 'rejected' && v.mine.length < c.perOrg
    ? v.application.reason
    : ''

/** Whether the campaign takes applications: who takes one back may apply again. */
export const takesApplications = (c: Campaign, v: CampaignVoucher, now: number): boolean =>
  c.status === 'open' && now < Date.parse(c.closesAt) && v.remaining > 0

/** The state of one voucher for one viewer at the server's time. Pure, so that each state is tested. */
export function claimState(c: Campaign, v: CampaignVoucher, who: Viewer, now: number): ClaimState {
  const opens = Date.parse(c.opensAt)
  const closes = Date.parse(c.closesAt)
  if (c.status === 'canceled') return { kind: 'canceled' } // before its first voucher
  if (v.mine.length >= c.perOrg) return { kind: 'got', count: v.mine.length }
  if (v.application?.status === 'applied')
    return { kind: 'applied', full: !c.draw && v.remaining === 0 }
  if (c.draw && v.application?.status === 'rejected') return { kind: 'not_drawn' }
  if (['ended', 'closed'].includes(c.status) || now >= closes) {
    return v.mine.length ? { kind: 'got', count: v.mine.length } : { kind: 'ended' }
  }
  if (v.remaining === 0) {
    return v.mine.length ? { kind: 'got', count: v.mine.length } : { kind: 'sold_out' }
  }
  if (c.status === 'paused') return { kind: 'paused' }
  const missed = missedOf(c)
  if (now < opens) return { kind: 'before', missed }
  if (!who.signedIn) return { kind: 'sign_in' }
  if (!who.enterprise) return { kind: 'other_role' }
  if (missed.length) return { kind: 'missed', missed }
  return {
    kind: 'open',
    label:
      c.mode === 'rush'
        ? '立即抢券'
        : c.draw
          ? '报名抽签'
          : refusal(c, v)
            ? '重新申请'
            : '立即申请',
    next: v.mine.length + 1,
  }
}
