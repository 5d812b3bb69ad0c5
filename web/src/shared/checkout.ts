import { useQueryClient } from '@tanstack/vue-query'
import type { LocationQuery, RouteLocationRaw } from 'vue-router'
import { api, must, type Schemas } from '@/api/client'
import { useAction } from './useAction'

/** A plan, how it is bought, and how much of it. */
export type BuyLine = Schemas['Want']
export type BillingUnit = BuyLine['unit']

/** 购买方式 as the guides name it, what a quantity of it is counted in, and its price tag. */
export const billingUnits: Record<BillingUnit, { way: string; count: string; per: string }> = {
  year: { way: '按年', count: '年', per: '元/年' },
  month: { way: '按月', count: '个月', per: '元/月' },
  unit: { way: '按数量', count: '个', per: '元/个' },
}

const toText = (lines: readonly BuyLine[]) =>
  lines.map((l) => `${l.planId}.${l.unit}.${l.quantity}`).join(',')

/** 立即购买: the page that confirms the order (商品名称, 订购属性, 数量). */
export const confirmLink = (lines: readonly BuyLine[]): RouteLocationRaw => ({
  path: '/checkout/confirm',
  query: { lines: toText(lines) },
})

/** The payment page of the same lines. */
export const payLink = (lines: readonly BuyLine[]): RouteLocationRaw => ({
  path: '/checkout/pay',
  query: { lines: toText(lines) },
})

/** Reads the lines of a checkout page from its address; what is malformed falls away. */
export function readLines(query: LocationQuery): BuyLine[] {
  if (typeof query.lines !== 'string') return []
  return query.lines.split(',').flatMap((part) => {
    const [planId = '', unit = '', quantity = ''] = part.split('.')
    const n = Number(quantity)
    if (!/^\d{1,19}$/.test(planId) || !(unit in billingUnits)) return []
    if (!Number.isInteger(n) || n < 1 || n > 9999) return []
    return [{ planId, unit: unit as BillingUnit, quantity: n }]
  })
}

/** 加入购物车; the count in the top bar follows. */
export function useAddToCart() {
  const client = useQueryClient()
  const { act, busy, refused } = useAction(async (line: BuyLine) => {
    must(await api.POST('/cart/lines', { body: line }))
    await client.invalidateQueries({ queryKey: ['cart'] })
    return true
  })
  return { addToCart: act, adding: busy, refused }
}
