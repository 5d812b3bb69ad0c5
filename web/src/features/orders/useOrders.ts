import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useRouter } from 'vue-router'
import { api, idempotencyKey, must, refusalOf, type Schemas } from '@/api/client'
import { useAction } from '@/shared/useAction'
import { useList } from '@/shared/useList'

export type Order = Schemas['OrderView']
export type OrderDetail = Schemas['OrderDetailView']
export type OrderStatus = Order['status']

/** 商品新订单 for the buyer, 商品新订购 for the provider: the guides' two words for one kind. */
export const kindLabel = { buyer: '商品新订单', provider: '商品新订购' } as const

export function useOrders() {
  return useList<
    Order,
    { status: string; keyword: string; from: string; to: string; manual: string }
  >(
    'orders',
    { status: '', keyword: '', from: '', to: '', manual: '' },
    async ({ status, keyword, from, to, manual, page, size }) =>
      must(
        await api.GET('/orders', {
          params: {
            query: {
              page,
              size,
              status: (status || undefined) as OrderStatus | undefined,
              keyword: keyword || undefined,
              from: from || undefined,
              to: to || undefined,
              manual: manual === 'true' || undefined,
            },
          },
        }),
      ),
  )
}

export function useOrder(id: MaybeRefOrGetter<string>) {
  const { data, isPending, error, refetch } = useQuery({
    queryKey: ['orders', 'one', computed(() => toValue(id))],
    queryFn: async () =>
      must(await api.GET('/orders/{id}', { params: { path: { id: toValue(id) } } })),
    staleTime: 0,
  })
  return {
    order: data,
    loading: isPending,
    problem: computed(() =>
      error.value ? (refusalOf(error.value)?.detail ?? '加载失败，请重试。') : '',
    ),
    reload: () => refetch(),
  }
}

/** A verb on one order; afterwards everything about orders is asked anew. */
export function useOrderAction<A extends unknown[]>(run: (...args: A) => Promise<unknown>) {
  const client = useQueryClient()
  return useAction(async (...args: A) => {
    try {
      await run(...args)
      return true
    } finally {
      await client.invalidateQueries({ queryKey: ['orders'] })
    }
  })
}

export function useOrderVerbs(id: MaybeRefOrGetter<string>) {
  const router = useRouter()
  const path = () => ({ id: toValue(id) })
  let refundKey = idempotencyKey()
  return {
    cancel: useOrderAction(async () =>
      must(await api.POST('/orders/{id}/cancel', { params: { path: path() } })),
    ),
    refund: useOrderAction(async (refundableFen: number, reason: string) => {
      const header = { 'Idempotency-Key': refundKey }
      must(
        await api.POST('/orders/{id}/refund', {
          params: { path: path(), header },
          body: { refundableFen, reason },
        }),
      )
      refundKey = idempotencyKey()
    }),
    start: useOrderAction(async (plan: string, lastDay: string) =>
      must(
        await api.POST('/orders/{id}/delivery', {
          params: { path: path() },
          body: { plan, lastDay },
        }),
      ),
    ),
    submit: useOrderAction(async (note: string, fileIds: string[]) =>
      must(
        await api.POST('/orders/{id}/delivery/submissions', {
          params: { path: path() },
          body: { note, fileIds },
        }),
      ),
    ),
    accept: useOrderAction(async (note: string, code?: string) =>
      must(
        await api.POST('/orders/{id}/acceptance', {
          params: { path: path() },
          body: { note, code },
        }),
      ),
    ),
    reject: useOrderAction(async (reason: string) =>
      must(
        await api.POST('/orders/{id}/rejection', { params: { path: path() }, body: { reason } }),
      ),
    ),
    goPay: useOrderAction(async (checkoutId: string) => {
      const p = must(
        await api.POST('/checkouts/{id}/payments', { params: { path: { id: checkoutId } } }),
      )
      if (p.payUrl?.startsWith('/')) await router.push(p.payUrl)
      else if (p.payUrl) location.assign(p.payUrl)
    }),
  }
}
