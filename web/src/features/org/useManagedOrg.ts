import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { api, must, refusalOf } from '@/api/client'

/** The file of one company, as the operator keeps it. */
export function useManagedOrg(id: MaybeRefOrGetter<string>) {
  const { data, error, refetch, isPending } = useQuery({
    queryKey: ['managed-org', computed(() => toValue(id))],
    queryFn: async () =>
      must(await api.GET('/orgs/{id}', { params: { path: { id: toValue(id) } } })),
  })
  const problem = computed(() =>
    error.value ? (refusalOf(error.value)?.detail ?? '加载失败，请重试。') : '',
  )
  return { file: data, problem, reload: () => refetch(), loading: isPending }
}
