import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { api, must, refusalOf, type Schemas } from '@/api/client'
import type { BuyLine } from '@/shared/checkout'

export type Quote = Schemas['QuoteView']
export type QuoteVoucher = Schemas['QuoteVoucherView']

/** What the lines cost now with the ticked vouchers: the server's figures, never our own. */
export function useQuote(
  lines: MaybeRefOrGetter<BuyLine[]>,
  vouchers: MaybeRefOrGetter<string[]> = [],
) {
  const { data, isPending, isFetching, isPlaceholderData, error, refetch } = useQuery({
    queryKey: ['quote', computed(() => toValue(lines)), computed(() => toValue(vouchers))],
    queryFn: async () =>
      must(
        await api.POST('/checkout/quote', {
          body: { lines: toValue(lines), voucherIds: toValue(vouchers) },
        }),
      ),
    enabled: () => toValue(lines).length > 0,
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  })
  return {
    quote: data,
    loading: isPending,
    /** True while the shown figures are not (yet) those of what is ticked. */
    stale: computed(() => isFetching.value || isPlaceholderData.value || !!error.value),
    refused: computed(() => (error.value ? refusalOf(error.value) : undefined)),
    requote: () => refetch(),
  }
}
