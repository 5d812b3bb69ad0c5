import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { api, must } from '@/api/client'

/** Names of providers by their ids; one that is gone keeps its number. */
export function useProviderNames(ids: MaybeRefOrGetter<string[]>) {
  const asked = computed(() => [...toValue(ids)].sort())
  const { data } = useQuery({
    queryKey: ['provider-names', asked],
    queryFn: async () =>
      must(await api.GET('/provider-names', { params: { query: { ids: asked.value } } })),
    enabled: () => asked.value.length > 0,
    staleTime: 5 * 60_000,
    placeholderData: keepPreviousData,
  })
  const names = computed(() => new Map((data.value ?? []).map((p) => [p.id, p.name])))
  return (id: string) => names.value.get(id) ?? id
}
