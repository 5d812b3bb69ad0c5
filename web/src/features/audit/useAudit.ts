import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { api, must, refusalOf, type Schemas } from '@/api/client'
import { readFilters, writeFilters } from '@/shared/useList'

export type AuditEntry = Schemas['AuditEntryView']

export const noFilters = {
  from: '',
  to: '',
  actor: '',
  company: '',
  action: '',
  object: '',
  objectId: '',
}
export type AuditFilters = typeof noFilters

/**
 * The trail, newest first, in the address bar: filters, and the entry that the
 * page begins after or ends before. New entries do not move the rows of a page.
 */
export function useAudit() {
  const route = useRoute()
  const router = useRouter()
  const filters = computed(() => readFilters(noFilters, route.query))
  const place = computed(() => readFilters({ before: '', after: '' }, route.query))
  const asked = computed(() => writeFilters(noFilters, filters.value))

  const { data, isFetching, isPending, error, refetch } = useQuery({
    queryKey: ['audit', asked, place],
    queryFn: async () =>
      must(
        await api.GET('/audit', {
          params: {
            query: { ...asked.value, ...writeFilters({ before: '', after: '' }, place.value) },
          },
        }),
      ),
    placeholderData: keepPreviousData,
  })
  const go = (query: Record<string, string>) => router.push({ path: route.path, query })

  return {
    rows: computed(() => data.value?.items ?? []),
    older: computed(() => data.value?.older),
    newer: computed(() => data.value?.newer),
    filters,
    exportAddress: computed(() => `/api/v1/audit.xlsx?${new URLSearchParams(asked.value)}`),
    loading: computed(() => isPending.value || isFetching.value),
    problem: computed(() =>
      error.value ? (refusalOf(error.value)?.detail ?? '加载失败，请重试。') : '',
    ),
    setFilters: (f: Partial<AuditFilters>) =>
      go(writeFilters(noFilters, { ...filters.value, ...f })),
    reset: () => go({}),
    goOlder: () => go({ ...asked.value, before: data.value?.older ?? '' }),
    goNewer: () => go({ ...asked.value, after: data.value?.newer ?? '' }),
    goNewest: () => go(asked.value),
    reload: () => refetch(),
  }
}

export function useAuditWords() {
  return useQuery({
    queryKey: ['audit-words'],
    queryFn: async () => must(await api.GET('/audit-words')),
    staleTime: Infinity,
  })
}

const roles: Record<string, string> = {
  enterprise: '企业用户',
  provider: '服务商',
  expert: '专家',
  operator: '运营管理员',
  department: '工信厅',
  admin: '系统管理员',
}

/** Who acted; what the platform does by itself has no role. */
export const actorOf = (e: AuditEntry) => (e.role ? e.actor : '系统')
export const roleOf = (e: AuditEntry) => roles[e.role ?? ''] ?? ''
