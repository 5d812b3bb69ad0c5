import { useQueryClient } from '@tanstack/vue-query'
import { useRouter } from 'vue-router'
import { api, idempotencyKey, must } from '@/api/client'
import { useAction } from '@/shared/useAction'
import type { BuyLine } from '@/shared/checkout'
import type { Quote } from './useQuote'

/** Goes to where a checkout is paid: the gateway's own page. */
export function useGoPay() {
  const router = useRouter()
  return useAction(async (checkoutId: string) => {
    const p = must(
      await api.POST('/checkouts/{id}/payments', { params: { path: { id: checkoutId } } }),
    )
    if (p.payUrl?.startsWith('/')) await router.push(p.payUrl)
    else if (p.payUrl) location.assign(p.payUrl)
    return p
  })
}

/**
 * 确认支付: places the orders and goes on to the cashier, or to the result when
 * vouchers pay for everything. One intent keeps one key, so that a repeat after a
 * lost answer is the same order.
 */
export function usePay() {
  const router = useRouter()
  const client = useQueryClient()
  const goPay = useGoPay()
  let intent = ''
  let key = ''

  const place = useAction(async (lines: BuyLine[], voucherIds: string[], q: Quote) => {
    const body = {
      lines,
      voucherIds,
      expectedTotalFen: q.totalFen,
      expectedPayableFen: q.payableFen,
    }
    if (JSON.stringify(body) !== intent) {
      intent = JSON.stringify(body)
      key = idempotencyKey()
    }
    const receipt = must(
      await api.POST('/checkouts', { body, params: { header: { 'Idempotency-Key': key } } }),
    )
    void client.invalidateQueries({ queryKey: ['cart'] })
    void client.invalidateQueries({ queryKey: ['vouchers'] })
    const result = `/checkout/${receipt.checkoutId}/result`
    if (receipt.payableFen === 0) {
      await router.replace(result)
    } else {
      // From the cashier, Back leads to the order, never to placing it again.
      await router.replace(result)
      await goPay.act(receipt.checkoutId)
    }
    return receipt
  })
  return { pay: place.act, paying: place.busy, refused: place.refused }
}
