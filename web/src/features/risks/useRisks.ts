import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, must } from '@/api/client'
import { useList } from '@/shared/useList'
import type { Hit } from './words'

export function useRules() {
  const { data } = useQuery({
    queryKey: ['risk-rules'],
    queryFn: async () => must(await api.GET('/risk-rules')),
    staleTime: Infinity,
  })
  const rules = computed(() => data.value ?? [])
  const ruleOf = (code: string) => rules.value.find((r) => r.code === code)
  return { rules, ruleOf, nameOf: (code: string) => ruleOf(code)?.name ?? code }
}

export const noFilters = { rule: '', state: 'new', words: '', org: '', hit: '' }

/** `all` stands for every state, so that the default may be what waits. */
export function useHits() {
  return useList<Hit, typeof noFilters>('risk-hits', noFilters, async (q) => {
    const state = q.state === 'all' ? undefined : (q.state as Hit['state'])
    return must(
      await api.GET('/risk-hits', {
        params: {
          query: {
            page: q.page,
            size: q.size,
            state,
            rule: q.rule || undefined,
            words: q.words || undefined,
            org: q.org || undefined,
          },
        },
      }),
    )
  })
}
