import type { Schemas } from '@/api/client'
import { formatFen } from './money'

/** What a voucher pays of an order, and why that is lost when the order is taken back. */
export type Way = Pick<Schemas['WayView'], 'name' | 'amountFen' | 'lost'>

const why = { expired: '已过期', revoked: '已作废' } as const

/**
 * Says where the money of the vouchers goes, or has gone, when an order is taken
 * back: to the vouchers, or to the campaign where a voucher is over. Nothing when no
 * voucher pays.
 */
export function waysBack(ways: readonly Way[], gone = false): string {
  const [verb, gives] = gone ? ['已收回', '已退回'] : ['收回', '会退回']
  const lost = ways.flatMap((w) =>
    w.lost === 'expired' || w.lost === 'revoked'
      ? `服务券“${w.name}”${why[w.lost]}，抵扣的 ${formatFen(w.amountFen)} ${verb}活动，不退回企业。`
      : [],
  )
  if (!ways.length) return ''
  if (!lost.length) return `服务券抵扣的金额${gives}原券。`
  if (lost.length < ways.length) lost.push(`其他服务券抵扣的金额${gives}原券。`)
  return lost.join('')
}
