import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, must, refusalOf, type Schemas } from '@/api/client'
import { useAction } from '@/shared/useAction'

export type CartLine = Schemas['CartLineView']

/** The company's cart and what can be done with it. Amounts come from the server. */
export function useCart() {
  const client = useQueryClient()
  const { data, isPending, error, refetch } = useQuery({
    queryKey: ['cart'],
    queryFn: async () => must(await api.GET('/cart')),
  })
  const items = computed(() => data.value?.items ?? [])
  const valid = computed(() => items.value.filter((i) => i.valid))
  const chosen = computed(() => valid.value.filter((i) => i.selected))

  const changed = <A extends unknown[]>(run: (...args: A) => Promise<unknown>) =>
    useAction(async (...args: A) => {
      try {
        await run(...args)
      } finally {
        await client.invalidateQueries({ queryKey: ['cart'] })
      }
      return true
    })
  const change = changed(async (id: string, body: { quantity?: number; selected?: boolean }) =>
    must(await api.PATCH('/cart/lines/{id}', { params: { path: { id } }, body })),
  )
  const remove = changed(async (ids: string[]) =>
    must(await api.POST('/cart/removals', { body: { ids } })),
  )
  const selectAll = changed(async (selected: boolean) =>
    must(await api.PUT('/cart/selection', { body: { selected } })),
  )

  return {
    items,
    valid,
    chosen,
    loading: isPending,
    problem: computed(() =>
      error.value ? (refusalOf(error.value)?.detail ?? '加载失败，请重试。') : '',
    ),
    reload: () => refetch(),
    change: change.act,
    remove: remove.act,
    selectAll: selectAll.act,
    busy: computed(() => change.busy.value || remove.busy.value || selectAll.busy.value),
    refused: computed(
      () => change.refused.value ?? remove.refused.value ?? selectAll.refused.value,
    ),
  }
}
