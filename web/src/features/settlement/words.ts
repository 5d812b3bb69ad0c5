import type { Step } from '@/shared/TimeLine.vue'
import type { Schemas } from '@/api/client'
import { formatFen } from '@/shared/money'

export type Line = Schemas['PayoutLineView']
export type LineDetail = Schemas['PayoutLineDetail']
export type Part = Schemas['PayoutPartView']
export type Batch = Schemas['PayoutBatchView']
export type BatchDetail = Schemas['PayoutBatchDetail']
export type Clawback = Schemas['ClawbackView']
export type Totals = Schemas['Totals']

export const sumOf = (s: { voucherFen: number; cashFen: number }) => s.voucherFen + s.cashFen

/** How the batch ended at the bank, and what comes next. */
export function ended(b: Pick<BatchDetail, 'items' | 'closedAt'>): Step {
  const failed = b.items.filter((p) => p.status === 'failed').length
  const next = '款项已回到待结算。服务商核对收款账户后，可重新组批。'
  if (!failed) return { title: '登记付款结果', state: 'done', at: b.closedAt }
  if (failed === b.items.length)
    return { title: '付款全部失败', state: 'failed', at: b.closedAt, text: next }
  return { title: '登记付款结果', state: 'done', at: b.closedAt, text: `${failed} 笔失败，${next}` }
}
/** The state of a batch; one that the bank refused is not simply done. */
export function batchTag(b: Pick<Batch, 'status' | 'lines' | 'failedLines'>) {
  if (b.status !== 'done' || !b.failedLines)
    return { kind: 'payoutBatch' as const, code: b.status as string }
  return { kind: 'payoutEnd' as const, code: b.failedLines === b.lines ? 'failed' : 'partly' }
}
/** What was really paid, where the bank refused something. */
export const batchHint = (b: Pick<Batch, 'failedLines' | 'paidFen'>) =>
  b.failedLines ? `${b.failedLines} 笔付款失败，实付 ${formatFen(b.paidFen)}` : ''

/** What the chosen lines come to, and what of it is set off when they are made into batches. */
export function batching(
  lines: Pick<Line, 'providerId' | 'voucherFen' | 'cashFen' | 'toSetOffFen'>[],
) {
  const vouchers = new Map<string, { sum: number; open: number }>()
  for (const l of lines) {
    const of = vouchers.get(l.providerId) ?? { sum: 0, open: l.toSetOffFen ?? 0 }
    of.sum += l.voucherFen
    vouchers.set(l.providerId, of)
  }
  const offset = [...vouchers.values()].reduce((n, of) => n + Math.min(of.sum, of.open), 0)
  const sum = lines.reduce((n, l) => n + sumOf(l), 0)
  const text = `共 ${lines.length} 笔、${formatFen(sum)}，按服务商生成 ${vouchers.size} 个批次，并锁定金额与收款账户。`
  return offset
    ? `${text}其中 ${formatFen(offset)} 抵扣追回款，实际付款 ${formatFen(sum - offset)}。`
    : text
}

/** Why a line waits, or what happened to it, in a sentence. */
export function lineHint(
  l: Pick<Line, 'status' | 'reason' | 'owedFen' | 'stopped' | 'paidAt'>,
): string {
  if (l.status === 'clawback_due') return `须退回 ${formatFen(l.owedFen)}`
  const hints: string[] = []
  if (l.status === 'on_hold') hints.push(`暂缓原因：${l.reason}`)
  if (l.status === 'accrued' && l.reason) hints.push(`上次付款失败：${l.reason}`)
  if (l.stopped && !l.paidAt) hints.push('企业认证已暂停或失效，恢复后才能兑付')
  return hints.join('；')
}

export const moveWord = { owed: '确认追回', recovered: '已收回', written_off: '核销' } as const
